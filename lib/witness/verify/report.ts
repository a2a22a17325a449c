import type { Continued } from '../format';
import type { Problem } from './problems';

/** `valid`: it is the log that was written, as far as the report's sizes say · `tampered`: it is not · `unknown`: nobody can say from what is here. */
export type Verdict = 'valid' | 'tampered' | 'unknown';

/** What verification found. The names in snake case are those of the exports. */
export interface VerifyReport {
  valid: boolean;
  verdict: Verdict;
  /** plain words, and what to do */
  sentence: string;
  /** entries up to the first that is not in order, or all */
  total_events: number;
  /** hashes of the first entry and of the last that is in order, in hexadecimal */
  first_hash: string | null;
  last_hash: string | null;
  /** number of the first entry that is not as it was written, or not there */
  broken_at: number | null;
  origin: string | null;
  log_id: string | null;
  /** the log's key, as its first entry names it */
  vkey: string | null;
  /** root over `total_events` entries, base64 */
  root: string | null;
  /** the newest checkpoint with a right signature, as its text */
  checkpoint: string | null;
  /** entries under the newest checkpoint with a right signature and root */
  signed_size: number;
  /** entries that enough cosigners have countersigned; null where none were asked for */
  cosigned_size: number | null;
  /** those of the given cosigners whose cosignature is on the newest checkpoint */
  cosigned_by: string[];
  /** entries up to the largest trusted checkpoint that fits; null where none was given */
  trusted_size: number | null;
  /** whether the log was ended properly */
  closed: boolean;
  /** times of the first and the last entry */
  from: string | null;
  to: string | null;
  /** entries of each type */
  counts: Record<string, number>;
  /** name of the folder beside this one where the log goes on */
  continued_in: string | null;
  /** what this log goes on from */
  continues: Continued | null;
  problems: Problem[];
}

/** What the asker knows and wants. */
export interface VerifyOptions {
  /** the log's name */
  origin?: string;
  /** public keys the log may be signed with: `name+id+base64` */
  vkeys?: readonly string[];
  /** public keys of cosigners */
  cosigners?: readonly string[];
  /** how many of them are enough; default: all */
  quorum?: number;
  /** checkpoints from outside: of a mail, of another computer */
  trusted?: readonly string[];
  /** older than this, ms, the newest evidence is stale */
  maxAgeMs?: number;
  /** look only at so many entries, or as many as a trusted checkpoint has: for a log that is written meanwhile, the size of its newest checkpoint */
  size?: number;
  /** the clock, ms since 1970 */
  now?: () => number;
}
