import { frameWithoutReordering, recordWithoutReordering } from '../rtmp/media/avc';
import type { VideoTag } from '../rtmp/media/tags';

const HEADER_PACKET = 0;
const PICTURE_PACKET = 1;

/** A video tag in its oldest form, which every ffmpeg reads; encoders of today name the codec by four letters instead. */
function plainTag(tag: VideoTag, data: Buffer): Buffer {
  const isHeader = tag.what === 'header';
  const head = Buffer.from([((tag.keyframe || isHeader ? 1 : 2) << 4) | 7, 0, 0, 0, 0]);
  head[1] = isHeader ? HEADER_PACKET : PICTURE_PACKET;
  if (!isHeader) head.writeIntBE(tag.compositionMs, 2, 3);
  return Buffer.concat([head, data]);
}

/**
 * An H.264 header or picture as a decoder may have it. One that gets key frames only is told that none is shown later than one behind it, so that
 * it gives each out at once.
 * @param lengthSize of the lengths in a picture
 */
export function forDecoder(tag: VideoTag, lengthSize: number, keyframesOnly: boolean): Buffer {
  if (!keyframesOnly) return plainTag(tag, tag.data);
  return plainTag(
    tag,
    tag.what === 'header' ? recordWithoutReordering(tag.data) : frameWithoutReordering(tag.data, lengthSize),
  );
}
