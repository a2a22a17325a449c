// A publish gate, a queue, sessions and a receiver on a media server that is Node-RED itself, with ffmpeg as its publishers.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import { tokensOf } from '../../lib/keys/token';
import { awaitReceived } from '../../lib/media-servers/received';
import { freePort, requirePrograms, tempDir } from '../support';
import type { MediaServerNode } from '../../red/guests';
import {
  around,
  ask,
  badges,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  next,
  send,
  tearDown,
  waitFor,
} from './support/rig';
import type { Flow, FlowNode } from './support/rig';
import {
  endPublishing,
  ingestNode,
  isLive,
  keysNode,
  openIngest,
  publish,
  serverNode,
  withKey,
} from './support/ingest';

describe('a media server that is Node-RED itself', function () {
  this.timeout(90_000);
  let port: number;
  let folder: string;
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('ingest-gate');
    leases.lingerMs = 10_000;
  });
  afterEach(async () => {
    await endPublishing();
    await tearDown();
  });

  const gate = (more: Partial<FlowNode> = {}, settings: Partial<FlowNode> = {}): Flow =>
    around(
      {
        type: 'live-publish-gate',
        server: 'server',
        admission: 'keys',
        keys: 'keys',
        queue: '',
        answerMs: '800',
        target: '',
        sendOn: 'first',
        players: 'anyone',
        ...more,
      },
      keysNode(folder),
      // the gate alone decides
      ingestNode(port, { keys: '', ...settings }),
      serverNode(),
    );
  const told = (topic: string, id: string) =>
    next('out', (msg) => msg.topic === topic && msg.payload.publisher.id === id, 20_000);
  const ready = () => waitFor(() => badges().at(-1) === 'ready', { timeoutMs: 10_000 });

  it('keys: the right one comes in, others are denied, and a deploy cuts nobody off', async () => {
    await load(gate());
    await ready();
    const key = await withKey('anna');
    const anna = await publish(port, 'anna', key);
    const came = await told('publisher_waiting', 'anna');
    assert.deepEqual(came.payload.publisher, { id: 'anna', name: 'Name of anna' });
    assert.equal(came.payload.address, '127.0.0.1');
    for (const wrong of [undefined, 'key=wrong']) await (await publish(port, 'ben', wrong)).gone(20_000);
    assert.match((await told('publisher_denied', 'ben')).payload.reason, /unknown|no-key|wrong-key/);
    const [before] = openIngest().ingest.feeds();
    await deploy(gate(), 'full');
    await ready();
    assert.equal(openIngest().ingest.feeds()[0], before);
    await publish(port, 'cleo', await withKey('cleo'));
    await told('publisher_waiting', 'cleo');
    await anna.stop();
    await told('publisher_left', 'anna');
    const everything = JSON.stringify([heardBy('out'), heardBy('caught'), heardBy('badges'), logged()]);
    assert.ok(!everything.includes(key.split('=')[1]!));
  });

  it('the flow: it is asked, and its answer counts', async () => {
    await load(gate({ admission: 'flow', keys: '' }));
    await ready();
    const coming = publish(port, 'anna');
    const asked = await next('interim', ({ topic }) => topic === 'publisher_asks', 20_000);
    send({ ask: asked.ask, payload: { allow: true, name: 'Anna' } });
    await coming;
    await told('publisher_waiting', 'anna');
    assert.equal(openIngest().facts().publishers[0]?.name, 'Anna');
    const stranger = await publish(port, 'ben');
    const other = await next('interim', ({ payload }) => payload.publisher.id === 'ben', 20_000);
    send({ ask: other.ask, payload: false });
    await stranger.gone(20_000);
    assert.equal((await told('publisher_denied', 'ben')).payload.reason, 'refused');
    // no answer is a no, and nobody else has to wait for it
    await (await publish(port, 'cleo')).gone(20_000);
    assert.equal((await told('publisher_denied', 'cleo')).payload.reason, 'not-answered');
    assert.deepEqual(
      openIngest()
        .ingest.feeds()
        .map(({ stream }) => stream),
      ['anna'],
    );
  });

  it('signed tokens: one that is right lets in; expired, of somebody else, and none do not', async () => {
    const secret = 'a-secret-for-tokens-of-the-show';
    await load(gate({ admission: 'token' }), { keys: { tokenSecret: secret } });
    await ready();
    const tokenOf = (stream: string, madeMs = Date.now()) =>
      `token=${tokensOf(secret).make(stream, 60_000, madeMs).token}`;
    const mine = tokenOf('anna');
    const anna = await publish(port, 'anna', mine);
    await told('publisher_waiting', 'anna');
    const wrong: Record<string, [string | undefined, string]> = {
      bob: [undefined, 'no-token'],
      cleo: [mine, 'wrong-token'],
      dora: [tokenOf('dora', Date.now() - 70_000), 'expired'],
    };
    for (const [stream, [token, reason]] of Object.entries(wrong)) {
      await (await publish(port, stream, token)).gone(20_000);
      assert.equal((await told('publisher_denied', stream)).payload.reason, reason);
    }
    assert.ok(anna.running);
    assert.deepEqual(
      openIngest()
        .ingest.feeds()
        .map(({ stream }) => stream),
      ['anna'],
    );
    const everything = JSON.stringify([heardBy('out'), heardBy('caught'), heardBy('badges'), logged()]);
    assert.ok(!everything.includes(secret) && !everything.includes(mine.split('=')[1]!));
  });

  it('everybody: who comes while a deploy has taken the gate away waits for the next one', async () => {
    await load(gate({ admission: 'anyone', keys: '' }));
    await ready();
    const deployed = deploy(gate({ admission: 'anyone', keys: '' }), 'full');
    await publish(port, 'anna');
    await deployed;
    await isLive('anna');
  });

  it('what belongs into the dialog of the ingest is told', async () => {
    await load(gate({ players: 'token' }), { n: { playToken: 'a-token-of-players' } });
    await waitFor(() => badges().at(-1) === 'misconfigured');
    assert.match(JSON.stringify(logged()), /set in its own dialog/);
  });

  it('a session: status tells live figures, and stop disconnects at once', async () => {
    const session = (action: string): Partial<FlowNode> & { type: string } => ({
      ...{ type: 'live-stream-session', keys: 'keys', mediaServer: 'server', action },
      ...{
        session: 'payload',
        sessionType: 'msg',
        guest: '',
        guestType: 'str',
        metadata: '',
        metadataType: 'json',
      },
      ...{
        minutes: '',
        minutesType: 'num',
        limitMinutes: '',
        limitMinutesType: 'num',
        priority: '',
        priorityType: 'num',
      },
    });
    const flow = around(session('message'), keysNode(folder), ingestNode(port), serverNode());
    await load(flow);
    const anna = await publish(port, 'anna', await withKey('anna'));
    await isLive('anna');
    await waitFor(async () => (await ask({ payload: 'status' })).payload.streams[0]?.bitrate_kbps > 0, {
      timeoutMs: 20_000,
    });
    const [live] = (await ask({ payload: 'status' })).payload.streams;
    assert.equal(live.session_id, 'anna');
    assert.match(live.resolution, /^\d+x\d+$/);
    assert.ok(live.bytes_received > 0 && live.frames_received > 0 && live.live_since);
    const stopped = await ask({ payload: { action: 'stop', session_id: 'anna' } });
    assert.deepEqual([stopped.payload.status, stopped.payload.kicked], ['stopped', 1]);
    assert.ok(stopped.live.tookMs < 10_000);
    assert.deepEqual(openIngest().ingest.feeds(), []);
    await anna.gone(20_000);
  });

  it('a receiver: what arrives is confirmed by it, and players find it with the token of the ingest', async () => {
    await load(gate({ admission: 'anyone', keys: '' }), { ingest: { playToken: 'a-token-of-players' } });
    await ready();
    const server = helper.getNode('server') as unknown as MediaServerNode;
    assert.equal(server.playAddress, `rtmp://127.0.0.1:${port}/{app}/{stream}?token=a-token-of-players`);
    assert.equal(server.publishAddress, `rtmp://127.0.0.1:${port}/live`);
    await publish(port, 'anna');
    const lease = server.acquire();
    try {
      const stream = { app: 'live', stream: 'anna' };
      assert.deepEqual(await awaitReceived(lease.value, stream, { withinMs: 20_000 }), { confirmed: true });
      const { publishers } = await lease.value.list();
      assert.equal(publishers[0]?.readers, 0);
      assert.equal(await lease.value.kick({ ...stream, clientId: 'another' }), 'absent');
      assert.equal(await lease.value.kick({ ...stream, clientId: publishers[0].clientId }), 'kicked');
      assert.deepEqual((await lease.value.list()).publishers, []);
    } finally {
      lease.release();
    }
  });
});
