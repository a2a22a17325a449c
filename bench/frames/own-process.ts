// What it costs that the ingest is in a process of its own: both processes together beside the one, with the same ten streams at the same time.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from '../../test/support/wait';
import { startChild } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { compare, median } from '../support/rounds';
import { clip } from './clips';
import { publisher } from './others';
import { childrenOf, processorMs } from './processor';

const STREAMS = 10;
const ROUNDS = 5;
const BEGIN_MS = 4_000;
const ROUND_MS = 8_000;

export async function ownProcessFigures(): Promise<Figure[]> {
  const shown = clip('1080p30');
  const file = join(__dirname, 'ingest-child.ts');
  const [together, apart] = [startChild(file), startChild(file, ['own'])];
  const ports = await Promise.all([together, apart].map(portOf));
  const names = Array.from({ length: STREAMS }, (_, index) => `guest-${index}`);
  const senders = names.flatMap((name) =>
    ports.map((port) => publisher(shown, `rtmp://127.0.0.1:${port}/live/${name}`)),
  );
  for (const child of [together, apart]) await allPublish(child);
  await pause(BEGIN_MS);
  const [reader] = childrenOf(apart.pid!);
  if (reader === undefined) throw new Error('it has no process of its own');
  const used = () => ({
    together: processorMs(together.pid!),
    here: processorMs(apart.pid!),
    there: processorMs(reader),
  });
  const percents: Record<keyof ReturnType<typeof used>, number[]> = { together: [], here: [], there: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const [before, began] = [used(), performance.now()];
    await pause(ROUND_MS);
    const [after, tookMs] = [used(), performance.now() - began];
    for (const one of ['together', 'here', 'there'] as const)
      percents[one].push((((after[one] - before[one]) / tookMs) * 100) / STREAMS);
  }
  for (const one of [...senders, together, apart]) one.kill('SIGKILL');
  const both = percents.here.map((percent, round) => percent + percents.there[round]!);
  const unit = '% of a core';
  return [
    figure({
      name: `the ingest in a process of its own for each of ${STREAMS} streams of 1080p30, both processes, beside the one`,
      unit,
      ...compare(both, percents.together),
    }),
    figure({ name: 'of that in Node-RED itself', unit, ours: median(percents.here) }),
  ];
}

async function portOf(child: ChildProcess): Promise<number> {
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return port;
}

async function allPublish(child: ChildProcess): Promise<void> {
  await waitFor(
    async () => {
      child.send({});
      const [{ publishers }] = (await once(child, 'message')) as [{ publishers: number }];
      return publishers === STREAMS;
    },
    { timeoutMs: 60_000, intervalMs: 500, message: 'all to publish' },
  );
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
