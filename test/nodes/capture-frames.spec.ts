// Capture frames inside Node-RED: real publishers, a file, and deploys.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { leases } from '../../red/leases';
import type { FramesOf } from '../../lib/frames/source';
import { freePort, loops, requirePrograms, tempDir } from '../support';
import { alive } from '../support/programs';
import { numberedFilm } from '../support/film-feed';
import {
  around,
  badges,
  deploy,
  heardBy,
  load,
  logged,
  next,
  refuse,
  send,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { endPublishing, ingestNode, isLive, keysNode, openIngest, publish, withKey } from './support/ingest';

const CAPTURE = {
  type: 'live-capture-frames',
  source: 'ingest',
  ingest: 'ingest',
  server: '',
  stream: '',
  everySeconds: '0.5',
  sampling: 'auto',
  cells: '2',
  delta: '12',
  masks: '',
  keepAliveSeconds: '',
  width: '320',
  quality: '90',
  store: '',
  picture: 'buffer',
  waits: false,
  ffmpeg: '',
};

describe('capture frames', function () {
  this.timeout(120_000);
  let port: number;
  let folder: string;
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('capture');
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const onIngest = (more: Partial<FlowNode> = {}): Flow =>
    around({ ...CAPTURE, ...more }, keysNode(folder), ingestNode(port));
  const children = (): number[] => (openIngest().frames as FramesOf).children;

  it('pictures of who publishes, each with its facts; every one that was looked at on output 2', async () => {
    await load(onIngest({ masks: '0 0 10 10; 90 90 10 10', keepAliveSeconds: '1' }));
    await waitFor(() => badges().at(-1) === 'waiting');
    await publish(port, 'anna', await withKey('anna'));
    const { topic, payload, frame, live } = await next('out', () => true, 60_000);
    assert.equal(topic, 'picture_changed');
    assert.equal(payload.readUIntBE(0, 3), 0xffd8ff);
    assert.equal(frame.sha256, createHash('sha256').update(payload).digest('hex'));
    assert.deepEqual([frame.stream, frame.why, frame.kept, frame.width], ['anna', 'first', true, 320]);
    assert.deepEqual([frame.id, frame.path, frame.sizeBytes], [null, null, payload.length]);
    assert.match(frame.dhash, /^[0-9a-f]{16}$/);
    assert.ok(Math.abs(Date.parse(frame.at) - Date.now()) < 60_000, frame.at);
    assert.deepEqual(
      [live.event, live.application, live.connection, live.output, live.at],
      ['picture_changed', 'ingest', { id: 'ingest', name: 'The ingest' }, 'anna', frame.at],
    );
    const again = await next('out', (msg) => msg.frame.why !== 'first', 60_000);
    assert.ok(['keep-alive', 'changed'].includes(again.frame.why));
    const seen = await next('interim', (msg) => !msg.payload.kept || msg.payload.seq > 0, 60_000);
    assert.equal(seen.topic, 'picture_seen');
    assert.deepEqual([seen.payload.stream, seen.live.action], ['anna', 'capture-frames']);
    await waitFor(() => badges().at(-1) === 'live');
  });

  it('now keeps one whatever it shows; stop ends, start goes on', async () => {
    await load(onIngest({ delta: '254', waits: true }));
    assert.equal(badges().at(-1), 'paused');
    await refuse({ payload: 'now' }, 'FRAMES_NONE');
    await refuse({ payload: 'film' }, 'ACTION_UNKNOWN');
    send({ payload: 'start' });
    await publish(port, 'anna', await withKey('anna'));
    await next('out', () => true, 60_000);
    send({ payload: 'now' });
    const asked = await next('out', (msg) => msg.frame.why === 'asked', 30_000);
    assert.equal(asked.live.expected, true);
    send({ payload: 'stop' });
    await waitFor(() => badges().at(-1) === 'paused');
    const before = heardBy('interim').length;
    await isLive('anna');
    send({ payload: 'start' });
    await waitFor(() => heardBy('interim').length > before, { timeoutMs: 60_000 });
  });

  it('deploys restart no decoder, and make no second first picture; none is left at the end', async () => {
    const flow = onIngest();
    await load(flow);
    await publish(port, 'anna', await withKey('anna'));
    await next('out', () => true, 60_000);
    // from the second key frame on the decoder knows what it is to do
    await waitFor(() => heardBy('interim').length > 12, { timeoutMs: 60_000 });
    const before = children();
    assert.equal(before.length, 1);
    for (let i = 0; i < loops(20, 4); i++) {
      const seen = heardBy('interim').length;
      await deploy([...flow, { id: `tab${i}`, type: 'tab', label: `${i}` }], 'full');
      await waitFor(() => heardBy('interim').length > seen, { timeoutMs: 60_000 });
      assert.deepEqual(children(), before);
    }
    assert.equal(heardBy('out').filter((msg) => msg.frame.why === 'first').length, 1);
    await deploy(
      flow.filter(({ id }) => id !== 'n' && id !== 'ingest'),
      'full',
    );
    await tearDown();
    await waitFor(() => !alive(before[0]!), { message: 'the decoder to be gone' });
  });

  it('a file and an address: pictures of it, and nothing of the address anywhere', async () => {
    const film = await numberedFilm({ seconds: 6 });
    await load(around({ ...CAPTURE, source: 'address', ingest: '', stream: 'film' }), {
      n: { address: film },
    });
    const { frame, live } = await next('out', () => true, 60_000);
    assert.deepEqual([frame.stream, live.application, live.connection.id], ['film', 'media-server', 'n']);

    const secret = 'hF8kQ2mWzP4rT6vX';
    const nobody = `rtmp://127.0.0.1:${await freePort()}/live/${secret}`;
    await deploy(around({ ...CAPTURE, source: 'address', ingest: '' }), 'full', { n: { address: nobody } });
    await waitFor(() => badges().at(-1) === 'degraded', { timeoutMs: 60_000 });
    const everything = JSON.stringify([heardBy('out'), heardBy('interim'), heardBy('badges'), logged()]);
    assert.ok(everything.includes('FRAMES_PULL'));
    assert.ok(!everything.includes(secret));
  });

  it('with a frame store: kept on the disk before it is told, and only its path where that is enough', async () => {
    const limits = { keepDays: '0', mostGb: '0', leastFreeGb: '0' };
    const where = { id: 'store', name: 'show', configVersion: 1, folder: join(folder, 'frames') };
    const flow = [
      ...onIngest({ store: 'store', picture: 'path', keepAliveSeconds: '1' }),
      { ...where, ...limits, type: 'live-frame-store' },
    ];
    await load(flow);
    await publish(port, 'anna', await withKey('anna'));
    const { topic, payload, frame, live } = await next('out', () => true, 60_000);
    assert.deepEqual([topic, live.event, payload], ['frame_stored', 'frame_stored', frame.path]);
    assert.ok(frame.path.startsWith(join(folder, 'frames', 'anna')), frame.path);
    const file = readFileSync(frame.path);
    assert.equal(frame.sha256, createHash('sha256').update(file).digest('hex'));
    assert.match(frame.id, /^anna\/\d{13}-\d+$/);
    // what was kept before a deploy is what is compared with after it
    await deploy([...flow, { id: 'more', type: 'tab', label: 'more' }], 'full');
    const before = heardBy('out').length;
    await waitFor(() => heardBy('out').length > before, { timeoutMs: 60_000 });
    assert.equal(heardBy('out').filter((msg) => msg.frame.why === 'first').length, 1);
  });

  for (const [what, more, code] of [
    ['no ingest', { ingest: '' }, 'FRAMES_SOURCE_MISSING'],
    ['a path without a store', { picture: 'path' }, 'CONFIG_INVALID'],
    ['parts with three numbers', { masks: '1 2 3' }, 'CONFIG_INVALID'],
    ['a name that no stream has', { stream: '../x' }, 'CONFIG_INVALID'],
    ['an address that is none', { source: 'address' }, 'FRAMES_SOURCE_MISSING'],
  ] as const)
    it(`${what}: misconfigured, and said so`, async () => {
      await load(onIngest(more));
      await waitFor(() => badges().at(-1) === 'misconfigured');
      await refuse({ payload: 'now' }, code);
    });

  it('an ffmpeg that is none: the badge says so', async () => {
    const none = join(folder, 'ffmpeg');
    writeFileSync(none, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    await load(around(CAPTURE, keysNode(folder), ingestNode(port, { ffmpeg: none })));
    await publish(port, 'anna', await withKey('anna'));
    await waitFor(() => badges().at(-1) === 'no ffmpeg', { timeoutMs: 30_000 });
    assert.ok(logged().some(({ text }) => text.includes('FRAMES_NO_FFMPEG')));
  });

  it('an ingest whose port another program has: the badge does not wait for streams until it is free', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    await load(onIngest());
    await waitFor(() => badges().at(-1) === 'degraded');
    await new Promise((resolve) => other.close(resolve));
    await waitFor(() => badges().at(-1) === 'waiting', { timeoutMs: 40_000 });
  });
});
