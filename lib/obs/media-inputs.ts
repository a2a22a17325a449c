import type { MediaReading, MediaState } from '../production/health';
import type { BatchRequest, BatchResult } from './session';
import { Status } from './status-codes';
import { number } from './values';

const STATES: Record<string, MediaState> = {
  OBS_MEDIA_STATE_NONE: 'none',
  OBS_MEDIA_STATE_PLAYING: 'playing',
  OBS_MEDIA_STATE_OPENING: 'opening',
  OBS_MEDIA_STATE_BUFFERING: 'buffering',
  OBS_MEDIA_STATE_PAUSED: 'paused',
  OBS_MEDIA_STATE_STOPPED: 'stopped',
  OBS_MEDIA_STATE_ENDED: 'ended',
  OBS_MEDIA_STATE_ERROR: 'error',
};

/** A state as OBS calls it; null for anything else. */
export function mediaStateOf(value: unknown): MediaState | null {
  return STATES[String(value)] ?? null;
}

/** What to ask for these inputs, in their order. */
export function mediaRequests(names: readonly string[]): BatchRequest[] {
  return names.flatMap((name) => [
    { requestType: 'GetMediaInputStatus', requestData: { inputName: name } },
    { requestType: 'GetSourceActive', requestData: { sourceName: name } },
  ]);
}

/** What OBS answered for `names`. An input it would not tell of is left out, with the reason in `unknown`. */
export function mediaReadings(
  names: readonly string[],
  results: readonly BatchResult[],
  unknown: Record<string, string>,
): MediaReading[] {
  return names.flatMap((name, index) => {
    const reading = readingOf(name, results[2 * index], results[2 * index + 1]);
    if (!reading) unknown[`media ${name}`] = 'OBS did not tell its state';
    return reading ? [reading] : [];
  });
}

function readingOf(
  name: string,
  result: BatchResult | undefined,
  active: BatchResult | undefined,
): MediaReading | null {
  const nowhere = { name, cursorMs: null, durationMs: null };
  const code = result?.requestStatus.code;
  // a scene of that name is no input either
  if (code === Status.ResourceNotFound || code === Status.InvalidResourceType)
    return { ...nowhere, state: 'missing' };
  const data = result?.responseData;
  const state = mediaStateOf(data?.mediaState);
  if (!data || !state) return null;
  // 0 and a huge negative number are OBS's words for a stream that has no end (measured)
  const durationMs = number(data.mediaDuration);
  const onAir = active?.responseData?.videoActive;
  return {
    name,
    state,
    cursorMs: number(data.mediaCursor),
    durationMs: durationMs !== null && durationMs > 0 ? durationMs : null,
    ...(typeof onAir === 'boolean' ? { onAir } : {}),
  };
}
