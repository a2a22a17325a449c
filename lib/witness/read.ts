import { fail } from '../errors';
import { parseEntry, type Entry } from './entry';
import { folderAt, type LogFolder } from './folder';
import { segmentName } from './format';
import { lineBatches, listLog } from './lines';
import { leafHash } from './tree';

/** A line of the log, without its line break. */
export interface LogLine {
  line: Buffer;
  /** name of the file it stands in */
  file: string;
  /** where it begins there, bytes */
  offset: number;
  /** number of the entry by its place; what the line says of itself is another thing */
  seq: number;
}

/** An entry as it was read. */
export interface LogEntry {
  entry: Entry;
  /** its leaf in hexadecimal */
  hash: string;
  seq: number;
  file: string;
  offset: number;
}

/**
 * The lines of a log in the order of its files, each a copy of its own, without judging them. Memory does not grow with the log. A line that is being
 * written right now is left out.
 * @param options.from number of the first entry that is wanted: files before it are not opened
 * @throws LiveError WITNESS_UNREADABLE, WITNESS_NO_LOG
 */
export async function* readLines(
  place: string | LogFolder,
  { from = 0 }: { from?: number } = {},
): AsyncGenerator<LogLine> {
  const folder = typeof place === 'string' ? folderAt(place) : place;
  const listed = await listLog(folder);
  if (!listed) throw fail('WITNESS_NO_LOG', { path: folder.path });
  const { segments } = listed;
  for (const [at, first] of segments.entries()) {
    const next = segments[at + 1];
    if (next !== undefined && next <= from) continue;
    const name = segmentName(first);
    const file = await folder.open(name);
    if (!file) continue;
    try {
      let seq = first;
      for await (const { bytes, bounds, shift } of lineBatches(file))
        for (let at = 0; at < bounds.length; at += 2, seq++) {
          const [start, end] = [bounds[at]!, bounds[at + 1]!];
          if (seq >= from)
            yield {
              line: Buffer.from(bytes.subarray(start, end)),
              file: name,
              offset: start + shift,
              seq,
            };
        }
    } finally {
      await file.close();
    }
  }
}

/**
 * An entry from its line.
 * @throws LiveError WITNESS_DAMAGED for a line that is none, or stands in a wrong place
 */
export function entryOfLine({ line, file, offset, seq }: LogLine): LogEntry {
  const { entry, fault, detail } = parseEntry(line);
  if (!entry || entry.seq !== seq) {
    const reason = entry ? `it says it is entry ${entry.seq}` : [fault, detail].filter(Boolean).join(': ');
    throw fail('WITNESS_DAMAGED', { seq, file, offset, reason });
  }
  return { entry, hash: leafHash(line).toString('hex'), seq, file, offset };
}

/**
 * The leaves of a log, for proofs: 32 bytes of memory for each entry.
 * @param size how many; default: all
 * @throws LiveError WITNESS_UNREADABLE, WITNESS_NO_LOG; WITNESS_TOO_SHORT where it has fewer entries
 */
export async function leavesOf(place: string | LogFolder, size = Infinity): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  if (size <= 0) return leaves;
  for await (const { line } of readLines(place)) {
    leaves.push(leafHash(line));
    if (leaves.length >= size) return leaves;
  }
  if (size !== Infinity) throw fail('WITNESS_TOO_SHORT', { size, found: leaves.length });
  return leaves;
}
