// Sources as a switch meets them: publishers that come, go and never come; sizes and cursors; names; frames; and what a crash leaves.
import assert from 'node:assert/strict';
import {
  EventSubscription,
  type RequestBatchRequest,
  RequestBatchExecutionType,
} from 'obs-websocket-js/json';
import { freePort, startProgram, waitFor } from '../support';
import type { BareClient } from './client';
import { contractGroup } from './group';
import { type World, contract } from './support';

const HEARD =
  EventSubscription.All |
  EventSubscription.InputActiveStateChanged |
  EventSubscription.InputShowStateChanged |
  EventSubscription.SceneItemTransformChanged;
const NETWORK = {
  is_local_file: false,
  restart_on_activate: false,
  close_when_inactive: false,
  clear_on_media_end: false,
  reconnect_delay_sec: 1,
};
const BARS = { input: 'testsrc2=size=320x180:rate=30', input_format: 'lavfi', is_local_file: false };

type Settings = Record<string, string | number | boolean>;
let count = 0;

/** A publisher at an address of the world's server; the answer ends it without a goodbye. */
async function publish(world: World, address: string, width: number, height: number): Promise<() => unknown> {
  const { simulator } = world;
  if (simulator) {
    simulator.publishers.publish(address, { width, height });
    return () => simulator.publishers.stop(address);
  }
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=30`];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440', '-c:a', 'aac'];
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30'];
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-re'];
  const program = await startProgram('ffmpeg', [
    ...[...quiet, ...picture, '-re', ...sound, ...coding],
    ...['-pix_fmt', 'yuv420p', '-f', 'flv', address],
  ]);
  world.cleanUp(() => program.close('SIGKILL'));
  await waitFor(async () =>
    (await world.real?.nginx.publishers())?.some(
      ({ name, bytesIn }) => address.endsWith(`/${name}`) && bytesIn > 0,
    ),
  );
  return () => program.close('SIGKILL');
}

/** Addresses of this scenario: one that is served, where nobody publishes yet, and a port where nothing listens. */
async function addresses(world: World) {
  const key = `guest-${++count}`;
  const server = world.real ? world.real.nginx.server : 'rtmp://nobody.invalid/live';
  const dead = world.real ? `rtmp://127.0.0.1:${await freePort()}/live` : 'rtmp://refused.invalid/live';
  return { served: `${server}/${key}`, dead: `${dead}/${key}` };
}

/** A scene of our own on air, and ways to put media into it and to look at it. */
async function stage(world: World) {
  const client = await world.connectClient(HEARD);
  const sceneName = `Sources ${++count}`;
  await client.call('CreateScene', { sceneName });
  await client.call('SetCurrentProgramScene', { sceneName });
  await client.waitForEvent('CurrentProgramSceneChanged', { where: (data) => data.sceneName === sceneName });
  const create = async (
    inputName: string,
    inputKind: string,
    inputSettings: Settings,
    sceneItemEnabled = false,
  ) => {
    world.cleanUp(() => client.call('RemoveInput', { inputName }).catch(() => undefined));
    const input = { sceneName, inputName, inputKind, inputSettings, sceneItemEnabled };
    return (await client.call('CreateInput', input)).sceneItemId;
  };
  const read = async (inputName: string, sceneItemId: number) => {
    const { mediaState, mediaCursor } = await client.call('GetMediaInputStatus', { inputName });
    const { sceneItemTransform } = await client.call('GetSceneItemTransform', { sceneName, sceneItemId });
    const size = sceneItemTransform as { sourceWidth: number; sourceHeight: number };
    return {
      state: mediaState.replace('OBS_MEDIA_STATE_', ''),
      cursor: mediaCursor as number | null,
      size: `${size.sourceWidth}x${size.sourceHeight}`,
    };
  };
  type Now = Awaited<ReturnType<typeof read>>;
  const until = (inputName: string, id: number, fits: (now: Now) => boolean, timeoutMs = 20_000) => {
    let last: Now | undefined;
    return waitFor(
      async () => {
        last = await read(inputName, id);
        return fits(last) ? last : undefined;
      },
      { intervalMs: 20, timeoutMs, message: () => `${inputName}: ${JSON.stringify(last)}` },
    );
  };
  const moves = async (inputName: string, id: number) => {
    const { cursor } = await read(inputName, id);
    return until(inputName, id, (now) => now.size !== '0x0' && (now.cursor ?? 0) > (cursor ?? 0));
  };
  return { client, sceneName, create, read, until, moves };
}

const told = (client: BareClient, type: string, inputName: string) =>
  client.events.filter((event) => event.type === type && event.data.inputName === inputName).length;

contractGroup('sources of an OBS', {}, (scenario) => {
  scenario(
    'a publisher: no size before the first picture, which is told; he dies, and comes back',
    async (world) => {
      const { client, create, read, until, moves } = await stage(world);
      const { served } = await addresses(world);
      const kill = await publish(world, served, 320, 180);
      const id = await create('Guest', 'ffmpeg_source', { ...NETWORK, input: served });
      assert.deepEqual(await read('Guest', id), { state: 'PLAYING', cursor: 0, size: '0x0' });
      const ready = await until('Guest', id, ({ size }) => size !== '0x0');
      assert.deepEqual([ready.state, ready.size], ['PLAYING', '320x180']);
      const sized = (size: number, from = 0) =>
        client.waitForEvent('SceneItemTransformChanged', {
          from,
          where: (data) => (data.sceneItemTransform as { sourceWidth: number }).sourceWidth === size,
        });
      await sized(320);
      await moves('Guest', id);
      assert.equal(told(client, 'MediaInputPlaybackStarted', 'Guest'), 0);

      await kill();
      const stands = await waitFor(
        async () => {
          const before = await read('Guest', id);
          await new Promise((resolve) => setTimeout(resolve, 400));
          const after = await read('Guest', id);
          return before.cursor === after.cursor ? after : undefined;
        },
        { timeoutMs: 20_000, message: 'the cursor to stand' },
      );
      assert.deepEqual([stands.state, stands.size], ['PLAYING', '320x180']);
      const from = client.events.length;
      await publish(world, served, 640, 360);
      await until('Guest', id, ({ size }) => size === '640x360');
      await sized(640, from);
      await moves('Guest', id);
      assert.equal(told(client, 'MediaInputPlaybackEnded', 'Guest'), 0);

      // any change of its settings begins anew, without a picture
      await client.call('SetInputSettings', { inputName: 'Guest', inputSettings: { note: 1 } });
      await until('Guest', id, ({ state, size }) => state === 'PLAYING' && size === '0x0');
      await until('Guest', id, ({ size }) => size === '640x360');
    },
  );

  scenario(
    'nobody there: PLAYING at 0, or with a time limit ENDED and again; a dead port: ENDED',
    async (world) => {
      const { client, create, read, until } = await stage(world);
      const { served, dead } = await addresses(world);
      const patient = await create('Patient', 'ffmpeg_source', { ...NETWORK, input: served });
      const limit = { ...NETWORK, input: served, ffmpeg_options: 'rw_timeout=1000000' };
      const hasty = await create('Hasty', 'ffmpeg_source', limit);
      const lost = await create('Lost', 'ffmpeg_source', { ...NETWORK, input: dead });
      await waitFor(() => told(client, 'MediaInputPlaybackEnded', 'Lost') >= 2, { timeoutMs: 10_000 });
      assert.ok(told(client, 'MediaInputPlaybackStarted', 'Lost') >= 1);
      assert.equal((await read('Lost', lost)).size, '0x0');
      const ended = await until('Hasty', hasty, ({ state }) => state === 'ENDED');
      assert.deepEqual(ended, { state: 'ENDED', cursor: null, size: '0x0' });
      await until('Hasty', hasty, ({ state }) => state === 'PLAYING');
      assert.deepEqual(await read('Patient', patient), { state: 'PLAYING', cursor: 0, size: '0x0' });
    },
  );

  scenario('with the settings OBS has by itself a hidden source never plays', async (world) => {
    const { client, sceneName, create, read, until } = await stage(world);
    const sceneItemId = await create('Hidden', 'ffmpeg_source', BARS);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const { state, size } = await read('Hidden', sceneItemId);
    assert.ok(['NONE', 'ENDED'].includes(state) && size === '0x0', `${state} ${size}`);
    const item = { sceneName, sceneItemId };
    await client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled: true });
    await until('Hidden', sceneItemId, (now) => now.state === 'PLAYING' && now.size === '320x180');
    assert.ok(told(client, 'MediaInputPlaybackStarted', 'Hidden') >= 1);
    assert.ok(told(client, 'MediaInputActionTriggered', 'Hidden') >= 1);
    await client.call('SetSceneItemEnabled', { ...item, sceneItemEnabled: false });
    await until('Hidden', sceneItemId, (now) => now.state === 'ENDED' && now.size === '0x0');
  });

  scenario('a removed input keeps its name for a moment', async (world) => {
    const { client, sceneName, create } = await stage(world);
    await create('Name', 'color_source_v3', {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    const again: RequestBatchRequest = {
      requestType: 'CreateInput',
      requestData: { sceneName, inputName: 'Name', inputKind: 'color_source_v3' },
    };
    const remove: RequestBatchRequest = { requestType: 'RemoveInput', requestData: { inputName: 'Name' } };
    const look: RequestBatchRequest = { requestType: 'GetInputSettings', requestData: { inputName: 'Name' } };
    const answers = await client.obs.callBatch([remove, again, look, remove]);
    const codes = answers.map(({ requestStatus }) => requestStatus.code);
    assert.deepEqual(codes, [100, 601, 100, 100]);
    const from = Date.now();
    await waitFor(() => create('Name', 'color_source_v3', {}).catch(() => undefined), { intervalMs: 5 });
    assert.ok(Date.now() - from < 10_000, `${Date.now() - from}`);
    assert.equal(told(client, 'InputRemoved', 'Name'), 1);
  });

  scenario('private settings are laid over what is there, and null changes nothing', async (world) => {
    const { client, sceneName, create } = await stage(world);
    const sceneItemId = await create('Private', 'color_source_v3', {});
    const call = (type: string, data: object) =>
      client.obs.call(type as never, data as never) as unknown as Promise<Record<string, unknown>>;
    const item = { sceneName, sceneItemId };
    const source = { sourceName: 'Private' };
    for (const settings of [{ a: 1, b: { c: 2 } }, { d: 'x', b: { e: 3 } }, { a: null }, {}]) {
      await call('SetSceneItemPrivateSettings', { ...item, sceneItemSettings: settings });
      await call('SetSourcePrivateSettings', { ...source, sourceSettings: settings });
    }
    const wanted = { a: 1, b: { e: 3 }, d: 'x' };
    assert.deepEqual((await call('GetSceneItemPrivateSettings', item)).sceneItemSettings, wanted);
    assert.deepEqual((await call('GetSourcePrivateSettings', source)).sourceSettings, wanted);
    await assert.rejects(call('SetSceneItemPrivateSettings', item), { code: 300 });
    await call('SetInputSettings', { inputName: 'Private', inputSettings: { own: { v: 1 } } });
    await call('SetInputSettings', { inputName: 'Private', inputSettings: { own: null, other: true } });
    const { inputSettings } = await client.call('GetInputSettings', { inputName: 'Private' });
    assert.deepEqual(inputSettings, { own: { v: 1 }, other: true });
  });

  scenario(
    'a batch in step with the frames sleeps between its requests, and not at its end',
    async (world) => {
      const { client } = await stage(world);
      const sleep = (requestData: { sleepFrames?: number; sleepMillis?: number }) => ({
        requestType: 'Sleep' as const,
        requestData: requestData as { sleepFrames: number },
      });
      const look: RequestBatchRequest = { requestType: 'GetStudioModeEnabled' };
      const run = async (requests: RequestBatchRequest[], haltOnFailure = false) => {
        const from = performance.now();
        const executionType = RequestBatchExecutionType.SerialFrame;
        const answers = await client.obs.callBatch(requests, { executionType, haltOnFailure });
        return {
          ms: performance.now() - from,
          codes: answers.map(({ requestStatus }) => requestStatus.code),
        };
      };
      const between = await run([look, sleep({ sleepFrames: 15 }), look]);
      assert.ok(between.ms > 450 && between.ms < 5000, `${between.ms}`);
      const trailing = await run([look, sleep({ sleepFrames: 300 })]);
      assert.ok(trailing.ms < 8000, `${trailing.ms}`);
      assert.deepEqual((await run([sleep({ sleepMillis: 5 }), look])).codes, [300, 100]);
      const wrong: RequestBatchRequest = {
        requestType: 'GetInputMute',
        requestData: { inputName: 'Nobody' },
      };
      assert.deepEqual((await run([look, wrong, look], true)).codes, [100, 600]);
      // others are answered meanwhile
      let done = false;
      const long = run([sleep({ sleepFrames: 90 }), look]).finally(() => (done = true));
      await client.call('GetStats');
      assert.equal(done, false);
      await long;
    },
  );

  scenario('what is set again as it is: told for some, for others not', async (world) => {
    const { client, sceneName, create } = await stage(world);
    const sceneItemId = await create('Tone', 'ffmpeg_source', { ...BARS, restart_on_activate: false }, true);
    const inputName = 'Tone';
    await client.call('CreateSourceFilter', {
      sourceName: inputName,
      filterName: 'Colour',
      filterKind: 'color_filter_v2',
    });
    const twice: [string, string, object, number][] = [
      ['SetInputVolume', 'InputVolumeChanged', { inputName, inputVolumeMul: 0.5 }, 2],
      ['SetInputMute', 'InputMuteStateChanged', { inputName, inputMuted: true }, 2],
      ['SetInputAudioBalance', 'InputAudioBalanceChanged', { inputName, inputAudioBalance: 0.25 }, 2],
      ['SetInputAudioSyncOffset', 'InputAudioSyncOffsetChanged', { inputName, inputAudioSyncOffset: 120 }, 2],
      [
        'SetInputAudioMonitorType',
        'InputAudioMonitorTypeChanged',
        { inputName, monitorType: 'OBS_MONITORING_TYPE_MONITOR_ONLY' },
        1,
      ],
      ['SetInputAudioTracks', 'InputAudioTracksChanged', { inputName, inputAudioTracks: { 2: false } }, 1],
      [
        'SetSceneItemEnabled',
        'SceneItemEnableStateChanged',
        { sceneName, sceneItemId, sceneItemEnabled: false },
        1,
      ],
      ['SetSceneItemIndex', 'SceneItemListReindexed', { sceneName, sceneItemId, sceneItemIndex: 0 }, 2],
      [
        'SetSourceFilterEnabled',
        'SourceFilterEnableStateChanged',
        { sourceName: inputName, filterName: 'Colour', filterEnabled: false },
        2,
      ],
    ];
    const from = client.events.length;
    for (const [request, , data] of twice) {
      await client.obs.call(request as never, data as never);
      await client.obs.call(request as never, data as never);
    }
    const number = (type: string) => client.events.slice(from).filter((event) => event.type === type).length;
    await waitFor(() => twice.every(([, type, , wanted]) => number(type) >= wanted));
    await new Promise((resolve) => setTimeout(resolve, 150));
    for (const [request, type, , wanted] of twice) assert.equal(number(type), wanted, request);
  });

  scenario('filters: their order, their defaults, and one for sound on what has none', async (world) => {
    const { client, create } = await stage(world);
    await create('Colour', 'color_source_v3', {});
    const sourceName = 'Colour';
    const add = (filterName: string, filterKind: string) =>
      client.call('CreateSourceFilter', { sourceName, filterName, filterKind });
    const order = async () =>
      (await client.call('GetSourceFilterList', { sourceName })).filters.map(
        ({ filterName }) => filterName as string,
      );
    for (const name of ['a', 'b', 'c']) await add(name, 'color_filter_v2');
    await add('sound', 'gain_filter');
    assert.deepEqual(await order(), ['a', 'b', 'c']);
    for (const [filterName, filterIndex, wanted] of [
      ['a', 1, 'bac'],
      ['c', 0, 'cba'],
      ['c', 2, 'bac'],
    ] as const) {
      await client.call('SetSourceFilterIndex', { sourceName, filterName, filterIndex });
      assert.equal((await order()).join(''), wanted);
    }
    const { defaultFilterSettings } = await client.call('GetSourceFilterDefaultSettings', {
      filterKind: 'color_filter_v2',
    });
    assert.equal(defaultFilterSettings.opacity, 1);
  });

  scenario('a transform as it was read is refused, and taken without its bounds', async (world) => {
    const { client, sceneName, create } = await stage(world);
    const item = { sceneName, sceneItemId: await create('Box', 'color_source_v3', {}) };
    const { sceneItemTransform } = await client.call('GetSceneItemTransform', item);
    const set = (transform: typeof sceneItemTransform) =>
      client.call('SetSceneItemTransform', { ...item, sceneItemTransform: transform });
    await assert.rejects(set(sceneItemTransform), {
      code: 402,
      message: 'The field value of `boundsWidth` is below the minimum of `1.000000`',
    });
    const rest = { ...sceneItemTransform };
    delete rest.boundsWidth;
    delete rest.boundsHeight;
    await set(rest);
  });
});

contract('the scenes that a killed OBS comes back with', {}, async (world) => {
  const { client, sceneName, create } = await stage(world);
  const mark = (sceneItemId: number, live: number) =>
    client.obs.call(
      'SetSceneItemPrivateSettings' as never,
      {
        ...{ sceneName, sceneItemId },
        sceneItemSettings: { live },
      } as never,
    );
  const show = (sceneItemId: number, sceneItemEnabled: boolean) =>
    client.call('SetSceneItemEnabled', { sceneName, sceneItemId, sceneItemEnabled });
  const saved = () => new Promise((resolve) => setTimeout(resolve, 500));
  const bars = { ...BARS, restart_on_activate: false };

  const old = await create('Old', 'ffmpeg_source', bars, true);
  const fresh = await create('Fresh', 'ffmpeg_source', { ...bars, own: 'tag' });
  await saved();
  // a whole switch, none of which OBS writes down
  await show(fresh, true);
  await show(old, false);
  await mark(fresh, 1);
  await client.call('RemoveInput', { inputName: 'Old' });
  await saved();
  await world.kill('SIGKILL');
  await world.start();
  const after = await world.connectClient();
  const items = async (from: BareClient) =>
    (await from.call('GetSceneItemList', { sceneName })).sceneItems.map((item) => [
      item.sourceName,
      item.sceneItemId,
      item.sceneItemEnabled,
    ]);
  assert.deepEqual(await items(after), [
    ['Old', old, true],
    ['Fresh', fresh, false],
  ]);
  const { inputSettings } = await after.call('GetInputSettings', { inputName: 'Fresh' });
  assert.equal(inputSettings.own, 'tag');

  // an item put where it is makes OBS write everything down
  await after.call('SetSceneItemEnabled', { sceneName, sceneItemId: fresh, sceneItemEnabled: true });
  await after.call('RemoveInput', { inputName: 'Old' });
  await waitFor(async () => (await items(after)).length === 1);
  await after.call('SetSceneItemIndex', { sceneName, sceneItemId: fresh, sceneItemIndex: 0 });
  await saved();
  await world.kill('SIGKILL');
  await world.start();
  assert.deepEqual(await items(await world.connectClient()), [['Fresh', fresh, true]]);
});
