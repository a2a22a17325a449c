import { type Checkpoint, parseCheckpoint } from '../checkpoint';
import type { Verifier } from '../keys';
import { verifyNote } from '../note';

/** A checkpoint that this log's key signed. */
export interface Signed {
  note: string;
  size: number;
  /** in hexadecimal */
  root: string;
}

/** Read a checkpoint signed by this key for a log of the key's name; null for anything else. Other signatures may stand beside. */
export function signedBy(verifier: Verifier, note: string | null): Signed | null {
  if (note === null) return null;
  const verified = verifyNote(note, [verifier]).note;
  const checkpoint: Checkpoint | null = verified && parseCheckpoint(verified.text);
  if (!checkpoint || checkpoint.origin !== verifier.name) return null;
  return { note, size: checkpoint.size, root: checkpoint.root.toString('hex') };
}
