import type { LiveTold } from './live-watcher';
import { hasPicture, motion } from './motion';
import type { MediaState, SourceReading } from './port';

export type LiveVerdict = 'well' | 'stalled' | 'ended';

/** A change of the verdict, to be told. */
export interface LiveChange {
  event: LiveTold['event'];
  /** milliseconds without a new picture; of `source_recovered` until it began to be well */
  forMs: number;
  /** in words; null when it is back */
  reason: string | null;
}

/** One look proves no more than this, in milliseconds, however long the one before is ago. */
const LONGEST_STEP_MS = 2000;
/** So many looks in a row without a size, or without the source, and it is so: one may fall into a restart. */
const LOOKS = 2;
/** While it recovers, a source of one picture a second may stand for so long, in milliseconds. */
const SLOW_MS = 1000;

const OVER: Partial<Record<MediaState, string>> = {
  ended: 'it ended',
  error: 'it reports an error',
  missing: 'it is not there any more',
};

/**
 * Judges the live source by what it says of itself: `stalled` after `stallMs` without a new picture or when it lost its size, `ended` by
 * its state, `well` again after `stableMs` without such a thing. A value that dances around the level is told once. What a person paused
 * is no stall. A time in which nobody could look counts for nothing.
 */
export class LiveJudge {
  private last: SourceReading | null = null;
  private lastAtMs = 0;
  private blind = true;
  private byPerson = false;
  /** looked at, in milliseconds, since the last new picture */
  private stillMs = 0;
  private movedAtMs: number | null = null;
  private without = 0;
  private absent = 0;
  private badSinceMs: number | null = null;
  /** of the present time without a fault; null: there is none */
  private well: { sinceMs: number; forMs: number } | null = null;

  constructor(
    private readonly wish: { stallMs: number; stableMs: number },
    public verdict: LiveVerdict = 'well',
  ) {}

  /** The application was away: the verdict stays, and everything else begins anew. */
  unknown(): void {
    this.last = null;
    this.blind = true;
    this.stillMs = 0;
    this.without = 0;
    this.absent = 0;
    this.well = null;
  }

  /**
   * Takes what the source says at a moment; null where the application was too busy to be asked.
   * @param atMs of a clock that never jumps back
   */
  reading(reading: SourceReading | null, atMs: number): LiveChange | null {
    if (reading === null) {
      this.blind = true;
      return null;
    }
    const passedMs = this.blind ? 0 : Math.min(Math.max(0, atMs - this.lastAtMs), LONGEST_STEP_MS);
    const before = this.last;
    const step = motion(before, reading);
    this.last = reading;
    this.lastAtMs = atMs;
    this.blind = false;
    this.movedAtMs ??= atMs;
    if (this.verdict !== 'well') this.badSinceMs ??= atMs;
    this.without = hasPicture(reading) ? 0 : this.without + 1;
    // one that is in another scene only is not on air here
    const missing = reading.state === 'missing' || reading.enabled === null;
    this.absent = missing ? this.absent + 1 : 0;
    if (missing && this.absent < LOOKS) return null;
    const renamed = reading.state === 'missing' && reading.enabled !== null;
    const over = renamed ? 'it has another name now' : OVER[missing ? 'missing' : reading.state];
    if (over !== undefined) return this.over(over, passedMs, atMs);
    if (step === 'moved') {
      // paused between the two looks, it ran for a part of that time
      this.byPerson = this.verdict === 'well' && reading.state === 'paused' && before?.state === 'playing';
      return this.moved(passedMs, atMs);
    }
    if (this.pausedByPerson(before, reading)) {
      this.stillMs = 0;
      return null;
    }
    this.stillMs += passedMs;
    if (step === 'no-picture' || this.stillMs >= this.restMs) this.well = null;
    return this.still(reading, atMs);
  }

  /** How long it may stand while it recovers: less than what is a stall, so that it does not come and go with every one. */
  private get restMs(): number {
    const { stallMs } = this.wish;
    return Math.min(stallMs, Math.max(SLOW_MS, stallMs / 2));
  }

  private over(reason: string, passedMs: number, atMs: number): LiveChange | null {
    this.byPerson = false;
    this.well = null;
    this.stillMs += passedMs;
    if (this.verdict === 'ended') return null;
    this.badSinceMs ??= this.movedAtMs ?? atMs;
    this.verdict = 'ended';
    return { event: 'source_ended', forMs: atMs - this.badSinceMs, reason };
  }

  private still(reading: SourceReading, atMs: number): LiveChange | null {
    const lost = this.without >= LOOKS;
    if (this.verdict !== 'well' || !(lost || this.stillMs >= this.wish.stallMs)) return null;
    this.verdict = 'stalled';
    this.badSinceMs = this.movedAtMs ?? atMs;
    const stopped = reading.state === 'stopped' ? 'it is stopped' : 'it gives no new picture';
    return {
      event: 'source_stalled',
      forMs: Math.max(this.stillMs, atMs - this.badSinceMs),
      reason: lost ? 'its picture is gone' : stopped,
    };
  }

  private moved(passedMs: number, atMs: number): LiveChange | null {
    const stoodMs = this.stillMs;
    this.stillMs = 0;
    this.movedAtMs = atMs;
    if (this.verdict === 'well') return null;
    if (this.well) this.well.forMs += passedMs + stoodMs;
    else this.well = { sinceMs: atMs, forMs: 0 };
    if (this.well.forMs < this.wish.stableMs) return null;
    const forMs = this.well.sinceMs - (this.badSinceMs ?? this.well.sinceMs);
    this.verdict = 'well';
    this.well = null;
    this.badSinceMs = null;
    return { event: 'source_recovered', forMs, reason: null };
  }

  /**
   * Only one that played can have been paused by a person. Of a gstreamer-source, `paused` is also what it says while it waits for its publisher, and
   * that comes after an end. Source: reference §4.
   */
  private pausedByPerson(before: SourceReading | null, { state, cursorMs }: SourceReading): boolean {
    if (state !== 'paused' || this.verdict !== 'well' || this.without > 0) return (this.byPerson = false);
    this.byPerson ||= before ? before.state === 'playing' : cursorMs !== null && cursorMs > 0;
    return this.byPerson;
  }
}
