import { join } from 'node:path';
import { type Files, type OpenFile, readAll } from '../../durable/files';
import { segmentName, segmentStart } from '../format';

/** Read at once, and handed on between two turns of the event loop: some 2 ms of hashing. */
const PIECE_BYTES = 256 * 1024;
/** What goes on longer without a line break is no entry, and is not held in memory. */
const LONGEST = 1024 * 1024;
const NEWLINE = 0x0a;

/** A file of entries. */
export interface Segment {
  path: string;
  /** number of its first entry */
  start: number;
}

/** The files of entries in a folder, in order. @throws the file system's error */
export async function segmentsIn(folder: string, files: Files): Promise<Segment[]> {
  const found: Segment[] = [];
  for (const name of await files.readdir(folder)) {
    const start = segmentStart(name);
    if (start !== null) found.push({ path: join(folder, name), start });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** The file whose first entry is `start`. */
export function segmentAt(folder: string, start: number): Segment {
  return { path: join(folder, segmentName(start)), start };
}

/** Some lines of a file, one behind the other. */
export interface Lines {
  /** without their line breaks */
  lines: Buffer[];
  /** bytes behind the last whole line, which has no line break (yet); only in the last piece */
  torn: number;
}

/**
 * The lines of a file from byte `from` up to byte `to`, or to its end, piece by piece.
 * @throws the file system's error
 */
export async function* linesOf(
  file: OpenFile,
  from: number,
  to = Infinity,
): AsyncGenerator<Lines, void, void> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for (let at = from; at < to;) {
    const piece = await readAll(file, at, Math.min(PIECE_BYTES, to - at));
    if (piece.length === 0) break;
    const lines: Buffer[] = [];
    let start = 0;
    for (let next = piece.indexOf(NEWLINE); next >= 0; next = piece.indexOf(NEWLINE, start)) {
      const rest = piece.subarray(start, next);
      lines.push(begunBytes ? Buffer.concat([...begun, rest]) : rest);
      begun = [];
      begunBytes = 0;
      start = next + 1;
    }
    begun.push(piece.subarray(start));
    begunBytes += piece.length - start;
    at += piece.length;
    if (lines.length) yield { lines, torn: 0 };
    if (begunBytes > LONGEST) break;
  }
  if (begunBytes) yield { lines: [], torn: begunBytes };
}
