import type { ConnectionState, Release } from './application';
import type { RecordState, StreamState } from './vocabulary';

/** What a watcher wants read. All watchers of one application share one reading of what any of them wants. */
export interface HealthWish {
  /** how often, in milliseconds; the shortest wish of all watchers counts */
  everyMs: number;
  /** how often the program's picture is looked at, in milliseconds; null: not at all */
  pictureEveryMs: number | null;
  /** listen to the volume meters */
  sound: boolean;
  /** media inputs by name */
  media: readonly string[];
}

/** Readings of the application's health, one at a time, for as long as somebody watches. */
export interface HealthSource {
  /** Hear every reading from now on, those that failed too. A listener that throws harms no other. */
  watch(wish: HealthWish, listener: (sample: HealthSample) => void): Release;
}

/** One stream as one reading saw it. Counters are the application's own, since its start of counting. */
export interface StreamReading {
  output: string;
  state: StreamState;
  /** since when it is live without a break, by `now()`; null when it is not live */
  liveSinceMs: number | null;
  /** the stream delay that is set: figures begin this much later */
  delayMs: number;
  /** how often it has lost its server and come back, since the connection object was made */
  reconnects: number;
  /** the last end of a stream that was seen, and whether anyone asked for it (null: nobody can know) */
  lastEnd: { atMs: number; failed: boolean; expected: boolean | null } | null;
  bytes: number | null;
  frames: number | null;
  droppedFrames: number | null;
  /** 0 is free, 1 is jammed */
  congestion: number | null;
  /** video and audio bitrate the encoders are set to */
  targetKbps: number | null;
  /** for each figure that is null: why */
  unknown: Record<string, string>;
}

/** The program's picture, small and grey. */
export interface PictureReading {
  atMs: number;
  /** what was looked at: the scene on air */
  source: string;
  width: number;
  height: number;
  /** luma of each point, row by row, 0 to 255 */
  luma: Uint8Array;
}

/** What was heard since the reading before, after fader and mute, from inputs that are on air. */
export interface SoundReading {
  /** the loudest peak in dB full scale, -100 for silence */
  peakDb: number;
  /** share of the meter's readings in which an input reached full scale, 0 to 100 */
  clippedPercent: number;
  /** how many readings of the meter this stands on */
  readings: number;
  /** inputs that are on air and can be heard */
  heard: string[];
}

export type MediaState =
  'none' | 'opening' | 'buffering' | 'playing' | 'paused' | 'stopped' | 'ended' | 'error' | 'missing';

/** One media input. */
export interface MediaReading {
  name: string;
  state: MediaState;
  cursorMs: number | null;
  durationMs: number | null;
  /** whether the program shows it; absent: nobody knows */
  onAir?: boolean;
}

export interface StatisticsReading {
  cpuPercent: number | null;
  memoryMegabytes: number | null;
  freeDiskMegabytes: number | null;
  fps: number | null;
  targetFps: number | null;
  frameRenderMs: number | null;
  /** drawn too late, of those drawn, counted since the application's start */
  missedFrames: number | null;
  renderedFrames: number | null;
  /** encoded too late, of those encoded */
  skippedFrames: number | null;
  encodedFrames: number | null;
}

/** One reading of an application. A figure it could not give is null, with the reason in `unknown`. */
export interface HealthSample {
  /** by `now()`; the time between two readings is measured, never assumed */
  atMs: number;
  /** whether the application answered this reading */
  reachable: boolean;
  connection: ConnectionState;
  /** when it was not reachable: why, in words */
  reason: string | null;
  streams: StreamReading[];
  recording: RecordState;
  /** the last state of the recording that was known: what it was as the application went */
  lastRecording?: RecordState;
  /** the scene on air */
  program: string | null;
  statistics: StatisticsReading;
  /** null when this reading took none: nobody wants it, or it is not its turn */
  picture: PictureReading | null;
  sound: SoundReading | null;
  media: MediaReading[];
  /** for each figure of `statistics`, `picture` and `sound` that is null though wanted: why */
  unknown: Record<string, string>;
}
