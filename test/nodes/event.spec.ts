/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  badges,
  connectionIs,
  connectionTo,
  deploy,
  heardBy,
  load,
  next,
  settle,
  simulate,
  tearDown,
  waitFor,
  type Flow,
  exactly,
  type FlowNode,
} from './support/rig';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('event', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (node: { type: string } & Partial<FlowNode>, state: 'ready' | null = 'ready') => {
    await load(around(node, connectionTo(obs)));
    if (state) await connectionIs(state);
  };
  const again = async (node: { type: string } & Partial<FlowNode>) => {
    await tearDown();
    obs = await simulate();
    await ready(node);
  };

  describe('the event node', () => {
    const EVENT = {
      type: 'live-event',
      source: 'show',
      events: [],
      filters: [],
      limit: '100',
      present: false,
      rawEvents: '',
    };

    it('sends the chosen events that pass the filters', async () => {
      await ready({
        ...EVENT,
        events: ['scene_changed'],
        filters: [{ property: 'scene', operator: 'contains', value: 'B' }],
      });
      const { scenes } = await application().scenes.list();
      for (const sceneName of ['A', 'B']) await application().client.call('CreateScene', { sceneName });
      for (const scene of ['A', 'B', scenes[0]!])
        await application().scenes.switchTo({ scene, to: 'program' });
      await exactly('out', 1);
      assert.deepEqual(
        heardBy('out').map(({ topic, payload }) => [topic, payload.scene]),
        [['scene_changed', 'B']],
      );
      assert.deepEqual([heardBy('out')[0]!.payload.from, heardBy('out')[0]!.live.state], ['A', 'B']);
    });

    it('each node gets a payload of its own', async () => {
      const second = {
        ...EVENT,
        id: 'n2',
        z: 'tab',
        x: 1,
        y: 1,
        obs: 'studio',
        application: 'obs',
        wires: [['interim']],
      } as FlowNode;
      await load(
        around({ ...EVENT, events: ['emergency_stop_all'] }, connectionTo(obs), {
          ...second,
          events: ['emergency_stop_all'],
        }),
      );
      await connectionIs('ready');
      application().announce('emergency_stop_all', { outputs: [{ name: 'stream' }] });
      const [a, b] = [await next('out'), await next('interim')];
      assert.notEqual(a.payload, b.payload);
      assert.notEqual(a.payload.outputs[0], b.payload.outputs[0]);
    });

    it('passes raw events of OBS, high-volume ones only while somebody listens', async () => {
      await ready({ ...EVENT, source: 'raw', rawEvents: 'InputVolumeMeters, CustomEvent' });
      const msg = await next('out', ({ topic }) => topic === 'InputVolumeMeters');
      assert.ok(Array.isArray(msg.payload.inputs));
      const { at, ...live } = msg.live;
      assert.match(at, ISO);
      assert.deepEqual(live, {
        event: null,
        rawEvent: 'InputVolumeMeters',
        cause: 'event',
        application: 'obs',
        connection: { id: 'studio', name: 'Studio' },
      });
      obs.emit('CustomEvent', { eventData: { key: 'sekrit', hello: 1 } });
      const custom = await next('out', ({ topic }) => topic === 'CustomEvent');
      assert.deepEqual(custom.payload, { eventData: { key: '[hidden]', hello: 1 } });
      leases.lingerMs = 10_000;
      const listeners = application().client.listeners;
      await deploy(around({ ...EVENT, source: 'raw', rawEvents: 'CustomEvent' }, connectionTo(obs)), 'nodes');
      await settle(100);
      assert.equal(application().client.listeners, listeners - 1);
      const before = heardBy('out').length;
      await settle(200);
      assert.equal(heardBy('out').length, before, 'no meters any more');
      assert.equal(obs.connections, 1);
    });

    it('lets 100 a second pass by default, counts what it drops, warns once; 0 is no limit', async () => {
      await ready({ ...EVENT, source: 'raw', rawEvents: 'CustomEvent' });
      for (let nr = 0; nr < 250; nr++) obs.emit('CustomEvent', { eventData: { nr } });
      await waitFor(() => heardBy('out').length === 100);
      await settle(1100);
      obs.emit('CustomEvent', { eventData: { nr: 'after' } });
      const after = await next('out', ({ payload }) => payload.eventData.nr === 'after');
      assert.equal(after.live.dropped, 150);
      assert.equal(heardBy('out').length, 101);
      await again({ ...EVENT, source: 'raw', rawEvents: 'CustomEvent', limit: '0' });
      for (let nr = 0; nr < 250; nr++) obs.emit('CustomEvent', { eventData: { nr } });
      await waitFor(() => heardBy('out').length === 250);
      assert.ok(heardBy('out').every(({ live }) => !('dropped' in live)));
    });

    it('says at the deploy what makes no sense, and stays up', async () => {
      const bad: Partial<FlowNode>[] = [
        { source: 'raw', rawEvents: ' ' },
        { limit: 'many' },
        { filters: [{ property: '', operator: 'equals', value: '' }] },
        { filters: [{ property: 'a', operator: 'like', value: '' }] },
        { filters: [{ property: 'a', operator: 'above', value: 'x' }] },
        { filters: 'x' },
        { filters: [null] },
        { source: 'raw', rawEvents: '${LIVE_TEST_NOT_SET}' },
        { source: 'raw', rawEvents: 'CustomEvent', obs: '' },
      ];
      for (const more of bad) {
        await load(around({ ...EVENT, ...more }, connectionTo(obs)));
        await waitFor(() => badges().at(-1) === 'misconfigured', { message: JSON.stringify(more) });
        await tearDown();
        obs = await simulate();
      }
    });

    it('hears any connection, also one that a later deploy adds, and no more of one that is gone', async () => {
      const other = await simulate();
      const node = { ...EVENT, obs: '', events: ['obs_connected', 'scene_changed'] };
      const flow = (...more: FlowNode[]): Flow => around(node, ...more);
      const second = connectionTo(other, { id: 'second', name: 'Second' });
      await load(flow(connectionTo(obs)));
      await next('out', ({ topic, live }) => topic === 'obs_connected' && live.connection.id === 'studio');
      await deploy(flow(connectionTo(obs), second), 'nodes');
      await next('out', ({ topic, live }) => topic === 'obs_connected' && live.connection.name === 'Second');
      assert.equal(obs.connections, 1, 'the first stays');
      for (const id of ['studio', 'second']) {
        await application(id).client.call('CreateScene', { sceneName: 'New' });
        await application(id).scenes.switchTo({ scene: 'New', to: 'program' });
      }
      await waitFor(() => heardBy('out').filter(({ topic }) => topic === 'scene_changed').length === 2);
      await deploy(flow(connectionTo(obs)), 'nodes');
      await waitFor(() => other.clients === 0, { timeoutMs: 3000 });
      assert.equal(obs.clients, 1);
      await exactly('out', 4);
    });
  });
});
