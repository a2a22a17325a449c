// Small pictures from the network: what OBS sends is read, what is broken or hostile is nothing.
import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { readSmallPicture } from '../../lib/obs/small-picture';
import { picture } from '../../simulators/obs/pictures';
import { loops } from '../support';

const FORMATS = ['pgm', 'ppm', 'bmp', 'png'] as const;
const shot = (format: string, width = 64, height = 36): Buffer =>
  picture({ pattern: 'frozen' }, format, width, height) ?? Buffer.alloc(0);

/** A PNG of these rows, each with its filter byte in front. */
function png(width: number, height: number, kind: number, rows: Buffer, depth = 8, interlaced = 0): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
    head.writeUInt32BE(data.length);
    tail.writeUInt32BE(crc32(Buffer.concat([Buffer.from(type), data])));
    return Buffer.concat([head, Buffer.from(type), data, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, kind, 0, 0, interlaced], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}
const lumaOf = (bytes: Buffer) => [...(readSmallPicture(bytes)?.luma ?? [])];

describe('a small picture', () => {
  it('is the same in every format', () => {
    const [first, ...others] = FORMATS.map((format) => readSmallPicture(shot(format)));
    assert.equal(first?.width, 64);
    assert.equal(first.height, 36);
    assert.equal(first.luma.length, 64 * 36);
    assert.ok(new Set(first.luma).size > 20);
    for (const other of others) assert.deepEqual(other, first);
    // rows of a BMP are padded
    assert.deepEqual(readSmallPicture(shot('bmp', 63, 5)), readSmallPicture(shot('ppm', 63, 5)));
  });

  it('has its rows from the top, and its colours weighed as Qt does', () => {
    const ppm = Buffer.concat([
      Buffer.from('P6\n1 3\n255\n'),
      Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255]),
    ]);
    assert.deepEqual(lumaOf(ppm), [87, 127, 39]);
    const bmp = Buffer.concat([
      shot('bmp', 1, 3).subarray(0, 54),
      Buffer.from([255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0]),
    ]);
    assert.deepEqual(lumaOf(bmp), [87, 127, 39]);
    const turned = Buffer.from(bmp);
    turned.writeInt32LE(-3, 22);
    assert.deepEqual(lumaOf(turned), [39, 127, 87]);
  });

  it('may have a header with comments and another brightest value', () => {
    const body = Buffer.from([0, 50, 100, 100]);
    assert.deepEqual(
      lumaOf(Buffer.concat([Buffer.from('P5 # Qt\n2\t2 # so\n100\n'), body])),
      [0, 128, 255, 255],
    );
  });

  it('is read through every filter of a PNG, and what is transparent is black', () => {
    const rows = Buffer.from([
      ...[0, 10, 20, 30],
      ...[1, 10, 10, 10],
      ...[2, 1, 1, 1],
      ...[3, 6, 5, 5],
      ...[4, 1, 1, 1],
    ]);
    // none; left; up; half of left and up; paeth
    assert.deepEqual(
      lumaOf(png(3, 5, 0, rows)),
      [10, 20, 30, 10, 20, 30, 11, 21, 31, 11, 21, 31, 12, 22, 32],
    );
    assert.deepEqual(lumaOf(png(2, 1, 4, Buffer.from([0, 200, 255, 200, 0]))), [200, 0]);
    assert.deepEqual(lumaOf(png(1, 1, 6, Buffer.from([0, 255, 255, 255, 51]))), [51]);
  });

  it('is nothing where it is cut short', () => {
    for (const format of FORMATS) {
      const whole = shot(format);
      for (const length of [0, 1, 2, 8, 11, 20, 53, whole.length - 13, whole.length >> 1])
        assert.equal(readSmallPicture(whole.subarray(0, length)), null, `${format} of ${length} bytes`);
    }
    const late = shot('pgm');
    assert.equal(readSmallPicture(late.subarray(0, late.length - 1)), null);
  });

  it('is nothing where its header lies', () => {
    const claims: [string, Buffer][] = [
      ['huge', Buffer.from('P5\n99999 99999\n255\n')],
      ['larger than there is', Buffer.from('P5\n64 36\n255\n123')],
      ['no size', Buffer.from('P5\n0 0\n255\n')],
      ['two bytes a point', Buffer.concat([Buffer.from('P5\n2 2\n65535\n'), Buffer.alloc(8)])],
      ['an endless comment', Buffer.concat([Buffer.from('P5\n#'), Buffer.alloc(5000, 0x20)])],
      ['a bitmap in ones and noughts', Buffer.from('P4\n8 1\n1')],
      ['a BMP beyond its end', withField(shot('bmp'), 10, 0xfffffff0)],
      ['a BMP as wide as a number', withField(shot('bmp'), 18, 0x7fffffff)],
      ['a BMP of the least height', withField(shot('bmp'), 22, 0x80000000)],
      ['a compressed BMP', withField(shot('bmp'), 30, 1)],
      ['a PNG of 16 bits', png(1, 1, 0, Buffer.from([0, 1, 1]), 16)],
      ['a palette', png(1, 1, 3, Buffer.from([0, 1]))],
      ['an interlaced PNG', png(1, 1, 0, Buffer.from([0, 1]), 8, 1)],
      ['an unknown filter', png(1, 1, 0, Buffer.from([9, 1]))],
      ['a bomb', png(1024, 1024, 0, Buffer.alloc(64_000_000))],
      ['less than its size', png(64, 36, 0, Buffer.alloc(100))],
      ['not packed', Buffer.concat([png(1, 1, 0, Buffer.from([0, 1])).subarray(0, 41), Buffer.alloc(40, 7)])],
      ['another kind', Buffer.from('GIF89a, and more of it')],
    ];
    for (const [what, bytes] of claims) assert.equal(readSmallPicture(bytes), null, what);
  });

  it('never throws and never grows, whatever the bytes are', () => {
    const begins = FORMATS.map((format) => shot(format, 8, 8));
    const damaged = fc
      .tuple(fc.constantFrom(...begins), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }))
      .map(([bytes, changes]) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const read = readSmallPicture(bytes);
          assert.ok(
            read === null || (read.luma.length === read.width * read.height && read.luma.length <= 1 << 20),
          );
        },
      ),
      { numRuns: loops(20_000) },
    );
  });
});

function withField(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(value >>> 0, at);
  return copy;
}
