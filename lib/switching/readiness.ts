import { hasPicture, motion } from './motion';
import type { MediaState, SourceReading } from './port';

export type ReadinessVerdict = 'waiting' | 'ready' | 'failed';

/** How often in a row its time must have gone on. Source: reference §1, one step alone may be a source that dies. */
const STEPS = 2;
/** One look proves no more than this, in milliseconds, however long the one before is ago. */
const LONGEST_STEP_MS = 1000;
/** A time that stands for so long, in milliseconds, is no slow source but one that stopped. Source: reference §5, stalls show within 2 s. */
const STANDS_MS = 2000;
/** Both kinds begin again 2 s after an end (as we set them); what has not after this many milliseconds never will, such as a file. */
const OVER_MS = 5000;
/** So many ends without a picture between them: nothing listens there, and it tries again and again. */
const MOST_ENDS = 2;

const SAYS: Record<MediaState, string> = {
  none: 'it has not begun',
  opening: 'it is opening',
  buffering: 'it is buffering',
  playing: 'it says that it plays',
  paused: 'it is paused',
  stopped: 'it is stopped',
  ended: 'it ended',
  error: 'it reports an error',
  missing: 'it is not there any more',
};

/**
 * Whether a new source can be shown: its size is known and its time goes on, for `settleMs` without a break. No state proves that.
 * After `ready` it may be asked on: a break makes it `waiting` again. `failed` is final.
 */
export class Readiness {
  private last: SourceReading | null = null;
  private lastAtMs = 0;
  /** nobody could look since the last reading */
  private blind = false;
  private steps = 0;
  /** milliseconds without a break, up to the last reading that moved */
  private heldMs = 0;
  /** milliseconds since then */
  private stoodMs = 0;
  private ready = false;
  private failed = false;
  private endedForMs = 0;
  private wasEnded = false;
  private ends = 0;
  private endHeard = false;

  constructor(private readonly wish: { settleMs: number }) {}

  /**
   * Takes what the source says at a moment. Null, where the application was too busy to be asked, neither proves nor breaks anything.
   * @param atMs of a clock that never jumps back
   */
  reading(reading: SourceReading | null, atMs: number): ReadinessVerdict {
    if (this.failed) return 'failed';
    if (reading === null) {
      this.blind = true;
      return this.verdict();
    }
    const passedMs = this.last && !this.blind ? Math.max(0, atMs - this.lastAtMs) : 0;
    // what it shows after an end is not the picture from before
    const step = motion(this.endHeard ? null : this.last, reading);
    this.last = reading;
    this.lastAtMs = atMs;
    this.blind = false;
    this.endHeard = false;
    this.judgeState(reading.state, passedMs);
    if (step === 'no-picture' || step === 'back' || reading.state === 'stopped' || reading.state === 'ended')
      this.broken();
    else if (step === 'moved') this.moved(passedMs);
    else if (step === 'stood') this.stood(passedMs);
    return this.verdict();
  }

  /** The application told that its playback ended; told twice between two looks, it counts once. */
  playbackEnded(): ReadinessVerdict {
    if (!this.endHeard && !this.failed) {
      this.endHeard = true;
      this.ends += 1;
      this.broken();
      if (this.ends >= MOST_ENDS) this.failed = true;
    }
    return this.verdict();
  }

  /** Its last state, size and time, in words that fit into a sentence's brackets. */
  describe(): string {
    const { last } = this;
    if (!last) return this.ends > 0 ? `it ended ${times(this.ends)}` : 'it could not be looked at';
    const says = SAYS[last.state];
    if (last.state === 'missing') return says;
    const size = hasPicture(last) ? `${last.width}x${last.height}` : 'no picture yet';
    const ends = this.ends > 0 && last.state !== 'ended' ? `, it ended ${times(this.ends)}` : '';
    if (last.cursorMs === null) return `${says}, ${size}${ends}`;
    const runs = this.steps > 0 && this.stoodMs === 0;
    return `${says}, ${size}, its time ${runs ? 'is' : 'stands at'} ${(last.cursorMs / 1000).toFixed(1)} s${ends}`;
  }

  private judgeState(state: MediaState, passedMs: number): void {
    this.endedForMs = state === 'ended' ? this.endedForMs + (this.wasEnded ? passedMs : 0) : 0;
    this.wasEnded = state === 'ended';
    if (state === 'error' || state === 'missing' || this.endedForMs >= OVER_MS) this.failed = true;
  }

  private moved(passedMs: number): void {
    this.heldMs += Math.min(passedMs + (this.steps > 0 ? this.stoodMs : 0), LONGEST_STEP_MS);
    this.stoodMs = 0;
    this.steps += 1;
    if (this.steps < STEPS || this.heldMs < this.wish.settleMs) return;
    this.ready = true;
    this.ends = 0;
  }

  private stood(passedMs: number): void {
    this.stoodMs += passedMs;
    if (this.stoodMs >= STANDS_MS) this.broken();
  }

  private broken(): void {
    this.ready = false;
    this.steps = 0;
    this.heldMs = 0;
    this.stoodMs = 0;
  }

  private verdict(): ReadinessVerdict {
    if (this.failed) return 'failed';
    return this.ready ? 'ready' : 'waiting';
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
