import type { Spread, SwitchMetrics, SwitchReport } from '../production/switching';

/** So many switches are remembered for the spreads; a long evening has a few hundred. */
const MOST_KEPT = 500;
const SPREADS = ['createMs', 'readyMs', 'swapMs', 'totalMs'] as const;

/** How the switches of one place, or of all, went. */
export class MetricsBook {
  asked = 0;
  done = 0;
  failed = 0;
  cancelled = 0;
  stalled = 0;
  ended = 0;
  private readonly byCause = new Map<string, number>();
  private readonly kept: Record<(typeof SPREADS)[number], number[]> = {
    createMs: [],
    readyMs: [],
    swapMs: [],
    totalMs: [],
  };

  finished(report: SwitchReport): void {
    this.done++;
    // one that was on air already took no time that says anything
    if (report.alreadyLive) return;
    for (const name of SPREADS) {
      const value = report[name];
      if (value === null) continue;
      this.kept[name].push(value);
      if (this.kept[name].length > MOST_KEPT) this.kept[name].shift();
    }
  }

  gaveUp(code: string, cancelled: boolean): void {
    if (cancelled) this.cancelled++;
    else this.failed++;
    this.byCause.set(code, (this.byCause.get(code) ?? 0) + 1);
  }

  figures(): SwitchMetrics {
    const { asked, done, failed, cancelled, stalled, ended, kept } = this;
    return {
      asked,
      done,
      failed,
      cancelled,
      byCause: Object.fromEntries(this.byCause),
      createMs: spreadOf(kept.createMs),
      readyMs: spreadOf(kept.readyMs),
      swapMs: spreadOf(kept.swapMs),
      totalMs: spreadOf(kept.totalMs),
      stalled,
      ended,
    };
  }
}

/** The last, the middle and the slow end of some durations, in their order of time; the nearest rank each. */
export function spreadOf(values: readonly number[]): Spread {
  const last = values.at(-1);
  if (last === undefined) return { last: null, median: null, p95: null };
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? last;
  return { last, median: rank(0.5), p95: rank(0.95) };
}
