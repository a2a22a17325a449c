import { now } from '../connection/clock';
import type { Release } from '../production/application';
import type { End } from '../production/health';
import type { Feed, Ingest } from '../rtmp/types';

/** A stream as it was told of, also after it has ended. */
export interface TrackedStream {
  stream: string;
  /** null: nobody publishes it */
  feed: Feed | null;
  /** since when its publisher is away and may come back, by `now()` */
  awayMs: number | null;
  /** when it first came, without a break in which it had ended */
  sinceMs: number | null;
  reconnects: number;
  lastEnd: (End & { failed: boolean }) | null;
}

/** Names that are remembered; of those that have ended the oldest is forgotten first. */
const MOST = 100;
/** One that has ended is told of for so long where all streams are watched. */
const TOLD_MS = 60_000;

/** What became of every stream, from the events of an ingest. */
export class StreamHistory {
  private readonly streams = new Map<string, TrackedStream>();
  private readonly release: Release;

  constructor(ingest: Pick<Ingest, 'onEvent' | 'feeds'>) {
    for (const feed of ingest.feeds()) this.came(feed, false);
    this.release = ingest.onEvent((event) => {
      if (event.what === 'denied' || event.what === 'video') return;
      const { feed } = event;
      if (event.what === 'publishing') return this.came(feed, event.back);
      const known = this.streams.get(feed.stream);
      // a late word about a connection that another one has followed
      if (!known || known.feed?.connectionId !== feed.connectionId) return;
      if (event.what === 'away') known.awayMs = now();
      else this.left(known, event.reason, event.expected);
    });
  }

  /** The named one, whether it was ever there or not; null: all that run or have ended just now. */
  list(wanted: string | null): TrackedStream[] {
    if (wanted !== null) return [this.streams.get(wanted) ?? nobody(wanted)];
    return [...this.streams.values()].filter(
      ({ feed, lastEnd }) => feed !== null || (lastEnd !== null && now() - lastEnd.atMs < TOLD_MS),
    );
  }

  close(): void {
    this.release();
    this.streams.clear();
  }

  private came(feed: Feed, back: boolean): void {
    const known = this.streams.get(feed.stream);
    this.streams.delete(feed.stream);
    const again = back && known !== undefined;
    this.streams.set(feed.stream, {
      stream: feed.stream,
      feed,
      awayMs: null,
      sinceMs: feed.sinceMs,
      reconnects: (known?.reconnects ?? 0) + (again ? 1 : 0),
      lastEnd: known?.lastEnd ?? null,
    });
    for (const [name, one] of this.streams) {
      if (this.streams.size <= MOST) return;
      if (one.feed === null) this.streams.delete(name);
    }
  }

  private left(known: TrackedStream, reason: string, expected: boolean | null): void {
    // since he was away already, where he was
    const atMs = known.awayMs ?? now();
    known.feed = known.awayMs = known.sinceMs = null;
    known.lastEnd = { atMs, expected, failed: false, reason: sentence(reason) };
  }
}

function nobody(stream: string): TrackedStream {
  return { stream, feed: null, awayMs: null, sinceMs: null, reconnects: 0, lastEnd: null };
}

function sentence(reason: string): string {
  const text = reason.trim();
  return text === '' ? text : `${text[0]!.toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}
