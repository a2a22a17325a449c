/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { EVENT_NAMES } from '../../lib/production/vocabulary';
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
  type FlowNode,
} from './support/rig';

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
    assert.deepEqual(live, {
      event: 'stream_started',
      state: 'live',
      previous: 'starting',
      cause: 'event',
      expected: true,
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: 'stream',
    });
    assert.equal(msg.topic, 'stream_started');
    assert.deepEqual(Object.keys(msg.payload).sort(), [
      'bitrateKbps',
      'output',
      'server',
      'service',
      'startedAt',
      'target',
    ]);
    assert.match(msg.payload.startedAt, ISO);
    await settle();
    assert.equal(topics().length, 1);
    assert.equal(badges().at(-1), 'live');
  });

  it('stream stopped tells expected ends from unexpected ones, with final figures', async () => {
    for (const [which, wanted, unwanted] of [
      ['all', 2, 0],
      ['expected', 1, 1],
      ['unexpected', 1, 1],
    ] as const) {
      await again({ type: 'live-stream-stopped', which, present: false });
      const all: unknown[] = [];
      application().events.onEvent(({ event, expected }) => event === 'stream_stopped' && all.push(expected));
      await application().streams.start(STREAM);
      await application().streams.stop();
      await waitFor(() => all.length === 1);
      await application().client.call('SetProfileParameter', {
        parameterCategory: 'Output',
        parameterName: 'Reconnect',
        parameterValue: 'false',
      });
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
    await ready({
      type: 'live-event',
      source: 'show',
      events: [],
      filters: [],
      limit: '100',
      present: false,
    });
    obs.faults.refuseStreams();
    await application()
      .streams.start(STREAM)
      .catch(() => undefined);
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
    assert.deepEqual(
      topics().filter((topic) => topic !== 'obs_connected'),
      [
        'stream_starting',
        'stream_failed',
        'stream_starting',
        'stream_started',
        'stream_reconnecting',
        'stream_reconnected',
        'stream_stopped',
      ],
    );
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
      assert.deepEqual(
        heardBy('out').map(({ live }) => live.cause),
        ['startup'],
      );
    });

    it('of the event node is every state the vocabulary has words for', async () => {
      await ready({ type: 'live-event', source: 'show', events: [], filters: [], limit: '0', present: true });
      await next('out', ({ topic, live }) => topic === 'scene_changed' && live.cause === 'startup');
      await settle(50);
      const startup = heardBy('out')
        .filter(({ live }) => live.cause === 'startup')
        .map(({ topic }) => topic);
      for (const topic of ['obs_connected', 'stream_stopped', 'recording_stopped', 'scene_changed'])
        assert.ok(startup.includes(topic), `${topic} in ${startup.join()}`);
      assert.equal(
        new Set(startup).size,
        startup.length - (startup.filter((topic) => topic === 'output_stopped').length > 1 ? 1 : 0),
      );
    });
  });

  it('losing OBS while live is obs_disconnected, and the resync says what became of the stream', async () => {
    await ready({
      type: 'live-event',
      source: 'show',
      events: [],
      filters: [],
      limit: '100',
      present: false,
    });
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
    assert.deepEqual(
      topics()
        .slice(before)
        .filter((topic) => topic.startsWith('stream')),
      ['stream_stopped'],
    );
  });
});
