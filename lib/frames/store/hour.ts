/** What stands in the index of one hour of one stream. */
import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, reasonOf } from '../../durable/files';
import { type Run, addLine } from './chain';
import { INDEX, hourFolder } from './layout';
import { readLine } from './line';
import type { KeptFrame } from './types';

/** Of an index, bytes. An hour in which every picture of 60 a second was kept has 100 MB. */
export const LARGEST = 256 * 1024 * 1024;
/** So many bad lines are named; all are counted. */
const MOST_BAD = 20;

export interface HourContent {
  stream: string;
  /** its beginning, UTC in milliseconds */
  hour: number;
  /** by time and number */
  frames: KeptFrame[];
  lines: number;
  /** empty where nobody asked for the hashes */
  runs: Run[];
  /** of the index file */
  size: number;
  /** bytes of the small pictures beside; null where nobody has counted them */
  small: number | null;
  /** lines that are none of ours, numbered from 1 */
  bad: { line: number; reason: string }[];
  badLines: number;
}

/** An hour with nothing in it. */
export function emptyHour(stream: string, hour: number): HourContent {
  return { stream, hour, frames: [], lines: 0, runs: [], size: 0, small: null, bad: [], badLines: 0 };
}

/** The order of pictures: by time, then stream, then number. Never 0 for two of them. */
export function byTime(a: KeptFrame, b: KeptFrame): number {
  return a.at - b.at || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.seq - b.seq);
}

/** Put a picture to where it belongs among those of its hour. */
export function addFrame(frames: KeptFrame[], frame: KeptFrame): void {
  let at = frames.length;
  while (at > 0 && byTime(frames[at - 1]!, frame) > 0) at--;
  frames.splice(at, 0, frame);
}

/** A line as it stands in the file, its number from 1, and its hash where asked for. */
export type EachLine = (text: string, number: number, sha256: string) => void;

/** Call `each` for every whole line; a torn one at the end is none. */
export function eachLine(bytes: Buffer, hashes: boolean, each: EachLine): void {
  let number = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return;
    const line = bytes.subarray(at, end);
    each(line.toString('utf8'), ++number, hashes ? hash('sha256', line, 'hex') : '');
    at = end + 1;
  }
}

/**
 * Read the lines of an hour. Those that are none of ours are left out and told. Never throws.
 * @param hashes whether to work out the runs of the chain
 */
export function readHour(bytes: Buffer, stream: string, hour: number, hashes = false): HourContent {
  const content = { ...emptyHour(stream, hour), size: bytes.length };
  const known = new Map<string, KeptFrame>();
  let sorted = true;
  eachLine(bytes, hashes, (text, number, sha256) => {
    content.lines++;
    const reason = take(text, sha256);
    if (reason === null) return;
    content.badLines++;
    if (content.bad.length < MOST_BAD) content.bad.push({ line: number, reason });
  });
  if (!sorted) content.frames.sort(byTime);
  return content;

  function take(text: string, sha256: string): string | null {
    const line = readLine(text, stream, hour);
    if (typeof line === 'string') return line;
    if (hashes) addLine(content.runs, line.n, line.prev, sha256);
    if (line.kind === 'seen') {
      const frame = known.get(`${line.at}-${line.seq}`);
      if (!frame) return 'it names no picture that is there';
      frame.until = Math.max(frame.until, line.until);
      frame.samples = Math.max(frame.samples, line.samples);
      return null;
    }
    const { frame } = line;
    const key = `${frame.at}-${frame.seq}`;
    if (known.has(key)) return 'its picture is there twice';
    known.set(key, frame);
    const last = content.frames.at(-1);
    if (last && byTime(last, frame) > 0) sorted = false;
    content.frames.push(frame);
    return null;
  }
}

/**
 * A whole file of the store, links not followed.
 * @throws the file system's error; ELOOP for a link, EFBIG above `largest` bytes
 */
export async function readPlain(path: string, largest: number): Promise<Buffer> {
  // systems without the flag (Windows) have hardly any links, and let only administrators make them
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags);
  try {
    const { size } = await regular(file);
    if (size > largest) throw Object.assign(new Error('it is too large'), { code: 'EFBIG' });
    const bytes = Buffer.allocUnsafe(size);
    let had = 0;
    while (had < size) {
      const { bytesRead } = await file.read(bytes, had, size - had, had);
      if (bytesRead === 0) break;
      had += bytesRead;
    }
    return bytes.subarray(0, had);
  } finally {
    await file.close();
  }
}

async function regular(file: Awaited<ReturnType<typeof open>>): Promise<{ size: number }> {
  const found = await file.stat();
  if (!found.isFile()) throw Object.assign(new Error('it is no file'), { code: 'EISDIR' });
  return found;
}

/**
 * The index of an hour from the disk.
 * @throws the file system's error
 */
export async function loadHour(
  root: string,
  stream: string,
  hour: number,
  hashes = false,
): Promise<HourContent> {
  const bytes = await readPlain(join(hourFolder(root, stream, hour), INDEX), LARGEST);
  return readHour(bytes, stream, hour, hashes);
}

/** Why an hour cannot be read, in words. */
export function unreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'its index is missing';
  if (code === 'ELOOP') return 'its index is a link to elsewhere';
  if (code === 'EFBIG') return `its index is larger than ${LARGEST / 2 ** 20} MB`;
  return reasonOf(error);
}

/** Why a part of an hour cannot be read, in words; null where all of it can. */
export function spoiled({ bad, badLines }: HourContent): string | null {
  const [first] = bad;
  if (!first) return null;
  const others = badLines > 1 ? `, and ${badLines - 1} more` : '';
  return `line ${first.line} is none of this store's (${first.reason})${others}`;
}
