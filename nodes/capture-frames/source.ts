import { type IngestNode, rtmpIngest } from '../../red/capture';
import { mediaServer, type MediaServerNode } from '../../red/guests';
import { fingerprint, leases } from '../../red/leases';
import { choiceField, resolveEnv } from '../../red/typed-inputs';
import type { NodeAPI } from '../../red/types';
import type { Lease } from '../../lib/connection/lease';
import { fail } from '../../lib/errors';
import type { CaptureSource } from '../../lib/frames/capture';
import { readPullAddress } from '../../lib/frames/pull/address';
import { OpenAddress, OpenServer } from '../../lib/frames/pull/open';
import { hold } from '../../lib/secrets';
import { type CaptureFramesDef, type CaptureFramesNode, SOURCES } from './types';

/** What a capture takes pictures of, leased. */
export interface LeasedSource extends Lease<CaptureSource> {
  /** as messages name it */
  application: 'ingest' | 'media-server';
  connection: { id: string; name: string };
  /** test streams of a rehearsal */
  simulated: boolean;
}

/** The name that the pictures of an address get where nobody gave one. */
const UNNAMED = 'stream';

/** Lease what the dialog names. Throws FRAMES_SOURCE_MISSING, CONFIG_INVALID, or what is wrong with it. */
export function leaseSource(RED: NodeAPI, node: CaptureFramesNode, config: CaptureFramesDef): LeasedSource {
  const source = choiceField('pictures of', config.source || 'ingest', SOURCES);
  const ffmpegPath = resolveEnv(RED, node, 'ffmpeg', config.ffmpeg).trim() || null;
  if (source === 'address') return ofAddress(RED, node, config, ffmpegPath);
  const chosen = source === 'ingest' ? config.ingest : config.server;
  if (!chosen) throw fail('FRAMES_SOURCE_MISSING');
  if (source === 'ingest') return ofIngest(rtmpIngest(RED, chosen));
  const server = mediaServer(RED, chosen);
  return server.ingest ? ofIngest(server.ingest) : ofServer(server, ffmpegPath);
}

function ofIngest(node: IngestNode): LeasedSource {
  const lease = node.acquire();
  const { ingest, frames, id, name } = lease.value;
  return {
    application: 'ingest',
    connection: { id, name },
    simulated: lease.value.simulated,
    release: () => lease.release(),
    value: {
      frames,
      streams: () => ingest.feeds().map(({ stream }) => stream),
      onStreams: (listener) => {
        const unhear = ingest.onEvent(({ what }) => {
          if (what === 'publishing' || what === 'left') listener();
        });
        // one that cannot listen is no stream that is waited for
        const unfollow = ingest.onStatus(listener);
        return () => {
          unhear();
          unfollow();
        };
      },
      fault: () => ingest.status().fault,
      want: () => () => undefined,
    },
  };
}

function ofServer(server: MediaServerNode, ffmpegPath: string | null): LeasedSource {
  const { id, apps, playAddress } = server;
  if (!playAddress)
    throw fail('CONFIG_INVALID', { field: 'media server', reason: 'it has no address for players' });
  const settings = { apps, playAddress, ffmpegPath };
  const lease = leases.acquire(`pictures:${id}`, fingerprint(settings), () => new OpenServer(settings));
  // the server may be another one after a deploy, and is asked by whoever has it now
  const client = server.acquire();
  const letGo = lease.value.askedBy(client.value);
  return {
    application: 'media-server',
    connection: { id, name: server.name ?? '' },
    simulated: server.simulated,
    value: lease.value,
    release: () => {
      letGo();
      client.release();
      lease.release();
    },
  };
}

function ofAddress(
  RED: NodeAPI,
  node: CaptureFramesNode,
  config: CaptureFramesDef,
  ffmpegPath: string | null,
): LeasedSource {
  const address = resolveEnv(RED, node, 'address', node.credentials?.address).trim();
  if (!address) throw fail('FRAMES_SOURCE_MISSING');
  const read = readPullAddress(address);
  if (!read.address) throw fail('CONFIG_INVALID', { field: 'address', reason: read.reason });
  const unhold = hold(read.address.scheme === 'file' ? null : address);
  const stream = resolveEnv(RED, node, 'stream', config.stream).trim() || UNNAMED;
  const settings = { stream, address, ffmpegPath };
  const lease = leases.acquire(`pictures:${node.id}`, fingerprint(settings), () => new OpenAddress(settings));
  return {
    application: 'media-server',
    connection: { id: node.id, name: read.address.where },
    simulated: false,
    value: lease.value,
    release: () => {
      lease.release();
      unhold();
    },
  };
}
