// The ingest in a process of its own: what only that form has to show. What both have in common is in rtmp-ingest.spec.ts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChildIngest } from '../../lib/rtmp/isolated/child-ingest';
import { HoleyMeter } from '../../lib/rtmp/isolated/holey-meter';
import { startIsolatedIngest, type IsolatedDeps, type IsolatedIngest } from '../../lib/rtmp/isolated/ingest';
import { PieceReader, tagPieces, wordPiece } from '../../lib/rtmp/isolated/pieces';
import { readChildWord, type ChildWord } from '../../lib/rtmp/isolated/words';
import type { IngestEvent, IngestSettings, Tag } from '../../lib/rtmp/types';
import { alive, loops, tempDir, waitFor } from '../support';
import * as rtmp from '../support/rtmp';

const START = 'NetStream.Publish.Start';
const closing: (() => unknown)[] = [];
const folder = tempDir('isolated');

function rig(settings: Partial<IngestSettings> = {}, deps: IsolatedDeps = {}) {
  const ingest = startIsolatedIngest(rtmp.ingestSettings(settings), deps);
  closing.push(() => ingest.close());
  ingest.guard(({ params, stream }) =>
    params.get('key') === `key-of-${stream}`
      ? { allow: true, name: stream }
      : { allow: false, reason: 'wrong' },
  );
  const events: IngestEvent[] = [];
  ingest.onEvent((event) => events.push(event));
  const story = () =>
    events.map((event) => {
      if (event.what === 'denied') return `denied ${event.why} ${event.stream}`;
      if (event.what === 'publishing') return `${event.back ? 'back' : 'publishing'} ${event.feed.stream}`;
      return `${event.what} ${event.feed.stream}${'expected' in event && event.expected ? ' expected' : ''}`;
    });
  return { ingest, events, story };
}

const listening = (ingest: IsolatedIngest): Promise<number> =>
  waitFor(() => ingest.status().port, { message: () => `it to listen; ${String(ingest.status().fault)}` });
const faultOf = (ingest: IsolatedIngest): (Error & { code?: string }) | null => ingest.status().fault;

async function onAir(port: number, id: string): Promise<rtmp.TestCaller> {
  const made = await rtmp.publishing(port, `${id}?key=key-of-${id}`);
  closing.push(() => made.close());
  await made.code(START);
  made.video(0, rtmp.videoHeader());
  made.video(0, rtmp.picture(true));
  return made;
}

describe('RTMP ingest in a process of its own', () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  it('is started again when it ends, and who published is waited for', async () => {
    const { ingest, story, events } = rig();
    const port = await listening(ingest);
    const ana = await onAir(port, 'ana');
    await waitFor(() => ingest.feeds()[0]?.figures().keyframes === 1);
    const [feed] = ingest.feeds();
    const first = ingest.pid!;
    process.kill(first, 'SIGKILL');
    await ana.gone();
    await waitFor(() => feed!.ended);
    assert.equal(ingest.status().listening, false);
    assert.equal(faultOf(ingest)!.code, 'INGEST_PROCESS');
    assert.match(faultOf(ingest)!.message, /ended by SIGKILL/);
    const away = events.at(-1)!;
    assert.ok(away.what === 'away' && !away.expected && /SIGKILL/.test(away.reason));
    await waitFor(() => ingest.status().listening);
    assert.deepEqual([ingest.status().fault, ingest.status().port], [null, port]);
    assert.notEqual(ingest.pid, first);
    await onAir(port, 'ana');
    await waitFor(() => ingest.feeds()[0]?.figures().keyframes === 1);
    assert.deepEqual(story().slice(0, 4), ['publishing ana', 'video ana', 'away ana', 'back ana']);
  });

  it('holds no secret in arguments and environment, and leaves nothing when it is closed', async () => {
    process.env.LIVE_TEST_OF_NODE_RED = 'a credential';
    const { ingest } = rig({ play: { allowFrom: [], token: 'play-token' } });
    delete process.env.LIVE_TEST_OF_NODE_RED;
    await listening(ingest);
    const pid = ingest.pid!;
    if (process.platform === 'linux') {
      const told = ['cmdline', 'environ']
        .map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
        .join();
      assert.ok(!/play-token|credential|LIVE_|tsx/.test(told), told);
    }
    const began = performance.now();
    await ingest.close();
    assert.ok(performance.now() - began < 2_500);
    await waitFor(() => !alive(pid));
  });

  it('outlives what a terminal and a service manager send to all processes', async () => {
    const { ingest } = rig();
    const port = await listening(ingest);
    const pid = ingest.pid!;
    await onAir(port, 'ana');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    await onAir(port, 'bob');
    assert.equal(ingest.pid, pid);
    assert.equal(ingest.feeds().length, 2);
  });

  it('ends with the process that started it, however that ends', async () => {
    const file = join(__dirname, '..', '..', 'dist', 'lib', 'rtmp', 'isolated', 'ingest.js');
    const settings = JSON.stringify(rtmp.ingestSettings());
    const script = `const ingest = require(${JSON.stringify(file)}).startIsolatedIngest(${settings});
      ingest.onStatus(({ listening }) => listening && console.log(ingest.pid));`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    closing.push(() => parent.kill('SIGKILL'));
    let said = '';
    parent.stdout.on('data', (data: Buffer) => (said += data.toString()));
    const pid = Number(await waitFor(() => /\d+\n/.exec(said)?.[0]));
    assert.ok(alive(pid));
    parent.kill('SIGKILL');
    await waitFor(() => !alive(pid));
  });

  it('that runs out of memory, or hangs, is another one a moment later', async function () {
    this.timeout(60_000);
    const out = rig({}, { heapMb: 4 });
    await waitFor(() => /ran out of memory/.test(faultOf(out.ingest)?.message ?? ''));
    await out.ingest.close();
    const { ingest } = rig({}, { silentMs: 3_000 });
    await listening(ingest);
    const first = ingest.pid!;
    process.kill(first, 'SIGSTOP');
    await waitFor(() => /no word from it for 3 s/.test(faultOf(ingest)?.message ?? ''));
    await waitFor(() => ingest.status().listening && ingest.pid !== first);
    assert.ok(!alive(first));
  });

  it('leaves out what Node-RED does not take, up to a key frame, and counts it', async () => {
    const words: ChildWord[] = [];
    const waiting: (() => void)[] = [];
    const got: { keyframe: boolean; ms: number }[] = [];
    let isSlow = false;
    let isOver = false;
    const child = new ChildIngest({
      tell: (word) => words.push(word),
      send: ([head, payload], taken) => {
        got.push({ keyframe: payload![0] === 0x17 && payload![1] === 1, ms: head!.readUInt32BE(9) });
        if (isSlow) waiting.push(taken);
        else taken();
      },
      over: () => (isOver = true),
    });
    closing.push(async () => {
      child.hear({ is: 'close' });
      await waitFor(() => isOver);
    });
    child.hear({ is: 'open', settings: rtmp.ingestSettings(), limits: {} });
    const heard = <Is extends ChildWord['is']>(is: Is) =>
      words.filter((word): word is Extract<ChildWord, { is: Is }> => word.is === is);
    const { port } = await waitFor(() => heard('state').find(({ listening }) => listening));
    const ana = await rtmp.publishing(port!, 'ana?key=key-of-ana');
    closing.push(() => ana.close());
    const { id, params } = await waitFor(() => heard('ask')[0]);
    assert.deepEqual(params, [['key', 'key-of-ana']]);
    child.hear({ is: 'answer', id, ruling: { allow: true, name: 'Ana' } });
    await ana.code(START);
    ana.video(0, rtmp.videoHeader());
    ana.video(0, rtmp.picture(true));
    await waitFor(() => got.length === 2);
    isSlow = true;
    // 8 MiB wait, and then nothing more
    const each = 200_000;
    const count = 100;
    for (let i = 1; i <= count; i++) ana.video(i * 40, rtmp.picture(i % 10 === 0, each, i));
    const missed = () => heard('missed').reduce((sum, { frames }) => sum + frames, 0);
    await waitFor(() => missed() > 0);
    for (const taken of waiting.splice(0)) taken();
    isSlow = false;
    await waitFor(() => {
      ana.video(20_000, rtmp.picture(true));
      return got.at(-1)!.ms === 20_000;
    });
    const pictures = got.filter(({ ms }) => ms > 0 && ms < 20_000);
    assert.ok(pictures.length > 8_388_608 / each - 2 && pictures.length < count, `${pictures.length}`);
    assert.ok(missed() >= count - pictures.length);
    for (const [i, { ms, keyframe }] of pictures.entries())
      if (i > 0 && ms - pictures[i - 1]!.ms > 40)
        assert.ok(keyframe, 'behind each hole there is a key frame');
  });
});

describe('RTMP ingest in a process of its own: what it may not say', () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const ID = '00000000-0000-4000-8000-000000000001';
  const OTHER = '00000000-0000-4000-8000-000000000002';
  const question = (more: object = {}) =>
    JSON.stringify({
      ...{ is: 'ask', id: 1, app: 'live', stream: 'ana', params: [['key', 'key-of-ana']] },
      ...{ connectionId: ID, address: '127.0.0.1', secure: false },
      ...more,
    });

  /** An ingest whose process is one that somebody has taken over. */
  function taken(code: string) {
    const script = join(folder, `taken-${Math.random().toString(36).slice(2)}.js`);
    writeFileSync(
      script,
      `const link = new (require('node:net').Socket)({ fd: 3, readable: true, writable: true });
       link.on('error', () => process.exit()); link.on('close', () => process.exit());
       const raw = (bytes) => link.write(bytes);
       const say = (word) => { const text = Buffer.from(JSON.stringify(word)); const head = Buffer.alloc(5);
         head.writeUInt32BE(text.length); raw(Buffer.concat([head, text])); };
       const head = (length, kind) => { const bytes = Buffer.alloc(5); bytes.writeUInt32BE(length); bytes[4] = kind; raw(bytes); };
       let heard = 0; const answer = (hear) => link.on('data', (data) => data.includes('"answer"') && !heard++ && hear());
       say({ is: 'state', listening: true, port: 1, fault: null });
       ${code}`,
    );
    return rig({ mostPublishers: 1 }, { script });
  }

  const ask = (more?: object) => `say(${question(more)});`;
  const lies: [string, string, RegExp][] = [
    ['bytes that are none of ours', "raw('GET / HTTP/1.1\\r\\n\\r\\n');", /a piece of/],
    ['the promise of 4 GB', 'head(4294967295, 0);', /a piece of 4294967295 bytes/],
    ['a tag that is too large', 'head(8388617, 9);', /a piece of 8388617 bytes/],
    ['no JSON', "head(4, 0); raw('null'.slice(1) + ' ');", /no JSON/],
    ['a word that nobody knows', "say({ is: 'run', code: 'x' });", /a word that nobody knows/],
    [
      'a publisher whom nobody let in',
      `say({ is: 'publishing', connectionId: '${ID}', number: 1 });`,
      /whom/,
    ],
    [
      'a publisher who was denied',
      `${ask({ params: [] })} answer(() => say({ is: 'publishing', connectionId: '${ID}', number: 1 }));`,
      /whom nobody let in/,
    ],
    [
      'one publisher twice',
      `${ask()} answer(() => { for (const number of [1, 2]) say({ is: 'publishing', connectionId: '${ID}', number }); });`,
      /whom nobody let in/,
    ],
    [
      'two under one name',
      `${ask()} ${ask({ id: 2, connectionId: OTHER })}
       let n = 0; link.on('data', (data) => { for (const _ of data.toString('latin1').matchAll(/"answer"/g)) if (++n === 2)
         for (const [i, connectionId] of ['${ID}', '${OTHER}'].entries()) say({ is: 'publishing', connectionId, number: i }); });`,
      /two under one name/,
    ],
    ['another app', ask({ app: 'other' }), /makes no sense/],
    ['a name with a path', ask({ stream: '../ana' }), /"stream"/],
    ['an address that is none', ask({ address: 'x'.repeat(100) }), /"address"/],
    ['a prototype', 'say(JSON.parse(\'{"__proto__": {"is": "beat"}}\'));', /no "is"/],
    [
      'words without end',
      "setInterval(() => { for (let i = 0; i < 5000; i++) say({ is: 'beat' }); }, 1);",
      /too much/,
    ],
  ];
  for (const [what, code, reason] of lies)
    it(`${what}`, async () => {
      const { ingest, events } = taken(code);
      const first = ingest.pid!;
      await waitFor(() => reason.test(faultOf(ingest)?.message ?? ''), {
        message: () => `${reason}; ${faultOf(ingest)?.message}`,
      });
      await waitFor(() => !alive(first));
      assert.deepEqual(ingest.feeds(), []);
      assert.ok(events.filter((event) => event.what === 'publishing').length <= 1);
    });

  it('reads any pieces of bytes, and never more than it may', () => {
    for (let run = 0; run < loops(20_000); run++) {
      const words: unknown[] = [];
      const reader = new PieceReader({ word: (word) => words.push(word), tag: () => undefined }, 65_536);
      const bytes = Buffer.concat([
        wordPiece({ is: 'beat' }),
        ...tagPieces({ number: 1, kind: 'video', timestamp: 2, payload: rtmp.picture(true, 50) }),
        wordPiece({ is: 'beat' }),
      ]);
      for (let i = 0; i < run % 4; i++) bytes[Math.floor(Math.random() * bytes.length)] = run & 255;
      try {
        for (let at = 0; at < bytes.length; at += 1 + (run % 13))
          reader.push(bytes.subarray(at, at + 1 + (run % 13)));
        for (const word of words) readChildWord(word);
      } catch (error) {
        assert.equal((error as Error).constructor.name, 'LinkFault');
      }
      if (run % 4 === 0) assert.equal(words.length, 2);
    }
  });

  it('figures say nothing of a time of which some is missing, and count what was left out', () => {
    const meter = new HoleyMeter(() => 20_000);
    const tag = (ms: number, payload: Buffer): Tag => ({ kind: 'video', timestampMs: ms, payload, atMs: ms });
    meter.take(tag(0, rtmp.videoHeader()));
    for (let ms = 0; ms < 20_000; ms += 40) meter.take(tag(ms, rtmp.picture(ms % 1_000 === 0)));
    const before = meter.figures(20_000);
    assert.ok(before.fps !== null && before.bitrateKbps !== null);
    meter.missed(1_000_000, 100);
    meter.take(tag(24_000, rtmp.picture(true)));
    const after = meter.figures(24_000);
    assert.deepEqual([after.fps, after.bitrateKbps, after.gaps], [null, null, 0]);
    assert.match(after.unknown.fps!, /too busy/);
    assert.equal(after.videoFrames, before.videoFrames + 101);
    assert.ok(after.bytes > before.bytes + 1_000_000);
    // a hole of the publisher's own counts
    meter.take(tag(27_000, rtmp.picture(true)));
    assert.equal(meter.figures(40_000).gaps, 1);
    assert.equal(meter.figures(40_000).unknown.fps, undefined);
  });
});
