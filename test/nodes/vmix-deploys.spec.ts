// Deploys on a vMix: one event stays one message, sockets are kept, and every state closes in time.
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import type { VmixSimulator } from '../../simulators/vmix';
import { freePort, listens } from '../support/ports';
import {
  ON_VMIX,
  around,
  badges,
  connectionIs,
  deploy,
  heardBy,
  helper,
  load,
  mixer,
  next,
  send,
  settle,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type Flow,
  exactly,
  type FlowNode,
} from './support/rig';

const EVENT = {
  type: 'live-event',
  source: 'show',
  events: ['recording_started', 'recording_stopped'],
  filters: [],
  limit: '100',
  present: false,
  ...ON_VMIX,
};
/** A connection closes within this. */
const CLOSE_MS = 1_500;

describe('deploys on a vMix', () => {
  let vmix: VmixSimulator;
  afterEach(async () => {
    vmix.thaw();
    await tearDown();
  });

  const others = (nr: number): FlowNode[] => [
    {
      id: 'raw',
      z: 'tab',
      x: 1,
      y: nr,
      type: 'live-event',
      name: `deploy ${nr}`,
      source: 'raw',
      rawEvents: 'Recording',
      events: [],
      filters: [],
      limit: '100',
      wires: [['interim']],
      ...ON_VMIX,
    },
    {
      id: 'function',
      z: 'tab',
      x: 1,
      y: nr,
      type: 'live-vmix-function',
      name: `deploy ${nr}`,
      mode: 'object',
      functionName: 'function',
      functionNameType: 'msg',
      parameters: 'payload',
      parametersType: 'msg',
      waitSeconds: '0',
      wires: [],
      ...ON_VMIX,
    },
  ];
  const flow = (nr: number, connection: object = {}): Flow =>
    around({ ...EVENT, name: `deploy ${nr}` }, { ...vmixConnectionTo(vmix), ...connection }, ...others(nr));
  const begin = async () => {
    leases.lingerMs = 10_000;
    vmix = await simulateVmix();
    await load(flow(0));
    await connectionIs('ready', 'mixer');
    await waitFor(() => mixer().client.tcp?.status.state === 'ready');
  };
  /** How often a client has come to the TCP port. */
  const subscriptions = () =>
    vmix.calls.filter(({ name, parameters }) => name === 'SUBSCRIBE' && parameters.text === 'ACTS').length;

  it('after three Modified Nodes deploys one event gives one message, and the sockets are those of the start', async () => {
    await begin();
    const { client } = mixer();
    for (let nr = 1; nr <= 3; nr++) {
      await deploy(flow(nr), 'nodes');
      assert.equal((helper.getNode('n') as unknown as { name: string }).name, `deploy ${nr}`);
    }
    vmix.studio.record(true, 0);
    assert.equal((await next('out')).topic, 'recording_started');
    assert.equal((await next('interim')).topic, 'Recording');
    vmix.studio.record(false, 0);
    await next('out', ({ topic }) => topic === 'recording_stopped');
    // one event, one message
    await exactly('out', 2);
    await exactly('interim', 2);
    assert.equal(mixer().client, client);
    assert.deepEqual([vmix.clients, subscriptions()], [1, 1]);
    assert.equal(leases.size, 1);
  });

  it('a Full deploy with unchanged settings keeps the sockets, and polls no more often', async () => {
    await begin();
    const { client } = mixer();
    for (let nr = 0; nr < 3; nr++) await deploy(flow(nr));
    assert.equal(mixer().client, client);
    assert.deepEqual([vmix.clients, subscriptions()], [1, 1]);
    const before = vmix.stateRequests;
    const began = performance.now();
    await settle(4_500);
    const seconds = (performance.now() - began) / 1000;
    const asked = vmix.stateRequests - before;
    assert.ok(asked <= seconds / 2 + 1, `${asked} requests in ${seconds} s at one in 2 s`);
    assert.equal(badges().at(-1), 'ready');
  });

  it('changed settings close the old connection at once, and removal too', async () => {
    await begin();
    const [old, first] = [vmix, mixer()];
    vmix = await simulateVmix();
    await deploy(flow(1));
    await connectionIs('ready', 'mixer');
    await waitFor(() => old.clients === 0, { timeoutMs: CLOSE_MS });
    assert.equal(first.status().state, 'closed');
    const { stateRequests } = old;
    await waitFor(() => vmix.clients === 1);
    assert.equal(old.stateRequests, stateRequests, 'nobody asks the old one');
    await deploy(flow(1).filter(({ id }) => id !== 'mixer'));
    await waitFor(() => vmix.clients === 0, { timeoutMs: CLOSE_MS });
    assert.equal(leases.size, 0);
  });

  it('a function that a deploy overtakes says nothing', async () => {
    await begin();
    vmix.faults.failHttp('hang', { on: 'function', times: 1 });
    send({ function: 'Cut', payload: {} }, 'function');
    await waitFor(() => vmix.calls.some(({ name }) => name === 'Cut'));
    await deploy(flow(1, { port: String(await freePort()) }));
    await settle(200);
    assert.deepEqual(heardBy('caught'), []);
  });

  it('a rehearsal ends with its connection, both of its ports too', async () => {
    leases.lingerMs = 10_000;
    vmix = await simulateVmix();
    const rehearsal = (name: string) => flow(0, { connectTo: 'rehearsal', name });
    await load(rehearsal('a'));
    await connectionIs('ready', 'mixer');
    assert.equal(badges().at(-1), 'sim ready');
    const { options } = mixer() as unknown as {
      options: { locate(): Promise<{ port: number; tcpPort: number }> };
    };
    const ports = await options.locate();
    await deploy(rehearsal('b'));
    assert.deepEqual(await options.locate(), ports);
    await deploy(rehearsal('b').filter(({ id }) => id !== 'mixer'));
    await waitFor(async () => !(await listens(ports.port)) && !(await listens(ports.tcpPort)), {
      timeoutMs: 3_000,
    });
  });

  describe('in trouble', () => {
    const states: [string, () => Promise<void>][] = [
      ['is well', () => connectionIs('ready', 'mixer')],
      [
        'is frozen, with a function under way',
        async () => {
          await connectionIs('ready', 'mixer');
          vmix.freeze();
          send({ function: 'Cut', payload: {} }, 'function');
          await settle(50);
        },
      ],
      [
        'hangs over its state',
        async () => {
          await connectionIs('ready', 'mixer');
          const before = vmix.stateRequests;
          vmix.faults.failHttp('hang', { on: 'state' });
          await waitFor(() => vmix.stateRequests > before, { timeoutMs: 5_000 });
        },
      ],
      [
        'sends its state slowly',
        async () => {
          await connectionIs('ready', 'mixer');
          const before = vmix.stateRequests;
          vmix.faults.failHttp('slow', { on: 'state' });
          await waitFor(() => vmix.stateRequests > before, { timeoutMs: 5_000 });
        },
      ],
      [
        'has gone',
        async () => {
          await connectionIs('ready', 'mixer');
          await vmix.quit();
          await connectionIs('disconnected', 'mixer');
        },
      ],
      [
        'takes connections and says nothing from the start',
        async () => {
          vmix.freeze();
          await settle(100);
        },
      ],
    ];
    for (const [title, bring] of states)
      for (const how of ['is removed', 'gets other settings', 'is stopped'])
        it(`a vMix that ${title} is closed in 1.5 s when its connection ${how}`, async () => {
          leases.lingerMs = 10_000;
          vmix = await simulateVmix();
          if (title.includes('from the start')) vmix.freeze();
          await load(flow(0));
          await bring();
          const { client } = mixer();
          const before = performance.now();
          if (how === 'is stopped') await helper.clearFlows();
          else if (how === 'is removed') await deploy(flow(1).filter(({ id }) => id !== 'mixer'));
          else await deploy(flow(1, { port: String(await freePort()), tcpPort: '' }));
          const took = performance.now() - before;
          assert.ok(took < CLOSE_MS, `${Math.round(took)} ms`);
          await waitFor(() => client.status.state === 'closed', { timeoutMs: CLOSE_MS - took });
          await waitFor(() => vmix.clients === 0, { timeoutMs: CLOSE_MS });
        }).timeout(20_000);
  });
});
