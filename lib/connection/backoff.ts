/** How long to wait before the next attempt: `firstMs` x `factor` up to `maxMs`, ±`jitter` of it. Pure. */
export class Backoff {
  private nextMs: number;

  constructor(
    private readonly random: () => number = Math.random,
    private readonly firstMs = 1000,
    private readonly factor = 1.6,
    private readonly maxMs = 30_000,
    private readonly jitter = 0.2,
  ) {
    this.nextMs = firstMs;
  }

  /** Milliseconds to wait now; the next call gives a longer one. */
  next(): number {
    const base = this.nextMs;
    this.nextMs = Math.min(base * this.factor, this.maxMs);
    return Math.round(base * (1 + this.jitter * (2 * this.random() - 1)));
  }

  /** Start over, after a success; `fromMs` where the first wait should be longer (a clean quit of the application). */
  reset(fromMs = this.firstMs): void {
    this.nextMs = fromMs;
  }
}
