/** A publisher's own clock and ours part by this much at most, in ms per s; crystals do by a tenth of it. Slower than any jitter shows. */
const SLEW = 1 / 1000;
/** So long nothing but the quickest tag counts: a burst at the start, or a network that was slow, comes down at once. */
const SETTLE_MS = 10_000;
const LOOK_MS = 5_000;
/** More than that is no drift: somebody's clock was stopped, or set. */
const STEP_MS = 2_000;

/** The time between two jumps of a publisher's clock: what is to be added to media time. */
export interface Era {
  offset: number;
}

/**
 * Media time as wall time, for one connection: what the first tag says, corrected slowly for clocks that run apart. It takes the quickest tags for
 * true, since a tag can come late and never early, and never goes backwards. Pure; all times in milliseconds.
 */
export class MediaClock {
  private current: Era;
  private since: number;
  private lookedAt: number;
  private lastMedia: number;
  /** the quickest tag of this look and of the one before: wall minus media time */
  private least = Infinity;
  private leastBefore = Infinity;
  private lastAt = -Infinity;

  /** @param afterMs wall time of the last picture of the connection before: what comes in a burst is not sorted in before it */
  constructor(wallMs: number, mediaMs: number, afterMs = -Infinity) {
    // a clock that was set back meanwhile holds nothing up
    this.lastAt = Math.min(afterMs, wallMs);
    this.current = { offset: wallMs - mediaMs };
    this.since = this.lookedAt = wallMs;
    this.lastMedia = mediaMs;
  }

  /** What the tag belongs to that was seen last; its picture may be asked about when the publisher's clock has jumped since. */
  get era(): Era {
    return this.current;
  }

  /** A tag came. */
  seen(wallMs: number, mediaMs: number): void {
    const delta = wallMs - mediaMs;
    const step = mediaMs - this.lastMedia;
    this.lastMedia = mediaMs;
    const { current } = this;
    // a clock that was set back, or far ahead: nothing comes before it was captured
    if (step < -STEP_MS || delta < current.offset - STEP_MS) {
      // a burst is no jump: what came before it was captured as much earlier
      if (Math.abs(step) > STEP_MS) this.current = { offset: delta };
      return this.restart(wallMs, delta);
    }
    if (wallMs - this.since < SETTLE_MS) current.offset = Math.min(current.offset, delta);
    this.least = Math.min(this.least, delta);
    if (wallMs - this.lookedAt < LOOK_MS) return;
    const ahead = Math.min(this.least, this.leastBefore) - current.offset;
    const most = (wallMs - this.lookedAt) * SLEW;
    if (ahead > STEP_MS) this.restart(wallMs, current.offset + ahead);
    else current.offset += Math.max(-most, Math.min(most, ahead));
    this.leastBefore = this.least;
    this.least = Infinity;
    this.lookedAt = wallMs;
  }

  /** When what is shown at this media time was captured. Each answer is later than the one before. */
  at(mediaMs: number, era = this.current): number {
    this.lastAt = Math.max(this.lastAt + 1, Math.round(era.offset + mediaMs));
    return this.lastAt;
  }

  private restart(wallMs: number, offset: number): void {
    this.current.offset = offset;
    this.since = this.lookedAt = wallMs;
    this.least = this.leastBefore = Infinity;
  }
}
