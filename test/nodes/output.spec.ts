/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  ask,
  connectionIs,
  connectionTo,
  load,
  refuse,
  refuseUnheard,
  sentTypes,
  simulate,
  exactly,
  tearDown,
} from './support/rig';

const OUTPUT = { type: 'live-output', output: 'virtualcam', outputName: '', action: 'message' };

describe('output', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (node: object = {}, options?: Parameters<typeof simulate>[0]) => {
    if (options) obs = await simulate(options);
    await load(around({ ...OUTPUT, ...node }, connectionTo(obs)));
    await connectionIs('ready');
  };

  it('starts and stops the virtual camera, confirmed', async () => {
    await ready();
    const on = await ask({ payload: 'start', kept: true });
    assert.deepEqual(on.payload, { name: 'virtualcam', was: 'idle', state: 'active', path: null });
    const { tookMs, ...live } = on.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'output-start',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: 'virtualcam',
      state: 'active',
      confirmedBy: 'application',
      event: 'virtualcam_started',
    });
    assert.equal(on.kept, true);
    assert.equal(obs.state.virtualCamera, true);
    assert.equal((await ask({ payload: 'start' })).payload.was, 'active');
    const off = await ask({ payload: 'stop' });
    assert.deepEqual(
      [off.payload.state, off.live.event, obs.state.virtualCamera],
      ['idle', 'virtualcam_stopped', false],
    );
    assert.deepEqual(sentTypes(obs, 'StartVirtualCam', 'StopVirtualCam', 'ToggleVirtualCam'), [
      'StartVirtualCam',
      'StopVirtualCam',
    ]);
    await exactly('completed', 3);
  });

  it('starts, saves and stops the replay buffer', async () => {
    await ready({ output: 'replay_buffer' });
    await refuse({ payload: 'save' }, 'OUTPUT_SILENT_NOOP');
    assert.equal((await ask({ payload: 'start' })).live.event, 'output_started');
    const saved = await ask({ payload: 'save' });
    assert.equal(saved.live.event, 'replay_saved');
    assert.match(saved.payload.path, /\.mkv$/);
    assert.equal((await ask({ payload: 'stop' })).payload.state, 'idle');
    assert.equal(obs.state.replayBuffer, false);
  });

  it('says why where OBS has no such output', async () => {
    await ready({}, { virtualCamera: false, replayBuffer: false });
    const { error } = await refuse({ payload: 'start' }, 'OUTPUT_UNAVAILABLE');
    assert.match(error.message, /v4l2loopback/);
    await tearDown();
    await ready({ output: 'replay_buffer' }, { replayBuffer: false });
    await refuse({ payload: 'start' }, 'OUTPUT_UNAVAILABLE');
  });

  it('a start that OBS swallows is an error', async () => {
    await ready();
    obs.faults.ignoreNext('StartVirtualCam');
    await refuse({ payload: 'start' }, 'OUTPUT_SILENT_NOOP');
  });

  it('an output by name: unknown ones are told, the stream and the recording have nodes of their own', async () => {
    await ready({ output: 'other', outputName: 'ndi_main', action: 'start' });
    const { error } = await refuse({}, 'OUTPUT_UNKNOWN');
    assert.match(error.message, /It has: /);
    await tearDown();
    await ready({ output: 'other', outputName: 'simple_file_output', action: 'start' }, {});
    const known = await refuse({}, 'INPUT_INVALID');
    assert.match(known.error.message, /use record/);
    await tearDown();
    await ready({ output: 'other', outputName: 'simple_stream', action: 'stop' }, {});
    await application().streams.start({ target: null, confirmMs: 1000 });
    assert.match((await refuse({}, 'INPUT_INVALID')).error.message, /use start stream and stop stream/);
    assert.equal(obs.state.stream, 'live');
    assert.deepEqual(sentTypes(obs, 'StartOutput'), []);
  });

  it('bad input is refused, and OBS hears nothing', async () => {
    await ready();
    for (const payload of ['pause', '', null, undefined, 3, {}, [], true])
      await refuseUnheard(obs, { payload }, 'ACTION_UNKNOWN');
    await refuseUnheard(obs, { payload: 'save' }, 'INPUT_INVALID');
    await tearDown();
    await ready({ output: 'other', outputName: '' }, {});
    await refuseUnheard(obs, { payload: 'start' }, 'CONFIG_INVALID');
    await tearDown();
    await ready({ output: 'other', outputName: '${LIVE_TEST_NOT_SET}' }, {});
    await refuseUnheard(obs, { payload: 'start' }, 'CONFIG_ENV_MISSING');
    await tearDown();
    await ready({ action: 'explode' }, {});
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    await tearDown();
    await ready({ output: 'constructor' }, {});
    await refuse({ payload: 'start' }, 'OUTPUT_UNKNOWN');
  });
});
