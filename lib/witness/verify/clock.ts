import type { Entry } from '../entry';

/** Two clocks that drift apart by more than this, ms, were not left alone. */
export const MOST_DRIFT_MS = 2000;

/** Compares the clock of a log's entries with the time since their writer began. */
export class Clocks {
  /** clock minus time since the writer began, ms; null before a run's first entry */
  private base: number | null = null;
  private before: { t: number; mono: number } | null = null;

  /** What is odd about an entry's time; null where nothing is. */
  next({ t: text, mono, type }: Pick<Entry, 't' | 'mono' | 'type'>): string | null {
    const t = Date.parse(text);
    const { before } = this;
    this.before = { t, mono };
    const passed = mono / 1000;
    if (type === 'log.open' || this.base === null) {
      this.base = t - passed;
      if (!before || t >= before.t - MOST_DRIFT_MS) return null;
      return `its clock is ${seconds(before.t - t)} behind the entry before`;
    }
    if (before && mono < before.mono)
      return `it was written ${seconds((before.mono - mono) / 1000)} before the entry before it, by the time since the writer began`;
    const drift = t - passed - this.base;
    if (Math.abs(drift) <= MOST_DRIFT_MS) return null;
    // told once: from here on the clock is taken as it is
    this.base = t - passed;
    return `the clock was set ${seconds(Math.abs(drift))} ${drift < 0 ? 'back' : 'forward'}, or the computer slept`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
