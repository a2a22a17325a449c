import { asLiveError } from '../errors';
import { framesUnder } from './after-swap';
import type { SwitchClock } from './clock';
import type { Placed, StandIn, SwitchPort, UserSource } from './port';

/** How long a shown fallback has for its first picture before the live one is hidden, in milliseconds: a media source begins when it is shown. */
const FIRST_PICTURE_MS = 500;

export interface StandInOptions {
  port: SwitchPort;
  clock: SwitchClock;
  log: (level: 'info' | 'warn', text: string) => void;
  /** of the user's source */
  name: string;
  slot: string;
  /** nothing is begun any more */
  over: AbortSignal;
}

/** What is on screen, as far as the stand-in is concerned. */
export interface StandInNow {
  scene: string;
  live: Placed;
  /** whether the live one's item is visible; null: there is none */
  liveEnabled: boolean | null;
  /** the live one has no picture that could be kept on screen, or gives no new one */
  bad: boolean;
}

/**
 * Shows a source of the user's in place of the live one and takes it away again, without a black frame: the one that comes is shown first,
 * the one that goes is hidden some frames later. What is to be is compared with what is at each look, so what failed is
 * done at the next one. What a person shows or hides by hand counts from then on.
 */
export class StandIns {
  /** a person has decided what is visible */
  handsOff = false;
  private item: Placed | null = null;
  private complained = '';

  constructor(
    private readonly options: StandInOptions,
    /** how it stands in now, by our doing; null: it does not */
    public how: StandIn | null = null,
  ) {}

  get name(): string {
    return this.options.name;
  }

  /** See how things stand, at the begin and after the application was away. */
  async adopt(scene: string, liveEnabled: boolean | null): Promise<void> {
    const found = await this.find(scene);
    // where nothing can be written to an item, what is remembered counts
    this.how = found?.enabled ? (found.standsIn ?? this.how) : null;
    if (found?.standsIn && !found.enabled) await this.note(scene, found, null);
    // hidden, and not by us
    if (!this.how && liveEnabled === false) this.handsOff = true;
  }

  /** A person showed or hid this item. */
  byHand(itemId: number, live: Placed): void {
    if (itemId === live.itemId || itemId === this.item?.itemId) this.handsOff = true;
  }

  /** Make it as it should be. Whether the fallback is on screen in place of the live one; null: nobody can know. */
  async settle(now: StandInNow): Promise<boolean | null> {
    try {
      if (this.handsOff) return await this.letGo(now.scene);
      if (now.bad) return await this.bring(now);
      if (this.how) return await this.takeAway(now);
      return false;
    } catch (error) {
      this.complain(asLiveError(error).message);
      return null;
    }
  }

  private async bring(now: StandInNow): Promise<boolean> {
    const { scene, live, liveEnabled } = now;
    let found = await this.find(scene);
    if (!found) {
      this.complain('there is no source of that name in the scene');
      return false;
    }
    if (this.stopped()) return false;
    if (!this.how) {
      const how = found.enabled ? 'was-visible' : 'shown';
      await this.note(scene, found, how);
      if (this.stopped()) return false;
      this.how = how;
      await this.options.port.show(scene, found, true);
      await this.options.clock.pause(FIRST_PICTURE_MS, this.options.over);
      found = await this.find(scene);
    }
    if (this.stopped() || !found) return false;
    if (!found.enabled) await this.options.port.show(scene, found, true);
    // a frozen picture is better than none
    if (found.width === 0 || found.height === 0) return false;
    if (liveEnabled === true && !this.stopped()) await this.exchange(scene, found, live);
    return (await this.find(scene))?.enabled ?? false;
  }

  private async takeAway({ scene, live, liveEnabled }: StandInNow): Promise<boolean> {
    const found = await this.find(scene);
    if (this.stopped()) return found?.enabled ?? false;
    const hide = found?.enabled && this.how === 'shown' ? found : null;
    if (liveEnabled === false || hide) await this.exchange(scene, live, hide);
    const after = await this.find(scene);
    const [reading] = (await this.options.port.read(scene, [live])) ?? [];
    // what did not work is done at the next look
    if (!reading?.enabled || (hide && after?.enabled)) return after?.enabled ?? false;
    if (after?.standsIn) await this.note(scene, after, null);
    this.how = null;
    return false;
  }

  private async exchange(scene: string, fresh: Placed, old: Placed | null): Promise<void> {
    const { fps } = await this.options.port.look({ scene, slot: this.options.slot });
    if (this.stopped()) return;
    const transition = { kind: 'cut' } as const;
    const answer = await this.options.port.swap({
      scene,
      fresh,
      old,
      transition,
      framesUnder: framesUnder(fps),
      fps,
    });
    if (!answer.complete && !answer.oldGone) this.complain(answer.reason ?? 'a step failed');
  }

  /** A person decided: what they left visible is theirs. */
  private async letGo(scene: string): Promise<boolean | null> {
    if (!this.how) return false;
    const found = await this.find(scene);
    if (found?.standsIn) await this.note(scene, found, null);
    this.how = null;
    return found?.enabled ?? false;
  }

  private async find(scene: string): Promise<UserSource | null> {
    const found = await this.options.port.find(scene, this.name);
    this.item = found;
    return found;
  }

  /** Where it cannot be written, only a restart of Node-RED will not find its way back. */
  private async note(scene: string, found: UserSource, how: UserSource['standsIn']): Promise<void> {
    if (found.standsIn !== how)
      await this.options.port
        .standIn(scene, found, how)
        .catch((error: unknown) => this.complain(asLiveError(error).message));
  }

  private stopped(): boolean {
    return this.options.over.aborted || this.handsOff;
  }

  private complain(reason: string): void {
    if (reason !== this.complained) this.options.log('warn', `the fallback ${this.name}: ${reason}`);
    this.complained = reason;
  }
}
