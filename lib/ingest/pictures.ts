import { isoTime, now } from '../connection/clock';
import { fail } from '../errors';
import type { Frame, FrameSource, FrameTap } from '../frames/types';
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

/** Pictures of what people publish: the newest that a decoder has made, or one of the newest key frame. */
export class IngestPictures implements Pictures {
  constructor(
    private readonly frames: FrameSource,
    private readonly book: StreamBook,
  ) {}

  /** Rejects with INGEST_NOBODY, INGEST_SEVERAL, PICTURE_FORMAT, PICTURE_LATE, and what the decoder says: FRAMES_*. */
  async take(request: PictureRequest): Promise<Picture> {
    if (request.format !== 'jpg')
      throw fail('PICTURE_FORMAT', { application: 'ingest', format: request.format, known: 'jpg' });
    const stream = this.subject(request.source);
    const wide = widthOf(request, this.shapeOf(stream));
    const tap = this.frames.tap(stream, {
      everyMs: 1_000,
      sampling: 'auto',
      width: wide,
      quality: request.quality ?? USUAL_QUALITY,
    });
    try {
      const frame = await newest(tap);
      const { jpeg, width, height, at } = frame;
      return {
        data: jpeg,
        source: stream,
        format: 'jpg',
        contentType: contentTypeOf('jpg'),
        width,
        height,
        takenAt: isoTime(at),
      };
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

/** How wide it is to be made; where only a height is given the stream's own shape decides. */
function widthOf({ width, height, widest }: PictureRequest, shape: number | null): number {
  if (width !== null) return width;
  if (height !== null && shape !== null) return Math.max(2, Math.round((height * shape) / 2) * 2);
  return widest ?? WIDEST;
}

/** The newest picture: one that is there and fresh, else the next one; one that is older where none comes. */
async function newest(tap: FrameTap): Promise<Frame> {
  const there = tap.last();
  if (there && now() - there.arrivedMs < FRESH_MS) return there;
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
    }, FIRST_MS);
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
