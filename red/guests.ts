import type { Lease } from '../lib/connection/lease';
import type { LiveError } from '../lib/errors';
import type { Tokens } from '../lib/keys/token';
import type { KeyStore } from '../lib/keys/types';
import type { HookSpeech, MediaServerClient } from '../lib/media-servers/types';
import type { GuestQueue } from '../lib/queue/guests';
import type { ListenAddress } from '../lib/web/types';
import type { IngestNode } from './capture';
import { configNode } from './config-node';
import type { Node, NodeAPI } from './types';

/** What of a config node can be leased, or why not. */
interface Leased<T> {
  /** why it cannot be had; null when its settings make sense */
  fault: LiveError | null;
  acquire(): Lease<T & { close(): Promise<void> }>;
}

/** A media-server config node. */
export interface MediaServerNode extends Node<object>, Leased<MediaServerClient> {
  /** a rehearsal: the simulator inside this process */
  simulated: boolean;
  /** null: it sends no hooks, being our own ingest */
  speech: HookSpeech | null;
  /** where its hooks come in, below which path, from whom; the path ends with the secret */
  hooks: { listen: ListenAddress; path: string; secret: string; allowFrom: readonly string[] } | null;
  /** our own ingest, if it is that: it asks inside this process */
  ingest?: IngestNode | null;
  /** where a player (OBS) finds what is published, `{app}` and `{stream}` in it */
  playAddress: string;
  /** where people publish to, without the stream: `rtmp://host/live` */
  publishAddress: string;
  /** the apps that guests publish to; every other app is let in without a look, or denied */
  apps: readonly string[];
  otherApps: 'allow' | 'deny';
}

/** A stream-keys config node. */
export interface StreamKeysNode extends Node<object>, Leased<KeyStore> {
  /** makes and checks admission tokens; null where no secret is set for them */
  tokens: Tokens | null;
}

/** A guest-queue config node. */
export interface GuestQueueNode extends Node<object>, Leased<GuestQueue> {
  mediaServer: MediaServerNode | null;
  /** the operator may command it where Node-RED asks nobody for a login */
  openOperator?: boolean;
}

/** The media server a dialog names. Throws MEDIA_SERVER_MISSING, or what is wrong with it. */
export function mediaServer(RED: NodeAPI, id: string | undefined): MediaServerNode {
  return configNode<MediaServerNode>(RED, id, 'MEDIA_SERVER_MISSING');
}

/** The stream keys a dialog names. Throws KEYS_MISSING, or what is wrong with them. */
export function streamKeys(RED: NodeAPI, id: string | undefined): StreamKeysNode {
  return configNode<StreamKeysNode>(RED, id, 'KEYS_MISSING');
}

/** The guest queue a dialog names. Throws QUEUE_MISSING, or what is wrong with it. */
export function guestQueue(RED: NodeAPI, id: string | undefined): GuestQueueNode {
  return configNode<GuestQueueNode>(RED, id, 'QUEUE_MISSING');
}
