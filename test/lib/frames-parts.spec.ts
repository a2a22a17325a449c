// The parts of taking pictures that need no decoder.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decoderArguments, ffmpegOf } from '../../lib/frames/arguments';
import { Capture } from '../../lib/frames/capture';
import { cellsChanged, DEFAULT_CHANGE, judge, lookedAt } from '../../lib/frames/change';
import { MediaClock } from '../../lib/frames/clock';
import { MpjpegReader } from '../../lib/frames/mpjpeg';
import { type Decoded, Joiner } from '../../lib/frames/outputs';
import { Fed } from '../../lib/frames/fed';
import { Interval, KeyframeDistance, planFor, samePlan } from '../../lib/frames/sampler';
import { Timeline } from '../../lib/frames/timeline';
import { Turns } from '../../lib/frames/turns';
import type { FrameStore } from '../../lib/frames/store/types';
import {
  GRID_HEIGHT,
  GRID_WIDTH,
  type Frame,
  type FrameSource,
  type FrameWish,
} from '../../lib/frames/types';

const CELLS = GRID_WIDTH * GRID_HEIGHT;
const wish = (more: Partial<FrameWish> = {}): FrameWish => ({
  everyMs: 1000,
  sampling: 'auto',
  width: 640,
  quality: 80,
  ...more,
});

/** As ffmpeg writes it: the boundary behind each picture too. */
function mpjpeg(pictures: readonly Buffer[]): Buffer {
  const parts = pictures.map((picture) => [
    Buffer.from(`Content-type: image/jpeg\r\nContent-length: ${picture.length}\r\n\r\n`),
    picture,
    Buffer.from('\r\n--ffmpeg\r\n'),
  ]);
  return Buffer.concat([Buffer.from('--ffmpeg\r\n'), ...parts.flat()]);
}

describe('pictures out of the decoder', () => {
  // what would be a beginning, an end or a boundary to whoever looks inside
  const pictures = [
    Buffer.from('ffd8ffd9', 'hex'),
    Buffer.from('ffd8ffe0ffd9ffd8ffd9', 'hex'),
    Buffer.from('\xff\xd8\r\n--ffmpeg\r\nContent-length: 3\r\n\r\n\xff\xd9', 'latin1'),
    Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(5000, 0xd9), Buffer.from('ffd9', 'hex')]),
  ];
  const stream = mpjpeg(pictures);

  it('are the same however they are cut: at every byte, and in pieces of every size', () => {
    for (let at = 0; at <= stream.length; at++) {
      const reader = new MpjpegReader();
      const got = [...reader.push(stream.subarray(0, at)), ...reader.push(stream.subarray(at))];
      assert.deepEqual(got, pictures, `cut at ${at}`);
    }
    for (let size = 1; size < 200; size++) {
      const reader = new MpjpegReader();
      const got: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size)
        got.push(...reader.push(stream.subarray(at, at + size)));
      assert.deepEqual(got, pictures, `in pieces of ${size}`);
    }
  });

  it('anything that ffmpeg would not write is refused, and holds no memory', () => {
    for (const text of [
      '--ffmpeg\r\nContent-length: 0\r\n\r\n',
      '--ffmpeg\r\nContent-length: 999999999\r\n\r\n',
      '--ffmpeg\r\nContent-length: -5\r\n\r\n',
      '--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n',
      'Content-length: 5\r\n\r\n',
      'x'.repeat(2000),
    ])
      assert.throws(() => new MpjpegReader().push(Buffer.from(text)), Error, text.slice(0, 40));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        try {
          new MpjpegReader().push(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }),
    );
  });

  const PIPES = ['jpeg', 'small', 'grid', 'time'] as const;
  type Pipe = (typeof PIPES)[number];
  const written: Record<Pipe, Buffer> = {
    jpeg: stream,
    // pictures of their own, so that one at a wrong place is seen
    small: mpjpeg(pictures.map((_, i) => Buffer.from(`ffd8${'00'.repeat(3 * i)}0${i}ffd9`, 'hex'))),
    grid: Buffer.concat(pictures.map((_, i) => Buffer.alloc(CELLS, i))),
    time: Buffer.from(
      pictures.map((_, i) => `frame:${i}    pts:${i * 40 - 20}      pts_time:0.1\nn=0\n`).join(''),
    ),
  };
  const together = (got: readonly Decoded[], what: string): void =>
    assert.deepEqual(
      got.map(({ ptsMs, jpeg, small, grid }) => [ptsMs, jpeg, small.at(-3), small.length, grid[0]]),
      pictures.map((picture, i) => [i * 40 - 20, picture, i, 5 + 3 * i, i]),
      what,
    );

  it('picture, small one, grid and time come together in whatever order their pipes give them', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.constantFrom(...PIPES)),
        fc.integer({ min: 1, max: 4000 }),
        (order, size) => {
          const joiner = new Joiner();
          const rest = { ...written };
          const got: Decoded[] = [];
          while (PIPES.some((pipe) => rest[pipe].length > 0)) {
            const pipe = order.next().value as Pipe;
            got.push(...joiner[pipe](rest[pipe].subarray(0, size)));
            rest[pipe] = rest[pipe].subarray(size);
          }
          together(got, `pieces of ${size}`);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('and with each of the pipes cut at every byte, the others before it or in between', () => {
    for (const pipe of PIPES)
      // the grid has no marks in it: a cut in each hundred bytes is like any other
      for (let at = 0; at <= written[pipe].length; at += pipe === 'grid' ? 101 : 1)
        for (const between of [false, true]) {
          const joiner = new Joiner();
          const got: Decoded[] = [];
          const others = (): void => {
            for (const other of PIPES) if (other !== pipe) got.push(...joiner[other](written[other]));
          };
          if (!between) others();
          got.push(...joiner[pipe](written[pipe].subarray(0, at)));
          if (between) others();
          got.push(...joiner[pipe](written[pipe].subarray(at)));
          together(got, `${pipe} cut at ${at}`);
        }
  });

  it('one pipe that says nothing any more is told, before the others fill the memory', () => {
    const joiner = new Joiner();
    assert.deepEqual(joiner.jpeg(written.jpeg), []);
    assert.throws(() => {
      for (let n = 0; n < 300; n++)
        for (const pipe of ['jpeg', 'grid', 'time'] as const) joiner[pipe](written[pipe]);
    }, /do not come together/);
    assert.throws(() => new Joiner().time(Buffer.from('frame:0 pts:NOPTS pts_time:NOPTS\n')));
  });
});

describe('what a decoder was given', () => {
  it('is not remembered where it will not be picked: at a picture an hour a handful, and none that is picked is missing', () => {
    for (const [everyMs, delayMs] of [
      [3_600_000, 400],
      [1_000, 1_000],
      [100, 2_000],
    ] as const) {
      const fed = new Fed<number>({ mode: 'all', everyMs });
      let picked = -Infinity;
      const coming: number[] = [];
      let most = 0;
      let count = 0;
      for (let ms = 0; ms < 3 * 3_600_000; ms += 33) {
        fed.add(ms, ms);
        // as the decoder's own filter has it, and its delay
        if (ms - picked >= everyMs - 5) coming.push((picked = ms));
        while (coming[0] !== undefined && coming[0] <= ms - delayMs) {
          count++;
          assert.equal(fed.take(coming[0]), coming.shift());
        }
        most = Math.max(most, fed.size);
      }
      assert.ok(count >= 3);
      assert.ok(most < 100, `${most} at a picture in ${everyMs} ms`);
    }
  });

  it('of key frames each is found, and those before it that were left out are forgotten', () => {
    const fed = new Fed<string>({ mode: 'keyframes', everyMs: 5_000 });
    for (const ms of [0, 2_000, 4_000]) fed.add(ms, `of ${ms}`);
    assert.equal(fed.take(2_000), 'of 2000');
    assert.deepEqual(
      [fed.size, fed.take(0), fed.take(4_000), fed.take(4_000)],
      [1, undefined, 'of 4000', undefined],
    );
  });
});

describe('decoders one after the other', () => {
  it('give their pictures in order, whoever is quicker', () => {
    const turns = new Turns();
    const shown: string[] = [];
    const show = (turn: number, what: string) => turns.comes(turn, () => shown.push(what));
    show(1, 'a');
    turns.drains(1);
    show(2, 'c');
    turns.drains(2);
    show(3, 'd');
    show(1, 'b');
    turns.ended(2);
    assert.deepEqual(shown, ['a', 'b']);
    turns.ended(1);
    assert.deepEqual(shown, ['a', 'b', 'c', 'd']);
  });
});

describe('how much is decoded', () => {
  it('key frames where they come often enough for everybody, else every picture; everything before anybody knows', () => {
    for (const [wishes, keyframeMs, mode] of [
      [[wish()], null, 'all'],
      [[wish()], 1500, 'keyframes'],
      [[wish()], 1501, 'all'],
      [[wish({ sampling: 'keyframes' })], null, 'keyframes'],
      [[wish({ sampling: 'keyframes' }), wish({ everyMs: 5000 })], 2000, 'keyframes'],
      [[wish({ everyMs: 5000 }), wish({ everyMs: 1000 })], 2000, 'all'],
      [[wish({ sampling: 'all' }), wish({ everyMs: 9000 })], 10, 'all'],
    ] as const)
      assert.equal(planFor(wishes, keyframeMs)?.mode, mode);
    const plan = planFor([wish({ quality: 3 }), wish({ everyMs: 400, width: 9 })], 100);
    assert.deepEqual(plan, { mode: 'keyframes', everyMs: 400, width: 640, quality: 80 });
    assert.equal(planFor([], 100), null);
    assert.ok(samePlan(plan, { ...plan, everyMs: 9 }) && !samePlan(plan, null));
  });

  it('a single short distance changes nothing: the longest of three counts', () => {
    const distance = new KeyframeDistance();
    assert.equal(distance.longestMs, null);
    let at = 0;
    for (const [step, longest] of [
      [0, null],
      [8300, 8300],
      [500, 8300],
      [500, 8300],
      [500, 500],
    ] as const) {
      distance.keyframe((at += step));
      assert.equal(distance.longestMs, longest);
    }
  });

  it('an interval lets one through in so much media time, and begins anew when time goes back', () => {
    const interval = new Interval();
    const through = [0, 990, 1000, 1949, 1960, 2000, 5000, 100, 200, 1100].filter((at) =>
      interval.due(at, 1000),
    );
    assert.deepEqual(through, [0, 990, 1949, 5000, 100, 1100]);
  });

  it('a decoder has numbers within limits in its arguments, and nothing else of a wish', () => {
    const args = decoderArguments({ mode: 'all', everyMs: NaN, width: 1e9, quality: -5 }, '-fps_mode').join(
      ' ',
    );
    assert.match(args, /gte\(t-prev_selected_t\\,0\.015\)/);
    assert.match(args, /min\(7680,iw\)/);
    assert.match(args, /-q:v 31 /);
    assert.match(args, /min\(160,iw\).* pipe:5$/);
    assert.doesNotMatch(args, /nobuffer/);
    const keys = decoderArguments({ mode: 'keyframes', everyMs: 500, width: 640, quality: 100 }, '-vsync');
    assert.ok(keys.includes('nokey') && keys.includes('-vsync') && !keys.includes('-fps_mode'));
    // the encoder of 8K needs more than a decoder of it
    assert.match(args, / -max_alloc 420000000 /);
    assert.match(keys.join(' '), / -max_alloc 120000000 /);
  });

  it('which ffmpeg there is decides the name of an option, or that it is too old', () => {
    const of = (version: string) => ffmpegOf({ version });
    for (const version of ['5.1.9-0+deb12u1', '6.0', 'n7.1', 'N-118000-gabc', '2026-01-01-git-abc', '10.2'])
      assert.deepEqual(of(version), { fault: null, fpsMode: '-fps_mode' }, version);
    for (const version of ['4.4.2-0ubuntu0.22.04.1', '5.0.1', 'n4.4'])
      assert.deepEqual(of(version), { fault: null, fpsMode: '-vsync' }, version);
    for (const version of ['4.3.9', '3.4', 'n2.8.15']) assert.match(String(of(version).fault), /too old/);
    assert.match(String(ffmpegOf({ fault: 'missing', detail: null }).fault), /no such program/);
  });
});

describe('when a picture was captured', () => {
  it('never goes backwards, whatever a publisher says, and is never before the one told last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: -9000, max: 9000 }))),
        (steps) => {
          let [wall, media, last] = [1e12, 5000, -Infinity];
          const clock = new MediaClock(wall, media);
          for (const [pass, step] of steps) {
            clock.seen((wall += pass), (media += step));
            const at = clock.at(media);
            assert.ok(at > last);
            last = at;
          }
        },
      ),
    );
  });

  it('follows media time exactly, whatever the network does with the tags', () => {
    const clock = new MediaClock(1e12, 0);
    for (let ms = 0; ms < 120_000; ms += 40) {
      // late by up to half a second, in bursts, but in time now and then
      clock.seen(1e12 + ms + (ms % 1000 === 0 ? 0 : (ms * 7919) % 500), ms);
      assert.equal(clock.at(ms), 1e12 + ms);
    }
  });

  it('follows a clock that runs apart, slowly; a burst at the start comes down at once', () => {
    const drift = new MediaClock(1e12, 0);
    let worst = 0;
    for (let ms = 40; ms < 3_600_000; ms += 40) {
      drift.seen(1e12 + ms * 1.0001, ms);
      worst = Math.max(worst, Math.abs(drift.at(ms) - (1e12 + ms * 1.0001)));
    }
    assert.ok(worst < 20, `${worst} ms`);

    const burst = new MediaClock(1e12, 0);
    for (let ms = 0; ms <= 8000; ms += 40) burst.seen(1e12 + ms / 100, ms);
    assert.equal(burst.at(8000), 1e12 + 80);
  });

  it('a burst of a new connection comes behind the pictures of the one before, unless the wall clock was set back', () => {
    for (const [afterMs, first] of [
      [1e12 - 500, 1e12 - 499],
      [1e12 - 90_000, 1e12 - 60_000],
      [1e12 + 9_000_000, 1e12 + 1],
    ] as const) {
      const clock = new MediaClock(1e12, 0, afterMs);
      clock.seen(1e12, 60_000);
      assert.equal(clock.at(0), first);
      assert.ok(clock.at(60_000) <= 1e12 + 2);
    }
  });

  it('a publisher that was stopped, or whose clock was set, gets a new base', () => {
    const stopped = new MediaClock(1e12, 0);
    for (let ms = 0; ms < 20_000; ms += 40) stopped.seen(1e12 + ms, ms);
    for (let ms = 20_000; ms < 40_000; ms += 40) stopped.seen(1e12 + 60_000 + ms, ms);
    assert.equal(stopped.at(40_000), 1e12 + 100_000);
    const ahead = new MediaClock(1e12, 0);
    ahead.seen(1e12 + 40, 3_600_000);
    assert.equal(ahead.at(3_600_000), 1e12 + 40);
  });

  it("a picture that is still being decoded when the publisher's clock jumps keeps its own time", () => {
    for (const jump of [3 * 3_600_000, -3_600_000]) {
      const clock = new MediaClock(1_000_000, 5_000_000);
      for (let ms = 0; ms <= 20_000; ms += 40) clock.seen(1_000_000 + ms, 5_000_000 + ms);
      const { era } = clock;
      for (let ms = 20_040; ms <= 21_000; ms += 40) clock.seen(1_000_000 + ms, 5_000_000 + jump + ms);
      assert.equal(clock.at(5_020_000, era), 1_020_000, `${jump}`);
      assert.equal(clock.at(5_021_000 + jump), 1_021_000, `${jump}`);
    }
  });

  it('a time that jumps goes on for decoders and intervals', () => {
    const line = new Timeline();
    const given = [0, 40, 20, 80, 9e9, 9e9 + 40, 10, 50, 20];
    assert.deepEqual(
      given.map((ms) => line.at(ms)),
      [0, 40, 20, 80, 120, 160, 200, 240, 210],
    );
  });
});

describe('what has changed', () => {
  const still = { at: 0, grid: Buffer.alloc(CELLS, 100), videoWidth: 640, videoHeight: 360 };
  const all = lookedAt([]);
  const changed = (cells: readonly number[], by = 13) => {
    const grid = Buffer.from(still.grid);
    for (const cell of cells) grid[cell]! += by;
    return { ...still, at: 1000, grid };
  };

  it('two cells by more than twelve; one, or a little everywhere, is nothing', () => {
    const verdict = (frame: typeof still, looked = all) => judge(still, frame, DEFAULT_CHANGE, looked);
    assert.equal(judge(null, still, DEFAULT_CHANGE, all).why, 'first');
    assert.equal(judge({ ...still, grid: null }, still, DEFAULT_CHANGE, all).why, 'first');
    assert.deepEqual(verdict(changed([5])), { keep: false, why: null, changedPercent: 0.04 });
    assert.deepEqual(verdict(changed([5, 900])), { keep: true, why: 'changed', changedPercent: 0.09 });
    const everywhere = Array.from({ length: CELLS }, (_, i) => i);
    assert.equal(verdict(changed(everywhere, 12)).keep, false);
    assert.equal(verdict({ ...changed([]), videoWidth: 1280 }).why, 'resolution');
    const alive = { ...DEFAULT_CHANGE, keepAliveMs: 1000 };
    assert.equal(judge(still, changed([]), alive, all).why, 'keep-alive');
    assert.equal(judge(still, { ...still, at: 999 }, alive, all).keep, false);
  });

  it('parts that are left out are not looked at, with every cell that they touch', () => {
    const looked = lookedAt([{ left: 50, top: 0, width: 50, height: 50 }]);
    assert.equal(cellsChanged(still.grid, still.grid, 12, looked).of, CELLS - 32 * 18);
    assert.equal(judge(still, changed([40, 41, 42]), DEFAULT_CHANGE, looked).keep, false);
    assert.equal(judge(still, changed([0, 1]), DEFAULT_CHANGE, looked).keep, true);
    const everything = lookedAt([{ left: 0, top: 0, width: 100, height: 100 }]);
    assert.deepEqual(judge(still, changed([1, 2, 3]), DEFAULT_CHANGE, everything).changedPercent, 0);
    for (const mask of [
      { left: -50, top: -9, width: 1e9, height: 1e9 },
      { left: 99.9, top: 99.9, width: 0.01, height: 0.01 },
      { left: NaN, top: 0, width: 5, height: 5 },
    ])
      assert.equal(lookedAt([mask]).length, CELLS);
  });
});

describe('capturing', () => {
  it('small pictures wait for a slow disk, as many as a burst brings; large ones fill no memory', async () => {
    for (const [bytes, kept] of [
      [50_000, 100],
      [5_000_000, 8],
    ] as const) {
      const heard: ((frame: Frame) => void)[] = [];
      const release = (): void => undefined;
      const status = { state: 'running', fault: null, dropped: 0 };
      const tap = { onFrame: (listener: (frame: Frame) => void) => (heard.push(listener), release) };
      const frames = { tap: () => ({ ...tap, onStatus: () => release, status: () => status, release }) };
      let go = release;
      const slow = new Promise<void>((resolve) => (go = resolve));
      const store = { last: () => Promise.resolve(null), put: () => slow.then(() => ({})) };
      let count = 0;
      const capture = new Capture(
        {
          ...{ streams: () => ['anna'], onStreams: () => release, fault: () => null, want: () => release },
          frames: frames as unknown as FrameSource,
        },
        { stream: 'anna', wish: wish(), change: { ...DEFAULT_CHANGE, keepAliveMs: 1 } },
        store as unknown as FrameStore,
        new Map(),
        { kept: () => count++, sample: release, state: release },
      );
      capture.start();
      for (let at = 0; at < 100; at++)
        heard[0]!({
          stream: 'anna',
          at,
          jpeg: Buffer.alloc(bytes),
          grid: Buffer.alloc(9),
        } as unknown as Frame);
      assert.equal(capture.state.dropped, 100 - kept);
      go();
      await capture.close();
      assert.equal(count, kept);
    }
  });

  it('a picture that was asked for and could not be kept is none, and why is said', async () => {
    const frame = { stream: 'anna', at: 1_000, jpeg: Buffer.from([1]), grid: Buffer.alloc(1) } as Frame;
    const release = (): void => undefined;
    const status = {
      state: 'running',
      fault: null,
      mode: 'all',
      frames: 1,
      dropped: 0,
      restarts: 0,
    } as const;
    const tap = { onFrame: () => release, onStatus: () => release, status: () => status, release };
    const frames = {
      tap: () => ({ ...tap, last: () => frame }),
      close: () => Promise.resolve(),
    };
    const full = new Error('the disk is full');
    const store = { last: () => Promise.resolve(null), put: () => Promise.reject(full) };
    const capture = new Capture(
      { frames, streams: () => ['anna'], onStreams: () => release, fault: () => null, want: () => release },
      {
        stream: 'anna',
        wish: { everyMs: 1000, sampling: 'all', width: 640, quality: 80 },
        change: DEFAULT_CHANGE,
      },
      store as unknown as FrameStore,
      new Map(),
      { kept: () => assert.fail('nothing was kept'), sample: release, state: release },
    );
    capture.start();
    assert.equal(await capture.now(), 0);
    assert.match(String(capture.state.fault), /the disk is full/);
    await capture.close();
  });
});
