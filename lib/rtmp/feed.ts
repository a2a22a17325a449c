import { isoTime } from '../connection/clock';
import type { Release } from '../production/application';
import { Group } from './group';
import type { Feed, StreamFigures, StreamHeaders, Tag, TagKind } from './types';

/** What reads the tags of a feed: headers, figures, sizes. Made by `StreamMeter`; another one in tests. */
export interface FeedMeter {
  /** every tag, in order, before anybody else has it */
  add(tag: Tag): void;
  headers(): StreamHeaders;
  figures(nowMs: number): StreamFigures;
}

/** What a feed is told by. */
export interface FeedIdentity {
  stream: string;
  app: string;
  connectionId: string;
  address: string | null;
}

/** One who publishes here. */
export class LiveFeed implements Feed {
  readonly stream: string;
  readonly app: string;
  readonly connectionId: string;
  readonly address: string | null;
  readonly sinceMs: number;
  readonly startedAt: string;
  private endedBecause: string | null = null;
  private tagListeners: readonly { hear: (tag: Tag) => void }[] = [];
  private endListeners: readonly { hear: (reason: string) => void }[] = [];
  private lastTimestamp: number | null = null;

  constructor(
    identity: FeedIdentity,
    private readonly meter: FeedMeter,
    private readonly now: () => number,
    /** the tags since the last key frame */
    readonly group: Group,
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
    return this.meter.headers();
  }

  figures(): StreamFigures {
    return this.meter.figures(this.now());
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

  /** The tag of a message; its time goes on where the 32 bits of the protocol begin anew. */
  tagOf(kind: TagKind, timestamp: number, payload: Buffer): Tag {
    const last = this.lastTimestamp;
    // the difference in 32 bits with a sign: a step back is a step back, and a turn of the counter is none
    const unwrapped = last === null ? timestamp : last + ((timestamp - (last % 2 ** 32)) | 0);
    const timestampMs = Math.max(0, unwrapped);
    this.lastTimestamp = timestampMs;
    return { kind, timestampMs, payload, atMs: this.now() };
  }

  /** Let the meter read it; then it is known, and told to nobody yet. */
  measure(tag: Tag): void {
    this.meter.add(tag);
  }

  /** Tell a tag that was measured to everybody. */
  tell(tag: Tag): void {
    this.group.add(tag);
    for (const entry of this.tagListeners) if (!quietly(() => entry.hear(tag))) this.dropTag(entry);
  }

  /** It ends once; the first reason stays. */
  end(reason: string): void {
    if (this.ended) return;
    this.endedBecause = reason;
    this.tagListeners = [];
    this.group.clear();
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
