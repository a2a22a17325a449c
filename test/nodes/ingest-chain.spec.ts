// From a real publisher through the ingest to the kept picture: whose it is, how large, and of when.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FramesOf } from '../../lib/frames/source';
import type { FrameStore, KeptFrame } from '../../lib/frames/store/types';
import type { Lease } from '../../lib/connection/lease';
import { flvHeader, flvTag } from '../../lib/rtmp/media/flv';
import { leases } from '../../red/leases';
import { freePort, loops, type Program, requirePrograms, tempDir } from '../support';
import { filmTags, type FilmShape, numberIn, numberedFilm } from '../support/film-feed';
import { gridsIn, pointsOf, publishFilm } from '../support/published';
import {
  around,
  ask,
  badges,
  type Flow,
  type FlowNode,
  heardBy,
  helper,
  load,
  logged,
  next,
  tearDown,
  waitFor,
} from './support/rig';
import {
  endPublishing,
  ingestNode,
  isLive,
  keysNode,
  openIngest,
  serverNode,
  withKey,
} from './support/ingest';

const CAPTURE = {
  ...{ type: 'live-capture-frames', source: 'ingest', ingest: 'ingest', server: '', stream: '' },
  ...{ everySeconds: '0.5', sampling: 'auto', cells: '2', delta: '12', masks: '', keepAliveSeconds: '' },
  ...{ width: '7680', quality: '90', store: 'store', picture: 'path', waits: false, ffmpeg: '' },
};
const SESSION = {
  ...{ type: 'live-stream-session', keys: 'keys', mediaServer: 'server', action: 'message' },
  ...{ session: 'payload', sessionType: 'msg', guest: '', guestType: 'str', metadata: '' },
  ...{ metadataType: 'json', minutes: '', minutesType: 'num', limitMinutes: '', limitMinutesType: 'num' },
  ...{ priority: '', priorityType: 'num' },
};
const ALL_SIZES: readonly FilmShape[] = [
  { width: 640, height: 360 },
  { width: 3840, height: 2160 },
  { width: 1080, height: 1920 },
  // an odd width and height need whole colour
  { width: 641, height: 361, more: ['-pix_fmt', 'yuv444p'] },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 2560, height: 1080 },
  { width: 1366, height: 768 },
  { width: 322, height: 182 },
];
const SIZES = ALL_SIZES.slice(0, loops(ALL_SIZES.length, 4));
const SIZE_8K: FilmShape = { width: 7680, height: 4320 };
const SHORT: FilmShape = { fps: 4, seconds: 3, gop: 4 };
const QUICK = ['-preset', 'ultrafast'];

describe('from a publisher to a kept picture', function () {
  this.timeout(180_000);
  let port: number;
  let folder: string;
  let store: Lease<FrameStore> | null = null;
  const programs: Program[] = [];

  before(function () {
    requirePrograms(this, ['ffmpeg', 'ffprobe']);
  });
  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('chain');
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    store?.release();
    store = null;
    await Promise.all(programs.splice(0).map((program) => program.close('SIGKILL')));
    await endPublishing();
    await tearDown();
  });

  const flowOf = (node: Partial<FlowNode> & { type: string }, ...more: FlowNode[]): Flow => [
    ...around(node, keysNode(folder), ingestNode(port), ...more),
    {
      ...{ id: 'store', type: 'live-frame-store', name: 'show', configVersion: 1 },
      ...{ folder: join(folder, 'frames'), keepDays: '0', mostGb: '0', leastFreeGb: '0' },
    },
  ];
  const capture = (more: Partial<FlowNode> = {}): Flow => flowOf({ ...CAPTURE, ...more });
  const begin = async (film: string, stream: string, key: string, repeat = true): Promise<Program> => {
    const program = await publishFilm(film, `rtmp://127.0.0.1:${port}/live/${stream}?${key}`, { repeat });
    programs.push(program);
    return program;
  };
  const open = (): FrameStore => {
    store ??= (helper.getNode('store') as unknown as { acquire(): Lease<FrameStore> }).acquire();
    return store.value;
  };
  const kept = async (stream: string): Promise<KeptFrame[]> =>
    (await open().find({ stream, limit: 1000 })).frames;
  const picturesOf = async (frames: readonly KeptFrame[]): Promise<Buffer[]> =>
    await Promise.all(frames.map(async ({ id }) => (await open().picture(id)).jpeg));
  const said = () => `${badges().join(', ')}; ${JSON.stringify(logged().slice(-5))}`;

  it('has the size of its stream: 360p to 4K, upright, wide and odd, all at once', async () => {
    const films = await Promise.all(
      SIZES.map((shape) =>
        numberedFilm({ ...SHORT, fps: 2, gop: 2, ...shape, more: [...QUICK, ...(shape.more ?? [])] }),
      ),
    );
    await load(capture());
    for (const [i, film] of films.entries()) await begin(film, `s${i}`, await withKey(`s${i}`));
    for (const [i, { width, height }] of SIZES.entries()) {
      const { frame } = await next('out', (msg) => msg.frame.stream === `s${i}`, 90_000);
      const [first] = await kept(`s${i}`);
      assert.deepEqual([first!.videoWidth, first!.videoHeight], [width, height]);
      assert.deepEqual([frame.width, frame.height], [width, height]);
      assert.deepEqual([first!.width, first!.height], [width, height]);
      const real = await pointsOf(frame.path, readFileSync(frame.path));
      assert.deepEqual(real, { size: `${width}x${height}`, points: width! * height! });
    }
  });

  it('8K is taken; wider by two points is refused before there is any decoder', async () => {
    const shape: FilmShape = { fps: 2, seconds: 1, gop: 1, more: QUICK };
    const [within, beyond] = await Promise.all([
      numberedFilm({ ...shape, ...SIZE_8K }),
      numberedFilm({ ...shape, ...SIZE_8K, width: SIZE_8K.width! + 2 }),
    ]);
    await load(capture({ everySeconds: '5' }));
    const frames = openIngest().frames as FramesOf;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, frames.children.length)), 5);
    try {
      for (let i = 0; i < loops(10); i++) {
        const refused = await begin(beyond, `large${i}`, await withKey(`large${i}`));
        await refused.waitExit();
        await waitFor(() => JSON.stringify(logged()).includes(`denied large${i} (size`), { message: said });
        assert.deepEqual(await kept(`large${i}`), []);
      }
    } finally {
      clearInterval(watch);
    }
    assert.equal(most, 0);
    await begin(within, 'whole', await withKey('whole'));
    const { frame } = await next('out', (msg) => msg.frame.stream === 'whole', 90_000);
    const real = await pointsOf(frame.path, readFileSync(frame.path));
    assert.deepEqual(real, { size: '7680x4320', points: 7680 * 4320 });
    const [first] = await kept('whole');
    assert.deepEqual([first!.videoWidth, first!.videoHeight], [7680, 4320]);
  });

  it('follows a stream that changes its size: with a header of its own, and in the pictures', async () => {
    const films = await Promise.all([
      numberedFilm({ ...SHORT, width: 640, height: 360 }),
      numberedFilm({ ...SHORT, width: 480, height: 640 }),
    ]);
    const [headers, list, inside] = ['headers.flv', 'list.txt', 'inside.flv'].map((name) =>
      join(folder, name),
    );
    const tags = films.flatMap((film, i) =>
      filmTags(film).map(({ kind, timestampMs, payload }) =>
        flvTag(kind, timestampMs + i * SHORT.seconds! * 1000, payload),
      ),
    );
    writeFileSync(headers!, Buffer.concat([flvHeader({ audio: false }), ...tags]));
    writeFileSync(list!, films.map((film) => `file '${film}'\n`).join(''));
    const concat = ['-v', 'error', '-f', 'concat', '-safe', '0', '-i', list!, '-c', 'copy', inside!];
    await promisify(execFile)('ffmpeg', concat, { timeout: 60_000 });
    await load(capture());
    const both = { headers: headers!, inside: inside! };
    for (const [stream, film] of Object.entries(both))
      await begin(film, stream, await withKey(stream), false);
    for (const stream of Object.keys(both)) {
      await next('out', (msg) => msg.frame.stream === stream && msg.frame.why === 'resolution', 60_000);
      const all = await kept(stream);
      assert.equal(new Set(all.map(({ connectionId }) => connectionId)).size, 1);
      const sizes = all.map(({ width, height, videoWidth, videoHeight }) =>
        [width, height, videoWidth, videoHeight].join(' '),
      );
      assert.deepEqual([...new Set(sizes)], ['640 360 640 360', '480 640 480 640'], stream);
      const changed = all.findIndex(({ why }) => why === 'resolution');
      assert.equal(sizes.indexOf('480 640 480 640'), changed, stream);
    }
  });

  it('carries its own time: key frames in 1, 2 and 8.3 s, pictures in 0.5, 1 and 5 s', async () => {
    const whole = [1, 2, 250 / 30].flatMap((gop) => [0.5, 1, 5].map((every) => ({ gop, every })));
    const some = whole.filter((_, i) => loops(10) > 1 || i % 4 === 0);
    const seconds = loops(18, 11);
    const cases = some.map((one, i) => ({ ...one, stream: `c${i}` }));
    const [first, ...others] = cases.map(({ every, stream }) => ({
      ...CAPTURE,
      ...{ everySeconds: String(every), stream, width: '320' },
    }));
    const more = others.map((node, i) => ({
      ...node,
      ...{ id: `n${i}`, z: 'tab', x: 1, y: 1, name: '', configVersion: 1, wires: [['out'], ['interim']] },
    }));
    await load(flowOf(first!, ...more));
    for (const { gop, stream } of cases)
      await begin(
        await numberedFilm({ fps: 30, gop: Math.round(gop * 30), seconds }),
        stream,
        await withKey(stream),
        false,
      );
    for (const { gop, every, stream } of cases) {
      const gapS = gop <= 1.5 * every ? Math.max(gop, every) + gop : every * 1.5;
      const enough = Math.max(2, Math.floor((seconds - 2 * gop) / gapS));
      await waitFor(
        async () => openIngest().streamState(stream) !== 'live' && (await kept(stream)).length > 0,
        {
          timeoutMs: 90_000,
          intervalMs: 200,
          message: said,
        },
      );
      // the last ones are on their way still
      await waitFor(() => (openIngest().frames as FramesOf).children.length === 0, { timeoutMs: 20_000 });
      const frames = await kept(stream);
      const numbers = (await gridsIn(await picturesOf(frames))).map(numberIn);
      const what = `${stream}, key frames in ${gop} s, pictures in ${every} s: ${numbers.join(' ')}`;
      assert.ok(numbers.length >= enough, what);
      assert.equal(numbers[0], 0, what);
      for (const [i, frame] of frames.entries()) {
        const own = (numbers[i]! / 30) * 1000;
        assert.ok(Math.abs(frame.mediaMs - frames[0]!.mediaMs - own) <= 2, `${what}; ${frame.mediaMs}`);
        // the clock of the publisher against ours, on a busy machine
        assert.ok(Math.abs(frame.at - frames[0]!.at - own) <= 500, `${what}; ${frame.at - frames[0]!.at}`);
        assert.ok(i === 0 || frame.at > frames[i - 1]!.at, what);
      }
    }
  });

  it('is in the timeline of its own stream, with ten at once', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `p${i + 1}`);
    const films = await Promise.all(
      names.map((_, i) => {
        const bars = Array.from({ length: 12 }, (_, bit) => bit).filter((bit) => ((i + 1) >> bit) & 1);
        const boxes = bars.map((bit) => `drawbox=x=${bit}*iw/12:y=0:w=iw/12:h=ih:color=white:t=fill`);
        const source = ['color=black:size=320x180:rate=10:duration=3', 'format=gray', ...boxes].join(',');
        return numberedFilm({ fps: 10, seconds: 3, gop: 5, source, more: QUICK });
      }),
    );
    await load(capture({ keepAliveSeconds: '0.5', width: '320' }));
    for (const [i, name] of names.entries()) await begin(films[i]!, name, await withKey(name));
    await waitFor(async () => (await Promise.all(names.map(kept))).every(({ length }) => length >= 3), {
      timeoutMs: 90_000,
      intervalMs: 200,
      message: said,
    });
    assert.deepEqual((await open().use()).streams.map(({ stream }) => stream).sort(), [...names].sort());
    const connections = new Set<string>();
    for (const [i, name] of names.entries()) {
      const frames = await kept(name);
      const numbers = (await gridsIn(await picturesOf(frames))).map(numberIn);
      assert.deepEqual([...new Set(numbers)], [i + 1], name);
      assert.equal(new Set(frames.map(({ connectionId }) => connectionId)).size, 1);
      connections.add(frames[0]!.connectionId);
      assert.deepEqual((await open().verify(name)).faults, []);
    }
    assert.equal(connections.size, 10);
    assert.equal((openIngest().frames as FramesOf).children.length, 10);
  });

  it('ends with the session: gone at once, refused afterwards, and let in again by start', async () => {
    const film = await numberedFilm({ ...SHORT, more: QUICK });
    const watching: FlowNode = {
      ...{ ...CAPTURE, id: 'pictures', z: 'tab', x: 1, y: 1, name: '', configVersion: 1 },
      ...{ width: '320', wires: [['pictured'], []] },
    };
    const pictured: FlowNode = { id: 'pictured', type: 'test-sink', z: 'tab', x: 1, y: 1 };
    await load(flowOf(SESSION, serverNode(), watching, pictured));
    const key = await withKey('anna');
    const anna = await begin(film, 'anna', key);
    await next('pictured', ({ frame }) => frame.stream === 'anna', 60_000);
    const sentAt = performance.now();
    let goneMs: number | null = null;
    openIngest().ingest.onEvent(({ what }) => {
      if (what === 'left') goneMs ??= performance.now() - sentAt;
    });
    const stopped = await ask({ payload: { action: 'stop', session_id: 'anna' } });
    assert.deepEqual([stopped.payload.status, stopped.payload.kicked], ['stopped', 1]);
    assert.deepEqual(openIngest().ingest.feeds(), []);
    await anna.waitExit();
    assert.ok(goneMs !== null && goneMs < 5_000, `${goneMs} ms`);
    await waitFor(() => (openIngest().frames as FramesOf).children.length === 0);
    const refused = await begin(film, 'anna', key);
    await refused.waitExit();
    assert.deepEqual(openIngest().ingest.feeds(), []);
    const before = heardBy('pictured').length;
    await ask({ payload: { action: 'start', session_id: 'anna' } });
    await begin(film, 'anna', key);
    await isLive('anna');
    await waitFor(() => heardBy('pictured').length > before, { timeoutMs: 60_000 });
    assert.ok(!JSON.stringify([heardBy('out'), logged()]).includes(key.split('=')[1]!));
  });
});
