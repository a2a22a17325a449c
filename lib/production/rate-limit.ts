/** Lets at most `perSecond` things pass in any one-second window and counts the rest. Pure. */
export class RateLimit {
  private windowStartMs = Number.NEGATIVE_INFINITY;
  private passed = 0;
  private droppedCount = 0;

  /** 0 lets everything pass. */
  constructor(private readonly perSecond: number) {}

  /** Whether this one passes; `dropped` is how many did not since the last that did. */
  pass(atMs: number): { passes: boolean; dropped: number } {
    if (this.perSecond <= 0) return { passes: true, dropped: 0 };
    if (atMs - this.windowStartMs >= 1000) {
      this.windowStartMs = atMs;
      this.passed = 0;
    }
    if (this.passed >= this.perSecond) {
      this.droppedCount++;
      return { passes: false, dropped: this.droppedCount };
    }
    this.passed++;
    const dropped = this.droppedCount;
    this.droppedCount = 0;
    return { passes: true, dropped };
  }
}
