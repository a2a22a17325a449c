// Real programs as children that cannot outlive the test process.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, closeSync, existsSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { removeTempDir, tempDir } from './temp';
import { waitFor } from './wait';

export interface Program {
  readonly pid: number;
  readonly running: boolean;
  /** signals the whole process group */
  kill(signal?: NodeJS.Signals): void;
  /** resolves when the program has ended; rejects after `timeoutMs` (30 s) */
  waitExit(timeoutMs?: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** what it printed so far, standard output and error together */
  log(): string;
  /** ends it, kindly first, and waits until it is gone */
  close(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** a folder inside which the program runs (chroot) */
  root?: string;
  /** extra pipe from the program on descriptor 3 */
  pipe3?: boolean;
}

/** Where a program is, or null. Looks where root's tools are too, which a user's PATH may lack. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not in this folder
    }
  }
  return null;
}

const living = new Set<ChildProcess>();

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}

process.on('exit', () => {
  for (const child of living) signalGroup(child, 'SIGKILL');
});

const setpriv = process.platform === 'linux' ? findProgram('setpriv') : null;

/**
 * Starts a program in a process group of its own. It dies with the test process: by the exit hook, and on Linux by the
 * kernel when the test process is killed. It does not keep the test process alive.
 * @throws Error when there is no such program
 */
export async function startProgram(
  name: string,
  args: string[],
  options: ProgramOptions = {},
): Promise<Program & { child: ChildProcess }> {
  const file = options.root ? `/usr/bin/${name}` : findProgram(name);
  if (!file) throw new Error(`${name} is not installed`);
  const folder = tempDir('log');
  const logFile = join(folder, 'output.txt');
  const log = openSync(logFile, 'a');
  const command = [
    ...(setpriv ? [setpriv, '--pdeathsig', 'KILL'] : []),
    ...(options.root ? [findProgram('chroot') ?? 'chroot', options.root] : []),
    file,
    ...args,
  ];
  const child = spawn(command[0] ?? file, command.slice(1), {
    detached: true,
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', log, log, ...(options.pipe3 ? (['pipe'] as const) : [])],
  });
  closeSync(log);
  living.add(child);
  child.unref();
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      living.delete(child);
      // what it started itself would otherwise live on
      signalGroup(child, 'SIGKILL');
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const program: Program & { child: ChildProcess } = {
    child,
    pid: child.pid ?? -1,
    get running() {
      return !ended();
    },
    kill: (signal = 'SIGTERM') => signalGroup(child, signal),
    async waitExit(timeoutMs = 30_000) {
      await waitFor(ended, {
        timeoutMs,
        message: () => `${name} to end; it said:\n${program.log().slice(-2000)}`,
      });
      return await exit;
    },
    log() {
      try {
        return readFileSync(logFile, 'utf8');
      } catch {
        return '';
      }
    },
    async close(signal = 'SIGTERM') {
      if (!ended()) {
        program.kill('SIGCONT');
        program.kill(signal);
        try {
          await program.waitExit(5000);
        } catch {
          program.kill('SIGKILL');
          await program.waitExit();
        }
      }
      removeTempDir(folder);
    },
  };
  return program;
}

/**
 * Stops a program in its tracks and returns when every thread of it stands still: for a moment after the signal those on
 * another core still answer. Linux; elsewhere the signal alone has to do.
 */
export function freezeProgram(program: Program): void {
  program.kill('SIGSTOP');
  const tasks = `/proc/${program.pid}/task`;
  const stands = (task: string): boolean => {
    try {
      return /^\d+ \(.*\) [TtZX] /s.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    } catch {
      return true;
    }
  };
  for (const until = Date.now() + 5000; existsSync(tasks) && Date.now() < until;)
    if (readdirSync(tasks).every(stands)) return;
}

/**
 * Waits until a program's main thread has slept through a fifth of a second, as it does while there is nothing to do.
 * Linux; elsewhere it returns at once.
 */
export async function restsProgram(program: Program): Promise<void> {
  const naps = (): string | undefined => {
    try {
      const status = readFileSync(`/proc/${program.pid}/task/${program.pid}/status`, 'utf8');
      return /^State:\s+S[\s\S]*^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1];
    } catch {
      return undefined;
    }
  };
  if (process.platform !== 'linux') return;
  let before: string | undefined;
  await waitFor(
    () => {
      const now = naps();
      const rests = !program.running || (now !== undefined && now === before);
      before = now;
      return rests;
    },
    { intervalMs: 200, message: () => `a moment of rest; it said:\n${program.log().slice(-2000)}` },
  );
}

/** Whether a process with this id exists, other than as a corpse its parent has not fetched yet. */
export function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    if (process.platform === 'linux') return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
