import type { ConnectionState, Release } from './application';
import type { RecordState, StreamState } from './vocabulary';

/** What somebody can have watched. The connection is always watched. */
export const WATCHES = [
  'stream',
  'coding',
  'recording',
  'outputs',
  'computer',
  'disk',
  'black',
  'frozen',
  'faded',
  'silent',
  'muted',
  'clipped',
  'offline',
  'media',
  'receiver',
] as const;
export type WatchId = (typeof WATCHES)[number];

/**
 * What each application can be watched for; anything else would be unknown for good. The dialog shows these. `receiver` is watched where a media
 * server is chosen, whatever the application.
 */
export const WATCHED: Record<'obs' | 'vmix' | 'ingest', readonly WatchId[]> = {
  obs: [
    'stream',
    'recording',
    'outputs',
    'computer',
    'disk',
    'black',
    'frozen',
    'silent',
    'clipped',
    'media',
  ],
  vmix: ['stream', 'recording', 'outputs', 'computer', 'faded', 'silent', 'muted', 'offline', 'media'],
  ingest: ['stream', 'coding', 'computer', 'black', 'frozen', 'silent'],
};

/** What a watcher wants read. All watchers of one application share one reading of what any of them wants. */
export interface HealthWish {
  /** how often, in milliseconds; the shortest wish of all watchers counts */
  everyMs: number;
  /** how often the program's picture is looked at, in milliseconds; null: not at all */
  pictureEveryMs: number | null;
  /** listen to the volume meters */
  sound: boolean;
  /** how far the recording is */
  recording?: boolean;
  /** media inputs by name */
  media: readonly string[];
  /** of an ingest: the one stream that is watched; absent or null: all of them */
  stream?: string | null;
}

/** Readings of the application's health, one at a time, for as long as somebody watches. */
export interface HealthSource {
  /** what this application can be watched for at all */
  readonly watches: readonly WatchId[];
  /** Hear every reading from now on, those that failed too. A listener that throws harms no other. */
  watch(wish: HealthWish, listener: (sample: HealthSample) => void): Release;
}

/** The end of something that ran, and whether anyone asked for it (null: nobody can know). */
export interface End {
  atMs: number;
  expected: boolean | null;
  /** why, in a sentence, where anybody said so */
  reason?: string | null;
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
  lastEnd: (End & { failed: boolean }) | null;
  bytes: number | null;
  frames: number | null;
  droppedFrames: number | null;
  /** 0 is free, 1 is jammed */
  congestion: number | null;
  /** video and audio bitrate the encoders are set to */
  targetKbps: number | null;
  /** media time between its key frames, the longest of late; absent: this application does not tell how it is coded */
  keyframeMs?: number | null;
  /** of its pictures, `1920x1080`; absent likewise */
  size?: string | null;
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
  /** a point that differs by no more is unchanged: what coding alone makes of a still picture. Default 1: it was never coded */
  sameLuma?: number;
}

/** What was heard since the reading before, after fader and mute, from inputs that are on air. */
export interface SoundReading {
  /** the loudest peak in dB full scale, -100 for silence; null: there is sound, and nobody knows how loud */
  peakDb: number | null;
  /** share of the meter's readings in which an input reached full scale, 0 to 100 */
  clippedPercent: number | null;
  /** how many readings of the meter this stands on; 1: of this moment alone, what was before was not heard */
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

/** Nothing is known of the computer, and `why` is said of each figure. */
export function noStatistics(unknown: Record<string, string>, why: string): StatisticsReading {
  const nothing: StatisticsReading = {
    cpuPercent: null,
    memoryMegabytes: null,
    freeDiskMegabytes: null,
    fps: null,
    targetFps: null,
    frameRenderMs: null,
    missedFrames: null,
    renderedFrames: null,
    skippedFrames: null,
    encodedFrames: null,
  };
  for (const name of Object.keys(nothing)) unknown[name] = why;
  return nothing;
}

/** How far the recording is. */
export interface RecordingReading {
  durationMs: number | null;
  bytes: number | null;
  /** the last end that was seen */
  lastEnd: End | null;
  /** why it is not known how far it is */
  unknown: string | null;
}

/** An output beside streams and recording: `srt1`, `external`, `multicorder`. */
export interface OutputReading {
  output: string;
  /** null: the application does not say */
  running: boolean | null;
  lastEnd: End | null;
  /** while it is on, a show is; absent: it may be on for weeks */
  isShow?: boolean;
}

/** What the whole program goes through, and what it shows. */
export interface ProgramReading {
  /** the title of what is on air; null: nothing, or nobody knows */
  title: string | null;
  /** whether its source is missing */
  offline: boolean | null;
  /** whether the caller is there; null: it is no call, or nobody knows */
  callConnected: boolean | null;
  fadeToBlack: boolean | null;
  masterMuted: boolean | null;
}

/** What the media server that the stream goes to says of it. */
export interface ReceiverReading {
  /** whether it gets the stream; null: it cannot be asked */
  publishing: boolean | null;
  /** received since the stream came; null while it does not get any, or does not tell */
  bytes: number | null;
  /** why `publishing` or `bytes` is null */
  reason: string | null;
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
  /** absent: it was not read */
  recordingReading?: RecordingReading | null;
  /** absent: this application has none that are watched */
  outputs?: readonly OutputReading[];
  /** the last time another run of the application was found while something ran; null or absent: never */
  restartedAtMs?: number | null;
  /** the scene on air */
  program: string | null;
  /** whose stream picture, sound and frame rate are of, where others send them; null: of nobody now. Absent: they are the application's own */
  sender?: string | null;
  /** absent: the application does not tell of it */
  onProgram?: ProgramReading | null;
  /** false: there is nothing that `statistics` could be about at present; absent: there is */
  hasStatistics?: boolean;
  statistics: StatisticsReading;
  /** null when this reading took none: nobody wants it, or it is not its turn */
  picture: PictureReading | null;
  sound: SoundReading | null;
  media: MediaReading[];
  /** absent or null: no media server is asked */
  receiver?: ReceiverReading | null;
  /** for each figure of `statistics`, `picture` and `sound` that is null though wanted: why */
  unknown: Record<string, string>;
}
