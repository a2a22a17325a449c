import type { SourceReading } from './port';

/** Stand-in until the real one lands. */
export class Readiness {
  private sinceMs: number | null = null;
  private cursorMs: number | null = null;
  private movedAtMs = -Infinity;
  private ended = 0;
  private last: SourceReading | null = null;

  constructor(private readonly options: { settleMs: number }) {}

  reading(reading: SourceReading, atMs: number): 'waiting' | 'ready' | 'failed' {
    this.last = reading;
    if (reading.state === 'error' || this.ended >= 2) return 'failed';
    const moved = this.cursorMs !== null && reading.cursorMs !== null && reading.cursorMs > this.cursorMs;
    this.cursorMs = reading.cursorMs;
    if (moved) this.movedAtMs = atMs;
    if (reading.width === 0 || reading.height === 0 || atMs - this.movedAtMs > 600) {
      this.sinceMs = null;
      return 'waiting';
    }
    this.sinceMs ??= atMs;
    return atMs - this.sinceMs >= this.options.settleMs ? 'ready' : 'waiting';
  }

  playbackEnded(): void {
    this.ended++;
  }

  describe(): string {
    const { last } = this;
    if (!last) return 'nothing was read of it';
    return `${last.state}, ${last.width > 0 ? `${last.width}×${last.height}` : 'no picture'}`;
  }
}
