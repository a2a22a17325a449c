// How long the proof of one entry among a million is.
import { checkpointText } from '../../lib/witness/checkpoint';
import { generateSeed, signerOf } from '../../lib/witness/keys';
import { signNote } from '../../lib/witness/note';
import { ProofPass, parseProof, proofText, provenCheckpoint } from '../../lib/witness/proof';
import { inclusionProof, leafHash } from '../../lib/witness/tree';
import { figure, type Figure } from '../support/figures';

const ENTRIES = 1_000_000;
/** the way to it is as long as any */
const INDEX = 123_456;
const ORIGIN = 'studio.example/live-witness/evening';

export function proofFigures(): Promise<Figure[]> {
  const entry = (at: number) => Buffer.from(`entry ${at}`);
  const pass = new ProofPass((subtree) => inclusionProof(INDEX, ENTRIES, subtree));
  for (let at = 0; at < ENTRIES; at++) pass.push(leafHash(entry(at)));
  const checkpoint = checkpointText({ origin: ORIGIN, size: ENTRIES, root: pass.root() });
  const note = signNote(checkpoint, signerOf(ORIGIN, generateSeed()));
  const text = proofText({ index: INDEX, hashes: pass.proof(), note, line: null });
  const read = parseProof(text);
  if (!read || !provenCheckpoint(read, entry(INDEX))) throw new Error('the proof proves nothing');
  return Promise.resolve([
    figure({
      name: 'proof of one entry among a million, with the signed checkpoint and without the entry, beside the hashes in it',
      unit: 'bytes',
      ours: Buffer.byteLength(text),
      baseline: pass.proof().length * 32,
      goal: 'at most 1300',
      isMet: ({ ours }) => ours <= 1300,
    }),
  ]);
}
