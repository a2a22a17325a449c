// Figures of a stream by its tags alone: rates, key frames, holes, skew and silence, on a clock that the test moves.
import assert from 'node:assert/strict';
import { StreamMeter } from '../../lib/rtmp/media/meter';
import { HeaderKeeper } from '../../lib/rtmp/media/stream-headers';
import type { Tag } from '../../lib/rtmp/types';
import { ffmpeg, tagsOf } from '../support/flv';
import { requirePrograms } from '../support/mocha';

const AVC_HEADER = Buffer.from(
  '17000000000142c00bffe1001a6742c00bda0507ec0440000003004000000f03c50aa801000468ce0f2c',
  'hex',
);
const video = (ms: number, keyframe = false, bytes = 1000): Tag => {
  const payload = Buffer.alloc(bytes + 9);
  payload[0] = keyframe ? 0x17 : 0x27;
  payload[1] = 1;
  payload.writeUInt32BE(bytes, 5);
  payload[9] = keyframe ? 0x65 : 0x41;
  return { kind: 'video', timestampMs: ms, payload, atMs: ms };
};
const header: Tag = { kind: 'video', timestampMs: 0, payload: AVC_HEADER, atMs: 0 };
const sound = (ms: number, silent: boolean): Tag => {
  const frame = silent ? Buffer.from('2110048ca01c'.padEnd(12, '0'), 'hex') : Buffer.alloc(200, 0x5b);
  return {
    kind: 'audio',
    timestampMs: ms,
    payload: Buffer.concat([Buffer.from([0xaf, 1]), frame]),
    atMs: ms,
  };
};
const aacHeader: Tag = {
  kind: 'audio',
  timestampMs: 0,
  payload: Buffer.from([0xaf, 0, 0x11, 0x90]),
  atMs: 0,
};

/** 25 pictures a second from one time to another. */
function play(
  meter: StreamMeter,
  fromMs: number,
  toMs: number,
  everyKey = 2000,
  change = (tag: Tag) => tag,
): void {
  for (let ms = fromMs; ms < toMs; ms += 40) meter.take(change(video(ms, ms % everyKey === 0)));
}

describe('stream meter', () => {
  it('says why, where it cannot say anything yet', () => {
    const figures = new StreamMeter().figures(0);
    for (const name of [
      'video',
      'audio',
      'bitrateKbps',
      'fps',
      'keyframeMs',
      'longestKeyframeMs',
      'videoAgeMs',
      'audioAgeMs',
      'skewMs',
      'isSilent',
    ] as const) {
      assert.equal(figures[name], null, name);
      assert.ok(figures.unknown[name], name);
    }
    assert.deepEqual([figures.bytes, figures.videoFrames, figures.keyframes, figures.gaps], [0, 0, 0, 0]);
  });

  it('rates of the last ten seconds, and none of the first one', () => {
    const meter = new StreamMeter();
    meter.take(header);
    play(meter, 0, 800);
    assert.equal(meter.figures(800).fps, null);
    play(meter, 800, 5000);
    assert.equal(meter.figures(5000).fps, 25);
    assert.ok(Math.abs(meter.figures(5000).bitrateKbps! - (1009 * 25 * 8) / 1000) < 4);
    play(meter, 5000, 30_000);
    assert.ok(Math.abs(meter.figures(30_000).fps! - 25) < 0.7);
    // nothing comes any more: the rates run out, the totals stay
    assert.ok(meter.figures(35_000).fps! < 14);
    const stopped = meter.figures(60_000);
    assert.deepEqual([stopped.fps, stopped.bitrateKbps, stopped.videoFrames], [0, 0, 750]);
    assert.ok(stopped.videoAgeMs! > 30_000);
  });

  it('distances of key frames: the last, the longest of three, and one that does not end', () => {
    const meter = new StreamMeter();
    meter.take(header);
    play(meter, 0, 9000);
    assert.deepEqual([meter.figures(9000).keyframeMs, meter.figures(9000).longestKeyframeMs], [2000, 2000]);
    meter.take(video(9000, true));
    assert.deepEqual([meter.figures(9000).keyframeMs, meter.figures(9000).longestKeyframeMs], [1000, 2000]);
    play(meter, 9040, 17_320, 1e9);
    assert.equal(meter.figures(17_320).keyframeMs, 1000);
    assert.equal(meter.figures(17_320).longestKeyframeMs, 8280);
    const endless = new StreamMeter();
    endless.take(header);
    play(endless, 0, 9000, 1e9);
    assert.equal(endless.figures(9000).longestKeyframeMs, null);
    play(endless, 9000, 12_040, 1e9);
    assert.equal(endless.figures(12_040).longestKeyframeMs, 12_000);
    assert.equal(endless.figures(12_040).keyframeMs, null);
  });

  it('counts holes in the media time, not those of one kind while the other goes on', () => {
    const meter = new StreamMeter();
    meter.take(header);
    play(meter, 0, 2000);
    play(meter, 5000, 6000);
    assert.equal(meter.figures(6000).gaps, 1);
    for (let ms = 6000; ms < 9000; ms += 20) meter.take(sound(ms, false));
    play(meter, 9000, 10_000);
    assert.equal(meter.figures(10_000).gaps, 1);
    // the publisher's clock starts over
    play(meter, 10_000, 12_000, 2000, (tag) => ({ ...tag, timestampMs: tag.timestampMs - 10_000 }));
    assert.equal(meter.figures(12_000).gaps, 2);
  });

  it('skew of sound that comes late', () => {
    const meter = new StreamMeter();
    meter.take(header);
    meter.take(aacHeader);
    for (let ms = 0; ms < 12_000; ms += 40) {
      meter.take(video(ms, ms % 2000 === 0));
      meter.take({ ...sound(ms, false), timestampMs: ms - 600 });
    }
    const { skewMs } = meter.figures(12_000);
    assert.ok(skewMs! >= -660 && skewMs! <= -600, String(skewMs));
    play(meter, 12_000, 40_000);
    assert.equal(meter.figures(40_000).skewMs, null);
    assert.equal(meter.figures(40_000).isSilent, null, 'sound that does not come is not silence');
  });

  it('silence after a second of it, and sound at once', () => {
    const meter = new StreamMeter();
    meter.take(aacHeader);
    for (let ms = 0; ms < 3000; ms += 20) meter.take(sound(ms, ms >= 1000));
    assert.equal(meter.figures(1900).isSilent, false);
    assert.deepEqual([meter.figures(3000).isSilent, meter.figures(3000).silentSinceMs], [true, 1000]);
    meter.take(sound(3000, false));
    assert.deepEqual([meter.figures(3010).isSilent, meter.figures(3010).silentSinceMs], [false, null]);
  });

  it('a real stream, as ffprobe has it', function () {
    requirePrograms(this, ['ffmpeg']);
    const tags = tagsOf(
      ffmpeg([
        ...['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=30', '-f', 'lavfi', '-i', 'sine', '-t', '12'],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-c:a', 'aac', '-f', 'flv', 'pipe:1'],
      ]),
    );
    const meter = new StreamMeter();
    const keeper = new HeaderKeeper();
    const news: string[] = [];
    for (const tag of tags) {
      const taken = meter.take(tag);
      assert.equal(taken.fault, null);
      if (taken.video) news.push(`${taken.video.width}x${taken.video.height}`);
      keeper.take(tag);
    }
    const figures = meter.figures(12_000);
    assert.deepEqual(news, ['320x240']);
    assert.deepEqual([figures.videoFrames, figures.keyframes, figures.keyframeMs], [360, 6, 2000]);
    assert.deepEqual(
      [figures.audio?.sampleRateHz, figures.audio?.channels, figures.isSilent],
      [44_100, 1, false],
    );
    assert.ok(Math.abs(figures.fps! - 30) < 1);
    assert.ok(Math.abs(figures.skewMs!) < 150, String(figures.skewMs));
    assert.deepEqual(figures.gaps, 0);
    const { metadata, video: first, audio, keyframe } = keeper.get();
    assert.ok(metadata && first && audio);
    // the file begins with the sound that primes its decoder
    assert.ok(Math.abs(keyframe!.timestampMs - 10_000) < 60);
    // a publisher who repeats his header has the same key frame still, another header another one
    keeper.take({ ...first, atMs: 1 });
    assert.ok(keeper.get().keyframe);
    keeper.take(header);
    assert.equal(keeper.get().keyframe, null);
  });

  it('hours of a stream take no more memory than seconds', () => {
    const meter = new StreamMeter();
    meter.take(header);
    for (let ms = 0; ms < 3_600_000; ms += 500) meter.take(video(ms, true, 10));
    const { rates } = meter as unknown as { rates: { buckets: Map<number, unknown> } };
    assert.ok(rates.buckets.size <= 40);
  });
});
