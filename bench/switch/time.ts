// From the message to on air, beside what ffmpeg needs for its first picture of the same address.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../../test/support/programs';
import { figure, type Figure } from '../support/figures';
import { alternate, median } from '../support/rounds';
import { openStage, SETTLE_MS } from './stage';

const ROUNDS = 7;

/** Milliseconds until a player has decoded the first frame of this address, with ffmpeg's own settings. */
async function firstFrame(address: string): Promise<number> {
  const began = performance.now();
  const args = ['-v', 'error', '-nostdin', '-i', address, '-map', '0:v', '-frames:v', '1', '-f', 'null', '-'];
  await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 60_000 });
  return performance.now() - began;
}

export async function timeFigures(): Promise<Figure[]> {
  const stage = await openStage();
  try {
    const [guest] = await stage.guests(30);
    const [ours, seed] = [await stage.ours(30), await stage.seed(30, 'playing')];
    const asked = { ours: [] as number[], messages: [] as number[], seed: [] as number[] };
    // the first of each has nothing to replace
    await seed.next();
    await ours.next();
    const values = await alternate(ROUNDS, 1, {
      async ours() {
        stage.counter.take();
        const took = await ours.next();
        const { messages, requests } = stage.counter.take();
        asked.ours.push(requests);
        asked.messages.push(messages);
        return took;
      },
      ffmpeg: () => firstFrame(guest.address),
      async seed() {
        stage.counter.take();
        const took = await seed.next();
        asked.seed.push(stage.counter.take().requests);
        return took;
      },
    });
    const [took, alone] = [median(values.ours), median(values.ffmpeg)];
    const ratio = median(values.ours.map((ms, round) => (ms - SETTLE_MS) / values.ffmpeg[round]!));
    await ours.end();
    await seed.end();
    return [
      figure({
        name: `from asking to on air, beside ffmpeg's first picture of the same address (ratio without the ${SETTLE_MS} ms to settle)`,
        unit: 'ms',
        ours: took,
        baseline: alone,
        ratio,
        goal: 'at most 1.25 times as long, and the time to settle',
        isMet: (printed) => printed.ratio !== null && printed.ratio <= 1.25,
      }),
      figure({
        name: "from asking until the viewers have the new picture, beside the seed's way (which shows black meanwhile)",
        unit: 'ms',
        ours: took,
        baseline: median(values.seed),
      }),
      figure({
        name: "requests to OBS for one switch, beside the seed's way",
        unit: 'requests',
        ours: median(asked.ours),
        baseline: median(asked.seed),
      }),
      figure({
        name: 'messages to OBS in which these requests are',
        unit: 'messages',
        ours: median(asked.messages),
      }),
    ];
  } finally {
    await stage.close();
  }
}
