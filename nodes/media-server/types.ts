import type { MediaServerNode } from '../../red/guests';
import type { LiveDef } from '../../red/types';
import type { MediaServerConfig } from './settings';

export interface MediaServerDef extends LiveDef {
  kind: string;
  /** an rtmp-ingest config node, of the kind `ingest` */
  ingest: string;
  api: string;
  control: string;
  publishAddress: string;
  playAddress: string;
  apps: string;
  otherApps: string;
  hookHost: string;
  hookPort: string;
  hookName: string;
  allowFrom: string;
  reachedAt: string;
}

export interface MediaServerSecrets {
  user?: string;
  password?: string;
  secret?: string;
}

/** The config node itself, beside what other nodes see of it. */
export interface MediaServerConfigNode extends MediaServerNode {
  credentials: MediaServerSecrets;
  /** null where its settings make no sense */
  settings: MediaServerConfig | null;
}
