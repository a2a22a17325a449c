import { type FrameSource, type FrameTap, GRID_HEIGHT, GRID_WIDTH } from '../frames/types';
import type { PictureReading } from '../production/health';
import type { TrackedStream } from './stream-history';

/** What pictures and sound are of, and why there is nothing of it. */
export interface Subject {
  stream: string | null;
  live: TrackedStream | null;
  why: string;
}

/** A smaller one would do, but every decoder makes one, and another size would start it anew for whoever keeps pictures. */
const WIDTH = 320;
const QUALITY = 50;
/**
 * What coding alone makes of a still picture, from one key frame to the next: measured 2 of 255 at most, and 4 for a camera that looks at
 * something still.
 */
const SAME_LUMA = 2;

/** The picture of the one stream that is looked at: its key frames, which cost a decoder next to nothing. */
export class SubjectPicture {
  private stream: string | null = null;
  private tap: FrameTap | null = null;
  private told = '';

  constructor(
    private readonly frames: FrameSource,
    private readonly everyMs: number | null,
  ) {}

  /** Look at this one from now on; null: at none. */
  follow(stream: string | null): void {
    if (stream === this.stream) return;
    this.stream = stream;
    this.tap?.release();
    this.told = '';
    const { everyMs } = this;
    this.tap =
      stream === null || everyMs === null
        ? null
        : this.frames.tap(stream, { everyMs, sampling: 'keyframes', width: WIDTH, quality: QUALITY });
  }

  /** The newest picture, once; null where there is no new one, with the reason in `unknown` where none can come. */
  read({ stream, live, why }: Subject, unknown: Record<string, string>): PictureReading | null {
    const none = (reason: string): null => {
      unknown.picture = reason;
      return null;
    };
    if (!live || !this.tap || stream === null) return none(why);
    const { fault } = this.tap.status();
    if (fault) return none(fault.message);
    const frame = this.tap.last();
    // what the publisher before him showed is nothing of now
    if (!frame || frame.connectionId !== live.feed?.connectionId) return null;
    const name = `${frame.connectionId} ${frame.seq}`;
    if (name === this.told) return null;
    this.told = name;
    return {
      atMs: frame.arrivedMs,
      source: stream,
      width: GRID_WIDTH,
      height: GRID_HEIGHT,
      luma: frame.grid,
      sameLuma: SAME_LUMA,
    };
  }
}
