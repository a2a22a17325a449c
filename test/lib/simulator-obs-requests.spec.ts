// Requests of the simulator beside streams and recordings: what is listed is answered, with the events it causes.
import assert from 'node:assert/strict';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsProfile, ObsSimulator } from '../../simulators/obs/types';
import { type BareClient, bareClient } from '../contract/client';
import { waitFor } from '../support';

const HIGH_VOLUME = (1 << 17) | (1 << 18) | (1 << 19);

describe('OBS simulator: requests', () => {
  let simulator: ObsSimulator;
  let client: BareClient;

  async function begin(profile: ObsProfile = 'obs-29', notReadyMs = 0): Promise<void> {
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5, profile, notReadyMs });
    client = await bareClient(simulator.url, null, 2047 | HIGH_VOLUME);
  }
  afterEach(async () => {
    await client.close();
    await simulator.close();
  });
  const types = () => client.events.map((event) => event.type);

  for (const [profile, version, count] of [
    ['obs-29', '5.1.0', 141],
    ['obs-30', '5.5.2', 146],
    ['obs-32', '5.7.4', 151],
  ] as const) {
    it(`${profile} lists ${count} requests and does each of them`, async () => {
      await begin(profile);
      const { availableRequests, obsWebSocketVersion } = await client.call('GetVersion');
      assert.equal(obsWebSocketVersion, version);
      assert.equal(new Set(availableRequests).size, count);
      // StartStream and ToggleStream in a row would end the program
      simulator.faults.silenceStreams();
      for (const requestType of availableRequests) {
        const code = await client.obs.call(requestType as never).then(
          () => 100,
          (error: { code: number }) => error.code,
        );
        assert.ok(code !== 204 && code !== 205, `${requestType}: ${code}`);
      }
    });
  }

  it('starts with a rehearsal to run', async () => {
    await begin();
    const list = await client.call('GetSceneList');
    assert.deepEqual(
      list.scenes.map((scene) => (scene as Record<string, unknown>).sceneName),
      ['Credits', 'Interview', 'Break', 'Live', 'Starting soon'],
    );
    assert.deepEqual(Object.keys(list), ['currentPreviewSceneName', 'currentProgramSceneName', 'scenes']);
    const { inputs } = await client.call('GetInputList');
    assert.deepEqual(
      inputs.map((input) => (input as Record<string, unknown>).inputName),
      ['Camera', 'Microphone', 'Title', 'Clip'],
    );
    const { transitions } = await client.call('GetSceneTransitionList');
    assert.deepEqual(
      transitions.map((transition) => (transition as Record<string, unknown>).transitionName),
      ['Cut', 'Fade'],
    );
    assert.equal((await client.call('GetProfileList')).currentProfileName, 'Rehearsal');
    assert.equal((await client.call('GetSceneCollectionList')).currentSceneCollectionName, 'Rehearsal');
  });

  it('tells the scene on air when its transition ends, and the same scene not at all', async () => {
    await begin();
    await client.call('SetCurrentProgramScene', { sceneName: 'Live' });
    assert.equal((await client.call('GetCurrentProgramScene')).currentProgramSceneName, 'Live');
    await client.waitForEvent('SceneTransitionEnded');
    const shown = types().filter((type) => !type.startsWith('Input'));
    assert.deepEqual(shown, [
      'SceneTransitionStarted',
      'SceneTransitionVideoEnded',
      'CurrentProgramSceneChanged',
      'SceneTransitionEnded',
    ]);
    const active = client.events.filter((event) => event.type === 'InputActiveStateChanged');
    assert.deepEqual(active.map((event) => [event.data.inputName, event.data.videoActive]).sort(), [
      ['Camera', true],
      ['Clip', false],
      ['Microphone', true],
    ]);
    const before = client.events.length;
    await client.call('SetCurrentProgramScene', { sceneName: 'Live' });
    await client.call('GetStats');
    assert.equal(client.events.length, before);
  });

  it('swaps preview and program in studio mode, and doubles an event when leaving it', async () => {
    await begin();
    await assert.rejects(client.call('SetCurrentPreviewScene', { sceneName: 'Live' }), {
      code: 506,
      message: '',
    });
    await client.call('SetStudioModeEnabled', { studioModeEnabled: true });
    await client.call('SetCurrentPreviewScene', { sceneName: 'Live' });
    await client.call('TriggerStudioModeTransition');
    await client.waitForEvent('SceneTransitionEnded');
    assert.deepEqual([simulator.state.programScene, simulator.state.previewScene], ['Live', 'Starting soon']);
    await client.call('SetTBarPosition', { position: 0.5, release: false });
    await client.call('SetTBarPosition', { position: 1 });
    await waitFor(() => simulator.state.previewScene === 'Live');
    await client.waitForEvent('CurrentProgramSceneChanged', {
      where: ({ sceneName }) => sceneName === 'Starting soon',
    });
    const from = client.events.length;
    await client.call('SetStudioModeEnabled', { studioModeEnabled: false });
    await client.waitForEvent('StudioModeStateChanged', { from });
    const told = client.events.slice(from).filter((event) => event.type === 'CurrentProgramSceneChanged');
    assert.deepEqual(
      told.map((event) => event.data.sceneName),
      ['Live', 'Starting soon'],
    );
  });

  it('refuses in the words of OBS', async () => {
    await begin();
    const cases: [string, unknown, number, string][] = [
      ['SetCurrentProgramScene', undefined, 301, 'Your request data is missing or invalid (non-object)'],
      ['SetCurrentProgramScene', {}, 300, 'Your request is missing the `sceneName` field.'],
      ['SetCurrentProgramScene', { sceneName: 5 }, 401, 'The field value of `sceneName` must be a string.'],
      ['SetCurrentProgramScene', { sceneName: '' }, 403, 'The field value of `sceneName` must not be empty.'],
      ['SetCurrentProgramScene', { sceneName: 'x' }, 600, 'No source was found by the name of `x`.'],
      ['SetCurrentProgramScene', { sceneName: 'Camera' }, 602, 'The specified source is not a scene.'],
      [
        'SetInputMute',
        { inputName: 'Camera', inputMuted: true },
        604,
        'The specified input does not support audio.',
      ],
      [
        'SetInputVolume',
        { inputName: 'Microphone', inputVolumeDb: 27 },
        402,
        'The field value of `inputVolumeDb` is above the maximum of `26.000000`',
      ],
      [
        'TriggerMediaInputAction',
        { inputName: 'Clip', mediaAction: 'PLAY' },
        400,
        'You have specified an invalid media input action.',
      ],
      ['CallVendorRequest', { vendorName: 'x', requestType: 'y' }, 600, 'No vendor was found by that name.'],
      [
        'SetProfileParameter',
        { parameterCategory: 'A', parameterName: 'B' },
        600,
        'There are no existing instances of that profile parameter.',
      ],
      ['Nope', {}, 204, 'Your request type is not valid.'],
      ['Sleep', { sleepMillis: 1 }, 206, ''],
    ];
    for (const [type, data, code, message] of cases) {
      await assert.rejects(client.obs.call(type as never, data as never), { code, message }, type);
    }
  });

  it('creates, changes and removes scenes and inputs, and tells of it', async () => {
    await begin();
    await client.call('CreateScene', { sceneName: 'New' });
    const { sceneItemId } = await client.call('CreateInput', {
      sceneName: 'New',
      inputName: 'Colour',
      inputKind: 'color_source_v3',
    });
    const item = { sceneName: 'New', sceneItemId };
    await client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled: false });
    await client.call('SetInputName', { inputName: 'Colour', newInputName: 'Blue' });
    await client.call('SetInputSettings', { inputName: 'Blue', inputSettings: { color: 1 } });
    assert.deepEqual((await client.call('GetInputSettings', { inputName: 'Blue' })).inputSettings, {
      color: 1,
    });
    await client.call('RemoveInput', { inputName: 'Blue' });
    await client.waitForEvent('SceneItemRemoved');
    await client.call('RemoveScene', { sceneName: 'New' });
    await client.waitForEvent('SceneRemoved');
    for (const type of [
      'SceneCreated',
      'SceneListChanged',
      'InputCreated',
      'SceneItemCreated',
      'SceneItemEnableStateChanged',
      'InputNameChanged',
      'InputRemoved',
      'SceneItemRemoved',
    ]) {
      assert.ok(types().includes(type), type);
    }
    await assert.rejects(client.call('GetSceneItemEnabled', item), { code: 600 });
  });

  it('takes real pictures', async () => {
    await begin();
    const png = await client.call('GetSourceScreenshot', {
      sourceName: 'Live',
      imageFormat: 'png',
      imageWidth: 64,
    });
    const bytes = Buffer.from(png.imageData.split(',')[1] ?? '', 'base64');
    assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [64, 36]);
    const { imageData } = await client.call('GetSourceScreenshot', {
      sourceName: 'Live',
      imageFormat: 'jpg',
    });
    assert.match(imageData, /^data:image\/jpg;base64,\/9j\//);
    await assert.rejects(
      client.call('GetSourceScreenshot', { sourceName: 'Microphone', imageFormat: 'png' }),
      { code: 702 },
    );
  });

  it('switches collections with a storm of events', async () => {
    await begin();
    await client.call('CreateSceneCollection', { sceneCollectionName: 'Second' });
    assert.equal((await client.call('GetSceneList')).currentProgramSceneName, 'Scene');
    const from = client.events.length;
    await client.call('SetCurrentSceneCollection', { sceneCollectionName: 'Rehearsal' });
    await client.waitForEvent('CurrentSceneCollectionChanged', { from });
    assert.equal(types().filter((type) => type === 'InputRemoved').length, 4);
    assert.equal((await client.call('GetSceneList')).scenes.length, 5);
  });

  it('passes custom events on and keeps data', async () => {
    await begin();
    await client.call('BroadcastCustomEvent', { eventData: { a: 1 } });
    assert.deepEqual((await client.waitForEvent('CustomEvent')).data, { a: 1 });
    const slot = { realm: 'OBS_WEBSOCKET_DATA_REALM_GLOBAL', slotName: '__proto__' };
    assert.deepEqual(await client.call('GetPersistentData', slot), { slotValue: null });
    await client.call('SetPersistentData', { ...slot, slotValue: { b: 2 } });
    assert.deepEqual(await client.call('GetPersistentData', slot), { slotValue: { b: 2 } });
  });

  it('moves the figures of GetStats', async () => {
    await begin();
    const first = await client.call('GetStats');
    await waitFor(async () => (await client.call('GetStats')).renderTotalFrames > first.renderTotalFrames);
    const second = await client.call('GetStats');
    assert.ok(second.webSocketSessionIncomingMessages > first.webSocketSessionIncomingMessages);
  });

  it('newer OBS: has uuids, takes them, and is not ready at first', async () => {
    await begin('obs-30', 2000);
    await assert.rejects(client.call('GetVersion'), { code: 207 });
    await waitFor(() =>
      client.call('GetVersion').then(
        () => true,
        () => false,
      ),
    );
    const { sceneUuid } = await client.call('CreateScene', { sceneName: 'New' });
    await client.call('SetCurrentProgramScene', { sceneUuid });
    assert.equal(simulator.state.programScene, 'New');
  });
});
