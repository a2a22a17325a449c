import { now } from '../connection/clock';
import { tellableApp, tellableName } from '../gate/admission';
import type { Denials } from '../gate/denials';
import type { FinalFigures } from '../production/application';
import type { Told } from '../production/event-hub';
import type { Feed, IngestEvent, VideoInfo } from '../rtmp/types';
import type { PublishedStream } from './streams';

/**
 * An event of an ingest in the words of the package; null for what is no event of a show, and for a denial that was told already.
 * @param before what was known of the stream
 * @param server where it is published to, without its name
 */
export function toldOf(
  event: IngestEvent,
  before: PublishedStream | null,
  { server, denials }: { server: string; denials: Denials },
): Told | null {
  switch (event.what) {
    case 'publishing':
      return event.back
        ? {
            event: 'stream_reconnected',
            output: event.feed.stream,
            state: 'live',
            previous: 'reconnecting',
            payload: {
              ...begun(event.feed, event.name, server),
              awayMs: before?.awayMs == null ? null : Math.round(now() - before.awayMs),
            },
          }
        : {
            event: 'stream_started',
            output: event.feed.stream,
            state: 'live',
            previous: 'idle',
            payload: begun(event.feed, event.name, server),
          };
    case 'away':
      return {
        event: 'stream_reconnecting',
        output: event.feed.stream,
        state: 'reconnecting',
        previous: 'live',
        expected: event.expected,
        payload: { ...about(event.feed, nameOf(before, event.feed), server), reason: event.reason },
      };
    case 'left':
      return {
        event: 'stream_stopped',
        output: event.feed.stream,
        state: 'idle',
        previous: before?.awayMs == null ? 'live' : 'reconnecting',
        expected: event.expected,
        payload: {
          ...about(event.feed, nameOf(before, event.feed), server),
          reason: event.reason,
          final: finalOf(event.feed, before?.awayMs ?? now()),
        },
      };
    case 'denied':
      return denied(event, denials);
    case 'video':
      return null;
  }
}

/** A stream that runs, as the present state. */
export function presentOf({ feed, name, awayMs }: PublishedStream, server: string): Told {
  return {
    event: awayMs === null ? 'stream_started' : 'stream_reconnecting',
    output: feed.stream,
    state: awayMs === null ? 'live' : 'reconnecting',
    payload: begun(feed, name, server),
  };
}

/** `1920x1080`, or null where the header does not tell it. */
export function resolutionOf(video: VideoInfo | null): string | null {
  return video?.width && video.height ? `${video.width}x${video.height}` : null;
}

function about(feed: Feed, name: string, server: string): Record<string, unknown> {
  const { stream, app, address, connectionId } = feed;
  const publisher = { id: stream, name };
  return { output: stream, target: null, service: null, server, publisher, app, address, connectionId };
}

/** The same of one that runs. */
function begun(feed: Feed, name: string, server: string): Record<string, unknown> {
  const { bitrateKbps } = feed.figures();
  return { ...about(feed, name, server), startedAt: feed.startedAt, bitrateKbps };
}

const nameOf = (known: PublishedStream | null, feed: Feed): string => known?.name ?? feed.stream;

function finalOf(feed: Feed, endedMs: number): FinalFigures {
  const { bytes, videoFrames } = feed.figures();
  const durationMs = Math.round(Math.max(0, endedMs - feed.sinceMs));
  return {
    sizeBytes: bytes,
    totalFrames: videoFrames,
    droppedFrames: null,
    durationMs,
    averageBitrateKbps: durationMs > 0 ? Math.round((bytes * 8) / durationMs) : null,
  };
}

/** One that tries again and again is told once, and counted. */
function denied(
  { why, reason, stream, app, address }: Extract<IngestEvent, { what: 'denied' }>,
  denials: Denials,
): Told | null {
  const tries = denials.count(`${address} ${app} ${stream} ${why}`, now());
  if (tries === null) return null;
  const told = why === 'name' ? '' : tellableName(stream, false);
  return {
    event: 'publisher_denied',
    output: told || null,
    payload: {
      publisher: { id: told, name: told },
      reason: why,
      message: reason,
      app: tellableApp(app),
      address,
      tries,
    },
  };
}
