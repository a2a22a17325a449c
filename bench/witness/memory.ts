// Whether a long evening leaves anything on the heap, and what a large log needs to be verified.
import { join } from 'node:path';
import { answerOf } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { alternate, median } from '../support/rounds';
import { discard, freshPath } from './disk';
import type { Written } from './memory-child';

const ROUNDS = 5;
const KB = 1024;
const MB = KB * KB;
/** what the engine itself moves about between two full collections; one kept number of each entry would be 1600 kB */
const TOLERANCE_KB = 1024;
const SMALL = 20_000;
const LARGE = 200_000;
const child = join(__dirname, 'memory-child.ts');

export async function memoryFigures(): Promise<Figure[]> {
  const [small, large] = [await written(SMALL), await written(LARGE)];
  const values = await alternate(ROUNDS, 0, {
    growth: () => answerOf<number>(child, ['growth']),
    small: () => answerOf<number>(child, ['verify', small.folder, small.vkey]),
    large: () => answerOf<number>(child, ['verify', large.folder, large.vkey]),
  });
  for (const { folder } of [small, large]) discard(folder);
  return [
    figure({
      name: 'heap growth over 200,000 recorded entries',
      unit: 'kB',
      ours: median(values.growth) / KB,
      goal: `none: under ${TOLERANCE_KB} kB`,
      isMet: ({ ours }) => ours < TOLERANCE_KB,
    }),
    figure({
      name: `memory to verify a log of ${Math.round(large.bytes / MB)} MB at most, beside one of ${Math.round(small.bytes / MB)} MB`,
      unit: 'MB',
      ours: median(values.large) / MB,
      baseline: median(values.small) / MB,
    }),
  ];
}

function written(count: number): Promise<Written> {
  return answerOf<Written>(child, ['write', String(count), freshPath('kept')]);
}
