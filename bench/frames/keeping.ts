// How many pictures a second the store keeps, and how long a question about one hour of a long day takes.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { Frame } from '../../lib/frames/types';
import { CHANGED, fillStore, frameOf, SHOW_STARTS } from '../../test/support/frames';
import { removeTempDir, tempDir } from '../../test/support/temp';
import { figure, type Figure } from '../support/figures';
import { alternate, compare, median } from '../support/rounds';

const ROUNDS = 5;
const STREAMS = 10;
const PICTURES = 400;
/** a picture 1280 wide */
const BYTES = 60_000;
const DAY_MS = 24 * 3_600_000;
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
  const store = new FolderFrameStore({ folder, ...NO_LIMITS });
  await store.opened();
  await store.use();
  const hours = Array.from({ length: 23 }, (_, hour) => SHOW_STARTS + hour * 3_600_000);
  const times: number[] = [];
  const by = new Set<string>();
  for (const [index, from] of hours.entries()) {
    const stream = `cam-${(index % STREAMS) + 1}`;
    const began = performance.now();
    const answer = await store.find({ stream, from, to: from + 3_600_000, limit: 1000 });
    times.push(performance.now() - began);
    by.add(answer.by);
    if (answer.frames.length !== 720)
      throw new Error(`an hour has 720 pictures, not ${answer.frames.length}`);
  }
  await store.close();
  removeTempDir(folder);
  return [
    figure({
      name: `one hour of one stream asked for, of a day of ten streams, ${A_DAY} pictures; each hour for the first time, by ${[...by].join(' and ')}`,
      unit: 'ms',
      ours: median(times),
      goal: 'at most 50 ms',
      isMet: ({ ours }) => ours <= 50,
    }),
  ];
}
