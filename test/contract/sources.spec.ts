// Changes of sources: what people do all evening, each read back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceChange, SourceChanged } from '../../lib/production/sources';
import { waitFor } from '../support';
import { drive, rejected, type Driven } from './drive';
import { contractGroup } from './group';
import { contract, type BareClient, type World } from './support';

let stages = 0;

interface Stage extends Driven {
  client: BareClient;
  scene: string;
  /** a name of this scenario's own */
  named: (name: string) => string;
  /** a new input in the scene; the answer is its name */
  input: (name: string, kind: string, settings?: object) => Promise<string>;
  /** the id of the item in the scene, counted from the bottom */
  item: (source: string, searchOffset?: number) => Promise<number>;
  shown: (source: string, searchOffset?: number) => Promise<boolean>;
  set: (change: SourceChange) => Promise<SourceChanged>;
}

/** A scene of the scenario's own, which goes with it: OBS may hold the names of removed ones. */
async function stage(world: World): Promise<Stage> {
  const driven = await drive(world);
  const client = await world.connectClient();
  const mark = (stages += 1);
  const named = (name: string) => `${name} ${mark}`;
  const scene = named('Stage');
  await client.call('CreateScene', { sceneName: scene });
  world.cleanUp(async () => {
    const bare = await world.connectClient();
    await bare.call('RemoveScene', { sceneName: scene });
    await bare.close();
  });
  const item = async (sourceName: string, searchOffset = 0) =>
    (await client.call('GetSceneItemId', { sceneName: scene, sourceName, searchOffset })).sceneItemId;
  return {
    ...driven,
    client,
    scene,
    named,
    item,
    async input(name, inputKind, inputSettings = {}) {
      const inputName = named(name);
      await client.call('CreateInput', {
        sceneName: scene,
        inputName,
        inputKind,
        inputSettings: inputSettings as Record<string, string>,
      });
      return inputName;
    },
    async shown(source, offset) {
      const sceneItemId = await item(source, offset);
      return (await client.call('GetSceneItemEnabled', { sceneName: scene, sceneItemId })).sceneItemEnabled;
    },
    set: (change) => driven.app.sources.set(change),
  };
}

/** A file that ffmpeg makes; the simulator takes any. */
function made(world: World, name: string, ...how: string[]): string {
  const file = join(world.recordDir, name);
  if (world.kind === 'real') execFileSync('ffmpeg', ['-v', 'error', '-y', ...how, file]);
  return file;
}

const COLOUR = { width: 64, height: 36 };

contractGroup('a source', {}, (scenario) => {
  scenario('is hidden and shown', async (world) => {
    const { scene, input, set, shown } = await stage(world);
    const source = await input('Red', 'color_source_v3', COLOUR);
    assert.deepEqual(await set({ what: 'visible', scene, source, on: false }), {
      source,
      what: 'visible',
      before: true,
      now: false,
      alreadySo: false,
      scene,
    });
    assert.equal(await shown(source), false);
    const again = await set({ what: 'visible', scene, source, on: false });
    assert.deepEqual([again.before, again.now, again.alreadySo], [false, false, true]);
    await set({ what: 'visible', scene, source, on: true });
    assert.equal(await shown(source), true);
  });

  scenario('that is in the scene twice is shown and hidden at both places', async (world) => {
    const { client, scene, input, set, item, shown } = await stage(world);
    const source = await input('Red', 'color_source_v3', COLOUR);
    await client.call('CreateSceneItem', { sceneName: scene, sourceName: source });
    const sceneItemId = await item(source);
    await client.call('SetSceneItemEnabled', { sceneName: scene, sceneItemId, sceneItemEnabled: false });
    const changed = await set({ what: 'visible', scene, source, on: true });
    assert.deepEqual([changed.before, changed.now, changed.alreadySo], [null, true, false]);
    assert.match(changed.unknown?.before ?? '', /2 times/);
    assert.deepEqual([await shown(source), await shown(source, -1)], [true, true]);
    await set({ what: 'visible', scene, source, on: false });
    assert.deepEqual([await shown(source), await shown(source, -1)], [false, false]);
  });

  scenario('of the scene on air is meant where no scene is named', async (world) => {
    const { app, client, scene, input, set, shown } = await stage(world);
    const source = await input('Red', 'color_source_v3', COLOUR);
    await rejected(set({ what: 'visible', scene: null, source, on: false }), 'SOURCE_UNKNOWN');
    const { currentProgramSceneName: before } = await client.call('GetCurrentProgramScene');
    world.cleanUp(() => client.call('SetCurrentProgramScene', { sceneName: before }));
    await app.scenes.switchTo({ scene, to: 'program' });
    const changed = await set({ what: 'visible', scene: null, source, on: false });
    assert.equal(changed.scene, scene);
    assert.equal(await shown(source), false);
    assert.deepEqual(await app.sources.list('visible'), [source]);
  });

  scenario('that is unknown is refused with those there are', async (world) => {
    const { scene, input, set } = await stage(world);
    const source = await input('Red', 'color_source_v3', COLOUR);
    const title = await input('Title', 'text_ft2_source_v2', { text: 'a' });
    const nowhere = await rejected(
      set({ what: 'visible', scene, source: 'Nobody', on: true }),
      'SOURCE_UNKNOWN',
    );
    assert.ok(nowhere.message.includes(source) && nowhere.message.includes(title), nowhere.message);
    const unknown = await rejected(
      set({ what: 'visible', scene: 'Nowhere', source, on: true }),
      'SCENE_UNKNOWN',
    );
    assert.ok(unknown.message.includes(scene));
    const noText = await rejected(
      set({ what: 'text', source: 'Nobody', text: 'x', field: null }),
      'SOURCE_UNKNOWN',
    );
    assert.ok(noText.message.includes(title) && !noText.message.includes(source), noText.message);
    for (const change of [
      { what: 'mute', source: 'Nobody', on: true },
      { what: 'volume', source: 'Nobody', db: 0, rampMs: 0 },
      { what: 'monitoring', source: 'Nobody', mode: 'none' },
      { what: 'image', source: 'Nobody', file: '/a.png', field: null },
      { what: 'media', source: 'Nobody', action: 'play' },
      { what: 'filter', source: 'Nobody', filter: 'F', on: true },
    ] as const)
      await rejected(set(change), 'SOURCE_UNKNOWN');
  });

  scenario('of the wrong kind is refused in words', async (world) => {
    const { scene, input, set } = await stage(world);
    const red = await input('Red', 'color_source_v3', COLOUR);
    const title = await input('Title', 'text_ft2_source_v2', { text: 'a' });
    const unfit = await rejected(set({ what: 'text', source: red, text: 'x', field: null }), 'SOURCE_UNFIT');
    assert.ok(unfit.message.includes('color_source_v3') && unfit.message.includes(title), unfit.message);
    await rejected(set({ what: 'text', source: scene, text: 'x', field: null }), 'SOURCE_UNFIT');
    await rejected(set({ what: 'image', source: title, file: '/x.png', field: null }), 'SOURCE_UNFIT');
    const mute = await rejected(set({ what: 'mute', source: red, on: true }), 'SOURCE_UNFIT');
    assert.match(mute.message, /no sound/);
    await rejected(set({ what: 'mute', source: scene, on: true }), 'SOURCE_UNFIT');
    await rejected(set({ what: 'volume', source: red, db: 0, rampMs: 0 }), 'SOURCE_UNFIT');
    await rejected(set({ what: 'monitoring', source: red, mode: 'none' }), 'SOURCE_UNFIT');
    await rejected(set({ what: 'media', source: red, action: 'play' }), 'SOURCE_UNFIT');
    await rejected(set({ what: 'media', source: scene, action: 'play' }), 'SOURCE_UNFIT');
    await rejected(set({ what: 'overlay', source: red, overlay: 1, on: true }), 'CAPABILITY_MISSING');
  });

  scenario('has its text set, and stops to take it out of a file', async (world) => {
    const { client, input, set } = await stage(world);
    const source = await input('Title', 'text_ft2_source_v2', { text: 'Good evening' });
    const to = (text: string) => set({ what: 'text', source, text, field: null });
    const settings = async () => (await client.call('GetInputSettings', { inputName: source })).inputSettings;
    const first = await to('Ann\n"Lower" third é');
    assert.deepEqual(
      [first.before, first.now, first.alreadySo],
      ['Good evening', 'Ann\n"Lower" third é', false],
    );
    assert.equal((await settings()).text, 'Ann\n"Lower" third é');
    assert.equal((await to('Ann\n"Lower" third é')).alreadySo, true);
    assert.equal((await to('')).now, '');
    const file = join(world.recordDir, 'text.txt');
    writeFileSync(file, 'out of a file');
    await client.call('SetInputSettings', {
      inputName: source,
      inputSettings: { from_file: true, text_file: file },
    });
    // the text is the same, and not what shows
    const changed = await to('');
    assert.deepEqual([changed.before, changed.now, changed.alreadySo], [null, '', false]);
    assert.ok(changed.unknown?.before);
    assert.equal((await settings()).from_file, false);
  });

  scenario('has its image set, and keeps it where the new one is none', async (world) => {
    const { client, input, set } = await stage(world);
    const [one, two] = ['red', 'blue'].map((colour) =>
      made(world, `${colour}.png`, '-f', 'lavfi', '-i', `color=${colour}:s=64x36`, '-frames:v', '1'),
    ) as [string, string];
    const source = await input('Logo', 'image_source', { file: one });
    const to = (file: string) => set({ what: 'image', source, file, field: null });
    const file = async () =>
      (await client.call('GetInputSettings', { inputName: source })).inputSettings.file;
    const changed = await to(two);
    assert.deepEqual([changed.before, changed.now, changed.alreadySo], [one, two, false]);
    assert.equal(await file(), two);
    assert.equal((await to(two)).alreadySo, true);
    const missing = join(world.recordDir, 'missing.png');
    const fault = await rejected(to(missing), 'SOURCE_FILE_UNUSABLE');
    assert.match(fault.message, /before is back/);
    assert.equal(await file(), two);
    assert.equal((await to(two)).alreadySo, true);
    await rejected(to(''), 'INPUT_INVALID');
  });

  scenario('is muted and heard again', async (world) => {
    const { client, input, set } = await stage(world);
    const source = await input('Tone', 'ffmpeg_source');
    const muted = async () => (await client.call('GetInputMute', { inputName: source })).inputMuted;
    const changed = await set({ what: 'mute', source, on: true });
    assert.deepEqual([changed.before, changed.now, changed.alreadySo], [false, true, false]);
    assert.equal(await muted(), true);
    assert.equal((await set({ what: 'mute', source, on: true })).alreadySo, true);
    await set({ what: 'mute', source, on: false });
    assert.equal(await muted(), false);
  });

  scenario('is brought to a volume at once', async (world) => {
    const { client, input, set } = await stage(world);
    const source = await input('Tone', 'ffmpeg_source');
    const to = (db: number) => set({ what: 'volume', source, db, rampMs: 0 });
    const changed = await to(-12.3);
    assert.deepEqual([changed.before, changed.now, changed.alreadySo], [0, -12.3, false]);
    assert.equal((await to(-12.3)).alreadySo, true);
    for (const db of [-100, 26, -0.1, 0]) assert.equal((await to(db)).now, db);
    await to(-100);
    const { inputVolumeMul } = await client.call('GetInputVolume', { inputName: source });
    assert.equal(inputVolumeMul, 0, 'silence is silence');
    await rejected(to(27), 'INPUT_INVALID');
    await rejected(to(NaN), 'INPUT_INVALID');
  });

  scenario('is faded, and ends exactly there', async (world) => {
    const { client, input, set } = await stage(world);
    const source = await input('Tone', 'ffmpeg_source');
    const from = client.events.length;
    const changed = await set({ what: 'volume', source, db: -100, rampMs: 1000 });
    assert.deepEqual([changed.before, changed.now], [0, -100]);
    await client.waitForEvent('InputVolumeChanged', { from, where: (data) => data.inputVolumeMul === 0 });
    const steps = client.events
      .slice(from)
      .filter(({ type, data }) => type === 'InputVolumeChanged' && data.inputName === source);
    // a busy machine leaves steps out, never puts more in
    assert.ok(steps.length >= 4 && steps.length <= 22, `${steps.length} steps`);
    const levels = steps.map(({ data }) => Number(data.inputVolumeMul)).sort((a, b) => b - a);
    assert.ok(levels.every((level, index) => index === 0 || level < (levels[index - 1] ?? 0)));
    assert.equal((await client.call('GetInputVolume', { inputName: source })).inputVolumeMul, 0);
  });

  scenario('on its way to a volume is overtaken by a newer one', async (world) => {
    const { client, input, set } = await stage(world);
    const source = await input('Tone', 'ffmpeg_source');
    const fade = rejected(set({ what: 'volume', source, db: -100, rampMs: 60_000 }), 'SOURCE_OVERTAKEN');
    await waitFor(async () => (await client.call('GetInputVolume', { inputName: source })).inputVolumeDb < 0);
    const waiting = rejected(set({ what: 'volume', source, db: -3, rampMs: 5000 }), 'SOURCE_OVERTAKEN');
    const newest = await set({ what: 'volume', source, db: -20, rampMs: 0 });
    assert.equal(newest.now, -20);
    await Promise.all([fade, waiting]);
    assert.equal(Math.round((await client.call('GetInputVolume', { inputName: source })).inputVolumeDb), -20);
    // another source's fade is left alone
    const other = await input('Other', 'ffmpeg_source');
    const [one, two] = await Promise.all([
      set({ what: 'volume', source: other, db: -6, rampMs: 300 }),
      set({ what: 'volume', source, db: 0, rampMs: 300 }),
    ]);
    assert.deepEqual([one.now, two.now], [-6, 0]);
  });

  scenario('is monitored', async (world) => {
    const { client, input, set } = await stage(world);
    const source = await input('Tone', 'ffmpeg_source');
    const changed = await set({ what: 'monitoring', source, mode: 'monitor-only' });
    assert.deepEqual([changed.before, changed.now, changed.alreadySo], ['none', 'monitor-only', false]);
    const { monitorType } = await client.call('GetInputAudioMonitorType', { inputName: source });
    assert.equal(monitorType, 'OBS_MONITORING_TYPE_MONITOR_ONLY');
    assert.equal((await set({ what: 'monitoring', source, mode: 'monitor-only' })).alreadySo, true);
    assert.equal(
      (await set({ what: 'monitoring', source, mode: 'monitor-and-output' })).now,
      'monitor-and-output',
    );
    assert.equal((await set({ what: 'monitoring', source, mode: 'none' })).now, 'none');
  });

  scenario('plays, pauses, starts again and stops', async (world) => {
    const { app, client, scene, input, set } = await stage(world);
    const { currentProgramSceneName: onAir } = await client.call('GetCurrentProgramScene');
    world.cleanUp(() => client.call('SetCurrentProgramScene', { sceneName: onAir }));
    const clip = made(
      world,
      'clip.mp4',
      ...['-f', 'lavfi', '-i', 'testsrc=s=64x36:r=10:d=30', '-f', 'lavfi', '-i', 'sine=d=30', '-shortest'],
    );
    const source = await input('Clip', 'ffmpeg_source', {
      local_file: clip,
      // otherwise it plays only while it shows
      restart_on_activate: false,
    });
    const status = () => client.call('GetMediaInputStatus', { inputName: source });
    const act = (action: 'play' | 'pause' | 'restart' | 'stop') => set({ what: 'media', source, action });
    await waitFor(async () => Number((await status()).mediaCursor) > 1000);
    assert.equal((await act('play')).alreadySo, true);
    const restarted = await act('restart');
    assert.deepEqual([restarted.before, restarted.now, restarted.alreadySo], ['playing', 'playing', false]);
    assert.ok(Number((await status()).mediaCursor) < 1000, 'hidden too');
    await app.scenes.switchTo({ scene, to: 'program' });
    await waitFor(async () => Number((await status()).mediaCursor) > 1000);
    await act('restart');
    assert.ok(Number((await status()).mediaCursor) < 1000);
    const paused = await act('pause');
    assert.deepEqual([paused.before, paused.now], ['playing', 'paused']);
    assert.equal((await act('pause')).alreadySo, true);
    const at = Number((await status()).mediaCursor);
    assert.equal((await act('play')).now, 'playing');
    await waitFor(async () => Number((await status()).mediaCursor) > at);
    const stopped = await act('stop');
    assert.ok(stopped.now === 'stopped' || stopped.now === 'ended', String(stopped.now));
    assert.equal((await act('stop')).alreadySo, true);
    await rejected(act('pause'), 'SOURCE_UNFIT');
    // OBS says "playing" of a stopped clip that is told to play, and it stands still
    assert.equal((await act('play')).now, 'playing');
    await waitFor(async () => Number((await status()).mediaCursor) > 500);
    assert.equal((await act('pause')).now, 'paused');
    assert.equal((await act('restart')).now, 'playing');
    await act('stop');
    await app.scenes.switchTo({ scene: onAir, to: 'program' });
    await waitFor(async () => !(await client.call('GetSourceActive', { sourceName: source })).videoShowing);
    const hidden = await rejected(act('play'), 'SOURCE_UNFIT');
    assert.match(hidden.message, /only while it shows/);
  });

  scenario('has a filter switched on and off', async (world) => {
    const { app, client, scene, input, set } = await stage(world);
    const source = await input('Red', 'color_source_v3', COLOUR);
    await client.call('CreateSourceFilter', {
      sourceName: source,
      filterName: 'Tint',
      filterKind: 'color_filter_v2',
    });
    const to = (on: boolean) => set({ what: 'filter', source, filter: 'Tint', on });
    const changed = await to(false);
    assert.deepEqual(changed, {
      source,
      what: 'filter',
      filter: 'Tint',
      before: true,
      now: false,
      alreadySo: false,
    });
    const read = async () =>
      (await client.call('GetSourceFilter', { sourceName: source, filterName: 'Tint' })).filterEnabled;
    assert.equal(await read(), false);
    assert.equal((await to(false)).alreadySo, true);
    await to(true);
    assert.equal(await read(), true);
    const fault = await rejected(set({ what: 'filter', source, filter: 'Blur', on: true }), 'SOURCE_UNKNOWN');
    assert.match(fault.message, /Tint/);
    const none = await rejected(
      set({ what: 'filter', source: scene, filter: 'Blur', on: true }),
      'SOURCE_UNKNOWN',
    );
    assert.match(none.message, /none/);
    assert.deepEqual(await app.sources.listWithin('filter', source), ['Tint']);
    assert.deepEqual(await app.sources.list('filter'), [source]);
  });

  scenario('is listed with what can be changed of it', async (world) => {
    const { app, scene, input, named } = await stage(world);
    await input('Red', 'color_source_v3', COLOUR);
    await input('Title', 'text_ft2_source_v2', { text: 'a' });
    await input('Logo', 'image_source');
    await input('Clip', 'ffmpeg_source');
    const mine = async (what: SourceChange['what']) =>
      (await app.sources.list(what)).filter((name) => name.endsWith(named(''))).sort();
    assert.deepEqual(
      await app.sources.list('visible', scene),
      ['Clip', 'Logo', 'Title', 'Red'].map(named),
      'from the top',
    );
    assert.deepEqual(await mine('text'), [named('Title')]);
    assert.deepEqual(await mine('image'), [named('Logo')]);
    assert.deepEqual(await mine('media'), [named('Clip')]);
    for (const what of ['mute', 'volume', 'monitoring'] as const)
      assert.deepEqual(await mine(what), [named('Clip')]);
    assert.deepEqual(await app.sources.list('overlay'), []);
  });

  scenario('is changed once for equal wishes, and in order for others', async (world) => {
    const { client, scene, input, set, shown } = await stage(world);
    const source = await input('Red', 'color_source_v3', COLOUR);
    const to = (on: boolean) => set({ what: 'visible', scene, source, on });
    const from = client.events.length;
    const all = await Promise.all([to(false), to(false), to(true), to(false), to(true)]);
    assert.deepEqual(
      all.map(({ now, alreadySo }) => [now, alreadySo]),
      [false, false, true, false, true].map((now) => [now, false]),
    );
    assert.equal(await shown(source), true);
    const told = () =>
      client.events.slice(from).filter(({ type }) => type === 'SceneItemEnableStateChanged').length;
    await waitFor(() => told() >= 4);
    assert.equal(told(), 4, 'the first two were one');
  });
});

describe('a source in a group', () => {
  contract('is shown and hidden, and there outside of it too', {}, async (world) => {
    const { app } = await drive(world);
    const client = await world.connectClient();
    await grouped(world, client);
    assert.deepEqual(await app.sources.list('visible', 'Main'), ['Lower third', 'Blue', 'Red']);
    const set = (source: string, on: boolean) =>
      app.sources.set({ what: 'visible', scene: 'Main', source, on });
    const states = async () => {
      const { sceneItems } = await client.call('GetGroupSceneItemList', { sceneName: 'Lower third' });
      return Object.fromEntries(
        (sceneItems as { sourceName: string; sceneItemEnabled: boolean }[]).map((item) => [
          item.sourceName,
          item.sceneItemEnabled,
        ]),
      );
    };
    const before = await states();
    assert.equal((await set('Blue', !before.Blue)).now, !before.Blue);
    assert.equal((await states()).Blue, !before.Blue);
    assert.equal((await set('Lower third', false)).alreadySo, false);
    // by the name of the group itself
    const within = await app.sources.set({ what: 'visible', scene: 'Lower third', source: 'Blue', on: true });
    assert.equal(within.now, true);
    await rejected(set('Green', true), 'SOURCE_UNKNOWN');
  });
});

/** A scene "Main" with a red source below a group "Lower third" that has a blue and a red one. Nobody can make a group by remote control. */
async function grouped(world: World, client: BareClient): Promise<void> {
  if (!world.real) {
    await client.call('CreateScene', { sceneName: 'Main' });
    for (const inputName of ['Red', 'Blue'])
      await client.call('CreateInput', { sceneName: 'Main', inputName, inputKind: 'color_source_v3' });
    world.simulator?.group('Main', 'Lower third', ['Red', 'Blue']);
    await client.call('CreateSceneItem', { sceneName: 'Main', sourceName: 'Red' });
    const { sceneItemId } = await client.call('GetSceneItemId', { sceneName: 'Main', sourceName: 'Red' });
    await client.call('SetSceneItemIndex', { sceneName: 'Main', sceneItemId, sceneItemIndex: 0 });
    return;
  }
  const { sceneCollections, currentSceneCollectionName } = await client.call('GetSceneCollectionList');
  assert.ok(!sceneCollections.includes('Grouped'));
  // its file is written anew while another collection is open
  await client.call('CreateSceneCollection', { sceneCollectionName: 'Grouped' });
  await client.call('SetCurrentSceneCollection', { sceneCollectionName: currentSceneCollectionName });
  const item = (id: number, name: string) => ({ id, name, visible: true, pos: { x: 0, y: 0 } });
  const scene = (kind: string, name: string, items: object[]) => ({
    id: kind,
    versioned_id: kind,
    name,
    settings: { custom_size: kind === 'group', cx: 64, cy: 36, id_counter: items.length, items },
  });
  const colour = (name: string) => ({
    id: 'color_source',
    versioned_id: 'color_source_v3',
    name,
    settings: {},
  });
  const file = join(world.real.obs.home, '.config/obs-studio/basic/scenes/Grouped.json');
  writeFileSync(
    file,
    JSON.stringify({
      name: 'Grouped',
      current_scene: 'Main',
      current_program_scene: 'Main',
      scene_order: [{ name: 'Main' }],
      sources: [
        colour('Red'),
        colour('Blue'),
        scene('scene', 'Main', [item(1, 'Red'), item(2, 'Lower third')]),
      ],
      groups: [scene('group', 'Lower third', [item(1, 'Red'), item(2, 'Blue')])],
    }),
  );
  await client.call('SetCurrentSceneCollection', { sceneCollectionName: 'Grouped' });
}
