import { Emitter } from '../../connection/emitter';
import { type LiveError, asLiveError } from '../../errors';
import type { MediaServerClient, Publisher } from '../../media-servers/types';
import type { Release } from '../../production/application';
import type { Feed } from '../../rtmp/types';
import type { FeedSource } from '../types';
import { PulledStream, type PullStatus } from './pulled';

export interface ServerPullSettings {
  /** where a player finds what somebody publishes; null: nobody knows */
  addressOf: (publisher: { app: string; stream: string }) => string | null;
  /** apps whose publishers are looked at */
  apps: readonly string[];
  ffmpegPath: string | null;
  /** between two looks at the list; default 3 s */
  everyMs?: number;
  /** pulls at once; default 20 */
  most?: number;
}

const EVERY_MS = 3_000;
const MOST = 20;

/**
 * What is published to a media server, pulled by its play address: one child for each stream that is wanted and is published. Streams that
 * nobody wants cost nothing but the list.
 */
export class ServerPulls implements FeedSource {
  private readonly pulls = new Map<string, PulledStream>();
  private readonly wanted = new Map<string, number>();
  private readonly leaving = new Set<Promise<void>>();
  private readonly feedListeners = new Emitter<Feed>();
  private readonly timer: NodeJS.Timeout;
  private published: readonly Publisher[] = [];
  private listFault: LiveError | null = null;
  private looking = false;
  private closed = false;

  constructor(
    private readonly client: Pick<MediaServerClient, 'list'>,
    private readonly settings: ServerPullSettings,
  ) {
    this.timer = setInterval(() => void this.look(), settings.everyMs ?? EVERY_MS);
    this.timer.unref();
    void this.look();
  }

  /** Why the server cannot be asked; null while it can. */
  get fault(): LiveError | null {
    return this.listFault;
  }

  /** Names that are published now, pulled or not. */
  streams(): string[] {
    return [...new Set(this.published.map(({ stream }) => stream))];
  }

  status(stream: string): PullStatus | null {
    return this.pulls.get(stream)?.status() ?? null;
  }

  /** The processes of its pulls. */
  get children(): number[] {
    return [...this.pulls.values()].flatMap(({ pid }) => (pid === null ? [] : [pid]));
  }

  /** Pull this stream whenever it is published, for as long as anybody wants it. */
  want(stream: string): Release {
    this.wanted.set(stream, (this.wanted.get(stream) ?? 0) + 1);
    this.arrange();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.wanted.get(stream) ?? 1) - 1;
      if (left > 0) this.wanted.set(stream, left);
      else this.wanted.delete(stream);
      this.arrange();
    };
  }

  feeds(): Feed[] {
    return [...this.pulls.values()].flatMap((pull) => pull.feeds());
  }

  onFeed(listener: (feed: Feed) => void): Release {
    return this.feedListeners.add(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    for (const stream of this.pulls.keys()) this.drop(stream);
    this.feedListeners.clear();
    await Promise.all(this.leaving);
  }

  private async look(): Promise<void> {
    if (this.looking || this.closed) return;
    this.looking = true;
    try {
      const { publishers } = await this.client.list(this.settings.everyMs ?? EVERY_MS);
      this.published = publishers.filter(({ app }) => this.settings.apps.includes(app));
      this.listFault = null;
    } catch (error) {
      // who was there may be there still: a pull ends by itself when he is not
      this.listFault = asLiveError(error);
    } finally {
      this.looking = false;
    }
    this.arrange();
  }

  private arrange(): void {
    if (this.closed) return;
    for (const [stream, pull] of this.pulls) {
      const there = this.published.some((one) => one.stream === stream);
      // while it runs, the list is only late
      if (!this.wanted.has(stream) || (!there && pull.status().state !== 'running')) this.drop(stream);
    }
    for (const { app, stream } of this.published) {
      if (!this.wanted.has(stream) || this.pulls.has(stream)) continue;
      if (this.pulls.size >= (this.settings.most ?? MOST)) return;
      const address = this.settings.addressOf({ app, stream });
      if (address !== null) this.pull(stream, address);
    }
  }

  private pull(stream: string, address: string): void {
    const pull = new PulledStream({ stream, address, ffmpegPath: this.settings.ffmpegPath });
    pull.onFeed((feed) => this.feedListeners.tell(feed));
    this.pulls.set(stream, pull);
  }

  private drop(stream: string): void {
    const leaving = this.pulls.get(stream)?.close();
    this.pulls.delete(stream);
    if (!leaving) return;
    this.leaving.add(leaving);
    void leaving.finally(() => this.leaving.delete(leaving));
  }
}
