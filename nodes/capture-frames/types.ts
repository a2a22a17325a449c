import type { LiveDef, Node } from '../../red/types';

export const SOURCES = ['ingest', 'server', 'address'] as const;

export interface CaptureFramesDef extends LiveDef {
  source: (typeof SOURCES)[number];
  /** an rtmp-ingest config node */
  ingest: string;
  /** a media-server config node */
  server: string;
  /** its public name; empty: all streams. Of an address the name that its pictures get */
  stream: string;
  everySeconds: string;
  sampling: string;
  cells: string;
  delta: string;
  /** `left top width height` in hundredths, with semicolons or lines between them */
  masks: string;
  /** empty or 0: never */
  keepAliveSeconds: string;
  width: string;
  quality: string;
  /** a frame-store config node; empty: pictures are only sent */
  store: string;
  picture: 'buffer' | 'path';
  /** wait for `start` */
  waits: boolean;
  /** for a media server and an address; empty: as PATH finds it */
  ffmpeg: string;
}

export type CaptureFramesNode = Node<{ address?: string }>;
