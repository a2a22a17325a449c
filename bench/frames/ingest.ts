// What the ingest itself costs, ten streams at once, without pictures; nginx-rtmp takes the same ten beside it.
import { once } from 'node:events';
import { join } from 'node:path';
import { startNginxRtmp } from '../../test/support/servers';
import { waitFor } from '../../test/support/wait';
import { startChild } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { compare } from '../support/rounds';
import { clip } from './clips';
import { publisher } from './others';
import { childrenOf, processorMs } from './processor';

const STREAMS = 10;
const ROUNDS = 5;
const BEGIN_MS = 4_000;
const ROUND_MS = 8_000;

export async function ingestFigures(): Promise<Figure[]> {
  const shown = clip('1080p30');
  const child = startChild(join(__dirname, 'ingest-child.ts'));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const nginx = await startNginxRtmp();
  const names = Array.from({ length: STREAMS }, (_, index) => `guest-${index}`);
  const senders = names.flatMap((name) => [
    publisher(shown, `rtmp://127.0.0.1:${port}/live/${name}`),
    publisher(shown, `${nginx.server}/${name}`),
  ]);
  await waitFor(
    async () => {
      child.send({});
      const [{ publishers }] = (await once(child, 'message')) as [{ publishers: number }];
      return publishers === STREAMS;
    },
    { timeoutMs: 60_000, intervalMs: 500, message: 'all to publish' },
  );
  await pause(BEGIN_MS);
  const ours: number[] = [];
  const theirs: number[] = [];
  const workers = () => [nginx.pid, ...childrenOf(nginx.pid)].reduce((ms, pid) => ms + processorMs(pid), 0);
  for (let round = 0; round < ROUNDS; round++) {
    const before = { ours: processorMs(child.pid!), theirs: workers() };
    const began = performance.now();
    await pause(ROUND_MS);
    const perStream = (ms: number) => ((ms / (performance.now() - began)) * 100) / STREAMS;
    ours.push(perStream(processorMs(child.pid!) - before.ours));
    theirs.push(perStream(workers() - before.theirs));
  }
  for (const one of [...senders, child]) one.kill('SIGKILL');
  await nginx.close();
  return [
    figure({
      name: `the ingest for each of ${STREAMS} streams of 1080p30, beside nginx-rtmp with the same`,
      unit: '% of a core',
      ...compare(ours, theirs),
    }),
  ];
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
