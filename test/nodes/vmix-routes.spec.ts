// What the dialog of a connection to vMix asks of the runtime: its test, and the lists of others.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { VmixSimulator } from '../../simulators/vmix';
import { freePort } from '../support/ports';
import { NOTHING_THERE } from '../support/vmix';
import {
  ON_VMIX,
  around,
  auth,
  connectionIs,
  load,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
} from './support/rig';
import { openRoutes, type Routes } from './support/routes';

const SECRET = 'pa ss/w"ö+rd';
const USER = 'desk';

describe('admin routes of vMix', () => {
  let vmix: VmixSimulator;
  let routes: Routes;
  beforeEach(async () => {
    vmix = await simulateVmix({ user: USER, password: SECRET });
    // it looks so rarely that every other request is one of the routes
    const connection = vmixConnectionTo(vmix, { pollSeconds: '60', tcpPort: '' });
    await load(around({ type: 'live-status', every: '0', ...ON_VMIX }, connection), {
      mixer: { user: USER, password: SECRET },
    });
    await connectionIs('ready', 'mixer');
    routes = await openRoutes(SECRET);
  });
  afterEach(async () => {
    await routes.close();
    await tearDown();
  });

  const post = (path: string, body: unknown, type?: string) => routes.post(`vmix/${path}`, body, type);
  const settings = (more: object = {}) => ({
    id: 'mixer',
    connectTo: 'vmix',
    host: '127.0.0.1',
    port: String(vmix.httpPort),
    tcpPort: '',
    user: USER,
    password: '__PWRD__',
    ...more,
  });
  const test = async (more: object) => (await post('test', { settings: settings(more) })).body;

  it('test says what answered, with the stored password or a typed one', async () => {
    for (const more of [
      {},
      { password: undefined },
      { user: undefined, password: undefined },
      { password: SECRET },
      { id: 'not-deployed-yet', password: SECRET },
      { host: `http://${USER}:${encodeURIComponent(SECRET)}@127.0.0.1`, user: '', password: undefined },
    ]) {
      const { tookMs, ...body } = await test(more);
      assert.equal(typeof tookMs, 'number');
      assert.deepEqual(
        body,
        {
          ok: true,
          where: `127.0.0.1:${vmix.httpPort}`,
          version: '29.0.0.49',
          edition: '4K',
          inputs: 7,
          channels: 5,
          showsSrt: true,
          warning: null,
          simulated: false,
        },
        JSON.stringify(more),
      );
    }
  });

  it('test names the fault, with status 200', async () => {
    const [port, tcp] = [String(await freePort()), String(vmix.tcpPort)];
    const faults: [object, RegExp][] = [
      [{ password: 'wrong' }, /^VMIX_WRONG_PASSWORD$/],
      [{ user: 'nobody' }, /^VMIX_WRONG_PASSWORD$/],
      [{ user: '', password: '' }, /^VMIX_PASSWORD_MISSING$/],
      [{ port, password: 'x' }, NOTHING_THERE],
      [{ port: tcp, password: 'x' }, /^VMIX_PORTS_SWAPPED$/],
      [{ port: routes.port, password: 'x' }, /^VMIX_NOT_VMIX$/],
      [{ port: 'x', password: '' }, /^CONFIG_INVALID$/],
      [{ tcpPort: 'x', password: '' }, /^CONFIG_INVALID$/],
      [{ host: '', password: '' }, /^CONFIG_INVALID$/],
      [{ host: `${USER}:${SECRET}@studio`, password: '' }, /^CONFIG_INVALID$/],
      [{ host: '${LIVE_TEST_NOT_SET}', password: '' }, /^CONFIG_ENV_MISSING$/],
    ];
    for (const [more, code] of faults) {
      const { status, body } = await post('test', { settings: settings(more) });
      assert.equal(status, 200, JSON.stringify(more));
      assert.equal(body.ok, false);
      assert.match(body.code, code);
      assert.ok(body.message.length > 20 && !/undefined|\{\w+\}/.test(body.message));
    }
    vmix.faults.failHttp('browser', { times: 1 });
    assert.equal((await test({})).code, 'VMIX_BROWSER_REFUSED');
    vmix.faults.failHttp('truncated', { times: 1 });
    assert.equal((await test({})).code, 'VMIX_DOCUMENT_TRUNCATED');
    await vmix.webController(false);
    assert.equal((await test({ tcpPort: tcp })).code, 'VMIX_WEB_CONTROLLER_OFF');
  });

  it('a TCP port that does not answer is a warning beside the good news', async () => {
    const mute: Server = createServer((socket) => socket.on('error', () => undefined).resume());
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    try {
      const silent = (mute.address() as { port: number }).port;
      const cases: [number, RegExp][] = [
        [await freePort(), /the TCP port of vMix: switch it on/],
        [vmix.httpPort, /is .* of vMix\. Its web controller is usually 8088, its TCP port 8099/],
        [silent, /said nothing for/],
      ];
      for (const [tcpPort, warning] of cases) {
        const body = await test({ tcpPort });
        assert.deepEqual([body.ok, body.version], [true, '29.0.0.49']);
        assert.match(body.warning, warning);
      }
      assert.equal((await test({ tcpPort: vmix.tcpPort })).warning, null);
    } finally {
      mute.close();
    }
  }).timeout(30_000);

  it('the stored password goes to no other address', async () => {
    const other = await simulateVmix({ user: USER, password: 'its own' });
    for (const more of [
      { port: String(other.httpPort) },
      { host: 'localhost' },
      { host: `http://127.0.0.1:${other.httpPort}` },
    ])
      for (const path of ['test', 'list']) {
        const { body } = await post(path, { settings: settings(more), what: 'inputs' });
        assert.deepEqual([body.ok, body.code], [false, 'VMIX_TEST_PASSWORD_NEEDED']);
      }
    assert.equal(other.calls.length, 0);
  });

  it('what a variable holds goes to no address that is typed beside it, until it is deployed', async () => {
    process.env.LIVE_TEST_OTHERS = '4711';
    try {
      const variable = '${LIVE_TEST_OTHERS}';
      // 127.0.0.1.nip.io and the like are names of anybody's
      const host = 'vmix.attacker.invalid';
      for (const more of [
        { host: `${variable}.attacker.invalid` },
        { host: `http://attacker.invalid/${variable}` },
        { host: `http://${variable}@attacker.invalid/` },
        { host: `http://${variable}:x@${variable}.attacker.invalid/` },
        { host, port: variable },
        { host, tcpPort: variable },
        { host, user: variable, password: 'x' },
        { host, password: variable },
      ])
        for (const path of ['test', 'list']) {
          const { body } = await post(path, {
            settings: settings({ password: 'typed', ...more }),
            what: 'inputs',
          });
          assert.equal(body.code, 'CONFIG_INVALID', JSON.stringify(more));
          assert.match(body.message, /counts after a deploy/, JSON.stringify(more));
        }
      process.env.LIVE_TEST_OTHERS = SECRET;
      assert.equal((await test({ password: variable })).ok, true, 'to this machine');
      process.env.LIVE_TEST_OTHERS = '127.0.0.1';
      assert.equal((await test({ host: variable, password: SECRET })).ok, true, 'where the variable says');
    } finally {
      delete process.env.LIVE_TEST_OTHERS;
    }
  });

  it('what a variable holds is in no answer', async () => {
    const held = {
      HOST: '127.66.55.44',
      URL: `http://127.66.55.43:${await freePort()}/x`,
      BAD: 'ftp-secret with a blank',
      PORT: '64999x-secret',
    };
    for (const [name, value] of Object.entries(held)) process.env[`LIVE_TEST_${name}`] = value;
    try {
      for (const more of [
        { host: '${LIVE_TEST_HOST}' },
        { host: '${LIVE_TEST_URL}' },
        { host: 'http://${LIVE_TEST_BAD}/' },
        { port: '${LIVE_TEST_PORT}' },
        { tcpPort: '${LIVE_TEST_PORT}' },
      ])
        for (const path of ['test', 'list']) {
          const { body, text } = await post(path, {
            settings: settings({ ...more, password: 'typed' }),
            what: 'inputs',
          });
          if (path === 'test' || !('tcpPort' in more)) assert.equal(body.ok, false);
          assert.ok(!/secret|64999x|127\.66/i.test(text), text);
        }
    } finally {
      for (const name of Object.keys(held)) delete process.env[`LIVE_TEST_${name}`];
    }
  });

  it('a rehearsal is tested without being deployed', async () => {
    const { body } = await post('test', { settings: { connectTo: 'rehearsal', host: '', port: '' } });
    assert.deepEqual(
      [body.ok, body.simulated, body.where, body.version, body.warning],
      [true, true, 'rehearsal', '29.0.0.49', null],
    );
    const list = await post('list', { settings: { connectTo: 'rehearsal' }, what: 'inputs' });
    assert.deepEqual(list.body.items[1], { value: 'Camera 1', label: '2 Camera 1' });
  });

  it('lists come out of the last state where it is the deployed one, else over a request of their own', async () => {
    const before = vmix.stateRequests;
    for (const what of ['inputs', 'audio', 'channels', 'srt', 'outputs', 'functions', 'events']) {
      const { status, body } = await post('list', { settings: settings(), what });
      assert.deepEqual([status, body.ok], [200, true], what);
      assert.ok(body.items.length >= 1, what);
      for (const { value } of body.items) assert.equal(typeof value, 'string');
    }
    // a node's own dialog knows neither user nor TCP port
    const { id, connectTo, host, port } = settings();
    assert.equal(
      (await post('list', { settings: { id, connectTo, host, port }, what: 'inputs' })).body.ok,
      true,
    );
    assert.equal(vmix.stateRequests, before, 'nothing is asked for a list of the deployed vMix');
    const other = await simulateVmix();
    const { body } = await post('list', {
      settings: settings({ id: 'new', port: String(other.httpPort), user: '', password: '' }),
      what: 'inputs',
    });
    assert.equal(body.ok, true);
    assert.equal(other.stateRequests, 1);
    assert.equal(other.clients, 0, 'the TCP port is not needed for it');
  });

  it('need a permission: lists of the deployed vMix to read, everything else to write', async () => {
    auth.allowed = new Set();
    for (const path of ['test', 'list'])
      assert.equal((await post(path, { settings: settings(), what: 'inputs' })).status, 401);
    auth.allowed = new Set(['live-production.read']);
    assert.equal((await post('test', { settings: settings() })).status, 401);
    assert.equal((await post('list', { settings: settings(), what: 'inputs' })).status, 200);
    for (const more of [
      { port: '1' },
      { tcpPort: '1' },
      { user: 'other' },
      { password: 'typed' },
      { id: 'other' },
      { connectTo: 'rehearsal' },
      { host: 'example.org' },
    ]) {
      const { status } = await post('list', { settings: settings(more), what: 'inputs' });
      assert.equal(status, 401, JSON.stringify(more));
    }
  });

  it('take JSON only, only lists there are, and no connection of another application', async () => {
    const before = vmix.stateRequests;
    assert.equal((await post('test', 'settings[host]=x', 'application/x-www-form-urlencoded')).status, 400);
    for (const body of [{}, { settings: null }, { settings: [] }, { settings: 'x' }, []])
      assert.deepEqual((await post('test', body)).status, 400);
    for (const what of [undefined, 'scenes', '__proto__', 7])
      assert.equal((await post('list', { settings: settings(), what })).status, 400);
    // the password stored for a vMix is none for an OBS that somebody says is at its address
    const { body } = await routes.post('obs/test', {
      settings: { ...settings(), connectTo: 'obs', tls: false },
    });
    assert.deepEqual([body.ok, body.code], [false, 'OBS_NOT_OBS']);
    assert.equal(vmix.stateRequests, before);
  });
});
