import type { Check, CheckResult, Preflight } from './types';

/** An answer for people: mail, chat, a button. */
export interface PreflightReport {
  /** one line */
  subject: string;
  /** what is not ok with what to do, gravest first, then how much is */
  text: string;
  counts: Record<CheckResult, number>;
}

const WORDS: Record<Exclude<CheckResult, 'ok'>, string> = {
  failed: 'FAILED',
  warning: 'WARNING',
  unknown: 'NOT KNOWN',
};

/** Words for an answer. `place` is what was asked: the name of the connection. */
export function reportOf({ ready, checks }: Preflight, place: string): PreflightReport {
  const of = (result: CheckResult) => checks.filter((check) => check.result === result);
  const counts = {
    ok: of('ok').length,
    warning: of('warning').length,
    failed: of('failed').length,
    unknown: of('unknown').length,
  };
  const parts = [
    counts.failed > 0 && `${counts.failed} failed`,
    counts.warning > 0 && `${counts.warning} ${counts.warning === 1 ? 'warning' : 'warnings'}`,
    counts.unknown > 0 && `${counts.unknown} not known`,
  ].filter((part) => part !== false);
  const all = `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}`;
  const subject = `${place}: ${ready ? 'ready' : 'NOT ready'} (${parts.length ? `${parts.join(', ')} of ${all}` : `${all}, all ok`})`;
  const lines = (['failed', 'warning', 'unknown'] as const).flatMap((result) =>
    of(result).map((check) => line(WORDS[result], check)),
  );
  const fine = of('ok').map(({ id }) => id);
  if (fine.length) lines.push(`OK: ${fine.join(', ')}`);
  return { subject, text: lines.join('\n'), counts };
}

function line(word: string, { id, message, advice }: Check): string {
  return `${word} ${id}: ${message}${advice ? ` ${advice}` : ''}`;
}
