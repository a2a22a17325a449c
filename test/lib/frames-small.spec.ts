// Small pictures for contact sheets: right, quick, and total on whatever bytes come.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { SmallPictures } from '../../lib/frames/small/maker';
import { jpegSize, readScaled, type Planes } from '../../lib/frames/small/read';
import { smallJpeg } from '../../lib/frames/small/small';
import { writeJpeg } from '../../lib/frames/small/write';
import { findProgram, loops, requirePrograms } from '../support';

/** A picture of soft waves in three planes. */
function waves(width: number, height: number, h = 2, v = 2): Planes {
  const plane = (across: number, down: number, kind: number) => {
    const points = new Uint8Array(across * down);
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++)
        points[y * across + x] =
          128 + 60 * Math.sin((x / across) * (5 + kind)) + 40 * Math.cos((y / down) * (3 + kind));
    return { stride: across, points };
  };
  const [cw, ch] = [Math.ceil(width / h), Math.ceil(height / v)];
  return {
    width,
    height,
    planes: [
      { h, v, ...plane(width, height, 0) },
      { h: 1, v: 1, ...plane(cw, ch, 1) },
      { h: 1, v: 1, ...plane(cw, ch, 2) },
    ],
  };
}

/** By how much points differ, in the mean. */
function meanDifference(one: Planes, width: number, height: number, at: (x: number, y: number) => number) {
  const { points, stride } = one.planes[0]!;
  let sum = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) sum += Math.abs(points[y * stride + x]! - at(x, y));
  return sum / (width * height);
}

describe('small pictures', () => {
  for (const [width, height, h, v] of [
    [1280, 720, 2, 2],
    [641, 361, 2, 1],
    [322, 181, 1, 1],
    [720, 1280, 2, 2],
  ] as const)
    it(`${width} x ${height}, ${h} x ${v}: each point is the mean of those it stands for`, () => {
      const planes = waves(width, height, h, v);
      const jpeg = writeJpeg(planes, 90);
      assert.deepEqual(jpegSize(jpeg), { width, height });
      for (const eighths of [1, 2, 4] as const) {
        const small = readScaled(jpeg, eighths)!;
        assert.deepEqual(
          [small.width, small.height],
          [Math.ceil((width * eighths) / 8), Math.ceil((height * eighths) / 8)],
        );
        const step = 8 / eighths;
        const [inX, inY] = [Math.floor(width / step), Math.floor(height / step)];
        const difference = meanDifference(small, inX, inY, (x, y) => {
          let sum = 0;
          for (let j = 0; j < step; j++)
            for (let i = 0; i < step; i++)
              sum += planes.planes[0]!.points[(y * step + j) * width + x * step + i]!;
          return sum / (step * step);
        });
        assert.ok(difference < 2, `${eighths}: ${difference}`);
      }
    });

  it('is 160 wide of 1280 and of 640, and much smaller; what is small already stays', () => {
    for (const width of [1280, 640]) {
      const jpeg = writeJpeg(waves(width, 360), 90);
      const small = smallJpeg(jpeg)!;
      assert.equal(jpegSize(small)?.width, 160);
      assert.ok(small.length < 6_000, `${small.length}`);
    }
    assert.equal(smallJpeg(writeJpeg(waves(200, 100), 90)), null);
  });

  it('reads what ffmpeg writes, with its own tables, restart marks and odd sizes', function () {
    if (!findProgram('ffmpeg')) requirePrograms(this, ['ffmpeg']);
    const made = (size: string, more: string[]) =>
      execFileSync('ffmpeg', [
        ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=${size}`, '-frames:v', '1', '-q:v', '5', ...more],
        ...['-f', 'mjpeg', 'pipe:1'],
      ]);
    for (const [size, more] of [
      ['1280x720', []],
      ['1280x720', ['-huffman', 'default']],
      ['1279x719', ['-pix_fmt', 'yuvj444p']],
      ['640x360', ['-pix_fmt', 'yuvj422p', '-slices', '4']],
    ] as [string, string[]][]) {
      const small = smallJpeg(made(size, more))!;
      assert.equal(jpegSize(small)?.width, 160, size);
      // decoded by ffmpeg, beside the large one made small by ffmpeg
      const [one, other] = [small, made(size, more)].map((jpeg) =>
        execFileSync(
          'ffmpeg',
          [
            ...['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-vf', 'scale=160:90:flags=area,format=gray'],
            ...['-f', 'rawvideo', 'pipe:1'],
          ],
          { input: jpeg },
        ),
      ) as [Buffer, Buffer];
      const difference = one.reduce((sum, point, at) => sum + Math.abs(point - other[at]!), 0) / one.length;
      assert.ok(difference < 4, `${size} ${more.join(' ')}: ${difference}`);
    }
  });

  it('any bytes give a picture or nothing', () => {
    const jpeg = writeJpeg(waves(330, 170), 80);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(jpeg.length - 1), fc.nat(255)), { maxLength: 20 }),
        fc.nat(jpeg.length),
        (changes, length) => {
          const bytes = Buffer.from(jpeg.subarray(0, length));
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          const small = smallJpeg(bytes);
          assert.ok(small === null || jpegSize(small) !== null);
        },
      ),
      { numRuns: loops(1_000) },
    );
    for (const bytes of [Buffer.alloc(0), Buffer.from('ffd8', 'hex'), Buffer.alloc(1000, 0xff)])
      assert.equal(smallJpeg(bytes), null);
  });

  describe('of the maker', () => {
    it('are made once, kept by use, and never more than there is room for', async () => {
      const maker = new SmallPictures({ mostKeptBytes: 600_000 });
      const jpeg = writeJpeg(waves(1280, 720), 90);
      const asked: string[] = [];
      const get = (key: string) =>
        maker.get(key, () => {
          asked.push(key);
          return Promise.resolve(jpeg);
        });
      const [one, same] = await Promise.all([get('a'), get('a')]);
      assert.equal(jpegSize(one)?.width, 160);
      assert.equal(one, same);
      assert.equal(await get('a'), one);
      assert.deepEqual(asked, ['a']);
      for (let i = 0; i < 400; i++) {
        await get(`n${i}`);
        await get('a');
      }
      assert.ok(maker.bytes <= 600_000 && maker.bytes > 500_000, `${maker.bytes}`);
      assert.equal(asked.filter((key) => key === 'a').length, 1);
      await maker.close();
      assert.equal(maker.bytes, 0);
    });

    it('give the picture itself where none can be made, and what reading it failed with', async () => {
      const maker = new SmallPictures();
      const text = Buffer.from('no picture');
      assert.equal(await maker.get('x', () => Promise.resolve(text)), text);
      await assert.rejects(
        maker.get('y', () => Promise.reject(new Error('gone'))),
        /gone/,
      );
      await maker.close();
      const jpeg = writeJpeg(waves(1280, 720), 90);
      assert.equal(await maker.get('z', () => Promise.resolve(jpeg)), jpeg, 'closed');
    });
  });
});
