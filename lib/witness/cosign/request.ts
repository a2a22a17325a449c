import { parseCheckpoint, type Checkpoint } from '../checkpoint';
import { strictBase64 } from '../keys';
import { isWellFormed } from '../text';
import { EMPTY_ROOT, HASH_BYTES, verifyConsistency } from '../tree';

/** More than any tree of 2^63 entries needs. Source: C2SP tlog-witness. */
export const MOST_PROOF_LINES = 63;
/** A hundred signatures, or sixteen of the large ones to come (ML-DSA), fit into this many bytes. */
export const MOST_REQUEST_BYTES = 65_536;
const OLD = /^old (0|[1-9][0-9]{0,15})$/;

/** What a log asks a cosigner for: to go on from `oldSize` to the checkpoint of this note. */
export interface AddCheckpoint {
  oldSize: number;
  proof: Buffer[];
  /** as it came, with every signature */
  note: string;
  /** the signed text of the note */
  text: string;
  checkpoint: Checkpoint;
}

/** Why a cosigner does not sign. `reason` is one sentence, for people at the other end. */
export interface Refusal {
  status: 400 | 409 | 422;
  reason: string;
}

/** Write a request. Source: C2SP tlog-witness, add-checkpoint. */
export function addCheckpointBody(oldSize: number, proof: readonly Buffer[], note: string): string {
  return `old ${oldSize}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`;
}

/** Read a request by the book; null for anything that is none. Sizes beyond 2^53 are none here. */
export function parseAddCheckpoint(body: Uint8Array | string): AddCheckpoint | null {
  if (body.length > MOST_REQUEST_BYTES) return null;
  const text = typeof body === 'string' ? body : utf8(body);
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  const oldSize = Number(OLD.exec(first)?.[1] ?? NaN);
  if (!Number.isSafeInteger(oldSize) || lines.length > MOST_PROOF_LINES) return null;
  const proof: Buffer[] = [];
  for (const line of lines) {
    const hash = strictBase64(line);
    if (hash?.length !== HASH_BYTES) return null;
    proof.push(hash);
  }
  const note = text.slice(end + 2);
  const signed = note.slice(0, note.lastIndexOf('\n\n') + 1);
  const checkpoint = isText(note) ? parseCheckpoint(signed) : null;
  // lines of signatures that nobody can read are no reason to call it no request: they are no signatures
  return checkpoint ? { oldSize, proof, note, text: signed, checkpoint } : null;
}

/**
 * Whether a checkpoint goes on from the latest one that was cosigned, in the order the protocol asks for.
 * @param latest null: none of this log yet
 * @returns null: it does
 */
export function refusalOf(
  { oldSize, proof, checkpoint }: AddCheckpoint,
  latest: Pick<Checkpoint, 'size' | 'root'> | null,
): Refusal | null {
  const { size, root } = checkpoint;
  if (oldSize > size) return { status: 400, reason: 'the old size is larger than the one of the checkpoint' };
  if (oldSize !== (latest?.size ?? 0))
    return { status: 409, reason: 'the old size is not the one that was cosigned last' };
  if (size === 0 && !root.equals(EMPTY_ROOT))
    return { status: 422, reason: 'the root of an empty log is that of nothing' };
  if (oldSize === 0)
    return proof.length === 0
      ? null
      : { status: 422, reason: 'the consistency proof from size 0 has to be empty' };
  if (oldSize === size && !latest!.root.equals(root))
    return { status: 422, reason: 'another root was cosigned for this very size: the log has forked' };
  return verifyConsistency(oldSize, size, latest!.root, root, proof)
    ? null
    : { status: 422, reason: 'the consistency proof does not hold: this is not the log that was cosigned' };
}

/** Whole lines, and nothing invisible. Source: C2SP signed-note. */
function isText(note: string): boolean {
  return note.endsWith('\n') && isWellFormed(note) && !/[\u0000-\u0009\u000b-\u001f]/.test(note);
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
