import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import { EVENT_NAMES } from '../../lib/production/vocabulary';
import type { ObsSimulator } from '../../simulators/obs';
import { application, around, badges, connectionIs, connectionTo, deploy, heardBy, load, next, settle, simulate, tearDown, waitFor, type Flow, type FlowNode } from './support/rig';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STREAM = { target: null, confirmMs: 1000 } as const;
const topics = () => heardBy('out').map(({ topic }) => topic as string);

describe('triggers', () => {
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

  it('stream started sends one message once the stream is confirmed, with msg.live as the contract says', async () => {
    await ready({ type: 'live-stream-started', present: false });
    await settle(50);
    assert.deepEqual(topics(), [], 'a deploy invents no event');
    await application().streams.start(STREAM);
    const msg = await next('out');
    const { at, ...live } = msg.live;
    assert.match(at, ISO);
    assert.deepEqual(live, { event: 'stream_started', state: 'live', previous: 'starting', cause: 'event', expected: true, application: 'obs', connection: { id: 'studio', name: 'Studio' }, output: 'stream' });
    assert.equal(msg.topic, 'stream_started');
    assert.deepEqual(Object.keys(msg.payload).sort(), ['bitrateKbps', 'output', 'server', 'service', 'startedAt', 'target']);
    assert.match(msg.payload.startedAt, ISO);
    await settle();
    assert.equal(topics().length, 1);
    assert.equal(badges().at(-1), 'live');
  });

  it('stream stopped tells expected ends from unexpected ones, with final figures', async () => {
    for (const [which, wanted, unwanted] of [['all', 2, 0], ['expected', 1, 1], ['unexpected', 1, 1]] as const) {
      await again({ type: 'live-stream-stopped', which, present: false });
      const all: unknown[] = [];
      application().events.onEvent(({ event, expected }) => event === 'stream_stopped' && all.push(expected));
      await application().streams.start(STREAM);
      await application().streams.stop();
      await waitFor(() => all.length === 1);
      await application().client.call('SetProfileParameter', { parameterCategory: 'Output', parameterName: 'Reconnect', parameterValue: 'false' });
      await application().streams.start(STREAM);
      obs.faults.loseServer();
      await waitFor(() => all.length === 2);
      await settle();
      assert.deepEqual(all, [true, false]);
      assert.equal(heardBy('out').length, wanted);
      assert.equal(wanted + unwanted, 2);
      for (const { payload, live } of heardBy('out')) {
        assert.ok(payload.final.durationMs > 0 && payload.final.sizeBytes > 0);
        assert.equal(live.output, 'stream');
      }
    }
  });

  it('a start that fails is stream_failed and never stream_stopped; reconnecting is an event of its own', async () => {
    await ready({ type: 'live-event', source: 'show', events: [], filters: [], limit: '100', present: false });
    obs.faults.refuseStreams();
    await application().streams.start(STREAM).catch(() => undefined);
    await next('out', ({ topic }) => topic === 'stream_failed');
    obs.faults.allowStreams();
    await application().streams.start(STREAM);
    obs.faults.loseServer();
    const lost = await next('out', ({ topic }) => topic === 'stream_reconnecting');
    assert.equal(lost.live.state, 'reconnecting');
    obs.faults.restoreServer();
    await next('out', ({ topic }) => topic === 'stream_reconnected');
    await application().streams.stop();
    await next('out', ({ topic }) => topic === 'stream_stopped');
    assert.deepEqual(topics().filter((topic) => topic !== 'obs_connected'), ['stream_starting', 'stream_failed', 'stream_starting', 'stream_started', 'stream_reconnecting', 'stream_reconnected', 'stream_stopped']);
    for (const { topic, live } of heardBy('out')) {
      assert.equal(live.event, topic);
      assert.ok((EVENT_NAMES as readonly string[]).includes(topic));
    }
  });

  describe('the present state at the start', () => {
    it('is sent once where wished, with cause startup, and by a full deploy again', async () => {
      const flow = around({ type: 'live-stream-started', present: true }, connectionTo(obs));
      const stranger = around({ type: 'live-stop-stream' }, connectionTo(obs));
      await load(stranger);
      await connectionIs('ready');
      await application().streams.start(STREAM);
      await deploy(flow);
      const msg = await next('out');
      assert.equal(msg.live.cause, 'startup');
      assert.equal(msg.live.state, 'live');
      assert.equal(msg.topic, 'stream_started');
      await settle(100);
      assert.equal(topics().length, 1);
    });

    it('is not repeated by a reconnect, and an idle OBS has none for stream started', async () => {
      await ready({ type: 'live-stream-started', present: true });
      await settle(100);
      assert.deepEqual(topics(), []);
      await again({ type: 'live-stream-stopped', present: true, which: 'all' });
      await next('out');
      obs.crash();
      await connectionIs('disconnected');
      await obs.restart();
      await connectionIs('ready');
      await settle(100);
      assert.deepEqual(heardBy('out').map(({ live }) => live.cause), ['startup']);
    });

    it('of the event node is every state the vocabulary has words for', async () => {
      await ready({ type: 'live-event', source: 'show', events: [], filters: [], limit: '0', present: true });
      await next('out', ({ topic, live }) => topic === 'scene_changed' && live.cause === 'startup');
      await settle(50);
      const startup = heardBy('out').filter(({ live }) => live.cause === 'startup').map(({ topic }) => topic);
      for (const topic of ['obs_connected', 'stream_stopped', 'recording_stopped', 'scene_changed']) assert.ok(startup.includes(topic), `${topic} in ${startup.join()}`);
      assert.equal(new Set(startup).size, startup.length - (startup.filter((topic) => topic === 'output_stopped').length > 1 ? 1 : 0));
    });
  });

  it('losing OBS while live is obs_disconnected, and the resync says what became of the stream', async () => {
    await ready({ type: 'live-event', source: 'show', events: [], filters: [], limit: '100', present: false });
    await application().streams.start(STREAM);
    await next('out', ({ topic }) => topic === 'stream_started');
    const before = heardBy('out').length;
    obs.crash();
    const lost = await next('out', ({ topic }) => topic === 'obs_disconnected');
    assert.equal(lost.payload.stream, 'live');
    assert.equal(lost.live.expected, null);
    await settle(100);
    assert.deepEqual(topics().slice(before), ['obs_disconnected'], 'no stop is invented');
    assert.equal(application().streams.state(), 'unknown');
    await obs.restart();
    const stopped = await next('out', ({ topic }) => topic === 'stream_stopped');
    assert.equal(stopped.live.cause, 'resync');
    assert.equal(stopped.live.expected, null);
    await settle(50);
    assert.deepEqual(topics().slice(before).filter((topic) => topic.startsWith('stream')), ['stream_stopped']);
  });

  describe('the event node', () => {
    const EVENT = { type: 'live-event', source: 'show', events: [], filters: [], limit: '100', present: false, rawEvents: '' };

    it('sends the chosen events that pass the filters', async () => {
      await ready({ ...EVENT, events: ['scene_changed'], filters: [{ property: 'scene', operator: 'contains', value: 'B' }] });
      const { scenes } = await application().scenes.list();
      for (const sceneName of ['A', 'B']) await application().client.call('CreateScene', { sceneName });
      for (const scene of ['A', 'B', scenes[0]!]) await application().scenes.switchTo({ scene, to: 'program' });
      await settle(50);
      assert.deepEqual(heardBy('out').map(({ topic, payload }) => [topic, payload.scene]), [['scene_changed', 'B']]);
      assert.deepEqual([heardBy('out')[0]!.payload.from, heardBy('out')[0]!.live.state], ['A', 'B']);
    });

    it('each node gets a payload of its own', async () => {
      const second = { ...EVENT, id: 'n2', z: 'tab', x: 1, y: 1, obs: 'studio', application: 'obs', wires: [['interim']] } as FlowNode;
      await load(around({ ...EVENT, events: ['emergency_stop_all'] }, connectionTo(obs), { ...second, events: ['emergency_stop_all'] }));
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
      assert.deepEqual(live, { event: null, rawEvent: 'InputVolumeMeters', cause: 'event', application: 'obs', connection: { id: 'studio', name: 'Studio' } });
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
        await settle(20);
        assert.equal(badges().at(-1), 'misconfigured', JSON.stringify(more));
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
      await settle(50);
      assert.equal(heardBy('out').length, 4);
    });
  });
});
