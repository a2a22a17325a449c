import { parseCheckpoint, type Checkpoint } from '../checkpoint';
import { verifyCosignature } from '../cosign/cosignature';
import type { Verifier } from '../keys';
import { parseNote, verifyNote, type NoteFault } from '../note';
import type { ProblemCode } from './problems';

/** Longer than any checkpoint with a hundred signatures. */
export const MOST_NOTE_BYTES = 64 * 1024;

/** A checkpoint with a right signature of the log. */
export interface Signed {
  note: string;
  checkpoint: Checkpoint;
  /** the given cosigners that are on it, and when, seconds since 1970 */
  cosigned: { by: Verifier; at: number }[];
  /** the given cosigners whose signature on it is wrong */
  wrong: Verifier[];
}

export type JudgedNote =
  { signed: Signed; fault: null } | { signed: null; fault: ProblemCode; detail: string };

/**
 * Read a checkpoint of the log.
 * @param key the log's
 * @param origin the log's name
 */
export function judgeNote(
  note: string,
  key: Verifier,
  origin: string,
  cosigners: readonly Verifier[],
): JudgedNote {
  const parsed = parseNote(note);
  const checkpoint = parsed && parseCheckpoint(parsed.text);
  if (!parsed || !checkpoint)
    return wrong('CHECKPOINT_MALFORMED', 'it is not a checkpoint as a log signs it');
  if (checkpoint.origin !== origin)
    return wrong('CHECKPOINT_ORIGIN', `it is of the log ${checkpoint.origin}, and this is ${origin}`);
  const fault = faultOf(note, key);
  if (fault === 'unsigned')
    return wrong('CHECKPOINT_SIGNATURE', 'it does not carry a signature with the key of this log');
  if (fault) return wrong('CHECKPOINT_SIGNATURE', 'its signature does not fit what it says');
  const signed: Signed = { note, checkpoint, cosigned: [], wrong: [] };
  for (const by of cosigners) {
    const found = parsed.signatures.find(({ name, id }) => name === by.name && id.equals(by.id));
    if (!found) continue;
    const cosigned = verifyCosignature(by, parsed.text, found.signature);
    if (cosigned) signed.cosigned.push({ by, at: cosigned.at });
    else signed.wrong.push(by);
  }
  return { signed, fault: null };
}

/** Signatures found right before: a log is verified again and again, and its checkpoints stay. */
const right = new Set<string>();
const MOST_KEPT = 100;
const MOST_KEPT_LENGTH = 1000;

function faultOf(note: string, key: Verifier): NoteFault | null {
  const both = `${key.text}\n${note}`;
  if (right.has(both)) return null;
  const { fault } = verifyNote(note, [key]);
  if (fault === null && both.length <= MOST_KEPT_LENGTH) {
    if (right.size >= MOST_KEPT) right.clear();
    right.add(both);
  }
  return fault;
}

function wrong(fault: ProblemCode, detail: string): JudgedNote {
  return { signed: null, fault, detail };
}
