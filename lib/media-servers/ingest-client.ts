import { randomUUID } from 'node:crypto';
import { now } from '../connection/clock';
import type { Lease } from '../connection/lease';
import { fail } from '../errors';
import type { Feed, Ingest } from '../rtmp/types';
import type { KickOutcome, MediaServerClient, Publisher, PublisherList } from './types';

/** By ingest: it is another run where the process, or its settings, are others. */
const runs = new WeakMap<Ingest, string>();

/** Our own ingest as a media server: asked inside this process, so what it says is of this very moment. */
export class IngestClient implements MediaServerClient {
  readonly kind = 'ingest';
  private closed = false;

  constructor(private readonly lease: Lease<{ readonly ingest: Ingest }>) {}

  async list(): Promise<PublisherList> {
    const ingest = await this.open();
    return {
      publishers: ingest.feeds().map((feed) => publisherOf(feed, ingest)),
      serverRun: runOf(ingest),
      atMs: now(),
    };
  }

  async kick(publisher: Parameters<MediaServerClient['kick']>[0]): Promise<KickOutcome> {
    const ingest = await this.open();
    const { app, stream, clientId } = publisher;
    const found = ingest
      .feeds()
      .find(
        (feed) =>
          feed.app === app && feed.stream === stream && (clientId === null || feed.connectionId === clientId),
      );
    return found && ingest.kick(found.connectionId, 'put out', true) ? 'kicked' : 'absent';
  }

  /** Rejects with INGEST_LISTEN where nobody can reach it. */
  async probe(): Promise<{ version: string | null; publishers: number }> {
    const ingest = await this.open();
    const { listening, fault } = ingest.status();
    if (!listening && fault) throw fault;
    return { version: null, publishers: ingest.feeds().length };
  }

  close(): Promise<void> {
    this.closed = true;
    this.lease.release();
    return Promise.resolve();
  }

  private async open(): Promise<Ingest> {
    if (this.closed) await Promise.reject(fail('MEDIA_SERVER_CLOSED', { action: 'it' }));
    return this.lease.value.ingest;
  }
}

function runOf(ingest: Ingest): string {
  const run = runs.get(ingest) ?? randomUUID();
  runs.set(ingest, run);
  return run;
}

function publisherOf(feed: Feed, ingest: Ingest): Publisher {
  const { bytes, bitrateKbps, videoFrames, video, audio, fps } = feed.figures();
  return {
    app: feed.app,
    stream: feed.stream,
    clientId: feed.connectionId,
    address: feed.address,
    sinceMs: Math.max(0, Math.round(now() - feed.sinceMs)),
    bytesIn: bytes,
    bitrateKbps,
    frames: videoFrames,
    readers: ingest.players(feed.stream),
    video: video && { codec: video.codec, width: video.width, height: video.height, fps: fps ?? video.fps },
    audio: audio && { codec: audio.codec, sampleRateHz: audio.sampleRateHz, channels: audio.channels },
  };
}
