/** Questions put to what answers them best: closed hours with Parquet to DuckDB, all others to their lines. The answer is the same. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { LiveError, fail } from '../../errors';
import type { Catalog } from './catalog';
import type { Duck } from './duckdb';
import { BucketCounter, Firsts, type Hours, findInHours, hoursBetween } from './find';
import { HOUR_MS, PARQUET } from './layout';
import { bucketsInParquet, findInParquet, isPlainPath, staysInHour } from './parquet';
import { type Wanted, inOrder, isAfter, isChange } from './query';
import { readSummary, stateOf } from './summary';
import type { FrameAnswer, FrameBucket, KeptFrame } from './types';

export const MOST_BUCKETS = 5000;

/** So many hours are asked before the others, then four times as many, and so on. */
const FIRST_HOURS = 12;

/** What answers long questions. */
export interface Engine {
  /** null where there is none */
  duck: () => Promise<Duck | null>;
  /** lines that would have to be read, below which they are read all the same: that is quicker */
  leastLines: number;
  /** DuckDB could not answer; the lines do */
  failed: (error: unknown) => void;
}

type Pair = readonly [stream: string, hour: number];
const keyOf = ([stream, hour]: Pair): string => `${stream}/${hour}`;

/** Those of the hours whose Parquet fits their lines. */
async function withParquet(catalog: Catalog, pairs: readonly Pair[]): Promise<Pair[]> {
  const fits = await Promise.all(
    pairs.map(async ([stream, hour]) => {
      const files = catalog.all.get(stream);
      if (!files || files.content?.hour === hour || !isPlainPath(files.root)) return false;
      const folder = files.folder(hour);
      const known = files.summaries.get(hour) ?? (await readSummary(folder));
      if (!known?.parquet) return false;
      files.summaries.set(hour, known);
      try {
        const [{ size, changedMs }, parquet] = await Promise.all([
          stateOf(folder),
          lstat(join(folder, PARQUET)),
        ]);
        return (
          size === known.size &&
          changedMs === known.changedMs &&
          parquet.isFile() &&
          parquet.size === known.parquet
        );
      } catch {
        return false;
      }
    }),
  );
  return pairs.filter((_, index) => fits[index]);
}

/** The same hours without some of them. */
function without(hours: Hours, pairs: readonly Pair[]): Hours {
  const left = new Set(pairs.map(keyOf));
  return {
    streams: () => hours.streams(),
    hoursOf: (stream) => [...hours.hoursOf(stream)].filter((hour) => !left.has(keyOf([stream, hour]))),
    begin: (stream, hour) => hours.begin(stream, hour),
    read: (stream, hour) => hours.read(stream, hour),
  };
}

interface Split {
  duck: Duck;
  parquet: Pair[];
  rest: Hours;
  root: string;
}

/** Which hours DuckDB shall answer for; null where it is not worth while, or not there. `most`: lines that have to be read at most. */
async function split(
  catalog: Catalog,
  engine: Engine,
  hours: Hours,
  range: Pick<Wanted, 'stream' | 'from' | 'to'>,
  most = Infinity,
): Promise<Split | null> {
  if (most < engine.leastLines) return null;
  const all = hoursBetween(hours, range.stream, range.from, range.to).flatMap(([hour, streams]) =>
    streams.map((stream) => [stream, hour] as const),
  );
  const parquet = await withParquet(catalog, all);
  const lines = parquet.reduce(
    (sum, [stream, hour]) => sum + (catalog.all.get(stream)?.summaries.get(hour)?.lines ?? 0),
    0,
  );
  const root = parquet[0] && catalog.all.get(parquet[0][0])?.root;
  if (!root || lines < engine.leastLines) return null;
  const duck = await engine.duck();
  return duck && { duck, parquet, rest: without(hours, parquet), root };
}

/** The pictures asked for, one more than `limit` where there are more. */
export async function findFrames(
  catalog: Catalog,
  engine: Engine,
  wanted: Wanted,
): Promise<{ found: KeptFrame[]; by: FrameAnswer['by']; unreadable: FrameAnswer['unreadable'] }> {
  const { hours, unreadable } = catalog.reading();
  const { after, order, everyMs, limit } = wanted;
  try {
    const narrow =
      after && !everyMs
        ? { [order === 'oldest' ? 'from' : 'to']: after.at + (order === 'oldest' ? 0 : 1) }
        : {};
    // of a question for a time alone, lines are read only until there are enough
    const plain = !everyMs && !wanted.similar && !wanted.changedOnly;
    const range = { ...wanted, ...within(wanted, narrow) };
    const parts = await split(catalog, engine, hours, range, plain ? limit + 1 : undefined);
    const straddles = everyMs !== null && !staysInHour(everyMs);
    // all first ones are handed over then: for many of them everybody in this process would wait
    const tooMany = straddles && ((parts?.parquet.length ?? 0) * HOUR_MS) / everyMs > MOST_BUCKETS;
    if (parts && !tooMany) {
      const { duck, parquet, rest, root } = parts;
      const mine = straddles ? { ...wanted, after: null, limit: Infinity } : wanted;
      const some = straddles
        ? await findInParquet(duck, root, parquet, wanted)
        : await findByAndBy(duck, root, parquet, wanted);
      let found = [...some, ...(await findInHours(mine, rest))];
      if (straddles) {
        const firsts = new Firsts(everyMs);
        for (const frame of found) firsts.add(frame);
        found = firsts.take(0).filter((frame) => isAfter(frame, wanted));
      }
      return { found: found.sort(inOrder(order)).slice(0, limit + 1), by: 'duckdb', unreadable };
    }
  } catch (error) {
    engine.failed(error);
  }
  return { found: await findInHours(wanted, hours), by: 'ndjson', unreadable };
}

/** The first hours first: mostly they have enough, and nothing in later ones can come before that. */
async function findByAndBy(
  duck: Duck,
  root: string,
  pairs: readonly Pair[],
  wanted: Wanted,
): Promise<KeptFrame[]> {
  const inTurn = wanted.order === 'oldest' ? pairs : [...pairs].reverse();
  const found: KeptFrame[] = [];
  let done = 0;
  for (let many = FIRST_HOURS; done < inTurn.length && found.length <= wanted.limit; many *= 4) {
    let cut = Math.min(done + many, inTurn.length);
    // whole hours of all streams
    while (cut < inTurn.length && inTurn[cut]![1] === inTurn[cut - 1]![1]) cut++;
    found.push(...(await findInParquet(duck, root, inTurn.slice(done, cut), wanted)));
    done = cut;
  }
  return found;
}

/** A range made narrower by a cursor, never wider. */
function within(
  { from, to }: Wanted,
  narrow: { from?: number; to?: number },
): { from: number | null; to: number | null } {
  return {
    from: narrow.from === undefined ? from : Math.max(from ?? 0, narrow.from),
    to: narrow.to === undefined ? to : Math.min(to ?? Infinity, narrow.to),
  };
}

/** Counts by stream and piece of time. @throws LiveError FRAMES_QUERY_INVALID for more than 5,000 */
export async function countFrames(
  catalog: Catalog,
  engine: Engine,
  query: { stream: string | null; from: number; to: number; everyMs: number },
): Promise<FrameBucket[]> {
  const { stream, from, to, everyMs } = query;
  const { hours } = catalog.reading();
  const counter = new BucketCounter(from, everyMs);
  let rest = hours;
  try {
    const parts = await split(catalog, engine, hours, { stream, from, to });
    if (parts) {
      const { duck, parquet, root } = parts;
      const counted = await bucketsInParquet(duck, root, parquet, query, MOST_BUCKETS + 1);
      for (const bucket of counted) counter.merge(bucket);
      if (counter.size > MOST_BUCKETS) throw tooMany();
      ({ rest } = parts);
    }
  } catch (error) {
    if (error instanceof LiveError) throw error;
    engine.failed(error);
  }
  for (const [hour, streams] of hoursBetween(rest, stream, from, to))
    for (const name of streams) {
      for (const frame of (await rest.read(name, hour))?.frames ?? [])
        if (frame.at >= from && frame.at < to) counter.add(frame, isChange(frame));
      if (counter.size > MOST_BUCKETS) throw tooMany();
    }
  if (counter.size > MOST_BUCKETS) throw tooMany();
  return counter.all();
}

function tooMany(): LiveError {
  return fail('FRAMES_QUERY_INVALID', { reason: `more than ${MOST_BUCKETS} buckets; ask for longer ones` });
}
