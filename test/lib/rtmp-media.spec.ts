// What a stream says of itself in its headers, read from what the real x264 and AAC encoders of ffmpeg write.
import assert from 'node:assert/strict';
import { frameWithoutReordering, inBandSps, nalUnits, readAvcConfig } from '../../lib/rtmp/media/avc';
import { recordWithoutReordering, withoutReordering, writeAvcConfig } from '../../lib/rtmp/media/avc';
import { isSilentAac, readAacConfig } from '../../lib/rtmp/media/aac';
import { BitWriter } from '../../lib/rtmp/media/bits';
import { flvHeader, flvTag } from '../../lib/rtmp/media/flv';
import { readSps } from '../../lib/rtmp/media/sps';
import { readAudioTag, readVideoTag } from '../../lib/rtmp/media/tags';
import { VideoHeaders, fitsWithin } from '../../lib/rtmp/media/video-headers';
import type { Tag, VideoInfo } from '../../lib/rtmp/types';
import { aac, ffmpeg, paperSps, tagsOf, x264 } from '../support/flv';
import { requirePrograms } from '../support/mocha';

const record = (tags: readonly Tag[]): Buffer => {
  const header = tags.find((tag) => tag.kind === 'video' && readVideoTag(tag.payload)?.what === 'header');
  assert.ok(header, 'there is a video header');
  return readVideoTag(header.payload)!.data;
};
const spsOf = (file: Buffer) => {
  const { config } = readAvcConfig(record(tagsOf(file)));
  assert.ok(config);
  const read = readSps(config.sps[0]!);
  assert.ok(read.sps, read.fault ?? '');
  return read.sps;
};
const avcTag = (data: Buffer, packet = 0): Buffer =>
  Buffer.concat([Buffer.from([0x17, packet, 0, 0, 0]), data]);
const paperRecord = (...sps: Buffer[]): Buffer =>
  writeAvcConfig({ lengthSize: 4, sps, pps: [Buffer.from([0x68, 0xce, 0x38, 0x80])], rest: Buffer.alloc(0) });
const unit = (nal: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(nal.length);
  return Buffer.concat([length, nal]);
};

describe('stream headers', () => {
  before(function () {
    requirePrograms(this, ['ffmpeg', 'ffprobe']);
  });

  for (const [size, more] of [
    ['640x360', []],
    ['1280x720', []],
    ['1920x1080', []],
    ['1080x1920', []],
    ['2560x1080', []],
    ['3440x1440', []],
    ['3840x2160', []],
    ['7680x4320', []],
    ['1918x1078', []],
    ['641x361', ['-pix_fmt', 'yuv444p']],
    ['642x361', ['-pix_fmt', 'yuv422p']],
    ['1920x1080', ['-pix_fmt', 'yuv420p10le']],
    ['720x576', ['-flags', '+ilme+ildct', '-x264-params', 'tff=1']],
    ['1920x1080', ['-preset', 'medium', '-x264-params', 'interlaced=1:cqm=jvt']],
    [
      '642x362',
      ['-preset', 'medium', '-x264-params', 'cqm=jvt:nal-hrd=cbr:vbv-maxrate=2000:vbv-bufsize=2000'],
    ],
    [
      '854x480',
      ['-aspect', '47:20', '-color_range', 'pc', '-colorspace', 'bt709', '-chroma_sample_location', 'left'],
    ],
  ] as const)
    it(`size, rate and profile of ${size} ${more.join(' ')}`, () => {
      const sps = spsOf(x264(size, more, 1));
      assert.equal(`${sps.width}x${sps.height}`, size);
      assert.equal(sps.fps, 30);
      assert.equal(sps.interlaced, /ildct|interlaced/.test(more.join(' ')));
      assert.equal(sps.bitDepth, more.join(' ').includes('10le') ? 10 : 8);
      assert.ok(sps.restrictionAt !== null);
    });

  it('the rates that television has', () => {
    for (const [rate, fps] of [
      ['30000/1001', 29.97],
      ['24000/1001', 23.976],
      ['50', 50],
      ['60', 60],
    ] as const) {
      const file = ffmpeg([
        ...['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=${rate}`, '-frames:v', '1'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-f', 'flv', 'pipe:1'],
      ]);
      assert.equal(spsOf(file).fps, fps);
    }
  });

  it('sizes that no encoder makes are told, so that they can be refused by their figures', () => {
    for (const [mbs, points] of [
      [1000, 16_000],
      [2 ** 20, 2 ** 24],
    ] as const) {
      const headers = new VideoHeaders();
      const { news } = headers.take(avcTag(paperRecord(paperSps(mbs, mbs))));
      assert.equal(news?.width, points);
      assert.equal(fitsWithin(news, 7680, 4320), false);
    }
  });

  it('a limit holds upright and lying, and one point more is too much', () => {
    const video = (width: number, height: number): VideoInfo => ({
      ...{ codec: 'avc', profile: null, level: null, fps: null },
      ...{ width, height },
    });
    assert.ok(fitsWithin(video(7680, 4320), 7680, 4320));
    assert.ok(fitsWithin(video(4320, 7680), 7680, 4320));
    assert.ok(!fitsWithin(video(7681, 4320), 7680, 4320));
    assert.ok(!fitsWithin(video(7680, 4321), 7680, 4320));
    assert.ok(!fitsWithin(video(4321, 4321), 7680, 4320));
  });

  it('a small picture cut out of a huge one is a fault', () => {
    const huge = paperSps(1000, 1000, [0, 7900, 0, 7900]);
    assert.match(readSps(huge).fault ?? '', /cuts most/);
    assert.match(readSps(paperSps(10, 10, [0, 80, 0, 0])).fault ?? '', /cuts the whole/);
    assert.equal(readSps(paperSps(120, 68, [0, 0, 0, 4])).sps?.height, 1080);
  });

  it('a sequence header that is larger with every byte as it stands counts as that, since a decoder may read it so', () => {
    // 640 x 368; the bytes that keep start codes out stand before the size, and shift it where they are read with the rest
    const shifted = readSps(Buffer.from('6742001ed0000006f7824198000e00000300603280a02f90', 'hex')).sps;
    assert.deepEqual([shifted?.width, shifted?.height], [3228, 2560]);
    const broken = Buffer.from('6742001ed000000412ada58000970000030159b880a02f90', 'hex');
    assert.match(readSps(broken).fault ?? '', /sequence header/);
    // behind the size they shift nothing
    const usual = readSps(Buffer.from('6742c00dda05067e7c0440000003004000000f03c50aa8', 'hex')).sps;
    assert.deepEqual([usual?.width, usual?.height, usual?.fps], [320, 180, 30]);
  });

  it('a sequence header in a picture, or beside a small one, counts', () => {
    const headers = new VideoHeaders();
    const small = paperSps(40, 23);
    assert.equal(headers.take(avcTag(paperRecord(small))).news?.width, 640);
    const same = headers.take(avcTag(Buffer.concat([unit(small), unit(Buffer.from([0x65, 1, 2]))]), 1));
    assert.equal(same.news, null);
    assert.equal(same.tag?.keyframe, true);
    const larger = headers.take(avcTag(unit(paperSps(1000, 1000)), 1));
    assert.equal(larger.news?.width, 16_000);
    const beside = new VideoHeaders().take(avcTag(paperRecord(small, paperSps(1000, 1000))));
    assert.equal(beside.news?.width, 16_000);
  });

  it('pictures are refused whose bytes a decoder would understand otherwise', () => {
    const headers = new VideoHeaders();
    const config = paperRecord(paperSps(40, 23));
    assert.match(headers.take(avcTag(unit(Buffer.from([0x65])), 1)).fault ?? '', /before/);
    headers.take(avcTag(config));
    assert.match(headers.take(avcTag(config, 1)).fault ?? '', /fit/);
    const bare = Buffer.concat([Buffer.from([0, 0, 0, 1]), paperSps(1000, 1000)]);
    assert.match(headers.take(avcTag(bare, 1)).fault ?? '', /fit/);
    assert.match(headers.take(avcTag(bare)).fault ?? '', /version/);
    assert.match(headers.take(Buffer.from([0x17])).fault ?? '', /cut off/);
  });

  it('a sequence header that is hidden in another unit counts, since a decoder finds it', () => {
    const huge = paperSps(1000, 1000);
    const start = Buffer.from([0, 0, 1]);
    const hidden = Buffer.concat([
      Buffer.from([0x06, 5, 1, 0, 0x80]),
      start,
      huge,
      start,
      Buffer.from([0x65]),
    ]);
    const headers = new VideoHeaders();
    headers.take(avcTag(paperRecord(paperSps(40, 23))));
    assert.equal(headers.take(avcTag(unit(hidden), 1)).news?.width, 16_000);
    const none = new VideoHeaders();
    assert.match(none.take(avcTag(paperRecord(paperSps(40, 23), hidden))).fault ?? '', /where none belongs/);
    const [pps] = readAvcConfig(paperRecord(paperSps(40, 23))).config!.pps;
    const config = { lengthSize: 4, sps: [paperSps(40, 23)], rest: Buffer.alloc(0) };
    assert.equal(none.take(avcTag(writeAvcConfig({ ...config, pps: pps ? [pps] : [] }))).fault, null);
    assert.match(none.take(avcTag(writeAvcConfig({ ...config, pps: [huge] }))).fault ?? '', /where none/);
    // millions of them fit into one message
    headers.take(avcTag(paperRecord(paperSps(40, 23))));
    const many = Buffer.alloc(3_000_000, start);
    const began = process.cpuUsage().user;
    assert.match(headers.take(avcTag(unit(many), 1)).fault ?? '', /fit/);
    assert.ok(process.cpuUsage().user - began < 100_000);
  });

  it('codecs by number and by four letters', () => {
    const enhanced = (head: number, letters: string, ...more: number[]): Buffer =>
      Buffer.concat([Buffer.from([head]), Buffer.from(letters, 'latin1'), Buffer.from(more)]);
    const hevc = readVideoTag(enhanced(0x80 | 0x10 | 1, 'hvc1', 0, 0, 5, 9, 9));
    assert.deepEqual(
      { ...hevc, data: [...hevc!.data] },
      {
        ...{ codec: 'hevc', enhanced: true, what: 'frame', keyframe: true, compositionMs: 5, data: [9, 9] },
      },
    );
    const avc = readVideoTag(enhanced(0x80 | 0x20 | 3, 'avc1', 7));
    assert.deepEqual([avc?.codec, avc?.keyframe, avc?.what, [...avc!.data]], ['avc', false, 'frame', [7]]);
    assert.equal(readVideoTag(enhanced(0x90, 'av01', 1))?.what, 'header');
    assert.equal(readVideoTag(enhanced(0x92, 'vp09'))?.what, 'end');
    assert.equal(readVideoTag(enhanced(0xd1, 'avc1', 0, 0, 0))?.what, 'other');
    assert.equal(readVideoTag(enhanced(0x91, '\0\0\0\x01', 1))?.codec, '1');
    // a time in nanoseconds before the tag itself
    const nano = Buffer.concat([Buffer.from([0x97, 2, 1, 2, 3, 0x01]), Buffer.from('hvc1'), Buffer.alloc(4)]);
    assert.deepEqual([readVideoTag(nano)?.codec, readVideoTag(nano)?.what], ['hevc', 'frame']);
    assert.equal(readVideoTag(Buffer.from([0x1c, 0, 0, 0, 0]))?.codec, 'hevc');
    assert.equal(readVideoTag(Buffer.from([0x12, 0]))?.codec, 'h263');
    assert.equal(readVideoTag(Buffer.from([0x57, 0, 0, 0, 0]))?.what, 'other');
    assert.equal(readVideoTag(Buffer.alloc(0)), null);
    assert.equal(readVideoTag(Buffer.from([0x91, 0x61])), null);
    assert.equal(readAudioTag(enhanced(0x91, 'Opus', 1))?.codec, 'opus');
    assert.deepEqual(
      [readAudioTag(Buffer.from([0x2f, 0]))?.codec, readAudioTag(Buffer.from([0x2f]))?.channels],
      ['mp3', 2],
    );
  });

  it('the size of enhanced AVC is read too', () => {
    const tags = tagsOf(x264('640x360'));
    const enhanced = Buffer.concat([Buffer.from([0x90]), Buffer.from('avc1'), record(tags)]);
    assert.equal(new VideoHeaders().take(enhanced).news?.height, 360);
  });
});

describe('a sequence header without reordering', () => {
  before(function () {
    requirePrograms(this, ['ffmpeg', 'ffprobe']);
  });

  const flow = (file: Buffer): { asked: Buffer; patched: Buffer } => {
    const tags = tagsOf(file).filter((tag) => tag.kind === 'video');
    const write = (change: boolean): Buffer =>
      Buffer.concat([
        flvHeader(),
        ...tags.flatMap((tag) => {
          const read = readVideoTag(tag.payload)!;
          if (read.what !== 'header' && !read.keyframe) return [];
          const change1 = (data: Buffer): Buffer =>
            read.what === 'header' ? recordWithoutReordering(data) : frameWithoutReordering(data, 4);
          const data = change ? change1(read.data) : read.data;
          return [flvTag('video', tag.timestampMs, Buffer.concat([tag.payload.subarray(0, 5), data]))];
        }),
      ]);
    return { asked: write(false), patched: write(true) };
  };

  for (const [name, args] of [
    ['High with B-frames', ['-preset', 'medium', '-bf', '3']],
    ['sequence headers in the pictures too', ['-preset', 'medium', '-x264-params', 'repeat-headers=1']],
    [
      'with HRD and scaling lists',
      ['-preset', 'medium', '-x264-params', 'cqm=jvt:nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900'],
    ],
    ['interlaced', ['-preset', 'medium', '-x264-params', 'interlaced=1']],
    ['4:2:2, ten bits', ['-preset', 'medium', '-pix_fmt', 'yuv422p10le']],
  ] as const)
    it(`decodes to the same pictures, none of them late: ${name}`, () => {
      const { asked, patched } = flow(x264('320x240', ['-g', '5', ...args], 20));
      const md5 = (file: Buffer): string =>
        ffmpeg(['-f', 'flv', '-i', 'pipe:0', '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'], file)
          .toString()
          .replace(/^#.*\n/gm, '');
      assert.equal(md5(patched), md5(asked));
      assert.ok(md5(patched).split('\n').length >= 4);
      const before = readAvcConfig(record(tagsOf(asked))).config!;
      const after = readAvcConfig(record(tagsOf(patched))).config!;
      assert.ok(readSps(before.sps[0]!).sps!.reorderFrames! > 0);
      assert.equal(readSps(after.sps[0]!).sps!.reorderFrames, 0);
      assert.deepEqual(after.pps, before.pps);
      assert.deepEqual(after.rest, before.rest);
      for (const tag of tagsOf(patched).filter((one) => readVideoTag(one.payload)?.what === 'frame'))
        for (const sps of inBandSps(nalUnits(readVideoTag(tag.payload)!.data, 4)!))
          assert.equal(readSps(sps).sps?.reorderFrames, 0);
    });

  it('one that has no VUI gets one, and nothing else changes', () => {
    const plain = paperSps(120, 68, [0, 0, 0, 4]);
    const { sps: before } = readSps(plain);
    const { sps: after } = readSps(withoutReordering(plain));
    assert.equal(after?.reorderFrames, 0);
    const more = { hasVui: true, reorderFrames: 0, restrictionAt: after.restrictionAt };
    assert.deepEqual({ ...before, ...more }, after);
    assert.deepEqual(withoutReordering(withoutReordering(plain)), withoutReordering(plain));
  });

  it('what cannot be read stays as it is', () => {
    const broken = Buffer.from([0x67, 100, 0]);
    assert.equal(withoutReordering(broken), broken);
    assert.equal(recordWithoutReordering(broken), broken);
    assert.equal(frameWithoutReordering(broken, 4), broken);
  });
});

describe('silent AAC', () => {
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });

  const verdicts = (file: Buffer): boolean[] => {
    const tags = tagsOf(file).map((tag) => readAudioTag(tag.payload)!);
    const config = readAacConfig(tags.find((tag) => tag.what === 'header')!.data)!;
    // the first one primes the encoder
    return tags
      .filter((tag) => tag.what === 'frame')
      .slice(2)
      .map((tag) => isSilentAac(tag.data, config));
  };

  for (const layout of ['mono', 'stereo', '5.1'])
    it(`${layout}: digital silence is seen, the faintest noise is not taken for it`, () => {
      const silent = verdicts(aac(`anullsrc=channel_layout=${layout}:sample_rate=48000`, ['-b:a', '160k']));
      assert.ok(silent.length > 50);
      assert.ok(silent.every(Boolean));
      const noise = `anoisesrc=amplitude=0.001:sample_rate=48000,aformat=channel_layouts=${layout}`;
      assert.ok(!verdicts(aac(noise, ['-b:a', '160k'])).some(Boolean));
    });

  it('one channel that sounds is enough', () => {
    const right = 'sine=frequency=400:sample_rate=48000,pan=stereo|c1=c0';
    assert.ok(!verdicts(aac(right)).some(Boolean));
  });

  it('silence that is filled up to a constant rate is silence', () => {
    const config = readAacConfig(Buffer.from([0x11, 0x90]))!;
    assert.deepEqual([config.sampleRateHz, config.channels, config.objectType], [48_000, 2, 2]);
    const silence = (bands: number, book: number): Buffer => {
      const w = new BitWriter();
      // a filler of 40 bytes, then two channels with `bands` bands of one codebook
      w.bits(6, 3);
      w.bits(15, 4);
      w.bits(26, 8);
      w.bits(0, 8 * 40);
      w.bits(1, 3);
      w.bits(0, 4);
      w.bit(1);
      w.bits(0, 4);
      w.bits(bands, 6);
      w.bit(0);
      w.bits(0, 2);
      for (let channel = 0; channel < 2; channel++) {
        w.bits(140, 8);
        if (bands > 0) {
          w.bits(book, 4);
          if (bands >= 31) w.bits(31, 5);
          w.bits(bands % 31, 5);
        }
        w.bits(0, 3);
      }
      w.bits(7, 3);
      return Buffer.concat([w.finish(), Buffer.alloc(300)]);
    };
    assert.ok(isSilentAac(silence(0, 0), config));
    assert.ok(isSilentAac(silence(40, 0), config));
    assert.ok(isSilentAac(silence(31, 0), config));
    assert.ok(!isSilentAac(silence(40, 1), config));
    assert.ok(!isSilentAac(silence(40, 13), config), 'noise that the decoder makes is heard');
  });

  it('headers of every rate and of HE-AAC', () => {
    assert.equal(readAacConfig(Buffer.from([0x12, 0x10]))?.sampleRateHz, 44_100);
    const w = new BitWriter();
    w.bits(29, 5);
    w.bits(6, 4);
    w.bits(1, 4);
    w.bits(3, 4);
    w.bits(2, 5);
    w.bits(0, 3);
    const ps = readAacConfig(w.finish());
    assert.deepEqual([ps?.sampleRateHz, ps?.channels, ps?.objectType], [48_000, 2, 2]);
    assert.equal(readAacConfig(Buffer.from([0x12])), null);
  });
});
