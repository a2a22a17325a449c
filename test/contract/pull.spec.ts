// Streams that real servers give, pulled by the real ffmpeg: every kind of address, loss and return, and nothing to be read of a key.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PulledStream } from '../../lib/frames/pull/pulled';
import { ServerPulls } from '../../lib/frames/pull/server';
import { readVideoTag } from '../../lib/rtmp/media/tags';
import type { Feed, Tag } from '../../lib/rtmp/types';
import { ffmpeg } from '../support/flv';
import { requirePrograms } from '../support/mocha';
import { freePort, freeUdpPort } from '../support/ports';
import { type Program, alive, startProgram } from '../support/programs';
import { startCamera } from '../support/rtsp';
import { type NginxRtmp, startNginxRtmp } from '../support/servers';
import { removeTempDir, tempDir } from '../support/temp';
import { waitFor } from '../support/wait';

const folder = tempDir('pull');
const clip = (name: string): string => join(folder, name);
const running: (() => Promise<unknown>)[] = [];

/** A pull that is closed after the test, with every feed that it gave and every tag. */
function pull(address: string, more: { stallMs?: number; ffmpegPath?: string } = {}) {
  const stream = new PulledStream({ stream: 'cam', address, ffmpegPath: null, ...more }, () => 0.5);
  const feeds: Feed[] = [];
  const tags: Tag[] = [];
  stream.onFeed((feed) => {
    feeds.push(feed);
    feed.onTag((tag) => tags.push(tag));
  });
  running.push(() => stream.close());
  return { stream, feeds, tags };
}

const pictures = (tags: readonly Tag[]): number =>
  tags.filter((tag) => tag.kind === 'video' && readVideoTag(tag.payload)?.what === 'frame').length;

/** Serves the folder, and what is put into `answers`. */
async function startHttp(
  answers: Record<string, { status: number; headers?: Record<string, string>; body?: Buffer }> = {},
) {
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '/').slice(1).split('?')[0]!;
    const answer = answers[path];
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
    else if (existsSync(clip(path))) response.writeHead(200).end(readFileSync(clip(path)));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push(() => new Promise((resolve) => void (server.closeAllConnections(), server.close(resolve))));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function publish(to: string, from = clip('clip.flv'), format = 'flv'): Promise<Program> {
  const program = await startProgram('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', from],
    ...['-c', 'copy', '-f', format, to],
  ]);
  running.push(() => program.close('SIGKILL'));
  return program;
}

describe('pulled streams', function () {
  this.timeout(90_000);

  before(function () {
    requirePrograms(this, ['ffmpeg', 'nginx']);
    const source = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x240:rate=30',
      '-f',
      'lavfi',
      '-i',
      'sine',
      '-t',
      '4',
    ];
    const file = ffmpeg([
      ...source,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '30',
      '-c:a',
      'aac',
      '-f',
      'flv',
      'pipe:1',
    ]);
    writeFileSync(clip('clip.flv'), file);
    writeFileSync(
      clip("it's a clip.ts"),
      ffmpeg(['-i', 'pipe:0', '-c', 'copy', '-f', 'mpegts', 'pipe:1'], file),
    );
    writeFileSync(
      clip('opus.mkv'),
      ffmpeg(['-i', 'pipe:0', '-c:v', 'copy', '-c:a', 'libopus', '-f', 'matroska', 'pipe:1'], file),
    );
    writeFileSync(
      clip('hevc.mkv'),
      ffmpeg(['-i', 'pipe:0', '-an', '-c:v', 'mpeg2video', '-f', 'matroska', 'pipe:1'], file),
    );
  });
  afterEach(async () => {
    for (const close of running.splice(0).reverse()) await close();
  });
  after(() => removeTempDir(folder));

  it('a file with a quote in its name, at the speed it is watched, once', async () => {
    const { stream, feeds, tags } = pull(clip("it's a clip.ts"));
    await waitFor(() => stream.status().state === 'ended', {
      message: () => JSON.stringify(stream.status()),
    });
    assert.equal(feeds.length, 1);
    assert.equal(pictures(tags), 120);
    const [first, last] = [tags[0]!, tags.at(-1)!];
    assert.ok(last.atMs - first.atMs > 2500, `it took ${last.atMs - first.atMs} ms`);
    const { video, audio, keyframeMs, isSilent } = feeds[0]!.figures();
    assert.deepEqual(
      [video?.width, video?.height, audio?.codec, keyframeMs, isSilent],
      [320, 240, 'aac', 1000, false],
    );
    assert.equal(feeds[0]!.ended, true);
    assert.equal(stream.pid, null);
  });

  it('HTTP, and sound that FLV has no place for is left out', async () => {
    const base = await startHttp();
    const plain = pull(`${base}/clip.flv?key=secret`);
    const opus = pull(`${base}/opus.mkv`);
    await waitFor(() => pictures(plain.tags) >= 110 && pictures(opus.tags) >= 110);
    assert.ok(plain.tags.some((tag) => tag.kind === 'audio'));
    assert.ok(!opus.tags.some((tag) => tag.kind === 'audio'));
    assert.equal(plain.feeds[0]!.address, base);
  });

  it('what leads elsewhere, is no stream, is not there or is no H.264 is told so, with nothing of the address', async () => {
    const list = `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://${clip('clip.flv')}\n#EXT-X-ENDLIST\n`;
    const base = await startHttp({
      'to-file': { status: 302, headers: { location: `file://${clip('clip.flv')}` } },
      'to-rtmp': { status: 302, headers: { location: 'rtmp://127.0.0.1:1/live/x' } },
      'list.m3u8': {
        status: 200,
        headers: { 'content-type': 'application/vnd.apple.mpegurl' },
        body: Buffer.from(list),
      },
      script: { status: 200, body: Buffer.from(`ffconcat version 1.0\nfile 'file:${clip('clip.flv')}'\n`) },
      noise: { status: 200, body: Buffer.alloc(5000, 0x55) },
    });
    const cases = {
      [`${base}/to-file?k=hidden-key`]: /another kind of address|no stream/,
      [`${base}/to-rtmp?k=hidden-key`]: /another kind of address|no stream/,
      [`${base}/list.m3u8?k=hidden-key`]: /another kind of address|no stream/,
      [`${base}/script?k=hidden-key`]: /another kind of address|no stream/,
      [`${base}/noise?k=hidden-key`]: /no stream/,
      [`${base}/absent?k=hidden-key`]: /nothing of that name/,
      [`${base}/hevc.mkv?k=hidden-key`]: /comes as mpeg2video/,
      [`rtmp://127.0.0.1:${await freePort()}/live/hidden-key`]: /nothing listens/,
      [clip('no-such.mp4')]: /no such file/,
    };
    for (const [address, reason] of Object.entries(cases)) {
      const { stream, feeds } = pull(address);
      const fault = await waitFor(() => stream.status().fault, { message: address });
      assert.equal(fault.code, 'FRAMES_PULL');
      assert.match(fault.message, reason, `${address}: ${fault.message}`);
      assert.doesNotMatch(fault.message, /hidden-key/);
      assert.equal(feeds.length, 0, address);
      await stream.close();
    }
  });

  it('no ffmpeg, and no address, are told so', async () => {
    const { stream } = pull(clip('clip.flv'), { ffmpegPath: '/no/such/ffmpeg' });
    const fault = await waitFor(() => stream.status().fault);
    assert.equal(fault.code, 'FRAMES_NO_FFMPEG');
    assert.equal(pull('gopher://x').stream.status().state, 'misconfigured');
  });

  describe('from an RTMP server', () => {
    let nginx: NginxRtmp;
    before(async () => void (nginx = await startNginxRtmp()));
    after(async () => await nginx?.close());

    it('its key stands in no process list, and the child ends with the pull', async function () {
      if (process.platform !== 'linux') this.skip();
      await publish(`${nginx.server}/hidden-key`);
      const { stream, tags } = pull(`${nginx.server}/hidden-key`);
      await waitFor(() => pictures(tags) > 30, { message: () => JSON.stringify(stream.status()) });
      const pid = stream.pid!;
      const seen = readdirSync('/proc').flatMap((one) => {
        try {
          return /^\d+$/.test(one) && one !== String(process.pid)
            ? [readFileSync(`/proc/${one}/cmdline`, 'utf8')]
            : [];
        } catch {
          return [];
        }
      });
      assert.deepEqual(
        seen.filter((line) => line.includes('hidden-key') && line.includes('concat')),
        [],
      );
      for (const file of ['cmdline', 'environ'])
        assert.doesNotMatch(readFileSync(`/proc/${pid}/${file}`, 'utf8'), /hidden-key/);
      await stream.close();
      assert.equal(alive(pid), false);
    });

    it('joined between key frames that are far apart', async () => {
      const source = [
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=320x240:rate=30',
        '-f',
        'lavfi',
        '-i',
        'sine',
        '-t',
        '20',
      ];
      const x264 = [
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '250',
        '-sc_threshold',
        '0',
        '-c:a',
        'aac',
      ];
      writeFileSync(clip('far.flv'), ffmpeg([...source, ...x264, '-f', 'flv', 'pipe:1']));
      await publish(`${nginx.server}/far`, clip('far.flv'));
      await waitFor(async () =>
        (await nginx.publishers()).some((one) => one.name === 'far' && one.timeMs > 1500),
      );
      const { stream, feeds } = pull(`${nginx.server}/far`);
      await waitFor(() => feeds[0]?.figures().video?.width === 320, {
        message: () => JSON.stringify(stream.status()),
      });
    });

    it('a publisher who freezes ends the feed, and his return is another one', async () => {
      const first = await publish(`${nginx.server}/frozen`);
      const { stream, feeds, tags } = pull(`${nginx.server}/frozen`, { stallMs: 2000 });
      await waitFor(() => pictures(tags) > 10);
      first.kill('SIGSTOP');
      await waitFor(() => feeds[0]!.ended, { message: 'the end of the feed' });
      assert.match(stream.status().fault?.message ?? '', /nothing came for 2 s/);
      first.kill('SIGKILL');
      await waitFor(async () => (await nginx.publishers()).every((one) => one.name !== 'frozen'));
      await publish(`${nginx.server}/frozen`);
      await waitFor(() => feeds.length === 2, {
        timeoutMs: 45_000,
        message: () => JSON.stringify(stream.status()),
      });
      assert.notEqual(feeds[0]!.connectionId, feeds[1]!.connectionId);
      assert.equal(stream.status().fault, null);
    });

    it('a child that is killed is begun anew, and one that is frozen can be ended', async () => {
      await publish(`${nginx.server}/killed`);
      const { stream, feeds } = pull(`${nginx.server}/killed`);
      await waitFor(() => feeds.length === 1);
      process.kill(stream.pid!, 'SIGKILL');
      await waitFor(() => feeds.length === 2 && !feeds[1]!.ended);
      const pid = stream.pid!;
      process.kill(pid, 'SIGSTOP');
      await stream.close();
      await waitFor(() => !alive(pid));
    });

    it('it ends by itself after its parent was killed', async () => {
      await publish(`${nginx.server}/orphan`);
      const code = `
        const { PulledStream } = require('./dist/lib/frames/pull/pulled.js');
        const pull = new PulledStream({ stream: 'a', address: process.env.ADDRESS, ffmpegPath: null });
        pull.onFeed(() => console.log(pull.pid)); setInterval(() => undefined, 1000);`;
      const parent = spawn(process.execPath, ['-e', code], {
        env: { ...process.env, ADDRESS: `${nginx.server}/orphan` },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.push(() => Promise.resolve(parent.kill('SIGKILL')));
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      assert.ok(alive(pid));
      parent.kill('SIGKILL');
      await waitFor(() => !alive(pid), { message: 'the child to end' });
    });

    it('what is wanted of a media server, for as long as it is published', async () => {
      const list = async () => ({
        publishers: (await nginx.publishers()).map(({ application: app, name: stream }) => ({
          ...{ app, stream, clientId: null, address: null, sinceMs: null, bytesIn: null, bitrateKbps: null },
          ...{ frames: null, readers: null, video: null, audio: null },
        })),
        serverRun: null,
        atMs: 0,
      });
      const pulls = new ServerPulls(
        { list },
        {
          ...{ apps: ['live'], ffmpegPath: null, everyMs: 200 },
          addressOf: ({ app, stream }) => `rtmp://127.0.0.1:${nginx.port}/${app}/${stream}`,
        },
      );
      running.push(() => pulls.close());
      const feeds: Feed[] = [];
      pulls.onFeed((feed) => feeds.push(feed));
      const release = pulls.want('guest1');
      const guest = await publish(`${nginx.server}/guest1`);
      await publish(`${nginx.server}/guest2`);
      await waitFor(() => feeds.length === 1 && pulls.streams().includes('guest2'));
      assert.equal(feeds[0]!.stream, 'guest1');
      assert.equal(pulls.children.length, 1, 'nobody wants the other');
      const other = pulls.want('guest2');
      await waitFor(() => feeds.length === 2);
      const pid = pulls.children[0]!;
      release();
      release();
      await waitFor(() => !alive(pid) && pulls.children.length === 1);
      await guest.close('SIGKILL');
      other();
      await waitFor(() => pulls.children.length === 0);
      const again = pulls.want('guest1');
      await waitFor(async () => (await nginx.publishers()).every((one) => one.name !== 'guest1'));
      await waitFor(() => pulls.status('guest1') === null, {
        message: 'nobody to be asked for who is not there',
      });
      again();
    });
  });

  it('RTSP over TCP', async () => {
    const camera = await startCamera(clip('clip.flv'));
    running.push(() => camera.close());
    const { stream, feeds, tags } = pull(camera.address);
    await waitFor(() => pictures(tags) > 20, { message: () => JSON.stringify(stream.status()) });
    assert.equal(feeds[0]!.figures().video?.height, 240);
  });

  it('SRT with a passphrase', async function () {
    if (!execFileSync('ffmpeg', ['-hide_banner', '-protocols'], { stdio: 'pipe' }).includes('srt'))
      this.skip();
    const port = await freeUdpPort();
    await publish(
      `srt://127.0.0.1:${port}?mode=listener&passphrase=hidden-phrase`,
      clip('clip.flv'),
      'mpegts',
    );
    const { stream, tags } = pull(`srt://127.0.0.1:${port}?mode=caller&passphrase=hidden-phrase`);
    await waitFor(() => pictures(tags) > 20, { message: () => JSON.stringify(stream.status()) });
    assert.doesNotMatch(JSON.stringify(stream.status()), /hidden-phrase/);
  });
});
