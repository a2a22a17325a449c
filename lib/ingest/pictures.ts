import { isoTime, now } from '../connection/clock';
import { fail } from '../errors';
import type { Frame, FrameSource, FrameTap, FrameWish } from '../frames/types';
import {
  contentTypeOf,
  type Picture,
  type PictureRequest,
  type Pictures,
  type SavedPicture,
} from '../production/pictures';
import { fewNames } from '../production/names';
import type { StreamBook } from './streams';

/** A decoder that has to be started gives its first picture of the newest key frame within a second or two; OBS sends one every 8.3 s. */
const FIRST_MS = 12_000;
/** A picture that came so lately is the newest that anybody could want. */
const FRESH_MS = 1_000;
/** Where neither side is given, and nobody says how wide at most. */
const WIDEST = 1280;
const USUAL_QUALITY = 80;
/** Streams whose wishes are remembered. */
const MOST_MADE = 1_000;

/** Those whose decoder runs for somebody else. */
export interface RunningFrames {
  newest(stream: string): Frame | null;
}

/**
 * Pictures of what people publish: the newest that somebody else has decoded, or one of the newest key frame by a decoder apart, since one
 * that runs would have to begin anew for another width or interval, and whoever takes pictures with it would miss some.
 */
export class IngestPictures implements Pictures {
  /** one after the other for each stream: a decoder has one width */
  private readonly turns = new Map<string, Promise<void>>();
  /** what the decoder apart of each stream was wished last */
  private readonly made = new Map<string, string>();

  constructor(
    private readonly running: RunningFrames,
    private readonly apart: FrameSource,
    private readonly book: StreamBook,
  ) {}

  /** Rejects with INGEST_NOBODY, INGEST_SEVERAL, PICTURE_FORMAT, PICTURE_LATE, and what the decoder says: FRAMES_*. */
  async take(request: PictureRequest): Promise<Picture> {
    if (request.format !== 'jpg')
      throw fail('PICTURE_FORMAT', { application: 'ingest', format: request.format, known: 'jpg' });
    const stream = this.subject(request.source);
    const wide = widthOf(request, this.shapeOf(stream));
    const quality = request.quality ?? USUAL_QUALITY;
    const there = this.running.newest(stream);
    const fits = there?.width === Math.min(wide, there?.videoWidth ?? wide) && quality <= USUAL_QUALITY;
    if (there && fits && isFresh(there)) return pictureOf(there);
    const untilMs = now() + FIRST_MS;
    const before = this.turns.get(stream) ?? Promise.resolve();
    const made = before.then(() => this.make(stream, wide, quality, untilMs));
    const over = made.then(
      () => undefined,
      () => undefined,
    );
    this.turns.set(stream, over);
    try {
      return pictureOf(await made);
    } finally {
      if (this.turns.get(stream) === over) this.turns.delete(stream);
    }
  }

  private async make(stream: string, width: number, quality: number, untilMs: number): Promise<Frame> {
    const wish: FrameWish = { everyMs: 1_000, sampling: 'auto', width, quality };
    const print = `${width} ${quality}`;
    // the one before goes on for a moment, and would only begin anew at the next key frame
    if (this.made.get(stream) !== print) this.apart.tap(stream, wish).release(true);
    if (this.made.size >= MOST_MADE) this.made.clear();
    this.made.set(stream, print);
    const tap = this.apart.tap(stream, wish);
    try {
      return await newest(tap, untilMs - now());
    } finally {
      tap.release();
    }
  }

  fileThere(): never {
    throw fail('CAPABILITY_MISSING', {
      application: 'The ingest',
      action: 'a file on another computer',
      advice: 'Let Node-RED write it on its own.',
    });
  }

  async saveThere(): Promise<SavedPicture> {
    return await Promise.reject(fail('INTERNAL', { reason: 'no file can be written there' }));
  }

  /** The stream that is meant; null is the only one there is. */
  private subject(wanted: string | null): string {
    const streams = this.book.list().map(({ feed }) => feed.stream);
    if (wanted !== null) {
      if (streams.includes(wanted)) return wanted;
      throw fail('INGEST_NOBODY', { stream: wanted });
    }
    if (streams.length > 1) throw fail('INGEST_SEVERAL', { streams: fewNames(streams) });
    if (streams[0] === undefined) throw fail('INGEST_NOBODY', { stream: 'any stream' });
    return streams[0];
  }

  private shapeOf(stream: string): number | null {
    const video = this.book.get(stream)?.feed.figures().video;
    return video?.width && video.height ? video.width / video.height : null;
  }
}

const isFresh = (frame: Frame): boolean => now() - frame.arrivedMs < FRESH_MS;

const pictureOf = ({ stream, jpeg, width, height, at }: Frame): Picture => ({
  data: jpeg,
  source: stream,
  format: 'jpg',
  contentType: contentTypeOf('jpg'),
  width,
  height,
  takenAt: isoTime(at),
});

/** How wide it is to be made; where only a height is given the stream's own shape decides. */
function widthOf({ width, height, widest }: PictureRequest, shape: number | null): number {
  if (width !== null) return width;
  if (height !== null && shape !== null) return Math.max(2, Math.round((height * shape) / 2) * 2);
  return widest ?? WIDEST;
}

/** The newest picture: one that is there and fresh, else the next one; one that is older where none comes. */
async function newest(tap: FrameTap, forMs: number): Promise<Frame> {
  const there = tap.last();
  if (there && isFresh(there)) return there;
  return await new Promise<Frame>((resolve, reject) => {
    const releases: (() => void)[] = [];
    const end = () => {
      clearTimeout(timer);
      for (const release of releases) release();
    };
    const timer = setTimeout(() => {
      end();
      const last = tap.last();
      if (last) return resolve(last);
      reject(tap.status().fault ?? fail('PICTURE_LATE', { seconds: FIRST_MS / 1000 }));
    }, forMs);
    timer.unref();
    const heard = (frame: Frame) => {
      end();
      resolve(frame);
    };
    releases.push(tap.onFrame(heard));
    const look = () => {
      const { state, fault } = tap.status();
      if (!fault || !['unsupported', 'refused', 'no-ffmpeg'].includes(state)) return;
      end();
      reject(fault);
    };
    releases.push(tap.onStatus(look));
    look();
  });
}
