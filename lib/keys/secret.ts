/** Stream keys: how they are made, stored and checked. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hold } from '../secrets';

/** 160 bits: nobody guesses it, so a quick hash is enough, and 32 characters without a remainder. */
const KEY_BYTES = 20;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** What is longer is wrong anyway; a stranger shall not choose how much is hashed. */
const LONGEST_KEY = 256;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export type RandomBytes = (count: number) => Buffer;
export type HashKey = (salt: Buffer, key: string) => Buffer;

/** What is kept of a key. */
export interface StoredKey {
  salt: Buffer;
  hash: Buffer;
}

/** SHA-256 over the salt and the key. */
export const hashKey: HashKey = (salt, key) => createHash('sha256').update(salt).update(key, 'utf8').digest();

/** So many characters of `[a-z2-7]`, five bits of chance each. */
export function randomText(length: number, random: RandomBytes = randomBytes): string {
  return Array.from(random(length), (byte) => BASE32[byte & 31]).join('');
}

/** A new key: 32 characters of `[a-z2-7]`, which no address needs to encode. */
export function newKey(random: RandomBytes = randomBytes): string {
  return randomText((KEY_BYTES * 8) / 5, random);
}

/** What is stored of a key. */
export function storedKey(key: string, random: RandomBytes = randomBytes, hash = hashKey): StoredKey {
  const salt = Buffer.from(random(SALT_BYTES));
  return { salt, hash: hash(salt, key) };
}

/** Whether a stored key has the lengths of ours. */
export function isStoredKey({ salt, hash }: StoredKey): boolean {
  return salt.length === SALT_BYTES && hash.length === HASH_BYTES;
}

/**
 * Checks keys with the same work for whoever asks: one hash and one comparison, also where nobody has the id or no key was sent. The comparison
 * takes the same time wherever two hashes differ.
 */
export class KeyCheck {
  private readonly nobody: StoredKey;

  constructor(private readonly hash: HashKey = hashKey) {
    this.nobody = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  }

  /** Whether `key` is the one that `stored` was made of; false where nothing is stored. */
  isRight(stored: StoredKey | null, key: string): boolean {
    const against = stored ?? this.nobody;
    const same = timingSafeEqual(this.hash(against.salt, key.slice(0, LONGEST_KEY)), against.hash);
    return same && stored !== null && key.length <= LONGEST_KEY;
  }
}

/** Each held text slows every look for secrets a little. */
const MOST_HELD = 200;

/**
 * Keeps the newest secrets that were made here hidden wherever text leaves the package. What is stored is a hash, so that only new
 * ones can be known at all.
 */
export class FreshSecrets {
  private readonly held: { of: string; release: () => void }[] = [];

  constructor(private readonly most = MOST_HELD) {}

  /** Hide `secret`; what was held of the same person before opens nothing any more. */
  hold(of: string, secret: string): void {
    this.forget(of);
    this.held.push({ of, release: hold(secret) });
    if (this.held.length > this.most) this.held.shift()!.release();
  }

  forget(of: string): void {
    const at = this.held.findIndex((one) => one.of === of);
    if (at >= 0) this.held.splice(at, 1)[0]!.release();
  }

  clear(): void {
    for (const { release } of this.held.splice(0)) release();
  }
}
