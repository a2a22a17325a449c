import { Group } from './group';
import type { Taken } from './media/meter';
import { type FeedIdentity, type FeedMeter, ToldFeed } from './media/told-feed';
import { UnwrappedTime } from './media/unwrap';
import type { Player } from './player';
import type { Tag, TagKind, VideoInfo } from './types';

export interface FeedDeps {
  meter: FeedMeter;
  now: () => number;
  limits: { mostGroupBytes: number; mostGroupTags: number };
}

/** Somebody who tries out settings changes his pictures some times in a row; over a show, now and then. */
const FREE_CHANGES = 20;
const CHANGE_MS = 10_000;

/** One who publishes here, and those who play him. */
export class LiveFeed extends ToldFeed {
  readonly players = new Set<Player>();
  /** as the newest header says it */
  video: VideoInfo | null = null;
  private changes = 0;
  private readonly time = new UnwrappedTime();
  private readonly group: Group;

  constructor(identity: FeedIdentity, { meter, now, limits }: FeedDeps) {
    super(identity, now, meter);
    this.group = new Group(limits);
  }

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
