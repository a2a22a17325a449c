const TURN = 2 ** 32;
const HALF = 2 ** 31;

/**
 * Makes a time stamp of 32 bits that starts over after 49.7 days (or wherever its writer began) go on. A step back stays a step back; what
 * lies more than half a turn away is taken for the next turn.
 */
export class UnwrappedTime {
  private last: number | null = null;

  /** Milliseconds; the first one is as it was given. */
  next(timestamp: number): number {
    const raw = ((Math.trunc(timestamp) % TURN) + TURN) % TURN;
    if (this.last === null) return (this.last = raw);
    let step = (raw - (((this.last % TURN) + TURN) % TURN)) % TURN;
    if (step > HALF) step -= TURN;
    else if (step <= -HALF) step += TURN;
    return (this.last += step);
  }
}
