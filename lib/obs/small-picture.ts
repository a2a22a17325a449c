import { inflateSync } from 'node:zlib';

/** A picture in shades of grey, row by row from the top left. */
export interface GreyPicture {
  width: number;
  height: number;
  /** 0 to 255 each */
  luma: Uint8Array;
}

/** Whatever a header claims: no side longer than this, so that nothing large is ever allocated. */
const LONGEST_SIDE = 1024;
const SHORTEST_SIDE = 1;
/** A PNM header is some 15 bytes; comments may make it longer. */
const LONGEST_HEADER = 256;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Bytes for each point, by PNG colour type, at 8 bits: grey, colour, grey with alpha, colour with alpha. */
const PNG_CHANNELS: Record<number, number> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/**
 * Read a small PGM, PPM, BMP or PNG as an OBS sends it. Null for what is truncated, too large or of another kind; throws
 * nothing. The bytes come from the network and are trusted in nothing.
 */
export function readSmallPicture(bytes: Buffer): GreyPicture | null {
  try {
    const magic = bytes.toString('latin1', 0, 2);
    if (magic === 'P5' || magic === 'P6') return readPnm(bytes, magic === 'P5' ? 1 : 3);
    if (magic === 'BM') return readBmp(bytes);
    return bytes.subarray(0, 8).equals(PNG_SIGNATURE) ? readPng(bytes) : null;
  } catch {
    return null;
  }
}

/** Luma as Qt works it out for its PGM, so that every format gives the same figure. */
function grey(red: number, green: number, blue: number): number {
  return (red * 11 + green * 16 + blue * 5) >> 5;
}

function blank(width: number, height: number): GreyPicture | null {
  const fits = (side: number) => Number.isInteger(side) && side >= SHORTEST_SIDE && side <= LONGEST_SIDE;
  return fits(width) && fits(height) ? { width, height, luma: new Uint8Array(width * height) } : null;
}

function readPnm(bytes: Buffer, channels: 1 | 3): GreyPicture | null {
  const header = bytes.toString('latin1', 0, LONGEST_HEADER);
  const gap = '(?:\\s|#[^\\n]*\\n)+';
  const found = new RegExp(`^P[56]${gap}(\\d{1,5})${gap}(\\d{1,5})${gap}(\\d{1,5})\\s`).exec(header);
  if (!found) return null;
  const [width, height, most] = found.slice(1).map(Number) as [number, number, number];
  const picture = blank(width, height);
  // two bytes for each value come with more than 255
  if (!picture || most < 1 || most > 255) return null;
  const { luma } = picture;
  const from = found[0].length;
  if (bytes.length < from + luma.length * channels) return null;
  for (let point = 0, at = from; point < luma.length; point += 1, at += channels) {
    const value = channels === 1 ? bytes[at]! : grey(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!);
    luma[point] = most === 255 ? value : Math.min(255, Math.round((value * 255) / most));
  }
  return picture;
}

function readBmp(bytes: Buffer): GreyPicture | null {
  const from = bytes.readUInt32LE(10);
  const height = bytes.readInt32LE(22);
  const picture = blank(bytes.readInt32LE(18), Math.abs(height));
  const bits = bytes.readUInt16LE(28);
  const plain = bytes.readUInt32LE(14) >= 40 && bytes.readUInt32LE(30) === 0;
  if (!picture || !plain || (bits !== 24 && bits !== 32)) return null;
  const { width, luma } = picture;
  const step = bits / 8;
  // rows begin at multiples of four bytes, the lowest first unless the height is negative
  const row = Math.ceil((width * step) / 4) * 4;
  if (bytes.length < from + row * picture.height) return null;
  for (let line = 0; line < picture.height; line += 1) {
    let at = from + row * (height < 0 ? line : picture.height - 1 - line);
    for (let column = 0; column < width; column += 1, at += step)
      luma[line * width + column] = grey(bytes[at + 2]!, bytes[at + 1]!, bytes[at]!);
  }
  return picture;
}

function readPng(bytes: Buffer): GreyPicture | null {
  const packed: Buffer[] = [];
  let header: Buffer | null = null;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > bytes.length) return null;
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header ??= data;
    else if (type === 'IDAT') packed.push(data);
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  if (!header || header.length !== 13) return null;
  const picture = blank(header.readUInt32BE(0), header.readUInt32BE(4));
  const channels = PNG_CHANNELS[header[9]!];
  if (!picture || channels === undefined || header[8] !== 8 || header[12] !== 0) return null;
  const row = picture.width * channels;
  const size = (row + 1) * picture.height;
  const raw = inflateSync(Buffer.concat(packed), { maxOutputLength: size });
  if (raw.length !== size || !unfilter(raw, row, picture.height, channels)) return null;
  return fillFromPng(picture, raw, row, channels);
}

/** Undo PNG's filters in place; false for a filter that does not exist. */
function unfilter(raw: Buffer, row: number, height: number, channels: number): boolean {
  for (let line = 0; line < height; line += 1) {
    const from = line * (row + 1) + 1;
    const filter = raw[from - 1]!;
    if (filter > 4) return false;
    for (let at = 0; at < row; at += 1) {
      const left = at >= channels ? raw[from + at - channels]! : 0;
      const up = line > 0 ? raw[from + at - row - 1]! : 0;
      const corner = line > 0 && at >= channels ? raw[from + at - row - 1 - channels]! : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      raw[from + at] = raw[from + at]! + guess;
    }
  }
  return true;
}

function paeth(left: number, up: number, corner: number): number {
  const sum = left + up - corner;
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - up), Math.abs(sum - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function fillFromPng(picture: GreyPicture, raw: Buffer, row: number, channels: number): GreyPicture {
  const { width, luma } = picture;
  const colour = channels >= 3;
  const hasAlpha = channels === 2 || channels === 4;
  for (let point = 0; point < luma.length; point += 1) {
    const line = Math.floor(point / width);
    const at = line * (row + 1) + 1 + (point % width) * channels;
    const value = colour ? grey(raw[at]!, raw[at + 1]!, raw[at + 2]!) : raw[at]!;
    // behind the program is nothing but black
    luma[point] = hasAlpha ? Math.round((value * raw[at + channels - 1]!) / 255) : value;
  }
  return picture;
}
