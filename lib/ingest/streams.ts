import { now } from '../connection/clock';
import type { StreamReport } from '../production/application';
import type { StreamState } from '../production/vocabulary';
import type { Feed, IngestEvent } from '../rtmp/types';

/** A stream that somebody publishes, or comes back to within the grace. */
export interface PublishedStream {
  feed: Feed;
  /** of the publisher, as people read it */
  name: string;
  /** since when he is away, by `now()`; null: he publishes */
  awayMs: number | null;
}

/** Who publishes and who is away, as an ingest told it. */
export class StreamBook {
  private readonly streams = new Map<string, PublishedStream>();

  /** What was known of the stream before. A late word about a connection that another one has followed changes nothing. */
  follow(event: IngestEvent): PublishedStream | null {
    if (event.what === 'denied') return null;
    const { feed } = event;
    const before = this.streams.get(feed.stream) ?? null;
    const isOld = before !== null && before.feed.connectionId !== feed.connectionId;
    if (event.what === 'publishing') this.streams.set(feed.stream, { feed, name: event.name, awayMs: null });
    else if (isOld) return before;
    else if (event.what === 'away') this.streams.set(feed.stream, { ...named(before, feed), awayMs: now() });
    else if (event.what === 'left') this.streams.delete(feed.stream);
    return before;
  }

  /** by name */
  list(): PublishedStream[] {
    return [...this.streams.values()].sort((one, other) => (one.feed.stream < other.feed.stream ? -1 : 1));
  }

  get(stream: string): PublishedStream | null {
    return this.streams.get(stream) ?? null;
  }

  /** Of one stream, or with null of all the most alive. */
  state(stream: string | null): StreamState {
    const found = stream === null ? this.list() : [this.get(stream)].filter((one) => one !== null);
    if (found.length === 0) return 'idle';
    return found.some(({ awayMs }) => awayMs === null) ? 'live' : 'reconnecting';
  }
}

function named(known: PublishedStream | null, feed: Feed): Pick<PublishedStream, 'feed' | 'name'> {
  return { feed, name: known?.name ?? feed.stream };
}

/**
 * A stream as a report has it.
 * @param server where it is published to, without its name
 */
export function reportOf({ feed, awayMs }: PublishedStream, server: string): StreamReport {
  const figures = feed.figures();
  const unknown: Record<string, string> = {
    target: 'it comes in here',
    service: 'it comes in here',
    droppedFrames: 'an encoder does not tell what it left out',
    congestion: 'an encoder does not tell it',
  };
  if (awayMs !== null) unknown.bitrateKbps = 'the publisher is away';
  else if (figures.bitrateKbps === null)
    unknown.bitrateKbps = figures.unknown.bitrateKbps ?? 'nothing can be said of it yet';
  return {
    output: feed.stream,
    state: awayMs === null ? 'live' : 'reconnecting',
    target: null,
    service: null,
    server,
    startedAt: feed.startedAt,
    durationMs: Math.round((awayMs ?? now()) - feed.sinceMs),
    sizeBytes: figures.bytes,
    totalFrames: figures.videoFrames,
    droppedFrames: null,
    bitrateKbps: awayMs === null ? figures.bitrateKbps : null,
    congestion: null,
    unknown,
  };
}
