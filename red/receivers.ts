import { fail } from '../lib/errors';
import { Receiver, type ReceivedStream } from '../lib/media-servers/receiver';
import type { MediaServerClient } from '../lib/media-servers/types';
import type { Release } from '../lib/production/application';
import { mediaServer } from './guests';
import { resolveEnv } from './typed-inputs';
import type { Node, NodeAPI } from './types';

/** A node that may ask a media server what arrives of the stream. */
export interface ReceiverDef {
  /** the media server's id; empty: none is asked */
  mediaServer?: string;
  /** `app/stream` there */
  received?: string;
}

/** Which stream of which server a dialog means; null: none. Throws CONFIG_INVALID, MEDIA_SERVER_MISSING, or what is wrong with that server. */
export function receivedStream(RED: NodeAPI, node: Node, config: ReceiverDef): ReceivedStream | null {
  if (!config.mediaServer) return null;
  const text = resolveEnv(RED, node, 'received as', config.received).trim();
  const found = /^\/?([^/\s?]+)\/([^\s?]+)$/.exec(text);
  if (!found)
    throw fail('CONFIG_INVALID', {
      field: 'received as',
      reason: 'it must be the application and the stream of the media server, such as live/show',
    });
  return { app: found[1]!, stream: found[2]! };
}

/** Lease the media server of a dialog that names one. Throws as `receivedStream` does. */
export function leaseReceiver(
  RED: NodeAPI,
  node: Node,
  config: ReceiverDef,
): { client: MediaServerClient; stream: ReceivedStream; release: Release } | null {
  const stream = receivedStream(RED, node, config);
  if (!stream) return null;
  const lease = mediaServer(RED, config.mediaServer).acquire();
  return { client: lease.value, stream, release: () => lease.release() };
}

/** Follow what a media server gets, for a node that watches; null where its dialog names none. Throws as `receivedStream` does. */
export function followReceiver(
  RED: NodeAPI,
  node: Node,
  config: ReceiverDef,
): { receiver: Receiver; release: Release } | null {
  const leased = leaseReceiver(RED, node, config);
  if (!leased) return null;
  const receiver = new Receiver(leased.client, leased.stream);
  return {
    receiver,
    release: () => {
      receiver.close();
      leased.release();
    },
  };
}
