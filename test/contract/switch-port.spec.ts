// What a switch asks of an OBS, one call at a time.
import assert from 'node:assert/strict';
import type { PortChange } from '../../lib/switching/port';
import { waitFor } from '../support';
import { rejected } from './drive';
import { contractGroup } from './group';
import { live, made, moving, onAir, playable, wish } from './on-air';
import type { World } from './support';

const isMine = (name: string) => (source: { name: string }) => source.name === name;

/** Everything OBS says of one item. */
async function itemOf(world: World, scene: string, name: string): Promise<Record<string, unknown>> {
  const client = await world.connectClient();
  const { sceneItems } = await client.call('GetSceneItemList', { sceneName: scene });
  await client.close();
  const item = sceneItems.find(({ sourceName }) => sourceName === name);
  assert.ok(item, `${name} is not in ${scene}`);
  return item;
}

contractGroup('port of a switch', { timeoutMs: 90_000 }, (scenario) => {
  scenario('makes a hidden source that plays, and knows it again', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const before = await port.look({ scene: null, slot: 'main' });
    assert.equal(before.scene, scene);
    assert.equal(before.fps, 30);
    assert.equal(before.kinds.ffmpeg, true);
    assert.deepEqual(before.owned, []);
    const address = await playable(world);
    const source = await made(air, address);
    const reading = await moving(port, scene, source);
    assert.equal(reading.enabled, false);
    if (world.real) assert.deepEqual([reading.width, reading.height], [640, 360]);
    const { owned } = await port.look({ scene, slot: 'main' });
    assert.deepEqual(owned, [
      {
        ...source,
        kind: 'ffmpeg',
        madeAtMs: owned[0]?.madeAtMs,
        enabled: false,
        wasLive: false,
        fingerprint: port.fingerprint(wish(address)),
      },
    ]);
    assert.ok(Math.abs((owned[0]?.madeAtMs ?? 0) - Date.now()) < 60_000);
    assert.deepEqual((await port.look({ scene, slot: 'other' })).owned, []);
    assert.deepEqual(await port.ownedEverywhere(), [{ ...owned[0], scene, slot: 'main' }]);
  });

  scenario('says why it could not be made', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const address = await playable(world);
    const source = await made(air, address);
    const again = { scene, slot: 'main', name: source.name, kind: 'ffmpeg' as const, source: wish(address) };
    await rejected(port.create(again), 'SOURCE_NAME_TAKEN');
    const name = port.nameFor({ slot: 'main' });
    const nowhere = await rejected(port.create({ ...again, name, scene: 'no such scene' }), 'SCENE_UNKNOWN');
    assert.match(nowhere.message, new RegExp(scene));
    await rejected(port.look({ scene: 'no such scene', slot: 'main' }), 'SCENE_UNKNOWN');
    await rejected(port.create({ ...again, name, source: wish('gopher://x') }), 'SOURCE_ADDRESS_INVALID');
    if (!(await port.look({ scene, slot: 'main' })).kinds.gstreamer)
      await rejected(port.create({ ...again, name, kind: 'gstreamer' }), 'SOURCE_KIND_UNAVAILABLE');
  });

  scenario('never takes a source of the user for its own', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const source = await made(air, await playable(world));
    const client = await world.connectClient();
    const { inputSettings } = await client.call('GetInputSettings', { inputName: source.name });
    // a copy in OBS has all settings of the original, and a name of the user's
    const copy = port.nameFor({ slot: 'main' });
    await client.call('CreateInput', {
      sceneName: scene,
      inputName: copy,
      inputKind: 'ffmpeg_source',
      inputSettings,
      sceneItemEnabled: false,
    });
    world.cleanUp(async () => {
      const last = await world.connectClient();
      await last.call('RemoveInput', { inputName: copy });
    });
    assert.deepEqual(
      (await port.look({ scene, slot: 'main' })).owned.map(({ name }) => name),
      [source.name],
    );
    assert.deepEqual(
      (await port.ownedEverywhere()).map(({ name }) => name),
      [source.name],
    );
    await rejected(port.remove(copy), 'SOURCE_UNFIT');
    assert.equal((await port.find(scene, copy))?.enabled, false);
  });

  scenario('removes and waits until the name is free', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const address = await playable(world);
    const source = await made(air, address);
    await moving(port, scene, source);
    const told: PortChange[] = [];
    const stop = port.onChange((change) => told.push(change));
    assert.equal(await port.remove(source.name), 'removed');
    const client = await world.connectClient();
    await client.call('CreateInput', {
      sceneName: scene,
      inputName: source.name,
      inputKind: 'color_source_v3',
    });
    await client.call('RemoveInput', { inputName: source.name });
    await waitFor(async () => (await port.remove(source.name)) === 'gone', { message: 'it to be gone' });
    await waitFor(() => told.some((one) => one.change === 'source-removed' && one.source === source.name));
    assert.deepEqual((await port.read(scene, [source]))?.[0], {
      state: 'missing',
      cursorMs: null,
      width: 0,
      height: 0,
      enabled: null,
    });
    stop();
  });

  scenario('removes from a scene that is not on air', async (world) => {
    const air = await onAir(world);
    const client = await world.connectClient();
    const scene = `Beside ${air.scene}`;
    await client.call('CreateScene', { sceneName: scene });
    world.cleanUp(async () => {
      const last = await world.connectClient();
      await last.call('RemoveScene', { sceneName: scene });
    });
    const source = await made({ ...air, scene }, await playable(world));
    await moving(air.port, scene, source);
    assert.equal(await air.port.remove(source.name, undefined, scene), 'removed');
  });

  scenario('takes a source out of its scene only, where somebody put it elsewhere too', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const address = await playable(world);
    const first = await live(air, address);
    const client = await world.connectClient();
    const copy = `Copy of ${scene}`;
    await client.call('CreateScene', { sceneName: copy });
    world.cleanUp(async () => {
      const last = await world.connectClient();
      await last.call('RemoveScene', { sceneName: copy });
    });
    const more = { sceneName: copy, sourceName: first.name, sceneItemEnabled: true };
    const { sceneItemId } = await client.call('CreateSceneItem', more);
    assert.equal(await port.remove(first.name, undefined, scene), 'removed');
    await waitFor(async () => (await port.look({ scene, slot: 'main' })).owned.length === 0, {
      message: 'its scene to be without it',
    });
    assert.deepEqual(
      (await port.look({ scene: copy, slot: 'main' })).owned.map(({ name, itemId, enabled }) => [
        name,
        itemId,
        enabled,
      ]),
      [[first.name, sceneItemId, true]],
    );
    await moving(port, copy, { name: first.name, itemId: sceneItemId });
    // there it is alone
    assert.equal(await port.remove(first.name, undefined, copy), 'removed');
    assert.equal(await port.remove(first.name), 'gone');
  });

  scenario(
    'leaves a source alone that somebody put into a group',
    async (world) => {
      const air = await onAir(world);
      const { port, scene } = air;
      const source = await live(air, await playable(world));
      world.simulator?.group(scene, 'Guest and frame', [source.name]);
      assert.deepEqual(await port.ownedEverywhere(), []);
      assert.equal(await port.remove(source.name, undefined, scene), 'removed');
      assert.notEqual((await port.read(scene, [source]))?.[0]?.state, 'missing');
    },
    ['simulator'],
  );

  scenario('keeps creations and removals apart', async (world) => {
    const air = await onAir(world);
    const address = await playable(world);
    const client = await world.connectClient();
    const from = client.events.length;
    const [first, second] = await Promise.all([made(air, address, 'a'), made(air, address, 'b')]);
    await Promise.all([air.port.remove(first.name), air.port.remove(second.name)]);
    const times = await waitFor(() => {
      const heard = client.events.slice(from).filter(({ type }) => /^Input(Created|Removed)$/.test(type));
      return heard.length === 4 ? heard.map(({ at }) => at) : null;
    });
    for (const [index, at] of times.entries())
      if (index > 0) assert.ok(at - (times[index - 1] ?? 0) > 200, `${times.join(', ')}`);
  });

  scenario('lets the new source look and sound like the old one', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const old = await live(air, await playable(world, 'light'));
    const client = await world.connectClient();
    const inputName = old.name;
    const item = { sceneName: scene, sceneItemId: old.itemId };
    await client.call('SetSceneItemTransform', {
      ...item,
      sceneItemTransform: {
        boundsType: 'OBS_BOUNDS_NONE',
        positionX: 40,
        positionY: 20,
        scaleX: 0.5,
        scaleY: 0.5,
        rotation: 10,
        cropLeft: 16,
        cropTop: 8,
      },
    });
    await client.call('SetSceneItemBlendMode', { ...item, sceneItemBlendMode: 'OBS_BLEND_SCREEN' });
    await client.call('SetSceneItemLocked', { ...item, sceneItemLocked: true });
    await client.call('SetInputVolume', { inputName, inputVolumeMul: 0.25 });
    await client.call('SetInputMute', { inputName, inputMuted: true });
    await client.call('SetInputAudioBalance', { inputName, inputAudioBalance: 0.75 });
    await client.call('SetInputAudioTracks', { inputName, inputAudioTracks: { '2': false, '5': false } });
    await client.call('SetInputAudioMonitorType', {
      inputName,
      monitorType: 'OBS_MONITORING_TYPE_MONITOR_ONLY',
    });
    await client.call('SetInputAudioSyncOffset', { inputName, inputAudioSyncOffset: 120 });
    for (const [filterName, filterKind, filterSettings] of [
      ['cut', 'crop_filter', { left: 4 }],
      ['loud', 'gain_filter', { db: -3 }],
      ['pale', 'color_filter_v2', { saturation: -0.5 }],
    ] as const)
      await client.call('CreateSourceFilter', {
        sourceName: inputName,
        filterName,
        filterKind,
        filterSettings,
      });
    await client.call('SetSourceFilterEnabled', {
      sourceName: inputName,
      filterName: 'loud',
      filterEnabled: false,
    });

    const fresh = await made(air, await playable(world, 'dark'));
    await moving(port, scene, fresh);
    assert.deepEqual(await port.place(scene, fresh, { where: 'old', fromTop: 0 }, old), []);
    // once more, as after a source that was not ready any more
    assert.deepEqual(await port.place(scene, fresh, { where: 'old', fromTop: 0 }, old), []);

    const [was, is] = [await itemOf(world, scene, old.name), await itemOf(world, scene, fresh.name)];
    assert.equal(is.sceneItemIndex, (was.sceneItemIndex as number) - 1);
    for (const field of ['sceneItemTransform', 'sceneItemBlendMode', 'sceneItemLocked'])
      assert.deepEqual(is[field], was[field], field);
    for (const of of [
      'Volume',
      'Mute',
      'AudioBalance',
      'AudioTracks',
      'AudioMonitorType',
      'AudioSyncOffset',
    ]) {
      const type = `GetInput${of}` as 'GetInputVolume';
      assert.deepEqual(
        await client.call(type, { inputName: fresh.name }),
        await client.call(type, { inputName: old.name }),
        of,
      );
    }
    const filters = async (sourceName: string) =>
      (await client.call('GetSourceFilterList', { sourceName })).filters;
    assert.equal((await filters(fresh.name)).length, 3);
    assert.deepEqual(await filters(fresh.name), await filters(old.name));
  });

  scenario('puts the first source of a place on the whole canvas, from the top', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const client = await world.connectClient();
    for (const name of ['logo', 'clock'])
      await client.call('CreateInput', {
        sceneName: scene,
        inputName: `${name} of ${scene}`,
        inputKind: 'color_source_v3',
        inputSettings: { width: 50, height: 50 },
      });
    const first = await made(air, await playable(world));
    await moving(port, scene, first);
    assert.deepEqual(await port.place(scene, first, { where: 'from-top', fromTop: 2 }, null), []);
    const item = await itemOf(world, scene, first.name);
    const transform = item.sceneItemTransform as Record<string, unknown>;
    const { baseWidth, baseHeight } = await client.call('GetVideoSettings');
    assert.equal(item.sceneItemIndex, 1);
    assert.deepEqual(
      [transform.boundsType, transform.boundsWidth, transform.boundsHeight],
      ['OBS_BOUNDS_SCALE_INNER', baseWidth, baseHeight],
    );
  });

  scenario('cuts within some frames, and its own changes are known as its own', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const old = await live(air, await playable(world, 'light'));
    const fresh = await made(air, await playable(world, 'dark'));
    await moving(port, scene, fresh);
    await port.place(scene, fresh, { where: 'old', fromTop: 0 }, old);
    const told: PortChange[] = [];
    const stop = port.onChange((change) => told.push(change));
    const enabledTold = () => told.filter((one) => one.change === 'item-enabled');
    const began = performance.now();
    const plan = { scene, fresh, old, transition: { kind: 'cut' }, framesUnder: 6, fps: 30 } as const;
    assert.deepEqual(await port.swap(plan), { complete: true, oldGone: false, reason: null });
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 150 && tookMs < 2000, `${Math.round(tookMs)} ms`);
    const readings = await port.read(scene, [fresh, old]);
    assert.deepEqual(
      readings?.map(({ enabled }) => enabled),
      [true, false],
    );
    await waitFor(() => enabledTold().length === 2, { message: 'the changes to be told' });
    assert.deepEqual(
      enabledTold()
        .map(({ itemId, enabled, ours }) => [itemId, enabled, ours])
        .sort(),
      [
        [fresh.itemId, true, true],
        [old.itemId, false, true],
      ].sort(),
    );
    // somebody else's is not
    const client = await world.connectClient();
    await client.call('SetSceneItemEnabled', {
      sceneName: scene,
      sceneItemId: fresh.itemId,
      sceneItemEnabled: false,
    });
    await waitFor(() => enabledTold().some(({ ours, enabled }) => !ours && !enabled), {
      message: 'the change of somebody else to be told',
    });
    stop();
  });

  scenario('tells a new hidden source as its own doing', async (world) => {
    const air = await onAir(world);
    const told: PortChange[] = [];
    const stop = air.port.onChange((change) => told.push(change));
    const source = await made(air, await playable(world));
    await moving(air.port, air.scene, source);
    stop();
    const strange = told.filter((one) => one.change === 'item-enabled' && !one.ours);
    assert.deepEqual(strange, []);
  });

  scenario('a swap whose new source is gone leaves the old one on air', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const old = await live(air, await playable(world, 'light'));
    for (const transition of [{ kind: 'cut' }, { kind: 'crossfade', ms: 300 }] as const) {
      const fresh = await made(air, await playable(world, 'dark'));
      await port.remove(fresh.name);
      const answer = await port.swap({ scene, fresh, old, transition, framesUnder: 6, fps: 30 });
      assert.deepEqual([answer.complete, answer.oldGone], [false, false]);
      assert.match(answer.reason ?? '', /new source|SetInputVolume/);
      assert.equal((await port.read(scene, [old]))?.[0]?.enabled, true);
    }
    const client = await world.connectClient();
    assert.equal((await client.call('GetInputVolume', { inputName: old.name })).inputVolumeMul, 1);
    assert.deepEqual((await client.call('GetSourceFilterList', { sourceName: old.name })).filters, []);
  });

  scenario('a swap whose old source is gone shows the new one', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    for (const transition of [{ kind: 'cut' }, { kind: 'crossfade', ms: 300 }] as const) {
      const old = await live(air, await playable(world, 'light'), transition.kind);
      const fresh = await made(air, await playable(world, 'dark'), transition.kind);
      await moving(port, scene, fresh);
      const client = await world.connectClient();
      await client.call('SetInputVolume', { inputName: fresh.name, inputVolumeMul: 0.5 });
      await port.remove(old.name);
      const answer = await port.swap({ scene, fresh, old, transition, framesUnder: 6, fps: 30 });
      assert.ok(answer.complete || answer.oldGone, JSON.stringify(answer));
      assert.equal((await port.read(scene, [fresh]))?.[0]?.enabled, true);
      assert.equal((await client.call('GetInputVolume', { inputName: fresh.name })).inputVolumeMul, 0.5);
    }
  });

  for (const place of [
    { where: 'old', fromTop: 0 },
    { where: 'from-top', fromTop: 0 },
  ] as const)
    scenario(`crossfades, and ends on the inherited volume (${place.where})`, async (world) => {
      const air = await onAir(world);
      const { port, scene } = air;
      const old = await live(air, await playable(world, 'light'));
      const client = await world.connectClient();
      await client.call('SetInputVolume', { inputName: old.name, inputVolumeMul: 0.6 });
      const fresh = await made(air, await playable(world, 'dark'));
      await moving(port, scene, fresh);
      await port.place(scene, fresh, place, old);
      if (place.where === 'from-top') {
        // above the old one, as where that was moved meanwhile
        await client.call('SetSceneItemIndex', {
          sceneName: scene,
          sceneItemId: fresh.itemId,
          sceneItemIndex: 2,
        });
      }
      const from = client.events.length;
      const transition = { kind: 'crossfade', ms: 500 } as const;
      const answer = await port.swap({ scene, fresh, old, transition, framesUnder: 6, fps: 30 });
      assert.deepEqual(answer, { complete: true, oldGone: false, reason: null });
      assert.deepEqual(
        (await port.read(scene, [fresh, old]))?.map(({ enabled }) => enabled),
        [true, false],
      );
      const volumeOf = async (inputName: string) =>
        (await client.call('GetInputVolume', { inputName })).inputVolumeMul;
      assert.deepEqual(
        [await volumeOf(fresh.name), await volumeOf(old.name)].map((value) => Math.fround(value)),
        [Math.fround(0.6), Math.fround(0.6)],
      );
      for (const { name } of [fresh, old])
        assert.deepEqual((await client.call('GetSourceFilterList', { sourceName: name })).filters, []);
      const louder = client.events
        .slice(from)
        .filter(({ type, data }) => type === 'InputVolumeChanged' && data.inputName === fresh.name)
        .map(({ data }) => data.inputVolumeMul as number);
      assert.ok(louder.length >= 10, `${louder.length} steps`);
    });

  scenario('showing the old one again takes an unfinished crossfade back', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const old = await live(air, await playable(world, 'light'));
    const client = await world.connectClient();
    // as another run of ours left it
    await client.call('CreateSourceFilter', {
      sourceName: old.name,
      filterName: 'live production crossfade',
      filterKind: 'color_filter_v2',
      filterSettings: { opacity: 0.4, _live_volumes: [{ name: old.name, factor: 0.7 }] },
    });
    await client.call('SetInputVolume', { inputName: old.name, inputVolumeMul: 0.1 });
    await port.show(scene, old, true);
    assert.deepEqual((await client.call('GetSourceFilterList', { sourceName: old.name })).filters, []);
    const { inputVolumeMul } = await client.call('GetInputVolume', { inputName: old.name });
    assert.equal(Math.fround(inputVolumeMul), Math.fround(0.7));
  });

  scenario('marks what was live, and what stands in for it', async (world) => {
    const air = await onAir(world);
    const { port, scene } = air;
    const source = await live(air, await playable(world));
    const isLive = async () =>
      (await port.look({ scene, slot: 'main' })).owned.find(isMine(source.name))?.wasLive;
    assert.equal(await isLive(), true);
    const [wall] = (await (await world.connectClient()).call('GetSceneItemList', { sceneName: scene }))
      .sceneItems;
    const fallback = await port.find(scene, wall?.sourceName as string);
    assert.ok(fallback);
    assert.deepEqual([fallback.enabled, fallback.standsIn], [true, null]);
    assert.ok(fallback.width > 0 && fallback.height > 0);
    await port.standIn(scene, fallback, 'was-visible');
    assert.equal((await port.find(scene, fallback.name))?.standsIn, 'was-visible');
    await port.standIn(scene, source, 'shown');
    assert.equal(await isLive(), true);
    await port.mark(scene, source, false);
    assert.equal(await isLive(), false);
    await port.standIn(scene, fallback, null);
    assert.equal((await port.find(scene, fallback.name))?.standsIn, null);
    assert.equal(await port.find(scene, 'no such source'), null);
  });

  scenario('tells of scenes, sources and the connection', async (world) => {
    const air = await onAir(world);
    const { port } = air;
    const told: PortChange[] = [];
    const stop = port.onChange((change) => told.push(change));
    const client = await world.connectClient();
    const [first, second] = [`${air.scene} b`, `${air.scene} c`];
    await client.call('CreateScene', { sceneName: first });
    await client.call('SetSceneName', { sceneName: first, newSceneName: second });
    await waitFor(() =>
      told.some((one) => one.change === 'scene-renamed' && one.from === first && one.to === second),
    );
    await client.call('RemoveScene', { sceneName: second });
    await waitFor(() => told.some((one) => one.change === 'scene-removed' && one.scene === second));
    stop();
  });
});
