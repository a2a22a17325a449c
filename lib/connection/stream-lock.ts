/**
 * Held from the moment a stream start is sent until OBS has settled (live, failed or known idle). Two starts while
 * OBS connects crash it, whichever connection or request type they come by, so there is one lock for an address.
 */
export class StreamLock {
  private holder: object | null = null;
  private readonly waiting: (() => void)[] = [];

  get held(): boolean {
    return this.holder !== null;
  }

  /** Take the lock if it is free; the returned function gives it back. */
  tryTake(): (() => void) | null {
    if (this.holder) return null;
    const mine = {};
    this.holder = mine;
    return () => {
      if (this.holder !== mine) return;
      this.holder = null;
      for (const wake of this.waiting.splice(0)) wake();
    };
  }

  /** Resolve once the lock is free; it may be taken again by the time the caller looks. */
  whenFree(): Promise<void> {
    if (!this.holder) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
