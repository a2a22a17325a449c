import type { Release } from '../production/application';
import type { Feed } from '../rtmp/types';

/** The grid that changes are seen on: luma, row by row. */
export const GRID_WIDTH = 64;
export const GRID_HEIGHT = 36;
/** Points across that a small picture has: what a cell of a contact sheet shows. */
export const SMALL_WIDTH = 160;

/**
 * Which pictures are decoded. `auto`: key frames only, where they come often enough for the interval; else every picture that others refer
 * to, at that interval. `keyframes`: never more than the key frames.
 */
export const SAMPLING = ['auto', 'keyframes', 'all'] as const;
export type Sampling = (typeof SAMPLING)[number];

/** What somebody wants of a stream's pictures. All who want the same stream share one decoder with the widest wish. */
export interface FrameWish {
  /** at most so often, in milliseconds of media time */
  everyMs: number;
  sampling: Sampling;
  /** points; wider pictures are made this wide, narrower ones are left */
  width: number;
  /** 1 to 100 */
  quality: number;
}

/** One decoded picture. */
export interface Frame {
  stream: string;
  connectionId: string;
  /** counts from 0 for each connection, over every picture that was decoded */
  seq: number;
  /** when it was captured by the publisher, as near as can be known: UTC in milliseconds, from media time */
  at: number;
  mediaMs: number;
  /** of the JPEG */
  width: number;
  height: number;
  /** of the stream */
  videoWidth: number;
  videoHeight: number;
  keyframe: boolean;
  jpeg: Buffer;
  /** the same at most SMALL_WIDTH wide, a JPEG too; null where the picture itself is no larger */
  small: Buffer | null;
  /** GRID_WIDTH x GRID_HEIGHT luma */
  grid: Buffer;
  /** when the tag was whole here, by `now()` */
  arrivedMs: number;
}

/** How the decoding of one stream goes. */
export type DecoderState =
  'waiting' | 'running' | 'restarting' | 'unsupported' | 'refused' | 'no-ffmpeg' | 'ended';

export interface DecoderStatus {
  state: DecoderState;
  /** in words, coded; null while all is well */
  fault: Error | null;
  mode: 'keyframes' | 'all' | null;
  frames: number;
  /** pictures that were never decoded, since the decoder could not follow */
  dropped: number;
  restarts: number;
}

/** Pictures of one stream for as long as somebody wants them; over reconnects of its publisher. */
export interface FrameTap {
  onFrame(listener: (frame: Frame) => void): Release;
  onStatus(listener: (status: DecoderStatus) => void): Release;
  status(): DecoderStatus;
  /** the newest picture; null while there is none */
  last(): Frame | null;
  /** `forGood`: a decoder that nobody else wants ends at once, and not after a while */
  release(forGood?: boolean): void;
}

/** The decoders of all streams of one source: one child for each stream that somebody wants pictures of. */
export interface FrameSource {
  tap(stream: string, wish: FrameWish): FrameTap;
  close(): Promise<void>;
}

/** Feeds as they come and go: an ingest, or what is pulled. */
export interface FeedSource {
  feeds(): Feed[];
  onFeed(listener: (feed: Feed) => void): Release;
}

/** Parts of the picture that are not looked at, in hundredths of its width and height. */
export interface Mask {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** When a picture is another one. */
export interface ChangeSettings {
  /** cells of the grid that must differ */
  cells: number;
  /** by how much of 255 */
  delta: number;
  masks: readonly Mask[];
  /** keep one at least so often, changed or not; null: never */
  keepAliveMs: number | null;
}

export interface ChangeVerdict {
  keep: boolean;
  /** `asked`: somebody wanted this one, changed or not */
  why: 'first' | 'changed' | 'resolution' | 'keep-alive' | 'asked' | null;
  /** of the cells that are looked at, against the last kept picture; null for the first */
  changedPercent: number | null;
}
