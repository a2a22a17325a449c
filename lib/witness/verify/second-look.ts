import { parseEntry } from '../entry';
import type { LogFolder } from '../folder';
import { readLines } from '../read';
import { CompactRange, leafHash } from '../tree';
import type { SignedRoot } from './claims';

/**
 * Whether a signed root says that exactly one entry is another than it was: with the hash that the entry behind it was written
 * behind, everything up to the root's size is as it was signed. Reads the log once more.
 * @param seq number of the entry
 * @param hash its leaf as the entry behind it has it, in hexadecimal
 * @throws LiveError WITNESS_UNREADABLE
 */
export async function isOnlyChange(
  folder: LogFolder,
  seq: number,
  hash: string,
  signed: SignedRoot,
): Promise<boolean> {
  const range = new CompactRange();
  for await (const { line } of readLines(folder)) {
    range.push(range.size === seq ? Buffer.from(hash, 'hex') : leafHash(line));
    if (range.size === signed.size) return range.root().equals(signed.root);
  }
  return false;
}

/**
 * Whether the second line of a log is one of version 1: then its first was one too.
 * @throws LiveError WITNESS_UNREADABLE
 */
export async function isSecondKnown(folder: LogFolder): Promise<boolean> {
  let seen = 0;
  for await (const { line } of readLines(folder)) if (++seen === 2) return parseEntry(line).entry !== null;
  return false;
}
