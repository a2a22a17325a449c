import type { PictureFormat } from './pictures';

export interface PictureSize {
  width: number;
  height: number;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** A JPEG of an application has a handful of segments before its frame; a picture with more is looked at no further. */
const MOST_SEGMENTS = 200;

/** The end of every PNG: an empty block of this name and its sum. */
const PNG_END = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
const JPEG_END = Buffer.from([0xff, 0xd9]);

/** What a picture is by its first bytes; null for anything but JPEG and PNG. */
export function pictureFormat(data: Buffer): PictureFormat | null {
  if (data.subarray(0, 8).equals(PNG)) return 'png';
  return data.length > 3 && data.readUIntBE(0, 3) === 0xffd8ff ? 'jpg' : null;
}

/** Whether a picture ends as its format does: one that is still being written does not. */
export function pictureIsWhole(data: Buffer): boolean {
  const end = pictureFormat(data) === 'png' ? PNG_END : JPEG_END;
  return data.subarray(-end.length).equals(end);
}

/**
 * The size that a picture's own header tells, in points; null when it is no JPEG or PNG, or is broken. It reads the header
 * only, so it takes the same time for every picture.
 */
export function pictureSize(data: Buffer): PictureSize | null {
  const size = data.subarray(0, 8).equals(PNG) ? ofPng(data) : ofJpeg(data);
  return size && size.width > 0 && size.height > 0 ? size : null;
}

function ofPng(data: Buffer): PictureSize | null {
  if (data.length < 24 || data.toString('latin1', 12, 16) !== 'IHDR') return null;
  return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
}

function ofJpeg(data: Buffer): PictureSize | null {
  if (data.length < 4 || data.readUInt16BE(0) !== 0xffd8) return null;
  let at = 2;
  for (let segment = 0; segment < MOST_SEGMENTS; segment++) {
    if (at + 4 > data.length || data[at] !== 0xff) return null;
    const marker = data[at + 1] ?? 0;
    // any number of fill bytes may stand before a marker
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // the frames, C0 to CF, but for the tables among them
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return at + 9 > data.length
        ? null
        : { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    const length = data.readUInt16BE(at + 2);
    if (length < 2) return null;
    at += 2 + length;
  }
  return null;
}
