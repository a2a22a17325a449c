export type Cancel = () => void;

/** All delays of the simulator: divided by `speed`, unref'd, stopped while frozen, and ended together. */
export class Clock {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly sleepers = new Set<() => void>();
  private frozen = false;
  private late: (() => void)[] = [];
  private ended = false;

  constructor(readonly speed: number) {}

  /** Do something after `ms` of simulated time. */
  after(ms: number, action: () => void): Cancel {
    if (this.ended) return () => undefined;
    let cancelled = false;
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        const run = () => {
          if (!cancelled) action();
        };
        if (this.frozen) this.late.push(run);
        else run();
      },
      Math.max(0, ms / this.speed),
    );
    timer.unref();
    this.timers.add(timer);
    return () => {
      cancelled = true;
      clearTimeout(timer);
      this.timers.delete(timer);
    };
  }

  /** Wait `ms` of simulated time, or until the clock ends. */
  sleep(ms: number): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.sleepers.delete(wake);
        resolve();
      };
      this.sleepers.add(wake);
      this.after(ms, wake);
    });
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    const late = this.late;
    this.late = [];
    for (const action of late) action();
  }

  end(): void {
    this.ended = true;
    this.late = [];
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const wake of this.sleepers) wake();
  }
}
