/** Answers from the lines of the hours asked for. */
import { type HourContent, byTime, firstFrom } from './hour';
import { type HourSoFar, settled } from './hour-file';
import { HOUR_MS, hourOf } from './layout';
import { type Wanted, fits, inOrder, isAfter } from './query';
import type { FrameBucket, KeptFrame } from './types';

/** The hours that a question is about: those of the streams, and how to read them. */
export interface Hours {
  /** all hours of a stream, in any order */
  hoursOf(stream: string): Iterable<number>;
  streams(): Iterable<string>;
  /** an hour's lines, or null where it cannot be read (told elsewhere); its `more` never rejects */
  begin(stream: string, hour: number): Promise<HourSoFar | null>;
  /** the same, all of it */
  read(stream: string, hour: number): Promise<HourContent | null>;
}

/** Each hour with its streams, from the oldest on. `from` included, `to` not; null: no border. */
export function hoursBetween(
  hours: Hours,
  stream: string | null,
  from: number | null,
  to: number | null,
): [hour: number, streams: string[]][] {
  const found = new Map<number, string[]>();
  for (const name of hours.streams()) {
    if (stream !== null && name !== stream) continue;
    for (const hour of hours.hoursOf(name)) {
      if (from !== null && hour + HOUR_MS <= from) continue;
      if (to !== null && hour >= to) continue;
      const streams = found.get(hour);
      if (streams) streams.push(name);
      else found.set(hour, [name]);
    }
  }
  return [...found].sort(([a], [b]) => a - b);
}

/** The first picture of each piece of time, of each stream. */
export class Firsts {
  private readonly firsts = new Map<string, KeptFrame>();

  constructor(private readonly everyMs: number) {}

  /** Where the piece of time begins that a time lies in. */
  begin(at: number): number {
    return Math.floor(at / this.everyMs) * this.everyMs;
  }

  add(frame: KeptFrame): void {
    const key = `${frame.stream}/${this.begin(frame.at)}`;
    const first = this.firsts.get(key);
    if (!first || byTime(frame, first) < 0) this.firsts.set(key, frame);
  }

  /** Take out those that nothing earlier can take the place of any more: whose piece of time begins at `hour` or later. */
  take(hour: number): KeptFrame[] {
    const done: KeptFrame[] = [];
    for (const [key, frame] of this.firsts)
      if (this.begin(frame.at) >= hour) {
        done.push(frame);
        this.firsts.delete(key);
      }
    return done;
  }
}

/**
 * The pictures asked for, in order, one more than `limit` where there are more.
 * Hours are read only until there are enough.
 */
export async function findInHours(wanted: Wanted, hours: Hours): Promise<KeptFrame[]> {
  const { everyMs, after, order, limit } = wanted;
  let { from, to } = wanted;
  // a piece of time that the cursor stands in may have begun in an hour before
  if (after && order === 'oldest')
    from = Math.max(from ?? 0, everyMs ? Math.floor(after.at / everyMs) * everyMs : after.at);
  if (after && order === 'newest') to = Math.min(to ?? Infinity, after.at + 1);
  const all = hoursBetween(hours, wanted.stream, from, to);
  if (order === 'newest') all.reverse();
  const firsts = everyMs ? new Firsts(everyMs) : null;
  const told = new Set<string>();
  const found: KeptFrame[] = [];
  for (const [index, [hour, streams]] of all.entries()) {
    if (!firsts && order === 'oldest') {
      found.push(...(await firstOfHour(hours, streams, hour, wanted, limit + 1 - found.length)));
      if (found.length > limit) break;
      continue;
    }
    let matching: KeptFrame[] = [];
    const read = await eachAtOnce(streams, (stream) => hours.read(stream, hour));
    for (const content of read)
      for (const frame of content?.frames ?? []) if (fits(frame, wanted)) matching.push(frame);
    if (firsts) {
      for (const frame of matching) firsts.add(frame);
      const last = index === all.length - 1;
      matching = firsts.take(last ? 0 : order === 'newest' ? hour : 0);
      if (order === 'oldest') matching = matching.filter((frame) => isNew(told, frame, firsts));
    }
    found.push(...matching.filter((frame) => isAfter(frame, wanted)).sort(inOrder(order)));
    if (found.length > limit) break;
  }
  // a piece of time that waited for its beginning comes out behind others of its hour
  if (firsts) found.sort(inOrder(order));
  return found.slice(0, limit + 1);
}

/** Files that are read at the same time. */
const AT_ONCE = 16;

/** Do something for each of a list, for some of them at once; the results are in the order of the list. */
async function eachAtOnce<T, Result>(
  list: readonly T[],
  work: (one: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < list.length; from += AT_ONCE)
    results.push(...(await Promise.all(list.slice(from, from + AT_ONCE).map(work))));
  return results;
}

/** Of one stream's hour: what of it was found to fit, up to where it was read. */
class Search {
  found: KeptFrame[] = [];
  private looked = 0;

  constructor(
    readonly file: HourSoFar,
    private readonly wanted: Wanted,
  ) {}

  /** Nothing earlier than this can come any more. */
  get reach(): number {
    const { file } = this;
    return file.done ? Infinity : (file.content.frames[settled(file)]?.at ?? -Infinity);
  }

  look(): void {
    const { content } = this.file;
    // all was sorted anew
    if (!content.ordered) [this.looked, this.found] = [0, []];
    const until = settled(this.file);
    for (; this.looked < until; this.looked++) {
      const frame = content.frames[this.looked]!;
      if (fits(frame, this.wanted) && isAfter(frame, this.wanted)) this.found.push(frame);
    }
  }
}

/** The first pictures of an hour that fit, in order; its files are read only until `most` are found. */
async function firstOfHour(
  hours: Hours,
  streams: readonly string[],
  hour: number,
  wanted: Wanted,
  most: number,
): Promise<KeptFrame[]> {
  const begun = await eachAtOnce(streams, async (stream) => {
    const file = await hours.begin(stream, hour);
    if (file && file.content.lines === 0) await file.more();
    return file;
  });
  const searches = begun.filter((file) => file !== null).map((file) => new Search(file, wanted));
  for (;;) {
    for (const search of searches) search.look();
    const reach = Math.min(...searches.map((search) => search.reach));
    const found = searches.flatMap((search) => search.found.slice(0, firstFrom(search.found, reach)));
    if (reach === Infinity || found.length >= most) return found.sort(byTime);
    const behind = searches.filter((search) => search.reach === reach);
    await eachAtOnce(behind, (search) => search.file.more());
  }
}

/** Whether nothing was told of this piece of time yet, when going forward. */
function isNew(told: Set<string>, frame: KeptFrame, firsts: Firsts): boolean {
  const key = `${frame.stream}/${firsts.begin(frame.at)}`;
  if (told.has(key)) return false;
  told.add(key);
  return true;
}

/** Pictures by stream and piece of time, counted from `from` on; in the order of time, then stream. */
export class BucketCounter {
  private readonly buckets = new Map<string, FrameBucket>();

  constructor(
    private readonly from: number,
    private readonly everyMs: number,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  add(frame: KeptFrame, changed: boolean): void {
    const at = this.from + Math.floor((frame.at - this.from) / this.everyMs) * this.everyMs;
    const { stream, bytes } = frame;
    this.merge({ stream, at, frames: 1, changed: changed ? 1 : 0, bytes, first: frame });
  }

  merge(bucket: FrameBucket): void {
    const key = `${bucket.stream}/${bucket.at}`;
    const known = this.buckets.get(key);
    if (!known) {
      this.buckets.set(key, bucket);
      return;
    }
    known.frames += bucket.frames;
    known.changed += bucket.changed;
    known.bytes += bucket.bytes;
    if (byTime(bucket.first, known.first) < 0) known.first = bucket.first;
  }

  all(): FrameBucket[] {
    return [...this.buckets.values()].sort(
      (a, b) => a.at - b.at || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0),
    );
  }
}

/** The picture on air at a time, else the nearest before or after; null where a stream has none. */
export async function nearestInHours(hours: Hours, stream: string, at: number): Promise<KeptFrame | null> {
  const all = hoursBetween(hours, stream, null, null).map(([hour]) => hour);
  let before: KeptFrame | null = null;
  for (const hour of all.filter((one) => one <= hourOf(at)).reverse()) {
    before = (await hours.read(stream, hour))?.frames.findLast((frame) => frame.at <= at) ?? null;
    if (before) break;
  }
  if (before && before.until >= at) return before;
  for (const hour of all.filter((one) => one >= hourOf(at))) {
    const behind = (await hours.read(stream, hour))?.frames.find((frame) => frame.at > at);
    if (!behind) continue;
    return before && at - before.until <= behind.at - at ? before : behind;
  }
  return before;
}
