/**
 * Held from the moment a stream start is sent until OBS has settled (live, failed or known idle). Two starts while
 * OBS connects crash it, whichever connection or request type they come by, so there is one lock for an address.
 */
export class StreamLock {
  private holder: (() => void) | null = null;
  private abandoned = false;
  private readonly waiting: (() => void)[] = [];

  get held(): boolean {
    return this.holder !== null;
  }

  /** Take the lock if it is free; the returned function gives it back. */
  tryTake(): (() => void) | null {
    if (this.holder) return null;
    const release = () => {
      if (this.holder !== release) return;
      this.holder = null;
      this.abandoned = false;
      for (const wake of this.waiting.splice(0)) wake();
    };
    this.holder = release;
    return release;
  }

  /**
   * The connection that held it is gone and will not see how its start ends: another one may, and says so by
   * `settled`. After `ms`, by when every start has ended, it is free in any case.
   */
  abandon(release: () => void, ms: number): void {
    if (this.holder !== release) return;
    this.abandoned = true;
    setTimeout(release, ms).unref();
  }

  /** Some connection saw that OBS is not connecting any more. */
  settled(): void {
    if (this.abandoned) this.holder?.();
  }

  /** Resolve once the lock is free; it may be taken again by the time the caller looks. */
  whenFree(): Promise<void> {
    if (!this.holder) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
