import { asLiveError, fail } from '../errors';
import type { Release } from '../production/application';
import type {
  ClearReport,
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
import { Lane } from './lane';
import { tellFailure } from './lane-news';
import { MetricsBook } from './metrics';
import { answered, type LaneContext } from './place-keeper';
import type { PlaceLook, PortChange } from './port';
import type { SweepReason } from './sweep';

/** A use ends within this, in milliseconds; what takes longer goes on by itself. */
const RELEASE_MS = 1800;
/** With so many places, those of which nothing is known are forgotten. */
const MOST_LANES = 32;
/** An application that has just come back may still be loading. */
const MOST_LOOKS = 20;
const LOOK_AGAIN_MS = 500;

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

  private readonly wishes = new Set<() => void>();
  private sweeping = 0;
  private seen = false;

  constructor(readonly context: LaneContext) {
    this.stopHearing = context.port.onChange((change) => this.hear(change));
    if (context.port.connected) this.sweep('start');
  }

  use(): SwitchUse {
    return new Use(this);
  }

  close(): void {
    this.stopHearing();
    this.sweeping++;
    for (const lane of this.lanes) lane.close();
  }

  /** Something to be tried now, and again whenever the application comes back, until the answer is called. */
  whenever(wish: () => void): Release {
    this.wishes.add(wish);
    wish();
    return () => void this.wishes.delete(wish);
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
    // a message may name any scene, also one that nobody has
    if (this.lanes.length >= MOST_LANES) {
      const idle = this.lanes.filter((one) => one.isIdle);
      for (const one of idle) one.isForgotten = true;
      this.lanes = this.lanes.filter((one) => !idle.includes(one));
    }
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
      const scene = where.scene ?? (await this.look(where)).scene;
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

  private look(where: SwitchWhere): Promise<PlaceLook> {
    const { clock, port } = this.context;
    return answered(clock, 'look', port.look(where));
  }

  private hear(change: PortChange): void {
    for (const lane of this.lanes) lane.hear(change);
    if (change.change === 'ready') this.sweep(this.seen ? 'reconnect' : 'start');
    if (change.change === 'collection') this.sweep('collection');
    if (change.change === 'lost') this.sweeping++;
  }

  private sweep(reason: SweepReason): void {
    this.seen = true;
    // what this package remembers is put in order at once, what it finds as soon as that is known
    for (const lane of this.lanes) lane.sweep(reason);
    void this.sweepFound(reason, ++this.sweeping).catch((error: unknown) =>
      this.context.log('warn', `leftovers could not be looked for: ${asLiveError(error).message}`),
    );
    for (const wish of this.wishes) wish();
  }

  private async sweepFound(reason: SweepReason, turn: number): Promise<void> {
    const { port, clock, log } = this.context;
    for (let tried = 1; turn === this.sweeping && port.connected; tried++) {
      try {
        const found = await answered(clock, 'look for leftovers', port.ownedEverywhere());
        if (turn !== this.sweeping) return;
        for (const { scene, slot } of found)
          if (scene !== null && !this.known({ scene, slot }).length) this.laneOf(scene, slot).sweep(reason);
        const inUse = new Set(this.lanes.flatMap((lane) => lane.inUse));
        for (const { name } of found.filter((one) => one.scene === null && !inUse.has(one.name)))
          await answered(clock, 'remove', port.remove(name));
        return;
      } catch (error) {
        if (tried >= MOST_LOOKS) throw error;
        log('info', `leftovers cannot be looked for yet: ${asLiveError(error).message}`);
      }
      await clock.pause(LOOK_AGAIN_MS);
    }
  }
}

class Use implements SwitchUse {
  private released = false;
  private readonly lanes = new Set<Lane>();
  private readonly stops = new Set<Release>();

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

  async clear(where: SwitchWhere, tag: string | null = null): Promise<ClearReport> {
    const { port } = this.places.context;
    if (!port.connected) await port.whenReady(0);
    const { done } = await this.places.at(where, (lane) => ({ done: lane.clear(tag) }));
    return await done;
  }

  watch(where: SwitchWhere, watch: LiveWatch): Release {
    let lane: Lane | null = null;
    const stop = this.places.whenever(() => {
      if (lane || !this.places.context.port.connected) return;
      this.places
        .at(where, (found) => {
          if (lane || this.released) return;
          lane = found;
          this.lanes.add(found);
          found.watch(this, watch);
        })
        .catch((error: unknown) =>
          this.places.context.log(
            'warn',
            `${where.slot} cannot be watched yet: ${asLiveError(error).message}`,
          ),
        );
    });
    this.stops.add(stop);
    return () => {
      stop();
      lane?.unwatch(this);
    };
  }

  metrics(where: SwitchWhere | null): SwitchMetrics {
    if (!where) return this.places.context.total.figures();
    return (this.places.known(where)[0]?.metrics ?? new MetricsBook()).figures();
  }

  async release(): Promise<void> {
    this.released = true;
    for (const stop of this.stops) stop();
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
    const { where, tag = null } = wish;
    /** No place has heard of it yet, so nobody else tells. */
    const early = (thrown: unknown) => {
      const error = asLiveError(thrown);
      if (tag !== null) tellFailure(this.places.context, where, { error, tag });
      return error;
    };
    const closed = () =>
      fail('SOURCE_SWITCH_CLOSED', {
        slot: where.slot,
        kept: 'Nothing was changed.',
        oldStillLive: null,
      });
    let fingerprint: string | null = null;
    try {
      if (this.released) throw closed();
      if (!port.connected) await port.whenReady(0);
      if (kind !== 'take') fingerprint = port.fingerprint(wish.source);
    } catch (error) {
      throw early(error);
    }
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
        tag,
        wanters: [wanter],
        uses: new Set([this]),
        runner: null,
        ended: null,
      };
      this.places
        .at(where, (lane) => {
          if (this.released) throw closed();
          for (const one of this.lanes) if (one.isForgotten) this.lanes.delete(one);
          this.lanes.add(lane);
          lane.ask(job);
        })
        .catch((error: unknown) => reject(early(error)));
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
