// The publish gate: who is let in, in which words, and what is told of it.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import {
  doubles,
  gateFlow,
  isAllowed,
  loadGate,
  mediamtx,
  nginx,
  person,
  post,
  hookPath,
  srs,
  SECRET,
  TOKENS,
} from './support/gate';
import { leases } from '../../red/leases';
import { badges, deploy, heardBy, logged, next, send, settle, tearDown, waitFor } from './support/rig';

const KEY = 'kkkk2222kkkk2222kkkk2222kkkk2222';
const topics = () => heardBy('out').map(({ topic }) => topic as string);
const denials = () => heardBy('out').filter(({ topic }) => topic === 'publisher_denied');
const warned = () => logged().filter(({ level }) => level === 30);
/** Everything that left the node, and every line. */
const everything = () =>
  JSON.stringify([heardBy('out'), heardBy('interim'), heardBy('caught'), heardBy('badges'), logged()]);

describe('publish gate', () => {
  afterEach(tearDown);

  describe('by stream keys', () => {
    it('lets in who has his key, and tells the queue who he is', async () => {
      await loadGate();
      person('anna', KEY, { limitMs: 60_000, priority: 2 });
      assert.ok(isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
      assert.deepEqual(doubles.queue.joined, [
        { app: 'live', stream: 'anna', clientId: 'c1', name: 'Name of anna', limitMs: 60_000, priority: 2 },
      ]);
      const msg = await next('out');
      assert.equal(msg.topic, 'publisher_waiting');
      assert.equal(msg.payload.publisher.id, 'anna');
      assert.equal(msg.live.application, 'media-server');
      assert.deepEqual(msg.live.connection, { id: 'server', name: 'SRS' });
      assert.ok(isAllowed(await srs('on_unpublish', `anna?key=${KEY}`)));
      await next('out', ({ topic }) => topic === 'publisher_left');
      assert.deepEqual(doubles.queue.left, [{ app: 'live', stream: 'anna', clientId: 'c1' }]);
      assert.ok(!everything().includes(KEY));
      assert.equal(badges().at(-1), 'ready');
    });

    it('denies everybody else in the same words, and says why', async () => {
      await loadGate();
      person('anna', KEY);
      person('bob', KEY, { active: false });
      const answers = [
        await srs('on_publish', 'anna?key=wrong'),
        await srs('on_publish', 'anna'),
        await srs('on_publish', `nobody?key=${KEY}`),
        await srs('on_publish', `bob?key=${KEY}`),
        await srs('on_publish', `an%20na?key=${KEY}`),
        await srs('on_publish', `anna?key=${KEY}`, 'c1', { app: 'other' }),
      ];
      assert.equal(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size, 1);
      assert.equal(answers[0]!.body, '{"code":403,"msg":"denied"}');
      await waitFor(() => denials().length === 6);
      assert.deepEqual(
        denials().map(({ payload }) => payload.reason as string),
        ['wrong-key', 'no-key', 'unknown', 'inactive', 'name', 'app'],
      );
      assert.deepEqual(doubles.queue.joined, []);
      assert.ok(!everything().includes(KEY));
    });

    it('keeps a key that stands behind the address of the server to itself', async () => {
      await loadGate(gateFlow({ queue: '' }));
      await srs('on_publish', 'anna', 'c1', { app: `live/${KEY}` });
      await srs('on_publish', 'anna', 'c1', { app: `live/anna?key=${KEY}` });
      await waitFor(() => denials().length === 2);
      assert.deepEqual(
        denials().map(({ payload }) => payload.app as string),
        ['', ''],
      );
      assert.ok(!everything().includes(KEY));
    });

    it('keeps a key that somebody pasted in place of his name to itself', async () => {
      await loadGate();
      await srs('on_publish', KEY);
      await srs('on_publish', `${KEY}/x`);
      await waitFor(() => denials().length === 2);
      assert.deepEqual(
        denials().map(({ payload }) => payload.publisher),
        [
          { id: '', name: '' },
          { id: '', name: '' },
        ],
      );
      assert.ok(!everything().includes(KEY));
    });

    it('takes the login of MediaMTX, and lets its players in', async () => {
      await loadGate(gateFlow({}, { kind: 'mediamtx' }));
      person('anna', KEY);
      const login = (user: string, password: string, path = 'live/anna') =>
        mediamtx('publish', path, '', { user, password }).then(({ status }) => status);
      assert.equal(await login('anna', KEY), 200);
      assert.equal(await login('anna', 'wrong'), 401);
      assert.equal(await login('bob', KEY), 401);
      assert.equal((await mediamtx('publish', 'live/anna', `key=${KEY}`)).status, 200);
      assert.equal((await mediamtx('read', 'live/anna', '')).status, 200);
      assert.equal((await mediamtx('api', '', '')).status, 401);
    });

    it('shows that guests wait with nobody who puts them on air', async () => {
      await loadGate(gateFlow());
      await waitFor(() => badges().at(-1) === 'ready');
      const { queue } = doubles;
      Object.assign(queue.value, { isUnheard: true });
      queue.changes.tell();
      assert.equal(badges().at(-1), 'nobody switches');
      Object.assign(queue.value, { isUnheard: false });
      queue.changes.tell();
      assert.equal(badges().at(-1), 'ready');
    });

    it('denies whom the queue refuses, and says why', async () => {
      await loadGate();
      person('anna', KEY);
      for (const why of ['banned', 'cooling', 'full', 'taken'] as const) {
        doubles.queue.verdict = () => ({ allow: false, why });
        assert.ok(!isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
        await next('out', ({ payload }) => payload.reason === why);
      }
      assert.deepEqual(
        doubles.queue.deniedTold.map(([, why]) => why),
        ['banned', 'cooling', 'full', 'taken'],
      );
    });

    it('lets nginx-rtmp drop whose key was withdrawn, whom the queue kicked, and nobody else', async () => {
      await loadGate(gateFlow({}, { kind: 'nginx-rtmp' }));
      for (const id of ['anna', 'bob', 'carl', 'dora', 'emil']) {
        person(id, `${KEY}-${id}`);
        assert.equal((await nginx('publish', id, `1${id}`, `key=${KEY}-${id}`)).status, 200);
      }
      const update = (id: string, client = `1${id}`) =>
        nginx('update_publish', id, client, `time=10&timestamp=1&key=${KEY}-${id}`).then(
          ({ status }) => status,
        );
      assert.deepEqual(
        await Promise.all(['anna', 'bob', 'carl', 'dora', 'emil'].map((id) => update(id))),
        [200, 200, 200, 200, 200],
      );
      doubles.people.delete('bob');
      person('carl', 'another key');
      doubles.queue.tell('publisher_kicked', 'dora');
      doubles.queue.bans = ['emil'];
      assert.deepEqual(
        await Promise.all(['anna', 'bob', 'carl', 'dora', 'emil'].map((id) => update(id))),
        [200, 403, 403, 403, 403],
      );
      // kicked is a connection, not a person
      assert.equal((await nginx('publish', 'dora', '2dora', `key=${KEY}-dora`)).status, 200);
      assert.deepEqual([await update('dora', '2dora'), await update('dora')], [200, 403]);
    });
  });

  describe('by token', () => {
    it('lets in who has one for his stream, as long as it is good', async () => {
      await loadGate(gateFlow({ admission: 'token' }));
      const { token } = TOKENS.make('anna', 60_000, Date.now());
      const old = TOKENS.make('anna', 1_000, Date.now() - 10_000).token;
      assert.ok(isAllowed(await srs('on_publish', `anna?token=${token}`)));
      for (const wrong of [`bob?token=${token}`, `anna?token=${old}`, 'anna', `anna?token=${token}x`])
        assert.ok(!isAllowed(await srs('on_publish', wrong)), wrong);
      await waitFor(() => denials().length === 4);
      assert.deepEqual(
        denials().map(({ payload }) => payload.reason as string),
        ['wrong-token', 'expired', 'no-token', 'wrong-token'],
      );
      assert.ok(!everything().includes(token));
    });

    it('cannot without a secret for tokens', async () => {
      const flow = gateFlow({ admission: 'token' }).map((node) =>
        node.id === 'keys' ? { ...node, noTokens: true } : node,
      );
      await loadGate(flow, {}, false);
      assert.deepEqual(badges(), ['misconfigured']);
    });
  });

  describe('by the flow', () => {
    const asked = (n = 1) => waitFor(() => heardBy('interim')[n - 1]);

    it('asks, and lets in with what the flow says of him', async () => {
      await loadGate(gateFlow({ admission: 'flow' }));
      const answer = srs('on_publish', `anna?key=${KEY}&password=${KEY}`);
      const question = await asked();
      assert.deepEqual(question.payload, { publisher: { id: 'anna' }, app: 'live', address: '192.0.2.7' });
      assert.equal(question.topic, 'publisher_asks');
      send({ ...question, payload: { allow: true, name: 'Anna', limitSeconds: 90, priority: 3 } });
      assert.ok(isAllowed(await answer));
      assert.deepEqual(doubles.queue.joined, [
        { app: 'live', stream: 'anna', clientId: 'c1', name: 'Anna', limitMs: 90_000, priority: 3 },
      ]);
      assert.ok(!everything().includes(KEY));
    });

    for (const [payload, allowed] of [
      [true, true],
      ['allow', true],
      [' Allow ', true],
      [{ allow: true }, true],
      [false, false],
      ['deny', false],
      [{ allow: false, reason: 'not tonight' }, false],
    ] as const)
      it(`takes ${JSON.stringify(payload)}`, async () => {
        await loadGate(gateFlow({ admission: 'flow' }));
        const answer = srs('on_publish', 'anna');
        send({ ...(await asked()), payload });
        assert.equal(isAllowed(await answer), allowed);
        if (typeof payload === 'object' && !payload.allow)
          await next('out', (m) => m.payload.reason === 'not tonight');
      });

    it('denies where no answer comes, in less than a second, and takes a late one as an error', async () => {
      await loadGate(gateFlow({ admission: 'flow', answerMs: '100' }));
      const answer = await srs('on_publish', 'anna');
      assert.ok(!isAllowed(answer));
      send({ ...(await asked()), payload: true });
      const caught = await next('caught');
      assert.equal(caught.error.code, 'GATE_NOT_ASKED');
      assert.deepEqual(doubles.queue.joined, []);
      await next('out', ({ payload }) => payload.reason === 'not-answered');
    });

    it('takes one answer to a question, and no answer that is none', async () => {
      await loadGate(gateFlow({ admission: 'flow' }));
      const answer = srs('on_publish', 'anna');
      const question = await asked();
      for (const payload of [
        'yes',
        1,
        null,
        {},
        { allow: 'true' },
        { allow: true, limitSeconds: 'x' },
        { allow: true, name: 7 },
      ])
        send({ ...question, payload });
      await waitFor(() => heardBy('caught').length === 7);
      assert.ok(heardBy('caught').every(({ error }) => error.code === 'INPUT_INVALID'));
      send({ ...question, payload: true });
      assert.ok(isAllowed(await answer));
      send({ ...question, payload: false });
      send({ payload: true });
      send({ payload: true, ask: { id: '__proto__' } });
      await waitFor(() => heardBy('caught').length === 10);
      assert.ok(
        heardBy('caught')
          .slice(7)
          .every(({ error }) => error.code === 'GATE_NOT_ASKED'),
      );
      assert.equal(doubles.queue.joined.length, 1);
    });

    it('does not ask for an encoder that retries at once, and tells of it once', async () => {
      await loadGate(gateFlow({ admission: 'flow' }));
      const answer = srs('on_publish', 'anna');
      send({ ...(await asked()), payload: false });
      await answer;
      for (let n = 0; n < 50; n++) assert.ok(!isAllowed(await srs('on_publish', 'anna', `c${n}`)));
      await settle();
      assert.equal(heardBy('interim').length, 1);
      assert.equal(denials().length, 1);
    });

    it('lets a question go to the next gate when a deploy comes', async () => {
      const flow = gateFlow({ admission: 'flow' });
      await loadGate(flow);
      leases.lingerMs = 10_000;
      const answer = srs('on_publish', 'anna');
      const first = await asked();
      await deploy(flow.map((node) => (node.id === 'n' ? { ...node, answerMs: '700' } : node)));
      const second = await asked(2);
      assert.notEqual(second.ask.id, first.ask.id);
      send({ ...second, payload: true });
      assert.ok(isAllowed(await answer));
    });
  });

  describe('for everybody, without a queue', () => {
    const flow = (kind = 'srs') => gateFlow({ admission: 'anyone', queue: '', keys: '' }, { kind });

    it('tells who comes and leaves, by connection and not by name', async () => {
      await loadGate(flow());
      assert.ok(isAllowed(await srs('on_publish', 'anna', 'c1')));
      await next('out');
      // SRS refuses the second one itself, and an older one says that he ended
      assert.ok(isAllowed(await srs('on_publish', 'anna', 'c2')));
      await srs('on_unpublish', 'anna', 'c2');
      await srs('on_unpublish', 'anna', 'c9');
      await settle();
      assert.deepEqual(topics(), ['publisher_waiting']);
      await srs('on_unpublish', 'anna', 'c1');
      await srs('on_unpublish', 'anna', 'c1');
      await settle();
      assert.deepEqual(topics(), ['publisher_waiting', 'publisher_left']);
      assert.equal(heardBy('out')[1]!.payload.publisher.id, 'anna');
    });

    it('lets other apps in or not, as the media server is set', async () => {
      await loadGate(gateFlow({ admission: 'anyone', queue: '' }, { otherApps: 'allow' }));
      assert.ok(isAllowed(await srs('on_publish', 'x y', 'c1', { app: 'other' })));
      await settle();
      assert.deepEqual(topics(), []);
    });
  });

  describe('in a rehearsal', () => {
    it('takes every guest for one with the right key', async () => {
      await loadGate(gateFlow({}, { kind: 'rehearsal', simulated: true }));
      person('anna', KEY);
      assert.ok(isAllowed(await srs('on_publish', 'anna')));
      assert.ok(isAllowed(await srs('on_publish', 'guest-1')));
      assert.deepEqual(
        doubles.queue.joined.map(({ name }) => name),
        ['Name of anna', 'guest-1'],
      );
      assert.equal(badges().at(-1), 'sim ready');
    });
  });

  describe('players', () => {
    it('may watch, or need a token', async () => {
      await loadGate(gateFlow({ players: 'token' }), { n: { playToken: 'token of players' } });
      const play = (stream: string) => srs('on_play', stream).then(isAllowed);
      assert.equal(await play('anna'), false);
      assert.equal(await play('anna?token=wrong'), false);
      assert.equal(await play('anna?token=token%20of%20players'), true);
      assert.ok(!everything().includes('token of players'));
    });
  });

  describe('sending on', () => {
    const target = (server: string) => ({
      id: 'target',
      type: 'live-stream-target',
      name: 'Recorder',
      service: 'rtmp',
      server,
    });
    const credentials = { target: { key: 'Key0fTheRecorder' } };

    it('by SRS, who is first of the queue or everybody, and only who was let in', async () => {
      await loadGate(
        gateFlow({ target: 'target' }, {}, target('rtmp://rec.example/live/{stream}')),
        credentials,
      );
      person('anna', KEY);
      person('bob', KEY);
      doubles.queue.lead = 'anna';
      for (const id of ['anna', 'bob']) await srs('on_publish', `${id}?key=${KEY}`, `c-${id}`);
      const urls = async (id: string, client = `c-${id}`) =>
        (JSON.parse((await srs('on_forward', id, client)).body) as { data: { urls: string[] } }).data.urls;
      assert.deepEqual(await urls('anna'), ['rtmp://rec.example/live/anna/Key0fTheRecorder']);
      assert.deepEqual(await urls('anna', 'other'), []);
      assert.deepEqual(await urls('bob'), []);
      assert.deepEqual(await urls('carl'), []);
      assert.ok(!everything().includes('Key0fTheRecorder'));
    });

    it('by nginx-rtmp, to an address it can take', async () => {
      await loadGate(
        gateFlow({ target: 'target', sendOn: 'all' }, { kind: 'nginx-rtmp' }, target('rtmp://127.0.0.1/rec')),
        credentials,
      );
      person('anna', KEY);
      const answer = await nginx('publish', 'anna', '1', `key=${KEY}`);
      assert.deepEqual([answer.status, answer.location], [302, 'rtmp://127.0.0.1/rec/Key0fTheRecorder']);
    });

    for (const [kind, server] of [
      ['nginx-rtmp', 'rtmp://rec.example/live'],
      ['srs', 'rtmps://rec.example/live'],
      ['mediamtx', 'rtmp://127.0.0.1/live'],
    ] as const)
      it(`is refused at the deploy for ${kind} to ${server}`, async () => {
        await loadGate(gateFlow({ target: 'target' }, { kind }, target(server)), credentials, false);
        assert.deepEqual(badges(), ['misconfigured']);
        assert.ok(warned().some(({ text }) => text.includes('STREAM_TARGET_INVALID')));
        assert.ok(!everything().includes('Key0fTheRecorder'));
      });
  });

  describe('two on one media server', () => {
    it('the second says that it is taken, and the first goes on', async () => {
      const [first] = gateFlow().filter(({ id }) => id === 'n');
      await loadGate(gateFlow({}, {}, { ...first!, id: 'n2' }));
      person('anna', KEY);
      assert.ok(isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
      const wrong = [badges('n'), badges('n2')].filter(([text]) => text === 'misconfigured');
      assert.equal(wrong.length, 1);
      assert.equal(warned().filter(({ text }) => text.includes('GATE_TAKEN')).length, 1);
      assert.equal(doubles.queue.joined.length, 1);
    });
  });

  describe('attacked', () => {
    it('says nothing to who lacks the secret or comes from elsewhere', async () => {
      await loadGate(gateFlow({}, { allowFrom: ['192.0.2.0/24'] }));
      const right = await post(hookPath(), '{}');
      assert.deepEqual([right.status, right.body], [404, '']);
      await tearDown();
      await loadGate();
      person('anna', KEY);
      for (const path of [
        hookPath('main', ''),
        hookPath('main', SECRET.slice(1)),
        hookPath('main', `${SECRET}x`),
        hookPath('main', SECRET.toLowerCase()),
        `${hookPath()}/`,
        `${hookPath()}/..`,
        `/${hookPath()}`,
        hookPath().replace('/hooks/', '/hooks//'),
        hookPath().replace('/main/', '%2fmain%2f'),
        `/x/..${hookPath()}`,
        hookPath('other'),
        '/hooks/main',
        '/hooks/main/',
        '/hooks',
        '/',
      ]) {
        const { status, body } = await post(path, '{}');
        assert.deepEqual([path, status, body], [path, 404, '']);
      }
      await waitFor(() => denials().length === 1);
      assert.equal(denials()[0]!.payload.reason, 'secret');
      assert.equal(warned().filter(({ text }) => text.includes('a request came')).length, 1);
      assert.ok(!everything().includes(SECRET));
    });

    it('denies what is no hook in the words of the server, throws nothing and tells once', async () => {
      await loadGate();
      person('anna', KEY);
      const hook = {
        action: 'on_publish',
        client_id: 'c1',
        ip: '',
        vhost: '',
        app: 'live',
        stream: 'anna',
        param: `?key=${KEY}`,
      };
      const good = JSON.stringify(hook);
      for (const [body, type, method] of [
        ['', 'application/json', 'POST'],
        ['{}', 'application/json', 'POST'],
        ['null', 'application/json', 'POST'],
        [good, 'text/plain', 'POST'],
        [good, 'application/json', 'PUT'],
        [`{"__proto__":{"a":1},${good.slice(1)}`, 'application/json', 'POST'],
        [good.replace('"app"', '"stream":"x","app"'), 'application/json', 'POST'],
        [JSON.stringify({ ...hook, stream: ['anna'] }), 'application/json', 'POST'],
        [JSON.stringify({ ...hook, stream: 'x'.repeat(70_000) }), 'application/json', 'POST'],
        [`${'['.repeat(30_000)}`, 'application/json', 'POST'],
      ] as const) {
        const answer = await post(hookPath(), body, type, method);
        assert.equal(answer.status, 200);
        assert.equal((JSON.parse(answer.body) as { code: number }).code, 403, body.slice(0, 80));
      }
      assert.deepEqual(doubles.queue.joined, []);
      await waitFor(() => denials().length === 1);
      await settle();
      assert.equal(denials().length, 1);
      assert.deepEqual(heardBy('caught'), []);
      assert.ok(!everything().includes(KEY));
      assert.ok(isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
    });

    it('floods neither log nor flow, whatever names are tried', async () => {
      await loadGate();
      for (let n = 0; n < 200; n++) await srs('on_publish', `guess-${n}?key=${n}`);
      await settle();
      assert.ok(denials().length <= 30);
      for (let n = 0; n < 50; n++) await srs('on_publish', 'guess-1?key=1');
      await settle();
      assert.ok(denials().length <= 30);
    });
  });

  describe('in trouble', () => {
    it('answers in time when the queue breaks, and denies', async () => {
      await loadGate();
      person('anna', KEY);
      doubles.queue.verdict = () => {
        throw new Error('broken');
      };
      assert.ok(!isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
      doubles.queue.verdict = () => ({ allow: true, turn: 't', again: false });
      assert.ok(isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
      assert.deepEqual(heardBy('caught'), []);
    });

    it('is misconfigured without what it needs, and says so to whoever sends it something', async () => {
      for (const [gate, code] of [
        [{ server: '' }, 'MEDIA_SERVER_MISSING'],
        [{ keys: '' }, 'KEYS_MISSING'],
        [{ queue: 'gone' }, 'QUEUE_MISSING'],
        [{ admission: 'nobody' }, 'CONFIG_INVALID'],
        [{ admission: 'flow', answerMs: '5000' }, 'CONFIG_INVALID'],
        [{ players: 'token' }, 'CONFIG_INVALID'],
        [{ target: 'gone' }, 'STREAM_TARGET_UNKNOWN'],
      ] as const) {
        await loadGate(gateFlow(gate), {}, false);
        assert.deepEqual(badges(), ['misconfigured'], code);
        assert.ok(warned().some(({ text }) => text.includes(code)));
        send({ payload: true });
        assert.equal((await next('caught')).error.code as string, code);
        await tearDown();
      }
    });

    it('says that its port is taken, and answers once it is free', async () => {
      await loadGate();
      await deploy([]);
      const other = createServer();
      await waitFor(
        () =>
          new Promise<boolean>((resolve) => {
            other.once('error', () => resolve(false));
            other.listen(doubles.port, '127.0.0.1', () => resolve(true));
          }),
      );
      await deploy(gateFlow());
      await waitFor(() => badges().at(-1) === 'failed');
      assert.equal(warned().filter(({ text }) => text.includes('LISTEN_FAILED')).length, 1);
      await new Promise((resolve) => other.close(resolve));
      await waitFor(() => badges().at(-1) === 'ready');
      person('anna', KEY);
      assert.ok(isAllowed(await srs('on_publish', `anna?key=${KEY}`)));
    });
  });
});
