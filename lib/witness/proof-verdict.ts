import { fail } from '../errors';
import { verifyCosignature } from './cosign/cosignature';
import { parseEntry, type Entry } from './entry';
import { KEY_TYPES, parseVerifier, type KeyType, type Verifier } from './keys';
import { parseNote } from './note';
import { parseProof, provenCheckpoint } from './proof';
import { leafHash } from './tree';
import type { Verdict } from './verify/report';
import { judgeNote } from './verify/signed';

/** What the one who checks a proof knows. */
export interface ProofTrust {
  /** name the log has to have */
  origin?: string;
  /** public keys the log may be signed with: `name+id+base64` */
  vkeys?: readonly string[];
  cosigners?: readonly string[];
  /** how many of them are enough; default: all */
  quorum?: number;
}

/** What a proof is worth. */
export interface ProofReport {
  valid: boolean;
  verdict: Verdict;
  /** plain words */
  sentence: string;
  /** number of the entry, and the entry itself where it can be read */
  seq: number | null;
  entry: Entry | null;
  /** of the entry, in hexadecimal */
  hash: string | null;
  origin: string | null;
  /** entries under the checkpoint */
  size: number | null;
  cosigned_by: string[];
}

/**
 * Judge a proof of one entry, without its log.
 * @param given the line of the entry, without line break; null: the one in the proof
 * @throws LiveError WITNESS_KEY_INVALID; RangeError where nobody says which entry it is about
 */
export function judgeProof(text: string, given: Buffer | null, trust: ProofTrust = {}): ProofReport {
  const cosigners = (trust.cosigners ?? []).map((key) => keyOf(key, KEY_TYPES.cosigner));
  const keys = (trust.vkeys ?? []).map((key) => keyOf(key, KEY_TYPES.log));
  const report: ProofReport = {
    valid: false,
    verdict: 'tampered',
    sentence: '',
    seq: null,
    entry: null,
    hash: null,
    origin: null,
    size: null,
    cosigned_by: [],
  };
  const ended = (verdict: Verdict, sentence: string): ProofReport => {
    return { ...report, valid: verdict === 'valid', verdict, sentence };
  };
  const proof = parseProof(text);
  if (!proof) return ended('tampered', 'This is no proof, or a part of one.');
  const line = given ?? proof.line;
  if (!line) throw new RangeError('the proof does not carry its entry: give the line of the entry too');
  if (proof.line && !proof.line.equals(line))
    return ended('tampered', 'The proof is about another entry than the one given.');
  report.seq = proof.index;
  report.hash = leafHash(line).toString('hex');
  const { entry, fault, detail } = parseEntry(line);
  if (fault) return ended('tampered', `The entry is none: ${[fault, detail].filter(Boolean).join(', ')}.`);
  report.entry = entry;
  if (entry.seq !== proof.index)
    return ended('tampered', `The proof is about entry ${proof.index}, and this is entry ${entry.seq}.`);
  const checkpoint = provenCheckpoint(proof, line);
  if (!checkpoint) return ended('tampered', 'The hashes do not lead from this entry to the checkpoint.');
  report.origin = checkpoint.origin;
  report.size = checkpoint.size;
  if (trust.origin !== undefined && trust.origin !== checkpoint.origin)
    return ended('tampered', `The log is ${checkpoint.origin}, and ${trust.origin} was expected.`);
  // whose the log is, and who countersigned it, are two questions
  const { text: signed, signatures } = parseNote(proof.note)!;
  for (const by of cosigners) {
    const found = signatures.find(({ name, id }) => name === by.name && id.equals(by.id));
    if (!found) continue;
    if (!verifyCosignature(by, signed, found.signature))
      return ended('tampered', `The cosignature of ${by.name} is wrong.`);
    report.cosigned_by.push(by.name);
  }
  if (keys.length === 0)
    return ended('unknown', 'It holds in itself, and nobody can say whose it is: give the key of the log.');
  const fitting = keys.filter(({ name }) => name === checkpoint.origin);
  if (fitting.length === 0)
    return ended('tampered', `The log is ${checkpoint.origin}, and none of the given keys is its.`);
  if (fitting.every((key) => judgeNote(proof.note, key, checkpoint.origin, []).fault))
    return ended('tampered', 'The checkpoint does not carry a right signature with a key that was given.');
  const wanted = trust.quorum ?? cosigners.length;
  if (report.cosigned_by.length < wanted)
    return ended('unknown', `${report.cosigned_by.length} of the ${wanted} cosigners wanted have signed it.`);
  return ended(
    'valid',
    `Entry ${proof.index} stands in the log ${checkpoint.origin} as it was written, among ${checkpoint.size} entries that were signed.`,
  );
}

function keyOf(text: string, type: KeyType): Verifier {
  const key = parseVerifier(text.trim());
  if (key?.type !== type) throw fail('WITNESS_KEY_INVALID', { key: text.trim().slice(0, 200) });
  return key;
}
