// How many streams of 1080p30 with pictures two cores carry: ten are sent, and what they take together is scaled up.
import { waitFor } from '../../test/support/wait';
import { figure, type Figure } from '../support/figures';
import { median } from '../support/rounds';
import { clip } from './clips';
import { publisher } from './others';
import { processorMs } from './processor';
import { openStage } from './stage';

const STREAMS = 10;
const ROUNDS = 5;
const ROUND_MS = 8_000;
const CORES = 2;

export async function manyFigures(): Promise<Figure[]> {
  const shown = clip('1080p30');
  const stage = await openStage();
  const names = Array.from({ length: STREAMS }, (_, index) => `guest-${index}`);
  const wish = { everyMs: 1000, sampling: 'keyframes', width: 1280, quality: 75 } as const;
  const taps = names.map((name) => stage.frames.tap(name, wish));
  const senders = names.map((name) => publisher(shown, stage.address(name)));
  await waitFor(() => taps.every((tap) => (tap.status().frames ?? 0) >= 2), {
    timeoutMs: 120_000,
    message: 'pictures of all',
  });
  const shares: number[] = [];
  const used = () => [process.pid, ...stage.frames.children].reduce((ms, pid) => ms + processorMs(pid), 0);
  for (let round = 0; round < ROUNDS; round++) {
    const [before, began] = [used(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    shares.push((used() - before) / (performance.now() - began) / STREAMS);
  }
  for (const one of senders) one.kill('SIGKILL');
  for (const tap of taps) tap.release();
  await stage.close();
  const share = median(shares);
  return [
    figure({
      name: `ingest and decoder for each of ${STREAMS} streams of 1080p30 with pictures`,
      unit: '% of a core',
      ours: share * 100,
    }),
    figure({
      name: 'streams of 1080p30 with pictures that two cores carry, by that',
      unit: 'streams',
      ours: Math.floor(CORES / share),
    }),
  ];
}
