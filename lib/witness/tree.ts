import { hash } from 'node:crypto';

/** The bytes of a SHA-256. */
export const HASH_BYTES = 32;
const LEAF = 0;
const NODE = 1;
/** Two hashes behind their mark. */
const twoHashes = Buffer.alloc(1 + 2 * HASH_BYTES);
/** An entry behind its mark; every entry of a log of ours fits in. */
const marked = Buffer.alloc(1 + 65_535);

/** SHA-256 of bytes, as bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  // asked for a Buffer, the hash comes in memory of its own outside the heap, which costs as much as 500 bytes hashed
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

/** The hash of an entry in the tree. Source: RFC 6962 §2.1. */
export function leafHash(entry: Uint8Array): Buffer {
  const size = entry.length + 1;
  const bytes = size <= marked.length ? marked : Buffer.allocUnsafe(size);
  bytes[0] = LEAF;
  bytes.set(entry, 1);
  return sha256(bytes.subarray(0, size));
}

/** The hash of two subtrees. Source: RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const size = 1 + left.length + right.length;
  const bytes = size === twoHashes.length ? twoHashes : Buffer.allocUnsafe(size);
  bytes[0] = NODE;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return sha256(bytes);
}

/** The root of a tree without entries: the hash of nothing. */
export const EMPTY_ROOT = sha256(new Uint8Array(0));

/**
 * A growing tree as the hashes of its complete subtrees, largest first: enough for its root, in O(log n) memory.
 */
export class CompactRange {
  private peaks: Buffer[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Append the hash of one more entry. */
  push(leaf: Buffer): void {
    let node = leaf;
    // each trailing 1 of the size is a subtree that the new one completes
    for (let size = this.count; size % 2 === 1; size = Math.floor(size / 2))
      node = nodeHash(this.peaks.pop()!, node);
    this.peaks.push(node);
    this.count++;
  }

  root(): Buffer {
    const last = this.peaks.at(-1);
    if (!last) return EMPTY_ROOT;
    let root = last;
    for (let at = this.peaks.length - 2; at >= 0; at--) root = nodeHash(this.peaks[at]!, root);
    return root;
  }

  /** The hash over the entries from `from` up to and without `to`, where that is one of the subtrees it keeps; null otherwise. */
  subtree(from: number, to: number): Buffer | null {
    let start = 0;
    for (const peak of this.peaks) {
      let width = 1;
      while (width * 2 <= this.count - start) width *= 2;
      if (start === from && start + width === to) return peak;
      start += width;
    }
    return null;
  }

  /** The same tree, to be kept: in memory of its own, since a hash holds on to all that were made beside it. */
  clone(): CompactRange {
    const copy = new CompactRange();
    const bytes = Buffer.allocUnsafeSlow(this.peaks.length * HASH_BYTES);
    copy.peaks = this.peaks.map((peak, at) => {
      bytes.set(peak, at * HASH_BYTES);
      return bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    });
    copy.count = this.count;
    return copy;
  }
}

/** The hash over the entries from `from` up to and without `to`. */
export type SubtreeHash = (from: number, to: number) => Buffer;

/** Subtree hashes over leaf hashes in memory; those that are complete are computed once. */
export function subtreesOf(leaves: readonly Buffer[]): SubtreeHash {
  const known = new Map<string, Buffer>();
  const subtree = (from: number, to: number): Buffer => {
    const size = to - from;
    if (size === 0) return EMPTY_ROOT;
    if (size === 1) return leaves[from]!;
    const name = `${from}-${to}`;
    let found = known.get(name);
    if (!found) {
      const middle = from + split(size);
      found = nodeHash(subtree(from, middle), subtree(middle, to));
      if (isPowerOfTwo(size)) known.set(name, found);
    }
    return found;
  };
  return subtree;
}

/** That entry `index` is in the tree of `size`: the hashes beside its way to the root. Throws RangeError. */
export function inclusionProof(index: number, size: number, subtree: SubtreeHash): Buffer[] {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw new RangeError(`no entry ${index} in a tree of ${size}`);
  const proof: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      proof.push(subtree(middle, to));
      to = middle;
    } else {
      proof.push(subtree(from, middle));
      from = middle;
    }
  }
  return proof.reverse();
}

/** That the tree of `size` begins with the tree of `before`. Throws RangeError. */
export function consistencyProof(before: number, size: number, subtree: SubtreeHash): Buffer[] {
  if (!isSize(before) || !isSize(size) || before < 1 || before > size)
    throw new RangeError(`a tree of ${size} does not begin with one of ${before}`);
  const proof: Buffer[] = [];
  let [from, to] = [0, size];
  let whole = true;
  while (before !== to) {
    const middle = from + split(to - from);
    if (before <= middle) {
      proof.push(subtree(middle, to));
      to = middle;
    } else {
      proof.push(subtree(from, middle));
      from = middle;
      whole = false;
    }
  }
  if (!whole) proof.push(subtree(from, to));
  return proof.reverse();
}

/** Whether a proof of inclusion holds. Wrong sizes, hashes and lengths are false, never thrown. Source: RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  let [at, last] = [index, size - 1];
  let found: Uint8Array = leaf;
  for (const beside of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = nodeHash(beside, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else found = nodeHash(found, beside);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(found, root);
}

/**
 * Whether a proof of consistency between two trees holds. A tree of size 0 is no prefix of anything here: whoever wants
 * that decides it before. Source: RFC 9162 §2.1.4.2.
 */
export function verifyConsistency(
  before: number,
  size: number,
  rootBefore: Uint8Array,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(before) || !isSize(size) || before < 1 || before > size) return false;
  if (before === size) return proof.length === 0 && same(rootBefore, root);
  if (![rootBefore, root, ...proof].every(isHash)) return false;
  const path = isPowerOfTwo(before) ? [rootBefore, ...proof] : [...proof];
  let [at, last] = [before - 1, size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  const first = path.shift();
  if (!first || path.length === 0) return false;
  let [old, whole] = [first, first];
  for (const beside of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = nodeHash(beside, old);
      whole = nodeHash(beside, whole);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else whole = nodeHash(whole, beside);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(old, rootBefore) && same(whole, root);
}

/** The largest power of two below `size`: where a tree of more than one entry parts. */
function split(size: number): number {
  let part = 1;
  while (part * 2 < size) part *= 2;
  return part;
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(value: Uint8Array): boolean {
  return value.length === HASH_BYTES;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
