/** What is known of a closed hour without reading its lines; made of them, and made again where it does not fit them. */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Files } from '../../durable/files';
import { replaceFile } from '../../durable/replace';
import { type ChainNote, type Run, areRuns, chainIn, chainText } from './chain';
import type { HourContent } from './hour';
import { CHAIN, INDEX, SUMMARY } from './layout';
import { isCount } from './line';

export interface Summary {
  /** of the index that it was made of: bytes, and when it was last written, ms */
  size: number;
  changedMs: number;
  lines: number;
  frames: number;
  /** of the pictures */
  bytes: number;
  /** of the small ones beside them */
  small: number;
  /** UTC in milliseconds; null without a picture */
  first: number | null;
  last: number | null;
  until: number | null;
  runs: Run[];
  /** whether the lines are in their order, see `HourContent`; older summaries don't say it */
  ordered?: boolean;
  /** bytes of the Parquet file that has the same; null without one */
  parquet: number | null;
}

/** The summary of an hour's lines, read with hashes and small pictures counted; null where a part cannot be read, which has to be told each time. */
export function summaryOf(content: HourContent, changedMs: number, parquet: number | null): Summary | null {
  if (content.badLines > 0) return null;
  const { frames, size, small, lines, runs } = content;
  return {
    size,
    changedMs,
    lines,
    frames: frames.length,
    bytes: frames.reduce((sum, { bytes }) => sum + bytes, 0),
    small: small ?? 0,
    first: frames[0]?.at ?? null,
    last: frames.at(-1)?.at ?? null,
    until: lastUntil(frames),
    runs,
    ordered: content.ordered,
    parquet,
  };
}

/** Until when the pictures of an hour were seen, UTC in milliseconds; null without one. */
export function lastUntil(frames: HourContent['frames']): number | null {
  return frames.length ? frames.reduce((latest, { until }) => Math.max(latest, until), 0) : null;
}

/** By what one sees that an index was changed: also where it was put back with its former size and time. */
export interface IndexState {
  size: number;
  /** when it was last written, ms */
  changedMs: number;
  /** which file it is, and when anything of it was changed; not kept over a restart, since a copy has others */
  which: string;
}

/** The state of an hour's index. @throws the file system's error */
export async function stateOf(folder: string): Promise<IndexState> {
  const { size, mtimeMs, ino, ctimeMs } = await lstat(join(folder, INDEX));
  return { size, changedMs: Math.floor(mtimeMs), which: `${ino}/${ctimeMs}` };
}

/** The summary in an hour's folder; null where there is none, or none that fits the lines. Never rejects. */
export async function readSummary(folder: string): Promise<Summary | null> {
  try {
    const [text, { size, changedMs }] = await Promise.all([
      readFile(join(folder, SUMMARY), 'utf8'),
      stateOf(folder),
    ]);
    const found = summaryIn(text);
    return found && found.size === size && found.changedMs === changedMs ? found : null;
  } catch {
    return null;
  }
}

function summaryIn(text: string): Summary | null {
  const { v, ...rest } = Object(JSON.parse(text)) as Record<string, unknown>;
  const { size, changedMs, lines, frames, bytes, small, first, last, until, runs, ordered, parquet } = rest;
  const counts = [size, lines, frames, bytes, small].every(isCount);
  const times = [changedMs, first, last, until, parquet].every(
    (one) => one === null || (typeof one === 'number' && Number.isInteger(one) && one >= 0),
  );
  const fits = ordered === undefined || typeof ordered === 'boolean';
  return v === 1 && counts && times && fits && areRuns(runs) ? (rest as unknown as Summary) : null;
}

/** Write a summary into its hour's folder. @throws the file system's error */
export function writeSummary(folder: string, summary: Summary, files: Files): Promise<void> {
  const text = `${JSON.stringify({ v: 1, ...summary })}\n`;
  return replaceFile(join(folder, SUMMARY), text, { mode: 0o600, files });
}

/** The chain note of a stream's folder, or null where there is none that can be read. Never rejects. */
export async function readChain(folder: string): Promise<ChainNote | null> {
  try {
    return chainIn(await readFile(join(folder, CHAIN), 'utf8'));
  } catch {
    return null;
  }
}

/** Write the chain note of a stream. @throws the file system's error */
export function writeChain(folder: string, note: ChainNote, files: Files): Promise<void> {
  return replaceFile(join(folder, CHAIN), chainText(note), { mode: 0o600, files });
}
