import { MOST_LINE_BYTES } from './entry';
import type { LogFile, LogFolder } from './folder';
import { segmentStart } from './format';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;
/** In memory at once: a piece of the file, and what was left of the one before. */
const MOST_BYTES = MOST_LINE_BYTES + 1 + CHUNK_BYTES;
/** Every line has a byte before it in the memory, so that its leaf can be hashed where it stands. */
const BEFORE = 1;

/** Lines of one file that are in memory together. `bytes` is used again for the next ones. */
export interface LineBatch {
  bytes: Buffer;
  /** start and end of each line in `bytes`, by turns; before each start there is a byte to be overwritten */
  bounds: number[];
  /** what to add to a place in `bytes` to get the place in the file */
  shift: number;
  /** the line that is begun at the end of the file and has no line break, as start and end in `bytes`; only in the last batch */
  rest: [start: number, end: number] | null;
}

/**
 * The lines of a file, in memory that does not grow with it. What is longer than any entry comes as its first 65,536 bytes.
 * What is written meanwhile is left out, except for the end of a line that was begun.
 * @param from where to begin, bytes: the start of a line
 */
export async function* lineBatches(file: LogFile, from = 0): AsyncGenerator<LineBatch> {
  const end = await file.size();
  // a small file needs little; where it has grown meanwhile, all of it
  let bytes = Buffer.allocUnsafe(BEFORE + Math.min(Math.max(0, end - from) + 1, MOST_BYTES));
  /** where the next byte of the file goes */
  let filled = BEFORE;
  let shift = from - BEFORE;
  /** inside of what is too long */
  let skipping = false;
  for (;;) {
    if (filled === bytes.length) bytes = Buffer.concat([bytes], BEFORE + MOST_BYTES);
    const room = Math.min(bytes.length, filled + CHUNK_BYTES);
    const count = await file.read(bytes.subarray(filled, room), filled + shift);
    const limit = filled + count;
    const bounds: number[] = [];
    let start = BEFORE;
    let search = filled;
    // the end was reached, and this is only the rest of the last line
    let last = count === 0;
    while (!last) {
      const at = bytes.indexOf(NEWLINE, search);
      if (at < 0 || at >= limit) break;
      if (!skipping) bounds.push(start, at);
      skipping = false;
      start = search = at + 1;
      // lines that were begun later are somebody else's
      if (start + shift >= end) last = true;
    }
    if (last) {
      const rest: [number, number] | null = count === 0 && limit > start && !skipping ? [start, limit] : null;
      yield { bytes, bounds, shift, rest };
      return;
    }
    if (limit - start > MOST_LINE_BYTES && !skipping) {
      bounds.push(start, start + MOST_LINE_BYTES + 1);
      skipping = true;
    }
    if (bounds.length > 0) yield { bytes, bounds, shift, rest: null };
    if (skipping) start = limit;
    bytes.copyWithin(BEFORE, start, limit);
    filled = BEFORE + limit - start;
    shift += start - BEFORE;
  }
}

/** What is in a folder of a log, by its names. */
export interface Listed {
  /** numbers of first entries, ascending */
  segments: number[];
  /** names of segments that are no plain files */
  noFiles: string[];
  /** every other name */
  others: string[];
  /** how many names more there were than these lists hold */
  more: number;
}

/** Names that are kept, of those that are no segments. */
const MOST_NAMES = 1000;

/** The names in a folder, sorted by what they are; null where there is no such folder. */
export async function listLog(folder: LogFolder): Promise<Listed | null> {
  const names = await folder.list();
  if (!names) return null;
  const listed: Listed = { segments: [], noFiles: [], others: [], more: 0 };
  for await (const { name, kind } of names) {
    const start = segmentStart(name);
    if (start !== null && kind === 'file') listed.segments.push(start);
    else if (listed.noFiles.length + listed.others.length >= MOST_NAMES) listed.more++;
    else if (start !== null) listed.noFiles.push(name);
    else listed.others.push(name);
  }
  listed.segments.sort((a, b) => a - b);
  return listed;
}
