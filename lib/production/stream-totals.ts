import type { StreamSample } from './stream-machine';

/** A bitrate needs this much time: one-second samples of a steady stream were measured to swing by half. */
const WINDOW_MS = 5_000;

/**
 * Totals of one stream over its reconnects, which reset the application's counters, and the bitrate of the last
 * seconds by measured time. Pure.
 */
export class StreamTotals {
  private readonly before = { bytes: 0, frames: 0, droppedFrames: 0 };
  private last: StreamSample | null = null;
  private window: { atMs: number; bytes: number }[] = [];
  private seen = false;

  reset(): void {
    this.before.bytes = this.before.frames = this.before.droppedFrames = 0;
    this.last = null;
    this.window = [];
    this.seen = false;
  }

  add(sample: StreamSample): void {
    const last = this.last;
    this.last = sample;
    if (sample.active) this.seen = true;
    for (const name of ['bytes', 'frames', 'droppedFrames'] as const) {
      const was = last?.[name] ?? null;
      const is = sample[name];
      if (was !== null && is !== null && is < was) this.before[name] += was;
    }
    const bytes = sample.bytes;
    if (bytes === null || !sample.active || sample.reconnecting || (last?.bytes ?? 0) > bytes)
      this.window = [];
    if (bytes === null || !sample.active || sample.reconnecting) return;
    this.window.push({ atMs: sample.atMs, bytes });
    while (this.window.length > 2 && sample.atMs - this.window[1]!.atMs >= WINDOW_MS) this.window.shift();
  }

  /** kbit/s over the last seconds, or null when there are not two samples of one connection. */
  bitrateKbps(): number | null {
    const first = this.window[0];
    const last = this.window.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return null;
    return Math.round(((last.bytes - first.bytes) * 8) / (last.atMs - first.atMs));
  }

  /** Totals since `reset`; null where nothing was ever read. */
  totals(): { sizeBytes: number | null; totalFrames: number | null; droppedFrames: number | null } {
    const sum = (name: 'bytes' | 'frames' | 'droppedFrames') => {
      const value = this.last?.[name] ?? null;
      return value === null || !this.seen ? null : this.before[name] + value;
    };
    return { sizeBytes: sum('bytes'), totalFrames: sum('frames'), droppedFrames: sum('droppedFrames') };
  }

  get congestion(): number | null {
    return this.last?.active ? this.last.congestion : null;
  }
}
