import { now } from '../connection/clock';
import type { ObsClient } from './client';
import type { RequestData } from './session';
import { number } from './values';

const REQUESTS = [
  'GetStreamStatus',
  'GetRecordStatus',
  'GetVirtualCamStatus',
  'GetReplayBufferStatus',
  'GetSceneList',
  'GetStudioModeEnabled',
  'GetStreamServiceSettings',
  'GetStats',
] as const;

/** What an OBS answers of its state; null where it refused (no virtual camera, no replay buffer). */
export type Snapshot = Record<(typeof REQUESTS)[number], RequestData | null>;

/** Which run of OBS a snapshot was taken from. */
export interface RunMark {
  atMs: number;
  salt: string | null;
  renderedFrames: number | null;
  fps: number | null;
}

/** Read the whole state in one batch, the cheapest way there is. */
export async function readSnapshot(client: ObsClient): Promise<Snapshot> {
  const results = await client.batch(REQUESTS.map((requestType) => ({ requestType })));
  const answers = REQUESTS.map((name, index) => {
    const result = results[index];
    return [name, result?.requestStatus.result ? (result.responseData ?? {}) : null] as const;
  });
  return Object.fromEntries(answers) as Snapshot;
}

export function runMark(client: ObsClient, stats: RequestData | null): RunMark {
  return {
    atMs: now(),
    salt: client.salt,
    renderedFrames: number(stats?.renderTotalFrames),
    fps: number(stats?.activeFps),
  };
}

/**
 * Whether another run of OBS answers now than before. Frames rendered since its start never shrink. A new salt alone is no
 * proof, since its server can be switched off and on; but a run that began after the first look cannot have rendered
 * more than the time since allows. Without a password there is no salt, and only a clear lack of frames tells.
 */
export function wasRestarted(before: RunMark | null, after: RunMark): boolean {
  if (!before || before.renderedFrames === null || after.renderedFrames === null) return false;
  const grown = after.renderedFrames - before.renderedFrames;
  if (grown < 0) return true;
  if (before.salt !== null && before.salt === after.salt) return false;
  // within its first second OBS says 0 frames a second
  const fps = Math.max(before.fps ?? 0, after.fps ?? 0) || 30;
  const possible = ((after.atMs - before.atMs) / 1000) * fps;
  if (before.salt === null || after.salt === null)
    return after.renderedFrames <= possible && grown < possible / 2;
  return after.renderedFrames <= possible && grown < possible * 0.9;
}
