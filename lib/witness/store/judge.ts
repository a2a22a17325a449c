import type { Signed } from './notes';
import type { Scan } from './scan';

/** What the files of a log are, measured by what was signed. */
export type Judgement =
  | { sound: true }
  | { sound: false; reason: 'rollback' | 'damaged'; detail: string; expected: number }
  /** the entries are others than were signed: only a look at each one tells why */
  | { sound: false; reason: 'other'; detail: string; expected: number };

/**
 * Whether the files hold everything that was signed. `found` is a scan with the roots at the sizes of `notes`. What is behind
 * the signed entries is no matter here: it may be torn.
 */
export function judge(found: Scan, notes: readonly Signed[]): Judgement {
  for (const { size, root } of [...notes].sort((a, b) => b.size - a.size)) {
    const there = found.roots.get(size);
    if (there === root) continue;
    const { fault, entries } = found;
    const expected = size;
    if (there !== undefined) return { sound: false, reason: 'other', detail: 'other entries', expected };
    // files that simply end are those of an earlier day
    if (!fault || fault.kind === 'torn')
      return { sound: false, reason: 'rollback', detail: `${entries} entries`, expected };
    return { sound: false, reason: 'damaged', detail: `${fault.file}: ${fault.detail}`, expected };
  }
  return { sound: true };
}
