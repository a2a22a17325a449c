// Recording and other outputs of a vMix, as flows drive them.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { VmixSimulator, VmixSimulatorOptions } from '../../simulators/vmix';
import { GONE, functionsSent } from '../support/mixers';
import {
  ON_VMIX,
  around,
  ask,
  badges,
  connectionIs,
  deploy,
  heardBy,
  load,
  next,
  refuse,
  send,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
} from './support/rig';

let vmix: VmixSimulator;
afterEach(tearDown);

const ready = async (
  node: { type: string; [field: string]: unknown },
  options: VmixSimulatorOptions = {},
) => {
  vmix = await simulateVmix(options);
  await load(around({ ...ON_VMIX, ...node }, vmixConnectionTo(vmix)));
  await connectionIs('ready', 'mixer');
};

describe('record on vMix', function () {
  this.timeout(40_000);
  const RECORD = {
    type: 'live-record',
    action: 'message',
    folder: '',
    folderType: 'str',
    fileName: '',
    fileNameType: 'str',
    format: '',
    chapterName: '',
    chapterNameType: 'str',
    ifRecording: 'error',
  };

  it('starts and stops, and the badge follows', async () => {
    await ready(RECORD);
    const started = await ask({ payload: 'start', kept: 1 });
    assert.equal(started.kept, 1);
    assert.equal(started.payload.outputPath, vmix.state.recording.files[0]);
    const { tookMs, ...live } = started.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'record-start',
      application: 'vmix',
      connection: { id: 'mixer', name: 'Mixer' },
      output: 'recording',
      state: 'recording',
      confirmedBy: 'application',
      event: 'recording_started',
    });
    await waitFor(() => badges().at(-1) === 'recording');
    const again = await ask({ payload: 'start' });
    assert.deepEqual([again.payload.alreadyRunning, again.live.event], [true, undefined]);
    const stopped = await ask({ payload: 'stop' });
    assert.deepEqual(
      [stopped.payload.state, stopped.payload.finished, stopped.live.event],
      ['idle', null, 'recording_stopped'],
    );
    assert.match(stopped.payload.unknown.finished, /does not say/);
    const nothing = await ask({ payload: 'stop' });
    assert.deepEqual([nothing.payload.wasRunning, nothing.live.event], [false, undefined]);
    await waitFor(() => badges().at(-1) === 'ready');
    assert.deepEqual(functionsSent(vmix), ['StartRecording', 'StopRecording']);
  });

  it('what vMix cannot do is refused, and never left out in silence', async () => {
    await ready({ ...RECORD, ...{ folder: 'folder', folderType: 'msg' } });
    for (const payload of ['pause', 'resume', 'split', 'chapter']) {
      const { error } = await refuse({ payload }, 'CAPABILITY_MISSING');
      assert.match(error.message, /^vMix cannot/);
    }
    const { error } = await refuse({ payload: 'start', folder: 'D:\\Show' }, 'CAPABILITY_MISSING');
    assert.match(error.message, /vMix cannot do recordings with a folder of your choice/);
    await refuse({ payload: 'halt' }, 'ACTION_UNKNOWN');
    assert.deepEqual(functionsSent(vmix), []);
    assert.equal(
      (await ask({ payload: 'start' })).payload.state,
      'recording',
      'no folder came with this one',
    );
  });

  it('a stop overtakes the start before it, a second start waits for no one', async () => {
    await ready(RECORD, { speed: 0.3 });
    send({ payload: 'start' });
    await waitFor(() => functionsSent(vmix).includes('StartRecording'), { intervalMs: 5 });
    send({ payload: 'stop' });
    const caught = await next('caught');
    assert.equal(caught.error.code, 'RECORD_START_CANCELLED');
    assert.equal((await next('out')).live.action, 'record-stop');
    assert.equal(vmix.state.recording.on, false);
    assert.equal(heardBy('out').length, 1);
  });

  it('a recording that vMix takes and does not begin fails, with where to look', async () => {
    await ready({ ...RECORD, action: 'start' });
    vmix.faults.ignoreNext('StartRecording');
    const { error } = await refuse({}, 'RECORD_SILENT_NOOP');
    assert.match(error.message, /look at the vMix window/);
  });

  it('not connected: refused at once, or waited for', async () => {
    await ready({ ...RECORD, action: 'start' });
    await vmix.quit();
    await connectionIs('disconnected', 'mixer');
    send({});
    // in a container a refused connection has a sentence of its own
    assert.match((await next('caught')).error.code, GONE);
    await deploy(
      around({ ...RECORD, ...ON_VMIX, action: 'start', waitSeconds: '20' }, vmixConnectionTo(vmix)),
    );
    send({});
    await vmix.restart({ downMs: 10 });
    assert.equal((await next('out', () => true, 20_000)).payload.state, 'recording');
  });
});

describe('output on vMix', function () {
  this.timeout(40_000);
  const OUTPUT = { type: 'live-output', output: 'external', outputName: '', action: 'message' };

  it('switches external output, MultiCorder and fullscreen, confirmed', async () => {
    for (const output of ['external', 'multicorder', 'fullscreen']) {
      await ready({ ...OUTPUT, output });
      const on = await ask({ payload: 'start' });
      assert.deepEqual(on.payload, { name: output, was: 'idle', state: 'active', path: null });
      assert.deepEqual(
        [on.live.application, on.live.output, on.live.event, on.live.confirmedBy],
        ['vmix', output, 'output_started', 'application'],
      );
      assert.equal((await ask({ payload: 'start' })).live.event, undefined);
      assert.equal((await ask({ payload: 'stop' })).live.event, 'output_stopped');
      assert.equal(functionsSent(vmix).length, 2);
      await tearDown();
    }
  });

  it('what OBS has and vMix has not is refused, and nothing is sent', async () => {
    for (const [output, payload, code] of [
      ['virtualcam', 'start', 'OUTPUT_UNKNOWN'],
      ['replay_buffer', 'save', 'CAPABILITY_MISSING'],
      ['external', 'save', 'INPUT_INVALID'],
    ] as const) {
      await ready({ ...OUTPUT, output });
      const { error } = await refuse({ payload }, code);
      assert.ok(!error.message.includes('OBS'));
      assert.deepEqual(functionsSent(vmix), []);
      await tearDown();
    }
  });
});
