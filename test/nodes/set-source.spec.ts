// What people change of sources all evening, as flows see it: on OBS and on vMix.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import type { VmixSimulator, VmixSimulatorOptions } from '../../simulators/vmix';
import {
  ON_VMIX,
  application,
  around,
  ask,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  refuse,
  refuseUnheard,
  send,
  sentTypes,
  simulate,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  exactly,
  waitFor,
} from './support/rig';

const SET = {
  type: 'live-set-source',
  what: 'visible',
  source: 'Title',
  sourceType: 'str',
  scene: 'Live',
  sceneType: 'str',
  filter: '',
  filterType: 'str',
  field: '',
  overlay: '1',
  state: 'off',
  text: 'payload',
  textType: 'msg',
  file: '',
  fileType: 'str',
  db: '0',
  dbType: 'num',
  rampMs: '',
  monitoring: 'none',
  media: 'restart',
};

afterEach(tearDown);

describe('set source', function () {
  this.timeout(30_000);
  let obs: ObsSimulator;

  const ready = async (node: object = {}) => {
    obs = await simulate();
    await load(around({ ...SET, ...node }, connectionTo(obs)));
    await connectionIs('ready');
  };
  const again = async (node: object) => {
    await tearDown();
    await ready(node);
  };
  const call = (request: string, data: object) => application().client.call(request, data as never);

  it('hides a source, says how it was and how it is, and sends nothing where it is so', async () => {
    await ready();
    const msg = await ask({ payload: 'stays', topic: 't', source: 'Nobody', scene: 'Nowhere' });
    assert.deepEqual(msg.payload, {
      source: 'Title',
      what: 'visible',
      before: true,
      now: false,
      alreadySo: false,
      scene: 'Live',
    });
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'set-source',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: null,
      state: 'off',
      confirmedBy: 'application',
    });
    assert.equal(msg.topic, 't');
    assert.equal((await ask({})).payload.alreadySo, true);
    assert.equal(sentTypes(obs, 'SetSceneItemEnabled').length, 1);
    await exactly('completed', 2);
  });

  it('takes on and off from the message, in words and as they are, and nothing else', async () => {
    await ready({ state: 'message' });
    for (const [payload, now] of [
      [false, false],
      ['Show', true],
      ['off', false],
      [' TRUE ', true],
      [0, false],
      ['1', true],
      ['hide', false],
      [1, true],
    ])
      assert.equal((await ask({ payload })).payload.now, now, JSON.stringify(payload));
    for (const payload of ['maybe', '', 2, null, undefined, {}, ['on'], 'mute', 'in']) {
      const { error } = await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
      assert.match(error.message, /on, off, true, false, 1, 0, show or hide/);
    }
    await again({ what: 'mute', source: 'Microphone', state: 'message' });
    assert.equal((await ask({ payload: 'mute' })).payload.now, true);
    assert.equal((await ask({ payload: 'unmute' })).payload.now, false);
    await refuseUnheard(obs, { payload: 'show' }, 'INPUT_INVALID');
  });

  it('sets a text from the message, which may be empty and not missing', async () => {
    await ready({ what: 'text' });
    const msg = await ask({ payload: 'Ann Example' });
    assert.deepEqual([msg.payload.before, msg.payload.now], ['Rehearsal', 'Ann Example']);
    assert.equal(msg.live.state, null);
    assert.equal((await ask({ payload: '' })).payload.now, '');
    assert.equal((await ask({ payload: 12 })).payload.now, '12');
    for (const payload of [undefined, null, {}, []]) await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
    await again({ what: 'text', source: 'Camera' });
    const { error } = await refuse({ payload: 'x' }, 'SOURCE_UNFIT');
    assert.match(error.message, /OBS has: Title/);
  });

  it('fades a volume, and a newer one overtakes it', async () => {
    await ready({ what: 'volume', source: 'Microphone', db: 'payload', dbType: 'msg', rampMs: '300' });
    const msg = await ask({ payload: -20 });
    assert.deepEqual([msg.payload.before, msg.payload.now, msg.live.state], [0, -20, '-20 dB']);
    assert.ok(sentTypes(obs, 'SetInputVolume').length >= 3, 'in steps');
    assert.equal((await ask({ payload: '-12.5' })).payload.now, -12.5);
    for (const payload of ['loud', '', undefined, NaN])
      await refuseUnheard(obs, { payload }, 'INPUT_INVALID');
    await refuseUnheard(obs, { payload: 27 }, 'INPUT_INVALID');
    await again({ what: 'volume', source: 'Microphone', db: 'payload', dbType: 'msg', rampMs: '60000' });
    send({ payload: -100 });
    await waitFor(() => sentTypes(obs, 'SetInputVolume').length > 0);
    send({ payload: -3 });
    const caught = await waitFor(() => heardBy('caught')[0]);
    assert.equal(caught.error.code, 'SOURCE_OVERTAKEN');
  });

  it('plays, monitors and filters, chosen or by the message', async () => {
    await ready({ what: 'media', source: 'Clip', media: 'message' });
    assert.equal((await ask({ payload: 'pause' })).payload.now, 'paused');
    assert.equal((await ask({ payload: 'Play' })).payload.now, 'playing');
    await refuseUnheard(obs, { payload: 'eject' }, 'ACTION_UNKNOWN');
    await again({ what: 'monitoring', source: 'Microphone', monitoring: 'monitor-and-output' });
    assert.equal((await ask({})).payload.now, 'monitor-and-output');
    await again({ what: 'filter', source: 'Camera', filter: 'Blur', state: 'off' });
    await call('CreateSourceFilter', {
      sourceName: 'Camera',
      filterName: 'Blur',
      filterKind: 'color_filter_v2',
    });
    const { payload } = await ask({});
    assert.deepEqual([payload.filter, payload.before, payload.now], ['Blur', true, false]);
  });

  it('puts an image there, and the one before back where there is none', async () => {
    await ready({ what: 'image', source: 'Logo', file: 'payload', fileType: 'msg' });
    await call('CreateInput', {
      sceneName: 'Live',
      inputName: 'Logo',
      inputKind: 'image_source',
      inputSettings: { file: '/pictures/one.png' },
    });
    assert.equal((await ask({ payload: '/pictures/two.png' })).payload.now, '/pictures/two.png');
    await refuse({ payload: '/pictures/missing.png' }, 'SOURCE_FILE_UNUSABLE');
    const { inputSettings } = await call('GetInputSettings', { inputName: 'Logo' });
    assert.deepEqual(inputSettings, { file: '/pictures/two.png' });
    await refuseUnheard(obs, { payload: '' }, 'INPUT_INVALID');
  });

  it('says what is wrong with its dialog before anything is sent', async () => {
    await ready({ source: '' });
    await refuseUnheard(obs, {}, 'INPUT_INVALID');
    await again({ what: 'colour' });
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    await again({ what: 'overlay' });
    await refuseUnheard(obs, {}, 'CAPABILITY_MISSING');
    await again({ state: 'perhaps' });
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    await again({ what: 'filter', source: 'Camera' });
    await refuseUnheard(obs, {}, 'INPUT_INVALID');
    await again({ what: 'volume', source: 'Microphone', rampMs: 'long' });
    await refuseUnheard(obs, {}, 'CONFIG_INVALID');
    await again({ scene: 'Nowhere' });
    await refuse({}, 'SCENE_UNKNOWN');
  });

  it('a change that OBS drops is no success, and a lost connection ends a fade', async () => {
    await ready({ what: 'volume', source: 'Microphone', db: '-100', rampMs: '60000' });
    send({});
    await waitFor(() => sentTypes(obs, 'SetInputVolume').length > 1);
    obs.crash();
    const caught = await waitFor(() => heardBy('caught')[0]);
    assert.match(caught.error.code, /^OBS_(DISCONNECTED|NOT_CONNECTED)$/);
  });
});

describe('set source on vMix', function () {
  this.timeout(30_000);
  let vmix: VmixSimulator;

  const ready = async (node: object, options: VmixSimulatorOptions = {}) => {
    await tearDown();
    vmix = await simulateVmix(options);
    await load(around({ ...SET, source: 'Lower third', ...ON_VMIX, ...node }, vmixConnectionTo(vmix)));
    await connectionIs('ready', 'mixer');
  };
  const sent = () => vmix.calls.filter(({ via, name }) => via === 'http' && name !== 'state');
  const named = (title: string) => vmix.studio.inputs.find((input) => input.title === title)!;

  it('sets the first text of a title, or the one that is named', async () => {
    await ready({ what: 'text' });
    const { key } = named('Lower third');
    const msg = await ask({ payload: 'Ann Example' });
    assert.deepEqual(msg.payload, {
      source: 'Lower third',
      what: 'text',
      before: 'Name',
      now: 'Ann Example',
      alreadySo: false,
      field: 'Name.Text',
      inputKey: key,
      inputNumber: 5,
    });
    assert.equal(msg.live.application, 'vmix');
    assert.equal((await ask({ payload: 'Ann Example' })).payload.alreadySo, true);
    assert.deepEqual(
      sent().map(({ name, parameters }) => [name, parameters.input, parameters.selectedname]),
      [['SetText', key, 'Name.Text']],
    );
    const { error } = await refuse({ payload: '' }, 'CAPABILITY_MISSING');
    assert.match(error.message, /Send a space/);
    await ready({ what: 'text', field: 'Role' });
    assert.equal((await ask({ payload: 'Host' })).payload.field, 'Role.Text');
    await ready({ what: 'text', field: 'Age' });
    assert.match((await refuse({ payload: 'x' }, 'SOURCE_UNKNOWN')).error.message, /Name\.Text, Role\.Text/);
    await ready({ what: 'text', source: 'Camera 1' });
    await refuse({ payload: 'x' }, 'SOURCE_UNFIT');
    await ready({ what: 'image', file: 'C:\\pictures\\ann.png' });
    assert.equal((await ask({})).payload.now, 'C:\\pictures\\ann.png');
  });

  it('puts an input into an overlay and takes it out, and leaves another one in it alone', async () => {
    await ready({ what: 'overlay', state: 'message' });
    const shown = () => vmix.studio.overlays[0]?.inputNumber;
    assert.deepEqual((await ask({ payload: 'in' })).payload.now, true);
    assert.equal(shown(), 5);
    assert.equal((await ask({ payload: true })).payload.alreadySo, true);
    assert.equal((await ask({ payload: 'out' })).payload.now, false);
    assert.equal(shown(), null);
    vmix.studio.overlay(1, 4);
    assert.equal((await ask({ payload: 'out' })).payload.alreadySo, true);
    assert.equal(shown(), 4);
    assert.deepEqual(
      sent().map(({ name }) => name),
      ['OverlayInput1In', 'OverlayInput1Out'],
    );
  });

  it('mutes, brings to a volume in dB and plays', async () => {
    await ready({ what: 'mute', source: 'Camera 1', state: 'on' });
    assert.equal((await ask({})).payload.now, true);
    await ready({ what: 'volume', source: 'Camera 1', db: '-20', rampMs: '200' });
    const { before, now } = (await ask({})).payload;
    assert.equal(before, 0);
    assert.ok(Math.abs(now + 20) < 0.5, String(now));
    assert.deepEqual(
      sent().map(({ name, parameters }) => [name, parameters.value]),
      [['SetVolumeFade', '56,200']],
    );
    await ready({ what: 'volume', source: 'Camera 1', db: '3' });
    await refuse({}, 'INPUT_INVALID');
    await ready({ what: 'volume', source: 'Pause', db: '-3' });
    await refuse({}, 'SOURCE_UNFIT');
    await ready({ what: 'media', source: 'Intro.mp4', media: 'message' });
    assert.equal((await ask({ payload: 'play' })).payload.now, 'running');
    assert.equal((await ask({ payload: 'restart' })).payload.now, 'running');
    assert.equal((await ask({ payload: 'pause' })).payload.now, 'paused');
    await refuse({ payload: 'stop' }, 'CAPABILITY_MISSING');
  });

  it('says what vMix has instead of what it has not, and what a name fits', async () => {
    for (const what of ['visible', 'monitoring', 'filter']) {
      await ready({ what, filter: 'Blur' });
      await refuse({}, 'CAPABILITY_MISSING');
    }
    await ready({ what: 'mute', source: 'Nobody' });
    await refuse({}, 'SOURCE_UNKNOWN');
    await ready({ what: 'mute', source: 'Cam' }, { inputs: ['Cam', 'Cam'] });
    await refuse({}, 'VMIX_INPUT_AMBIGUOUS');
  });

  it('a function that vMix takes and does not do is no success', async () => {
    await ready({ what: 'overlay', state: 'on' });
    vmix.faults.ignoreNext('OverlayInput1In', 99);
    const { error } = await refuse({}, 'SOURCE_NOT_CONFIRMED');
    assert.match(error.message, /not in overlay 1/);
  });
});
