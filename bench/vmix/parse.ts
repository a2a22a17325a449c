// The whole parse of a state document, beside the library alone.
import { parseState } from '../../lib/vmix/state';
import { writeDocument } from '../../simulators/vmix/document';
import { startVmixSimulator } from '../../simulators/vmix';
import { figure, type Figure } from '../support/figures';
import { alternate, compare } from '../support/rounds';
import { parseBare } from './library';

const ROUNDS = 9;
const SIZES = [20, 200, 1000];
/** inputs parsed in each round, whatever the size */
const INPUTS = 2000;

/** A document of a show with so many inputs. */
export async function documentOf(inputs: number): Promise<string> {
  const simulator = await startVmixSimulator({ inputs });
  const document = writeDocument(simulator.state);
  await simulator.close();
  return document;
}

export async function parseFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const inputs of SIZES) {
    const document = await documentOf(inputs);
    const times = INPUTS / inputs;
    const values = await alternate(ROUNDS, 2, {
      ours: () => each(times, () => parseState(document)),
      bare: () => each(times, () => parseBare(document)),
    });
    figures.push(
      figure({
        name: `processor time of one document of ${inputs} inputs (${Math.round(document.length / 1024)} kB)`,
        unit: 'ms',
        ...compare(values.ours, values.bare),
        goal: 'at most 1.3 times the library alone',
        isMet: ({ ratio }) => ratio !== null && ratio <= 1.3,
      }),
    );
  }
  return figures;
}

/** Milliseconds of processor time for each call. */
function each(times: number, call: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) call();
  const { user, system } = process.cpuUsage(before);
  return Promise.resolve((user + system) / 1000 / times);
}
