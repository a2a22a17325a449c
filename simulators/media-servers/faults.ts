/** How the API misbehaves: never answers, closes the connection, an empty page, an error page, half of the answer, a foreign page. */
export type ApiFault = 'hang' | 'reset' | 'blank' | 'error' | 'truncated' | 'html';

/** Faults a test or a rehearsal scripts; everything is off until asked for. */
export class Faults {
  /** every hook is posted this late, in simulated milliseconds */
  hookDelayMs = 0;
  /** every hook that only tells is posted twice */
  hookTwice = false;
  /** nobody is told when a publisher leaves */
  loseUnpublish = false;
  /** the hook address is not reachable */
  hooksDown = false;

  private apiFault: { fault: ApiFault; left: number } | null = null;

  /** The next `times` requests to the API fail; for ever by default, until `clear`. */
  failApi(fault: ApiFault, times = Infinity): void {
    this.apiFault = { fault, left: times };
  }

  /** Take every scripted fault back. */
  clear(): void {
    this.hookDelayMs = 0;
    this.hookTwice = false;
    this.loseUnpublish = false;
    this.hooksDown = false;
    this.apiFault = null;
  }

  /** The simulator asks: how does this request fail? Each counts once. */
  nextApi(): ApiFault | null {
    if (!this.apiFault || this.apiFault.left <= 0) return null;
    this.apiFault.left -= 1;
    return this.apiFault.fault;
  }
}
