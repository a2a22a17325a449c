// The guests' page of a deployed guest queue, and the operator's routes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { leases } from '../../red/leases';
import { certificates } from '../support/certificates';
import { freePort } from '../support/ports';
import { tempDir } from '../support/temp';
import { doubles, freshQueue, join, queueDoubles, queueFlow, queueNow } from './support/queue';
import { auth, deploy, helper, load, tearDown, waitFor, type Flow } from './support/rig';
import { openRoutes, type Routes } from './support/routes';

const CODE = 'come on in';

describe('guest-queue: page and operator', () => {
  let port = 0;
  let folder = '';
  let routes: Routes | null = null;
  const keys = () => ({
    id: 'people',
    type: 'live-stream-keys',
    name: 'guests',
    configVersion: 1,
    folder: `${folder}/keys`,
    mostPeople: '100',
  });
  const flow = (queue: object = {}): Flow =>
    queueFlow(
      `${folder}/queue`,
      {
        page: true,
        pageTitle: 'Guest night',
        pagePort: String(port),
        pageJoin: true,
        keys: 'people',
        ...queue,
      },
      [keys()],
    );
  const start = (queue: object = {}, invitation = CODE) =>
    load(flow(queue), { queue: { invitation } }, [queueDoubles]);
  const page = (path = '') => fetch(`http://127.0.0.1:${port}/${path}`, { headers: { connection: 'close' } });
  const post = (path: string, body: object, cookie = '') =>
    fetch(`http://127.0.0.1:${port}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}`, cookie },
      body: JSON.stringify(body),
    });
  const warned = () =>
    (helper.log() as unknown as { args: [{ level?: number; type?: string; msg?: unknown }][] }).args
      .filter(([entry]) => entry?.type === 'live-guest-queue')
      .map(([entry]) => String(entry.msg));

  beforeEach(async () => {
    port = await freePort();
    folder = tempDir('guest-page');
    freshQueue();
    leases.lingerMs = 5_000;
  });
  afterEach(async () => {
    await routes?.close();
    routes = null;
    await tearDown();
  });

  it('a guest joins, publishes with his key, and sees himself in the queue', async () => {
    await start();
    await waitFor(async () => (await page()).ok);
    assert.match(await (await page()).text(), /<h1>Guest night<\/h1>/);
    const joined = await post('join', { code: CODE, name: 'Ana Maria' });
    const { streamKey, me } = (await joined.json()) as { streamKey: string; me: { id: string } };
    const cookie = joined.headers.get('set-cookie')!.split(';')[0]!;
    assert.ok(streamKey.startsWith(`${me.id}?key=`));
    join(me.id);
    await waitFor(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/me`, { headers: { cookie } });
      return ((await answer.json()) as { turn: string | null }).turn !== null;
    });
    const list = (await (await page('queue-json')).json()) as { place: number }[];
    assert.equal(list.length, 1);
    // neither the code nor the key is in any log
    const log = JSON.stringify((helper.log() as unknown as { args: unknown[] }).args);
    for (const secret of [CODE, streamKey.split('=')[1]!]) assert.ok(!log.includes(secret));
    assert.equal((await post('leave', {}, cookie)).status, 200);
    await waitFor(() => doubles.server.kicked.length > 0);
  });

  it('a Full deploy cuts no listener, and another title is there after it', async () => {
    await start();
    await waitFor(async () => (await page()).ok);
    let [text, ended] = ['', false];
    const listening = get({ host: '127.0.0.1', port, path: '/events', agent: false }, (response) => {
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('close', () => (ended = true));
    });
    listening.on('error', () => (ended = true));
    await waitFor(() => text.includes('event: queue'));
    await deploy(flow(), 'full', { queue: { invitation: CODE } });
    join('bob');
    await waitFor(() => text.includes('"name":"bob"'));
    assert.equal(ended, false);
    await deploy(flow({ pageTitle: 'Other night' }), 'full', { queue: { invitation: CODE } });
    await waitFor(async () => (await (await page()).text()).includes('Other night'));
    await waitFor(() => ended);
    await deploy(flow({ page: false }), 'full');
    await waitFor(() =>
      page().then(
        () => false,
        () => true,
      ),
    );
  });

  it('speaks HTTPS with a TLS configuration of Node-RED, and its cookie goes nowhere else', async () => {
    const files = certificates(folder);
    const tls = (RED: NodeAPI) =>
      RED.nodes.registerType('test-tls', function (this: Node, config: NodeDef) {
        RED.nodes.createNode(this, config);
        const given = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
        Object.assign(this, {
          valid: true,
          addTLSOptions: (options: object) => Object.assign(options, given),
        });
      });
    await load(
      [...flow({ pageTls: 'tls' }), { id: 'tls', type: 'test-tls', name: '' }],
      { queue: { invitation: CODE } },
      [queueDoubles, tls],
    );
    const origin = `https://127.0.0.1:${port}`;
    const join = () =>
      new Promise<string[]>((resolve, reject) => {
        const sent = secureRequest(
          `${origin}/join`,
          {
            method: 'POST',
            ca: readFileSync(files.ca),
            agent: false,
            headers: { origin, 'content-type': 'application/json' },
          },
          (response) => {
            response.resume();
            resolve(response.headers['set-cookie'] ?? []);
          },
        );
        sent.on('error', reject);
        sent.end(JSON.stringify({ code: CODE, name: 'Ana' }));
      });
    const [cookie = ''] = await waitFor(() => join());
    assert.match(cookie, /^__Host-live_guest=[\w-]{43}; Secure; Path=\/; HttpOnly; SameSite=Strict/);
    await assert.rejects(page());
  });

  it('says why there is no page, and the queue goes on', async () => {
    await start({}, '');
    await waitFor(() => warned().some((said) => said.includes('PAGE_INVITATION_MISSING')));
    assert.equal(join('ada').allow, true);
    for (const [queue, code, said] of [
      [{}, 'abc', /six|6 characters/],
      [{ keys: '' }, CODE, /KEYS_MISSING/],
      [{ pageAddress: 'ftp://x' }, CODE, /address of the page/],
      [{ pageProxies: 'proxy' }, CODE, /neither an address nor a network/],
      [{ pageTls: 'nothing' }, CODE, /TLS of the page/],
    ] as const) {
      const before = warned().length;
      await deploy(flow(queue), 'full', { queue: { invitation: code } });
      await waitFor(
        () =>
          warned()
            .slice(before)
            .some((one) => said.test(one)),
        { message: () => `${String(said)}: ${warned().join(' | ')}` },
      );
      await assert.rejects(page());
    }
    await deploy(flow({ pageJoin: false, keys: '' }), 'full');
    await waitFor(async () => (await page()).ok);
    assert.equal((await post('join', { code: CODE, name: 'Ana' })).status, 403);
  });

  it('the operator’s routes are off without a login, unless the dialog allows them', async () => {
    await start();
    routes = await openRoutes(CODE);
    const list = await routes.post('guest-queues/list', {});
    assert.deepEqual(list.body.queues, [{ id: 'queue', name: 'guests' }]);
    assert.deepEqual((await routes.post('guest-queues/view', { id: 'queue' })).body, {
      ok: true,
      open: false,
    });
    const refused = await routes.post('guest-queues/command', { id: 'queue', command: { action: 'clear' } });
    assert.equal(refused.body.code, 'QUEUE_COMMAND_INVALID');
    assert.equal((await routes.post('guest-queues/view', { id: 'tab' })).body.code, 'QUEUE_MISSING');
    // somebody who may look and not command
    auth.allowed.delete('live-production.write');
    assert.equal((await routes.post('guest-queues/command', {})).status, 401);
    auth.allowed.clear();
    assert.equal((await routes.post('guest-queues/view', { id: 'queue' })).status, 401);
  });

  it('the operator skips, moves, holds, bans and extends, and nonsense is refused', async () => {
    await start({ openOperator: true });
    routes = await openRoutes(CODE);
    for (const name of ['ada', 'bob', 'cleo']) join(name);
    await waitFor(() => doubles.orders.at(-1)?.stream === 'ada');
    queueNow().switched(doubles.orders.at(-1)!.turn);
    const command = async (body: object) =>
      (await routes!.post('guest-queues/command', { id: 'queue', command: body })).body;
    const order = () =>
      queueNow()
        .view()
        .waiting.map(({ stream }) => stream);
    assert.equal((await command({ action: 'move', who: 'cleo', to: 1 })).ok, true);
    assert.deepEqual(order(), ['cleo', 'bob']);
    assert.equal((await command({ action: 'extend', byMs: 60_000 })).ok, true);
    const held = await command({ action: 'hold', who: 'cleo' });
    assert.equal((held.view as { waiting: { held: boolean }[] }).waiting[0]!.held, true);
    assert.equal((await command({ action: 'ban', who: 'bob', forMs: 60_000, reason: 'noise' })).ok, true);
    const { body } = await routes.post('guest-queues/view', { id: 'queue' });
    assert.equal((body.view as { bans: { reason: string }[] }).bans[0]!.reason, 'noise');
    assert.ok(!(await (await page('queue')).text()).includes('noise'));
    for (const wrong of [
      null,
      'skip',
      {},
      { action: 'burn' },
      { action: 'kick' },
      { action: 'kick', who: 7 },
      { action: 'move', who: 'cleo', to: 'up' },
      { action: 'extend', byMs: null },
      { action: 'extend', byMs: 1e300 },
      { action: 'ban', who: 'cleo', forMs: 'long' },
      { action: '__proto__' },
      { action: 'kick', who: 'nobody' },
    ])
      assert.match(
        String((await command(wrong as object)).code),
        /^QUEUE_(COMMAND_INVALID|NOBODY)$/,
        JSON.stringify(wrong),
      );
  });
});
