import type { Signed } from './notes';
import type { Scan } from './scan';

/** What the files of a log are, measured by what was signed. */
export type Judgement =
  | { sound: true }
  | { sound: false; reason: 'damaged'; detail: string; expected: number }
  /** fewer entries than were signed, or others: only a look at each one tells whether they are entries at all */
  | { sound: false; reason: 'other'; detail: string; expected: number };

/**
 * Whether the files hold everything that was signed. `found` is a scan with the roots at the sizes of `notes`. What is behind
 * the signed entries is no matter here: it may be torn.
 */
export function judge(found: Scan, notes: readonly Signed[]): Judgement {
  for (const { size: expected, root } of [...notes].sort((a, b) => b.size - a.size)) {
    const there = found.roots.get(expected);
    if (there === root) continue;
    const { fault, entries } = found;
    if (there === undefined && fault && fault.kind !== 'torn')
      return { sound: false, reason: 'damaged', detail: `${fault.file}: ${fault.detail}`, expected };
    return { sound: false, reason: 'other', detail: `${entries} entries`, expected };
  }
  return { sound: true };
}

/** Whether files that are not what was signed are an older or another log, or broken; `strict` is a scan that looked at every line. */
export function isDamaged({ fault, entries }: Scan, expected: number): boolean {
  // files that simply end are those of an earlier day
  return fault !== null && fault.kind !== 'torn' && entries < expected;
}
