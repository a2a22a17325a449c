import type { FrameBucket, FrameStore } from '../../frames/store/types';
import type { IndexEntry, PageIndex } from './view';

/** What a store answers at once is 5,000. */
const MOST_AT_ONCE = 4_800;
/** What a phone draws without effort: 14 days of one stream, minute by minute, or a day of ten. */
export const MOST_ENTRIES = 20_000;
const HOUR_MS = 3_600_000;

/**
 * Where there are pictures, piece by piece of `everyMs`: the newest `mostEntries` or so, in whole hours. Empty hours cost nothing: the hours
 * are asked for first. Rejects with what the store rejects with.
 */
export async function pageIndex(
  store: Pick<FrameStore, 'buckets'>,
  streams: readonly { stream: string; first: number; last: number }[],
  wish: { from: number; to: number; everyMs: number },
  mostEntries = MOST_ENTRIES,
): Promise<PageIndex> {
  const { everyMs, to } = wish;
  const spans = streams.map(({ stream, first, last }) => ({
    stream,
    from: Math.max(wish.from, first),
    to: Math.min(to, last + 1),
  }));
  const hours = await Promise.all(
    spans.map(async (span) =>
      span.to > span.from
        ? (await bucketsOf(store, span.stream, floor(span.from, HOUR_MS), span.to, HOUR_MS)).map(
            ({ at }) => at,
          )
        : [],
    ),
  );
  const from = cutAt(hours, Math.max(1, Math.ceil(HOUR_MS / everyMs)), mostEntries, wish.from);
  const entries: IndexEntry[] = [];
  for (const [index, { stream, to: end }] of spans.entries())
    for (const run of runsOf(hours[index]!.filter((hour) => hour + HOUR_MS > from)))
      for (const bucket of await bucketsOf(
        store,
        stream,
        Math.max(run.from, from),
        Math.min(run.to, end),
        everyMs,
      ))
        entries.push([index, bucket.at, bucket.frames, bucket.changed, nameOf(bucket)]);
  entries.sort((one, other) => one[1] - other[1] || one[0] - other[0]);
  const older = hours.some((all) => all.some((hour) => hour + HOUR_MS <= from));
  return { everyMs, from, to, older, streams: streams.map(({ stream }) => stream), entries };
}

/** Where the newest hours begin that together have no more than so many pieces; at least one hour. */
function cutAt(hours: readonly number[][], perHour: number, most: number, from: number): number {
  const all = hours.flat().sort((one, other) => other - one);
  const cut = all[Math.max(1, Math.floor(most / perHour))];
  return cut === undefined ? from : Math.max(from, cut + HOUR_MS);
}

/** Hours as pieces of time without gaps. */
function runsOf(hours: readonly number[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const hour of hours) {
    const last = runs.at(-1);
    if (last?.to === hour) last.to = hour + HOUR_MS;
    else runs.push({ from: hour, to: hour + HOUR_MS });
  }
  return runs;
}

async function bucketsOf(
  store: Pick<FrameStore, 'buckets'>,
  stream: string,
  from: number,
  to: number,
  everyMs: number,
): Promise<FrameBucket[]> {
  const all: FrameBucket[] = [];
  for (let at = from; at < to; at += MOST_AT_ONCE * everyMs)
    all.push(
      ...(await store.buckets({ stream, from: at, to: Math.min(to, at + MOST_AT_ONCE * everyMs), everyMs })),
    );
  return all;
}

function floor(at: number, everyMs: number): number {
  return Math.floor(at / everyMs) * everyMs;
}

function nameOf({ first }: FrameBucket): string {
  return first.id.slice(first.id.indexOf('/') + 1);
}
