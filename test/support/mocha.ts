// What a test says about itself when it cannot run here.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram } from './programs';

/** Marks read by scripts/reporter.cjs. */
interface Marked {
  notApplicable?: string;
  skippedBecause?: string;
}

/**
 * Ends a test that has no meaning here, such as splitting a recording with an OBS that cannot. It is listed, but counts
 * neither as passed nor as skipped.
 */
export function notApplicable(context: Mocha.Context, reason: string): never {
  if (context.test) (context.test as Marked).notApplicable = reason;
  return context.skip();
}

/**
 * Skips the test when one of the programs is missing on this machine; in a strict run (LIVE_STRICT=1) that is a failure.
 * A name that starts with `/` is a file.
 */
export function requirePrograms(context: Mocha.Context, names: string[]): void {
  const missing = names.filter((name) => (name.startsWith('/') ? !existsSync(name) : !findProgram(name)));
  if (missing.length === 0) return;
  const reason = `${missing.join(', ')} not installed`;
  if (process.env.LIVE_STRICT === '1') throw new Error(reason);
  if (context.test) (context.test as Marked).skippedBecause = reason;
  context.skip();
}

/** Ends the tests that let system calls fail where strace is missing, or may not trace. */
export function requireStrace(context: Mocha.Context): void {
  if (process.platform !== 'linux' || !findProgram('strace'))
    notApplicable(context, 'faults are injected into system calls by strace, which is not installed here');
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
  } catch {
    notApplicable(context, 'this system does not let strace trace');
  }
}
