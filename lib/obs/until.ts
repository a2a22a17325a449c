import type { Emitter } from '../connection/emitter';
import { asLiveError } from '../errors';

/**
 * Resolves with what `look` finds, asked now and after every change; with null after `ms`. `check` runs first each
 * time and may throw to end the wait. Keeps no process alive.
 */
export async function untilChanged<T>(
  changed: Emitter<void>,
  look: () => T | undefined,
  ms: number,
  check: () => void = () => undefined,
): Promise<T | null> {
  check();
  const first = look();
  if (first !== undefined) return first;
  return new Promise<T | null>((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      release();
      settle();
    };
    const timer = setTimeout(() => finish(() => resolve(null)), ms);
    timer.unref();
    const release = changed.add(() => {
      try {
        check();
        const found = look();
        if (found !== undefined) finish(() => resolve(found));
      } catch (error) {
        finish(() => reject(asLiveError(error)));
      }
    });
  });
}
