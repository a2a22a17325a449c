// The connection to a vMix, seen by the nodes that use it. Its faults are in vmix-faults.spec.ts, deploys in vmix-deploys.spec.ts.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import type { VmixSimulator } from '../../simulators/vmix';
import { freePort } from '../support/ports';
import { NOTHING_THERE } from '../support/vmix';
import {
  ON_VMIX,
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  mixer,
  next,
  refuse,
  send,
  settle,
  simulate,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type FlowNode,
} from './support/rig';

const STATUS = { type: 'live-status', every: '0', ...ON_VMIX };
const WARN = 30;
const REHEARSAL = {
  id: 'mixer',
  type: 'live-vmix-connection',
  name: '',
  connectTo: 'rehearsal',
  host: '',
  port: 'nonsense',
  tcpPort: '',
  channels: 'auto',
  pollSeconds: 'never',
  allowScripts: false,
  sharedThere: '',
  sharedHere: '/only/here',
  logFolder: '',
  configVersion: 1,
};

describe('vmix connection', () => {
  let vmix: VmixSimulator;
  beforeEach(async () => {
    vmix = await simulateVmix();
  });
  afterEach(tearDown);

  const warnings = () => logged().filter(({ level, text }) => level === WARN && text.includes('Mixer'));

  it('badges follow it: connecting, ready, disconnected, ready', async () => {
    await load(around(STATUS, vmixConnectionTo(vmix)));
    await connectionIs('ready', 'mixer');
    await vmix.quit();
    await connectionIs('disconnected', 'mixer');
    await vmix.restart();
    await waitFor(() => mixer().status().state === 'ready', { timeoutMs: 15_000 });
    assert.deepEqual(badges(), ['connecting', 'ready', 'disconnected', 'ready']);
  });

  it('is absent at start and found later; warns once per change of state, never once per attempt', async () => {
    await vmix.quit();
    await load(around({ ...STATUS, waitSeconds: '20' }, vmixConnectionTo(vmix)));
    await connectionIs('waiting', 'mixer');
    const patient = ask({ payload: 'patient' }, 'n', 20_000);
    await settle(2500);
    // one of each port
    assert.ok(warnings().length <= 2, JSON.stringify(warnings()));
    assert.ok(warnings().some(({ text }) => NOTHING_THERE.test(text)));
    await vmix.restart();
    assert.equal((await patient).live.action, 'status');
  });

  it('a node fails at once, or as soon as its wait is over', async () => {
    await vmix.quit();
    await load(around(STATUS, vmixConnectionTo(vmix)));
    await connectionIs('waiting', 'mixer');
    for (const [wait, least, most] of [
      ['0', 0, 1500],
      ['1', 950, 3000],
    ] as const) {
      await deploy(around({ ...STATUS, waitSeconds: wait }, vmixConnectionTo(vmix)), 'nodes');
      const before = performance.now();
      const caught = heardBy('caught').length;
      send({});
      await waitFor(() => heardBy('caught').length > caught);
      assert.match(heardBy('caught').at(-1)!.error.code, NOTHING_THERE);
      const took = performance.now() - before;
      assert.ok(took >= least && took < most, `${took} ms`);
    }
  });

  it('goes on without its TCP port, says so once, and uses it when it is there', async () => {
    const tcpPort = await freePort();
    const without = await simulateVmix({ tcpPort: null });
    await load(around(STATUS, vmixConnectionTo({ httpPort: without.httpPort, tcpPort })));
    await connectionIs('ready', 'mixer');
    assert.equal((await ask({})).live.action, 'status');
    await settle(1500);
    const told = () => logged().filter(({ text }) => text.includes('VMIX_TCP_REFUSED'));
    assert.equal(told().length, 1, JSON.stringify(told()));
    assert.equal(badges().includes('disconnected'), false);
  });

  it('takes host, ports, user and password from the environment, and a whole address', async () => {
    const locked = await simulateVmix({ user: 'desk', password: 'from env' });
    const env = {
      LIVE_TEST_HOST: '127.0.0.1',
      LIVE_TEST_PORT: String(locked.httpPort),
      LIVE_TEST_USER: 'desk',
      LIVE_TEST_PASSWORD: 'from env',
    };
    Object.assign(process.env, env);
    try {
      const connection = vmixConnectionTo(locked, { host: '${LIVE_TEST_HOST}', port: '${LIVE_TEST_PORT}' });
      await load(around(STATUS, connection), {
        mixer: { user: '${LIVE_TEST_USER}', password: '${LIVE_TEST_PASSWORD}' },
      });
      await connectionIs('ready', 'mixer');
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
    }
    const host = `http://desk:from%20env@127.0.0.1:${locked.httpPort}/api/`;
    await helper.unload();
    await load(around(STATUS, vmixConnectionTo(locked, { host, port: '1' })));
    await connectionIs('ready', 'mixer');
    assert.ok(!JSON.stringify(logged()).includes('from%20env'));
  });

  it('settings that make no sense are told once, and reach nobody', async () => {
    for (const [more, code] of [
      [{ port: 'abc' }, 'CONFIG_INVALID'],
      [{ tcpPort: '99999' }, 'CONFIG_INVALID'],
      [{ host: 'a b' }, 'CONFIG_INVALID'],
      [{ host: 'desk:hunter2hunter2@studio' }, 'CONFIG_INVALID'],
      [{ pollSeconds: '0.1' }, 'CONFIG_INVALID'],
      [{ channels: '4' }, 'CONFIG_INVALID'],
      [{ sharedHere: '/mnt/pictures' }, 'CONFIG_INVALID'],
      [{ port: '${LIVE_TEST_NOT_SET}' }, 'CONFIG_ENV_MISSING'],
    ] as const) {
      await load(around(STATUS, vmixConnectionTo(vmix, more)));
      await refuse({}, code);
      assert.equal(badges().at(-1), 'misconfigured');
      assert.ok(logged().some(({ text }) => text.includes(code)));
      assert.ok(!JSON.stringify(logged()).includes('hunter2'));
      await helper.unload();
    }
    assert.equal(vmix.calls.length, 0);
  });

  it('two at once stay apart, and two to the same vMix do not disturb each other', async () => {
    const other = await simulateVmix();
    const on = (id: string, connection: string) =>
      ({
        ...STATUS,
        id,
        z: 'tab',
        x: 1,
        y: 1,
        vmix: connection,
        waitSeconds: '0',
        wires: [['interim']],
      }) as FlowNode;
    await load(
      around(
        STATUS,
        vmixConnectionTo(vmix),
        vmixConnectionTo(other, { id: 'other', name: 'Other' }),
        vmixConnectionTo(vmix, { id: 'again', name: 'Again' }),
        on('n2', 'other'),
        on('n3', 'again'),
      ),
    );
    for (const id of ['mixer', 'other', 'again']) await connectionIs('ready', id);
    await mixer().client.call({ name: 'StartRecording' });
    for (const id of ['mixer', 'again'])
      await waitFor(() => mixer(id).client.state?.recording.on === true, { message: id });
    assert.equal(mixer('other').client.state?.recording.on, false);
    send({}, 'n3');
    assert.equal((await next('interim')).payload.recording.state, 'recording');
    await other.quit();
    await connectionIs('disconnected', 'other');
    assert.deepEqual([badges().at(-1), badges('n3').at(-1)], ['ready', 'ready']);
  });

  it('a node on the connection of another application says so', async () => {
    const obs = await simulate();
    for (const id of ['', 'gone', 'tab', 'out']) {
      await load(around({ ...STATUS, vmix: id }, vmixConnectionTo(vmix), connectionTo(obs)));
      await refuse({}, 'CONNECTION_MISSING');
      assert.equal(badges().at(-1), 'misconfigured');
      await helper.unload();
    }
  });

  it('any connection is any to the chosen application, or to all of them', async () => {
    const obs = await simulate();
    const hearing = {
      type: 'live-event',
      source: 'show',
      events: [],
      filters: [],
      limit: '100',
      present: true,
    };
    for (const [kind, expected] of [
      ['obs', ['obs_connected']],
      ['vmix', ['vmix_connected']],
      ['any', ['obs_connected', 'vmix_connected']],
      // a flow from before there was a choice
      [undefined, ['obs_connected']],
    ] as const) {
      await load(
        around(
          { ...hearing, application: kind, obs: '', vmix: '' },
          vmixConnectionTo(vmix),
          connectionTo(obs),
        ),
      );
      await waitFor(() => expected.every((event) => heardBy('out').some(({ topic }) => topic === event)));
      await settle(300);
      const applications = new Set(heardBy('out').map(({ live }) => live.application as string));
      assert.equal(applications.size, expected.length, String(kind));
      await helper.unload();
    }
  });

  it('a rehearsal needs no vMix, and every badge says so', async () => {
    const record = { type: 'live-record', action: 'start', ifRecording: 'error', ...ON_VMIX };
    await load(around({ ...record, waitSeconds: '10' }, REHEARSAL));
    await connectionIs('ready', 'mixer');
    const { payload, live } = await ask({});
    assert.equal(payload.state, 'recording');
    assert.equal(live.application, 'vmix');
    assert.equal(mixer().client.state?.version.text, '29.0.0.49');
    for (const text of badges()) assert.match(text, /^sim .{1,15}$/);
    await tearDown();
    assert.throws(() => application('mixer'));
  });

  it('a rehearsal obeys the tick that allows scripts', async () => {
    const script = {
      type: 'live-vmix-function',
      mode: 'fields',
      functionName: 'ScriptStart',
      functionNameType: 'str',
      input: '',
      inputType: 'str',
      value: 'Intro',
      valueType: 'str',
      waitSeconds: '10',
      ...ON_VMIX,
    };
    await load(around(script, REHEARSAL));
    await connectionIs('ready', 'mixer');
    await refuse({}, 'VMIX_SCRIPTS_FORBIDDEN');
    await deploy(around(script, { ...REHEARSAL, allowScripts: true }));
    await connectionIs('ready', 'mixer');
    assert.equal((await ask({})).payload.accepted, true);
  });
});
