import { asLiveError, fail, type LiveError } from '../errors';
import type { LiveWatch, SwitchWish } from '../production/switching';
import type { Cause, EventName } from '../production/vocabulary';
import { MIN_AGE_MS } from './after-swap';
import { within, type SwitchClock } from './clock';
import type { LiveTold, LiveWatcher, Unwatch } from './live-watcher';
import type { MetricsBook } from './metrics';
import type { Placed, PortChange, SwitchPort } from './port';
import { planSweep, type Remembered, type SweepReason } from './sweep';

export interface LaneContext {
  port: SwitchPort;
  clock: SwitchClock;
  log: (level: 'info' | 'warn', text: string) => void;
  /** tells everybody who listens; the payload holds no secret */
  tell: (event: EventName, payload: Record<string, unknown>, cause: Cause) => void;
  /** null: live sources are not watched */
  watcher: LiveWatcher | null;
  /** of all places */
  total: MetricsBook;
}

/** What was confirmed on air last, with what it takes to bring it back. Holds secrets. */
interface Confirmed extends Remembered {
  wish: SwitchWish;
  fingerprint: string | null;
}

/** One call of the port may take this long here, in milliseconds. */
const CALL_MS = 15_000;
/** An application that has just come back may still be loading. */
const MOST_TRIES = 20;
const AGAIN_MS = 500;
/** So many names of removed sources are remembered; each is told once, soon after. */
const MOST_REMOVED = 100;

/** What is known of what is on air in a place: its watch, and how the place is put in order after the application was away. */
export class PlaceKeeper {
  live: Placed | null = null;
  confirmed: Confirmed | null = null;
  private watching: { use: object; watch: LiveWatch } | null = null;
  private unwatch: Unwatch | null = null;
  private away = false;
  /** a switch to it was lost, and nobody knows yet which of both is on air */
  private uncertain: Confirmed | null = null;
  /** by this package, newest last */
  private removed = new Set<string>();

  constructor(
    private readonly context: LaneContext,
    public scene: string,
    private readonly slot: string,
    private readonly told: (told: LiveTold) => void,
  ) {}

  hear(change: PortChange): void {
    const { confirmed } = this;
    switch (change.change) {
      case 'scene-renamed':
        if (change.from === this.scene) this.scene = change.to;
        return;
      case 'scene-removed':
        if (change.scene === this.scene) this.confirmed = this.live = null;
        return;
      case 'lost':
      case 'exiting':
        this.away = true;
        return;
      case 'ready':
        this.away = false;
        return;
      case 'source-removed':
        // at its end an application removes everything; while it is there, a person did
        if (this.away || this.removed.has(change.source)) return;
        if (change.source === confirmed?.name) this.confirmed = null;
        if (change.source === this.live?.name) this.live = null;
        return;
      case 'item-enabled':
        if (change.ours || this.away || change.scene !== this.scene) return;
        if (confirmed && change.itemId === this.live?.itemId && confirmed.name === this.live.name)
          confirmed.hiddenByPerson = !change.enabled;
    }
  }

  /** A source was confirmed on air. */
  confirm(live: Placed, wish: SwitchWish, fingerprint: string | null): void {
    this.live = live;
    this.uncertain = null;
    this.confirmed = { name: live.name, hiddenByPerson: false, wish, fingerprint };
  }

  /** It was being swapped in when the application was lost for good; what is visible later decides. */
  mayBeOnAir(fresh: Placed, wish: SwitchWish, fingerprint: string | null): void {
    this.uncertain = { name: fresh.name, hiddenByPerson: false, wish, fingerprint };
  }

  /** This package removes the source, so that nobody's wish is read from it. */
  removes(name: string): void {
    this.removed.delete(name);
    this.removed.add(name);
    if (this.removed.size > MOST_REMOVED) this.removed = new Set([...this.removed].slice(-MOST_REMOVED / 2));
  }

  /** Watch what is on air there from now on, instead of who watched before. */
  watchFor(use: object, watch: LiveWatch): void {
    this.watching = { use, watch };
  }

  /** Whether it was `use` who watched. */
  async unwatchFor(use: object): Promise<void> {
    if (this.watching?.use !== use) return;
    this.watching = null;
    await this.endWatch();
  }

  /** Whether somebody else watches it in another way. */
  watchedOtherwise(use: object, { stallMs, stableMs, fallback }: LiveWatch): boolean {
    if (!this.watching || this.watching.use === use) return false;
    const { watch } = this.watching;
    return watch.stallMs !== stallMs || watch.stableMs !== stableMs || watch.fallback !== fallback;
  }

  /** Nothing is known of the place, and nobody waits for anything there. */
  get isIdle(): boolean {
    return !this.live && !this.confirmed && !this.uncertain && !this.watching;
  }

  beginWatch(): void {
    const { watching, live, slot } = this;
    const { watcher } = this.context;
    if (this.unwatch || !watching || !live || !watcher) return;
    this.unwatch = watcher.watch(this.scene, live, {
      ...watching.watch,
      slot,
      tell: (told) => this.told(told),
    });
  }

  /** Before anything is done with the place; resolves once nothing more comes from the watch. */
  async endWatch(): Promise<void> {
    const { unwatch } = this;
    this.unwatch = null;
    if (!unwatch) return;
    try {
      await this.call('the end of the watch', unwatch());
    } catch (error) {
      this.context.log('warn', asLiveError(error).message);
    }
  }

  /**
   * Put the place in order: one of our sources stays, leftovers go, one at a time.
   * @param spared names of sources that are waited with
   * @returns `restore`: what was confirmed has to be switched to again; `again`: something could not be removed
   */
  async sweep(
    reason: SweepReason,
    spared: ReadonlySet<string>,
  ): Promise<{ restore: boolean; again: boolean }> {
    const { port, log } = this.context;
    await this.endWatch();
    const { slot, scene } = this;
    const look = await this.patiently(() => this.call('look', port.look({ scene, slot })));
    if (!look) {
      if (port.connected) this.live = null;
      return { restore: false, again: false };
    }
    const owned = look.owned.filter((one) => !spared.has(one.name));
    const { uncertain } = this;
    this.uncertain = null;
    if (uncertain && owned.some((one) => one.enabled && one.name === uncertain.name))
      this.confirmed = uncertain;
    const { confirmed } = this;
    // shown again while nobody could hear of it
    if (confirmed && owned.some((one) => one.enabled && one.name === confirmed.name))
      confirmed.hiddenByPerson = false;
    const several = owned.filter((one) => one.enabled).length > 1;
    const readings = several ? await this.call('read', port.read(scene, owned)).catch(() => null) : null;
    const { live, remove, restore } = planSweep(owned, readings, this.confirmed, reason);
    this.live = live;
    await this.heal(owned);
    if (reason === 'collection' && this.confirmed?.name !== live?.name) this.confirmed = null;
    let again = false;
    for (const { name } of remove) {
      try {
        this.removes(name);
        const removed = await this.call('remove', port.remove(name, undefined, scene));
        if (removed === 'ghost') again = true;
        else log('info', `${name}, left behind in ${scene}, was removed`);
      } catch (error) {
        again = true;
        log('warn', `${name}, left behind in ${scene}, could not be removed: ${asLiveError(error).message}`);
        if (!port.connected) break;
      }
    }
    return { restore, again };
  }

  /** What a crossfade left that was killed half way is known to the filter on either source, so before one of them goes. */
  private async heal(owned: readonly Placed[]): Promise<void> {
    if (owned.length === 0) return;
    try {
      await this.call('heal', this.context.port.heal(owned.map(({ name }) => name)));
    } catch (error) {
      this.context.log('warn', `a crossfade that was cut short: ${asLiveError(error).message}`);
    }
  }

  /**
   * Take what is on air off it, and with it the fallback that stands in. Resolves once none of ours is there any more.
   * @param spared names of sources that are waited with
   * @returns `source`: what was on air, null where there was none; `again`: something is still listed
   */
  async takeOff(spared: ReadonlySet<string>): Promise<{ source: string | null; again: boolean }> {
    const { port, clock } = this.context;
    const { slot, scene } = this;
    await this.endWatch();
    const look = async () => {
      const { owned } = await this.call('look', port.look({ scene, slot }));
      return owned.filter((one) => !spared.has(one.name));
    };
    const owned = await look();
    // nobody brings back what was taken off on purpose
    this.live = this.confirmed = this.uncertain = null;
    for (const one of owned) if (one.enabled) await this.call('show', port.show(scene, one, false));
    await this.endStandIn();
    if (owned.some(({ kind }) => kind === 'gstreamer')) await clock.pause(MIN_AGE_MS);
    let again = false;
    for (const { name } of owned) {
      this.removes(name);
      again ||= (await this.call('remove', port.remove(name, undefined, scene))) === 'ghost';
    }
    const left = (await look()).find((one) => one.enabled);
    if (left) throw fail('SOURCE_SWITCH_INCOMPLETE', { reason: `${left.name} is still visible` });
    const live = owned.find((one) => one.enabled) ?? owned.find((one) => one.wasLive);
    return { source: live?.name ?? null, again };
  }

  /** A fallback that we showed goes with whom it stood in for. */
  private async endStandIn(): Promise<void> {
    const { port } = this.context;
    const { scene } = this;
    const name = this.watching?.watch.fallback ?? null;
    const found = name === null ? null : await this.call('find', port.find(scene, name));
    if (!found?.standsIn) return;
    if (found.enabled && found.standsIn === 'shown') await this.call('show', port.show(scene, found, false));
    await this.call('standIn', port.standIn(scene, found, null));
  }

  private async patiently<T>(ask: () => Promise<T>): Promise<T | null> {
    const { port, clock, log } = this.context;
    for (let tried = 1; port.connected; tried++) {
      try {
        return await ask();
      } catch (error) {
        const known = asLiveError(error);
        if (known.code === 'SCENE_UNKNOWN') return null;
        if (tried >= MOST_TRIES) {
          log('warn', `${this.scene} could not be put in order: ${known.message}`);
          return null;
        }
      }
      await clock.pause(AGAIN_MS);
    }
    return null;
  }

  private call<T>(what: string, work: Promise<T>): Promise<T> {
    return answered(this.context.clock, what, work);
  }
}

/** What the application answers, or a failure after a while: nothing may wait for it for ever. */
export function answered<T>(clock: SwitchClock, what: string, work: Promise<T>): Promise<T> {
  return within(clock, work, CALL_MS, () => late(what));
}

function late(what: string): LiveError {
  return fail('SOURCE_SWITCH_INCOMPLETE', { reason: `no answer to ${what} within ${CALL_MS / 1000} s` });
}
