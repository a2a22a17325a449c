import type { Lease } from '../lib/connection/lease';
import type { LiveError } from '../lib/errors';
import type { FrameStore } from '../lib/frames/store/types';
import type { FrameSource } from '../lib/frames/types';
import type { Application } from '../lib/production/application';
import type { Ingest } from '../lib/rtmp/types';
import { configNode } from './config-node';
import type { Node, NodeAPI } from './types';

/** What an ingest config node gives: the server, its pictures, and what it is as an application. */
export type OpenIngest = Application & { readonly ingest: Ingest; readonly frames: FrameSource };

/** An rtmp-ingest config node; a connection like those to OBS and vMix. */
export interface IngestNode extends Node<object> {
  fault: LiveError | null;
  simulated: boolean;
  print: string;
  acquire(): Lease<OpenIngest & { close(): Promise<void> }>;
  /** where people publish to, without the stream: `rtmp://host/live` */
  publishAddress: string;
  /** where a player on this machine finds a stream, `{app}` and `{stream}` in it; holds the play token */
  playAddress: string;
  /** the app that people publish to */
  app: string;
}

/** A frame-store config node. */
export interface FrameStoreNode extends Node<object> {
  fault: LiveError | null;
  acquire(): Lease<FrameStore & { close(): Promise<void> }>;
}

/** The ingest a dialog names. Throws INGEST_MISSING, or what is wrong with it. */
export function rtmpIngest(RED: NodeAPI, id: string | undefined): IngestNode {
  return configNode<IngestNode>(RED, id, 'INGEST_MISSING');
}

/** The frame store a dialog names. Throws FRAME_STORE_MISSING, or what is wrong with it. */
export function frameStore(RED: NodeAPI, id: string | undefined): FrameStoreNode {
  return configNode<FrameStoreNode>(RED, id, 'FRAME_STORE_MISSING');
}
