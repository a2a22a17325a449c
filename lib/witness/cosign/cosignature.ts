import { KEY_TYPES, SIGNATURE_BYTES, type Signer, type Verifier } from '../keys';
import { parseNote, signatureLine, type NoteSignature } from '../note';

/** The time before the signature: an unsigned number of 64 bits. Source: C2SP tlog-cosignature. */
const TIME_BYTES = 8;

/**
 * Countersign the text of a checkpoint: a line for below the note.
 * @param at when, in whole seconds since 1970: a verifier reads that the checkpoint was there by then
 * @throws RangeError for a key of another kind, a text without its last line break, or a time that is none
 */
export function cosign(signer: Signer, noteText: string, at: number): string {
  if (signer.verifier.type !== KEY_TYPES.cosigner) throw new RangeError('this key makes no cosignatures');
  if (!noteText.endsWith('\n')) throw new RangeError('a note ends with a line break');
  if (!Number.isSafeInteger(at) || at < 1) throw new RangeError('a cosignature has a time');
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(at));
  return signatureLine(signer.verifier, Buffer.concat([time, signer.sign(message(noteText, at))]));
}

/**
 * Check what follows the key's id in a line of signature. A cosignature without a time, or with one far beyond any calendar, is none.
 * @param noteText the text of the note, with its last line break
 * @returns when it was countersigned, by the cosigner's clock, in seconds since 1970; null where it is not this key's cosignature
 */
export function verifyCosignature(
  verifier: Verifier,
  noteText: string,
  signature: Uint8Array,
): { at: number } | null {
  if (verifier.type !== KEY_TYPES.cosigner || signature.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
  const at = Number(Buffer.from(signature).readBigUInt64BE());
  if (!Number.isSafeInteger(at) || at < 1) return null;
  return verifier.verify(message(noteText, at), signature.subarray(TIME_BYTES)) ? { at } : null;
}

/**
 * Read lines of signatures as they stand below a note, each with its line break; the last may lack it.
 * @returns null for anything else
 */
export function parseSignatureLines(lines: string): NoteSignature[] | null {
  const note = parseNote(`\n\n${lines.endsWith('\n') ? lines : `${lines}\n`}`);
  // lines with an empty one between them would be the text of another note
  return note?.text === '\n' ? note.signatures : null;
}

/**
 * Put cosignatures below a note. A key that has signed it already keeps the signature that is there: the earlier time says more.
 * Nothing is verified here.
 * @param lines of signatures, with line breaks between them
 * @throws RangeError where one of both is not what it should be, or together they would be no note
 */
export function mergeCosignatures(note: string, lines: string): string {
  const below = parseNote(note)?.signatures;
  const added = parseSignatureLines(lines);
  if (!below || !added) throw new RangeError('these are no note and signatures');
  let merged = note;
  for (const one of added) {
    if (below.some(({ name, id }) => name === one.name && id.equals(one.id))) continue;
    below.push(one);
    merged += `${one.line}\n`;
  }
  if (!parseNote(merged)) throw new RangeError('a note holds no more signatures');
  return merged;
}

function message(noteText: string, at: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${at}\n${noteText}`);
}
