// How many pictures a second the store keeps, and how long a question about one hour of a long day takes.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hourFolder } from '../../lib/frames/store/layout';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { FrameQuery } from '../../lib/frames/store/types';
import type { Frame } from '../../lib/frames/types';
import { CHANGED, fillStore, frameOf, SHOW_STARTS } from '../../test/support/frames';
import { removeTempDir, tempDir } from '../../test/support/temp';
import { waitFor } from '../../test/support/wait';
import { figure, type Figure } from '../support/figures';
import { alternate, compare, median } from '../support/rounds';

const ROUNDS = 5;
const STREAMS = 10;
const PICTURES = 400;
/** a picture 1280 wide */
const BYTES = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** of 864,000 samples of ten streams in a day, so many are kept: a change every five seconds */
const A_DAY = STREAMS * (DAY_MS / 5000);
const NO_LIMITS = { keepDays: null, mostBytes: null, leastFreeBytes: null };

export async function keepingFigures(): Promise<Figure[]> {
  const frames = Array.from({ length: PICTURES }, (_, index) => {
    const frame = frameOf(`cam-${index % STREAMS}`, SHOW_STARTS + index * 100, index);
    const jpeg = Buffer.concat([frame.jpeg, Buffer.alloc(BYTES - frame.jpeg.length, index)]);
    return { ...frame, jpeg, small: frame.jpeg };
  });
  const rates = await alternate(ROUNDS, 1, {
    ours: () => kept(frames),
    bare: () => Promise.resolve(written(frames)),
  });
  return [
    figure({
      name: `pictures kept, ${BYTES / 1000} kB each, on the disk before they count, beside writing files and lines that nobody waits for`,
      unit: '1/s',
      ...compare(rates.ours, rates.bare, true),
    }),
    ...(await questionFigures()),
  ];
}

async function kept(frames: readonly Frame[]): Promise<number> {
  const folder = tempDir('bench-store');
  const store = new FolderFrameStore({ folder, ...NO_LIMITS });
  await store.opened();
  const began = performance.now();
  await Promise.all(frames.map((frame) => store.put(frame, CHANGED)));
  const rate = (frames.length * 1000) / (performance.now() - began);
  await store.close();
  removeTempDir(folder);
  return rate;
}

function written(frames: readonly Frame[]): number {
  const folder = tempDir('bench-plain');
  const began = performance.now();
  for (const { stream, at, seq, jpeg } of frames) {
    writeFileSync(join(folder, `${stream}-${at}-${seq}.jpg`), jpeg);
    appendFileSync(join(folder, `${stream}.ndjson`), `${JSON.stringify({ stream, at, seq })}\n`);
  }
  const rate = (frames.length * 1000) / (performance.now() - began);
  removeTempDir(folder);
  return rate;
}

async function questionFigures(): Promise<Figure[]> {
  const folder = tempDir('bench-day');
  fillStore(folder, { frames: A_DAY, streams: STREAMS, everyMs: 5000, pictures: false });
  try {
    // closed by a store with DuckDB, so that the hours have their Parquet, which the store without it does not look at
    await parquetOf(folder);
    return [
      ...(await askedIn(folder, 'with DuckDB installed')),
      ...(await askedIn(folder, 'without DuckDB')),
    ];
  } finally {
    removeTempDir(folder);
  }
}

async function parquetOf(folder: string): Promise<void> {
  const store = new FolderFrameStore({ folder, ...NO_LIMITS });
  await store.opened();
  await store.use();
  const last = { stream: `cam-${STREAMS}`, hour: SHOW_STARTS + 22 * HOUR_MS };
  await waitFor(() => existsSync(join(hourFolder(folder, last.stream, last.hour), 'summary.json')), {
    timeoutMs: 300_000,
    message: 'the hours to be closed',
  });
  await store.close();
}

/** Each hour for the first time and once more, beside the same lines read with JSON.parse. */
async function askedIn(folder: string, how: string): Promise<Figure[]> {
  const none = () => Promise.reject(new Error('left out'));
  const options = how.startsWith('without') ? { duck: none } : {};
  const store = new FolderFrameStore({ folder, ...NO_LIMITS }, options);
  await store.opened();
  await store.use();
  const times: Record<'one' | 'all' | 'again' | 'plain', number[]> = {
    one: [],
    all: [],
    again: [],
    plain: [],
  };
  const by = new Set<string>();
  const ask = async (query: FrameQuery, pictures: number): Promise<number> => {
    const began = performance.now();
    const answer = await store.find({ ...query, limit: 1000 });
    const took = performance.now() - began;
    by.add(answer.by);
    if (answer.frames.length !== pictures)
      throw new Error(`${pictures} pictures, not ${answer.frames.length}`);
    return took;
  };
  for (let hour = 0; hour < 22; hour++) {
    const range = { from: SHOW_STARTS + hour * HOUR_MS, to: SHOW_STARTS + (hour + 1) * HOUR_MS };
    if (hour % 2) {
      times.one.push(await ask({ ...range, stream: `cam-${(hour % STREAMS) + 1}` }, 720));
      continue;
    }
    // who is first warms the disk for the other
    if (hour % 4) times.plain.push(await parsed(folder, range.from));
    times.all.push(await ask(range, 1000));
    times.again.push(await ask(range, 1000));
    if (hour % 4 === 0) times.plain.push(await parsed(folder, range.from));
  }
  await store.close();
  const goal = { unit: 'ms', goal: 'at most 50 ms', isMet: ({ ours }: { ours: number }) => ours <= 50 };
  const said = `of a day of ten streams, ${A_DAY} pictures, ${how}, by ${[...by].join(' and ')}`;
  return [
    figure({
      ...goal,
      name: `one hour of one stream asked for, ${said}; each hour for the first time`,
      ours: median(times.one),
    }),
    figure({
      ...goal,
      name: `one hour of all ten streams asked for, its first 1,000 pictures, ${said}; each hour for the first time, beside reading all its lines with JSON.parse`,
      ...compare(times.all, times.plain),
    }),
    figure({
      ...goal,
      name: `the same once more, ${how}`,
      ...compare(times.again, times.plain),
    }),
  ];
}

/** The lines of an hour of all streams, as anybody would read them. */
async function parsed(folder: string, hour: number): Promise<number> {
  const began = performance.now();
  const rows: { at: number }[] = [];
  for (let camera = 1; camera <= STREAMS; camera++) {
    const text = await readFile(join(hourFolder(folder, `cam-${camera}`, hour), 'index.ndjson'), 'utf8');
    for (const line of text.trimEnd().split('\n')) rows.push(JSON.parse(line) as { at: number });
  }
  rows.sort((a, b) => a.at - b.at);
  return performance.now() - began;
}
