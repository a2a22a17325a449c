// How long one large message holds up everything else.
import { hash, randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { encodeEntry, NO_HASH, sourceText } from '../../lib/witness/entry';
import { projectMessage } from '../../lib/witness/project';
import { leafHash } from '../../lib/witness/tree';
import { figure, type Figure } from '../support/figures';
import { alternate, compare } from '../support/rounds';
import { SOURCE } from './messages';

const ROUNDS = 9;
const BYTES = 8 * 1024 * 1024;
const TURNS_AROUND = 20;

export async function largeFigures(): Promise<Figure[]> {
  const payload = randomBytes(BYTES);
  const msg = { topic: 'picture', payload };
  const src = sourceText(SOURCE);
  const values = await alternate(ROUNDS, 1, {
    ours: () =>
      worstTurn(() => {
        const t = new Date().toISOString();
        const data = projectMessage(msg);
        leafHash(encodeEntry({ seq: 1, t, mono: 1, type: 'picture', src, data, prev: NO_HASH }));
      }),
    hash: () => worstTurn(() => void hash('sha256', payload, 'hex')),
  });
  return [
    figure({
      name: 'event-loop delay for an 8 MiB Buffer message, beside hashing it',
      unit: 'ms',
      ...compare(values.ours, values.hash),
      goal: 'at most 60 ms',
      isMet: ({ ours }) => ours <= 60,
    }),
  ];
}

/** The longest that one turn of the event loop took, ms, while `work` was done in one of them. */
async function worstTurn(work: () => void): Promise<number> {
  let worst = 0;
  for (let count = 0; count < 2 * TURNS_AROUND; count++) {
    const before = performance.now();
    if (count === TURNS_AROUND) setImmediate(work);
    await turn();
    worst = Math.max(worst, performance.now() - before);
  }
  return worst;
}
