// Stream session and stream keys: sessions from a flow and from the dialog, who of them is live, and where their keys are seen.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { lockFolder } from '../../lib/durable/lock';
import type { KeyStore } from '../../lib/keys/types';
import { createMediaServer } from '../../lib/media-servers/client';
import type { StreamKeysNode } from '../../red/guests';
import { startMediaServerSimulator, type MediaServerSimulator } from '../../simulators/media-servers';
import { tempDir } from '../support/temp';
import {
  around,
  ask,
  auth,
  badges,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  refuse,
  send,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
  type Msg,
} from './support/rig';
import { openRoutes, type Routes } from './support/routes';
import { folders, linesOf, logNode } from './support/witness';

const TOKEN_SECRET = 'a secret of the tests, made by chance';

describe('live-stream-session', () => {
  let folder: string;
  let server: MediaServerSimulator | null = null;
  beforeEach(() => {
    folder = tempDir('sessions');
  });
  afterEach(async () => {
    await tearDown();
    await server?.close();
    server = null;
  });

  const keysNode = (more: Partial<FlowNode> = {}): FlowNode => ({
    id: 'keys',
    type: 'live-stream-keys',
    name: 'guests',
    configVersion: 1,
    folder,
    mostPeople: '',
    ...more,
  });
  const session = (more: Partial<FlowNode> = {}): Partial<FlowNode> & { type: string } => ({
    type: 'live-stream-session',
    keys: 'keys',
    mediaServer: '',
    action: 'message',
    session: 'payload.session_id',
    sessionType: 'msg',
    guest: 'payload.name',
    guestType: 'msg',
    metadata: 'payload.metadata',
    metadataType: 'msg',
    minutes: '10',
    minutesType: 'num',
    limitMinutes: '',
    limitMinutesType: 'num',
    priority: '',
    priorityType: 'num',
    ...more,
  });
  const flow = (more: Partial<FlowNode> = {}, keys: Partial<FlowNode> = {}, ...others: FlowNode[]): Flow =>
    around(session(more), keysNode(keys), ...others);

  /** The config node of a media server, as far as a session needs it. */
  const serverNode: FlowNode = { id: 'server', type: 'test-media-server', name: 'SRS' };
  function serverType(RED: NodeAPI): void {
    RED.nodes.registerType('test-media-server', function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
      const client = createMediaServer({
        kind: server!.kind,
        api: (config as { api?: string | null }).api === null ? null : server!.api,
        control: null,
        user: null,
        password: null,
        timeoutMs: 2000,
      });
      Object.assign(this, {
        fault: null,
        simulated: true,
        apps: ['live'],
        publishAddress: 'rtmp://studio.example/live',
        acquire: () => ({ value: client, release: () => void client.close() }),
      });
    });
  }
  const withServer = async (more: Partial<FlowNode> = {}): Promise<void> => {
    server = await startMediaServerSimulator('srs', { speed: 20 });
    await load(flow({ mediaServer: 'server' }, {}, { ...serverNode, ...more }), {}, [serverType]);
  };
  const create = async (name: string): Promise<Msg> =>
    (await ask({ payload: { action: 'create', name } })).payload as Msg;
  const does = async (action: string, session_id?: string): Promise<Msg> =>
    (await ask({ payload: { action, session_id } })).payload as Msg;
  const store = (): KeyStore => {
    const lease = (helper.getNode('keys') as unknown as StreamKeysNode).acquire();
    lease.release();
    return lease.value;
  };

  it('creates, lists, gets, starts, stops, rotates and deletes, with the names of the REST interface', async () => {
    await load(flow());
    const answer = await ask({
      topic: 'kept',
      payload: {
        action: 'create',
        name: 'Anna & Bö',
        metadata: { song: 'Blue' },
        limit_minutes: 5,
        priority: 2,
      },
    });
    const { stream_key, created_at, key_changed_at, ...made } = answer.payload;
    assert.match(stream_key, /^anna-bo\?key=[a-z2-7]{32}$/);
    assert.ok(Date.now() - Date.parse(created_at) < 60_000);
    assert.equal(key_changed_at, created_at);
    assert.deepEqual(made, {
      session_id: 'anna-bo',
      name: 'Anna & Bö',
      status: 'waiting',
      active: true,
      rtmp_url: null,
      metadata: { song: 'Blue' },
      limit_ms: 300_000,
      priority: 2,
      live_since: null,
      resolution: null,
      bitrate_kbps: null,
      bytes_received: null,
      frames_received: null,
      unknown: { rtmp_url: 'no media server with a publish address is chosen' },
    });
    assert.equal(answer.topic, 'kept');
    const { tookMs, ...live } = answer.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'session-create',
      application: 'media-server',
      connection: null,
      output: null,
      state: 'waiting',
      confirmedBy: null,
    });
    assert.equal(store().check(stream_key, null).ok, true);
    await create('Bert');

    const list = (await does('list')) as Msg[];
    assert.deepEqual(
      list.map(({ session_id, status }) => [session_id, status]),
      [
        ['anna-bo', null],
        ['bert', null],
      ],
    );
    assert.ok(!JSON.stringify(list).includes('key='));
    const got = await does('get', 'anna-bo');
    assert.equal(got.unknown.status, 'no media server is chosen');
    assert.ok(!('stream_key' in got));

    const stopped = await does('stop', 'anna-bo');
    assert.deepEqual([stopped.status, stopped.active, stopped.kicked], ['stopped', false, null]);
    assert.equal(stopped.unknown.live_since, 'no media server is chosen');
    assert.equal(store().check(stream_key, null).ok, false);
    assert.equal((await does('start', 'anna-bo')).active, true);
    assert.equal(store().check(stream_key, null).ok, true);

    const rotated = await does('rotate', 'anna-bo');
    assert.notEqual(rotated.stream_key, stream_key);
    assert.equal(store().check(stream_key, null).ok, false);
    assert.equal(store().check(rotated.stream_key, null).ok, true);

    assert.deepEqual(await does('delete', rotated.stream_key), {
      session_id: 'anna-bo',
      name: 'Anna & Bö',
      deleted: true,
      kicked: null,
      unknown: { kicked: 'no media server is chosen' },
    });
    const { unknown, ...status } = await does('status');
    assert.deepEqual(status, {
      reachable: null,
      sessions: 1,
      live: null,
      waiting: null,
      stopped: 0,
      streams: [],
      strangers: [],
    });
    assert.equal(unknown.live, 'no media server is chosen');
    assert.equal(badges().at(-1), 'ready');
  });

  it('keeps sessions over a deploy and a restart', async () => {
    await load(flow());
    const { stream_key } = await create('Anna');
    await deploy(flow({ name: 'renamed' }));
    assert.equal((await does('get', 'anna')).name, 'Anna');
    await tearDown();
    await load(flow());
    assert.equal(store().check(stream_key, null).ok, true);
    assert.ok(!readFileSync(join(folder, 'people.json'), 'utf8').includes(stream_key.split('=')[1]));
  });

  it('reads what the dialog names, and a payload that is only an action', async () => {
    await load(
      flow({ action: 'create', guest: 'who', session: 'own', metadata: '{"n":1}', metadataType: 'json' }),
    );
    const made = (await ask({ who: 'Anna', own: 'a-1', payload: { name: 'not asked' } })).payload;
    assert.deepEqual([made.session_id, made.name, made.metadata], ['a-1', 'Anna', { n: 1 }]);
    await deploy(flow({ session: 'a-1', sessionType: 'str' }));
    assert.equal((await ask({ payload: ' GET ' })).payload.session_id, 'a-1');
    assert.equal((await ask({ payload: 'delete' })).payload.deleted, true);
  });

  it('refuses what makes no sense, with a code', async () => {
    await load(flow({}, { mostPeople: '1' }));
    await create('Anna');
    for (const [payload, code] of [
      [{ action: 'get', session_id: 'nobody' }, 'KEYS_UNKNOWN'],
      [{ action: 'rotate', session_id: '__proto__' }, 'KEYS_UNKNOWN'],
      [{ action: 'delete', session_id: 'nobody' }, 'KEYS_UNKNOWN'],
      [{ action: 'get' }, 'INPUT_INVALID'],
      [{ action: 'stop', session_id: { a: 1 } }, 'INPUT_INVALID'],
      [{ action: 'create' }, 'INPUT_INVALID'],
      [{ action: 'create', name: 'x'.repeat(100) }, 'INPUT_INVALID'],
      [{ action: 'create', name: 'Bert', metadata: 'no JSON' }, 'INPUT_INVALID'],
      [
        { action: 'create', name: 'Bert', metadata: JSON.parse('{"__proto__":1}') as object },
        'INPUT_INVALID',
      ],
      [{ action: 'create', name: 'Bert', limit_minutes: 'soon' }, 'INPUT_INVALID'],
      [{ action: 'create', name: 'Bert' }, 'KEYS_FULL'],
      [{ action: 'token', session_id: 'guest', minutes: 5 }, 'KEYS_NO_TOKENS'],
      [{ action: 'fly' }, 'ACTION_UNKNOWN'],
      ['fly', 'ACTION_UNKNOWN'],
      [17, 'ACTION_UNKNOWN'],
      [null, 'ACTION_UNKNOWN'],
    ] as const)
      await refuse({ payload }, code);
    await deploy(flow({ keys: '' }));
    await refuse({ payload: 'list' }, 'KEYS_MISSING');
    assert.equal(badges().at(-1), 'misconfigured');
    await deploy(flow({}, { mostPeople: 'many' }));
    await refuse({ payload: 'list' }, 'CONFIG_INVALID');
    await deploy(flow({ mediaServer: 'gone' }));
    await refuse({ payload: 'list' }, 'MEDIA_SERVER_MISSING');
  });

  it('joins what the media server says, and disconnects who is stopped or deleted', async () => {
    await withServer();
    const { rtmp_url } = await create('Anna');
    assert.equal(rtmp_url, 'rtmp://studio.example/live/anna');
    await create('Bert');
    assert.equal((await does('get', 'anna')).status, 'waiting');
    await server!.publish('anna?key=x', { kbps: 2500 });
    await server!.publish('stranger');
    // another application of the server is none of ours
    await server!.publish('bert', { app: 'private' });
    const live = await waitFor(async () => {
      const now = await does('get', 'anna');
      return now.status === 'live' && now.bitrate_kbps !== null ? now : null;
    });
    assert.ok(live.bytes_received > 0 && live.frames_received > 0, JSON.stringify(live));
    assert.match(live.resolution, /^\d+x\d+$/);
    assert.ok(live.live_since === null ? live.unknown.live_since : Date.parse(live.live_since) <= Date.now());
    const status = await does('status');
    assert.deepEqual(
      [status.reachable, status.sessions, status.live, status.waiting, status.stopped, status.strangers],
      [true, 2, 1, 1, 0, [{ app: 'live', stream: 'stranger' }]],
    );
    assert.deepEqual(
      status.streams.map(({ session_id }: Msg) => session_id as string),
      ['anna'],
    );

    const stopped = await does('stop', 'anna');
    assert.deepEqual([stopped.status, stopped.active, stopped.kicked], ['stopped', false, 1]);
    assert.deepEqual(
      server!.publishers.map(({ stream }) => stream),
      ['stranger', 'bert'],
      'nobody else was disconnected',
    );
    await server!.publish('anna');
    assert.equal((await does('delete', 'anna')).kicked, 1);
    assert.equal((await does('stop', 'bert')).kicked, 0);
    assert.equal(badges().at(-1), 'sim ready');
  });

  it('says unknown with a reason while the media server does not answer, and that nobody was disconnected', async () => {
    await withServer();
    const { stream_key } = await create('Anna');
    await server!.apiOn(false);
    const got = await waitFor(async () => {
      const now = await does('get', 'anna');
      return now.status === null ? now : null;
    });
    assert.match(got.unknown.status, /Nothing listens/);
    assert.equal((await does('status')).reachable, false);
    const caught = await refuse({ payload: { action: 'stop', session_id: 'anna' } }, 'SESSION_NOT_KICKED');
    assert.match(caught.error.message, /is stopped, but whoever publishes it .* Nothing listens/);
    assert.deepEqual(store().check(stream_key, null), { ok: false, why: 'inactive' }, 'stopped all the same');
    await refuse({ payload: { action: 'delete', session_id: 'anna' } }, 'SESSION_NOT_KICKED');
    assert.equal(store().get('anna'), null);
  });

  it('stops without disconnecting where the server has no way to, and says so', async () => {
    await withServer({ api: null });
    await create('Anna');
    const stopped = await does('stop', 'anna');
    assert.equal(stopped.kicked, null);
    assert.match(stopped.unknown.kicked, /No API address/);
  });

  it('makes tokens that end, with the secret of the stream keys', async () => {
    await load(flow({ action: 'token', session: 'stream', sessionType: 'msg' }), {
      keys: { tokenSecret: TOKEN_SECRET },
    });
    const before = Date.now();
    const { payload } = await ask({ stream: 'visitor.7' });
    const ends = Date.parse(payload.expires_at);
    assert.ok(ends >= before + 599_000 - 1000 && ends <= Date.now() + 600_000);
    assert.match(payload.stream_key, /^visitor\.7\?token=[0-9a-z]+\.[\w-]{43}$/);
    const { tokens } = helper.getNode('keys') as unknown as StreamKeysNode;
    assert.equal(tokens!.check('visitor.7', payload.stream_key.split('token=')[1], Date.now()).ok, true);
    await refuse({ stream: 'a b' }, 'INPUT_INVALID');
    await deploy(flow(), 'full', { keys: { tokenSecret: 'short' } });
    await refuse({ payload: 'list' }, 'CONFIG_INVALID');
  });

  it('says who uses its folder, and goes on by itself when it is free', async () => {
    const other = await lockFolder(folder);
    await load(flow());
    await refuse({ payload: { action: 'create', name: 'Anna' } }, 'DURABLE_LOCKED');
    await other.release();
    await waitFor(
      async () => {
        const before = heardBy('out').length;
        const faults = heardBy('caught').length;
        send({ payload: { action: 'create', name: 'Anna' } });
        await waitFor(() => heardBy('out').length > before || heardBy('caught').length > faults);
        return heardBy('out').length > before;
      },
      { intervalMs: 200 },
    );
    assert.equal(logged().filter(({ text }) => text.includes('DURABLE_LOCKED')).length, 1, 'told once');
  });

  it('shows a key in its one reply: not in the log of Node-RED, the witness, an error or a status', async () => {
    const at = folders();
    const chain: FlowNode = {
      id: 'w',
      type: 'live-witness',
      z: 'tab',
      x: 1,
      y: 1,
      name: '',
      log: 'log',
      checkpoints: 'each',
      minutes: '30',
      configVersion: 1,
      wires: [['passed'], []],
    };
    await load(
      flow({ wires: [['out', 'w']] }, {}, logNode(at), chain, {
        id: 'passed',
        type: 'test-sink',
        z: 'tab',
        x: 1,
        y: 1,
      }),
      { keys: { tokenSecret: TOKEN_SECRET } },
    );
    const made = await create('Anna');
    const rotated = await does('rotate', 'anna');
    const token = (await ask({ payload: { action: 'token', session_id: 'x', minutes: 5 } })).payload;
    // somebody pastes his key where a name belongs
    const said = `anna ${String(made.stream_key)}`;
    await refuse({ payload: { action: rotated.stream_key.split('=')[1] } }, 'ACTION_UNKNOWN');
    await refuse(
      { payload: { action: 'create', session_id: said.replace('?', ' '), name: 'x' } },
      'INPUT_INVALID',
    );
    await waitFor(() => heardBy('passed').length === 3);
    const newest = [rotated.stream_key, token.stream_key].map((key: string) => key.split('=')[1]!);
    const told = JSON.stringify([
      linesOf(at.log),
      logged(),
      badges(),
      heardBy('caught').map(({ error }) => error as object),
      heardBy('caught').map(({ error }) => [error.message, error.stack] as unknown),
    ]);
    for (const secret of [...newest, TOKEN_SECRET]) assert.ok(!told.includes(secret), 'a secret is told');
    for (const key of [made.stream_key.split('=')[1] as string])
      assert.ok(!JSON.stringify([linesOf(at.log), logged()]).includes(key));
    assert.ok(told.includes('[hidden]'));
  });

  describe('live-stream-keys: the list in its dialog', () => {
    let routes: Routes;
    beforeEach(async () => {
      await load(flow(), { keys: { tokenSecret: TOKEN_SECRET } });
      routes = await openRoutes(TOKEN_SECRET);
    });
    afterEach(() => routes.close());
    const post = async (what: string, body: object = {}) =>
      (await routes.post(`keys/${what}`, { id: 'keys', ...body })).body;

    it('makes, rotates, changes and deletes, and shows a key once', async () => {
      const { ok, person, streamKey } = await post('add', { name: 'Anna' });
      assert.ok(ok);
      assert.equal(store().check(streamKey, null).ok, true);
      const list = await post('list');
      assert.deepEqual(list, { ok: true, people: [person], fault: null });
      assert.deepEqual(Object.keys(person), ['id', 'name', 'active', 'createdAt', 'keyChangedAt', 'origin']);
      assert.ok(!JSON.stringify(list).includes(streamKey.split('=')[1]));
      const rotated = await post('rotate', { person: 'anna' });
      assert.equal(store().check(streamKey, null).ok, false);
      assert.equal(store().check(rotated.streamKey, null).ok, true);
      assert.equal((await post('active', { person: 'anna', active: false })).person.active, false);
      assert.deepEqual(await post('remove', { person: 'anna' }), { ok: true, removed: true });
      assert.deepEqual((await post('list')).people, []);
    });

    it('shows what somebody put in the place of the file', async () => {
      await post('add', { name: 'Anna' });
      const saved = readFileSync(join(folder, 'people.json'));
      await post('remove', { person: 'anna' });
      writeFileSync(join(folder, 'people.json'), saved);
      assert.deepEqual(
        (await post('list')).people.map(({ id }: Msg) => id as string),
        ['anna'],
      );
    });

    it('answers nobody who may not, and faults in words', async () => {
      for (const [what, body, code] of [
        ['rotate', { person: 'nobody' }, 'KEYS_UNKNOWN'],
        ['active', { person: 'nobody', active: true }, 'KEYS_UNKNOWN'],
        ['rotate', {}, 'INPUT_INVALID'],
        ['add', { name: '' }, 'INPUT_INVALID'],
        ['add', { name: { a: 1 } }, 'INPUT_INVALID'],
        ['add', { id: 'n', name: 'x' }, 'INPUT_INVALID'],
      ] as const)
        assert.equal((await post(what, body)).code, code, what);
      assert.deepEqual(await post('list', { id: 'not-deployed' }), { ok: true, people: null });
      auth.allowed.delete('live-production.write');
      for (const what of ['add', 'rotate', 'remove', 'active'])
        assert.equal(
          (await routes.post(`keys/${what}`, { id: 'keys', name: 'Eve', person: 'anna' })).status,
          401,
        );
      assert.equal((await routes.post('keys/list', { id: 'keys' })).status, 200);
      auth.allowed.clear();
      assert.equal((await routes.post('keys/list', { id: 'keys' })).status, 401);
    });
  });
});
