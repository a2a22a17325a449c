import { isoTime } from '../../connection/clock';
import type { Release } from '../../production/application';
import type { Feed, StreamFigures, StreamHeaders, Tag } from '../types';
import { type Taken, StreamMeter } from './meter';
import { HeaderKeeper } from './stream-headers';

/** What a feed is told by. */
export interface FeedIdentity {
  stream: string;
  app: string;
  connectionId: string;
  /** nothing secret */
  address: string | null;
}

/** What a feed measures with: `StreamMeter`, or another one in tests. */
export interface FeedMeter {
  take(tag: Tag): Taken;
  figures(nowMs: number): StreamFigures;
}

/** A feed that somebody fills tag by tag. It ends once; a listener that throws is dropped, and harms nobody. */
export class ToldFeed implements Feed {
  readonly stream: string;
  readonly app: string;
  readonly connectionId: string;
  readonly address: string | null;
  readonly sinceMs: number;
  readonly startedAt: string;
  private endedBecause: string | null = null;
  private tagListeners: readonly { hear: (tag: Tag) => void }[] = [];
  private endListeners: readonly { hear: (reason: string) => void }[] = [];
  private readonly keeper = new HeaderKeeper();

  constructor(
    identity: FeedIdentity,
    protected readonly now: () => number,
    private readonly meter: FeedMeter = new StreamMeter(),
  ) {
    this.stream = identity.stream;
    this.app = identity.app;
    this.connectionId = identity.connectionId;
    this.address = identity.address;
    this.sinceMs = now();
    this.startedAt = isoTime(this.sinceMs);
  }

  get ended(): boolean {
    return this.endedBecause !== null;
  }

  headers(): StreamHeaders {
    return this.keeper.get();
  }

  figures(): StreamFigures {
    return this.meter.figures(this.now());
  }

  onTag(listener: (tag: Tag) => void): Release {
    const entry = { hear: listener };
    if (!this.ended) this.tagListeners = [...this.tagListeners, entry];
    return () => this.drop(entry);
  }

  onEnd(listener: (reason: string) => void): Release {
    if (this.endedBecause !== null) {
      quietly(() => listener(this.endedBecause!));
      return () => undefined;
    }
    const entry = { hear: listener };
    this.endListeners = [...this.endListeners, entry];
    return () => void (this.endListeners = this.endListeners.filter((one) => one !== entry));
  }

  /** Measure a tag. It is told to nobody yet: what it says may be a reason to end. */
  measure(tag: Tag): Taken {
    return this.meter.take(tag);
  }

  /** Tell a tag that was measured to everybody. */
  tell(tag: Tag): void {
    if (this.ended) return;
    this.keep(tag);
    this.hear(tag);
  }

  /** It is one of the newest headers from now on, where it is one. */
  protected keep(tag: Tag): void {
    this.keeper.take(tag);
  }

  protected hear(tag: Tag): void {
    for (const entry of this.tagListeners) {
      // whoever hears it may end it
      if (this.ended) return;
      if (!quietly(() => entry.hear(tag))) this.drop(entry);
    }
  }

  /** It ends once; the first reason stays. */
  end(reason: string): void {
    if (this.ended) return;
    this.endedBecause = reason;
    this.tagListeners = [];
    const listeners = this.endListeners;
    this.endListeners = [];
    for (const { hear } of listeners) quietly(() => hear(reason));
  }

  private drop(entry: { hear: (tag: Tag) => void }): void {
    this.tagListeners = this.tagListeners.filter((one) => one !== entry);
  }
}

function quietly(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
