// What the viewers see of a switch: black frames, and how long the picture stands still, in OBS's own recording.
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, recordWhile, told, type Verdict } from '../../test/contract/switch-film';
import { figure, type Figure } from '../support/figures';
import { openStage, type Stage, type Way } from './stage';

const SWITCHES = 6;
const CONTROL_MS = 10_000;
/** a slower source than the canvas: where swaps that are not in step with its pictures show black */
const FPS = 10;

async function film(stage: Stage, name: string, way: Way): Promise<Verdict> {
  await way.next();
  const recorded = await recordWhile(stage.obs.recordDir, stage.client, async () => {
    for (let count = 1; count <= SWITCHES; count++) await way.next();
  });
  await way.end();
  const verdict = judge(name, SWITCHES, recorded);
  console.log(told(verdict));
  return verdict;
}

async function atRest(stage: Stage): Promise<Verdict> {
  const way = await stage.ours(FPS);
  await way.next();
  const recorded = await recordWhile(stage.obs.recordDir, stage.client, () => sleep(CONTROL_MS));
  await way.end();
  const verdict = judge('without a switch', 0, recorded);
  console.log(told(verdict));
  return verdict;
}

export async function pictureFigures(): Promise<Figure[]> {
  const stage = await openStage();
  try {
    const rest = await atRest(stage);
    const ours = await film(stage, 'ours', await stage.ours(FPS));
    const written = await film(stage, "the seed's way", await stage.seed(FPS, 'playing'));
    const patient = await film(stage, "the seed's way, patient", await stage.seed(FPS, 'moving'));
    const black = `black frames in ${SWITCHES} switches between sources of ${FPS} frames a second`;
    const isMet = (printed: { ours: number }): boolean => printed.ours === 0;
    return [
      figure({
        name: `${black}, beside the seed's way as it is written`,
        unit: 'frames',
        ours: ours.blackFrames,
        baseline: written.blackFrames,
        goal: 'none',
        isMet,
      }),
      figure({
        name: `${black}, beside the seed's way with our readiness`,
        unit: 'frames',
        ours: ours.blackFrames,
        baseline: patient.blackFrames,
        goal: 'none',
        isMet,
      }),
      figure({
        name: 'the longest still picture meanwhile, beside a recording without a switch',
        unit: 'ms',
        ours: ours.longestStillMs,
        baseline: rest.longestStillMs,
        goal: 'at most 200 ms, or what there is without a switch',
        isMet: (printed) => printed.ours <= Math.max(200, rest.longestStillMs) + 34,
      }),
      figure({
        name: "the longest silence meanwhile, beside the seed's way with our readiness",
        unit: 'ms',
        ours: ours.longestSilenceMs,
        baseline: patient.longestSilenceMs,
        goal: 'at most 50 ms, or what there is without a switch',
        isMet: (printed) => printed.ours <= Math.max(50, rest.longestSilenceMs),
      }),
    ];
  } finally {
    await stage.close();
  }
}
