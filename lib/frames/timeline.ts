/** A publisher's time may go back so far without anybody having set it. */
const MOST_BACK_MS = 1_000;
const MOST_AHEAD_MS = 60 * 60_000;
/** After a jump the next picture comes this much later. */
const STEP_MS = 40;

/** The publisher's times as ones that only go on: decoders and intervals take them. Pure, milliseconds. */
export class Timeline {
  private shift = 0;
  private last: number | null = null;

  at(mediaMs: number): number {
    const at = mediaMs + this.shift;
    if (this.last === null || (at >= this.last - MOST_BACK_MS && at <= this.last + MOST_AHEAD_MS)) {
      this.last = Math.max(at, this.last ?? at);
      return at;
    }
    this.shift = this.last + STEP_MS - mediaMs;
    this.last += STEP_MS;
    return this.last;
  }
}
