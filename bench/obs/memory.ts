// What a connection costs, with 1, 10 and 50 of them; each measured in a process of its own.
import { join } from 'node:path';
import { answerOf } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { alternate, median } from '../support/rounds';
import { startSource } from './source';

const ROUNDS = 5;
const MB = 1024 * 1024;

/** Resident memory for each connection, the libraries already loaded. */
export async function memoryFigures(): Promise<Figure[]> {
  const source = await startSource();
  const measure = (kind: string, count: number) => () =>
    answerOf<number>(join(__dirname, 'memory-child.ts'), [kind, String(source.port), String(count)]);
  const figures: Figure[] = [];
  try {
    for (const count of [1, 10, 50]) {
      const values = await alternate(ROUNDS, 0, {
        ours: measure('ours', count),
        bare: measure('bare', count),
      });
      figures.push(
        figure({
          name: `memory per connection, ${count} open`,
          unit: 'MB',
          ours: median(values.ours) / MB,
          baseline: median(values.bare) / MB,
          goal: 'under 2 MB',
          isMet: ({ ours }) => ours < 2,
        }),
      );
    }
    return figures;
  } finally {
    await source.close();
  }
}
