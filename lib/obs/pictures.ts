import { isoTime, now } from '../connection/clock';
import { fail } from '../errors';
import { fewNames } from '../production/names';
import { pathThere } from '../production/picture-files';
import { pictureSize, type PictureSize } from '../production/picture-size';
import {
  contentTypeOf,
  type Picture,
  type PictureFormat,
  type PictureRequest,
  type Pictures,
  type SavedPicture,
} from '../production/pictures';
import type { ObsClient } from './client';
import { listFrom } from './probe';
import { refusedWith, type RequestData } from './session';
import { Status } from './status-codes';
import { number, text } from './values';

/** A large picture takes OBS seconds: 1080p of noise as PNG was measured at 2.5 s. */
const PICTURE_MS = 20_000;
/** What OBS takes for a side. It holds only the side that is given to this, not the one that follows. */
const SIDE = { least: 8, most: 4096 };

const THERE = 'OBS wrote the file on its own computer, and tells no more than that';
const OURS = { application: 'OBS', what: 'scene and no source' };

/** One side, or both, as the request has them; empty for the source's own size. */
type Sides = { imageWidth?: number; imageHeight?: number };

/** Pictures of what an OBS shows. */
export class ObsPictures implements Pictures {
  constructor(private readonly client: ObsClient) {}

  async take(request: PictureRequest): Promise<Picture> {
    this.check(request);
    const { source, own } = await this.subject(request.source);
    const sides = await this.sidesFor(source, own, request);
    return 'data' in sides ? sides : this.shot(source, request, request.format, sides);
  }

  async saveThere(request: PictureRequest, pathFor: (source: string) => string): Promise<SavedPicture> {
    this.check(request);
    const { source, own } = await this.subject(request.source);
    const found = await this.sidesFor(source, own, request);
    const path = pathFor(source);
    const data = dataOf(source, request, request.format, 'data' in found ? {} : found);
    const { takenAt } = await this.ask('SaveSourceScreenshot', { ...data, imageFilePath: path }, source);
    const unknown = { width: THERE, height: THERE, sizeBytes: THERE };
    const none = { width: null, height: null, sizeBytes: null };
    return { path, source, takenAt, format: request.format, ...none, confirmed: true, unknown };
  }

  fileThere(path: string, format: PictureFormat, overwrite: boolean): (source: string) => string {
    return pathThere(path, format, overwrite, 'OBS');
  }

  /** What can be known without asking. */
  private check({ width, height, widest, format }: PictureRequest): void {
    for (const [field, side] of Object.entries({ width, height, widest }))
      if (side !== null && side !== undefined && !(side >= SIDE.least && side <= SIDE.most))
        throw fail('INPUT_INVALID', {
          field,
          reason: `OBS takes ${SIDE.least} to ${SIDE.most} points, not ${side}`,
        });
    const formats = this.client.version?.imageFormats ?? [];
    if (formats.length > 0 && !formats.includes(format))
      throw fail('PICTURE_FORMAT', { application: 'OBS', format, known: formats.join(', ') });
  }

  /** What to take a picture of, and its own size where that is known beforehand. */
  private async subject(wanted: string | null): Promise<{ source: string; own: PictureSize | null }> {
    if (wanted !== null) return { source: wanted, own: null };
    // the event of a change comes when the transition ends, which may be seconds after OBS calls the new scene its program
    const [scene, video] = await this.client.batch([
      { requestType: 'GetCurrentProgramScene' },
      { requestType: 'GetVideoSettings' },
    ]);
    const source = text(scene?.responseData?.currentProgramSceneName) ?? text(scene?.responseData?.sceneName);
    if (source === null) throw fail('PICTURE_FAILED', { application: 'OBS', source: 'the program' });
    const width = number(video?.responseData?.baseWidth);
    const height = number(video?.responseData?.baseHeight);
    return { source, own: width && height ? { width, height } : null };
  }

  /**
   * The sides to ask for. OBS draws the side that follows however long it gets: a narrow source at 1280 points wide was
   * seen to hold it up for 3 s and fail. And where both sides are given it draws something for a source that shows nothing.
   * So a picture in the source's own size comes first, and is the answer already where it fits.
   */
  private async sidesFor(
    source: string,
    known: PictureSize | null,
    request: PictureRequest,
  ): Promise<Sides | Picture> {
    const { width, height, widest = null, format } = request;
    if (width === null && height === null && widest === null) return {};
    // as jpg in any case: a large png takes seconds
    const first = known ? null : await this.shot(source, request, 'jpg', {});
    const own = known ?? (first as Picture & PictureSize);
    const sides = fitted(own, width, height, widest);
    return first && format === 'jpg' && Object.keys(sides).length === 0 ? first : sides;
  }

  private async shot(
    source: string,
    request: PictureRequest,
    format: PictureFormat,
    sides: Sides,
  ): Promise<Picture> {
    const data = dataOf(source, request, format, sides);
    const { answer, takenAt } = await this.ask('GetSourceScreenshot', data, source);
    const encoded = text(answer.imageData) ?? '';
    const picture = Buffer.from(encoded.slice(encoded.indexOf(',') + 1), 'base64');
    const size = pictureSize(picture);
    if (!size) throw fail('PICTURE_FAILED', { application: 'OBS', source });
    return { data: picture, source, format, contentType: contentTypeOf(format), ...size, takenAt };
  }

  private async ask(
    request: string,
    data: RequestData,
    source: string,
  ): Promise<{ answer: RequestData; takenAt: string }> {
    let takenAtMs = now();
    try {
      const answer = await this.client.call(request, data, {
        ms: PICTURE_MS,
        // it may have waited for its turn; OBS then draws at once, and takes its time over the encoding
        unless: () => void (takenAtMs = now()),
      });
      return { answer, takenAt: isoTime(takenAtMs) };
    } catch (error) {
      throw await this.explained(error, data, source);
    }
  }

  /** What OBS means by its refusal: one status stands for several faults. */
  private async explained(error: unknown, data: RequestData, source: string): Promise<unknown> {
    const path = text(data.imageFilePath);
    if (refusedWith(error, Status.ResourceNotFound)) {
      const names = (await listFrom(this.client, 'sources')).map(({ value }) => value);
      if (path === null || !names.includes(source))
        return fail('SOURCE_UNKNOWN', { ...OURS, source, known: fewNames(names) }, error);
      const folder = path.replace(/[\\/][^\\/]*$/, '') || '/';
      return fail('PICTURE_FOLDER_MISSING', { folder, machine: 'the computer OBS runs on' }, error);
    }
    if (refusedWith(error, Status.InvalidRequestField))
      return fail('PICTURE_FORMAT', {
        application: 'OBS',
        format: String(data.imageFormat),
        known: this.client.version?.imageFormats.join(', '),
      });
    if (!refusedWith(error, Status.RequestProcessingFailed)) return error;
    // 702 is for both; OBS says "Failed to save screenshot." or "Failed to render screenshot."
    if (path === null || !/\bsave\b/i.test((error as Error).message))
      return fail('PICTURE_FAILED', { application: 'OBS', source }, error);
    const reason =
      'OBS could not write it. It may lack the permission, its disk may be full, or the name may be too long';
    return fail('PICTURE_NOT_SAVED', { path, reason }, error);
  }
}

function dataOf(
  source: string,
  { quality }: PictureRequest,
  imageFormat: PictureFormat,
  sides: Sides,
): RequestData {
  const data: RequestData = { sourceName: source, imageFormat, ...sides };
  // a png loses nothing at any quality, and at 100 it is not even packed: 500 times the size, as measured
  if (quality !== null && imageFormat === 'jpg') data.imageCompressionQuality = quality;
  return data;
}

/** Which side to ask for, so that neither gets too long; none where the own size will do. Throws INPUT_INVALID. */
function fitted(own: PictureSize, width: number | null, height: number | null, widest: number | null): Sides {
  const shape = own.width / own.height;
  if (width !== null && height !== null)
    return width === own.width && height === own.height ? {} : { imageWidth: width, imageHeight: height };
  if (height !== null) {
    follows('width', height * shape);
    return height === own.height ? {} : { imageHeight: height };
  }
  const wide = width ?? Math.min(own.width, widest ?? own.width);
  if (wide === own.width) return {};
  follows('height', wide / shape);
  return { imageWidth: wide };
}

function follows(field: 'width' | 'height', points: number): void {
  if (points >= 1 && points <= SIDE.most) return;
  const other = field === 'width' ? 'height' : 'width';
  throw fail('INPUT_INVALID', {
    field,
    reason: `with this ${other} it would be ${Math.trunc(points)} points, since the ${other} alone was given and the source has a shape of its own; give both`,
  });
}
