import type { Why } from './reasons';

/** Without a set bitrate, the first so many ms of a stream say what is normal. */
const MEASURE_MS = 30_000;
const MOST_READINGS = 128;

/** What the bitrate of a stream should be. */
export class Baseline {
  /** NaN while nobody knows */
  kbps = NaN;
  why: Why = 'notLive';
  private measured: number[] = [];
  private fromMs = NaN;

  /** Another stream begins. */
  forget(why: Why): void {
    this.kbps = NaN;
    this.why = why;
    this.measured = [];
    this.fromMs = NaN;
  }

  /**
   * Take what somebody set or the encoder is set to (NaN: neither), else measure: `bitrateKbps` at `atMs`, NaN while it
   * means nothing.
   */
  find(setKbps: number, bitrateKbps: number, atMs: number): void {
    if (setKbps > 0) {
      this.kbps = setKbps;
      return;
    }
    if (Number.isNaN(this.fromMs)) this.kbps = NaN;
    if (!Number.isNaN(this.kbps)) return;
    this.why = 'measuring';
    if (!(bitrateKbps > 0)) return;
    if (Number.isNaN(this.fromMs)) this.fromMs = atMs;
    if (this.measured.length < MOST_READINGS) this.measured.push(bitrateKbps);
    if (atMs - this.fromMs < MEASURE_MS) return;
    const sorted = this.measured.sort((a, b) => a - b);
    this.kbps = sorted[sorted.length >> 1]!;
    this.measured = [];
  }
}
