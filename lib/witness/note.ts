import { SIGNATURE_BYTES, isKeyName, strictBase64, type Signer, type Verifier } from './keys';
import { isWellFormed } from './text';

/** More signatures than anybody needs are an attack. Source: the limit of Go's own reader. */
const MOST_SIGNATURES = 100;
/** A checkpoint is some 200 bytes; with a hundred signatures it stays below this. */
const MOST_BYTES = 1_000_000;
const ID_BYTES = 4;
const LINE = /^— (\S+) (\S+)$/u;

export interface NoteSignature {
  name: string;
  id: Buffer;
  /** what follows the id */
  signature: Buffer;
  /** the line as it stands in the note, without its line break */
  line: string;
}

/** A text with signatures below it. `text` ends with a line break. */
export interface Note {
  text: string;
  signatures: NoteSignature[];
}

export interface VerifiedNote extends Note {
  /** who signed it, of those that are trusted: each once */
  by: Verifier[];
}

export type NoteFault = 'malformed' | 'unsigned' | 'bad signature';

/** Read a signed note by the book; null for anything else. Source: C2SP signed-note. */
export function parseNote(note: string): Note | null {
  if (note.length > MOST_BYTES || !isWellFormed(note) || !note.endsWith('\n')) return null;
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) return null;
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return null;
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [, name = '', encoded = ''] = LINE.exec(line) ?? [];
    const bytes = strictBase64(encoded);
    if (!isKeyName(name) || !bytes || bytes.length <= ID_BYTES) return null;
    signatures.push({ name, id: bytes.subarray(0, ID_BYTES), signature: bytes.subarray(ID_BYTES), line });
  }
  return { text: note.slice(0, end + 1), signatures };
}

/** Signatures of unknown keys are passed over; a wrong one of a known key spoils the note. */
export function verifyNote(
  note: string,
  verifiers: readonly Verifier[],
  check: (verifier: Verifier, text: string, signature: Buffer) => boolean = checkPlain,
): { note: VerifiedNote; fault: null } | { note: null; fault: NoteFault } {
  const parsed = parseNote(note);
  if (!parsed) return { note: null, fault: 'malformed' };
  const by: Verifier[] = [];
  for (const { name, id, signature } of parsed.signatures) {
    const known = verifiers.filter((verifier) => verifier.name === name && verifier.id.equals(id));
    // two keys of one name and id: nobody can say which is meant
    if (known.length > 1 && new Set(known.map(({ text }) => text)).size > 1)
      return { note: null, fault: 'bad signature' };
    const [verifier] = known;
    if (!verifier || by.includes(verifier)) continue;
    if (!check(verifier, parsed.text, signature)) return { note: null, fault: 'bad signature' };
    by.push(verifier);
  }
  return by.length > 0 ? { note: { ...parsed, by }, fault: null } : { note: null, fault: 'unsigned' };
}

/** Sign a text that ends with a line break. Throws RangeError for any other. */
export function signNote(text: string, ...signers: readonly Signer[]): string {
  if (!text.endsWith('\n') || !isWellFormed(text)) throw new RangeError('a note ends with a line break');
  return `${text}\n${signers.map((signer) => `${signatureLine(signer.verifier, signer.sign(Buffer.from(text)))}\n`).join('')}`;
}

/** One line of signature: a dash, the name, and the id with the signature. */
export function signatureLine({ name, id }: Verifier, signature: Uint8Array): string {
  return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}`;
}

function checkPlain(verifier: Verifier, text: string, signature: Buffer): boolean {
  return signature.length === SIGNATURE_BYTES && verifier.verify(Buffer.from(text), signature);
}
