/** What stands in the index of one hour of one stream. Pure. */
import type { Run } from './chain';
import type { KeptFrame } from './types';

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
  /** the picture whose line is the newest in the file */
  tail: { at: number; seq: number } | null;
  /** the lines of pictures stand in the order of their times, and what was seen later right behind: whoever reads from the beginning may stop anywhere */
  ordered: boolean;
}

/** An hour with nothing in it. */
export function emptyHour(stream: string, hour: number): HourContent {
  const nothing = { frames: [], lines: 0, runs: [], size: 0, small: null, bad: [], badLines: 0 };
  return { stream, hour, ...nothing, tail: null, ordered: true };
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

/** The picture of this time and number among those of an hour, which are sorted; undefined where it is not there. */
export function frameAt(frames: readonly KeptFrame[], at: number, seq: number): KeptFrame | undefined {
  const found = frames[firstFrom(frames, at, seq)];
  return found?.at === at && found.seq === seq ? found : undefined;
}

/** How many of the sorted pictures of one stream come before this time (and number). */
export function firstFrom(frames: readonly KeptFrame[], at: number, seq = -1): number {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = frames[middle]!;
    if (one.at < at || (one.at === at && one.seq < seq)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The line of a picture was put behind the others. */
export function noteFrame(content: HourContent, { at, seq }: { at: number; seq: number }): void {
  const { tail } = content;
  if (tail && (tail.at > at || (tail.at === at && tail.seq > seq))) content.ordered = false;
  content.tail = { at, seq };
}

/** A line that says until when a picture was seen was put behind the others. */
export function noteSeen(content: HourContent, { at, seq }: { at: number; seq: number }): void {
  const { tail } = content;
  if (tail?.at !== at || tail.seq !== seq) content.ordered = false;
}

/** A line, numbered from 1, is none of ours. */
export function noteBad(content: HourContent, line: number, reason: string): void {
  content.badLines++;
  if (content.bad.length < MOST_BAD) content.bad.push({ line, reason });
}

/** Why a part of an hour cannot be read, in words; null where all of it can. */
export function spoiled({ bad, badLines }: HourContent): string | null {
  const [first] = bad;
  if (!first) return null;
  const others = badLines > 1 ? `, and ${badLines - 1} more` : '';
  return `line ${first.line} is none of this store's (${first.reason})${others}`;
}
