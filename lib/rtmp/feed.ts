import { Group } from './group';
import type { Taken } from './media/meter';
import { type FeedIdentity, type FeedMeter, ToldFeed } from './media/told-feed';
import { UnwrappedTime } from './media/unwrap';
import { fitsWithin } from './media/video-headers';
import type { Player } from './player';
import type { IngestSettings, Tag, TagKind, VideoInfo } from './types';

export interface FeedDeps {
  meter: FeedMeter;
  now: () => number;
  limits: { mostGroupBytes: number; mostGroupTags: number };
}

/** Somebody who tries out settings changes his pictures some times in a row; over a show, now and then. */
const FREE_CHANGES = 20;
const CHANGE_MS = 10_000;

/** One who publishes: what he sends is measured before it is told to anybody. */
export class MeasuredFeed extends ToldFeed {
  /** as the newest header says it */
  video: VideoInfo | null = null;
  private changes = 0;
  private readonly time = new UnwrappedTime();

  /** Whether its pictures are others all the time: each change is an event, and a decoder of its own. */
  get restless(): boolean {
    return this.changes > FREE_CHANGES + (this.now() - this.sinceMs) / CHANGE_MS;
  }

  /** Measure a message. It is told to nobody yet: what it says may be a reason to end. */
  take(kind: TagKind, timestamp: number, payload: Buffer): { tag: Tag; taken: Taken } {
    const tag: Tag = { kind, timestampMs: this.time.next(timestamp), payload, atMs: this.now() };
    const taken = this.measure(tag);
    if (taken.video) {
      this.video = taken.video;
      this.changes++;
    }
    return { tag, taken };
  }
}

/** Why what a tag showed is more than is allowed, in words; null: all is well. */
export function excessOf(
  feed: MeasuredFeed,
  { video, fault, header }: Taken,
  { maxWidth, maxHeight }: Pick<IngestSettings, 'maxWidth' | 'maxHeight'>,
): string | null {
  if (video && !fitsWithin(video, maxWidth, maxHeight))
    return `pictures of ${video.width} x ${video.height}, and the limit is ${maxWidth} x ${maxHeight}`;
  if (video && feed.restless) return 'its pictures change all the time';
  // nobody knows how large such pictures are
  return header ? fault : null;
}

/** One who publishes to this process, and those who play him. */
export class LiveFeed extends MeasuredFeed {
  readonly players = new Set<Player>();
  private readonly group: Group;

  constructor(identity: FeedIdentity, { meter, now, limits }: FeedDeps) {
    super(identity, now, meter);
    this.group = new Group(limits);
  }

  /** Tell a tag that was measured to everybody, and first to those who play. */
  pass(tag: Tag, taken: Taken): void {
    if (this.ended) return;
    this.keep(tag);
    this.group.add(tag, taken);
    for (const player of this.players) player.take(tag, taken, () => this.headers());
    this.hear(tag);
  }

  /** Somebody plays it from now on, beginning with the newest key frame. */
  join(player: Player): void {
    this.players.add(player);
    player.begin(this.headers(), this.group.all());
  }

  override end(reason: string): void {
    if (this.ended) return;
    this.group.clear();
    this.players.clear();
    super.end(reason);
  }
}
