import type { LiveError } from '../errors';
import type { SwitchReport } from '../production/switching';
import type { LiveTold } from './live-watcher';
import type { MetricsBook } from './metrics';
import type { LaneContext } from './place-keeper';

/** What a place has to tell, to everybody who listens and to the figures: its own, and those of all places. */
export class LaneNews {
  constructor(
    private readonly context: LaneContext,
    private readonly metrics: MetricsBook,
  ) {}

  asked(): void {
    this.count((book) => book.asked++);
  }

  /** A request that nothing was done for. */
  refused(code: string, cancelled: boolean): void {
    this.count((book) => book.gaveUp(code, cancelled));
  }

  /** @param restored nobody asked for it: it is what was on air before the application was away */
  switched(report: SwitchReport, restored: boolean): void {
    this.count((book) => book.finished(report));
    if (report.alreadyLive) return;
    this.context.tell('source_switched', { ...report }, restored ? 'resync' : 'event');
  }

  failed(
    place: { scene: string; slot: string },
    source: string | null,
    error: LiveError,
    cancelled: boolean,
    restored: boolean,
  ): void {
    const { code, message, details } = error;
    this.count((book) => book.gaveUp(code, cancelled));
    // whoever ended it knows
    if (cancelled) return;
    const { scene, slot } = place;
    const oldStillLive = details['oldStillLive'] ?? null;
    const payload = { scene, slot, source, code, message, oldStillLive };
    this.context.tell('source_switch_failed', payload, restored ? 'resync' : 'event');
  }

  live({ event, payload }: LiveTold): void {
    this.count((book) => {
      if (event === 'source_stalled') book.stalled++;
      if (event === 'source_ended') book.ended++;
    });
    this.context.tell(event, { ...payload }, 'poll');
  }

  private count(how: (book: MetricsBook) => void): void {
    how(this.metrics);
    how(this.context.total);
  }
}
