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
  return { atMs: now(), salt: client.salt, renderedFrames: number(stats?.renderTotalFrames), fps: number(stats?.activeFps) };
}

/**
 * Whether another run of OBS answers now than before. Frames rendered since its start must not shrink; and where the
 * server's salt is new, they must have gone on in the meantime, since the server alone can be switched off and on too.
 */
export function wasRestarted(before: RunMark | null, after: RunMark): boolean {
  if (!before || before.renderedFrames === null || after.renderedFrames === null) return false;
  if (after.renderedFrames < before.renderedFrames) return true;
  if (before.salt === null || after.salt === null || before.salt === after.salt) return false;
  const expected = ((after.atMs - before.atMs) / 1000) * (after.fps ?? 30);
  return after.renderedFrames - before.renderedFrames < expected / 2;
}
