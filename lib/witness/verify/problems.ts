/**
 * What a finding means for the verdict. `tampered`: this is not the log that was written · `unknown`: it may be, and nobody can say from what is here ·
 * `notice`: worth knowing, and as it may be in an honest log.
 */
export type Severity = 'tampered' | 'unknown' | 'notice';

/** Every finding, on one page. */
export const SEVERITIES = {
  // the entries
  ENTRY_INVALID: 'tampered',
  ENTRY_CHANGED: 'tampered',
  ENTRY_ORDER: 'tampered',
  ENTRY_UNFINISHED: 'tampered',
  GENESIS_INVALID: 'tampered',
  OWN_ENTRY_WRONG: 'tampered',
  STATS_WRONG: 'tampered',
  ENTRIES_MISSING: 'tampered',
  // the files
  SEGMENT_GAP: 'tampered',
  SEGMENT_OVERLAP: 'tampered',
  SEGMENT_NO_FILE: 'tampered',
  RECOVERED_CHANGED: 'tampered',
  // the checkpoint and those before it
  CHECKPOINT_MALFORMED: 'tampered',
  CHECKPOINT_SIGNATURE: 'tampered',
  CHECKPOINT_ORIGIN: 'tampered',
  CHECKPOINT_ORDER: 'tampered',
  ROOT_OTHER: 'tampered',
  EQUIVOCATION: 'tampered',
  COSIGNATURE_WRONG: 'tampered',
  // what the asker knows
  ORIGIN_OTHER: 'tampered',
  KEY_OTHER: 'tampered',
  TRUSTED_OTHER: 'tampered',
  TRUSTED_BEYOND: 'tampered',

  FOLDER_MISSING: 'unknown',
  NO_ENTRIES: 'unknown',
  FORMAT_UNKNOWN: 'unknown',
  TAIL_TORN: 'unknown',
  TAIL_UNSIGNED: 'unknown',
  NO_CHECKPOINT: 'unknown',
  KEY_NOT_GIVEN: 'unknown',
  COSIGNERS_MISSING: 'unknown',
  TRUSTED_UNREADABLE: 'unknown',
  TRUSTED_UNSIGNED: 'unknown',
  STALE: 'unknown',

  CONTINUES: 'notice',
  ROLLBACK: 'notice',
  GAP: 'notice',
  RECOVERED: 'notice',
  RECOVERED_MISSING: 'notice',
  CLOCK_JUMP: 'notice',
  COSIGNED_BEFORE: 'notice',
  OWN_TYPE_UNKNOWN: 'notice',
  NOT_ALL_CHECKED: 'notice',
  HISTORY_TORN: 'notice',
  EXTRA_FILE: 'notice',
} as const satisfies Record<string, Severity>;

export type ProblemCode = keyof typeof SEVERITIES;

/** One finding. Places are null where it is about no single one. */
export interface Problem {
  code: ProblemCode;
  severity: Severity;
  /** number of the entry */
  seq: number | null;
  /** name in the log's folder */
  file: string | null;
  /** bytes from the file's start */
  offset: number | null;
  /** a sentence without a stop at its end */
  detail: string;
}

/** More findings of one kind are counted only. */
const MOST_OF_A_KIND = 20;

/** Collects findings. Memory is bounded, whatever a hostile log brings. */
export class Findings {
  readonly list: Problem[] = [];
  private readonly counts = new Map<ProblemCode, number>();

  add(
    code: ProblemCode,
    detail: string,
    place: Partial<Pick<Problem, 'seq' | 'file' | 'offset'>> = {},
  ): void {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    if (count > MOST_OF_A_KIND) return;
    const { seq = null, file = null, offset = null } = place;
    this.list.push({ code, severity: SEVERITIES[code], seq, file, offset, detail });
  }

  has(severity: Severity): boolean {
    return this.list.some((problem) => problem.severity === severity);
  }

  /** In the order of weight, each kind that was cut short with the number of the others. */
  sorted(): Problem[] {
    const rank: Severity[] = ['tampered', 'unknown', 'notice'];
    const list = this.list.map((problem) => ({ ...problem }));
    for (const [code, count] of this.counts) {
      const last = list.findLast((problem) => problem.code === code);
      if (last && count > MOST_OF_A_KIND) last.detail += ` (and ${count - MOST_OF_A_KIND} more of this kind)`;
    }
    return list.sort((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
  }
}
