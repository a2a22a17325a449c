import { pause } from '../connection/deadline';
import { asLiveError, type LiveError } from '../errors';
import type { Release } from '../production/application';
import type { StateAnswer } from './http';

export interface PollerOptions {
  /** how often, ms; at least 500. Polling ten times a second makes vMix drop sound (field report on vMix 23). Default 2000 */
  everyMs?: number;
  /** how long to wait after `failures` failed polls in a row; the usual interval by default */
  afterFailure?: (failures: number) => number;
  onState: (answer: StateAnswer) => void;
  /** a poll that came to nothing, and how many in a row by now */
  onFault: (fault: LiveError, failures: number) => void;
}

export const POLL_MS = 2_000;
export const LEAST_POLL_MS = 500;
/** While an action waits to be confirmed. */
export const CONFIRM_POLL_MS = 250;
/** A hint asks at once, but not more often than this, */
const HINT_GAP_MS = 100;
/** nor more than this many times in a row; one more for each half second. */
const MOST_HINTS = 4;
const HINT_REFILL_MS = 500;
/** What costs long is asked for less often: at most a fifth of the time. */
const RESTS = 4;
/** While an action waits to be confirmed, at most half of it: its deadline has to hold more than one look. */
const HURRIED_RESTS = 2;

/** How long to wait after one poll: as usual, at least, and for what it cost here alone. */
interface Rests {
  usualMs: number;
  leastMs: number;
  /** the least, while an action is being confirmed */
  hurriedMs: number;
  ownMs: number;
}

/**
 * Asks for the state again and again, one request at a time, and calls `onState` and `onFault`. Hints make it ask sooner, an
 * action that is being confirmed more often, a slow vMix less often.
 */
export class Poller {
  private readonly everyMs: number;
  private stopping = new AbortController();
  private running: Promise<void> | null = null;
  private wake = new AbortController();
  private hurried = 0;
  private hinted = false;
  private hints = MOST_HINTS;
  private hintsAt = performance.now();
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly ask: () => Promise<StateAnswer>,
    private readonly options: PollerOptions,
  ) {
    this.everyMs = Math.max(LEAST_POLL_MS, options.everyMs ?? POLL_MS);
  }

  /** Begin; goes on until `stop`. */
  start(): void {
    if (this.running) return;
    this.stopping = new AbortController();
    this.running = this.run();
  }

  /** Resolves once nothing is called any more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    await this.running;
    this.running = null;
  }

  /** Something changed: ask at once, or as soon as it is bearable. */
  hint(): void {
    this.hinted = true;
    this.wake.abort();
  }

  /** Ask more often until released, since an action is being confirmed. */
  hurry(): Release {
    this.hurried++;
    this.wake.abort();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.hurried--;
    };
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      this.askedAt = performance.now();
      if (this.hinted) this.hints--;
      this.hinted = false;
      let rests: Rests;
      try {
        const { answer, parseMs } = await this.look(signal);
        failures = 0;
        const cost = answer + parseMs;
        rests = {
          usualMs: this.everyMs,
          leastMs: RESTS * cost,
          hurriedMs: Math.max(CONFIRM_POLL_MS, HURRIED_RESTS * cost),
          ownMs: RESTS * parseMs,
        };
      } catch (error) {
        failures++;
        if (!signal.aborted) this.options.onFault(asLiveError(error), failures);
        const wait = this.options.afterFailure?.(failures) ?? this.everyMs;
        rests = { usualMs: wait, leastMs: wait, hurriedMs: wait, ownMs: 0 };
      }
      if (!signal.aborted) await this.rest(rests);
    }
  }

  private async look(signal: AbortSignal): Promise<{ answer: number; parseMs: number }> {
    const answer = await this.ask();
    if (!signal.aborted) this.options.onState(answer);
    return { answer: answer.tookMs, parseMs: answer.parseMs };
  }

  /** Wait for the next turn; hints and hurry shorten it. */
  private async rest(rests: Rests): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      const wait = this.dueMs(rests);
      if (wait <= 0 || signal.aborted) return;
      this.wake = new AbortController();
      await pause(wait, this.wake.signal);
    }
  }

  private dueMs({ usualMs, leastMs, hurriedMs, ownMs }: Rests): number {
    const since = performance.now() - this.askedAt;
    if (this.hinted) return Math.max(this.hintDueMs(), HINT_GAP_MS - since, ownMs - since);
    return (this.hurried > 0 ? hurriedMs : Math.max(usualMs, leastMs)) - since;
  }

  /** Takes a hint out of the bucket, or says how long until there is one. */
  private hintDueMs(): number {
    const at = performance.now();
    this.hints = Math.min(MOST_HINTS, this.hints + (at - this.hintsAt) / HINT_REFILL_MS);
    this.hintsAt = at;
    return this.hints >= 1 ? 0 : (1 - this.hints) * HINT_REFILL_MS;
  }
}
