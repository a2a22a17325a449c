// FLV in pieces of any size, and bytes that nobody's encoder wrote: nothing throws, nothing is held that was only promised.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { frameWithoutReordering, recordWithoutReordering, withoutReordering } from '../../lib/rtmp/media/avc';
import { isSilentAac, readAacConfig } from '../../lib/rtmp/media/aac';
import { withEmulation, withoutEmulation } from '../../lib/rtmp/media/bits';
import { FlvReader, flvHeader, flvTag } from '../../lib/rtmp/media/flv';
import { StreamMeter } from '../../lib/rtmp/media/meter';
import { readSps } from '../../lib/rtmp/media/sps';
import { HeaderKeeper } from '../../lib/rtmp/media/stream-headers';
import { UnwrappedTime } from '../../lib/rtmp/media/unwrap';
import type { Tag } from '../../lib/rtmp/types';
import { ffmpeg, paperSps, tagsOf } from '../support/flv';
import { requirePrograms } from '../support/mocha';
import { loops } from '../support/scale';

const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array));
const anyTag = fc.record({
  kind: fc.constantFrom('video' as const, 'audio' as const, 'data' as const),
  timestampMs: fc.nat({ max: 2 ** 32 - 1 }),
  payload: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array)),
});

describe('FLV', () => {
  it('what is written is read, in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(anyTag, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (tags, size) => {
        const file = Buffer.concat([
          flvHeader(),
          ...tags.map((tag) => flvTag(tag.kind, tag.timestampMs, tag.payload)),
        ]);
        const read = tagsOf(file, size);
        assert.deepEqual(
          read.map((tag) => [tag.kind, tag.timestampMs >>> 0, tag.payload]),
          tags.map((tag) => [tag.kind, tag.timestampMs, tag.payload]),
        );
      }),
      { numRuns: loops(2000, 100) },
    );
  });

  it('what is written plays in ffmpeg, and what ffmpeg writes is read, in pieces of one byte', function () {
    requirePrograms(this, ['ffmpeg']);
    const file = ffmpeg([
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30', '-f', 'lavfi', '-i', 'sine', '-t', '1'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-f', 'flv', 'pipe:1'],
    ]);
    const tags = tagsOf(file, 1);
    assert.deepEqual(tags, tagsOf(file));
    const again = Buffer.concat([
      flvHeader(),
      ...tags.map((tag) => flvTag(tag.kind, tag.timestampMs, tag.payload)),
    ]);
    const md5 = (flv: Buffer): string =>
      ffmpeg(
        ['-f', 'flv', '-i', 'pipe:0', '-map', '0', '-c', 'copy', '-f', 'framemd5', 'pipe:1'],
        flv,
      ).toString();
    assert.equal(md5(again), md5(file));
  });

  it('a tag that is too large, or something else, ends the reading and holds nothing', () => {
    const tags: Tag[] = [];
    const reader = (): FlvReader =>
      new FlvReader({ onTag: (tag) => tags.push(tag), now: () => 0, mostPayload: 1000 });
    const large = reader();
    large.push(
      Buffer.concat([
        flvHeader(),
        flvTag('video', 0, Buffer.alloc(1000)),
        flvTag('video', 0, Buffer.alloc(1001)),
      ]),
    );
    assert.match(large.fault ?? '', /1001 bytes/);
    large.push(flvTag('video', 0, Buffer.alloc(1)));
    assert.equal(tags.length, 1);
    for (const text of ['HTTP/1.1 404 Not Found', 'FLV\x01\x05\xff\xff\xff\xff', 'FLV\x01\x05\0\0\0\x08']) {
      const other = reader();
      other.push(Buffer.from(text, 'latin1'));
      assert.match(other.fault ?? '', /no FLV/);
    }
    const longer = reader();
    const head = Buffer.from('FLV\x01\x05\0\0\0\x0c', 'latin1');
    longer.push(Buffer.concat([head, Buffer.alloc(7), flvTag('data', 5, Buffer.from('x'))]));
    assert.equal(tags.at(-1)?.timestampMs, 5);
  });

  it('time stamps go on past 32 bits, and back', () => {
    const time = new UnwrappedTime();
    assert.deepEqual(
      [2 ** 32 - 20, 2 ** 32 - 40, 10, 2 ** 32 - 5, 30].map((ms) => time.next(ms)),
      [2 ** 32 - 20, 2 ** 32 - 40, 2 ** 32 + 10, 2 ** 32 - 5, 2 ** 32 + 30],
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 2 ** 30 }), { maxLength: 50 }), (steps) => {
        const unwrapped = new UnwrappedTime();
        let truth = 2 ** 31;
        unwrapped.next(truth);
        for (const step of steps) {
          truth += step;
          assert.equal(unwrapped.next(((truth % 2 ** 32) + 2 ** 32) % 2 ** 32), truth);
        }
      }),
    );
  });
});

describe('hostile media', () => {
  const everything = (payload: Buffer): void => {
    const meter = new StreamMeter();
    const keeper = new HeaderKeeper();
    for (const kind of ['video', 'audio', 'data'] as const) {
      const tag: Tag = { kind, timestampMs: payload.length, payload, atMs: 1 };
      meter.take(tag);
      keeper.take(tag);
    }
    meter.figures(2);
    readSps(payload);
    withoutReordering(payload);
    recordWithoutReordering(payload);
    frameWithoutReordering(payload, 4);
    const config = readAacConfig(payload);
    if (config) isSilentAac(payload, config);
    isSilentAac(payload, { codec: 'aac', objectType: 2, channels: 2, sampleRateHz: 48_000 });
    new FlvReader({ onTag: () => undefined, now: () => 0 }).push(payload);
  };

  it('no bytes make anything throw', () => {
    const heads = fc.constantFrom(
      '',
      '1700000000',
      '1701000000',
      'af00',
      'af01',
      '90617663',
      '976f',
      '67640028',
      '0164',
    );
    fc.assert(
      fc.property(heads, bytes(200), (head, more) =>
        everything(Buffer.concat([Buffer.from(head, 'hex'), more])),
      ),
      { numRuns: loops(100_000, 3000) },
    );
  });

  it('real tags with bytes changed at random', function () {
    requirePrograms(this, ['ffmpeg']);
    const real = tagsOf(
      ffmpeg([
        ...['-f', 'lavfi', '-i', 'testsrc2=size=128x96:rate=10', '-f', 'lavfi', '-i', 'anullsrc', '-t', '1'],
        ...[
          '-c:v',
          'libx264',
          '-x264-params',
          'repeat-headers=1:cqm=jvt',
          '-c:a',
          'aac',
          '-f',
          'flv',
          'pipe:1',
        ],
      ]),
    );
    const place = fc.tuple(fc.nat(), fc.nat({ max: 120 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 6 }), fc.nat(), (changes, which) => {
        const tags = real.map((tag) => ({ ...tag, payload: Buffer.from(tag.payload) }));
        for (const [tag, at, value] of changes) {
          const { payload } = tags[tag % tags.length]!;
          payload[at % payload.length] = value;
        }
        const meter = new StreamMeter();
        for (const tag of tags) meter.take(tag);
        meter.figures(1000);
        everything(tags[which % tags.length]!.payload);
      }),
      { numRuns: loops(20_000, 500) },
    );
  });

  it('a changed sequence header is read as something or is a fault, and a patched one stays what it was', () => {
    const plain = paperSps(120, 68, [0, 0, 0, 4]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        bytes(24),
        (width, height, noise) => {
          const sps = paperSps(width, height);
          const { sps: after } = readSps(withoutReordering(sps));
          assert.deepEqual([after?.width, after?.height, after?.reorderFrames], [width * 16, height * 16, 0]);
          const changed = Buffer.concat([plain.subarray(0, 4), noise]);
          const { sps: read, fault } = readSps(changed);
          assert.equal(read === null, fault !== null);
          if (read) assert.ok(read.width > 0 && read.height > 0 && read.codedWidth - read.width <= 256);
          const patched = readSps(withoutReordering(changed));
          if (read && (!read.hasVui || read.restrictionAt !== null))
            assert.deepEqual(
              [patched.sps?.codedWidth, patched.sps?.codedHeight, patched.sps?.fps],
              [read.codedWidth, read.codedHeight, read.fps],
            );
        },
      ),
      { numRuns: loops(20_000, 1000) },
    );
  });

  it('bytes that keep start codes out go in and come out', () => {
    const few = fc
      .array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 255), { maxLength: 60 })
      .map((list) => Buffer.from(list));
    fc.assert(
      fc.property(few, (payload) => {
        const nal = withEmulation(payload);
        assert.deepEqual(withoutEmulation(nal), payload);
        assert.doesNotMatch(nal.toString('hex').replace(/../g, '$& '), /00 00 0[012]/);
      }),
    );
  });
});
