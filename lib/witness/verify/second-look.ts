import { parseEntry } from '../entry';
import type { LogFolder } from '../folder';
import { readLines } from '../read';
import { CompactRange, leafHash } from '../tree';
import type { SignedRoot } from './claims';

/**
 * Whether it is the entry before `seq` that was changed, where `seq` does not follow from it, and not `seq` itself. What each entry was is in
 * the one behind it: if a signed root is that over these links, they are as they were written, and the first that does not fit names the first
 * entry that was changed, however many were. Where nothing is signed it is enough that the next entry follows from `seq`. Reads the log once more.
 * @param signed the next root over entries that go beyond `seq`, or null
 * @throws LiveError WITNESS_UNREADABLE
 */
export async function isBeforeChanged(
  folder: LogFolder,
  seq: number,
  signed: SignedRoot | null,
): Promise<boolean> {
  const range = new CompactRange();
  let leaf: Buffer | null = null;
  for await (const { line } of readLines(folder)) {
    const link = linkOf(line);
    if (!signed && range.size === seq) return link !== null && link === leaf?.toString('hex');
    if (leaf) range.push(link === null ? leaf : Buffer.from(link, 'hex'));
    if (signed && range.size === signed.size) return range.root().equals(signed.root);
    leaf = leafHash(line);
  }
  // behind the last there is no link
  if (leaf) range.push(leaf);
  return signed !== null && range.size === signed.size && range.root().equals(signed.root);
}

/**
 * Whether bytes of a file are what they were when they were read: a writer that goes on after a crash cuts a torn line off and writes in its place.
 * @param at of the first byte
 * @throws LiveError WITNESS_UNREADABLE
 */
export async function isStillThere(
  folder: LogFolder,
  name: string,
  at: number,
  was: Buffer,
): Promise<boolean> {
  const file = await folder.open(name);
  if (!file) return false;
  try {
    const now = Buffer.alloc(was.length);
    let had = 0;
    for (let count = 1; count > 0 && had < now.length; had += count)
      count = await file.read(now.subarray(had), at + had);
    return had === was.length && now.equals(was);
  } finally {
    await file.close();
  }
}

function linkOf(line: Buffer): string | null {
  return parseEntry(line).entry?.prev ?? null;
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
