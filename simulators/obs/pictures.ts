import { crc32, deflateSync } from 'node:zlib';
import { flatJpeg } from './jpeg';
import type { Colour, Look } from './look';

/** How fast the bar of a moving picture goes, in widths a second: no round number, so that no regular look finds it where it was. */
const SPEED = 0.3719;
const BAR = { width: 0.15, level: 235 };

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The same row of points `height` times, each behind `lead` zero bytes and padded to `size`. */
function rows(row: Buffer, height: number, lead = 0, size = lead + row.length): Buffer {
  const one = Buffer.alloc(size);
  row.copy(one, lead);
  return Buffer.alloc(size * height, one);
}

function png(row: Buffer, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows(row, height, 1), { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function bmp(row: Buffer, width: number, height: number): Buffer {
  const size = Math.ceil((width * 3) / 4) * 4;
  const header = Buffer.alloc(54);
  header.write('BM', 'latin1');
  header.writeUInt32LE(54 + size * height, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  header.writeUInt32LE(size * height, 34);
  const turned = Buffer.from(row);
  for (let at = 0; at < turned.length; at += 3) turned.set([row[at + 2]!, row[at + 1]!, row[at]!], at);
  return Buffer.concat([header, rows(turned, height, 0, size)]);
}

/** As Qt makes grey of colours. */
const grey = ([red, green, blue]: Colour): number => (red * 11 + green * 16 + blue * 5) >> 5;

/** One row of what is shown, three bytes for each point; every row is the same. */
function rowOf(look: Look, width: number): Buffer {
  if ('colour' in look) return Buffer.alloc(width * 3, Buffer.from(look.colour));
  const row = Buffer.alloc(width * 3);
  const bar = look.pattern === 'moving' ? ((performance.now() / 1000) * SPEED) % 1 : 0;
  for (let x = 0; x < width; x += 1) {
    const at = x / width;
    const inBar = (at - bar + 1) % 1 < BAR.width;
    row.fill(inBar ? BAR.level : 50 + Math.round(at * 120), x * 3, x * 3 + 3);
  }
  return row;
}

function average(row: Buffer): Colour {
  const sums = [0, 0, 0];
  row.forEach((value, at) => (sums[at % 3]! += value));
  return sums.map((sum) => Math.round((sum * 3) / row.length)) as unknown as Colour;
}

/** A valid picture in the size asked for (a JPEG only in its average colour), or null for a format that cannot be encoded here. */
export function picture(look: Look, format: string, width: number, height: number): Buffer | null {
  // one colour cannot show what moves
  const still = format === 'jpg' || format === 'jpeg';
  const row = rowOf(still && 'pattern' in look ? { pattern: 'frozen' } : look, width);
  const head = (magic: string) => Buffer.from(`${magic}\n${width} ${height}\n255\n`, 'latin1');
  if (format === 'png') return png(row, width, height);
  if (still) return flatJpeg(width, height, average(row));
  if (format === 'bmp') return bmp(row, width, height);
  if (format === 'ppm') return Buffer.concat([head('P6'), rows(row, height)]);
  if (format !== 'pgm') return null;
  const greys = Buffer.alloc(width);
  for (let x = 0; x < width; x += 1) greys[x] = grey([row[x * 3]!, row[x * 3 + 1]!, row[x * 3 + 2]!]);
  return Buffer.concat([head('P5'), rows(greys, height)]);
}
