import type { Cause, EventName } from './vocabulary';

export type SrtSignal = 'STARTING' | 'STARTED' | 'STOPPING' | 'STOPPED';
export type SrtOutputState = 'idle' | 'starting' | 'live' | 'stopping' | 'unknown';

export interface SrtTransition {
  event: Extract<EventName, 'srt_stream_started' | 'srt_stream_stopped' | 'stream_failed'>;
  cause: Cause;
  expected: boolean | null;
  previous: SrtOutputState;
  state: SrtOutputState;
}

/** A status lags behind the signals (measured: up to 0.7 s), and signals come late. */
const STATUS_MAY_LAG_MS = 2_000;
const CONFIRM_MS = 5_000;
/** An address that does not say how long it waits for a caller. */
export const CONNECT_MS = 45_000;

/**
 * The state of an SRT output that tells little: OBS signals neither that it could not connect nor that the other end is gone, so that
 * its status has to say both. "Started" is told once data has gone out for `confirmMs`. Pure: the caller passes the time.
 */
export class SrtMachine {
  state: SrtOutputState = 'unknown';
  confirmMs = CONFIRM_MS;
  /** a start that has not connected after this long has failed */
  connectMs = CONNECT_MS;
  /** when it had connected; null: it has not, or nobody saw it */
  startedAtMs: number | null = null;
  private beganAtMs = 0;
  private changedAtMs = 0;
  private bytes: number | null = null;
  private risingSinceMs: number | null = null;
  private confirmed = false;
  private stopAsked = false;
  private beforeLost: SrtOutputState | null = null;

  /** Whether it tries to connect: nothing stops it then. */
  get connecting(): boolean {
    return this.state === 'starting' && this.startedAtMs === null;
  }

  signal(signal: SrtSignal, atMs: number): SrtTransition[] {
    if (this.state === 'unknown') return [];
    switch (signal) {
      case 'STARTING':
        return this.begun(atMs);
      case 'STARTED': {
        const ended = this.state === 'starting' ? [] : this.begun(atMs);
        this.startedAtMs = atMs;
        return ended;
      }
      case 'STOPPING':
        if (this.state === 'idle') return [];
        this.stopAsked = true;
        this.set('stopping', atMs);
        return [];
      case 'STOPPED':
        return this.ended('event', atMs);
    }
  }

  /** Its status; `bytes` null where it was not told. */
  sample({ active, bytes }: { active: boolean; bytes: number | null }, atMs: number): SrtTransition[] {
    const settled = atMs - this.changedAtMs >= STATUS_MAY_LAG_MS;
    switch (this.state) {
      case 'unknown':
        return [];
      case 'idle':
        if (active && settled) {
          this.begin(atMs);
          this.startedAtMs = atMs;
        }
        return [];
      case 'starting':
        return this.sampleStarting(active, bytes, atMs, settled);
      case 'live':
      case 'stopping':
        return !active && settled ? this.ended('poll', atMs) : [];
    }
  }

  lost(): void {
    if (this.state !== 'unknown') this.beforeLost = this.state;
    this.state = 'unknown';
  }

  /** The first status after a connect; later ones tell what changed meanwhile. */
  resync(active: boolean, restarted: boolean, atMs: number): SrtTransition[] {
    this.lost();
    const before = this.beforeLost;
    this.beforeLost = null;
    const ran = this.confirmed && (before === 'live' || before === 'stopping');
    const out: SrtTransition[] = [];
    this.state = ran ? before : 'idle';
    const tell = (event: SrtTransition['event'], state: SrtOutputState, expected: boolean | null) => {
      out.push({ event, cause: 'resync', expected, previous: this.state, state });
      this.state = state;
    };
    if (ran && (!active || restarted))
      tell('srt_stream_stopped', 'idle', before === 'stopping' ? true : restarted ? false : null);
    if (active && this.state === 'idle') {
      if (before === null) this.state = 'live';
      else tell('srt_stream_started', 'live', null);
      this.startedAtMs = null;
    }
    this.confirmed = this.state !== 'idle';
    this.changedAtMs = atMs;
    return out;
  }

  /** It turned out to be something else that started. */
  forget(): void {
    if (this.state === 'starting') this.state = 'idle';
  }

  private sampleStarting(
    active: boolean,
    bytes: number | null,
    atMs: number,
    settled: boolean,
  ): SrtTransition[] {
    if (this.startedAtMs === null) {
      if (active) this.startedAtMs = atMs;
      else if (atMs - this.beganAtMs >= this.connectMs) return this.ended('poll', atMs);
      return [];
    }
    if (!active)
      return settled && atMs - this.startedAtMs >= STATUS_MAY_LAG_MS ? this.ended('poll', atMs) : [];
    if (this.bytes !== null && bytes !== null && bytes > this.bytes) this.risingSinceMs ??= atMs;
    this.bytes = bytes ?? this.bytes;
    if (this.risingSinceMs === null || atMs - this.startedAtMs < this.confirmMs) return [];
    const previous = this.state;
    this.confirmed = true;
    this.set('live', atMs);
    return [{ event: 'srt_stream_started', cause: 'event', expected: true, previous, state: 'live' }];
  }

  private ended(cause: Cause, atMs: number): SrtTransition[] {
    const previous = this.state;
    if (previous === 'idle') return [];
    const event = this.confirmed ? 'srt_stream_stopped' : 'stream_failed';
    const expected = this.stopAsked;
    this.set('idle', atMs);
    this.confirmed = false;
    return [{ event, cause, expected, previous, state: 'idle' }];
  }

  /** It starts; what ran before has ended by then, also where nobody has seen it yet. */
  private begun(atMs: number): SrtTransition[] {
    const ended = this.confirmed ? this.ended('event', atMs) : [];
    this.begin(atMs);
    return ended;
  }

  private begin(atMs: number): void {
    this.set('starting', atMs);
    this.beganAtMs = atMs;
    this.startedAtMs = null;
    this.bytes = null;
    this.risingSinceMs = null;
    this.confirmed = false;
    this.stopAsked = false;
  }

  private set(state: SrtOutputState, atMs: number): void {
    this.state = state;
    this.changedAtMs = atMs;
  }
}
