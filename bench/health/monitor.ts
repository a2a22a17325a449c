// The rules by themselves: samples a second on one core, and whether a long show leaves anything on the heap.
import { join } from 'node:path';
import { answerOf } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { alternate, median } from '../support/rounds';

const ROUNDS = 7;
const GROWTH_ROUNDS = 5;
const KB = 1024;
/** what the engine itself moves about between two full collections; 200,000 samples of one kept number each are 1,600 kB */
const TOLERANCE_KB = 512;

export async function monitorFigures(): Promise<Figure[]> {
  const measure = (what: string, kind: string) => () =>
    answerOf<number>(join(__dirname, 'monitor-child.ts'), [what, kind]);
  const rates = await alternate(ROUNDS, 0, {
    calm: measure('rate', 'calm'),
    trouble: measure('rate', 'trouble'),
  });
  const grown = await alternate(GROWTH_ROUNDS, 0, {
    calm: measure('growth', 'calm'),
    trouble: measure('growth', 'trouble'),
  });
  const shows = {
    calm: 'a show without a fault',
    trouble: 'a show with a fault every quarter of an hour',
  } as const;
  return (['calm', 'trouble'] as const).flatMap((kind) => [
    figure({
      name: `rules evaluated, ${shows[kind]}`,
      unit: 'samples/s of CPU',
      ours: median(rates[kind]),
      goal: 'at least 100,000',
      isMet: ({ ours }) => ours >= 100_000,
    }),
    figure({
      name: `heap growth over 200,000 samples, ${shows[kind]}`,
      unit: 'kB',
      ours: median(grown[kind]) / KB,
      goal: `none: under ${TOLERANCE_KB} kB`,
      isMet: ({ ours }) => ours < TOLERANCE_KB,
    }),
  ]);
}
