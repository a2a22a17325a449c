import type { Release } from '../production/application';

/** What travels in a stream: pictures, sound, or data about them. */
export type TagKind = 'video' | 'audio' | 'data';

/** One RTMP message of a stream, whole, as an FLV tag would hold it. */
export interface Tag {
  kind: TagKind;
  /** the publisher's own clock in milliseconds, unwrapped: it goes on past 2^32 */
  timestampMs: number;
  payload: Buffer;
  /** when it was whole here, by `now()` */
  atMs: number;
}

/** What a stream's own header says of its pictures, before any decoder sees them. */
export interface VideoInfo {
  /** `avc`, `hevc`, `av1`, `vp9`, or the number that the tag has */
  codec: string;
  /** null where the codec is not one whose header is read */
  width: number | null;
  height: number | null;
  profile: string | null;
  level: string | null;
  /** as the header promises it; null where it promises nothing */
  fps: number | null;
}

export interface AudioInfo {
  /** `aac`, `mp3`, … or the number that the tag has */
  codec: string;
  sampleRateHz: number | null;
  channels: number | null;
}

/** What is needed to begin in the middle: the newest headers, and the newest key frame. */
export interface StreamHeaders {
  metadata: Tag | null;
  video: Tag | null;
  audio: Tag | null;
  keyframe: Tag | null;
}

/**
 * A stream's figures, read without decoding. Rates are of the last 10 s of the wall clock; null while nothing can be said, with the
 * reason in `unknown`.
 */
export interface StreamFigures {
  video: VideoInfo | null;
  audio: AudioInfo | null;
  bytes: number;
  videoFrames: number;
  keyframes: number;
  bitrateKbps: number | null;
  fps: number | null;
  /** media time between key frames: the last distance, and the longest of the last three */
  keyframeMs: number | null;
  longestKeyframeMs: number | null;
  /** since the last video, and the last audio, by the wall clock; null where there never was any */
  videoAgeMs: number | null;
  audioAgeMs: number | null;
  /** holes in the media time of more than a second, since the start */
  gaps: number;
  /** sound minus picture in media time, in milliseconds */
  skewMs: number | null;
  /** whether the sound has been digital silence, and since when (by `now()`); null: there is no AAC to tell by */
  silentSinceMs: number | null;
  isSilent: boolean | null;
  unknown: Record<string, string>;
}

/**
 * One stream that runs: of somebody who publishes here, or that was pulled. It ends once; a publisher who comes back is another feed
 * with another `connectionId`, and the same `stream`.
 */
export interface Feed {
  /** the public name */
  readonly stream: string;
  readonly app: string;
  /** unique in this process's life and after a restart */
  readonly connectionId: string;
  /** where it comes from, without anything secret */
  readonly address: string | null;
  /** by `now()`, and ISO 8601 */
  readonly sinceMs: number;
  readonly startedAt: string;
  readonly ended: boolean;
  headers(): StreamHeaders;
  figures(): StreamFigures;
  /** Every tag from now on, in order; a listener that throws is dropped, and harms nobody. */
  onTag(listener: (tag: Tag) => void): Release;
  /** Once, with the reason in words; at once where it has ended. */
  onEnd(listener: (reason: string) => void): Release;
}

/** Who asks to publish. Holds secrets. */
export interface PublishRequest {
  app: string;
  /** without what stands behind a question mark */
  stream: string;
  params: ReadonlyMap<string, string>;
  connectionId: string;
  address: string;
  secure: boolean;
}

export type PublishVerdict =
  | { allow: true; /** what people read */ name: string }
  /**
   * `reason`: for log and event, never secret, never told to the publisher; `why`: `key` where nothing is said; `isGuess`: false where what
   * he showed was right, or nothing was to be shown, so that he is not made to wait as whoever tries keys
   */
  | { allow: false; reason: string; why?: Denial; isGuess?: boolean };

/** Decides about a publisher. Settles within `leftMs`, or he is denied. */
export type PublishAdmission = (
  request: PublishRequest,
  leftMs: number,
) => PublishVerdict | Promise<PublishVerdict>;

export const DENIALS = [
  'key',
  'full',
  'busy',
  'app',
  'name',
  'size',
  'bitrate',
  'gate',
  'late',
  'unguarded',
] as const;
/** Why somebody was not let in, or was put out again. */
export type Denial = (typeof DENIALS)[number];

/** What an ingest tells. Nothing in it is secret; a name that nobody proved to be his is one that a stream may have, or ''. */
export type IngestEvent =
  | { what: 'publishing'; feed: Feed; name: string; /** back within the grace */ back: boolean }
  /** the connection has gone; within the grace he may come back */
  | { what: 'away'; feed: Feed; reason: string; expected: boolean }
  /**
   * The grace is over, or there is none. `expected`: true where he said goodbye himself or somebody had him put out, false where he broke a
   * limit, null where nobody knows whether he meant to stay away.
   */
  | { what: 'left'; feed: Feed; reason: string; expected: boolean | null }
  | {
      what: 'denied';
      why: Denial;
      reason: string;
      stream: string;
      app: string;
      address: string;
      /** of the request that guards were asked about */
      connectionId: string;
    }
  /** a new header says another picture */
  | { what: 'video'; feed: Feed; video: VideoInfo; previous: VideoInfo | null };

/** What an ingest is set to. */
export interface IngestSettings {
  host: string;
  port: number;
  app: string;
  mostPublishers: number;
  /**
   * A second one under the same name, whose key is right: the first stays (unless he has sent nothing for 5 s, as the ghost of a broken
   * connection), or the new one.
   */
  duplicates: 'reject' | 'replace';
  graceMs: number;
  /** the largest picture; more is refused before anything decodes it */
  maxWidth: number;
  maxHeight: number;
  /** null: no limit */
  maxKbps: number | null;
  /** PEM; null: plain RTMP */
  tls: { cert: string; key: string; ca?: string; passphrase?: string } | null;
  /** who may play: addresses, and the token that is the argument `token` of a play address; null: any token is */
  play: { /** empty: this machine only */ allowFrom: readonly string[]; token: string | null };
}

export interface IngestStatus {
  listening: boolean;
  /** why not; null while it does, or has not tried yet */
  fault: Error | null;
  /** the port it really has (settings may say 0) */
  port: number | null;
  /** whether any guard is attached; who listens hears of changes. A deploy takes them away for a moment */
  guarded: boolean;
}

/** Our own RTMP server. Opened by its first lease, kept over deploys. */
export interface Ingest {
  readonly settings: IngestSettings;
  status(): IngestStatus;
  onStatus(listener: (status: IngestStatus) => void): Release;
  feeds(): Feed[];
  /** how many play this stream now */
  players(stream: string): number;
  onEvent(listener: (event: IngestEvent) => void): Release;
  /**
   * Decides about every publisher from now on; all of those that are attached must allow, and are asked one after the other, in the
   * order in which they came, until one does not. Without any, everybody is denied (`unguarded`). Whom those allow who are there waits
   * up to 5 s for one that was taken away, as a deploy does.
   */
  guard(admission: PublishAdmission): Release;
  /** Ends this connection. False: it was gone already. `expected` is what the event says; true where nothing is said. */
  kick(connectionId: string, reason: string, expected?: boolean): boolean;
  /** New limits for whoever comes from now on; host, port, app and TLS cannot be changed so. */
  renew(settings: IngestSettings): void;
  close(): Promise<void>;
}
