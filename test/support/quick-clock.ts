import type { SwitchClock } from '../../lib/switching/clock';

interface Timer {
  atMs: number;
  order: number;
  fire: () => void;
}

/** A clock that jumps to the next moment somebody waits for as soon as nothing else happens: hours pass in a second. */
export class QuickClock implements SwitchClock {
  private atMs = 1_000_000;
  private timers: Timer[] = [];
  private order = 0;
  private turning = false;
  private stopped = false;

  now(): number {
    return this.atMs;
  }

  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const aborted = () => {
        this.timers = this.timers.filter((one) => one !== timer);
        resolve();
      };
      const fire = () => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      };
      const timer: Timer = { atMs: this.atMs + Math.max(0, ms), order: this.order++, fire };
      this.timers.push(timer);
      signal?.addEventListener('abort', aborted, { once: true });
      this.turn();
    });
  }

  /** Do something after `ms`. */
  after(ms: number, what: () => void): void {
    void this.pause(ms).then(what);
  }

  /** Whoever still waits waits for ever: the test is over. */
  stop(): void {
    this.stopped = true;
    this.timers = [];
  }

  private turn(): void {
    if (this.turning) return;
    this.turning = true;
    setImmediate(() => {
      this.turning = false;
      if (this.stopped) return;
      this.timers.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const next = this.timers.shift();
      if (!next) return;
      this.atMs = Math.max(this.atMs, next.atMs);
      next.fire();
      if (this.timers.length) this.turn();
    });
  }
}
