// Every fault of a vMix as a flow sees it: what the badge shows, what Catch and the events tell, and that it is well again afterwards.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { runsInContainer } from '../../lib/connection/this-machine';
import { HTTP_TIMINGS } from '../../lib/vmix/http';
import { TCP_TIMINGS } from '../../lib/vmix/tcp-session';
import type { HttpFault, VmixSimulator, VmixSimulatorOptions } from '../../simulators/vmix';
import { freePort } from '../support/ports';
import {
  ON_VMIX,
  around,
  ask,
  badges,
  connectionIs,
  deploy,
  heardBy,
  load,
  mixer,
  next,
  refuse,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';

const FUNCTION = {
  type: 'live-vmix-function',
  mode: 'object',
  functionName: 'function',
  functionNameType: 'msg',
  parameters: 'payload',
  parametersType: 'msg',
  ...ON_VMIX,
};
const EVENTS: FlowNode = {
  id: 'events',
  z: 'tab',
  x: 1,
  y: 1,
  type: 'live-event',
  source: 'show',
  events: [],
  filters: [],
  limit: '0',
  wires: [['interim']],
  ...ON_VMIX,
};
/** Nobody would wait for the real ones here. */
const QUICK = {
  http: { connect: 1000, call: 1000 },
  tcp: { connect: 1000, call: 1000, greeting: 300, ping: 1000 },
};

/** What is said where nothing listens: in a container there is more to say. */
const nobody = () => (runsInContainer() ? 'VMIX_CONTAINER_LOOPBACK' : 'VMIX_REFUSED');

describe('faults of a vMix', function () {
  this.timeout(60_000);
  let vmix: VmixSimulator;
  const [http, tcp] = [{ ...HTTP_TIMINGS }, { ...TCP_TIMINGS }];
  before(() => {
    Object.assign(HTTP_TIMINGS, QUICK.http);
    Object.assign(TCP_TIMINGS, QUICK.tcp);
  });
  after(() => {
    Object.assign(HTTP_TIMINGS, http);
    Object.assign(TCP_TIMINGS, tcp);
  });
  afterEach(tearDown);

  const flow = (connection: object = {}): Flow =>
    around(FUNCTION, { ...vmixConnectionTo(vmix), pollSeconds: '0.5', ...connection }, EVENTS);
  const begin = async (options: VmixSimulatorOptions = {}) => {
    vmix = await simulateVmix(options);
    await load(flow());
    await connectionIs('ready', 'mixer');
    await next('interim', ({ topic }) => topic === 'vmix_connected');
    heardBy('interim').length = 0;
  };
  const cut = () => ({ function: 'Cut', payload: {} });
  const told = () => heardBy('interim').map(({ topic }) => topic);
  const badgeIs = (text: string) =>
    waitFor(() => badges().at(-1) === text, {
      timeoutMs: 20_000,
      intervalMs: 5,
      message: () => `the badge ${text}, it is ${badges().at(-1)}`,
    });
  const worksAgain = async () => {
    await badgeIs('ready');
    assert.equal((await ask(cut())).payload.accepted, true);
    await badgeIs('ready');
  };

  describe('its state cannot be had', () => {
    const faults: [HttpFault, string][] = [
      ['error', 'VMIX_REJECTED'],
      ['hang', 'VMIX_TIMEOUT'],
      ['slow', 'VMIX_TIMEOUT'],
      ['html', 'VMIX_NOT_VMIX'],
      ['browser', 'VMIX_BROWSER_REFUSED'],
      ['truncated', 'VMIX_DOCUMENT_TRUNCATED'],
      ['large', 'VMIX_DOCUMENT_TOO_LARGE'],
      ['refuse', 'VMIX_DISCONNECTED'],
    ];
    for (const [fault, code] of faults)
      it(`${fault}: ${code}, disconnected, and ready again with no event but these`, async () => {
        await begin();
        vmix.studio.record(true, 0);
        await next('interim', ({ topic }) => topic === 'recording_started');
        vmix.faults.failHttp(fault, { on: 'state' });
        await badgeIs('disconnected');
        const { payload, live } = await next('interim', ({ topic }) => topic === 'vmix_disconnected');
        assert.equal(payload.code, code);
        assert.equal(live.application, 'vmix');
        assert.equal(payload.recording, 'recording', 'as it was seen last');
        const { error } = await refuse(cut(), code);
        assert.ok(error.message.length > 30);
        vmix.faults.clear();
        await next('interim', ({ topic }) => topic === 'vmix_connected');
        await worksAgain();
        // nothing ended and nothing began: the recording went on
        assert.deepEqual(told(), ['recording_started', 'vmix_disconnected', 'vmix_connected']);
      });

    it('once is no matter: the second look tells', async () => {
      await begin();
      for (const fault of ['error', 'html', 'truncated'] as const) {
        const before = vmix.stateRequests;
        vmix.faults.failHttp(fault, { on: 'state', times: 1 });
        await waitFor(() => vmix.stateRequests >= before + 3, { timeoutMs: 10_000 });
      }
      assert.deepEqual(told(), []);
      await worksAgain();
    });
  });

  describe('a function is not taken', () => {
    const faults: [HttpFault, string][] = [
      ['error', 'VMIX_REJECTED'],
      ['hang', 'VMIX_TIMEOUT'],
      ['browser', 'VMIX_BROWSER_REFUSED'],
      ['refuse', 'VMIX_DISCONNECTED'],
    ];
    for (const [fault, code] of faults)
      it(`${fault}: ${code} at Catch, failed, and the next one goes`, async () => {
        await begin();
        vmix.faults.failHttp(fault, { on: 'function', times: 1 });
        await refuse(cut(), code);
        await badgeIs('failed');
        assert.equal((await ask(cut())).payload.accepted, true);
        await badgeIs('ready');
        assert.deepEqual(
          told().filter((event) => event !== 'scene_changed'),
          [],
          'the connection stands',
        );
      });
  });

  it('a wrong password: refused, no more tries, and ready after the right one is deployed', async () => {
    vmix = await simulateVmix({ user: 'me', password: 'right' });
    await load(flow(), { mixer: { user: 'me', password: 'wrong' } });
    await badgeIs('refused');
    await refuse(cut(), 'VMIX_WRONG_PASSWORD');
    const { stateRequests } = vmix;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(vmix.stateRequests, stateRequests, 'nobody is locked out by us');
    await deploy(flow(), 'full', { mixer: { user: 'me', password: 'right' } });
    await worksAgain();
  });

  it('no password where one is wanted: refused, and says so', async () => {
    vmix = await simulateVmix({ user: 'me', password: 'right' });
    await load(flow());
    await badgeIs('refused');
    await refuse(cut(), 'VMIX_PASSWORD_MISSING');
  });

  it('absent at start: waiting, nothing listens, and connected when it comes', async () => {
    const [httpPort, tcpPort] = [await freePort(), await freePort()];
    await load(around(FUNCTION, vmixConnectionTo({ httpPort, tcpPort }), EVENTS));
    await badgeIs('waiting');
    await refuse(cut(), nobody());
    assert.deepEqual(told(), [], 'what was never there does not go');
    vmix = await simulateVmix({ httpPort, tcpPort });
    await worksAgain();
    assert.deepEqual(told()[0], 'vmix_connected');
  });

  it('ports swapped: VMIX_PORTS_SWAPPED names which, and ready after they are set right', async () => {
    vmix = await simulateVmix();
    await load(flow({ port: String(vmix.tcpPort), tcpPort: String(vmix.httpPort) }));
    await badgeIs('waiting');
    const { error } = await refuse(cut(), 'VMIX_PORTS_SWAPPED');
    assert.match(error.message, /is the TCP port of vMix/);
    await deploy(flow());
    await worksAgain();
  });

  it('the web controller switched off: disconnected at once though the TCP port goes on, and back', async () => {
    await begin();
    await vmix.webController(false);
    await badgeIs('disconnected');
    const { payload } = await next('interim', ({ topic }) => topic === 'vmix_disconnected');
    assert.equal(payload.code, 'VMIX_WEB_CONTROLLER_OFF');
    await refuse(cut(), 'VMIX_WEB_CONTROLLER_OFF');
    assert.equal(vmix.clients, 1);
    await vmix.webController(true);
    await worksAgain();
  });

  it('a restart with other numbers: what ran is told as ended, and keys find their inputs', async () => {
    await begin();
    const camera = vmix.studio.inputs.find(({ title }) => title === 'Camera 1')!;
    const { key, number } = camera;
    vmix.studio.record(true, 0);
    await next('interim', ({ topic }) => topic === 'recording_started');
    await vmix.restart({ reorder: true, downMs: 20_000 });
    await next('interim', ({ topic }) => topic === 'vmix_connected', 20_000);
    const { live } = await next('interim', ({ topic }) => topic === 'recording_stopped', 20_000);
    assert.equal(live.cause, 'resync');
    assert.notEqual(live.expected, true, 'nobody asked for it');
    await badgeIs('ready');
    assert.notEqual(camera.number, number);
    await ask({ function: 'CutDirect', payload: { Input: key } });
    await waitFor(() => vmix.studio.active === camera.number);
    const events = told();
    assert.equal(events.filter((event) => event === 'recording_stopped').length, 1);
    assert.ok(events.indexOf('vmix_disconnected') < events.indexOf('vmix_connected'));
  });

  it('an OK that comes too late answers no other command', async () => {
    await begin();
    const port = mixer().client.tcp!;
    await waitFor(() => port.status.state === 'ready');
    // its delays are divided by 10
    vmix.faults.delayNext('FUNCTION', 15_000);
    await assert.rejects(port.call({ name: 'StartRecording' }), { code: 'VMIX_TIMEOUT' });
    // of a known function with bad arguments the TCP port complains
    await assert.rejects(port.call({ name: 'CutDirect', input: 'no such input' }), { code: 'VMIX_REJECTED' });
    assert.equal((await ask(cut())).payload.accepted, true);
    // done late is done: the state tells
    await next('interim', ({ topic }) => topic === 'recording_started');
    await badgeIs('ready');
  });

  it('a vMix that freezes: VMIX_TIMEOUT, disconnected, and well when it thaws', async () => {
    await begin();
    vmix.freeze();
    await refuse(cut(), 'VMIX_TIMEOUT');
    await badgeIs('disconnected');
    await refuse(cut(), 'VMIX_TIMEOUT');
    vmix.thaw();
    await worksAgain();
  });
});
