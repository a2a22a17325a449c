import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** how long the condition may take, ms (30 s, since a busy machine with two cores is slow) */
  timeoutMs?: number;
  /** between two looks, ms (25, or what `lookEvery` says) */
  intervalMs?: number;
  /** what was waited for, said when it does not come; a function is asked at that moment */
  message?: string | (() => string);
}

let usualMs = 25;

/** How long it is between two looks of `waitFor` where nothing else is said, ms: those into a browser take a core for a while. */
export function lookEvery(ms: number): void {
  usualMs = ms;
}

/**
 * Waits until `condition` gives something truthy, and gives that. A condition that throws counts as not yet.
 * @throws Error with the message and the condition's last error after `timeoutMs`
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = 30_000, intervalMs = usualMs, message = 'the condition' } = options;
  const until = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > until) {
      const what = typeof message === 'function' ? message() : message;
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: lastError });
    }
    await sleep(intervalMs);
  }
}
