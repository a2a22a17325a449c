import type { IngestFacts, IngestPublisher, StatusReport } from '../production/application';
import { isoTime, now } from '../connection/clock';
import type { Ingest } from '../rtmp/types';
import { reportOf, type PublishedStream } from './streams';
import { resolutionOf } from './told';

/** Where people publish to on this machine, without a stream: `rtmp://127.0.0.1:1935/live`. */
export function serverOf(ingest: Ingest): string {
  const { host, port, app, tls } = ingest.settings;
  const named = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'rtmps' : 'rtmp'}://${named}:${ingest.status().port ?? port}/${app}`;
}

/** What a status message says of an ingest. */
export function statusReport(streams: readonly PublishedStream[], ingest: Ingest): StatusReport {
  const facts = factsOf(streams, ingest);
  const server = serverOf(ingest);
  const reports = streams.map((one) => reportOf(one, server));
  const live = reports.filter(({ state }) => state === 'live');
  const known = live.every(({ bitrateKbps }) => bitrateKbps !== null);
  const none = 'an ingest has none';
  return {
    streams: reports,
    recording: null,
    outputs: [],
    scene: { program: null, preview: null, studioMode: null },
    statistics: {
      publishers: live.length,
      players: facts.publishers.reduce((sum, { players }) => sum + players, 0),
      bitrateKbps: known ? live.reduce((sum, { bitrateKbps }) => sum + (bitrateKbps ?? 0), 0) : null,
    },
    unknown: {
      recording: none,
      scene: none,
      ...(known ? {} : { bitrateKbps: 'one who publishes has just begun' }),
    },
    ingest: facts,
  };
}

/** The ingest and who publishes to it, with everything that is known of each. */
export function factsOf(streams: readonly PublishedStream[], ingest: Ingest): IngestFacts {
  const { listening, port, guarded } = ingest.status();
  return {
    listening,
    server: serverOf(ingest),
    port,
    guarded,
    mostPublishers: ingest.settings.mostPublishers,
    publishers: streams.map((one) => publisherOf(one, ingest)),
  };
}

function publisherOf({ feed, name, awayMs }: PublishedStream, ingest: Ingest): IngestPublisher {
  const figures = feed.figures();
  const { video, audio } = figures;
  const silentMs = figures.silentSinceMs === null ? null : Math.round(now() - figures.silentSinceMs);
  return {
    stream: feed.stream,
    name,
    app: feed.app,
    address: feed.address,
    connectionId: feed.connectionId,
    state: awayMs === null ? 'live' : 'reconnecting',
    awaySince: awayMs === null ? null : isoTime(awayMs),
    players: ingest.players(feed.stream),
    resolution: resolutionOf(video),
    videoCodec: video?.codec ?? null,
    videoProfile: video?.profile ?? null,
    fps: figures.fps,
    keyframes: figures.keyframes,
    keyframeMs: figures.keyframeMs,
    audioCodec: audio?.codec ?? null,
    audioSampleRateHz: audio?.sampleRateHz ?? null,
    audioChannels: audio?.channels ?? null,
    skewMs: figures.skewMs,
    silentMs,
    gaps: figures.gaps,
    videoAgeMs: figures.videoAgeMs,
    audioAgeMs: figures.audioAgeMs,
    unknown: figures.unknown,
  };
}
