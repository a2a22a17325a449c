import { crc32, deflateSync } from 'node:zlib';
import { flatJpeg } from './jpeg';

const COLOUR = [0x20, 0x38, 0x64] as const;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.alloc(1 + width * 3);
  for (let at = 0; at < width; at += 1) row.set(COLOUR, 1 + at * 3);
  const rows = Buffer.alloc(row.length * height);
  for (let line = 0; line < height; line += 1) row.copy(rows, line * row.length);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A valid picture of one colour in the size asked for, or null for a format the simulator cannot encode. */
export function picture(format: string, width: number, height: number): Buffer | null {
  if (format === 'png') return png(width, height);
  if (format === 'jpg' || format === 'jpeg') return flatJpeg(width, height, COLOUR);
  if (format === 'ppm') {
    const head = Buffer.from(`P6\n${width} ${height}\n255\n`, 'latin1');
    return Buffer.concat([head, Buffer.alloc(width * height * 3, Buffer.from(COLOUR))]);
  }
  return null;
}
