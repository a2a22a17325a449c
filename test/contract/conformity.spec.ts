// The simulator against the real OBS, by the field's own client: the same lists, literally, in both worlds.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { obsVersion, waitFor } from '../support';
import { setParameter } from './drive';
import { contractGroup } from './group';
import type { Address, BareClient } from './support';

type Service = Record<string, string | boolean>;

const set = (client: BareClient, address: Address, more: Service = {}): Promise<unknown> =>
  client.call('SetStreamServiceSettings', {
    streamServiceType: 'rtmp_custom',
    streamServiceSettings: { ...address, use_auth: false, username: '', password: '', ...more },
  });

/** What a request was refused with; events and replies carry no more than this. */
async function refusal(work: Promise<unknown>): Promise<[number, string]> {
  try {
    await work;
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return [code, message];
  }
  return [100, ''];
}

const outputActive = (client: BareClient, type: string): unknown[] =>
  client.events
    .filter((event) => event.type === type)
    .map(({ data }) => [data.outputState, data.outputActive]);
const state = (name: string): string => `OBS_WEBSOCKET_OUTPUT_${name}`;

contractGroup('sequences of a stream', {}, (scenario) => {
  scenario('good, then stopped', async (world) => {
    const client = await world.connectClient();
    await set(client, world.good);
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STARTED' });
    assert.deepEqual(await refusal(client.call('StartStream')), [500, '']);
    assert.deepEqual(await refusal(set(client, world.good)), [
      500,
      'You cannot change stream service settings while streaming.',
    ]);
    await waitFor(async () => (await client.call('GetStreamStatus')).outputBytes > 0);
    await client.call('StopStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.deepEqual(outputActive(client, 'StreamStateChanged'), [
      [state('STARTING'), false],
      [state('STARTED'), true],
      [state('STOPPING'), false],
      [state('STOPPED'), false],
    ]);
    // the last figures stay until the next start
    const after = await client.call('GetStreamStatus');
    assert.ok(after.outputBytes > 0 && after.outputTotalFrames > 0);
  });

  scenario('refused: no STARTED and no STOPPING', async (world) => {
    const client = await world.connectClient();
    await set(client, world.refused);
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.deepEqual(client.states('StreamStateChanged'), ['STARTING', 'STOPPED']);
  });

  scenario('denied: STARTED, then reconnecting for ever; a stop ends it', async (world) => {
    const client = await world.connectClient();
    await set(client, world.denied);
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'RECONNECTED' });
    const reconnected = client.events.findIndex(({ data }) => data.outputState === state('RECONNECTED'));
    await client.waitForEvent('StreamStateChanged', { state: 'RECONNECTING', from: reconnected });
    assert.deepEqual(outputActive(client, 'StreamStateChanged').slice(0, 5), [
      [state('STARTING'), false],
      [state('STARTED'), true],
      [state('RECONNECTING'), false],
      [state('RECONNECTED'), true],
      [state('RECONNECTING'), false],
    ]);
    const { outputActive: active, outputReconnecting } = await client.call('GetStreamStatus');
    assert.deepEqual([active, outputReconnecting], [true, true]);
    await client.call('StopStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.deepEqual(client.states('StreamStateChanged').slice(-2), ['STOPPING', 'STOPPED']);
  });

  scenario('denied without reconnecting: STOPPED, no STOPPING', async (world) => {
    await setParameter(world, 'Output', 'Reconnect', 'false');
    world.cleanUp(() => setParameter(world, 'Output', 'Reconnect', 'true'));
    const client = await world.connectClient();
    await set(client, world.denied);
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.deepEqual(client.states('StreamStateChanged'), ['STARTING', 'STARTED', 'STOPPED']);
  });

  scenario('while it connects a stop is refused as not running', async (world) => {
    const client = await world.connectClient();
    await set(client, {
      server: world.kind === 'real' ? 'srt://127.0.0.1:9?mode=caller' : 'srt://refused.invalid:9?mode=caller',
      key: '',
    });
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STARTING' });
    assert.deepEqual(await refusal(client.call('StopStream')), [501, '']);
    assert.equal((await client.call('GetStreamStatus')).outputActive, false);
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    assert.deepEqual(client.states('StreamStateChanged'), ['STARTING', 'STOPPED']);
  });

  scenario('settings of the same service are laid over the old ones', async (world) => {
    const client = await world.connectClient();
    await set(client, world.good, { use_auth: true, username: 'ann', password: 'pw' });
    await client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: { server: 'rtmp://127.0.0.1/new' },
    });
    const { streamServiceSettings: kept } = await client.call('GetStreamServiceSettings');
    assert.deepEqual([kept.server, kept.username, kept.key], ['rtmp://127.0.0.1/new', 'ann', world.good.key]);
    const [code] = await refusal(
      client.call('SetStreamServiceSettings', {
        streamServiceType: 'no_such',
        streamServiceSettings: { server: 'a' },
      }),
    );
    assert.equal(code, 700);
  });
});

contractGroup('sequences of a recording', {}, (scenario) => {
  scenario('started, paused, resumed, stopped', async (world) => {
    const client = await world.connectClient();
    await client.call('StartRecord');
    const started = await client.waitForEvent('RecordStateChanged', { state: 'STARTED' });
    await waitFor(async () => (await client.call('GetRecordStatus')).outputBytes > 0);
    await client.call('PauseRecord');
    await client.waitForEvent('RecordStateChanged', { state: 'PAUSED' });
    assert.deepEqual(await refusal(client.call('PauseRecord')), [502, '']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.call('ResumeRecord');
    await client.waitForEvent('RecordStateChanged', { state: 'RESUMED' });
    assert.deepEqual(await refusal(client.call('ResumeRecord')), [503, '']);
    assert.deepEqual(await refusal(client.call('StartRecord')), [500, '']);
    const { outputPath } = await client.call('StopRecord');
    const stopped = await client.waitForEvent('RecordStateChanged', { state: 'STOPPED' });
    assert.deepEqual([started.data.outputPath, stopped.data.outputPath], [outputPath, outputPath]);
    assert.deepEqual(
      client.events
        .filter(({ type }) => type === 'RecordStateChanged')
        .map(({ data }) => [data.outputState, data.outputActive, data.outputPath === null]),
      [
        [state('STARTING'), false, true],
        [state('STARTED'), true, false],
        [state('PAUSED'), false, true],
        [state('RESUMED'), true, true],
        [state('STOPPING'), false, true],
        [state('STOPPED'), false, false],
      ],
    );
  });

  scenario('accepted in silence: a missing folder, and a pause of nothing', async (world) => {
    const client = await world.connectClient();
    await setParameter(world, 'SimpleOutput', 'FilePath', join(world.recordDir, 'not there'));
    world.cleanUp(() => setParameter(world, 'SimpleOutput', 'FilePath', world.recordDir));
    assert.deepEqual(await refusal(client.call('PauseRecord')), [100, '']);
    assert.deepEqual(await refusal(client.call('StartRecord')), [100, '']);
    const sleep = [{ requestType: 'Sleep' as const, requestData: { sleepMillis: 700 } }];
    await client.obs.callBatch(sleep);
    assert.deepEqual(client.states('RecordStateChanged'), []);
    assert.equal((await client.call('GetRecordStatus')).outputActive, false);
  });
});

contractGroup('replies', {}, (scenario) => {
  scenario('the usual refusals have their code, and mostly no words', async (world) => {
    const { obs } = await world.connectClient();
    const call = (type: string, data?: object): Promise<unknown> => obs.call(type as never, data as never);
    const told: Record<string, [number, string]> = {};
    for (const [type, data] of [
      ['StopStream'],
      ['StopRecord'],
      ['StopReplayBuffer'],
      ['SaveReplayBuffer'],
      ['GetCurrentPreviewScene'],
      ['TriggerStudioModeTransition'],
    ] as [string, object?][])
      told[type] = await refusal(call(type, data));
    assert.deepEqual(told, {
      StopStream: [501, ''],
      StopRecord: [501, ''],
      StopReplayBuffer: [501, ''],
      SaveReplayBuffer: [501, ''],
      GetCurrentPreviewScene: [506, ''],
      TriggerStudioModeTransition: [506, ''],
    });
    const codes: Record<string, number> = {};
    for (const [name, type, data] of [
      ['unknown request', 'NoSuchRequest'],
      ['unknown scene', 'SetCurrentProgramScene', { sceneName: 'Nowhere' }],
      ['wrong type', 'SetCurrentProgramScene', { sceneName: 5 }],
      ['no field', 'SetCurrentProgramScene', { other: 1 }],
      ['no data', 'SetCurrentProgramScene'],
      ['no camera', 'StartVirtualCam'],
      ['no output', 'StartOutput', { outputName: 'none' }],
      ['a sleep outside', 'Sleep', { sleepMillis: 1 }],
    ] as [string, string, object?][])
      codes[name] = (await refusal(call(type, data)))[0];
    // since scenes go by uuid too, anything but a name is a missing field
    const named = world.kind === 'real' && Number(obsVersion()?.[0]) >= 30;
    assert.deepEqual(codes, {
      'unknown request': 204,
      'unknown scene': 600,
      'wrong type': named ? 300 : 401,
      'no field': 300,
      'no data': named ? 300 : 301,
      'no camera': 604,
      'no output': 600,
      'a sleep outside': 206,
    });
  });

  scenario('have the same fields', async (world) => {
    const client = await world.connectClient();
    const fields: Record<string, string[]> = {};
    for (const type of [
      'GetStreamStatus',
      'GetRecordStatus',
      'GetStats',
      'GetVideoSettings',
      'GetSceneList',
      'GetReplayBufferStatus',
      'GetCurrentSceneTransition',
      'GetStudioModeEnabled',
      'GetProfileList',
      'GetSceneCollectionList',
    ] as const)
      fields[type] = Object.keys(await client.call(type)).sort();
    const version = await client.call('GetVersion');
    for (const name of ['obsVersion', 'obsWebSocketVersion', 'rpcVersion', 'availableRequests', 'platform'])
      assert.ok(name in version, name);
    if (version.obsVersion.startsWith('29.0')) assert.equal(version.availableRequests.length, 141);
    for (const [type, names] of [
      [
        'GetStreamStatus',
        'outputActive outputBytes outputCongestion outputDuration outputReconnecting outputSkippedFrames outputTimecode outputTotalFrames',
      ],
      ['GetRecordStatus', 'outputActive outputBytes outputDuration outputPaused outputTimecode'],
      ['GetStudioModeEnabled', 'studioModeEnabled'],
      ['GetReplayBufferStatus', 'outputActive'],
      ['GetProfileList', 'currentProfileName profiles'],
      ['GetSceneCollectionList', 'currentSceneCollectionName sceneCollections'],
    ] as const)
      assert.deepEqual(fields[type], names.split(' '), type);
  });
});
