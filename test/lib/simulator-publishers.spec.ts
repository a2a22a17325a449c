// The test streams of a rehearsal: what they write is read by our own readers and decoded by the real ffmpeg.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSilentAac, readAacConfig } from '../../lib/rtmp/media/aac';
import { flvHeader, flvTag } from '../../lib/rtmp/media/flv';
import { StreamMeter } from '../../lib/rtmp/media/meter';
import { startIngest } from '../../lib/rtmp/ingest';
import type { Ingest, PublishRequest } from '../../lib/rtmp/types';
import { AAC_CONFIG, silentFrame, toneFrame, toneHz } from '../../simulators/publishers/aac';
import { habitOf, startTestPublishers } from '../../simulators/publishers/rehearsal';
import { publish, Refused, type Piece } from '../../simulators/publishers/rtmp';
import { TestStream, type StreamFault } from '../../simulators/publishers/test-stream';
import { findProgram, requirePrograms, tempDir, waitFor } from '../support';
import { ffmpeg } from '../support/flv';
import { ingestSettings } from '../support/rtmp';

const [WIDTH, HEIGHT] = [320, 180];
const NOON = new Date(2026, 2, 29, 12, 0, 0).getTime();

/** A stream as it is sent in so many seconds, looked at every 40 ms. */
function written(seconds: number, fault: (ms: number) => StreamFault = () => null, number = 0): Piece[] {
  const stream = new TestStream({ name: 'anna', number });
  const pieces = stream.headers();
  for (let ms = 0; ms < seconds * 1000; ms += 40)
    pieces.push(...stream.due(7_000 + ms, new Date(NOON + ms), fault(ms)));
  return pieces;
}

/** The same as a file. */
function file(pieces: readonly Piece[]): string {
  const name = join(tempDir('publishers'), 'stream.flv');
  // what an RTMP server takes off
  const prefix = Buffer.from('\x02\x00\x0d@setDataFrame', 'latin1').length;
  const tags = pieces.map(({ kind, timestampMs, payload }) =>
    flvTag(kind, timestampMs, kind === 'data' ? payload.subarray(prefix) : payload),
  );
  writeFileSync(name, Buffer.concat([flvHeader(), ...tags]));
  return name;
}

describe('test streams of a rehearsal', function () {
  this.timeout(60_000);

  describe('decoded by ffmpeg', () => {
    const fault = (ms: number): StreamFault => (ms >= 24_000 ? 'frozen' : ms >= 22_000 ? 'black' : null);
    let name = '';
    before(function () {
      requirePrograms(this, ['ffmpeg', 'ffprobe']);
      name = file(written(28, fault));
    });
    /** The luma of each key frame. */
    const keys = (): Buffer[] => {
      const only = ['-skip_frame', 'nokey', '-i', name, '-fps_mode', 'passthrough', '-f', 'rawvideo'];
      const all = ffmpeg([...only, '-pix_fmt', 'yuv420p', 'pipe:1']);
      const size = (WIDTH * HEIGHT * 3) / 2;
      return Array.from({ length: all.length / size }, (_, i) => all.subarray(i * size, (i + 1) * size));
    };

    it('is read without a word, every picture and all sound', () => {
      const args = ['-v', 'verbose', '-xerror', '-err_detect', 'explode', '-i', name];
      const told = spawnSync(findProgram('ffmpeg')!, [...args, '-f', 'null', '-'], { encoding: 'utf8' });
      assert.equal(told.status, 0, told.stderr);
      const warned = spawnSync(findProgram('ffmpeg')!, ['-v', 'warning', '-i', name, '-f', 'null', '-']);
      assert.equal(warned.stderr.toString(), '');
      const asked = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', name];
      const { streams } = JSON.parse(execFileSync(findProgram('ffprobe')!, asked, { encoding: 'utf8' })) as {
        streams: Record<string, unknown>[];
      };
      const [video, audio] = streams as [Record<string, unknown>, Record<string, unknown>];
      assert.deepEqual(
        [
          video.codec_name,
          video.profile,
          video.width,
          video.height,
          video.r_frame_rate,
          video.nb_read_frames,
        ],
        ['h264', 'Constrained Baseline', WIDTH, HEIGHT, '25/1', String(28 * 25)],
      );
      assert.deepEqual([video.has_b_frames, video.level], [0, 30]);
      const frames = Math.ceil((28 * 48_000) / 1024);
      assert.deepEqual([audio.codec_name, audio.sample_rate, audio.channels], ['aac', '48000', 1]);
      assert.ok(Math.abs(Number(audio.nb_read_frames) - frames) <= 2, String(audio.nb_read_frames));
    });

    it('shows its colour, its name and a clock; another scene after 20 s; black, and still', () => {
      const pictures = keys();
      assert.equal(pictures.length, 28);
      const at = (picture: Buffer, x: number, y: number) => [
        picture[y * WIDTH + x],
        picture[WIDTH * HEIGHT + ((y >> 1) * WIDTH) / 2 + (x >> 1)],
        picture[(WIDTH * HEIGHT * 5) / 4 + ((y >> 1) * WIDTH) / 2 + (x >> 1)],
      ];
      assert.deepEqual(at(pictures[0]!, 2, 2), [70, 170, 105]);
      assert.ok(pictures[0]!.subarray(0, WIDTH * 100).includes(225), 'the name');
      const changed = (one: Buffer, other: Buffer, more: number) => {
        let count = 0;
        for (let i = 0; i < WIDTH * HEIGHT; i++) if (Math.abs(one[i]! - other[i]!) > more) count++;
        return count;
      };
      // a second of the clock: seen, and small enough to be no change of picture
      assert.ok(changed(pictures[3]!, pictures[4]!, 2) > 50);
      assert.equal(changed(pictures[3]!, pictures[4]!, 10), 0);
      assert.ok(changed(pictures[19]!, pictures[20]!, 12) > 10_000);
      assert.ok(pictures[22]!.subarray(0, WIDTH * HEIGHT).every((luma) => luma === 16));
      assert.equal(changed(pictures[25]!, pictures[26]!, 0), 0);
    });

    it('is heard as one quiet tone', () => {
      const samples = ffmpeg([...['-i', file(written(3, undefined, 1))], ...['-f', 's16le', 'pipe:1']]);
      const wave = new Int16Array(samples.buffer, samples.byteOffset, samples.length >> 1).subarray(
        48_000,
        96_000,
      );
      const loudest = Math.max(...wave);
      assert.ok(loudest > 500 && loudest < 2_000, String(loudest));
      let crossings = 0;
      for (let i = 1; i < wave.length; i++) if (wave[i - 1]! < 0 && wave[i]! >= 0) crossings++;
      assert.ok(Math.abs(crossings - toneHz(4)) < 12, `${crossings} Hz and not ${toneHz(4)}`);
    });
  });

  it('an ingest reads its size, its rate and its key frames without decoding', () => {
    const meter = new StreamMeter();
    for (const { kind, timestampMs, payload } of written(12))
      meter.take({ kind, timestampMs, payload, atMs: timestampMs });
    const { video, audio, fps, keyframeMs, isSilent, gaps, unknown } = meter.figures(12_000);
    assert.deepEqual(
      [video?.width, video?.height, video?.fps, keyframeMs, gaps],
      [WIDTH, HEIGHT, 25, 1000, 0],
    );
    assert.deepEqual(
      [audio?.codec, isSilent, Math.round(fps ?? 0)],
      ['aac', false, 25],
      JSON.stringify(unknown),
    );
    const config = readAacConfig(AAC_CONFIG)!;
    assert.deepEqual(
      [isSilentAac(silentFrame(), config), isSilentAac(toneFrame(3, 0), config)],
      [true, false],
    );
  });

  it('who stood still goes on with now, from a key frame on', () => {
    const stream = new TestStream({ name: 'anna', number: 0 });
    stream.due(0, new Date(NOON));
    const late = stream.due(10_310, new Date(NOON));
    assert.ok(late.length === 0 || late.length < 40, String(late.length));
    const next = stream.due(11_000, new Date(NOON)).filter(({ kind }) => kind === 'video');
    assert.deepEqual([next[0]?.timestampMs, next[0]?.payload[0]], [11_000, 0x17]);
  });

  it('something is wrong by and by, and each time it ends', () => {
    const at = (number: number, ...seconds: number[]) => seconds.map((one) => habitOf(number, one * 1000));
    assert.deepEqual(at(0, 0, 60, 84.9, 85, 150, 180, 300), [
      null,
      'black',
      'black',
      null,
      'frozen',
      null,
      'black',
    ]);
    assert.deepEqual(at(1, 0, 90, 94.9, 95, 270), [null, 'away', 'away', null, 'away']);
    assert.ok(at(2, 0, 60, 90, 150).every((fault) => fault === null));
  });

  describe('over RTMP', () => {
    let ingest: Ingest;
    let port: number;
    const asked: PublishRequest[] = [];
    beforeEach(async () => {
      ingest = startIngest(ingestSettings());
      ingest.guard((request) => {
        asked.push(request);
        return request.params.get('key') === 'right'
          ? { allow: true, name: 'Anna' }
          : { allow: false, reason: 'wrong' };
      });
      await waitFor(() => ingest.status().port !== null);
      port = ingest.status().port!;
    });
    afterEach(() => ingest.close());

    it('a wrong key is refused, and stands in no error', async () => {
      const to = { host: '127.0.0.1', port, app: 'live', streamKey: 'anna?key=wrong' };
      await assert.rejects(publish(to), (error: Error) => {
        assert.ok(error instanceof Refused);
        return error.message === 'NetStream.Publish.BadName';
      });
      await ingest.close();
      await assert.rejects(publish(to), /^Error: 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)$/);
    });

    it('one drops out and is back within the grace; who is thrown off comes again; nobody is waited for at the end', async () => {
      const story: string[] = [];
      ingest.onEvent((event) => {
        if (event.what === 'denied' || event.what === 'video') return;
        story.push(`${event.what} ${event.feed.stream}${'back' in event && event.back ? ' again' : ''}`);
      });
      const to = { host: '127.0.0.1', port, app: 'live', args: 'key=right' };
      const some = startTestPublishers({ ...to, names: ['anna', 'ben'], speed: 60 });
      try {
        await waitFor(() => story.includes('publishing ben again'), { message: () => story.join(', ') });
        assert.ok(story.includes('away ben'));
        some.follow(['anna', 'cleo']);
        await waitFor(() => story.includes('publishing cleo') && story.includes('left ben'));
        const anna = ingest.feeds().find(({ stream }) => stream === 'anna')!;
        ingest.kick(anna.connectionId, 'for a test');
        await waitFor(() => story.filter((one) => one === 'publishing anna').length === 2);
        await waitFor(() => some.publishing === 2);
      } finally {
        await some.close();
      }
      await waitFor(() => ingest.feeds().length === 0);
    });

    it('live-simulator publisher sends one to any server, and says goodbye', async () => {
      const args = ['publisher', '--server', `rtmp://127.0.0.1:${port}/live`];
      const child = spawn(process.execPath, [join('dist', 'simulators', 'cli.js'), ...args], {
        env: { ...process.env, LIVE_STREAM_KEY: 'anna?key=right' },
      });
      let said = '';
      child.stdout.on('data', (text: Buffer) => (said += text.toString()));
      child.stderr.on('data', (text: Buffer) => (said += text.toString()));
      try {
        const ends: { expected?: boolean | null }[] = [];
        ingest.onEvent((event) => {
          if (event.what === 'left' || event.what === 'away') ends.push(event);
        });
        await waitFor(() => (ingest.feeds()[0]?.figures().videoFrames ?? 0) > 30, {
          timeoutMs: 30_000,
          message: () => said,
        });
        assert.equal(said, 'anna publishes\n');
        child.kill('SIGTERM');
        await waitFor(() => child.exitCode !== null && ends.length > 0);
        assert.deepEqual([child.exitCode, ends[0]?.expected], [0, true]);
      } finally {
        child.kill('SIGKILL');
      }
    });
  });
});
