import type { Lease } from '../../lib/connection/lease';
import type { IngestNode } from '../../red/capture';
import type { DeployedConnection } from '../../red/connection-node';
import type { LiveDef } from '../../red/types';
import type { IngestApplication } from '../../lib/ingest/application';
import type { IngestConfig } from './settings';

export interface RtmpIngestDef extends LiveDef {
  /** test streams instead of guests */
  simulate: boolean;
  host: string;
  port: string;
  app: string;
  /** a stream-keys config node; empty: a publish gate decides */
  keys: string;
  mostPublishers: string;
  duplicates: string;
  graceSeconds: string;
  maxWidth: string;
  maxHeight: string;
  /** empty: no limit */
  maxKbps: string;
  /** Node-RED's own tls-config; empty: plain RTMP */
  tls: string;
  playFrom: string;
  /** missing in flows of before */
  ownProcess?: boolean;
  /** empty: as PATH finds it */
  ffmpeg: string;
  /** as guests reach it; empty: as it listens */
  publishAddress: string;
}

export interface RtmpIngestSecrets {
  playToken?: string;
}

/** What its media server tells guests and players. */
type Told = 'publishAddress' | 'playAddress' | 'app';

/** The config node itself, beside what other nodes see of it. */
export interface RtmpIngestNode
  extends DeployedConnection<IngestConfig, IngestApplication>, Pick<IngestNode, Told> {
  credentials: RtmpIngestSecrets;
  acquire(): Lease<IngestApplication>;
}
