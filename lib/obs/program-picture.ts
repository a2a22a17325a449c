import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { asLiveError } from '../errors';
import type { PictureReading } from '../production/health';
import type { ObsClient } from './client';
import type { ObsScenes } from './scenes';
import { readSmallPicture } from './small-picture';
import { text } from './values';

/** Enough to tell black and frozen, and 2.3 kB. */
const SIZE = { width: 64, height: 36 };
/** Without compression first: OBS takes 0.4 to 0.5 ms for each of them (measured), and the first is the smallest. */
const FORMATS = ['pgm', 'ppm', 'bmp', 'png'];
const DEADLINE_MS = 3_000;
/** A slow OBS is asked less often: at most a tenth of its time. */
const REST = 10;
/** Looks come with the readings; one that comes this little too early is in time. */
const EARLY_MS = 50;

/**
 * Small pictures of the program, one at a time, beside the lane of requests: a slow one must not delay a figure, still
 * less a stop, and it changes nothing that an order would matter for.
 */
export class ProgramPicture {
  private shot: Promise<void> | null = null;
  private dueAtMs = Number.NEGATIVE_INFINITY;
  private latest: PictureReading | null = null;
  private fault: string | null = null;

  constructor(
    private readonly client: ObsClient,
    private readonly scenes: ObsScenes,
  ) {}

  /** Take one at `atMs` where it is time. Never rejects; what came of it is told by `read`. */
  look(everyMs: number, atMs: number): void {
    if (this.shot !== null || atMs < this.dueAtMs - EARLY_MS) return;
    this.dueAtMs = atMs + everyMs;
    const { program, preview, studioMode } = this.scenes;
    const doubt =
      program === null
        ? 'OBS has not told which scene is on air'
        : studioMode && (preview ?? program) === program
          ? 'in studio mode OBS shows this scene as it is edited in the preview, not as it is on air'
          : null;
    if (program === null || doubt !== null) {
      this.fault = doubt;
      return;
    }
    this.shot = this.shoot(program, atMs)
      .then((picture) => {
        this.latest = picture;
        this.fault = picture ? null : 'OBS sent a picture that cannot be read';
      })
      .catch((error: unknown) => {
        this.fault = asLiveError(error).message;
      })
      .finally(() => {
        this.shot = null;
        this.dueAtMs = Math.max(this.dueAtMs, atMs + REST * (now() - atMs));
      });
  }

  /** Resolves when the picture under way has come, after `ms` at the latest. */
  async settle(ms: number): Promise<void> {
    if (this.shot) await Promise.race([this.shot, pause(ms)]);
  }

  /** The picture taken since the last `read`, or why the last try gave none; both null when it is not time. */
  read(): { picture: PictureReading | null; fault: string | null } {
    const picture = this.latest;
    this.latest = null;
    return { picture, fault: picture ? null : this.fault };
  }

  /** What was taken is of no use any more. */
  forget(): void {
    this.latest = null;
    this.fault = null;
    this.dueAtMs = Number.NEGATIVE_INFINITY;
  }

  private async shoot(source: string, atMs: number): Promise<PictureReading | null> {
    const known = this.client.version?.imageFormats ?? [];
    const imageFormat = FORMATS.find((format) => known.includes(format)) ?? 'png';
    const answer = await this.client.call(
      'GetSourceScreenshot',
      { sourceName: source, imageFormat, imageWidth: SIZE.width, imageHeight: SIZE.height },
      { past: true, ms: DEADLINE_MS },
    );
    const encoded = text(answer.imageData) ?? '';
    const picture = readSmallPicture(Buffer.from(encoded.slice(encoded.indexOf(',') + 1), 'base64'));
    const fits = picture?.width === SIZE.width && picture.height === SIZE.height;
    return picture && fits ? { atMs, source, ...picture } : null;
  }
}
