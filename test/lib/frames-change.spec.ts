// Which pictures are kept of nine clips, encoded as live encoders do, beside what the best known other way keeps.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { DEFAULT_CHANGE, judge, type LastKept, lookedAt } from '../../lib/frames/change';
import { FramesOf } from '../../lib/frames/source';
import type { Frame, Mask } from '../../lib/frames/types';
import { findProgram, requirePrograms, scale } from '../support';
import { filmTags, numberedFilm, PaperSource } from '../support/film-feed';
import { waitFor } from '../support/wait';

const SECONDS = 40;
/** the long form encodes what people send; the short one a quarter of its points, a third of its pictures, and the bitrate that fits */
const SIZE = scale >= 1 ? { w: 1280, h: 720, rate: 30, kbps: 2500 } : { w: 640, h: 360, rate: 10, kbps: 500 };
const at = `size=${SIZE.w}x${SIZE.h}:rate=${SIZE.rate}`;
const still = 'loop=loop=-1:size=1:start=0';
const photo = `mandelbrot=${at}:start_scale=0.3,noise=alls=14,${still}`;
const noise = 'noise=alls=7:allf=t';
const shot = (source: string): string =>
  `${source},${still},format=yuv420p,setsar=1,setpts=N/${SIZE.rate}/TB,trim=duration=10`;
const lowerThird = `drawbox=x=iw/20:y=ih*0.78:w=iw*0.4:h=ih*0.12:color=white:t=fill:enable='between(t,10,19.99)+gte(t,30)'`;
const bits = [0, 1, 2, 3, 4, 5].map(
  (bit) =>
    `drawbox=x=iw*0.04*${bit + 1}:y=ih*0.06:w=iw*0.03:h=ih*0.06:color=white:t=fill:enable='mod(floor(t/${2 ** bit}),2)'`,
);
const clock = [`${photo},${noise}`, ...bits].join(',');

const CLIPS: { name: string; source: string; least: number; most: number; masks?: Mask[] }[] = [
  { name: 'black', source: `color=black:${at}`, least: 1, most: 1 },
  { name: 'a slide that stands still', source: `smptehdbars=${at},${still}`, least: 1, most: 1 },
  { name: 'a photo that stands still', source: photo, least: 1, most: 1 },
  { name: "a camera's noise", source: `${photo},${noise}`, least: 1, most: 1 },
  {
    name: 'three cuts',
    source:
      [`smptebars=${at}`, `testsrc2=${at}`, `mandelbrot=${at}:start_scale=0.3`, `rgbtestsrc=${at}`]
        .map((source, i) => `${shot(source)}[s${i}]`)
        .join(';') + ';[s0][s1][s2][s3]concat=n=4',
    least: 4,
    most: 4,
  },
  { name: 'a lower third, three times', source: `${photo},${noise},${lowerThird}`, least: 4, most: 4 },
  // one that compares with the picture before sees two
  { name: 'a fade of 30 s', source: `${photo},fade=t=in:st=5:d=30`, least: 8, most: 25 },
  { name: 'a clock', source: clock, least: 15, most: 40 },
  {
    name: 'a clock that is left out',
    source: clock,
    least: 1,
    most: 1,
    masks: [{ left: 0, top: 0, width: 32, height: 16 }],
  },
];

async function picturesOf(film: string): Promise<Frame[]> {
  const source = new PaperSource();
  const pictures = new FramesOf(source, { ffmpegPath: null, lingerMs: 0 });
  try {
    const tap = pictures.tap('a', { everyMs: 1000, sampling: 'auto', width: 1280, quality: 100 });
    const frames: Frame[] = [];
    tap.onFrame((frame) => frames.push(frame));
    const feed = source.start('a');
    for (const tag of filmTags(film, feed.sinceMs)) {
      feed.send(tag);
      if (tag.timestampMs > 200) await waitFor(() => pictures.children.length > 0, { intervalMs: 2 });
      // a decoder that is ended has two seconds, and on a busy machine not for all of it
      await waitFor(() => frames.length * 1000 > tag.timestampMs - 10_000, { intervalMs: 2 });
    }
    await waitFor(() => frames.length >= SECONDS - 1, { message: () => `${frames.length} pictures` });
    feed.end();
    await waitFor(() => pictures.children.length === 0);
    return frames;
  } finally {
    await pictures.close();
  }
}

function keptOf(frames: readonly Frame[], masks: readonly Mask[]): number {
  const looked = lookedAt(masks);
  let last: LastKept | null = null;
  let kept = 0;
  for (const frame of frames) {
    if (!judge(last, frame, DEFAULT_CHANGE, looked).keep) continue;
    last = frame;
    kept++;
  }
  return kept;
}

/**
 * What is widely used: a picture in 17 x 16 grey points, a bit for each that is darker than the one to its right; kept unless all 256 bits are
 * those of the last kept one.
 */
function keptByHash(frames: readonly Frame[]): number {
  const args = ['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-vf', 'scale=17:16:flags=lanczos,format=gray'];
  const small = execFileSync(
    findProgram('ffmpeg') ?? 'ffmpeg',
    [...args, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
    { input: Buffer.concat(frames.map(({ jpeg }) => jpeg)), maxBuffer: 1e8 },
  );
  let last = '';
  let kept = 0;
  for (let from = 0; from + 272 <= small.length; from += 272) {
    let hash = '';
    for (let i = 0; i < 272; i++)
      if (i % 17 < 16) hash += small[from + i + 1]! > small[from + i]! ? '1' : '0';
    if (hash !== last) kept++;
    last = hash;
  }
  return kept;
}

describe('pictures that changed', function () {
  this.timeout(scale >= 1 ? 900_000 : 180_000);
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  const table: string[] = [];
  after(() => console.log(table.map((line) => `      ${line}`).join('\n')));

  for (const { name, source, least, most, masks = [] } of CLIPS)
    it(`${name}: ${least === most ? least : `${least} to ${most}`} of ${SECONDS}`, async () => {
      const film = await numberedFilm({
        source,
        fps: SIZE.rate,
        seconds: SECONDS,
        gop: SIZE.rate,
        more: ['-b:v', `${SIZE.kbps}k`, '-maxrate', `${SIZE.kbps}k`, '-bufsize', `${2 * SIZE.kbps}k`],
      });
      const frames = await picturesOf(film);
      assert.ok(frames.length >= SECONDS - 1 && frames.length <= SECONDS + 1, `${frames.length} pictures`);
      const kept = keptOf(frames, masks);
      table.push(`${name}: ${kept} of ${frames.length}; by a hash of 256 bits ${keptByHash(frames)}`);
      assert.ok(kept >= least && kept <= most, `${kept} of ${frames.length}`);
    });
});
