import { asLiveError, fail } from '../errors';
import type { Release } from '../production/application';
import type {
  LiveWatch,
  PreparedReport,
  SourceSwitching,
  SwitchMetrics,
  SwitchProgress,
  SwitchReport,
  SwitchUse,
  SwitchWhere,
  SwitchWish,
} from '../production/switching';
import { MACHINE_CLOCK, type SwitchClock } from './clock';
import type { Job, Wanter } from './job';
import { Lane, type LaneContext } from './lane';
import { MetricsBook } from './metrics';
import type { PortChange } from './port';

/** A use ends within this, in milliseconds; what takes longer goes on by itself. */
const RELEASE_MS = 1800;

export type SwitchingOptions = Omit<LaneContext, 'total' | 'clock'> & { clock?: SwitchClock };

/** The switching of one application, on its port. `close` ends it with the application. */
export interface Switching extends SourceSwitching {
  close(): void;
}

/** Make the switching of an application. What it needs of the application it asks its port. */
export function createSwitching(options: SwitchingOptions): Switching {
  return new Places({ ...options, clock: options.clock ?? MACHINE_CLOCK, total: new MetricsBook() });
}

class Places implements Switching {
  private lanes: Lane[] = [];
  private readonly stopHearing: Release;
  /** requests in their order, also where the scene of one has to be asked for */
  private order: Promise<void> | null = null;

  constructor(readonly context: LaneContext) {
    this.stopHearing = context.port.onChange((change) => this.hear(change));
  }

  use(): SwitchUse {
    return new Use(this);
  }

  close(): void {
    this.stopHearing();
  }

  /** The lanes that are known of a place; of all where it is null. */
  known(where: SwitchWhere | null): Lane[] {
    if (!where) return this.lanes;
    return this.lanes.filter(
      (lane) => lane.slot === where.slot && (where.scene === null || lane.scene === where.scene),
    );
  }

  laneOf(scene: string, slot: string): Lane {
    const known = this.known({ scene, slot })[0];
    if (known) return known;
    const lane = new Lane(this.context, scene, slot, new MetricsBook());
    this.lanes.push(lane);
    return lane;
  }

  /** Do `work` with the lane of a place, after everything that was asked before. */
  async at<T>(where: SwitchWhere, work: (lane: Lane) => T): Promise<T> {
    if (where.scene !== null && !this.order) return work(this.laneOf(where.scene, where.slot));
    const before = this.order;
    const turn = (async () => {
      await before;
      const scene = where.scene ?? (await this.context.port.look(where)).scene;
      return work(this.laneOf(scene, where.slot));
    })();
    const order = turn.then(
      () => undefined,
      () => undefined,
    );
    this.order = order;
    void order.then(() => {
      if (this.order === order) this.order = null;
    });
    return await turn;
  }

  private hear(change: PortChange): void {
    for (const lane of this.lanes) lane.hear(change);
  }
}

class Use implements SwitchUse {
  private released = false;
  private readonly lanes = new Set<Lane>();

  constructor(private readonly places: Places) {}

  switchTo(wish: SwitchWish, progress?: (step: SwitchProgress) => void): Promise<SwitchReport> {
    return this.ask<SwitchReport>('switch', wish, progress);
  }

  prepare(wish: SwitchWish, progress?: (step: SwitchProgress) => void): Promise<PreparedReport> {
    return this.ask<PreparedReport>('prepare', wish, progress);
  }

  take(wish: Omit<SwitchWish, 'source'>, progress?: (step: SwitchProgress) => void): Promise<SwitchReport> {
    return this.ask<SwitchReport>('take', { ...wish, source: NO_SOURCE }, progress);
  }

  async discard(where: SwitchWhere): Promise<boolean> {
    return await (
      await this.places.at(where, (lane) => ({ done: lane.discard() }))
    ).done;
  }

  watch(_where: SwitchWhere, _watch: LiveWatch): Release {
    return () => undefined;
  }

  metrics(where: SwitchWhere | null): SwitchMetrics {
    if (!where) return this.places.context.total.figures();
    return (this.places.known(where)[0]?.metrics ?? new MetricsBook()).figures();
  }

  async release(): Promise<void> {
    this.released = true;
    const ended = Promise.all([...this.lanes].map((lane) => lane.release(this)));
    const over = new AbortController();
    await Promise.race([ended, this.places.context.clock.pause(RELEASE_MS, over.signal)]);
    over.abort();
  }

  private async ask<T>(
    kind: Job['kind'],
    wish: SwitchWish,
    progress: ((step: SwitchProgress) => void) | undefined,
  ): Promise<T> {
    const { clock, port } = this.places.context;
    const askedAtMs = clock.now();
    const closed = () =>
      fail('SOURCE_SWITCH_CLOSED', {
        slot: wish.where.slot,
        kept: 'Nothing was changed.',
        oldStillLive: null,
      });
    if (this.released) throw closed();
    const fingerprint = kind === 'take' ? null : port.fingerprint(wish.source);
    return await new Promise<T>((resolve, reject) => {
      const wanter: Wanter = {
        use: this,
        wants: kind === 'prepare' ? 'prepared' : 'live',
        progress,
        resolve: (report) => resolve(report as T),
        reject,
      };
      const job: Job = {
        kind,
        wish,
        fingerprint,
        askedAtMs,
        wanters: [wanter],
        uses: new Set([this]),
        runner: null,
        ended: null,
      };
      this.places
        .at(wish.where, (lane) => {
          if (this.released) throw closed();
          this.lanes.add(lane);
          lane.ask(job);
        })
        .catch((error: unknown) => reject(asLiveError(error)));
    });
  }
}

/** Stands where the source of a take would: it is the prepared one's. */
const NO_SOURCE: SwitchWish['source'] = {
  address: '',
  kind: 'auto',
  pipeline: { preset: 'low-latency' },
  size: null,
};
