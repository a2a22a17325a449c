import { randomUUID } from 'node:crypto';
import { Backoff } from '../../connection/backoff';
import { now } from '../../connection/clock';
import { Emitter } from '../../connection/emitter';
import { type LiveError, asLiveError, fail } from '../../errors';
import type { Release } from '../../production/application';
import { ToldFeed } from '../../rtmp/media/told-feed';
import type { Feed, Tag } from '../../rtmp/types';
import { hold } from '../../secrets';
import type { FeedSource } from '../types';
import { type PullAddress, readPullAddress } from './address';
import { LONG_LOOK_MS, QUICK_LOOK_MS, isSoundUnfit, pullReason, wasLookTooShort } from './arguments';
import { PullChild, type PullEnd } from './child';

export interface PullSettings {
  /** the public name of what is pulled */
  stream: string;
  /** as a dialog has it; may hold secrets */
  address: string;
  /** null: as PATH finds it */
  ffmpegPath: string | null;
  /** without anything for so long it is ended and read anew; default 10 s */
  stallMs?: number;
}

export type PullState = 'opening' | 'running' | 'waiting' | 'ended' | 'misconfigured' | 'closed';

export interface PullStatus {
  state: PullState;
  /** coded; null while all is well */
  fault: LiveError | null;
  /** ended and begun again, since the start */
  restarts: number;
}

/** A pull that ran for so long was a success: the next wait is short again. */
const HEALTHY_MS = 10_000;
const STALL_MS = 10_000;

/** One stream that is read from an address by ffmpeg, and read again whenever it ends. Each connection is a feed of its own. */
export class PulledStream implements FeedSource {
  private readonly backoff: Backoff;
  private readonly feedListeners = new Emitter<Feed>();
  private readonly statusListeners = new Emitter<PullStatus>();
  private readonly unhold: Release;
  private readonly wish = { lookMs: QUICK_LOOK_MS, sound: true };
  private current: PullStatus = { state: 'opening', fault: null, restarts: 0 };
  private child: PullChild | null = null;
  private feed: ToldFeed | null = null;
  private again: NodeJS.Timeout | null = null;

  constructor(
    private readonly settings: PullSettings,
    random: () => number = Math.random,
  ) {
    this.backoff = new Backoff(random);
    const { address, reason } = readPullAddress(settings.address);
    // the path of a file is told to whoever reads its status
    this.unhold = hold(address?.scheme === 'file' ? null : settings.address);
    if (address) this.open(address);
    else this.become('misconfigured', this.fault('its address', reason));
  }

  /** The process of the pull; null while there is none. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  status(): PullStatus {
    return this.current;
  }

  onStatus(listener: (status: PullStatus) => void): Release {
    return this.statusListeners.add(listener);
  }

  feeds(): Feed[] {
    return this.feed && !this.feed.ended ? [this.feed] : [];
  }

  onFeed(listener: (feed: Feed) => void): Release {
    return this.feedListeners.add(listener);
  }

  /** Resolves when the child is gone, within 2 s. */
  async close(): Promise<void> {
    if (this.again) clearTimeout(this.again);
    const { child } = this;
    this.child = null;
    this.feed?.end('it is not wanted any more');
    if (this.current.state !== 'closed') this.become('closed', null);
    this.feedListeners.clear();
    this.statusListeners.clear();
    await child?.stop();
    this.unhold();
  }

  private open(address: PullAddress): void {
    this.become('opening', this.current.fault);
    const began = now();
    try {
      this.child = new PullChild({
        ffmpegPath: this.settings.ffmpegPath,
        address,
        wish: { ...this.wish },
        stallMs: this.settings.stallMs ?? STALL_MS,
        onTag: (tag) => this.take(tag, address),
        onEnd: (end) => this.ended(address, end, now() - began),
      });
    } catch (error) {
      // some paths are refused before anything is started
      const reason = asLiveError(error).message;
      this.ended(address, { written: '', reason, missing: true, clean: false }, 0);
    }
  }

  private take(tag: Tag, address: PullAddress): void {
    if (!this.feed || this.feed.ended) {
      const { stream } = this.settings;
      this.feed = new ToldFeed(
        { stream, app: '', connectionId: `pull-${randomUUID()}`, address: address.where },
        now,
      );
      this.become('running', null);
      this.feed.measure(tag);
      this.feed.tell(tag);
      this.feedListeners.tell(this.feed);
      return;
    }
    this.feed.measure(tag);
    this.feed.tell(tag);
  }

  private ended(address: PullAddress, end: PullEnd, ranMs: number): void {
    this.child = null;
    const ran = this.feed !== null && !this.feed.ended;
    if (end.clean && ran && address.scheme === 'file') {
      this.feed?.end('the file has ended');
      return this.become('ended', null);
    }
    const reason = end.missing
      ? end.reason
      : pullReason(end.written, end.clean ? 'it has ended' : end.reason);
    this.feed?.end(reason);
    const fault = end.missing ? fail('FRAMES_NO_FFMPEG', { reason }) : this.fault(address.where, reason);
    this.current = { ...this.current, restarts: this.current.restarts + 1 };
    this.become('waiting', fault);
    // what was learnt is tried at once, once
    const { lookMs, sound } = this.wish;
    if (!ran && sound && isSoundUnfit(end.written)) this.wish.sound = false;
    else if (!ran && wasLookTooShort(end.written)) this.wish.lookMs = LONG_LOOK_MS;
    const learnt = lookMs !== this.wish.lookMs || sound !== this.wish.sound;
    if (ran && ranMs >= HEALTHY_MS) this.backoff.reset();
    this.again = setTimeout(() => this.open(address), learnt ? 0 : this.backoff.next());
    this.again.unref();
  }

  private fault(where: string, reason: string): LiveError {
    return fail('FRAMES_PULL', { where, reason });
  }

  private become(state: PullState, fault: LiveError | null): void {
    this.current = { ...this.current, state, fault };
    this.statusListeners.tell(this.current);
  }
}
