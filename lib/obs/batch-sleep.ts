import type { BatchRequest } from './session';

/** A SerialFrame sleep counts frames; this many a second at least. */
const SLOWEST_FPS = 10;

/** Milliseconds a batch sleeps by itself. */
export function sleepsMs(requests: readonly BatchRequest[]): number {
  return requests.reduce((sum, { requestType, requestData }) => {
    if (requestType !== 'Sleep') return sum;
    const millis = Number(requestData?.sleepMillis) || 0;
    const frames = Number(requestData?.sleepFrames) || 0;
    return sum + Math.max(0, millis) + (Math.max(0, frames) * 1000) / SLOWEST_FPS;
  }, 0);
}
