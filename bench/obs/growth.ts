// Whether 100 000 events leave anything behind on the heap.
import { join } from 'node:path';
import { answerOf } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { alternate, median } from '../support/rounds';

const ROUNDS = 5;
const KB = 1024;
/** what the engine itself moves about between two full collections; one kept object of each event would be ten times as much */
const TOLERANCE_KB = 1024;

/** Growth of the collected heap over 100 000 events after a warm-up: Node-RED with our event node, and the bare library. */
export async function growthFigures(): Promise<Figure[]> {
  const measure = (kind: string) => () => answerOf<number>(join(__dirname, 'growth-child.ts'), [kind]);
  const values = await alternate(ROUNDS, 0, { ours: measure('ours'), bare: measure('bare') });
  return [
    figure({
      name: 'heap growth over 100,000 events',
      unit: 'kB',
      ours: median(values.ours) / KB,
      baseline: median(values.bare) / KB,
      goal: `none: under ${TOLERANCE_KB} kB`,
      isMet: ({ ours }) => ours < TOLERANCE_KB,
    }),
  ];
}
