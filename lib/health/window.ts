import { GAP_MS } from './facts';

/** Points closer together than this are one. */
const STEP_MS = 50;
/** Enough for the longest window at the closest points. */
const SLOTS = 128;
/** How far back a figure looks: one-second samples of a steady stream swing by half, five seconds of it don't. */
export const WINDOW_MS = 5_000;
/** Congestion is averaged as the status bar of OBS does it. */
export const CONGESTION_MS = 4_000;

/** A figure as it is worked with: NaN where nobody knows it. */
export function figure(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : NaN;
}

/** Why a window gives no figure. */
export type WindowGap = 'first' | 'reset' | 'none';

/**
 * Up to three counters of one application over the last seconds (five by default), with the real time between their readings. A
 * counter that falls was started anew: what was read before is forgotten.
 */
export class CounterWindow {
  gap: WindowGap = 'first';
  private readonly times = new Float64Array(SLOTS);
  private readonly past = [
    new Float64Array(SLOTS),
    new Float64Array(SLOTS),
    new Float64Array(SLOTS),
  ] as const;
  private readonly latest = new Float64Array(3).fill(NaN);
  /** the last that was known of each: a reading in between may have known nothing */
  private readonly known = new Float64Array(3).fill(NaN);
  private latestAt = NaN;
  private tail = 0;
  private count = 0;
  private base = -1;

  /** `windowMs`: how far back a figure looks; longer where the counters themselves move seldom */
  constructor(private readonly windowMs = WINDOW_MS) {}

  /** Forget everything: figures begin anew with the next reading. */
  restart(gap: WindowGap): void {
    this.count = 0;
    this.latestAt = NaN;
    this.latest.fill(NaN);
    this.known.fill(NaN);
    this.gap = gap;
  }

  /** A reading of the counters at `at` in ms; NaN where one is not known. */
  push(at: number, a: number, b: number, c: number): void {
    const { latest, known } = this;
    if (a < known[0]! || b < known[1]! || c < known[2]!) this.restart('reset');
    else if (at - this.latestAt > GAP_MS) this.restart('first');
    else if (at > this.latestAt) this.keep();
    this.latestAt = at;
    latest[0] = a;
    latest[1] = b;
    latest[2] = c;
    if (a === a) known[0] = a;
    if (b === b) known[1] = b;
    if (c === c) known[2] = c;
    // the point that is closest to a window old: a single mishap leaves every figure within five seconds
    while (
      this.count > 1 &&
      2 * (at - this.windowMs) >= this.times[this.tail]! + this.times[(this.tail + 1) % SLOTS]!
    )
      this.drop();
    if (this.count > 0) this.gap = 'none';
  }

  /** How much a counter grew in the window; NaN where that is not known. Sets what `spanMs` stands on. */
  grown(column: 0 | 1 | 2): number {
    const last = this.latest[column]!;
    this.base = -1;
    if (Number.isNaN(last)) return NaN;
    const values = this.past[column];
    for (let i = 0; i < this.count; i++) {
      const slot = (this.tail + i) % SLOTS;
      if (Number.isNaN(values[slot]!)) continue;
      this.base = slot;
      return last - values[slot]!;
    }
    return NaN;
  }

  /** How much `column` grew between the same two readings as the last `grown`. */
  grownWith(column: 0 | 1 | 2): number {
    return this.base < 0 ? NaN : this.latest[column]! - this.past[column][this.base]!;
  }

  /** The time the last `grown` stands on, in ms. */
  spanMs(): number {
    return this.base < 0 ? NaN : this.latestAt - this.times[this.base]!;
  }

  private keep(): void {
    if (this.count > 0 && this.latestAt - this.times[(this.tail + this.count - 1) % SLOTS]! < STEP_MS) return;
    if (this.count === SLOTS) this.drop();
    const slot = (this.tail + this.count++) % SLOTS;
    this.times[slot] = this.latestAt;
    for (let i = 0; i < 3; i++) this.past[i]![slot] = this.latest[i]!;
  }

  private drop(): void {
    this.tail = (this.tail + 1) % SLOTS;
    this.count--;
  }
}

/** The mean of the readings of the last four seconds. */
export class MeanWindow {
  private readonly times = new Float64Array(SLOTS);
  private readonly values = new Float64Array(SLOTS);
  private tail = 0;
  private count = 0;

  restart(): void {
    this.count = 0;
  }

  /** Take a reading at `at` in ms and give the mean with it; NaN when this reading is not known. */
  push(at: number, value: number): number {
    if (Number.isNaN(value)) return NaN;
    const newest = (this.tail + this.count - 1 + SLOTS) % SLOTS;
    if (this.count > 0 && at - this.times[newest]! < STEP_MS) {
      this.values[newest] = value;
    } else {
      if (this.count === SLOTS) this.drop();
      const slot = (this.tail + this.count++) % SLOTS;
      this.times[slot] = at;
      this.values[slot] = value;
    }
    while (this.count > 1 && this.times[this.tail]! <= at - CONGESTION_MS) this.drop();
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += this.values[(this.tail + i) % SLOTS]!;
    return figure(sum / this.count);
  }

  private drop(): void {
    this.tail = (this.tail + 1) % SLOTS;
    this.count--;
  }
}
