import { now } from '../connection/clock';

/** OBS tells its events from several threads: they overtake each other by milliseconds (measured, 31 of 500). */
const OVERTAKES_WITHIN_MS = 100;

/**
 * Puts a STOPPED that overtook what led to it back behind it. A STOPPED after its STOPPING passes at once; any other is
 * held for a moment, and what arrives meanwhile and belongs before it goes first. A STARTING that its STARTED overtook is
 * dropped: it would look like a new start, and what runs would be forgotten.
 */
export class SignalOrder<S extends string, D> {
  private held: { data: D; timer: NodeJS.Timeout } | null = null;
  private stopping = false;
  /** when STARTED was the last signal, by `clock` */
  private startedAtMs: number | null = null;

  /** `clock`: milliseconds */
  constructor(
    private readonly pass: (signal: S | 'STOPPED', data: D) => void,
    private readonly clock: () => number = now,
  ) {}

  take(signal: S | 'STOPPED', data: D): void {
    if (signal === 'STOPPED') {
      this.flush();
      if (this.stopping) return this.deliver('STOPPED', data);
      const timer = setTimeout(() => this.flush(), OVERTAKES_WITHIN_MS);
      timer.unref();
      this.held = { data, timer };
      return;
    }
    if (!this.held) return this.deliver(signal, data);
    // a start that failed at once, or the stop's own beginning
    if (signal === 'STARTING' || signal === 'STOPPING') {
      this.deliver(signal, data);
      this.flush();
      return;
    }
    this.flush();
    this.deliver(signal, data);
  }

  /** Forget what is held: the connection it came by is gone. */
  clear(): void {
    if (this.held) clearTimeout(this.held.timer);
    this.held = null;
    this.stopping = false;
    this.startedAtMs = null;
  }

  private flush(): void {
    const { held } = this;
    if (!held) return;
    clearTimeout(held.timer);
    this.held = null;
    this.deliver('STOPPED', held.data);
  }

  private deliver(signal: S | 'STOPPED', data: D): void {
    if (
      signal === 'STARTING' &&
      this.startedAtMs !== null &&
      this.clock() - this.startedAtMs < OVERTAKES_WITHIN_MS
    )
      return;
    this.startedAtMs = signal === 'STARTED' ? this.clock() : null;
    this.stopping = signal === 'STOPPING';
    this.pass(signal, data);
  }
}
