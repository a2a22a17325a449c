// A scene of the real OBS in which moving sources are switched, and what its own recording of that shows.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support';
import { type Film, longest, readFilm, type Stretch } from '../support/film-reader';
import type { BareClient } from './client';

/** Records each frame of the canvas, 640x360 at 30, with as little work for the encoder as possible. */
export const RECORDED_PROFILE = {
  SimpleOutput: { RecEncoder: 'x264_lowcpu', RecRB: 'false' },
};

/** How long a recording runs before the first switch and after the last, ms. */
const AROUND_MS = 500;

export interface Recorded {
  film: Film;
  /** frames that OBS itself did not make in time or left out while it recorded; both are seen as a picture that stands still */
  late: number;
  /** frames of the canvas */
  frames: number;
}

/**
 * Records while `action` runs, and reads the recording. Nothing else records into that folder meanwhile.
 * @throws Error where OBS does not begin or end it
 */
export async function recordWhile(
  recordDir: string,
  client: BareClient,
  action: () => Promise<void>,
): Promise<Recorded> {
  const before = new Set(readdirSync(recordDir));
  await client.call('StartRecord');
  const status = () => client.call('GetRecordStatus');
  await waitFor(async () => (await status()).outputDuration > AROUND_MS, { message: 'the recording to run' });
  const first = await client.call('GetStats');
  await action();
  await sleep(AROUND_MS);
  const last = await client.call('GetStats');
  await client.call('StopRecord');
  await waitFor(async () => !(await status()).outputActive, { message: 'the recording to end' });
  const name = readdirSync(recordDir).find((file) => !before.has(file));
  if (!name) throw new Error('OBS recorded no file');
  const late = (stats: typeof first): number => stats.renderSkippedFrames + stats.outputSkippedFrames;
  return {
    film: await readFilm(join(recordDir, name)),
    late: late(last) - late(first),
    frames: last.renderTotalFrames - first.renderTotalFrames,
  };
}

let scenes = 0;

/** A new empty scene that is on air; behind its sources is nothing but black. */
export async function emptyScene(client: BareClient): Promise<string> {
  const scene = `On air ${(scenes += 1)} ${Date.now().toString(36)}`;
  await client.call('CreateScene', { sceneName: scene });
  await client.call('SetCurrentSceneTransition', { transitionName: 'Cut' });
  await client.call('SetCurrentProgramScene', { sceneName: scene });
  return scene;
}

/** Waits until this source has shown its first frame and moves on. */
export async function untilMoving(
  client: BareClient,
  scene: string,
  inputName: string,
  sceneItemId: number,
): Promise<void> {
  let before = 0;
  await waitFor(
    async () => {
      const { sceneItemTransform: of } = await client.call('GetSceneItemTransform', {
        sceneName: scene,
        sceneItemId,
      });
      const { mediaCursor } = await client.call('GetMediaInputStatus', { inputName });
      const moves = Number(of.sourceWidth) > 0 && before > 0 && mediaCursor > before;
      before = Number(of.sourceWidth) > 0 ? mediaCursor : 0;
      return moves;
    },
    { intervalMs: 200, message: `${inputName} to move` },
  );
}

/** What a recording of switches is judged by. */
export interface Verdict {
  name: string;
  switches: number;
  /** how often the recording goes from one look to the other; as often as was switched */
  changes: number;
  blackFrames: number;
  /** how many stretches of black, and the longest, ms */
  blackStretches: number;
  longestBlackMs: number;
  /** frames that show neither look, and are not black: grey, or a mix of both */
  strangeFrames: number;
  longestStillMs: number;
  /** the same, and the longest silence, farther than a second from every change of look: what the machine does by itself */
  stillElsewhereMs: number;
  silentElsewhereMs: number;
  /** stretches of more than 200 ms in which the same picture is seen */
  freezes: number;
  longestSilenceMs: number;
  /** stretches of more than 50 ms without a sound */
  silences: number;
  /** the quietest and the loudest 20 ms of its sound, dB below full scale */
  quietestDb: number;
  loudestDb: number;
  /** frames that OBS itself did not make in time, of those that it should have made, 0 to 1 */
  lateShare: number;
  late: number;
  seconds: number;
}

/** Farther than this from a change of look, nothing of a swap is seen. */
const NEAR_MS = 1000;
export const FREEZE_MS = 200;
export const SILENCE_MS = 50;

/** What a recording shows, in figures. */
export function judge(name: string, switches: number, { film, late, frames }: Recorded): Verdict {
  const changedAt = film.looks.slice(1).map(({ atMs }) => atMs);
  const elsewhere = (stretches: readonly Stretch[]): number =>
    longest(
      stretches.filter(({ atMs, ms }) =>
        changedAt.every((at) => atMs > at + NEAR_MS || atMs + ms < at - NEAR_MS),
      ),
    );
  const looks = film.looks.filter(({ look }) => look !== 'neither').map(({ look }) => look);
  const strange = film.looks.reduce((sum, { look, frames }) => sum + (look === 'neither' ? frames : 0), 0);
  return {
    name,
    switches,
    changes: looks.filter((look, index) => index > 0 && look !== looks[index - 1]).length,
    blackFrames: film.blackFrames,
    blackStretches: film.black.length,
    longestBlackMs: Math.round(longest(film.black)),
    strangeFrames: strange - film.blackFrames,
    longestStillMs: Math.round(longest(film.still)),
    stillElsewhereMs: Math.round(elsewhere(film.still)),
    silentElsewhereMs: Math.round(elsewhere(film.silent)),
    lateShare: late / Math.max(1, frames),
    freezes: film.still.filter(({ ms }) => ms > FREEZE_MS + film.frameMs / 2).length,
    longestSilenceMs: Math.round(longest(film.silent)),
    silences: film.silent.filter(({ ms }) => ms > SILENCE_MS).length,
    ...soundOf(film),
    late,
    seconds: Math.round(film.durationMs / 1000),
  };
}

/** Over 20 ms, in which the beat of both tones is no more seen; what the encoder needs at the begin is left out. */
function soundOf({ levels }: Film): { quietestDb: number; loudestDb: number } {
  const powers = levels.filter(({ atMs }) => atMs > 200).map(({ db }) => 10 ** (db / 10));
  const means = powers
    .slice(3)
    .map((power, index) => (power + powers[index]! + powers[index + 1]! + powers[index + 2]!) / 4);
  const db = (power: number): number => Math.round(100 * Math.log10(power)) / 10;
  return { quietestDb: db(Math.min(...means)), loudestDb: db(Math.max(...means)) };
}

/** The worse of two recordings, in each figure. */
export function worse(one: Verdict, other: Verdict): Verdict {
  const worst = { ...one };
  for (const [key, value] of Object.entries(other) as [keyof Verdict, Verdict[keyof Verdict]][])
    if (typeof value === 'number') {
      const both = [value, worst[key] as number];
      Object.assign(worst, { [key]: key === 'quietestDb' ? Math.min(...both) : Math.max(...both) });
    }
  return worst;
}

/** One line for people. */
export function told(verdict: Verdict): string {
  const { name, switches, changes, blackFrames, blackStretches, longestBlackMs, strangeFrames } = verdict;
  const { longestStillMs, freezes, longestSilenceMs, silences, late, seconds, quietestDb, loudestDb } =
    verdict;
  return [
    `      ${name}: ${switches} switches in ${seconds} s (${changes} seen)`,
    `${blackFrames} black frames in ${blackStretches} places, longest ${longestBlackMs} ms, ${strangeFrames} strange`,
    `${freezes} freezes over ${FREEZE_MS} ms, longest ${longestStillMs} ms (${verdict.stillElsewhereMs} ms away from the switches)`,
    `${silences} silences over ${SILENCE_MS} ms, longest ${longestSilenceMs} ms, sound ${quietestDb} to ${loudestDb} dB`,
    `${late} frames late in OBS`,
  ].join('; ');
}
