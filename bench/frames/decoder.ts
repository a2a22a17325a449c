// The processor that pictures of one stream cost: our decoder, ffmpeg as the original calls it, and the barest decode of key frames.
import type { ChildProcess } from 'node:child_process';
import { waitFor } from '../../test/support/wait';
import { figure, type Figure } from '../support/figures';
import { compare } from '../support/rounds';
import { clip, type ClipName } from './clips';
import { asTheOriginal, bareKeyframes, publisher } from './others';
import { processorMs } from './processor';
import { openStage, type Stage } from './stage';

const ROUNDS = 5;
/** each of them has begun by then, and its start-up is not counted */
const BEGIN_MS = 4_000;
/** whole key frame distances */
const ROUND_MS = 12_000;
/** as the original has it; its key frames come every two seconds */
const WISH = { everyMs: 1000, sampling: 'keyframes', width: 1280, quality: 75 } as const;

/** All three at the same time, in real time, so that a busy machine is as busy for each. */
export async function decoderFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of ['720p30', '1080p30', '1080p60'] as const) figures.push(...(await ofSize(name)));
  return figures;
}

async function ofSize(name: ClipName): Promise<Figure[]> {
  const shown = clip(name);
  const stage = await openStage();
  const [original, bare] = [asTheOriginal(shown), bareKeyframes(shown)];
  const sender = publisher(shown, stage.address('show'));
  const tap = stage.frames.tap('show', WISH);
  await waitFor(() => tap.last() !== null, { timeoutMs: 30_000, message: 'a picture' });
  await pause(BEGIN_MS);
  const percents: Record<'ours' | 'original' | 'bare', number[]> = { ours: [], original: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const before = used(stage, original, bare);
    const began = performance.now();
    await pause(ROUND_MS);
    const after = used(stage, original, bare);
    const tookMs = performance.now() - began;
    for (const one of ['ours', 'original', 'bare'] as const)
      percents[one].push(((after[one] - before[one]) / tookMs) * 100);
  }
  tap.release();
  for (const child of [original, bare, sender]) child.kill('SIGKILL');
  await stage.close();
  const unit = '% of a core';
  return [
    figure({
      name: `pictures of ${name}, the decoder, beside ffmpeg as the original calls it`,
      unit,
      ...compare(percents.ours, percents.original),
      goal: 'at most a tenth',
      isMet: ({ ratio }) => ratio !== null && ratio <= 0.1,
    }),
    figure({
      name: `pictures of ${name}, the decoder, beside a bare decode of its key frames`,
      unit,
      ...compare(percents.ours, percents.bare),
      goal: 'at most 1.3 times as much',
      isMet: ({ ratio }) => ratio !== null && ratio <= 1.3,
    }),
  ];
}

function used(stage: Stage, original: ChildProcess, bare: ChildProcess) {
  const [decoder] = stage.frames.children;
  if (decoder === undefined) throw new Error('the decoder has gone');
  return { ours: processorMs(decoder), original: processorMs(original.pid!), bare: processorMs(bare.pid!) };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
