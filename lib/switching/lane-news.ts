import type { LiveError } from '../errors';
import type { SwitchReport } from '../production/switching';
import type { LiveTold } from './live-watcher';
import type { MetricsBook } from './metrics';
import type { LaneContext } from './place-keeper';

interface SlotOfScene {
  /** null: not known yet */
  scene: string | null;
  slot: string;
}

interface Failure {
  error: LiveError;
  tag: string | null;
  source?: string | null;
  /** nobody asked for it */
  restored?: boolean;
}

/** Tell everybody that a source could not be put on air. */
export function tellFailure(
  { tell }: Pick<LaneContext, 'tell'>,
  { scene, slot }: SlotOfScene,
  { error, tag, source = null, restored = false }: Failure,
): void {
  const { code, message, details } = error;
  const oldStillLive = details['oldStillLive'] ?? null;
  const payload = { scene, slot, source, code, message, oldStillLive, turn: tag };
  tell('source_switch_failed', payload, restored ? 'resync' : 'event');
}

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
  refused(place: SlotOfScene, error: LiveError, cancelled: boolean, tag: string | null): void {
    this.count((book) => book.gaveUp(error.code, cancelled));
    if (tag !== null) tellFailure(this.context, place, { error, tag });
  }

  /** @param restored nobody asked for it: it is what was on air before the application was away */
  switched(report: SwitchReport, restored: boolean, tag: string | null): void {
    this.count((book) => book.finished(report));
    // nothing happened; only who waits for just this end has to hear of it
    if (report.alreadyLive && tag === null) return;
    this.context.tell('source_switched', { ...report, turn: tag }, restored ? 'resync' : 'event');
  }

  failed(
    place: SlotOfScene,
    failure: Failure & { cancelled: boolean; restored: boolean; source: string | null },
  ): void {
    const { error, cancelled, tag } = failure;
    this.count((book) => book.gaveUp(error.code, cancelled));
    // whoever ended it knows; who gave a tag along may be somebody else
    if (!cancelled || tag !== null) tellFailure(this.context, place, failure);
  }

  cleared({ scene, slot }: SlotOfScene, source: string, tag: string | null): void {
    this.context.tell('source_cleared', { scene, slot, source, turn: tag }, 'event');
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
