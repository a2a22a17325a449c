/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { freePort } from '../support/ports';
import { around, auth, connectionIs, connectionTo, load, simulate, tearDown } from './support/rig';
import { openRoutes, type Routes } from './support/routes';

const SECRET = 'pa ss/w"ö+rd';

describe('admin routes', () => {
  let obs: ObsSimulator;
  let routes: Routes;
  beforeEach(async () => {
    obs = await simulate({ password: SECRET });
    await load(around({ type: 'live-status', every: '0' }, connectionTo(obs)), {
      studio: { password: SECRET },
    });
    await connectionIs('ready');
    routes = await openRoutes(SECRET);
  });
  afterEach(async () => {
    await routes.close();
    await tearDown();
  });

  const post = (path: string, body: unknown, type?: string) => routes.post(`obs/${path}`, body, type);
  const settings = (more: object = {}) => ({
    id: 'studio',
    connectTo: 'obs',
    host: '127.0.0.1',
    port: String(obs.port),
    tls: false,
    password: '__PWRD__',
    ...more,
  });

  it('test says what answered, with the stored password or a typed one', async () => {
    for (const more of [
      {},
      { password: undefined },
      { password: SECRET },
      { id: 'not-deployed-yet', password: SECRET },
    ]) {
      const { status, body } = await post('test', { settings: settings(more) });
      assert.equal(status, 200);
      assert.deepEqual(body, {
        ok: true,
        where: `127.0.0.1:${obs.port}`,
        obsVersion: '29.0.2',
        websocketVersion: '5.1.0',
        simulated: false,
      });
    }
    assert.deepEqual(new Set(auth.asked), new Set(['live-production.read', 'live-production.write']));
  });

  it('test names the fault, with status 200', async () => {
    const port = await freePort();
    const faults: [object, RegExp][] = [
      [{ password: 'wrong' }, /^OBS_WRONG_PASSWORD$/],
      [{ password: '' }, /^OBS_PASSWORD_MISSING$/],
      [{ port: String(port), password: 'x' }, /^OBS_(REFUSED|CONTAINER_LOOPBACK)$/],
      [{ port: 'x', password: '' }, /^CONFIG_INVALID$/],
      [{ host: '', password: '' }, /^CONFIG_INVALID$/],
      [{ host: '${LIVE_TEST_NOT_SET}', password: '' }, /^CONFIG_ENV_MISSING$/],
      [{ port: routes.port, password: 'x' }, /^OBS_NOT_OBS$/],
    ];
    for (const [more, code] of faults) {
      const { status, body } = await post('test', { settings: settings(more) });
      assert.equal(status, 200, JSON.stringify(more));
      assert.equal(body.ok, false);
      assert.match(body.code, code);
      assert.ok(body.message.length > 20 && !/undefined|\{\w+\}/.test(body.message));
    }
  });

  it('the stored password goes to no other address', async () => {
    const other = await simulate({ password: 'its own' });
    for (const more of [
      { port: String(other.port) },
      { host: 'localhost', port: String(other.port) },
      { tls: true },
    ]) {
      for (const path of ['test', 'list']) {
        const { body } = await post(path, { settings: settings(more), what: 'scenes' });
        assert.deepEqual([body.ok, body.code], [false, 'OBS_TEST_PASSWORD_NEEDED']);
      }
    }
    assert.equal(other.connections, 0);
  });

  it('what a variable holds goes to no address that is typed beside it', async () => {
    process.env.LIVE_TEST_OTHERS = '4711';
    try {
      const variable = '${LIVE_TEST_OTHERS}';
      for (const more of [
        { host: `${variable}.attacker.invalid` },
        { host: 'attacker.invalid', port: variable },
        { host: 'attacker.invalid', password: variable },
      ])
        for (const path of ['test', 'list']) {
          const { body } = await post(path, {
            settings: settings({ password: 'x', ...more }),
            what: 'scenes',
          });
          assert.equal(body.code, 'CONFIG_INVALID', JSON.stringify(more));
        }
    } finally {
      delete process.env.LIVE_TEST_OTHERS;
    }
  });

  it('a rehearsal is tested without being deployed', async () => {
    const { body } = await post('test', {
      settings: { connectTo: 'rehearsal', host: '', port: '', tls: false },
    });
    assert.equal(body.ok, true);
    assert.equal(body.simulated, true);
    assert.equal(body.where, 'rehearsal');
    const list = await post('list', { settings: { connectTo: 'rehearsal' }, what: 'scenes' });
    assert.ok(list.body.items.length >= 1);
  });

  it('lists come over the open connection where it is the deployed one, else over one of their own', async () => {
    for (const what of ['scenes', 'transitions', 'outputs', 'requests', 'events', 'inputs']) {
      const { status, body } = await post('list', { settings: settings(), what });
      assert.equal(status, 200);
      assert.equal(body.ok, true);
      for (const { value } of body.items) assert.equal(typeof value, 'string');
      if (what !== 'outputs' && what !== 'inputs') assert.ok(body.items.length >= 1, what);
    }
    assert.equal(obs.connections, 1, 'no socket for a list of the deployed OBS');
    const other = await simulate();
    const { body } = await post('list', {
      settings: settings({ id: 'new', port: String(other.port), password: '' }),
      what: 'scenes',
    });
    assert.equal(body.ok, true);
    assert.equal(other.connections, 1);
    assert.equal(other.clients, 0, 'and it is closed again');
  });

  it('need a permission: lists of the deployed OBS to read, everything else to write', async () => {
    auth.allowed = new Set();
    for (const path of ['test', 'list'])
      assert.equal((await post(path, { settings: settings(), what: 'scenes' })).status, 401);
    auth.allowed = new Set(['live-production.read']);
    assert.equal((await post('test', { settings: settings() })).status, 401);
    assert.equal((await post('list', { settings: settings(), what: 'scenes' })).status, 200);
    for (const more of [
      { port: '1' },
      { password: 'typed' },
      { id: 'other' },
      { connectTo: 'rehearsal' },
      { host: 'example.org' },
    ])
      assert.equal(
        (await post('list', { settings: settings(more), what: 'scenes' })).status,
        401,
        JSON.stringify(more),
      );
  });

  it('take JSON only, and a malformed body is status 400', async () => {
    const before = obs.connections;
    const form = await post(
      'test',
      `settings[host]=127.0.0.1&settings[port]=${obs.port}`,
      'application/x-www-form-urlencoded',
    );
    assert.equal(form.status, 400);
    assert.equal((await post('test', JSON.stringify({ settings: settings() }), 'text/plain')).status, 400);
    for (const body of [{}, { settings: null }, { settings: [] }, { settings: 'x' }, []]) {
      const { status, body: told } = await post('test', body);
      assert.equal(status, 400);
      assert.equal(told.code, 'INPUT_INVALID');
    }
    for (const what of [undefined, 'passwords', '__proto__', 7])
      assert.equal((await post('list', { settings: settings(), what })).status, 400);
    assert.equal((await post('test', '{"broken')).status, 400);
    assert.equal(obs.connections, before);
  });
});
