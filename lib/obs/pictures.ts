import { isoTime, now } from '../connection/clock';
import { fail } from '../errors';
import type { Picture, PictureRequest, Pictures } from '../production/pictures';
import type { ObsClient } from './client';
import type { ObsScenes } from './scenes';
import type { RequestData } from './session';
import { text } from './values';

/** A large picture takes OBS seconds: 1080p of noise as PNG was measured at 2.5 s. */
const PICTURE_MS = 20_000;

/** Pictures of what an OBS shows. */
export class ObsPictures implements Pictures {
  constructor(
    private readonly client: ObsClient,
    private readonly scenes: ObsScenes,
  ) {}

  async take(request: PictureRequest): Promise<Picture> {
    const { source, data } = this.requestFor(request);
    const answer = await this.client.call('GetSourceScreenshot', data, { ms: PICTURE_MS });
    const encoded = text(answer.imageData);
    const comma = encoded?.indexOf(',') ?? -1;
    if (!encoded || comma < 0) throw fail('PICTURE_FAILED', { source });
    return {
      data: Buffer.from(encoded.slice(comma + 1), 'base64'),
      source,
      format: request.format,
      contentType: request.format === 'jpg' ? 'image/jpeg' : 'image/png',
      width: request.width,
      height: request.height,
      takenAt: isoTime(now()),
    };
  }

  async saveThere(request: PictureRequest, path: string): Promise<{ path: string; source: string }> {
    const { source, data } = this.requestFor(request);
    await this.client.call('SaveSourceScreenshot', { ...data, imageFilePath: path }, { ms: PICTURE_MS });
    return { path, source };
  }

  private requestFor(request: PictureRequest): { source: string; data: RequestData } {
    const source = request.source ?? this.scenes.program;
    if (source === null) throw fail('PICTURE_FAILED', { source: 'the program' });
    const data: RequestData = { sourceName: source, imageFormat: request.format };
    if (request.width !== null) data.imageWidth = request.width;
    if (request.height !== null) data.imageHeight = request.height;
    if (request.quality !== null) data.imageCompressionQuality = request.quality;
    return { source, data };
  }
}
