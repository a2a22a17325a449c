import type { Cause, EventName, StreamState } from './vocabulary';

/** What a status request says of the stream. Unknown figures are null. `atMs` is the clock's, in milliseconds. */
export interface StreamSample {
  atMs: number;
  active: boolean;
  reconnecting: boolean;
  frames: number | null;
  droppedFrames: number | null;
  bytes: number | null;
  congestion: number | null;
}

/** What the application reports by itself. */
export type StreamSignal = 'STARTING' | 'STARTED' | 'RECONNECTING' | 'RECONNECTED' | 'STOPPING' | 'STOPPED';

/** How a stream ended. */
export interface StreamEnd {
  atMs: number;
  /** it was never live, or never confirmed so */
  failed: boolean;
  /** whether anyone asked for it; null: nobody can know */
  expected: boolean | null;
}

export interface StreamTransition {
  event: Extract<EventName, `stream_${string}`>;
  cause: Cause;
  expected: boolean | null;
  previous: StreamState;
  state: StreamState;
}

/** How long a start must hold before it counts as live, where nobody asked for another time. */
export const CONFIRM_MS = 5_000;
/** Frames may pause this long within a confirmation. */
const FRAMES_MAY_PAUSE_MS = 2_000;
/** An output can still read active this long after it stopped (measured: up to 0.7 s), and events come late. */
const STATUS_MAY_LAG_MS = 3_000;
/** With a stream delay a stop takes that long (20 s by default in OBS). */
const STOP_MAY_TAKE_MS = 30_000;
/** OBS gives up a dead handshake after 30.6 s (measured). */
export const START_TIMEOUT_MS = 45_000;

/**
 * The state of one stream from what the application signals and what its status says. "Started" is told once frames
 * have been rising for `confirmMs` without a reconnect: an application says STARTED before a server has looked at the
 * key. Pure: the caller passes the time.
 */
export class StreamMachine {
  state: StreamState = 'unknown';
  /** how long a start must hold; what was asked for one stream ends with it */
  confirmMs = CONFIRM_MS;
  /** the stream delay set in the application, during which no frames go out */
  delayMs = 0;
  /** how often the connection to the server was lost since the start */
  losses = 0;
  /** when the application said STARTED; null while it has not, or where nobody saw it */
  startedAtMs: number | null = null;
  /** how often it has come back to its server since this object was made, confirmed or not: a wrong key does it for ever */
  reconnects = 0;
  lastEnd: StreamEnd | null = null;
  private unbrokenSinceMs: number | null = null;
  private attemptSinceMs: number | null = null;
  private confirmed = false;
  private stopAsked = false;
  /** when the stream was found running; somebody may have asked for its stop just before */
  private foundAtMs = Number.NEGATIVE_INFINITY;
  private lastFrames: number | null = null;
  private lastSampleMs: number | null = null;
  private risingSinceMs: number | null = null;
  private lastRiseMs: number | null = null;
  private changedAtMs = Number.NEGATIVE_INFINITY;
  private beforeLost: StreamState | null = null;

  /** Whether the present stream has been confirmed live at least once. */
  get isConfirmed(): boolean {
    return this.confirmed;
  }

  /** Since when it is live without a break; null when it is not live. */
  get liveSinceMs(): number | null {
    return this.state === 'live' ? this.unbrokenSinceMs : null;
  }

  signal(signal: StreamSignal, atMs: number): StreamTransition[] {
    // what this follows on is only known after the resync, which sees its effect
    if (this.state === 'unknown') return [];
    switch (signal) {
      case 'STARTING':
        return this.begin(atMs, true);
      case 'STARTED':
        return this.started(atMs);
      case 'RECONNECTING':
        return this.reconnecting(atMs, 'event');
      case 'RECONNECTED':
        return this.reconnected(atMs, 'event');
      case 'STOPPING':
        // nothing runs that its end could be told of
        if (this.state === 'idle') return [];
        this.stopAsked = true;
        this.move('stopping', atMs);
        return [];
      case 'STOPPED':
        return this.stopped(
          atMs,
          'event',
          this.stopAsked || (atMs - this.foundAtMs < STOP_MAY_TAKE_MS ? null : false),
        );
    }
  }

  /** A status while connected: confirms a start, and catches what no signal told. */
  sample(sample: StreamSample): StreamTransition[] {
    const { atMs } = sample;
    if (this.state === 'unknown') return [];
    if (this.state === 'starting') return this.sampleStarting(sample);
    if (atMs - this.changedAtMs < STATUS_MAY_LAG_MS) return [];
    if (this.state === 'idle' && sample.active) {
      this.begin(atMs, null);
      return this.toLive(atMs, 'poll', null);
    }
    if (!sample.active && this.state !== 'idle')
      return this.stopped(atMs, 'poll', this.stopAsked ? true : null);
    if (this.state === 'live' && sample.reconnecting) return this.reconnecting(atMs, 'poll');
    if (this.state === 'reconnecting' && sample.active && !sample.reconnecting)
      return this.reconnected(atMs, 'poll');
    return [];
  }

  /** The connection to the application went: what runs there is unknown until the resync. */
  lost(): void {
    if (this.state !== 'unknown') this.beforeLost = this.state;
    this.state = 'unknown';
  }

  /**
   * The first status after a connect. `restarted`: it is another run of the application than before. The very first
   * one only sets the state; later ones tell what changed meanwhile.
   */
  resync(sample: StreamSample, restarted: boolean): StreamTransition[] {
    if (this.state !== 'unknown') this.lost();
    const before = this.beforeLost;
    const { atMs } = sample;
    this.beforeLost = null;
    if (before === 'starting' && !restarted) {
      this.state = 'starting';
      return sample.active ? this.started(atMs) : [];
    }
    const now: StreamState = !sample.active ? 'idle' : sample.reconnecting ? 'reconnecting' : 'live';
    this.foundAtMs = sample.active ? atMs : Number.NEGATIVE_INFINITY;
    const ran = before !== null && before !== 'idle';
    const out: StreamTransition[] = [];
    this.state = before ?? now;
    if (ran && (now === 'idle' || restarted))
      out.push(...this.stopped(atMs, 'resync', before === 'stopping' ? true : null));
    if (now === 'idle') this.move('idle', atMs);
    else if (before === null || (ran && !restarted)) {
      this.confirmed = true;
      if (before === 'live' && now === 'reconnecting') out.push(...this.reconnecting(atMs, 'resync'));
      else if (before === 'reconnecting' && now === 'live') out.push(...this.reconnected(atMs, 'resync'));
      else this.move(now, atMs);
    } else {
      this.begin(atMs, null);
      out.push(...this.toLive(atMs, 'resync', null));
      this.foundAtMs = atMs;
    }
    return out;
  }

  private begin(atMs: number, expected: boolean | null): StreamTransition[] {
    if (this.state === 'starting') return [];
    const previous = this.state;
    this.attemptSinceMs = atMs;
    this.foundAtMs = Number.NEGATIVE_INFINITY;
    this.startedAtMs = null;
    this.unbrokenSinceMs = null;
    this.confirmed = false;
    this.stopAsked = false;
    this.losses = 0;
    this.forgetFrames();
    this.move('starting', atMs);
    return [{ event: 'stream_starting', cause: 'event', expected, previous, state: 'starting' }];
  }

  private started(atMs: number): StreamTransition[] {
    // an output started by name signals STARTED alone
    const begun = this.state === 'starting' ? [] : this.begin(atMs, true);
    this.startedAtMs ??= atMs;
    this.unbrokenSinceMs = atMs;
    this.forgetFrames();
    return begun;
  }

  private sampleStarting(sample: StreamSample): StreamTransition[] {
    const { atMs } = sample;
    if (this.startedAtMs === null) {
      const since = atMs - (this.attemptSinceMs ?? atMs);
      // an OBS can say STARTING and then nothing, ever: its status is the only end there is
      return !sample.active && since >= START_TIMEOUT_MS + this.delayMs
        ? this.stopped(atMs, 'poll', false)
        : [];
    }
    if (sample.active && sample.reconnecting) return this.reconnecting(atMs, 'poll');
    if (!sample.active)
      return atMs - this.startedAtMs >= STATUS_MAY_LAG_MS && atMs - this.changedAtMs >= STATUS_MAY_LAG_MS
        ? this.stopped(atMs, 'poll', this.stopAsked)
        : [];
    this.watchFrames(sample);
    const steady = this.risingSinceMs !== null && atMs - this.risingSinceMs >= this.confirmMs;
    return steady ? this.toLive(atMs, 'event', true) : [];
  }

  private watchFrames({ atMs, frames }: StreamSample): void {
    const last = this.lastFrames;
    this.lastFrames = frames;
    if (frames === null || last === null) {
      this.lastSampleMs = atMs;
      return;
    }
    if (frames > last) {
      this.risingSinceMs ??= this.lastSampleMs ?? atMs;
      this.lastRiseMs = atMs;
    } else if (frames < last || (this.lastRiseMs !== null && atMs - this.lastRiseMs > FRAMES_MAY_PAUSE_MS)) {
      this.risingSinceMs = null;
    }
    this.lastSampleMs = atMs;
  }

  /** When the status was last read while a start was watched; null before. */
  get lastLookMs(): number | null {
    return this.lastSampleMs;
  }

  /** Whether frames have gone out since the start at all. */
  get framesSeen(): boolean {
    return this.lastRiseMs !== null;
  }

  private toLive(atMs: number, cause: Cause, expected: boolean | null): StreamTransition[] {
    const previous = this.state;
    this.confirmed = true;
    this.startedAtMs ??= atMs;
    this.move('live', atMs);
    return [
      {
        event: 'stream_started',
        cause,
        expected,
        previous: previous === 'unknown' ? 'idle' : previous,
        state: 'live',
      },
    ];
  }

  private reconnecting(atMs: number, cause: Cause): StreamTransition[] {
    // late by a thread: the stream has ended
    if (this.state === 'idle' || this.state === 'stopping') return [];
    this.losses++;
    this.forgetFrames();
    if (this.state === 'reconnecting') return [];
    const previous = this.state;
    this.move('reconnecting', atMs);
    return [{ event: 'stream_reconnecting', cause, expected: false, previous, state: 'reconnecting' }];
  }

  private reconnected(atMs: number, cause: Cause): StreamTransition[] {
    const previous = this.state;
    if (previous === 'stopping' || previous === 'idle') return [];
    if (previous === 'reconnecting') this.reconnects++;
    this.unbrokenSinceMs = atMs;
    if (!this.confirmed) {
      this.startedAtMs ??= atMs;
      this.move('starting', atMs);
      return [];
    }
    this.move('live', atMs);
    return previous === 'live'
      ? []
      : [{ event: 'stream_reconnected', cause, expected: null, previous, state: 'live' }];
  }

  private stopped(atMs: number, cause: Cause, expected: boolean | null): StreamTransition[] {
    const previous = this.state;
    if (previous === 'idle') return [];
    // stopped on purpose before it was confirmed is no failure, unless it was flapping
    const failed = !this.confirmed && !(this.stopAsked && this.losses === 0);
    this.lastEnd = { atMs, failed, expected };
    this.confirmed = false;
    this.confirmMs = CONFIRM_MS;
    this.attemptSinceMs = null;
    this.move('idle', atMs);
    return [{ event: failed ? 'stream_failed' : 'stream_stopped', cause, expected, previous, state: 'idle' }];
  }

  private forgetFrames(): void {
    this.lastFrames = null;
    this.risingSinceMs = null;
    this.lastRiseMs = null;
    this.lastSampleMs = null;
  }

  private move(state: StreamState, atMs: number): void {
    if (this.state !== state) this.changedAtMs = atMs;
    this.state = state;
    if (state === 'live') this.unbrokenSinceMs ??= atMs;
    else if (state === 'idle' || state === 'reconnecting') this.unbrokenSinceMs = null;
  }
}
