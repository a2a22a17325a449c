import { isoTime } from '../connection/clock';
import type { Release } from '../production/application';
import { Group } from './group';
import type { Taken } from './media/meter';
import { HeaderKeeper } from './media/stream-headers';
import { UnwrappedTime } from './media/unwrap';
import type { Player } from './player';
import type { Feed, StreamFigures, StreamHeaders, Tag, TagKind, VideoInfo } from './types';

/** What reads the tags of a feed: `StreamMeter`, or another one in tests. */
export interface FeedMeter {
  take(tag: Tag): Taken;
  figures(nowMs: number): StreamFigures;
}

/** What a feed is told by. */
export interface FeedIdentity {
  stream: string;
  app: string;
  connectionId: string;
  address: string | null;
}

export interface FeedDeps {
  meter: FeedMeter;
  now: () => number;
  limits: { mostGroupBytes: number; mostGroupTags: number };
}

/** Somebody who tries out settings changes his pictures some times in a row; over a show, now and then. */
const FREE_CHANGES = 20;
const CHANGE_MS = 10_000;

/** One who publishes here. */
export class LiveFeed implements Feed {
  readonly stream: string;
  readonly app: string;
  readonly connectionId: string;
  readonly address: string | null;
  readonly sinceMs: number;
  readonly startedAt: string;
  readonly players = new Set<Player>();
  /** as the newest header says it */
  video: VideoInfo | null = null;
  private changes = 0;
  private endedBecause: string | null = null;
  private tagListeners: readonly { hear: (tag: Tag) => void }[] = [];
  private endListeners: readonly { hear: (reason: string) => void }[] = [];
  private readonly keeper = new HeaderKeeper();
  private readonly time = new UnwrappedTime();
  private readonly group: Group;

  constructor(
    identity: FeedIdentity,
    private readonly deps: FeedDeps,
  ) {
    this.stream = identity.stream;
    this.app = identity.app;
    this.connectionId = identity.connectionId;
    this.address = identity.address;
    this.group = new Group(deps.limits);
    this.sinceMs = deps.now();
    this.startedAt = isoTime(this.sinceMs);
  }

  get ended(): boolean {
    return this.endedBecause !== null;
  }

  /** Whether its pictures are others all the time: each change is an event, and a decoder of its own. */
  get restless(): boolean {
    return this.changes > FREE_CHANGES + (this.deps.now() - this.sinceMs) / CHANGE_MS;
  }

  headers(): StreamHeaders {
    return this.keeper.get();
  }

  figures(): StreamFigures {
    return this.deps.meter.figures(this.deps.now());
  }

  onTag(listener: (tag: Tag) => void): Release {
    const entry = { hear: listener };
    if (!this.ended) this.tagListeners = [...this.tagListeners, entry];
    return () => this.dropTag(entry);
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

  /** Measure a message. It is told to nobody yet: what it says may be a reason to end. */
  measure(kind: TagKind, timestamp: number, payload: Buffer): { tag: Tag; taken: Taken } {
    const tag: Tag = { kind, timestampMs: this.time.next(timestamp), payload, atMs: this.deps.now() };
    const taken = this.deps.meter.take(tag);
    if (taken.video) {
      this.video = taken.video;
      this.changes++;
    }
    return { tag, taken };
  }

  /** Tell a tag that was measured to everybody. */
  tell(tag: Tag, taken: Taken): void {
    if (this.ended) return;
    this.keeper.take(tag);
    this.group.add(tag, taken);
    for (const player of this.players) player.take(tag, taken, () => this.headers());
    for (const entry of this.tagListeners) {
      // whoever hears it may end it
      if (this.ended) return;
      if (!quietly(() => entry.hear(tag))) this.dropTag(entry);
    }
  }

  /** Somebody plays it from now on, beginning with the newest key frame. */
  join(player: Player): void {
    this.players.add(player);
    player.begin(this.headers(), this.group.all());
  }

  /** It ends once; the first reason stays. */
  end(reason: string): void {
    if (this.ended) return;
    this.endedBecause = reason;
    this.tagListeners = [];
    this.group.clear();
    this.players.clear();
    const listeners = this.endListeners;
    this.endListeners = [];
    for (const { hear } of listeners) quietly(() => hear(reason));
  }

  private dropTag(entry: { hear: (tag: Tag) => void }): void {
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
