// Real ffmpeg children: what becomes of them, and of the pictures, when something goes wrong.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FramesOf, type FramesSettings } from '../../lib/frames/source';
import type { DecoderStatus, Frame, FrameTap, FrameWish } from '../../lib/frames/types';
import { pictureSize } from '../../lib/production/picture-size';
import type { Tag } from '../../lib/rtmp/types';
import { requirePrograms, tempDir } from '../support';
import {
  type FilmShape,
  filmTags,
  numberedFilm,
  numberIn,
  PaperFeed,
  PaperSource,
} from '../support/film-feed';
import { alive, findProgram } from '../support/programs';
import { waitFor } from '../support/wait';

const WISH: FrameWish = { everyMs: 500, sampling: 'keyframes', width: 4096, quality: 90 };
const SHORT: FilmShape = { seconds: 4, gop: 15 };

describe('the decoder of a stream', function () {
  this.timeout(60_000);
  let source: PaperSource;
  let pictures: FramesOf;
  let tap: FrameTap;
  let frames: Frame[];
  let told: DecoderStatus[];

  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  afterEach(async () => {
    await pictures?.close();
  });

  function open(settings: Partial<FramesSettings> = {}, wish: Partial<FrameWish> = {}): void {
    source = new PaperSource();
    pictures = new FramesOf(source, { ffmpegPath: null, lingerMs: 0, ...settings });
    tap = pictures.tap('a', { ...WISH, ...wish });
    frames = [];
    told = [];
    tap.onFrame((frame) => frames.push(frame));
    tap.onStatus((status) => told.push(status));
  }
  /** The film again and again, each time later. */
  function* without_end(tags: readonly Tag[]): Generator<Tag> {
    const length = tags.at(-1)!.timestampMs + 34;
    for (let round = 0; ; round++)
      for (const tag of tags)
        if (round === 0 || tag.timestampMs > 0 || tag.payload[1] === 1)
          yield { ...tag, timestampMs: tag.timestampMs + round * length, atMs: tag.atMs + round * length };
  }
  const sendUntil = async (feed: PaperFeed, tags: Iterator<Tag>, done: () => boolean): Promise<void> => {
    await waitFor(
      () => {
        for (let i = 0; i < 5; i++) {
          const tag = tags.next().value as Tag | undefined;
          if (tag) feed.send(tag);
        }
        return done();
      },
      { intervalMs: 5, message: () => JSON.stringify([frames.length, tap.status()]) },
    );
  };
  const whole = async (feed: PaperFeed, film: string): Promise<void> => {
    for (const tag of filmTags(film, feed.sinceMs)) {
      feed.send(tag);
      if (tag.timestampMs > 0) await waitFor(() => pictures.children.length > 0 || told.at(-1)?.fault);
    }
    // one that is ended has two seconds, and on a busy machine not for all of it
    await waitFor(() => frames.length >= 6);
    feed.end();
    await waitFor(() => pictures.children.length === 0);
  };

  for (const [what, shape, size] of [
    ['a black picture, whose JPEGs are tiny', { source: 'color=black:size=320x180:rate=30' }, [320, 180]],
    ['portrait', { width: 270, height: 480 }, [270, 480]],
    ['21:9', { width: 840, height: 360 }, [840, 360]],
    ['sizes that no macroblock divides', { width: 326, height: 182 }, [326, 182]],
    ['odd width and height', { width: 327, height: 183, more: ['-pix_fmt', 'yuv444p'] }, [327, 183]],
    ['wider than is wanted', { width: 1280, height: 720 }, [640, 360]],
    ['a ribbon', { width: 1000, height: 6 }, [1000, 6]],
  ] as const)
    it(`${what}: every key frame is a whole picture`, async () => {
      open({}, { width: what === 'wider than is wanted' ? 640 : 4096 });
      await whole(source.start('a'), await numberedFilm({ ...SHORT, ...shape }));
      assert.equal(frames.length, 8);
      for (const { width, height, jpeg, small, keyframe } of frames) {
        assert.deepEqual([width, height, keyframe], [...size, true]);
        assert.ok(small!.length < jpeg.length);
        assert.deepEqual(pictureSize(small!), {
          width: 160,
          height: Math.max(2, 2 * Math.round((80 * size[1]) / size[0])),
        });
        assert.equal(jpeg.subarray(0, 2).toString('hex') + jpeg.subarray(-2).toString('hex'), 'ffd8ffd9');
      }
      if (!what.startsWith('a black'))
        assert.deepEqual(frames.map(({ grid }) => numberIn(grid)).slice(0, 3), [0, 15, 30]);
    });

  for (const [what, x264] of [
    ['an open GOP', 'open-gop=1:keyint=15:min-keyint=15'],
    ['intra refresh', 'intra-refresh=1:keyint=15'],
  ] as const)
    it(`${what}, whose key frames are not decoded alone: every picture is, and none is missing`, async () => {
      open({}, { sampling: 'auto' });
      await whole(source.start('a'), await numberedFilm({ ...SHORT, more: ['-x264-params', x264] }));
      const numbers = frames.map(({ grid }) => numberIn(grid));
      // one to which no other refers is passed over, and the next one taken
      assert.ok(numbers.length >= 6 && numbers.every((number, i) => number - i * 15 < 8), numbers.join(' '));
      for (const [i, { mediaMs }] of frames.entries())
        assert.ok(Math.abs(mediaMs - frames[0]!.mediaMs - (numbers[i]! * 1000) / 30) <= 2);
    });

  it('no picture is missing where it is found out that key frames are enough', async () => {
    open({}, { sampling: 'auto', everyMs: 1000 });
    const film = await numberedFilm({ seconds: 6, gop: 30 });
    const feed = source.start('a');
    for (const tag of filmTags(film, feed.sinceMs)) {
      feed.send(tag);
      // a decoder that is ended has two seconds, and on a busy machine not for its first picture
      await waitFor(() => frames.length * 1000 > tag.timestampMs - 900);
    }
    assert.deepEqual(
      frames.map(({ grid }) => numberIn(grid)),
      [0, 30, 60, 90, 120, 150],
    );
    assert.equal(tap.status().mode, 'keyframes');
  });

  it('the small picture is of the same moment, and none where the picture is no larger', async () => {
    open();
    await whole(source.start('a'), await numberedFilm(SHORT));
    const gridOf = (jpeg: Buffer) =>
      execFileSync(
        'ffmpeg',
        [
          ...['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-vf', 'scale=64:36:flags=area,format=gray'],
          ...['-f', 'rawvideo', 'pipe:1'],
        ],
        { input: jpeg },
      );
    assert.deepEqual(
      frames.slice(0, 4).map(({ small }) => numberIn(gridOf(small!))),
      [0, 15, 30, 45],
    );
    await pictures.close();
    open({}, { width: 64, quality: 1 });
    await whole(source.start('a'), await numberedFilm(SHORT));
    assert.deepEqual(
      frames.map(({ width, small }) => [width, small]),
      Array(8).fill([64, null]),
    );
  });

  it('another size in mid-stream: another decoder, and no picture is lost', async () => {
    open();
    const feed = source.start('a');
    const small = filmTags(await numberedFilm(SHORT), feed.sinceMs);
    const large = filmTags(await numberedFilm({ ...SHORT, width: 640, height: 360 }), feed.sinceMs);
    for (const tag of small) {
      feed.send(tag);
      if (tag.timestampMs > 0) await waitFor(() => pictures.children.length > 0);
    }
    await waitFor(() => frames.length >= 6);
    for (const tag of large)
      feed.send({ ...tag, timestampMs: tag.timestampMs + 4000, atMs: tag.atMs + 4000 });
    await waitFor(() => frames.length >= 14);
    feed.end();
    await waitFor(() => pictures.children.length === 0);
    assert.deepEqual(
      frames.map(({ videoWidth, width }) => `${videoWidth} ${width}`),
      [...Array<string>(8).fill('320 320'), ...Array<string>(8).fill('640 640')],
    );
    assert.equal(tap.status().restarts, 0);
  });

  it('back in an instant: the last pictures of the connection before come first, however late its decoder is', async () => {
    const folder = tempDir('slow');
    const script = join(folder, 'ffmpeg');
    // the first decoder begins late; which ffmpeg it is, it says at once
    writeFileSync(
      script,
      `#!/bin/sh\nif [ "$1" != -version ] && mkdir '${folder}/first' 2>/dev/null; then sleep 0.4; fi\nexec '${findProgram('ffmpeg')}' "$@"\n`,
      { mode: 0o700 },
    );
    open({ ffmpegPath: script });
    const film = await numberedFilm(SHORT);
    const one = source.start('a');
    for (const tag of filmTags(film, one.sinceMs)) {
      one.send(tag);
      if (tag.timestampMs > 0) await waitFor(() => pictures.children.length > 0);
    }
    assert.equal(frames.length, 0);
    one.end();
    const back = source.start('a');
    for (const tag of filmTags(film, back.sinceMs)) back.send(tag);
    await waitFor(() => frames.filter(({ connectionId }) => connectionId === back.connectionId).length >= 6);
    const told = frames.map(({ connectionId }) => connectionId);
    assert.deepEqual(told, [
      ...told.filter((id) => id === one.connectionId),
      ...told.filter((id) => id === back.connectionId),
    ]);
  });

  it('key frames now near and now far apart, by whoever means no good, start no decoder after another', async () => {
    open({}, { sampling: 'auto', everyMs: 1000 });
    const feed = source.start('a');
    const film = filmTags(await numberedFilm(SHORT), feed.sinceMs);
    const header = film.find(({ kind, payload }) => kind === 'video' && payload[1] === 0)!;
    const key = film.find(
      ({ kind, payload }) => kind === 'video' && payload[0] === 0x17 && payload[1] === 1,
    )!;
    feed.send(header);
    feed.send({ ...key, timestampMs: 0, atMs: feed.sinceMs });
    await waitFor(() => pictures.children.length > 0);
    const seen = new Set<number>();
    let ms = 0;
    for (let i = 0; i < 80; i++)
      for (const step of [100, 100, 100, 5000]) {
        ms += step;
        feed.send({ ...key, timestampMs: ms, atMs: feed.sinceMs + ms });
        for (const pid of pictures.children) seen.add(pid);
      }
    assert.ok(seen.size > 2 && seen.size < 20, `${seen.size} decoders`);
    await waitFor(() => frames.length > 0);
  });

  it('a picture that says it is shown hours later holds up none of the others', async () => {
    open();
    const feed = source.start('a');
    let keys = 0;
    for (const tag of filmTags(await numberedFilm(SHORT), feed.sinceMs)) {
      const payload = Buffer.from(tag.payload);
      if (payload[0] === 0x17 && payload[1] === 1 && ++keys === 3) payload.writeIntBE(7_200_000, 2, 3);
      feed.send({ ...tag, payload });
      if (tag.timestampMs > 0) await waitFor(() => pictures.children.length > 0);
    }
    await waitFor(() => frames.length >= 6);
    feed.end();
    await waitFor(() => pictures.children.length === 0);
    assert.equal(frames.length, 8);
    for (const { at } of frames) assert.ok(at >= feed.sinceMs - 1000 && at < feed.sinceMs + 5_000, `${at}`);
  });

  it('larger than allowed: refused before there is any child; in mid-stream too', async () => {
    open({ maxWidth: 320, maxHeight: 180 });
    const feed = source.start('a');
    const tags = without_end(filmTags(await numberedFilm(SHORT), feed.sinceMs));
    await sendUntil(feed, tags, () => frames.length > 1);
    const [child] = pictures.children;
    for (const tag of filmTags(await numberedFilm({ ...SHORT, width: 640, height: 360 }), feed.sinceMs))
      feed.send({ ...tag, timestampMs: tag.timestampMs + 600_000, atMs: tag.atMs + 600_000 });
    assert.equal(tap.status().state, 'refused');
    assert.match(String(tap.status().fault), /640 x 360.*320 x 180/);
    // it is gone a moment before its pipes are
    await waitFor(() => !alive(child!) && pictures.children.length === 0);
    await pictures.close();

    open();
    const eight = filmTags(
      await numberedFilm({
        source: 'color=black:size=7682x4320:rate=1',
        seconds: 1,
        more: ['-preset', 'ultrafast'],
      }),
    );
    const other = source.start('a');
    for (const tag of eight) other.send(tag);
    await waitFor(() => tap.status().state === 'refused');
    assert.deepEqual([pictures.children, frames.length], [[], 0]);
  });

  it('killed: said so, and another one begins at a key frame; what was sent meanwhile is all that is missing', async () => {
    open();
    const feed = source.start('a');
    const tags = without_end(filmTags(await numberedFilm(SHORT), feed.sinceMs));
    await sendUntil(feed, tags, () => frames.length > 3);
    const [child] = pictures.children;
    process.kill(child!, 'SIGKILL');
    await waitFor(() => told.some(({ state }) => state === 'restarting'));
    const before = frames.length;
    await sendUntil(feed, tags, () => frames.length > before + 3);
    assert.equal(tap.status().restarts, 1);
    assert.equal(tap.status().state, 'running');
    assert.notEqual(pictures.children[0], child);
    const numbers = frames.map(({ seq }) => seq);
    assert.deepEqual(
      numbers,
      numbers.toSorted((one, other) => one - other),
    );
  });

  it('frozen: memory stays flat, what is left out is counted, and it is killed and begun again', async () => {
    open({ watchdogMs: 3000 }, { sampling: 'all' });
    const feed = source.start('a');
    const film = await numberedFilm({
      seconds: 2,
      gop: 30,
      source: 'testsrc2=size=1280x720:rate=30',
      more: ['-b:v', '20M'],
    });
    const tags = without_end(filmTags(film, feed.sinceMs));
    await sendUntil(feed, tags, () => frames.length > 1);
    const [child] = pictures.children;
    process.kill(child!, 'SIGSTOP');
    const memory = () => {
      const { rss, external } = process.memoryUsage();
      return Math.max(rss, external) / 2 ** 20;
    };
    const before = memory();
    // a hundred megabytes, while eight may wait
    let sent = 0;
    await sendUntil(
      feed,
      {
        next: () => {
          const next = tags.next();
          sent += (next.value as Tag).payload.length;
          return next;
        },
      },
      () => sent > 100 * 2 ** 20 && tap.status().dropped > 100,
    );
    assert.ok(memory() - before < 60, `${before} to ${memory()} MB`);
    await sendUntil(feed, tags, () => tap.status().restarts > 0);
    assert.ok(told.some(({ fault }) => /no picture for 3 s/.test(String(fault))));
    await waitFor(() => !alive(child!));
    const count = frames.length;
    await sendUntil(feed, tags, () => frames.length > count);
  });

  it('held over reconnects of the publisher, each with its own count; nothing is left when it is closed', async () => {
    open();
    const film = await numberedFilm(SHORT);
    const first = source.start('a');
    await whole(first, film);
    assert.equal(tap.status().state, 'waiting');
    const second = source.start('a', Date.UTC(2026, 0, 1, 13));
    await sendUntil(
      second,
      without_end(filmTags(film, second.sinceMs)),
      () => frames.at(-1)?.connectionId === second.connectionId,
    );
    const [child] = pictures.children;
    assert.deepEqual(
      frames.filter(({ seq }) => seq === 0).map(({ connectionId }) => connectionId),
      [first.connectionId, second.connectionId],
    );
    tap.release();
    await waitFor(() => pictures.children.length === 0);
    assert.ok(!alive(child!));
    assert.equal(second.listeners, 0);
    await pictures.close();
    assert.equal(tap.status().state, 'ended');
  });

  it('one child for all who want the same stream; who leaves and comes back in time finds it running', async () => {
    open({ lingerMs: 10_000 });
    const feed = source.start('a');
    const tags = without_end(filmTags(await numberedFilm(SHORT), feed.sinceMs));
    const seldom = pictures.tap('a', { ...WISH, everyMs: 2000 });
    const few: Frame[] = [];
    seldom.onFrame((frame) => few.push(frame));
    await sendUntil(feed, tags, () => few.length > 3);
    const [child] = pictures.children;
    assert.ok(frames.length >= 3 * few.length - 3, `${frames.length} and ${few.length}`);
    seldom.release();
    tap.release();
    tap = pictures.tap('a', WISH);
    tap.onFrame((frame) => frames.push(frame));
    const before = frames.length;
    await sendUntil(feed, tags, () => frames.length > before);
    assert.deepEqual(pictures.children, [child]);
  });

  it('what is no H.264, or cannot be read, is unsupported, and no child is started for it', async () => {
    open();
    const feed = source.start('a');
    await waitFor(() => told.length === 0);
    const tag = (hex: string): Tag => ({
      kind: 'video',
      timestampMs: 0,
      payload: Buffer.from(hex, 'hex'),
      atMs: 0,
    });
    for (const hex of ['1c00000000aabb', '9068766331aabb', '170000000001640029ffe1000467640029']) {
      feed.send(tag(hex));
      await waitFor(() => tap.status().state === 'unsupported');
      assert.match(String(tap.status().fault), /FRAMES_CODEC/);
    }
    assert.deepEqual(pictures.children, []);
  });

  it('no ffmpeg: said so at once, and no stream is harmed', async () => {
    open({ ffmpegPath: join(tempDir('none'), 'ffmpeg') });
    await waitFor(() => tap.status().state === 'no-ffmpeg');
    assert.match(String(tap.status().fault), /FRAMES_NO_FFMPEG/);
    const feed = source.start('a');
    for (const tag of filmTags(await numberedFilm(SHORT))) feed.send(tag);
    assert.deepEqual([tap.status().state, pictures.children, frames.length], ['no-ffmpeg', [], 0]);
  });

  it('a process that is killed leaves no decoder behind', async () => {
    open();
    const film = await numberedFilm(SHORT);
    const script = `
      const { FramesOf } = require(${JSON.stringify(join(__dirname, '../../dist/lib/frames/source.js'))});
      const { FlvReader } = require(${JSON.stringify(join(__dirname, '../../dist/lib/rtmp/media/flv.js'))});
      const hear = new Set();
      const headers = { metadata: null, video: null, audio: null, keyframe: null };
      const feed = { stream: 'a', app: 'live', connectionId: 'x', ended: false, headers: () => headers,
        figures: () => ({ longestKeyframeMs: null }), onTag: (one) => { hear.add(one); return () => hear.delete(one); }, onEnd: () => () => {} };
      const frames = new FramesOf({ feeds: () => [feed], onFeed: () => () => {} }, { ffmpegPath: null });
      const tap = frames.tap('a', { everyMs: 500, sampling: 'all', width: 320, quality: 90 });
      tap.onFrame(() => process.stdout.write(JSON.stringify(frames.children) + '\\n'));
      const tags = [];
      new FlvReader({ onTag: (tag) => tags.push(tag), now: Date.now }).push(require('node:fs').readFileSync(${JSON.stringify(film)}));
      let at = 0;
      setInterval(() => { const tag = tags[at++ % tags.length]; if (tag) for (const one of hear) one(tag); }, 5);
    `;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let said = '';
      parent.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
      const [child] = await waitFor(() => {
        const line = said.trim().split('\n').at(-1);
        return line ? (JSON.parse(line) as number[]) : null;
      });
      assert.ok(alive(child!));
      parent.kill('SIGKILL');
      await waitFor(() => !alive(child!), { message: 'the decoder to end with its input' });
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
