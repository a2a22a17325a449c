// Pictures of what OBS shows: what comes back is what it says it is.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathThere, writePicture } from '../../lib/production/picture-files';
import type { Picture, PictureRequest } from '../../lib/production/pictures';
import { ffprobe, removeTempDir, tempDir } from '../support';
import { drive, rejected } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

const request = (more: Partial<PictureRequest> = {}): PictureRequest => ({
  source: null,
  width: null,
  height: null,
  widest: 1280,
  format: 'jpg',
  quality: 80,
  ...more,
});

/** A private folder that goes with the scenario. */
function folderOf(world: World): string {
  const folder = tempDir('pictures');
  world.cleanUp(() => removeTempDir(folder));
  return folder;
}

/** Asserts that another program reads the same in it. */
async function assertPicture(world: World, picture: Picture): Promise<void> {
  const file = join(folderOf(world), `picture.${picture.format}`);
  writeFileSync(file, picture.data);
  await assertFile(file, picture);
}

async function assertFile(
  file: string,
  wanted: { format: string; width: unknown; height: unknown },
): Promise<void> {
  const [stream] = (await ffprobe(file)).streams;
  assert.deepEqual(
    { codec: stream?.codec_name, width: stream?.width, height: stream?.height },
    { codec: wanted.format === 'jpg' ? 'mjpeg' : 'png', width: wanted.width, height: wanted.height },
  );
}

/** A colour source of this size in a scene of its own, taken away when the scenario ends. */
async function addColour(world: World, name: string, width: number, height: number): Promise<void> {
  const client = await world.connectClient();
  const { currentProgramSceneName: sceneName } = await client.call('GetCurrentProgramScene');
  const kind = 'color_source_v3';
  await client.call('CreateInput', {
    sceneName,
    inputName: name,
    inputKind: kind,
    inputSettings: { width, height, color: 0xff00ff00 },
    sceneItemEnabled: false,
  });
  world.cleanUp(async () => {
    const again = await world.connectClient();
    await again.call('RemoveInput', { inputName: name });
    await again.close();
  });
  await client.close();
}

contractGroup('a picture', {}, (scenario) => {
  scenario(
    'of the program is a JPEG of the size it says, and nothing is drawn larger than it is',
    async (world) => {
      const { app } = await drive(world);
      const { program, scenes } = await app.scenes.list();
      const client = await world.connectClient();
      const { baseWidth, baseHeight } = await client.call('GetVideoSettings');
      const began = Date.now();
      const own = await app.pictures.take(request());
      assert.equal(own.source, program);
      assert.equal(own.contentType, 'image/jpeg');
      assert.equal(own.width, Math.min(baseWidth, 1280));
      await assertPicture(world, own);
      assert.ok(Date.parse(own.takenAt) >= began - 1 && Date.parse(own.takenAt) <= Date.now());
      const large = await app.pictures.take(request({ widest: null }));
      assert.deepEqual([large.width, large.height], [baseWidth, baseHeight]);
      const png = await app.pictures.take(request({ format: 'png', width: 320, quality: 100 }));
      assert.deepEqual([png.width, png.height, png.contentType], [320, 180, 'image/png']);
      await assertPicture(world, png);
      assert.ok(png.data.length < 20_000, 'a png at quality 100 would not be packed');
      // a scene that is not on air
      const other = scenes.find((name) => name !== program) ?? '';
      assert.equal((await app.pictures.take(request({ source: other, width: 64 }))).source, other);
    },
  );

  scenario('follows its own shape where one side is given, and both where both are', async (world) => {
    const { app } = await drive(world);
    await addColour(world, 'wide', 1600, 400);
    for (const [more, size] of [
      [{ width: 800 }, [800, 200]],
      [{ height: 100 }, [400, 100]],
      [{ width: 100, height: 100 }, [100, 100]],
      [{}, [1280, 320]],
      [{ widest: null }, [1600, 400]],
      [{ width: 1600 }, [1600, 400]],
      [{ width: 801, format: 'png' }, [801, 200]],
    ] as [Partial<PictureRequest>, number[]][]) {
      const picture = await app.pictures.take(request({ source: 'wide', ...more }));
      assert.deepEqual([picture.width, picture.height], size, JSON.stringify(more));
      await assertPicture(world, picture);
    }
  });

  scenario('is not asked for in a size that OBS cannot draw', async (world) => {
    const { app } = await drive(world);
    for (const more of [{ width: 7 }, { width: 4097 }, { height: 4097 }, { width: NaN }])
      await rejected(app.pictures.take(request(more)), 'INPUT_INVALID');
    // 1280 wide it would be 128,000 high: OBS tried for 3 s, and failed
    await addColour(world, 'tall', 20, 2000);
    const began = performance.now();
    const fault = await rejected(
      app.pictures.take(request({ source: 'tall', width: 1280 })),
      'INPUT_INVALID',
    );
    assert.match(fault.message, /128000 points.*give both/);
    await rejected(app.pictures.take(request({ source: 'tall', height: 8 })), 'INPUT_INVALID');
    assert.ok(performance.now() - began < 2500, 'it was tried');
    const own = await app.pictures.take(request({ source: 'tall' }));
    assert.deepEqual([own.width, own.height], [20, 2000], 'never drawn larger than it is');
    const both = await app.pictures.take(request({ source: 'tall', width: 16, height: 9 }));
    assert.deepEqual([both.width, both.height], [16, 9]);
  });

  scenario('of what is not there, or shows nothing, is refused in plain words', async (world) => {
    const { app } = await drive(world);
    const { scenes } = await app.scenes.list();
    const fault = await rejected(app.pictures.take(request({ source: 'Nope' })), 'SOURCE_UNKNOWN');
    for (const scene of scenes) assert.ok(fault.message.includes(scene), fault.message);
    const there = pathThere(folderOf(world), 'jpg', false, 'OBS');
    await rejected(app.pictures.saveThere(request({ source: 'Nope' }), there), 'SOURCE_UNKNOWN');
    const client = await world.connectClient();
    await client.call('CreateInput', {
      sceneName: scenes[0] ?? '',
      inputName: 'sound only',
      inputKind: 'pulse_input_capture',
      sceneItemEnabled: false,
    });
    world.cleanUp(async () => {
      const again = await world.connectClient();
      await again.call('RemoveInput', { inputName: 'sound only' });
      await again.close();
    });
    await rejected(app.pictures.take(request({ source: 'sound only' })), 'PICTURE_FAILED');
    await rejected(
      app.pictures.saveThere(request({ source: 'sound only', width: 64, height: 64 }), there),
      'PICTURE_FAILED',
    );
    const format = 'webp' as 'png';
    const other = await rejected(app.pictures.take(request({ format })), 'PICTURE_FORMAT');
    assert.match(other.message, /webp.*jpg/);
  });

  scenario('goes into a file here, under a name that leads nowhere else', async (world) => {
    const { app } = await drive(world);
    const folder = folderOf(world);
    const odd = '../../a/b\\..:*?"<>|\n x';
    const client = await world.connectClient();
    await client.call('CreateScene', { sceneName: odd });
    world.cleanUp(async () => {
      const again = await world.connectClient();
      await again.call('RemoveScene', { sceneName: odd });
      await again.close();
    });
    // two at once: one after the other through the lane, each in a file of its own
    const both = await Promise.all([1, 2].map(() => app.pictures.take(request({ source: odd, width: 64 }))));
    const files = await Promise.all(
      both.map((picture) => writePicture(folder, { ...picture, format: 'jpg' }, false)),
    );
    assert.equal(new Set(files).size, 2);
    for (const file of files) {
      assert.equal(dirname(file), folder);
      assert.match(basename(file), /^\d{4}-\d\d-\d\d \d\d-\d\d-\d\d-\d{3} [^/\\:*?"<>|\n]+\.jpg$/);
      await assertFile(file, { format: 'jpg', width: 64, height: 36 });
    }
    assert.deepEqual(readdirSync(folder).sort(), files.map((file) => basename(file)).sort());
  });

  scenario('is written by OBS on its own computer, and a folder it lacks is named', async (world) => {
    const { app } = await drive(world);
    const folder = folderOf(world);
    const saved = await app.pictures.saveThere(
      request({ width: 128 }),
      pathThere(folder, 'jpg', false, 'OBS'),
    );
    assert.equal(dirname(saved.path), folder);
    if (world.kind === 'real' || existsSync(saved.path))
      await assertFile(saved.path, { format: 'jpg', width: 128, height: 72 });
    const fixed = join(folder, 'now.png');
    const png = request({ width: 128, format: 'png' });
    for (let time = 0; time < 2; time++)
      assert.equal((await app.pictures.saveThere(png, pathThere(fixed, 'png', true, 'OBS'))).path, fixed);
    await assertFile(fixed, { format: 'png', width: 128, height: 72 });
    const missing = join(folder, 'none');
    const fault = await rejected(
      app.pictures.saveThere(request(), pathThere(missing, 'jpg', false, 'OBS')),
      'PICTURE_FOLDER_MISSING',
    );
    assert.ok(fault.message.includes(missing) && fault.message.includes('the computer OBS runs on'));
    const locked = await rejected(
      app.pictures.saveThere(request(), pathThere('/proc/now.jpg', 'jpg', true, 'OBS')),
      'PICTURE_NOT_SAVED',
    );
    assert.match(locked.message, /\/proc\/now\.jpg/);
  });

  scenario('in a transition is of the scene that comes', async (world) => {
    const { app } = await drive(world);
    const client = await world.connectClient();
    const { scenes, program } = await app.scenes.list();
    const other = scenes.find((name) => name !== program) ?? '';
    await client.call('SetCurrentSceneTransition', { transitionName: 'Fade' });
    await client.call('SetCurrentSceneTransitionDuration', { transitionDuration: 1500 });
    world.cleanUp(async () => {
      const again = await world.connectClient();
      await again.call('SetCurrentSceneTransitionDuration', { transitionDuration: 300 });
      await again.call('SetCurrentProgramScene', { sceneName: program ?? '' });
      await again.close();
    });
    await client.call('SetCurrentProgramScene', { sceneName: other });
    const meanwhile = await app.pictures.take(request({ width: 64 }));
    assert.notEqual(client.events.at(-1)?.type, 'SceneTransitionEnded', 'the transition was over too soon');
    assert.equal(meanwhile.source, other);
    await client.waitForEvent('CurrentProgramSceneChanged');
    assert.equal((await app.pictures.take(request({ width: 64 }))).source, other);
  });

  scenario('that OBS dies over is an error, at once', async (world) => {
    const { app } = await drive(world);
    world.freeze();
    const taking = rejected(app.pictures.take(request()), 'OBS_DISCONNECTED');
    const began = performance.now();
    await world.kill();
    await taking;
    assert.ok(performance.now() - began < 5000);
    await rejected(app.pictures.take(request()), 'OBS_NOT_CONNECTED');
  });
});
