// The ingest inside Node-RED, with ffmpeg as its publishers.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { leases } from '../../red/leases';
import { certificates, freePort, requirePrograms, tempDir } from '../support';
import {
  around,
  ask,
  badges,
  deploy,
  heardBy,
  load,
  logged,
  next,
  refuse,
  tearDown,
  waitFor,
} from './support/rig';
import type { Flow, FlowNode } from './support/rig';
import {
  endPublishing,
  ingestNode,
  isLive,
  keysNode,
  keyStore,
  ON_INGEST,
  openIngest,
  publish,
  withKey,
} from './support/ingest';

describe('rtmp ingest', function () {
  this.timeout(90_000);
  let port: number;
  let folder: string;
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('ingest');
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const events = (settings: Partial<FlowNode> = {}, ...more: FlowNode[]): Flow =>
    around(
      {
        type: 'live-event',
        ...ON_INGEST,
        source: 'show',
        events: [],
        filters: [],
        limit: '',
        present: false,
      },
      keysNode(folder),
      ingestNode(port, settings),
      ...more,
    );
  const told = (topic: string, stream: string | null) =>
    next('out', (msg) => msg.topic === topic && msg.live.output === stream, 20_000);
  const everything = () => JSON.stringify([heardBy('out'), heardBy('caught'), heardBy('badges'), logged()]);

  it('who has a key publishes; who has none, or a wrong one, is told no and stops', async () => {
    await load(events());
    await waitFor(() => badges().at(-1) === 'ready');
    const key = await withKey('anna');
    const anna = await publish(port, 'anna', key);
    const { payload, live } = await told('stream_started', 'anna');
    assert.deepEqual(payload.publisher, { id: 'anna', name: 'Name of anna' });
    assert.equal(payload.server, `rtmp://127.0.0.1:${port}/live`);
    assert.deepEqual(
      [live.application, live.state, live.previous, live.expected, live.connection],
      ['ingest', 'live', 'idle', null, { id: 'ingest', name: 'The ingest' }],
    );
    await waitFor(() => badges().at(-1) === 'ready');
    for (const wrong of [undefined, 'key=wrong', `${key}x`]) {
      const stranger = await publish(port, 'bob', wrong);
      await stranger.gone(20_000);
    }
    const denied = await told('publisher_denied', 'bob');
    assert.equal(denied.payload.reason, 'key');
    const second = await publish(port, 'anna', key);
    await second.gone(20_000);
    assert.equal((await told('publisher_denied', 'anna')).payload.reason, 'busy');
    assert.ok(anna.running);
    await anna.stop();
    const stopped = await told('stream_stopped', 'anna');
    assert.ok(stopped.payload.final.sizeBytes > 0 && stopped.payload.final.durationMs > 0);
    assert.equal(stopped.live.expected, true);
    assert.ok(!everything().includes(key.split('=')[1]!), 'the key was told');
  });

  it('who is cut off is away for the grace, and back or gone after it', async () => {
    await load(events());
    const key = await withKey('anna');
    const first = await publish(port, 'anna', key);
    await told('stream_started', 'anna');
    first.kill();
    const away = await told('stream_reconnecting', 'anna');
    assert.equal(away.live.state, 'reconnecting');
    const second = await publish(port, 'anna', key);
    const back = await told('stream_reconnected', 'anna');
    assert.ok(back.payload.awayMs >= 0);
    second.kill();
    const gone = await told('stream_stopped', 'anna');
    assert.equal(gone.live.previous, 'reconnecting');
    assert.equal(heardBy('out').filter(({ topic }) => topic === 'stream_started').length, 1);
  });

  it('a Full deploy cuts nobody off; new limits count at once, another port opens it anew', async () => {
    await load(events());
    const key = await withKey('anna');
    const anna = await publish(port, 'anna', key);
    await isLive('anna');
    const [before] = openIngest().ingest.feeds();
    const bytes = before!.figures().bytes;
    await deploy(events({ mostPublishers: '1', maxKbps: '90000' }), 'full');
    const [after] = openIngest().ingest.feeds();
    assert.equal(after, before);
    await waitFor(() => after!.figures().bytes > bytes);
    assert.ok(anna.running);
    assert.equal(openIngest().ingest.settings.mostPublishers, 1);
    const ben = await publish(port, 'ben', await withKey('ben'));
    await ben.gone(20_000);
    assert.equal((await told('publisher_denied', 'ben')).payload.reason, 'full');
    // whose key was made anew is put out
    await keyStore().rotate('anna');
    await anna.gone(20_000);
    assert.equal((await told('stream_stopped', 'anna')).live.expected, true);
    const other = await freePort();
    port = other;
    await deploy(events(), 'full');
    await waitFor(() => openIngest().ingest.status().port === other);
    await publish(
      other,
      'ben',
      await keyStore()
        .rotate('ben')
        .then(({ streamKey }) => streamKey.split('?')[1]!),
    );
    await isLive('ben');
  });

  it('a port that another program has is told, and taken once it is free', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    await load(events());
    await waitFor(() => badges().at(-1) === 'disconnected');
    await waitFor(() => /The ingest cannot listen at 127\.0\.0\.1:\d+/.test(JSON.stringify(logged())));
    await new Promise((resolve) => other.close(resolve));
    await waitFor(() => badges().at(-1) === 'ready', { timeoutMs: 40_000 });
  });

  it('without keys and gate nobody comes in, and the badge says so', async () => {
    await load(events({ keys: '' }));
    await waitFor(() => badges().at(-1) === 'misconfigured', { timeoutMs: 10_000 });
    const anna = await publish(port, 'anna');
    await anna.gone(20_000);
    assert.equal((await told('publisher_denied', 'anna')).payload.reason, 'unguarded');
    assert.match(JSON.stringify(logged()), /INGEST_UNGUARDED|Nobody says who may publish/);
  });

  it('status tells how it listens and who publishes', async () => {
    await load(around({ type: 'live-status', ...ON_INGEST, every: '0' }, keysNode(folder), ingestNode(port)));
    await publish(port, 'anna', await withKey('anna'));
    await isLive('anna');
    await waitFor(() => badges().at(-1) === 'live');
    await waitFor(async () => (await ask({})).payload.streams[0]?.bitrateKbps > 0, { timeoutMs: 20_000 });
    const { payload, live } = await ask({});
    assert.equal(live.state, 'live');
    const [stream] = payload.streams;
    assert.deepEqual([stream.output, stream.state, stream.droppedFrames], ['anna', 'live', null]);
    assert.ok(stream.totalFrames > 0 && stream.sizeBytes > 0);
    const { listening, guarded, publishers } = payload.ingest;
    assert.ok(listening && guarded);
    assert.match(publishers[0].resolution, /^\d+x\d+$/);
    assert.equal(publishers[0].videoCodec, 'avc');
    assert.equal(payload.statistics.publishers, 1);
  });

  it('snapshot takes the newest picture of a stream, and says where it needs a name', async () => {
    const snapshot = {
      ...{ type: 'live-snapshot', ...ON_INGEST, show: 'program', source: 'payload', sourceType: 'msg' },
      ...{ to: 'message', path: '', pathType: 'str', overwrite: false },
      ...{ format: 'jpg', width: '160', height: '', quality: '80' },
    };
    const flow = (more: Partial<FlowNode> = {}) =>
      around({ ...snapshot, ...more }, keysNode(folder), ingestNode(port));
    await load(flow());
    await waitFor(() => badges().at(-1) === 'ready');
    await refuse({}, 'INGEST_NOBODY');
    await publish(port, 'anna', await withKey('anna'));
    await isLive('anna');
    const { payload, picture, live } = await ask({}, 'n', 30_000);
    assert.deepEqual([picture.source, picture.format, picture.width], ['anna', 'jpg', 160]);
    assert.deepEqual([...(payload as Buffer).subarray(0, 2)], [0xff, 0xd8]);
    assert.deepEqual([live.application, live.confirmedBy], ['ingest', 'application']);
    assert.ok(Math.abs(Date.parse(picture.takenAt as string) - Date.now()) < 30_000);
    // somebody else's decoder is left alone, and what it makes is not what was asked for
    const wish = { everyMs: 500, sampling: 'keyframes', width: 96, quality: 75 } as const;
    const tap = openIngest().frames.tap('anna', wish);
    try {
      await waitFor(() => tap.last()?.width === 96, { timeoutMs: 30_000 });
      assert.equal((await ask({}, 'n', 30_000)).picture.width, 160);
      await deploy(flow({ width: '64' }));
      assert.equal((await ask({}, 'n', 30_000)).picture.width, 64);
      const seen = tap.last()!.seq;
      const widths = new Set<number>();
      const release = tap.onFrame((frame) => void widths.add(frame.width));
      await waitFor(() => tap.last()!.seq > seen + 1, { timeoutMs: 30_000 });
      release();
      assert.deepEqual([[...widths], tap.status().mode, tap.status().restarts], [[96], 'keyframes', 0]);
    } finally {
      tap.release(true);
    }
    await publish(port, 'ben', await withKey('ben'));
    await isLive('ben');
    await refuse({}, 'INGEST_SEVERAL');
    await deploy(flow({ show: 'source' }));
    assert.equal((await ask({ payload: 'ben' }, 'n', 30_000)).picture.source, 'ben');
    await refuse({ payload: 'cleo' }, 'INGEST_NOBODY');
    await deploy(flow({ format: 'png' }));
    await refuse({}, 'PICTURE_FORMAT');
  });

  it('stream started and stream stopped hear one stream alone, and the present state where it is asked for', async () => {
    const started = { type: 'live-stream-started', ...ON_INGEST, stream: 'ben', present: false };
    const flow = (more: Partial<FlowNode> = {}) =>
      around({ ...started, ...more }, keysNode(folder), ingestNode(port));
    await load(flow());
    await publish(port, 'anna', await withKey('anna'));
    await isLive('anna');
    assert.equal(badges().at(-1), 'ready', 'another stream is none of its business');
    await publish(port, 'ben', await withKey('ben'));
    await told('stream_started', 'ben');
    assert.equal(heardBy('out').length, 1);
    await waitFor(() => badges().at(-1) === 'live');
    await deploy(flow({ stream: '', present: true }));
    const present = await next('out', ({ live }) => live.output === 'anna');
    assert.equal(present.live.cause, 'startup');
    // of whatever ingest there is
    await deploy(flow({ type: 'live-stream-stopped', ingest: '', stream: '', which: 'all' }));
    const [anna] = openIngest().ingest.feeds();
    openIngest().ingest.kick(anna!.connectionId, 'put out');
    assert.equal((await told('stream_stopped', 'anna')).live.expected, true);
  });

  for (const [what, settings, words] of [
    ['a host', { host: 'a b' }, /host/],
    ['an app', { app: 'a/b' }, /app/],
    ['a port', { port: '70000' }, /port/],
    ['an address of players', { playFrom: 'nowhere.example' }, /allowed addresses/],
    ['a TLS configuration', { tls: 'gone' }, /TLS/],
    ['stream keys', { keys: 'gone' }, /KEYS_MISSING|No stream keys/],
  ] as const)
    it(`${what} that makes no sense is told, and opens nothing`, async () => {
      await load(events(settings));
      await waitFor(() => badges().at(-1) === 'misconfigured');
      assert.match(JSON.stringify(logged()), words);
    });

  it('RTMPS takes the certificate of the TLS configuration', async () => {
    const files = certificates(folder);
    const [key, cert] = [readFileSync(files.key, 'utf8'), readFileSync(files.cert, 'utf8')];
    const addTLSOptions = (options: object) => ({ ...options, key, cert });
    const tls = (RED: NodeAPI) =>
      RED.nodes.registerType('test-tls', function (this: Node, config: NodeDef) {
        RED.nodes.createNode(this, config);
        Object.assign(this, { valid: true, addTLSOptions });
      });
    await load(events({ tls: 'tls' }, { id: 'tls', type: 'test-tls' }), {}, [tls]);
    await waitFor(() => badges().at(-1) === 'ready');
    assert.match(openIngest().facts().server, /^rtmps:/);
  });
});
