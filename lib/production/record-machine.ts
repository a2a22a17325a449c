import type { Cause, EventName, RecordState } from './vocabulary';

export type RecordSignal = 'STARTING' | 'STARTED' | 'PAUSED' | 'RESUMED' | 'STOPPING' | 'STOPPED';

export interface RecordTransition {
  event: Extract<EventName, `recording_${string}`>;
  cause: Cause;
  expected: boolean | null;
  previous: RecordState;
  state: RecordState;
}

export interface RecordSample {
  active: boolean;
  paused: boolean;
}

/** A status lags behind the signals (measured: up to 0.7 s), and signals come late. */
const STATUS_MAY_LAG_MS = 3_000;

/** The state of one recording from what the application signals. Pure. */
export class RecordMachine {
  state: RecordState = 'unknown';
  /** the file being written, where the application said it */
  path: string | null = null;
  /** the last file that was finished */
  finishedPath: string | null = null;
  private stopAsked = false;
  private beforeLost: RecordState | null = null;

  signal(signal: RecordSignal, path: string | null): RecordTransition[] {
    // what this follows on is only known after the resync, which sees its effect
    if (this.state === 'unknown') return [];
    // late by a thread: the recording has ended
    if (this.state === 'idle' && (signal === 'PAUSED' || signal === 'RESUMED' || signal === 'STOPPING'))
      return [];
    switch (signal) {
      case 'STARTING':
        this.stopAsked = false;
        this.path = null;
        this.state = 'starting';
        return [];
      case 'STARTED':
        this.path = path;
        return this.move('recording', 'recording_started', 'event', true);
      case 'PAUSED':
        return this.move('paused', 'recording_paused', 'event', true);
      case 'RESUMED':
        return this.move('recording', 'recording_resumed', 'event', true);
      case 'STOPPING':
        this.stopAsked = true;
        this.state = 'stopping';
        return [];
      case 'STOPPED':
        this.finishedPath = path ?? this.path;
        this.path = null;
        return this.move('idle', 'recording_stopped', 'event', this.stopAsked);
    }
  }

  /** The application went on in another file. */
  fileChanged(path: string | null): RecordTransition[] {
    this.path = path;
    return [
      {
        event: 'recording_file_changed',
        cause: 'event',
        expected: null,
        previous: this.state,
        state: this.state,
      },
    ];
  }

  /**
   * A status while it starts or stops, `sinceMs` after that began: ends what no signal ended. An application can say
   * STARTING and then nothing.
   */
  sample({ active, paused }: RecordSample, sinceMs: number): RecordTransition[] {
    if (sinceMs < STATUS_MAY_LAG_MS) return [];
    if (this.state === 'stopping' && !active)
      return this.move('idle', 'recording_stopped', 'poll', this.stopAsked);
    if (this.state !== 'starting') return [];
    if (active) return this.move(paused ? 'paused' : 'recording', 'recording_started', 'poll', true);
    this.state = 'idle';
    return [];
  }

  lost(): void {
    if (this.state !== 'unknown') this.beforeLost = this.state;
    this.state = 'unknown';
  }

  /** The first status after a connect; later ones tell what changed meanwhile. */
  resync({ active, paused }: RecordSample, restarted: boolean): RecordTransition[] {
    if (this.state !== 'unknown') this.lost();
    // a start that nobody saw succeed was no recording yet
    const before = this.beforeLost === 'starting' ? 'idle' : this.beforeLost;
    this.beforeLost = null;
    const now: RecordState = !active ? 'idle' : paused ? 'paused' : 'recording';
    if (before === null) {
      this.state = now;
      return [];
    }
    const out: RecordTransition[] = [];
    const ran = before !== 'idle';
    this.state = before;
    if (ran && (now === 'idle' || restarted)) {
      // nobody saw whether the file was closed properly
      this.path = null;
      this.finishedPath = null;
      out.push(...this.move('idle', 'recording_stopped', 'resync', before === 'stopping' ? true : null));
    }
    if (now !== 'idle' && this.state === 'idle')
      out.push(...this.move('recording', 'recording_started', 'resync', null));
    if (now === 'paused' && this.state !== 'paused')
      out.push(...this.move('paused', 'recording_paused', 'resync', null));
    if (now === 'recording' && this.state === 'paused')
      out.push(...this.move('recording', 'recording_resumed', 'resync', null));
    this.state = now;
    return out;
  }

  private move(
    state: RecordState,
    event: RecordTransition['event'],
    cause: Cause,
    expected: boolean | null,
  ): RecordTransition[] {
    const previous = this.state;
    this.state = state;
    return previous === state ? [] : [{ event, cause, expected, previous, state }];
  }
}
