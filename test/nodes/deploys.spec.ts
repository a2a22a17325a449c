/* eslint-disable @typescript-eslint/unbound-method, @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import type { ObsSimulator } from '../../simulators/obs';
import { listens } from '../support/ports';
import {
  application,
  around,
  badges,
  connectionIs,
  connectionTo,
  deploy,
  heardBy,
  helper,
  load,
  next,
  send,
  settle,
  simulate,
  tearDown,
  waitFor,
  type Flow,
  exactly,
  type FlowNode,
} from './support/rig';
import { HEALTH } from './support/health';

const EVENT = {
  type: 'live-event',
  source: 'show',
  events: ['scene_changed'],
  filters: [],
  limit: '100',
  present: false,
};
const timed = async (work: () => Promise<unknown>) => {
  const before = performance.now();
  await work();
  return performance.now() - before;
};
/** What would keep a process alive, by kind. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => /Timeout|TCP|Socket/.test(kind))
    .sort();

describe('deploys', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const all = (nr: number): FlowNode[] =>
    [
      'live-start-stream',
      'live-stop-stream',
      'live-record',
      'live-output',
      'live-stop-all',
      'live-status',
      'live-switch-scene',
      'live-stream-started',
      'live-stream-stopped',
      'live-obs-request',
      'live-health-alert',
    ].map((type) => ({
      ...HEALTH,
      id: type,
      z: 'tab',
      x: 1,
      y: nr,
      type,
      name: `deploy ${nr}`,
      application: 'obs',
      obs: 'studio',
      waitSeconds: '0',
      every: '1',
      action: 'start',
      output: 'virtualcam',
      scene: '',
      sceneType: 'str',
      to: 'program',
      wires: [],
    }));
  const flow = (nr: number): Flow =>
    around({ ...EVENT, name: `deploy ${nr}` }, connectionTo(obs), ...all(nr));
  const switchScenes = async () => {
    const { scenes, program } = await application().scenes.list();
    const scene = scenes.find((name) => name !== program)!;
    await application().scenes.switchTo({ scene, to: 'program' });
  };

  it('after three Modified Nodes deploys one event gives one message, and nothing is left over', async () => {
    leases.lingerMs = 10_000;
    const atRest = resources();
    await load(flow(0));
    await connectionIs('ready');
    const hub = application().events;
    const counts = () => ({
      raw: application().client.listeners,
      hub: hub.size,
      clients: obs.clients,
      open: leases.size,
    });
    const before = counts();
    const runtimeListeners = (helper as unknown as { _events: NodeJS.EventEmitter })._events.listenerCount(
      'runtime-event',
    );
    await switchScenes();
    await waitFor(() => heardBy('out').length === 1);
    for (let nr = 1; nr <= 3; nr++) {
      await deploy(flow(nr), 'nodes');
      await settle();
      assert.equal((helper.getNode('n') as unknown as { name: string }).name, `deploy ${nr}`);
      assert.deepEqual(counts(), before);
    }
    await switchScenes();
    // one event, one message
    await exactly('out', 2);
    assert.equal(obs.connections, 1);
    assert.equal(
      (helper as unknown as { _events: NodeJS.EventEmitter })._events.listenerCount('runtime-event'),
      runtimeListeners,
    );
    await tearDown();
    await waitFor(() => leases.size === 0);
    assert.equal(hub.size, 0);
    await settle(100);
    const left = [...resources()];
    for (const kind of atRest) if (left.includes(kind)) left.splice(left.indexOf(kind), 1);
    assert.deepEqual(
      left.filter((kind) => kind !== 'Timeout' && kind !== 'Immediate'),
      [],
    );
  });

  it('a Full deploy with unchanged settings keeps the socket, for one that runs and one that still connects', async () => {
    leases.lingerMs = 10_000;
    await load(flow(0));
    await connectionIs('ready');
    const first = application();
    for (let nr = 0; nr < 3; nr++) await deploy(flow(nr));
    await settle(100);
    assert.equal(application(), first);
    assert.deepEqual([obs.connections, obs.clients], [1, 1]);
    await switchScenes();
    await exactly('out', 1);
    assert.equal(badges().at(-1), 'ready');
  });

  it('a new name alone keeps the socket, and messages carry it', async () => {
    leases.lingerMs = 10_000;
    await load(flow(0));
    await connectionIs('ready');
    const renamed = flow(0).map((node) => (node.id === 'studio' ? { ...node, name: 'Chapel' } : node));
    await deploy(renamed);
    await switchScenes();
    assert.equal((await next('out')).live.connection.name, 'Chapel');
    assert.equal(obs.connections, 1);
  });

  it('changed settings close the old connection at once, and removal too', async () => {
    leases.lingerMs = 10_000;
    await load(flow(0));
    await connectionIs('ready');
    const other = await simulate();
    await deploy(
      flow(0).map((node) => (node.id === 'studio' ? { ...node, port: String(other.port) } : node)),
    );
    await waitFor(() => obs.clients === 0, { timeoutMs: 8000 });
    await connectionIs('ready');
    assert.equal(leases.size, 2, 'the new one, and what watches its health');
    await deploy(flow(0).filter(({ id }) => id !== 'studio'));
    await waitFor(() => other.clients === 0, { timeoutMs: 8000 });
    assert.equal(leases.size, 0);
  });

  it('a changed password closes at once as well', async () => {
    leases.lingerMs = 10_000;
    const locked = await simulate({ password: 'right' });
    const guarded = around(EVENT, connectionTo(locked));
    await load(guarded, { studio: { password: 'wrong' } });
    await connectionIs('refused');
    assert.equal(badges().at(-1), 'refused');
    await deploy(guarded, 'full', { studio: { password: 'right' } });
    await connectionIs('ready');
  });

  it('without users it lingers, and a stop of Node-RED waits for no linger', async () => {
    leases.lingerMs = 10_000;
    await load(flow(0));
    await connectionIs('ready');
    await deploy(flow(0).filter(({ obs: uses }) => !uses));
    await settle(100);
    assert.equal(obs.clients, 1, 'lingering');
    const took = await timed(async () => {
      await helper.clearFlows();
      await waitFor(() => obs.clients === 0, { timeoutMs: 8000 });
    });
    assert.ok(took < 8000);
    assert.equal(leases.size, 0);
  });

  it('with a linger of 0 the last user closes it', async () => {
    await load(flow(0));
    await connectionIs('ready');
    await deploy(flow(0).filter(({ obs: uses }) => !uses));
    await waitFor(() => obs.clients === 0, { timeoutMs: 8000 });
  });

  it('a node that was deployed away says nothing of what it was doing', async () => {
    leases.lingerMs = 10_000;
    const node = {
      type: 'live-start-stream',
      targetFrom: 'as-set',
      confirmSeconds: '1',
      ifLive: 'error',
      onUnstable: 'stop',
    };
    await load(around(node, connectionTo(obs)));
    await connectionIs('ready');
    send({ payload: 'old' });
    await waitFor(() => obs.state.stream === 'live');
    await deploy(around({ ...node, name: 'new' }, connectionTo(obs)), 'nodes');
    await waitFor(() => application().streams.state() === 'live');
    await settle(200);
    assert.deepEqual(
      [heardBy('out').length, heardBy('caught').length, heardBy('completed').length],
      [0, 0, 0],
    );
    send({ payload: 'new' });
    assert.equal((await next('out')).payload.alreadyRunning, true);
    assert.equal(heardBy('out').length, 1);
  });

  it('a rehearsal ends with its connection, its port too', async () => {
    const rehearsal = (name: string): Flow =>
      around(
        { ...EVENT, name },
        {
          id: 'studio',
          type: 'live-obs-connection',
          name: '',
          connectTo: 'rehearsal',
          host: '',
          port: '',
          tls: false,
          configVersion: 1,
        },
      );
    leases.lingerMs = 10_000;
    await load(rehearsal('a'));
    await connectionIs('ready');
    assert.equal(badges().at(-1), 'sim ready');
    assert.ok(
      badges().every((text) => text.startsWith('sim ') && text.length < 20),
      badges().join(),
    );
    const { locate } = (
      application() as unknown as { options: { locate(): Promise<{ host: string; port: number }> } }
    ).options;
    const { port } = await locate();
    await deploy(rehearsal('b'));
    assert.equal((await locate()).port, port);
    assert.ok(await listens(port));
    await deploy(rehearsal('b').filter(({ id }) => id !== 'studio' && id !== 'n'));
    await waitFor(async () => !(await listens(port)), { timeoutMs: 3000 });
  });
});
