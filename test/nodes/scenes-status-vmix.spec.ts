// Inputs of a vMix on air, and its status, as flows see them.
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
  heardBy,
  load,
  mixer,
  refuse,
  next,
  send,
  settle,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type Msg,
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

describe('switch scene on vMix', function () {
  this.timeout(30_000);
  const SWITCH = {
    type: 'live-switch-scene',
    scene: 'payload',
    sceneType: 'msg',
    to: 'program',
    transition: '',
    durationMs: '',
  };

  it('puts an input on air by its title, its number or its key', async () => {
    await ready(SWITCH);
    const [, camera] = vmix.studio.inputs;
    const msg = await ask({ payload: 'Camera 1', topic: 't' });
    assert.deepEqual(msg.payload, {
      from: 'Intro.mp4',
      to: 'Camera 1',
      inputKey: camera!.key,
      inputNumber: 2,
      alreadyThere: false,
    });
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'switch-scene',
      application: 'vmix',
      connection: { id: 'mixer', name: 'Mixer' },
      output: null,
      state: 'Camera 1',
      confirmedBy: 'application',
      event: 'scene_changed',
    });
    assert.equal((await ask({ payload: 3 })).payload.to, 'Camera 2');
    const same = await ask({ payload: vmix.studio.inputs[2]!.key });
    assert.deepEqual([same.payload.alreadyThere, same.live.event], [true, undefined]);
    assert.equal(functionsSent(vmix).length, 2);
  });

  it('from one input to another of the same title is a change', async () => {
    await ready(SWITCH, { inputs: ['Camera', 'Camera'] });
    await refuse({ payload: 'Camera' }, 'VMIX_INPUT_AMBIGUOUS');
    const msg = await ask({ payload: vmix.studio.inputs[1]!.key });
    assert.deepEqual(
      [msg.payload.from, msg.payload.to, msg.live.event],
      ['Camera', 'Camera', 'scene_changed'],
    );
  });

  it('preview and transitions need no studio mode here', async () => {
    await ready({ ...SWITCH, to: 'preview' });
    const previewed = await ask({ payload: 'Pause' });
    assert.deepEqual([previewed.live.event, vmix.studio.preview], [undefined, 4]);
    await tearDown();
    await ready({ ...SWITCH, to: 'transition', transition: 'Wipe', durationMs: '300' });
    assert.equal((await ask({ payload: 'Black' })).live.event, 'scene_changed');
    assert.deepEqual(functionsSent(vmix), [`Wipe ${vmix.studio.inputs[6]!.key} 300`]);
    await tearDown();
    await ready({ ...SWITCH, to: 'transition', transition: 'Sparkle' });
    const { error } = await refuse({ payload: 'Black' }, 'TRANSITION_UNKNOWN');
    assert.match(error.message, /^vMix has no transition called "Sparkle".*Transition1/);
  });

  it('an unknown input is refused with those there are, and one that does not come on air is told', async () => {
    await ready(SWITCH);
    const { error } = await refuse({ payload: 'Nowhere' }, 'SCENE_UNKNOWN');
    assert.match(error.message, /2 Camera 1/);
    for (const payload of ['', null, {}, ['x']]) await refuse({ payload }, 'INPUT_INVALID');
    assert.deepEqual(functionsSent(vmix), []);
    vmix.faults.ignoreNext('CutDirect');
    await refuse({ payload: 'Pause' }, 'SCENE_NOT_CONFIRMED');
  });
});

describe('status of vMix', function () {
  this.timeout(30_000);
  const STATUS = { type: 'live-status', every: '0' };

  it('reports everything that vMix shows, and why the rest is missing', async () => {
    await ready(STATUS);
    vmix.studio.channels.start('1');
    vmix.studio.record(true, 0);
    vmix.studio.srt(1, true, 0);
    vmix.studio.setFlag('multiCorder', true, 0);
    vmix.studio.overlay(2, 5);
    await waitFor(() => mixer().client.state?.streaming.channels[2]);
    const { payload, live } = await ask({ topic: 'mine' });
    assert.deepEqual(
      payload.streams.map((one: { output: string; state: string }) => `${one.output} ${one.state}`),
      ['stream1 idle', 'stream2 live', 'stream3 idle', 'stream4 idle', 'stream5 idle'],
    );
    assert.deepEqual(
      [payload.recording.state, payload.recording.outputPath],
      ['recording', vmix.state.recording.files[0]],
    );
    const active = payload.outputs.filter((one: { state: string }) => one.state === 'active');
    assert.deepEqual(
      active.map((one: { name: string }) => one.name),
      ['srt1', 'multicorder'],
    );
    assert.deepEqual(payload.scene, { program: 'Intro.mp4', preview: 'Camera 1', studioMode: null });
    for (const [name, value] of Object.entries(payload.statistics))
      assert.ok(value === null && name in payload.unknown, name);
    assert.match(payload.unknown.studioMode, /no studio mode/);
    const input = ({ key, number, title, type, state }: (typeof vmix.studio.inputs)[number]) => ({
      key,
      number,
      title,
      type,
      state,
    });
    assert.deepEqual(payload.vmix, {
      version: vmix.state.version.text,
      edition: '4K',
      preset: 'rehearsal.vmix',
      fadeToBlack: false,
      playList: false,
      inputCount: 7,
      programInput: input(vmix.studio.inputs[0]!),
      previewInput: input(vmix.studio.inputs[1]!),
      overlays: [{ number: 2, inputNumber: 5, title: 'Lower third' }],
    });
    assert.deepEqual([live.application, live.state, live.confirmedBy], ['vmix', 'live', 'application']);
    await waitFor(() => badges().at(-1) === 'live');
  });

  it('an older vMix says why its SRT is unknown, and keeps its three channels', async () => {
    await ready(STATUS, { profile: 'vmix-24' });
    const { payload } = await ask({});
    assert.equal(payload.streams.length, 3);
    assert.match(payload.unknown.srt1, /28 and newer/);
  });

  it('a vMix that shows no state is an error, and reports by themselves keep still', async function () {
    this.timeout(90_000);
    await ready({ ...STATUS, every: '1' });
    await waitFor(() => heardBy('out').some(({ topic }) => topic === 'status'));
    vmix.faults.failHttp('hang', { on: 'state' });
    // one look may take 25 s; a vMix that hangs may be found lost before
    send({});
    const { error } = await next('caught', () => true, 60_000);
    assert.match(String(error.code), /^VMIX_(TIMEOUT|NO_ANSWER|DISCONNECTED|NOT_CONNECTED)$/);
    const told = heardBy('out').length;
    await settle(1500);
    assert.equal(heardBy('out').length, told);
    assert.equal(heardBy('caught').length, 1);
  });
});

describe('stop all on vMix, from a flow', function () {
  this.timeout(60_000);

  it('stops everything and reports on each output', async () => {
    await ready({ type: 'live-stop-all' });
    vmix.studio.channels.start('0');
    vmix.studio.record(true, 0);
    vmix.studio.setFlag('external', true, 0);
    await waitFor(() => mixer().client.state?.streaming.on && mixer().client.state?.external);
    const { payload, live } = await ask({});
    assert.deepEqual(
      [live.state, live.event, live.confirmedBy],
      ['idle', 'emergency_stop_all', 'application'],
    );
    assert.ok(payload.every(({ state }: { state: string }) => state === 'idle'));
    const { streaming, recording, external } = vmix.state;
    assert.deepEqual([streaming.on, recording.on, external], [false, false, false]);
    assert.equal(heardBy('interim').length, 0);
  });

  it('what nobody can see stopped is not called confirmed', async () => {
    await ready({ type: 'live-stop-all' }, { profile: 'vmix-27' });
    const { payload, live } = await ask({});
    assert.equal(live.confirmedBy, null);
    const srt = payload.filter(({ name }: { name: string }) => name.startsWith('srt'));
    assert.ok(srt.length === 4 && srt.every(({ reason }: { reason?: string }) => reason));
  });

  it('a vMix whose state cannot be read is stopped all the same, and one that is not there is told at once', async () => {
    await ready({ type: 'live-stop-all' });
    vmix.studio.record(true, 0);
    vmix.faults.failHttp('html', { on: 'state' });
    await connectionIs('disconnected', 'mixer');
    const { error } = await refuse({}, 'STOP_ALL_INCOMPLETE', 'n', 45_000);
    assert.match(error.message, /recording/);
    assert.equal(vmix.state.recording.on, false);
    assert.ok(
      heardBy('interim').every(({ payload }) => payload.every((one: Msg) => one.state === 'unknown')),
    );
    await vmix.quit();
    const beganAt = performance.now();
    send({});
    const last = await waitFor(() => heardBy('caught')[1]);
    assert.match(last.error.code, GONE);
    assert.ok(performance.now() - beganAt < 10_000);
  });

  it('tells after 15 s what still runs, and at the end what is left', async () => {
    await ready({ type: 'live-stop-all' });
    vmix.studio.record(true, 0);
    await waitFor(() => mixer().recorder.state() === 'recording');
    vmix.faults.ignoreNext('StopRecording', 1000);
    const { error } = await refuse({}, 'STOP_ALL_INCOMPLETE', 'n', 45_000);
    assert.match(error.message, /recording\. Look at the vMix window/);
    const [interim, last] = heardBy('interim');
    assert.equal(heardBy('interim').length, 2);
    for (const told of [interim, last])
      assert.equal(
        told!.payload.find(({ name }: { name: string }) => name === 'recording').state,
        'stopping',
      );
  });
});
