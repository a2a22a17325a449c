import { now } from '../connection/clock';
import { pause } from '../connection/deadline';

/** The time of a switching, so that a test can have its own. Milliseconds. */
export interface SwitchClock {
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The time of this machine; its waits keep no process alive. */
export const MACHINE_CLOCK: SwitchClock = { now, pause };

/**
 * What `work` comes to, or a rejection with `late()` where it has not settled after `ms`; the work itself goes on unheard.
 * As `withDeadline`, by the clock that is given.
 */
export async function within<T>(
  clock: SwitchClock,
  work: Promise<T>,
  ms: number,
  late: () => Error,
): Promise<T> {
  const over = new AbortController();
  const deadline = clock.pause(ms, over.signal).then(() => {
    if (!over.signal.aborted) throw late();
    return new Promise<never>(() => undefined);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    over.abort();
    work.catch(() => undefined);
    deadline.catch(() => undefined);
  }
}
