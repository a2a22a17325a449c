import { pause } from '../connection/deadline';
import { refusedWith } from './session';
import { Status } from './status-codes';

/** NotReady (207): OBS is loading or changes its scene collection. Source: obs-websocket 5.3. All in milliseconds. */
const NOT_READY = { firstMs: 250, factor: 1.5, maxMs: 2000, giveUpMs: 15_000 };

/** Do the work again for as long as OBS says it is not ready, up to 15 s, while `goOn` holds. */
export async function whileNotReady<T>(
  work: () => Promise<T>,
  goOn: () => boolean,
  signal: AbortSignal,
): Promise<T> {
  let waitMs = NOT_READY.firstMs;
  let waited = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const again = refusedWith(error, Status.NotReady) && waited < NOT_READY.giveUpMs && goOn();
      if (!again) throw error;
      await pause(waitMs, signal);
      waited += waitMs;
      waitMs = Math.min(waitMs * NOT_READY.factor, NOT_READY.maxMs);
    }
  }
}
