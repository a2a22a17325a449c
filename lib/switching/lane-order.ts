import type { LiveError } from '../errors';
import type { ClearReport } from '../production/switching';
import type { LaneNews } from './lane-news';
import { restoringJob, type Job } from './job';
import type { LaneContext, PlaceKeeper } from './place-keeper';
import type { SweepReason } from './sweep';

/** How often leftovers that could not be removed are tried again, each time after a longer while, in milliseconds. */
const MOST_SWEEPS = 5;
const SWEEP_AGAIN_MS = 2000;
/** How often, and how many milliseconds after a failure, a source that was on air is switched to again. */
const MOST_RESTORES = 3;
const RESTORE_AGAIN_MS = 5000;

/** What waits for its turn and is no switch. */
interface Errand {
  run: () => Promise<void>;
  refuse: (error: LiveError) => void;
}

/** What the order of a place needs of its lane. */
export interface OrderedLane {
  readonly scene: string;
  readonly slot: string;
  /** the sources it has in its hands, which are no leftovers */
  readonly inUse: string[];
  /** nothing is begun any more */
  readonly closed: boolean;
  readonly someoneWaits: boolean;
  /** a switch is under way, or waits to be */
  readonly isBusy: boolean;
  push(job: Job): void;
  /** do what is due */
  pump(): Promise<void>;
}

/** When a place is put in order, and when what was on air before the application was away is switched to again. */
export class LaneOrder {
  /** why it is to be put in order; null: it need not be */
  private due: SweepReason | null = null;
  private readonly errands: Errand[] = [];
  private sweeps = 0;
  private restores = 0;

  constructor(
    private readonly context: LaneContext,
    private readonly lane: OrderedLane,
    private readonly keeper: PlaceKeeper,
    private readonly news: LaneNews,
  ) {}

  /** Put the place in order as soon as nothing is under way in it. */
  want(reason: SweepReason): void {
    if (reason !== 'leftover') this.sweeps = this.restores = 0;
    this.due = reason;
    void this.lane.pump();
  }

  get isDue(): boolean {
    return this.due !== null || this.errands.length > 0;
  }

  /** Do what is due now. */
  async doDue(): Promise<void> {
    if (this.due) await this.sweepNow(this.due);
    for (const { run } of this.errands.splice(0)) await run();
  }

  /** Take what is on air off it, as soon as nothing is under way in the place. */
  takeOff(tag: string | null): Promise<ClearReport> {
    return new Promise((resolve, reject) => {
      this.errands.push({ run: () => this.takeOffNow(tag).then(resolve, reject), refuse: reject });
      void this.lane.pump();
    });
  }

  /** Nothing of what waits here is done any more. */
  refuseAll(error: LiveError): void {
    for (const { refuse } of this.errands.splice(0)) refuse(error);
  }

  private async takeOffNow(tag: string | null): Promise<ClearReport> {
    const { source, again } = await this.keeper.takeOff(new Set(this.lane.inUse));
    if (again) this.sweepLater();
    const { scene, slot } = this.lane;
    if (source !== null) this.news.cleared({ scene, slot }, source, tag);
    return { source, scene, slot };
  }

  private async sweepNow(reason: SweepReason): Promise<void> {
    this.due = null;
    const { restore, again } = await this.keeper.sweep(reason, new Set(this.lane.inUse));
    if (again) this.sweepLater();
    // whoever waits wants something newer
    if (restore && !this.lane.someoneWaits) this.restore();
  }

  /** Something could not be removed. */
  sweepLater(): void {
    if (this.sweeps++ >= MOST_SWEEPS) return;
    void this.context.clock.pause(SWEEP_AGAIN_MS * this.sweeps).then(() => {
      if (!this.lane.closed && this.context.port.connected) this.want('leftover');
    });
  }

  /** A restoring failed: the publisher may be coming back as well. */
  restoreLater(): void {
    void this.context.clock.pause(RESTORE_AGAIN_MS).then(() => {
      if (this.lane.closed || this.lane.isBusy || !this.context.port.connected) return;
      this.restore();
      void this.lane.pump();
    });
  }

  /** Switch to what was on air before the application was away. */
  private restore(): void {
    const { confirmed } = this.keeper;
    if (!confirmed || this.restores++ >= MOST_RESTORES) return;
    const { slot, scene } = this.lane;
    this.context.log('info', `${slot} in ${scene} is not what was on air before: it is switched to again`);
    this.news.asked();
    this.lane.push(restoringJob(confirmed.wish, confirmed.fingerprint, this.context.clock.now()));
  }
}
