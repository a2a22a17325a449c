import { parseCheckpoint, type Checkpoint } from './checkpoint';
import { strictBase64 } from './keys';
import { parseNote } from './note';
import {
  CompactRange,
  HASH_BYTES,
  inclusionProof,
  leafHash,
  verifyInclusion,
  type SubtreeHash,
} from './tree';

/** The first line of every proof. Source: C2SP tlog-proof. */
const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** The usual end of the name of a file that holds one. */
export const PROOF_FILE = '.tlog-proof';
/** A tree with more entries than this has levels does not exist. */
const MOST_HASHES = 63;
/** The longest line of an entry in base64, the proof and a checkpoint with a hundred signatures stay below this. */
const MOST_CHARACTERS = 1_200_000;

/** That one entry stands in a log, for anybody who trusts the log's key and never saw the log. */
export interface TlogProof {
  /** number of the entry */
  index: number;
  /** from the hash beside the entry up to the one below the root */
  hashes: Buffer[];
  /** the signed checkpoint, as it stands in the log */
  note: string;
  /** the line of the entry, where the proof carries it along; nothing but the hashes makes it true */
  line: Buffer | null;
}

/** The text of a proof. Throws RangeError for what could not be read again. Source: C2SP tlog-proof. */
export function proofText({ index, hashes, note, line }: TlogProof): string {
  const extra = line ? `extra ${line.toString('base64')}\n` : '';
  const path = hashes.map((hash) => `${hash.toString('base64')}\n`).join('');
  const text = `${FIRST_LINE}\n${extra}index ${index}\n${path}\n${note}`;
  if (!parseProof(text)) throw new RangeError('this is no proof');
  return text;
}

/** Read a proof by the book; null for anything else. Nothing is verified here. */
export function parseProof(text: string): TlogProof | null {
  if (text.length > MOST_CHARACTERS) return null;
  const end = text.indexOf('\n\n');
  const note = text.slice(end + 2);
  if (end < 0 || !parseNote(note)) return null;
  const [first, ...lines] = text.slice(0, end).split('\n');
  const extra = lines[0]?.startsWith('extra ') ? lines.shift()!.slice('extra '.length) : null;
  const digits = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '')?.[1];
  const index = Number(digits);
  if (first !== FIRST_LINE || digits === undefined || !Number.isSafeInteger(index)) return null;
  if (lines.length > MOST_HASHES) return null;
  const hashes = lines.map(strictBase64);
  const line = extra === null ? null : strictBase64(extra);
  if (!hashes.every((hash) => hash?.length === HASH_BYTES) || (extra !== null && !line?.length)) return null;
  return { index, hashes: hashes as Buffer[], note, line };
}

/**
 * Whether a proof's hashes lead from a line to the root its checkpoint names. Who signed that checkpoint is another question.
 * @param line the entry without its line break
 * @returns the checkpoint, or null where they do not
 */
export function provenCheckpoint(proof: TlogProof, line: Buffer): Checkpoint | null {
  const note = parseNote(proof.note);
  const checkpoint = note && parseCheckpoint(note.text);
  if (!checkpoint) return null;
  const { size, root } = checkpoint;
  return verifyInclusion(proof.index, size, leafHash(line), proof.hashes, root) ? checkpoint : null;
}

/**
 * Hashes over ranges of entries, from one pass over all leaves: a proof in memory for the proof, however long the log.
 * `ask` makes a proof as often as wanted: first to learn which ranges it needs, then with their hashes.
 */
export class ProofPass {
  private readonly ranges = new Map<string, { from: number; to: number; range: CompactRange }>();
  private readonly whole = new CompactRange();

  /** @param ask any of the functions that make proofs, given the hashes of subtrees */
  constructor(private readonly ask: (subtree: SubtreeHash) => Buffer[]) {
    const none = Buffer.alloc(HASH_BYTES);
    ask((from, to) => {
      this.ranges.set(`${from}-${to}`, { from, to, range: new CompactRange() });
      return none;
    });
  }

  /** The hash of the next entry, from the first on. */
  push(leaf: Buffer): void {
    const at = this.whole.size;
    for (const { from, to, range } of this.ranges.values()) if (from <= at && at < to) range.push(leaf);
    this.whole.push(leaf);
  }

  get size(): number {
    return this.whole.size;
  }

  /** Over all that was pushed. */
  root(): Buffer {
    return this.whole.root();
  }

  /** Throws RangeError where entries are missing for it. */
  proof(): Buffer[] {
    return this.ask((from, to) => {
      const { range } = this.ranges.get(`${from}-${to}`)!;
      if (range.size !== to - from) throw new RangeError(`entries ${from} to ${to - 1} are needed`);
      return range.root();
    });
  }
}

/**
 * Prove one entry under a signed checkpoint.
 * @param lines of the log from its first entry on; read up to the checkpoint's size
 * @param carry whether the proof carries the entry's line, so that one file is enough
 * @throws RangeError where the entry is not under the checkpoint, or the lines are not those it was signed over
 */
export async function proveEntry(
  lines: AsyncIterable<{ line: Buffer }>,
  index: number,
  note: string,
  carry: boolean,
): Promise<{ text: string; line: Buffer }> {
  const parsed = parseNote(note);
  const checkpoint = parsed && parseCheckpoint(parsed.text);
  if (!checkpoint) throw new RangeError('this is no checkpoint');
  const { size, root } = checkpoint;
  const pass = new ProofPass((subtree) => inclusionProof(index, size, subtree));
  let found: Buffer | null = null;
  for await (const { line } of lines) {
    if (pass.size === index) found = line;
    pass.push(leafHash(line));
    if (pass.size === size) break;
  }
  if (!found || pass.size < size) throw new RangeError(`the log has ${pass.size} of ${size} signed entries`);
  if (!pass.root().equals(root)) throw new RangeError('the log is not what its checkpoint was signed over');
  const hashes = pass.proof();
  return { text: proofText({ index, hashes, note, line: carry ? found : null }), line: found };
}
