import type { RecordReport, StreamReport } from './application';
import type { OutputState, StreamState } from './vocabulary';

/** What a status message says. */
export interface StatusReport {
  streams: StreamReport[];
  recording: RecordReport | null;
  outputs: { name: string; kind: string; state: OutputState }[];
  scene: { program: string | null; preview: string | null; studioMode: boolean | null };
  statistics: Record<string, number | null>;
  unknown: Record<string, string>;
  /** what vMix says of itself besides; only of vMix */
  vmix?: VmixFacts;
  /** the ingest and who publishes to it; only of an ingest */
  ingest?: IngestFacts;
}

export interface IngestFacts {
  listening: boolean;
  /** where people publish to on this machine, without a stream */
  server: string;
  port: number | null;
  /** whether anybody says who may publish; else everybody is denied */
  guarded: boolean;
  mostPublishers: number;
  publishers: IngestPublisher[];
}

/** Somebody who publishes to an ingest, or may come back within the grace. Figures are read without decoding. */
export interface IngestPublisher {
  stream: string;
  /** as people read it */
  name: string;
  app: string;
  address: string | null;
  connectionId: string;
  state: StreamState;
  /** ISO 8601; null while he publishes */
  awaySince: string | null;
  /** how many play it now */
  players: number;
  /** `1920x1080` */
  resolution: string | null;
  videoCodec: string | null;
  videoProfile: string | null;
  fps: number | null;
  keyframes: number;
  /** media time between the last two key frames */
  keyframeMs: number | null;
  audioCodec: string | null;
  audioSampleRateHz: number | null;
  audioChannels: number | null;
  /** sound minus picture in media time */
  skewMs: number | null;
  /** how long the sound has been digital silence; null: it is not, or nobody can tell */
  silentMs: number | null;
  /** holes of more than a second */
  gaps: number;
  /** since the last picture, and the last sound */
  videoAgeMs: number | null;
  audioAgeMs: number | null;
  /** for each figure that is null: why, where that is not plain */
  unknown: Record<string, string>;
}

export interface VmixFacts {
  version: string;
  edition: string | null;
  /** the name of the preset's file, without its folder; null while none is loaded */
  preset: string | null;
  fadeToBlack: boolean | null;
  playList: boolean | null;
  inputCount: number;
  programInput: VmixInputFacts | null;
  previewInput: VmixInputFacts | null;
  /** overlays that are on air */
  overlays: { number: number; inputNumber: number; title: string | null }[];
}

export interface VmixInputFacts {
  key: string;
  number: number;
  title: string;
  type: string;
  state: string | null;
}
