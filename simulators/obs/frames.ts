import type { Clock } from './clock';

/** The frames of the canvas: they tick only while somebody asks for them, and hold while the clock is frozen. */
export class Frames {
  /** how many were drawn */
  count = 0;
  private readonly listeners = new Set<() => void>();
  private waiters: (() => void)[] = [];
  private ticking = false;
  private readonly from = performance.now();
  /** the last one's place on the grid */
  private last = 0;

  constructor(
    private readonly clock: Clock,
    private readonly fps: () => number,
  ) {}

  /** Resolves within the next frame, before it is drawn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.tick();
    });
  }

  /** Called once for each frame as it is drawn, behind what batches did in it; until the answer is called. */
  onDrawn(listener: () => void): () => void {
    this.listeners.add(listener);
    this.tick();
    return () => this.listeners.delete(listener);
  }

  private tick(): void {
    if (this.ticking) return;
    this.ticking = true;
    const frameMs = 1000 / this.fps();
    const passedMs = (performance.now() - this.from) * this.clock.speed;
    // a timer may be early by less than a millisecond: that must not make two frames of one
    const next = Math.max(this.last, Math.floor(passedMs / frameMs)) + 1;
    this.clock.after(next * frameMs - passedMs, () => {
      this.last = next;
      this.count += 1;
      const waiting = this.waiters;
      this.waiters = [];
      for (const wake of waiting) wake();
      // requests of a batch are done in this frame before it is drawn
      setImmediate(() => {
        for (const listener of this.listeners) listener();
        this.ticking = false;
        if (this.waiters.length > 0 || this.listeners.size > 0) this.tick();
      }).unref();
    });
  }
}
