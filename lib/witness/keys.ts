import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { isWellFormed } from './text';
import { sha256 } from './tree';

/** What a signature of a note is: of the log itself, or a cosignature with a time. Source: C2SP signed-note, tlog-cosignature. */
export const KEY_TYPES = { log: 0x01, cosigner: 0x04 } as const;
export type KeyType = (typeof KEY_TYPES)[keyof typeof KEY_TYPES];

const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const ID_BYTES = 4;

/** A key that signatures are checked with. */
export interface Verifier {
  readonly name: string;
  readonly type: KeyType;
  /** the first four bytes of the hash over name, type and key */
  readonly id: Buffer;
  /** as it is written: `name+id+base64` */
  readonly text: string;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

export interface Signer {
  readonly verifier: Verifier;
  sign(message: Uint8Array): Buffer;
}

/** Whether a text may name a key or a log: no spaces, no plus, nothing invisible. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && isWellFormed(name) && !/[\s+\p{Cc}\p{Zs}\p{Zl}\p{Zp}]/u.test(name);
}

/** A new key for a log of this name: its secret as 32 bytes. */
export function generateSeed(): Buffer {
  const { privateKey } = generateKeyPairSync('ed25519');
  return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(PRIVATE_PREFIX.length));
}

/** Make a signer from its 32 secret bytes. Throws RangeError for a name or a seed that is none. */
export function signerOf(name: string, seed: Uint8Array, type: KeyType = KEY_TYPES.log): Signer {
  if (seed.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(PUBLIC_PREFIX.length);
  return { verifier: verifierFrom(name, type, raw), sign: (message) => signBytes(null, message, key) };
}

/** A signer from the text Go's tools write: `PRIVATE+KEY+name+id+base64`; null for anything else. */
export function parseSigner(text: string): Signer | null {
  const [word, key, name = '', id = '', ...coded] = text.split('+');
  if (word !== 'PRIVATE' || key !== 'KEY') return null;
  // base64 has plus signs of its own
  const encoded = coded.join('+');
  const bytes = strictBase64(encoded);
  if (bytes?.length !== KEY_BYTES + 1 || bytes[0] !== KEY_TYPES.log || !isKeyName(name)) return null;
  const signer = signerOf(name, bytes.subarray(1));
  return signer.verifier.id.toString('hex') === id ? signer : null;
}

/** A verifier from `name+id+base64`; null for anything that is not exactly that. */
export function parseVerifier(text: string): Verifier | null {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  if (first < 0 || second < 0) return null;
  const [name, id, encoded] = [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
  const bytes = strictBase64(encoded);
  const type = bytes?.[0];
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || bytes?.length !== KEY_BYTES + 1) return null;
  if (type !== KEY_TYPES.log && type !== KEY_TYPES.cosigner) return null;
  const verifier = verifierFrom(name, type, bytes.subarray(1));
  return verifier.id.toString('hex') === id ? verifier : null;
}

/** Base64 as it is written by the book: padded, no other character, no bits left over; null for anything else. */
export function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

function verifierFrom(name: string, type: KeyType, raw: Uint8Array): Verifier {
  if (!isKeyName(name)) throw new RangeError(`"${name}" cannot name a key`);
  const typed = Buffer.concat([Buffer.from([type]), raw]);
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed])).subarray(0, ID_BYTES);
  let key: KeyObject | null = null;
  return {
    name,
    type,
    id,
    text: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    verify(message, signature) {
      if (signature.length !== SIGNATURE_BYTES) return false;
      try {
        key ??= createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
        return verifyBytes(null, message, key, signature);
      } catch {
        // no point of the curve
        return false;
      }
    },
  };
}
