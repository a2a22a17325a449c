import type { Continued } from './format';

/** One thing a verification found. `seq`, `file` and `offset` (bytes) say where; null where it is the whole. */
export interface FoundProblem {
  code: string;
  severity: 'tampered' | 'unknown' | 'notice';
  seq: number | null;
  file: string | null;
  offset: number | null;
  detail: string;
}

/** What a verification says of a log, as far as export and report show it. */
export interface Verification {
  valid: boolean;
  verdict: 'valid' | 'tampered' | 'unknown';
  /** plain words: what it means and what to do */
  sentence: string;
  total_events: number;
  first_hash: string | null;
  last_hash: string | null;
  broken_at: number | null;
  origin: string | null;
  log_id: string | null;
  vkey: string | null;
  /** base64 */
  root: string | null;
  /** the newest signed note, as it stands */
  checkpoint: string | null;
  signed_size: number;
  cosigned_size: number;
  cosigned_by: readonly string[];
  closed: boolean;
  counts: Readonly<Record<string, number>>;
  continued_in: string | null;
  continues: Continued | null;
  problems: readonly FoundProblem[];
}
