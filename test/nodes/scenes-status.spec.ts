/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  refuse,
  refuseUnheard,
  sentTypes,
  settle,
  simulate,
  tearDown,
  exactly,
  waitFor,
} from './support/rig';

const SWITCH = {
  type: 'live-switch-scene',
  scene: 'payload',
  sceneType: 'msg',
  to: 'program',
  transition: '',
  durationMs: '',
};

describe('switch scene', () => {
  let obs: ObsSimulator;
  let scenes: string[];
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (node: object = {}) => {
    await load(around({ ...SWITCH, ...node }, connectionTo(obs)));
    await connectionIs('ready');
    scenes = (await application().scenes.list()).scenes;
  };
  const again = async (node: object) => {
    await tearDown();
    obs = await simulate();
    await ready(node);
  };

  it('puts a scene on air and says from where to where', async () => {
    await ready();
    const [from, to] = [obs.state.programScene, scenes.find((scene) => scene !== obs.state.programScene)!];
    const msg = await ask({ payload: to, topic: 't', scene: from });
    assert.deepEqual(msg.payload, { from, to });
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'switch-scene',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: to,
      confirmedBy: 'application',
      event: 'scene_changed',
    });
    assert.equal(msg.scene, from, 'a stray msg.scene changes nothing and stays');
    assert.equal(obs.state.programScene, to);
    assert.deepEqual((await ask({ payload: to })).payload, { from: to, to });
    assert.deepEqual(sentTypes(obs, 'SetCurrentProgramScene'), ['SetCurrentProgramScene']);
    await exactly('completed', 2);
  });

  it('preview and transition work in studio mode, and say so where it is off', async () => {
    await ready({ to: 'preview' });
    const other = scenes.find((scene) => scene !== obs.state.programScene)!;
    const { error } = await refuse({ payload: other }, 'STUDIO_MODE_OFF');
    assert.match(error.message, /studio mode/);
    await application().client.call('SetStudioModeEnabled', { studioModeEnabled: true });
    const msg = await ask({ payload: other });
    assert.equal(msg.payload.to, other);
    assert.equal(msg.live.event, undefined, 'the preview is not on air');
    assert.equal(obs.state.previewScene, other);
    await again({ to: 'transition', transition: 'Cut' });
    await refuse({ payload: other }, 'STUDIO_MODE_OFF');
    await application().client.call('SetStudioModeEnabled', { studioModeEnabled: true });
    assert.equal((await ask({ payload: other })).live.event, 'scene_changed');
    assert.equal(obs.state.programScene, other);
  });

  it('a wrong scene, transition or length is refused, and nothing changes', async () => {
    await ready();
    const before = obs.state.programScene;
    const { error } = await refuse({ payload: 'No such scene' }, 'SCENE_UNKNOWN');
    assert.ok(scenes.every((scene) => (error.message as string).includes(scene)));
    for (const payload of ['', null, undefined, {}, ['x'], Buffer.from('x')])
      await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
    await again({ scene: scenes[1], sceneType: 'str', transition: 'Sparkle' });
    await refuse({}, 'TRANSITION_UNKNOWN');
    for (const durationMs of ['49', '20001']) {
      await again({ scene: scenes[1], sceneType: 'str', durationMs });
      await refuse({}, 'INPUT_INVALID');
    }
    await again({ scene: scenes[1], sceneType: 'str', durationMs: 'long' });
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    await again({ to: 'sideways', scene: scenes[1], sceneType: 'str' });
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    await again({ scene: '$$.payload.(', sceneType: 'jsonata' });
    await refuseUnheard(obs, {}, 'INPUT_INVALID');
    await again({ scene: 'LIVE_TEST_NOT_SET', sceneType: 'env' });
    await refuseUnheard(obs, {}, 'CONFIG_ENV_MISSING');
    await again({ scene: 'not.there', sceneType: 'flow' });
    await refuseUnheard(obs, {}, 'INPUT_INVALID');
    assert.equal(obs.state.programScene, before);
    assert.deepEqual(sentTypes(obs, 'SetCurrentProgramScene'), []);
  });

  it('a switch that OBS swallows is an error', async () => {
    await ready();
    obs.faults.ignoreNext('SetCurrentProgramScene');
    await refuse(
      { payload: scenes.find((scene) => scene !== obs.state.programScene)! },
      'SCENE_NOT_CONFIRMED',
    );
  });
});

describe('status', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (every = '0') => {
    await load(around({ type: 'live-status', every }, connectionTo(obs)));
    await connectionIs('ready');
  };

  it('reports stream, recording, outputs, scene and statistics, and a reason for each unknown figure', async () => {
    await ready();
    const idle = await ask({ payload: 1, topic: 'mine' });
    assert.equal(idle.topic, 'mine');
    assert.deepEqual(Object.keys(idle.payload).sort(), [
      'outputs',
      'recording',
      'scene',
      'statistics',
      'streams',
      'unknown',
    ]);
    assert.equal(idle.payload.streams.length, 1);
    assert.deepEqual(
      [idle.payload.streams[0].output, idle.payload.streams[0].state, idle.payload.streams[0].bitrateKbps],
      ['stream', 'idle', null],
    );
    assert.equal(idle.payload.scene.program, obs.state.programScene);
    assert.equal(idle.payload.recording.state, 'idle');
    for (const [name, value] of Object.entries(idle.payload.statistics))
      assert.ok(typeof value === 'number' || name in idle.payload.unknown, name);
    const { tookMs, ...live } = idle.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'status',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: 'idle',
      confirmedBy: 'application',
    });
    await application().streams.start({ target: null, confirmMs: 1000 });
    const live1 = await ask({});
    const [stream] = live1.payload.streams;
    assert.equal(stream.state, 'live');
    assert.ok(stream.durationMs >= 900 && stream.sizeBytes > 0 && stream.totalFrames > 0);
    assert.ok(stream.bitrateKbps > 0 || 'bitrateKbps' in stream.unknown);
    assert.equal(live1.live.state, 'live');
    await waitFor(() => badges().at(-1) === 'live');
    await exactly('completed', 2);
  });

  it('reports by itself every N seconds, one at a time, and no more once it is deployed away', async () => {
    await ready('1');
    await waitFor(() => heardBy('out').length >= 2, { timeoutMs: 5000 });
    const [first] = heardBy('out');
    assert.equal(first!.topic, 'status');
    assert.equal(first!.live.action, 'status');
    obs.faults.hang('GetStats');
    const stuck = sentTypes(obs, 'GetStats').length;
    await settle(2500);
    assert.ok(sentTypes(obs, 'GetStats').length <= stuck + 1, 'a slow OBS is not asked twice at once');
    assert.equal(heardBy('caught').length, 0);
    await tearDown();
    const count = heardBy('out').length;
    await settle(1200);
    assert.equal(heardBy('out').length, count);
  });

  it('never by itself with 0, and says when the number makes no sense', async () => {
    await ready();
    await settle(1200);
    assert.equal(heardBy('out').length, 0);
    for (const every of ['often', '-1', '${LIVE_TEST_NOT_SET}']) {
      await tearDown();
      obs = await simulate();
      await load(around({ type: 'live-status', every }, connectionTo(obs)));
      await connectionIs('ready');
      await waitFor(() => badges().at(-1) === 'misconfigured', {
        timeoutMs: 10_000,
        message: `misconfigured with ${every}: ${badges().join()}`,
      });
    }
  });
});
