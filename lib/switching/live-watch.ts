import type { SwitchClock } from './clock';
import { LiveJudge, type LiveChange, type LiveVerdict } from './live-judge';
import type { LiveWatcher, LiveWatchOptions, Unwatch } from './live-watcher';
import type { Placed, PortChange, SourceReading, StandIn, SwitchPort } from './port';
import { StandIns } from './stand-in';

/** Between two looks at a live source, in milliseconds. */
const POLL_MS = 500;
/** Whoever ends a watch waits no longer than this, in milliseconds, for what it was about to do; a call of the port ends by itself. */
const ENDING_MS = 5000;

export interface LiveWatcherOptions {
  port: SwitchPort;
  clock: SwitchClock;
  log: (level: 'info' | 'warn', text: string) => void;
}

/** What a place's next watch has to know of the one before. */
interface Remembered {
  source: string;
  verdict: LiveVerdict;
  /** the fallback that stands in, and how */
  fallback: { name: string; how: StandIn } | null;
}

/** Make the watcher of one application's live sources. */
export function createLiveWatcher(options: LiveWatcherOptions): LiveWatcher {
  /** the last watch of each place, ended or not */
  let places: Watch[] = [];
  return {
    watch(scene, live, wish) {
      const before = places.find((one) => one.is(scene, wish.slot)) ?? null;
      const watch = new Watch(options, scene, live, wish, before);
      places = [...places.filter((one) => one !== before), watch];
      return () => watch.end();
    },
  };
}

class Watch {
  private readonly over = new AbortController();
  private readonly judging: LiveJudge;
  private readonly standIns: StandIns | null;
  private readonly working: Promise<void>;
  private readonly stopHearing: () => void;
  private adopted = false;
  /** in another collection the live source is missing for a reason */
  private elsewhere = false;
  /** the application said that it ends, and takes everything apart */
  private leaving = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly options: LiveWatcherOptions,
    private scene: string,
    private readonly live: Placed,
    private readonly wish: LiveWatchOptions,
    before: Watch | null,
  ) {
    const { port, clock, log } = options;
    const known = before?.remembered;
    const same = known?.source === live.name ? known.verdict : null;
    this.judging = new LiveJudge(wish, same ?? 'well');
    // one that stands in yet is taken away first, also where another one is wished now
    const name = known?.fallback?.name ?? wish.fallback;
    this.standIns =
      name !== null && name !== live.name
        ? new StandIns(
            { port, clock, log, name, slot: wish.slot, over: this.over.signal },
            known?.fallback?.how ?? null,
          )
        : null;
    this.stopHearing = port.onChange((change) => this.hear(change));
    this.working = this.work(before, same !== null);
  }

  is(scene: string, slot: string): boolean {
    return this.scene === scene && this.wish.slot === slot;
  }

  get remembered(): Remembered {
    const { standIns } = this;
    const fallback = standIns?.how ? { name: standIns.name, how: standIns.how } : null;
    return { source: this.live.name, verdict: this.judging.verdict, fallback };
  }

  /** Nothing is begun any more; resolves when what is under way has ended. */
  readonly end: Unwatch = async () => {
    this.over.abort();
    this.wake();
    this.stopHearing();
    const late = new AbortController();
    await Promise.race([this.working, this.options.clock.pause(ENDING_MS, late.signal)]);
    late.abort();
  };

  private async work(before: Watch | null, judged: boolean): Promise<void> {
    await before?.end();
    const { port, clock, log } = this.options;
    let known = judged;
    while (!this.over.signal.aborted) {
      if (!port.connected || this.leaving) await this.untilBack();
      else {
        try {
          known = (await this.look(known)) || known;
        } catch (error) {
          log('warn', `the watch of ${this.live.name} failed: ${String(error)}`);
        }
      }
      await clock.pause(POLL_MS, this.over.signal);
    }
  }

  private async untilBack(): Promise<void> {
    this.judging.unknown();
    this.adopted = false;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      const here = this.options.port.connected && !this.leaving;
      if (this.over.signal.aborted || here) resolve();
    });
  }

  /** One look; true where it saw something. */
  private async look(known: boolean): Promise<boolean> {
    const { port, clock } = this.options;
    const readings = await port.read(this.scene, [this.live]).catch(() => null);
    if (this.over.signal.aborted) return false;
    const reading = readings?.[0] ?? null;
    if (reading && !this.adopted) await this.adopt(reading, known);
    if (this.over.signal.aborted) return false;
    const change = this.judging.reading(reading, clock.now());
    if (!reading) return false;
    const shown = await this.settle(reading);
    if (change && !this.over.signal.aborted) this.tell(change, shown);
    if (this.isGoneForGood(reading, shown)) void this.end();
    return true;
  }

  /** Somebody removed it, that was told, and what can be shown in its place is: there is nothing left to look after. */
  private isGoneForGood({ state, enabled }: SourceReading, shown: boolean | null): boolean {
    const isGone = state === 'missing' && enabled === null && !this.elsewhere;
    const isSettled = !this.standIns || shown === true || this.standIns.handsOff;
    return isGone && isSettled && this.judging.verdict === 'ended';
  }

  /** See whether a fallback stands in, as after a restart of Node-RED; the live one has to be proven then before it comes back. */
  private async adopt(reading: SourceReading, known: boolean): Promise<void> {
    const { standIns, judging } = this;
    try {
      await standIns?.adopt(this.scene, reading.enabled);
    } catch {
      // asked again at the next look
      return;
    }
    this.adopted = true;
    if (!known && standIns?.how && reading.enabled === false) judging.verdict = 'stalled';
  }

  private async settle(reading: SourceReading): Promise<boolean | null> {
    const { standIns, judging, scene, live, wish } = this;
    if (!standIns || !this.adopted) return standIns ? null : false;
    const away = reading.state === 'missing' && (this.elsewhere || judging.verdict === 'well');
    if (away) return false;
    // its item is there, and it is not: somebody gave it a name of their own, and it is theirs now
    if (reading.state === 'missing' && reading.enabled !== null) return standIns.how !== null;
    const wished = standIns.name === wish.fallback;
    const bad = judging.verdict !== 'well';
    // the one from before, that nobody wishes any more, stays as long as the live one is not well
    if (bad && !wished) return standIns.how !== null;
    return await standIns.settle({ scene, live, liveEnabled: reading.enabled, bad });
  }

  private tell({ event, forMs, reason }: LiveChange, shown: boolean | null): void {
    const { scene, live, wish } = this;
    wish.tell({
      event,
      payload: {
        source: live.name,
        scene,
        slot: wish.slot,
        forMs: Math.round(forMs),
        reason,
        fallback: wish.fallback,
        fallbackShown: shown,
      },
    });
  }

  private hear(change: PortChange): void {
    switch (change.change) {
      case 'ready':
        this.leaving = false;
        this.wake();
        return;
      case 'lost':
      case 'exiting':
        this.leaving = true;
        this.judging.unknown();
        this.adopted = false;
        return;
      case 'collection':
        this.judging.unknown();
        this.adopted = false;
        this.elsewhere = true;
        return;
      case 'scene-renamed':
        if (change.from === this.scene) this.scene = change.to;
        return;
      case 'item-enabled':
        if (!change.ours && change.scene === this.scene) this.standIns?.byHand(change.itemId, this.live);
        return;
      case 'scene-removed':
        if (change.scene !== this.scene) return;
        this.tell({ event: 'source_ended', forMs: 0, reason: 'its scene was removed' }, false);
        void this.end();
        return;
      default:
        return;
    }
  }
}
