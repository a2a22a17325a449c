// Our own RTMP server on loopback, with publishers and players made by hand: who is let in, put out, waited for and told what.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { writeAmf } from '../../lib/rtmp/amf0';
import { startIngest, type IngestDeps } from '../../lib/rtmp/ingest';
import { startIsolatedIngest } from '../../lib/rtmp/isolated/ingest';
import { MESSAGE } from '../../lib/rtmp/messages';
import type { Ingest, IngestEvent, IngestSettings, PublishAdmission, Tag } from '../../lib/rtmp/types';
import { certificates, freePort, requirePrograms, tempDir, waitFor } from '../support';
import * as rtmp from '../support/rtmp';

const BAD = 'NetStream.Publish.BadName';
const START = 'NetStream.Publish.Start';
const closing: (() => unknown)[] = [];
let errors: unknown[] = [];
let start: (settings: IngestSettings, deps?: Pick<IngestDeps, 'limits' | 'onError'>) => Ingest = startIngest;

/** Of the ingest in this process, and of the one in a process of its own. */
function both(what: string, test: Mocha.AsyncFunc): void {
  it(what, test);
  it(`${what}; in a process of its own`, async function () {
    start = startIsolatedIngest;
    await test.call(this);
  });
}

interface Rig {
  ingest: Ingest;
  port: number;
  events: IngestEvent[];
  /** what happened, shortly */
  story: () => string[];
}

/** What happened is this, a moment later where another process tells it. */
async function hears(happened: () => string[], wanted: string[]): Promise<void> {
  await waitFor(() => isDeepStrictEqual(happened(), wanted), { timeoutMs: 8_000 }).catch(() => undefined);
  assert.deepEqual(happened(), wanted);
}

const byKey: PublishAdmission = ({ params, stream }) =>
  params.get('key') === `key-of-${stream}`
    ? { allow: true, name: `${stream}!` }
    : { allow: false, reason: 'wrong' };

async function rig(
  settings: Partial<IngestSettings> = {},
  limits: IngestDeps['limits'] = {},
  guard: PublishAdmission | null = byKey,
): Promise<Rig> {
  const ingest = start(rtmp.ingestSettings(settings), {
    limits: { partingMs: 100, ...limits },
    onError: (error) => errors.push(error),
  });
  closing.push(() => ingest.close());
  if (guard) ingest.guard(guard);
  const events: IngestEvent[] = [];
  ingest.onEvent((event) => events.push(event));
  await waitFor(() => ingest.status().listening);
  const tell = (event: IngestEvent): string => {
    if (event.what === 'denied') return `denied ${event.why} ${event.stream}`;
    if (event.what === 'publishing') return `${event.back ? 'back' : 'publishing'} ${event.feed.stream}`;
    if (event.what === 'video') return `video ${event.video.width} x ${event.video.height}`;
    const asked = event.expected
      ? ' expected'
      : event.what === 'left' && event.expected === false
        ? ' unasked'
        : '';
    return `${event.what} ${event.feed.stream}${asked}`;
  };
  return { ingest, port: ingest.status().port!, events, story: () => events.map(tell) };
}

async function publisher(port: number, id: string, key = `key-of-${id}`): Promise<rtmp.TestCaller> {
  const made = await rtmp.publishing(port, `${id}?key=${key}`);
  closing.push(() => made.close());
  return made;
}

/** One who publishes, and has sent headers and a key frame. */
async function onAir(port: number, id: string): Promise<rtmp.TestCaller> {
  const made = await publisher(port, id);
  await made.code(START);
  made.video(0, rtmp.videoHeader());
  made.audio(0, rtmp.AUDIO_HEADER);
  made.video(0, rtmp.picture(true));
  return made;
}

async function player(port: number, stream: string): Promise<rtmp.TestCaller> {
  const made = await rtmp.playing(port, stream);
  closing.push(() => made.close());
  return made;
}

beforeEach(() => {
  errors = [];
  start = startIngest;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  assert.deepEqual(errors, []);
});

describe('RTMP ingest: who is let in', () => {
  both('lets in who has the key, and gives his messages as tags', async () => {
    const { ingest, port, story, events } = await rig();
    const tags: Tag[] = [];
    ingest.onEvent((event) => event.what === 'publishing' && event.feed.onTag((tag) => tags.push(tag)));
    const ana = await onAir(port, 'ana');
    await waitFor(() => tags.length === 3);
    assert.deepEqual(
      tags.map(({ kind, timestampMs, payload }) => [kind, timestampMs, payload]),
      [
        ['video', 0, rtmp.videoHeader()],
        ['audio', 0, rtmp.AUDIO_HEADER],
        ['video', 0, rtmp.picture(true)],
      ],
    );
    const [feed] = ingest.feeds();
    assert.deepEqual(
      [feed!.stream, feed!.app, feed!.address, feed!.ended],
      ['ana', 'live', '127.0.0.1', false],
    );
    const headers = feed!.headers();
    assert.deepEqual([headers.video, headers.audio, headers.keyframe], [tags[0], tags[1], tags[2]]);
    assert.deepEqual([feed!.figures().video!.width, feed!.figures().keyframes], [320, 1]);
    await hears(() => story(), ['publishing ana', 'video 320 x 180']);
    const [first] = events;
    assert.equal(first?.what === 'publishing' && first.name, 'ana!');
    ana.write(
      ana.writer.command(0, 'FCUnpublish', 6, null, 'ana'),
      ana.writer.command(0, 'deleteStream', 7, null, 1),
    );
    // who says goodbye is missed by nobody
    await waitFor(() => story().includes('left ana expected'));
    assert.deepEqual(ingest.feeds(), []);
    await ana.gone();
  });

  both('says no before anything else, and closes as a whole', async () => {
    const { port, story } = await rig({ mostPublishers: 1 });
    const denied = async (stream: string, app = 'live') => {
      const made = await rtmp.caller(port);
      made.write(rtmp.HELLO, rtmp.HELLO_AGAIN, ...rtmp.publishCommands(made.writer, stream, { app }));
      await made.gone();
      assert.deepEqual([made.codes(), made.reset], [[BAD], false], stream);
    };
    await denied('ana?key=nonsense');
    await denied('ana');
    await denied('ana?key=key-of-ana', 'other');
    await denied('../ana?key=key-of-ana');
    await denied('');
    await onAir(port, 'bob');
    await denied('bob?key=key-of-bob');
    await denied('cyd?key=key-of-cyd');
    const wanted = ['key ana', 'key ana', 'app ana', 'name ', 'name '].map((why) => `denied ${why}`);
    const after = ['publishing bob', 'video 320 x 180', 'denied busy bob', 'denied full cyd'];
    await hears(() => story(), [...wanted, ...after]);
  });

  both('asks nobody in vain: without a guard all are denied, late answers and throws as well', async () => {
    const quick = { gapMs: 50, verdictMs: 120 };
    const { ingest, port, story, events } = await rig({}, quick, null);
    assert.equal(ingest.status().guarded, false);
    await (await publisher(port, 'ana')).gone();
    const hangs = ingest.guard(() => new Promise(() => undefined));
    assert.equal(ingest.status().guarded, true);
    await (await publisher(port, 'ana')).gone();
    hangs();
    ingest.guard(() => {
      throw new Error('key-of-ana');
    });
    await (await publisher(port, 'ana')).gone();
    await hears(() => story(), ['denied unguarded ana', 'denied late ana', 'denied gate ana']);
    assert.ok(!JSON.stringify(events).includes('key-of'));
  });

  both('asks all guards, and over a deploy waits until as many are there as before', async () => {
    const { ingest, port, story } = await rig({}, { gapMs: 5_000, verdictMs: 10_000 }, null);
    const asked: string[] = [];
    const guard = (name: string, allow: boolean) => () => {
      asked.push(name);
      return allow ? ({ allow, name } as const) : ({ allow, reason: name, why: 'gate' } as const);
    };
    const first = ingest.guard(guard('keys', true));
    const second = ingest.guard(guard('gate', true));
    await (await publisher(port, 'ana')).code(START);
    first();
    second();
    ingest.guard(guard('keys', true));
    const bob = await publisher(port, 'bob');
    // the keys would let him in, and what the gate says is not known yet
    await waitFor(() => bob.commands().length > 1);
    ingest.guard(guard('gate', false));
    await bob.gone();
    assert.deepEqual(asked, ['keys', 'gate', 'keys', 'gate']);
    await hears(() => story(), ['publishing ana', 'denied gate bob']);
  });

  both('goes to the next guard where one is taken away while it decides', async () => {
    const { ingest, port, story } = await rig({}, { gapMs: 5_000, verdictMs: 10_000 }, null);
    let isAsked = false;
    const away = ingest.guard(() => new Promise(() => void (isAsked = true)));
    const ana = await publisher(port, 'ana');
    await waitFor(() => isAsked);
    away();
    ingest.guard(byKey);
    await ana.code(START);
    await hears(() => story(), ['publishing ana']);
  });

  both('tells a guard that let in whoever had gone by then', async () => {
    let allow: (() => void) | null = null;
    const { port, events } = await rig({}, {}, () => {
      return new Promise((resolve) => (allow = () => resolve({ allow: true, name: 'Ana' })));
    });
    const ana = await publisher(port, 'ana');
    await waitFor(() => allow !== null);
    // answered by the ingest's own end: it knows by then
    ana.socket.end();
    await ana.gone();
    allow!();
    await waitFor(() => events.length === 1);
    const [first] = events;
    assert.ok(first?.what === 'denied' && first.why === 'late');
  });

  both('keeps what a publisher sends who does not wait for the answer', async () => {
    const { ingest, port } = await rig();
    const tags: number[] = [];
    ingest.onEvent(
      (event) => event.what === 'publishing' && event.feed.onTag(({ payload }) => tags.push(payload.length)),
    );
    const made = await rtmp.caller(port);
    made.write(
      Buffer.concat([
        ...[rtmp.HELLO, rtmp.HELLO_AGAIN, ...rtmp.publishCommands(made.writer, 'ana?key=key-of-ana')],
        made.writer.message({ chunkStream: 6, type: 9, timestamp: 0, payload: rtmp.videoHeader() }),
        made.writer.message({ chunkStream: 6, type: 9, timestamp: 0, payload: rtmp.picture(true, 5_000) }),
      ]),
    );
    await waitFor(() => tags.length === 2);
    made.close();
  });

  it('lets wrong keys wait, and locks nobody out', async () => {
    const limits = { freeFailures: 1, delayPerFailureMs: 300, forgetFailureMs: 60_000 };
    const { port, story } = await rig({}, limits);
    for (let i = 0; i < 2; i++) await (await publisher(port, 'ana', 'wrong')).gone();
    const began = performance.now();
    await (await publisher(port, 'ana')).code(START);
    assert.ok(performance.now() - began >= 250);
    await hears(() => story(), ['denied key ana', 'denied key ana', 'publishing ana']);
  });
});

describe('RTMP ingest: coming and going', () => {
  both('waits for who dropped out, and tells when he is back, or has left', async () => {
    const { port, story, events } = await rig({ graceMs: 400 });
    const first = await onAir(port, 'ana');
    await waitFor(() => story().length === 2);
    first.close();
    await waitFor(() => story().includes('away ana'));
    const second = await onAir(port, 'ana');
    await waitFor(() => story().length === 5);
    second.close();
    await waitFor(() => story().includes('left ana'));
    const wanted = ['publishing ana', 'video 320 x 180', 'away ana', 'back ana', 'video 320 x 180'];
    await hears(() => story(), [...wanted, 'away ana', 'left ana']);
    const feeds = events.flatMap((event) => ('feed' in event ? [event.feed.connectionId] : []));
    assert.equal(new Set(feeds).size, 2);
  });

  both('puts the new one in the place of the old, where it is set so, once his key is right', async () => {
    const { port, story, ingest } = await rig({ duplicates: 'replace', mostPublishers: 1 });
    const old = await onAir(port, 'ana');
    await (await publisher(port, 'ana', 'wrong')).gone();
    assert.equal(old.closed, false);
    await (await publisher(port, 'ana')).code(START);
    await old.gone();
    await hears(() => story().slice(2), ['denied key ana', 'away ana', 'back ana']);
    assert.equal(ingest.feeds().length, 1);
  });

  both('tells everybody the same story, whatever somebody does who hears it', async () => {
    const { ingest, port, story } = await rig({ duplicates: 'replace' });
    const before: string[] = [];
    const heard: string[] = [];
    // this one hears it first, and puts him out at once
    ingest.onEvent((event) => {
      if (event.what === 'publishing') ingest.kick(event.feed.connectionId, 'not today');
      before.push(event.what);
    });
    ingest.onEvent(({ what }) => heard.push(what));
    await (await publisher(port, 'ana')).gone();
    assert.deepEqual(
      [before, heard],
      [
        ['publishing', 'left'],
        ['publishing', 'left'],
      ],
    );
    await hears(() => story(), ['publishing ana', 'left ana expected']);
  });

  it('is closed for good by somebody who hears that a publisher went, and whoever came in his place is let go', async () => {
    for (const graceMs of [0, 10_000])
      for (const by of ['event', 'feed'] as const) {
        const { ingest, port, story } = await rig({ duplicates: 'replace', graceMs });
        const old = await onAir(port, 'ana');
        await waitFor(() => story().length === 2);
        const [feed] = ingest.feeds();
        const closed: Promise<void>[] = [];
        const close = () => void closed.push(ingest.close());
        if (by === 'feed') feed!.onEnd(close);
        else ingest.onEvent(({ what }) => what !== 'publishing' && close());
        const next = await publisher(port, 'ana');
        await next.gone();
        await old.gone();
        await Promise.all(closed);
        assert.deepEqual(ingest.feeds(), [], `${by} ${graceMs}`);
        assert.equal(story().filter((line) => line.startsWith('left')).length, 1, story().join());
        assert.ok(story().at(-1)!.startsWith('left ana'), story().join());
        assert.ok(!next.codes().includes(START));
      }
  });

  both('kicks, and hears of it once', async () => {
    const { ingest, port, story } = await rig();
    const ana = await onAir(port, 'ana');
    const ended: string[] = [];
    const [feed] = ingest.feeds();
    feed!.onEnd((reason) => ended.push(reason));
    assert.equal(ingest.kick(feed!.connectionId, 'your time is over'), true);
    assert.equal(ingest.kick(feed!.connectionId, 'again'), false);
    await ana.gone();
    feed!.onEnd((reason) => ended.push(reason));
    assert.deepEqual(ended, ['your time is over', 'your time is over']);
    await hears(() => story().slice(-1), ['left ana expected']);
    assert.equal(feed!.ended, true);
  });

  it('drops a listener that throws, and no other', async () => {
    const { ingest, port } = await rig();
    const ana = await onAir(port, 'ana');
    let calls = 0;
    let heard = 0;
    const feed = await waitFor(() => ingest.feeds()[0]);
    feed.onTag(() => {
      calls++;
      throw new Error('mine');
    });
    feed.onTag(() => heard++);
    for (let i = 1; i <= 5; i++) ana.video(i * 40, rtmp.picture(false));
    await waitFor(() => heard >= 5);
    assert.equal(calls, 1);
  });

  both('refuses pictures that are too large, at the start and in mid-stream', async () => {
    const { port, story } = await rig({ maxWidth: 320, maxHeight: 180 });
    const ana = await onAir(port, 'ana');
    await waitFor(() => story().length === 2);
    // 640 x 360
    const larger = Buffer.from('6742c01eda0280bfe5c044000003000400000300f03c58ba80', 'hex');
    ana.video(40, rtmp.videoHeader(larger));
    await ana.gone();
    await hears(() => story().slice(2), ['denied size ana', 'left ana unasked']);
  });

  both('puts out whose pictures are others all the time', async () => {
    const { port, story } = await rig();
    const ana = await onAir(port, 'ana');
    const other = Buffer.from('6742c01eda0280bfe5c044000003000400000300f03c58ba80', 'hex');
    for (let i = 1; i < 40; i++) ana.video(i * 40, rtmp.videoHeader(i % 2 ? other : undefined));
    await ana.gone();
    await hears(() => story().slice(-2), ['denied size ana', 'left ana unasked']);
    const told = story().filter((line) => line.startsWith('video')).length;
    assert.ok(told >= 20 && told <= 22, `${told}`);
  });

  both('puts out who sends more than is allowed', async () => {
    const { port, story } = await rig({ maxKbps: 100 });
    const ana = await onAir(port, 'ana');
    for (let i = 1; i < 30 && !ana.closed; i++) ana.video(i * 40, rtmp.picture(true, 60_000));
    await ana.gone();
    await hears(() => story().slice(-2), ['denied bitrate ana', 'left ana unasked']);
  });

  it('ends who is silent, who never asks, and who speaks no RTMP', async () => {
    const { port, story } = await rig({ graceMs: 0 }, { handshakeMs: 300, idleMs: 600 });
    const mute = await rtmp.caller(port);
    const slow = await rtmp.caller(port);
    slow.write(rtmp.HELLO.subarray(0, 700));
    const idler = await rtmp.caller(port);
    idler.write(rtmp.HELLO, rtmp.HELLO_AGAIN);
    const browser = await rtmp.caller(port);
    browser.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    const ana = await onAir(port, 'ana');
    for (const one of [browser, mute, slow, idler, ana]) await one.gone();
    await hears(() => story().slice(-1), ['left ana']);
  });

  it('keeps places free for others, whoever crowds at the door', async () => {
    const { port } = await rig({}, { mostStrangers: 6, mostStrangersFromOne: 4 });
    const crowd = await Promise.all(Array.from({ length: 8 }, () => rtmp.caller(port, '127.0.0.2')));
    await waitFor(() => crowd.filter(({ closed }) => closed).length === 4);
    const others = await Promise.all(Array.from({ length: 3 }, () => rtmp.caller(port, '127.0.0.3')));
    await (await publisher(port, 'ana')).code(START);
    for (const one of [...crowd, ...others]) one.close();
  });

  it('counts those too who never begin their TLS', async function () {
    requirePrograms(this, ['openssl']);
    const files = certificates(tempDir('ingest-tls'));
    const tls = { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
    const { port } = await rig({ tls }, { mostStrangers: 6, mostStrangersFromOne: 4 });
    const crowd = await Promise.all(Array.from({ length: 8 }, () => rtmp.caller(port, '127.0.0.2')));
    await waitFor(() => crowd.filter(({ closed }) => closed).length === 4);
    const others = await Promise.all(Array.from({ length: 4 }, () => rtmp.caller(port, '127.0.0.3')));
    await waitFor(() => crowd.filter(({ closed }) => closed).length === 6);
    for (const one of [...crowd, ...others]) one.close();
  });

  both('ends him at once whom somebody kicks when he is told of, and tells nothing after', async () => {
    const { ingest, port, story } = await rig();
    const heard: string[] = [];
    ingest.onEvent((event) => {
      if (event.what !== 'publishing') return;
      event.feed.onTag(({ kind }) => heard.push(kind));
      if (event.feed.stream === 'ana') ingest.kick(event.feed.connectionId, 'not now');
      else event.feed.onTag(() => ingest.kick(event.feed.connectionId, 'not any more'));
    });
    await (await publisher(port, 'ana')).gone();
    await (await onAir(port, 'bob')).gone();
    await hears(
      () => story(),
      ['publishing ana', 'left ana expected', 'publishing bob', 'video 320 x 180', 'left bob expected'],
    );
    assert.deepEqual(heard, ['video']);
  });

  it('lets nobody flood it with events, whatever he is denied for', async () => {
    const limits = { freeFailures: 2, delayPerFailureMs: 900, mostDelayMs: 900, forgetFailureMs: 600_000 };
    const { port, events } = await rig({}, limits);
    const began = performance.now();
    for (let i = 0; i < 4; i++) await (await publisher(port, '..')).gone();
    assert.ok(performance.now() - began >= 1_200);
    assert.equal(events.length, 4);
  });

  it('lets nobody wait for a no that says nothing of his key: others may sit behind his address', async () => {
    const limits = { freeFailures: 1, delayPerFailureMs: 8_000, mostDelayMs: 8_000 };
    const notNow: PublishAdmission = ({ stream }) =>
      stream === 'ana'
        ? { allow: true, name: 'Ana' }
        : { allow: false, why: 'gate', reason: 'not now', isGuess: false };
    const { port, story } = await rig({}, limits, notNow);
    const began = performance.now();
    for (let i = 0; i < 4; i++) await (await publisher(port, 'bob')).gone();
    await (await publisher(port, 'ana')).code(START);
    assert.ok(performance.now() - began < 8_000);
    await hears(() => story(), [...Array<string>(4).fill('denied gate bob'), 'publishing ana']);
  });

  it('counts those as well who do not stay for the answer', async () => {
    const limits = { freeFailures: 1, delayPerFailureMs: 900, mostDelayMs: 900, forgetFailureMs: 600_000 };
    let allow = () => {};
    const { port, story } = await rig(
      {},
      limits,
      () => new Promise((done) => (allow = () => done({ allow: false, reason: 'slow' }))),
    );
    for (let i = 1; i <= 3; i++) {
      const made = await publisher(port, 'bob');
      await waitFor(() => made.commands().length > 1);
      await new Promise((resolve) => setTimeout(resolve, i < 3 ? 30 : 0));
      made.close();
      await made.gone();
      allow();
    }
    await waitFor(() => story().length === 2);
    await hears(() => story(), ['denied key bob', 'denied key bob']);
  });

  it('puts out a player who talks too much', async () => {
    const { port } = await rig();
    await onAir(port, 'ana');
    const watcher = await player(port, 'ana');
    await watcher.code('NetStream.Play.Start');
    const noise = { chunkStream: 7, type: MESSAGE.audio, timestamp: 0, payload: Buffer.alloc(15_000) };
    for (let i = 0; i < 200 && !watcher.closed; i++) watcher.write(watcher.writer.message(noise));
    await watcher.gone();
  });

  both('listens as soon as it can, and says why it cannot', async () => {
    const port = await freePort();
    const other = await new Promise<Server>((resolve) => {
      const server = createServer();
      server.listen(port, '127.0.0.1', () => resolve(server));
    });
    const ingest = start(rtmp.ingestSettings({ port }));
    closing.push(() => ingest.close());
    const heard: boolean[] = [];
    ingest.onStatus(({ listening }) => heard.push(listening));
    const fault = await waitFor(() => ingest.status().fault);
    assert.equal((fault as { code?: string }).code, 'INGEST_LISTEN');
    assert.match(fault.message, new RegExp(`127\\.0\\.0\\.1:${port} \\(another program`));
    other.close();
    await waitFor(() => ingest.status().listening);
    assert.deepEqual([ingest.status().fault, heard.at(-1)], [null, true]);
  });

  it('says what is wrong with a certificate, and tries no more', () => {
    const ingest = startIngest(rtmp.ingestSettings({ tls: { cert: 'none', key: 'none' } }));
    closing.push(() => ingest.close());
    const fault = ingest.status().fault as Error & { code?: string };
    assert.equal(fault.code, 'CONFIG_INVALID');
    assert.match(fault.message, /certificate/);
  });

  both('leaves nothing behind when it is closed', async () => {
    const { ingest, port, story } = await rig();
    const ana = await onAir(port, 'ana');
    const bob = await onAir(port, 'bob');
    await waitFor(() => story().length === 4);
    bob.close();
    await waitFor(() => story().includes('away bob'));
    await ingest.close();
    await ana.gone();
    await hears(() => story().slice(-2), ['left ana expected', 'left bob expected']);
    await assert.rejects(rtmp.caller(port));
  });
});

describe('RTMP ingest: players', () => {
  both('plays from the newest key frame, headers first, and tells the end', async () => {
    const { ingest, port } = await rig();
    const ana = await onAir(port, 'ana');
    ana.video(40, rtmp.picture(false, 100, 2));
    ana.video(80, rtmp.picture(true, 100, 3));
    ana.audio(80, rtmp.sound());
    ana.video(120, rtmp.picture(false, 100, 4));
    await waitFor(() => ingest.feeds()[0]?.figures().videoFrames === 4);
    const watcher = await player(port, 'ana');
    await waitFor(() => watcher.tags().length === 5);
    ana.video(160, rtmp.picture(false, 130_000, 5));
    await waitFor(() => watcher.tags().length === 6);
    assert.deepEqual(
      watcher.tags().map(({ type, timestamp, payload }) => [type, timestamp, payload.at(-1)]),
      [
        [MESSAGE.video, 0, rtmp.videoHeader().at(-1)],
        [MESSAGE.audio, 0, rtmp.AUDIO_HEADER.at(-1)],
        [MESSAGE.video, 80, 3],
        [MESSAGE.audio, 80, 5],
        [MESSAGE.video, 120, 4],
        [MESSAGE.video, 160, 5],
      ],
    );
    await waitFor(() => ingest.players('ana') === 1);
    ana.close();
    await watcher.code('NetStream.Play.UnpublishNotify');
    await watcher.gone();
    await waitFor(() => ingest.players('ana') === 0);
  });

  both('lets nobody play who may not, and tells no difference', async () => {
    const play = { allowFrom: ['127.0.0.1'], token: 'a token' };
    const { port, ingest } = await rig({ play });
    await onAir(port, 'ana');
    const answers = async (stream: string) => {
      const made = await player(port, stream);
      await made.gone();
      return made.codes();
    };
    assert.deepEqual(await answers('ana?token=wrong'), ['NetStream.Play.Failed']);
    assert.deepEqual(await answers('nobody'), ['NetStream.Play.Failed']);
    assert.deepEqual(await answers('nobody?token=a%20token'), ['NetStream.Play.StreamNotFound']);
    const watcher = await player(port, 'ana?token=a%20token');
    await watcher.code('NetStream.Play.Start');
    ingest.renew({ ...ingest.settings, play });
    await waitFor(() => ingest.players('ana') === 1);
    ingest.renew({ ...ingest.settings, play: { ...play, token: 'another' } });
    await watcher.gone();
    const again = await player(port, 'ana?token=another');
    await again.code('NetStream.Play.Start');
    ingest.renew({ ...ingest.settings, play: { allowFrom: ['10.0.0.0/8'], token: null } });
    await again.gone();
    await waitFor(() => ingest.players('ana') === 0);
    assert.deepEqual(await answers('ana'), ['NetStream.Play.Failed']);
  });

  it('lets a slow reader go on with a key frame, whole, and holds up nobody', async () => {
    const { ingest, port } = await rig({}, { mostPlayerBytes: 300_000, mostGroupBytes: 300_000 });
    const ana = await onAir(port, 'ana');
    await waitFor(() => ingest.feeds()[0]?.figures().keyframes === 1);
    const [slow, quick] = [await player(port, 'ana'), await player(port, 'ana')];
    await slow.code('NetStream.Play.Start');
    await quick.code('NetStream.Play.Start');
    slow.socket.pause();
    let sent = 0;
    // more than any buffer of the kernel takes
    for (; sent < 1_000; sent++) {
      ana.video(sent * 40, rtmp.picture(sent % 25 === 0, 20_000, sent % 200));
      if (sent % 50 === 49) await waitFor(() => quick.tags().length >= sent);
    }
    const whole = quick.tags().filter(({ type }) => type === MESSAGE.video).length;
    assert.ok(whole >= 1_001, `${whole}`);
    slow.socket.resume();
    // a key frame after it has caught up is for him too
    await waitFor(() => {
      ana.video(sent++ * 40, rtmp.picture(true, 500, 7));
      return slow.tags().at(-1)?.payload.length === 509;
    });
    const got = slow.tags().filter(({ type, payload }) => type === MESSAGE.video && payload[1] === 1);
    assert.ok(got.length < whole / 2, `${got.length} of ${whole}`);
    // behind every hole there is a key frame
    for (const [i, { timestamp, payload }] of got.entries())
      if (i > 1 && timestamp - got[i - 1]!.timestamp > 40) assert.equal(payload[0], 0x17);
  });

  it('begins with the next key frame where the last one is too long ago', async () => {
    const { ingest, port } = await rig({}, { mostGroupTags: 5 });
    const ana = await onAir(port, 'ana');
    for (let i = 1; i < 10; i++) ana.video(i * 40, rtmp.picture(false));
    await waitFor(() => ingest.feeds()[0]?.figures().videoFrames === 10);
    const watcher = await player(port, 'ana');
    await waitFor(() => watcher.tags().length === 2);
    ana.video(400, rtmp.picture(false));
    ana.video(440, rtmp.picture(true));
    await waitFor(() => watcher.tags().length === 3);
    assert.equal(watcher.tags()[2]!.timestamp, 440);
  });
});

describe('RTMP ingest: the protocol around it', () => {
  it('answers pings, acknowledges, and takes commands of the other kind', async () => {
    const { port, ingest } = await rig();
    const made = await rtmp.caller(port);
    const { writer } = made;
    const properties = { fourCcList: ['av01', 'hvc1'], capsEx: 3, videoFourCcInfoMap: { '*': 7 } };
    const [connect, size, ...rest] = rtmp.publishCommands(writer, 'ana?key=key-of-ana', { properties });
    made.write(rtmp.HELLO, rtmp.HELLO_AGAIN, connect!, size!, writer.control(MESSAGE.windowSize, 1));
    // an AMF3 command is one of AMF0 behind a zero
    const create = Buffer.from([0, 2, 0, 12, ...Buffer.from('createStream'), 0, ...Buffer.alloc(8), 5]);
    made.write(
      writer.message({
        chunkStream: 3,
        type: MESSAGE.command3,
        timestamp: 0,
        messageStream: 0,
        payload: create,
      }),
    );
    const ping = Buffer.from([0, 6, 1, 2, 3, 4]);
    made.write(
      writer.message({
        chunkStream: 2,
        type: MESSAGE.userControl,
        timestamp: 0,
        messageStream: 0,
        payload: ping,
      }),
    );
    made.write(...rest);
    await made.code(START);
    const controls = made.told.filter(({ type }) => type === MESSAGE.userControl);
    assert.deepEqual(
      controls.map(({ payload }) => payload.toString('hex')),
      ['000701020304'],
    );
    made.video(0, rtmp.videoHeader());
    for (let i = 0; i < 10; i++) made.video(i * 40, rtmp.picture(i === 0, 10_000));
    await waitFor(() => made.told.filter(({ type }) => type === MESSAGE.acknowledgement).length > 1);
    const told = made.told.filter(({ type }) => type === MESSAGE.acknowledgement).at(-1)!;
    assert.ok(told.payload.readUInt32BE(0) > 10_000);
    assert.equal(ingest.feeds().length, 1);
    made.close();
  });

  it('keeps metadata as a file has it', async () => {
    const { port, ingest } = await rig();
    const ana = await onAir(port, 'ana');
    const data = { chunkStream: 4, type: MESSAGE.data, timestamp: 0 };
    const meta = writeAmf('onMetaData', { width: 320 });
    ana.write(ana.writer.message({ ...data, payload: Buffer.concat([writeAmf('@setDataFrame'), meta]) }));
    const tag = await waitFor(() => ingest.feeds()[0]?.headers().metadata);
    assert.deepEqual(tag.payload, meta);
  });
});
