// What the health source tells of an OBS: the simulator must be ill in the way the real one is.
import assert from 'node:assert/strict';
import type { HealthSample, HealthWish } from '../../lib/production/health';
import { startThrottledProxy, waitFor } from '../support';
import { type Driven, drive, rejected, setParameter, to } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

const QUICK: HealthWish = { everyMs: 200, pictureEveryMs: null, sound: false, media: [] };
const TONE = { input: 'sine=frequency=440', input_format: 'lavfi', is_local_file: false };
const BARS = { input: 'testsrc2=size=320x180:rate=30', input_format: 'lavfi', is_local_file: false };
const colour = (abgr: number) => ({ color: abgr, width: 640, height: 360 });

function watch({ app }: Driven, wish: Partial<HealthWish> = {}) {
  const samples: HealthSample[] = [];
  const release = app.health.watch({ ...QUICK, ...wish }, (sample) => samples.push(sample));
  const next = (what: string, fits: (sample: HealthSample) => boolean = () => true) => {
    const from = samples.length;
    return waitFor(() => samples.slice(from).find(fits), {
      timeoutMs: 20_000,
      message: () =>
        `${what}; the last sample was ${JSON.stringify({ ...samples.at(-1), picture: undefined })}`,
    });
  };
  return { samples, release, next };
}

/** OBS may hold on to the name of a scene that was removed: each gets its own. */
let stages = 0;

/** A scene of our own, on air until the scenario ends, and a way to put inputs into it. */
async function stage(world: World, driven: Driven) {
  const client = await world.connectClient();
  const { program } = await driven.app.scenes.list();
  const sceneName = `Health ${++stages}`;
  const names: string[] = [];
  await client.call('CreateScene', { sceneName });
  await driven.app.scenes.switchTo({ scene: sceneName, to: 'program' });
  world.cleanUp(async () => {
    await driven.app.scenes.switchTo({ scene: program ?? '', to: 'program' });
    for (const inputName of names) await client.call('RemoveInput', { inputName }).catch(() => undefined);
    await client.call('RemoveScene', { sceneName });
  });
  const put = async (
    inputName: string,
    inputKind: string,
    inputSettings: Record<string, string | number | boolean>,
  ) => {
    names.push(inputName);
    const input = { sceneName, inputName, inputKind, inputSettings };
    const { sceneItemId } = await client.call('CreateInput', input);
    return (sceneItemEnabled: boolean) =>
      client.call('SetSceneItemEnabled', { sceneName, sceneItemId, sceneItemEnabled });
  };
  return { client, put, sceneName };
}

contractGroup('the health source', {}, (scenario) => {
  scenario('tells the same figures idle, live and recording', async (world) => {
    const driven = await drive(world);
    const { app } = driven;
    const { next } = watch(driven);
    const idle = await next(
      'figures',
      ({ statistics }) => statistics.fps !== null && (statistics.renderedFrames ?? 0) > 0,
    );
    assert.deepEqual(idle.unknown, {});
    const { statistics } = idle;
    assert.equal(statistics.targetFps, 30);
    assert.ok((statistics.fps ?? 0) > 5 && (statistics.fps ?? 99) < 31, `${statistics.fps}`);
    for (const [name, value] of Object.entries(statistics))
      assert.ok(typeof value === 'number' && value >= 0, `${name}: ${String(value)}`);
    assert.ok((statistics.freeDiskMegabytes ?? 0) > 100);
    assert.equal(idle.streams[0]?.state, 'idle');
    assert.equal(idle.streams[0]?.bytes, null);
    const { targetKbps } = idle.streams[0];
    assert.equal(targetKbps, world.kind === 'real' ? 896 : 2660);

    await app.streams.start(to(world.good));
    const first = await next('a live stream', ({ streams }) => streams[0]?.state === 'live');
    const second = await next('two seconds more', ({ atMs }) => atMs - first.atMs > 2000);
    const [from, until] = [first.streams[0]!, second.streams[0]!];
    assert.deepEqual(until.unknown, {});
    assert.deepEqual(
      [until.droppedFrames, until.congestion, until.reconnects, until.lastEnd],
      [0, 0, 0, null],
    );
    assert.equal(until.liveSinceMs, from.liveSinceMs);
    const kbps = (((until.bytes ?? 0) - (from.bytes ?? 0)) * 8) / (second.atMs - first.atMs);
    assert.ok(kbps > (targetKbps ?? 0) * 0.7 && kbps < (targetKbps ?? 0) * 1.3, `${kbps} of ${targetKbps}`);
    assert.ok((until.frames ?? 0) > (from.frames ?? 0));
    assert.ok((second.statistics.encodedFrames ?? 0) > (first.statistics.encodedFrames ?? 0));

    await app.recorder.start({});
    assert.equal((await next('a recording', ({ recording }) => recording === 'recording')).reachable, true);
    await app.recorder.stop();
    await app.streams.stop();
    const ended = (await next('the end', ({ streams }) => streams[0]?.state === 'idle')).streams[0];
    assert.deepEqual([ended?.lastEnd?.failed, ended?.lastEnd?.expected], [false, true]);
  });

  scenario('sends one message for each reading, the stream and all watchers included', async (world) => {
    const driven = await drive(world);
    const { app } = driven;
    await app.streams.start(to(world.good));
    const many = Array.from({ length: 10 }, () => watch(driven));
    const { samples, next } = many[0]!;
    await next('a first reading');
    const received = async () => Number((await app.client.call('GetStats')).webSocketSessionIncomingMessages);
    const [before, from] = [await received(), samples.length];
    await waitFor(() => samples.length >= from + 12);
    const readings = samples.length - from;
    const messages = (await received()) - before - 1;
    assert.ok(Math.abs(messages - readings) <= 1, `${messages} messages for ${readings} readings`);
    await app.streams.stop();
  });

  scenario('counts the reconnects of a wrong key, which is never live', async (world) => {
    const driven = await drive(world);
    const { app } = driven;
    const { next, samples } = watch(driven);
    const start = app.streams.start(to(world.denied, { onUnstable: 'leave' }));
    await rejected(start, 'STREAM_FLAPPING');
    await next('a reconnect', ({ streams }) => (streams[0]?.reconnects ?? 0) > 0);
    assert.ok(samples.every(({ streams }) => streams[0]?.liveSinceMs === null));
    await app.streams.stop();
    const ended = await next('the end', ({ streams }) => streams[0]?.state === 'idle');
    assert.deepEqual([ended.streams[0]?.lastEnd?.failed, ended.streams[0]?.lastEnd?.expected], [true, true]);
  });

  scenario('sees black, a still picture and a moving one', async (world) => {
    const driven = await drive(world);
    const { put, sceneName } = await stage(world, driven);
    const { next } = watch(driven, { pictureEveryMs: 200 });
    const look = async () => {
      const { picture } = await next('a picture', (sample) => sample.picture?.source === sceneName);
      assert.deepEqual([picture?.width, picture?.height], [64, 36]);
      return picture!.luma;
    };
    const twice = async () => [await look(), await look()] as const;
    // a scene with nothing in it
    assert.ok((await look()).every((luma) => luma === 0));
    const showBars = await put('Bars', 'ffmpeg_source', BARS);
    await waitFor(async () => {
      const [before, after] = await twice();
      return after.some((luma, at) => Math.abs(luma - before[at]!) > 1);
    });
    await showBars(false);
    await put('Grey', 'color_source_v3', colour(0xff808080));
    await waitFor(async () => (await look()).every((luma) => Math.abs(luma - 128) <= 2));
    const [before, after] = await twice();
    assert.deepEqual(after, before);
    await put('Black', 'color_source_v3', colour(0xff000000));
    await waitFor(async () => (await look()).every((luma) => luma < 24));
  });

  scenario(
    'hears what goes out, and nothing that is muted, hidden, elsewhere or only monitored',
    async (world) => {
      const driven = await drive(world);
      const { put, client, sceneName } = await stage(world, driven);
      const { next } = watch(driven, { sound: true });
      const heard = (sample: HealthSample) => sample.sound?.heard.includes('Tone') === true;
      const silent = (sample: HealthSample) =>
        sample.sound !== null && sample.sound.peakDb === -100 && sample.sound.heard.length === 0;
      const tone = (sample: HealthSample) =>
        heard(sample) && Math.abs((sample.sound?.peakDb ?? 0) + 18.06) < 0.5;
      await next('silence', silent);
      const show = await put('Tone', 'ffmpeg_source', TONE);
      // a picture without a sound track has nothing to hear
      await put('Other bars', 'ffmpeg_source', BARS);
      const { sound } = await next('the tone', tone);
      assert.deepEqual(sound?.heard, ['Tone']);
      assert.ok(sound.clippedPercent === 0 && sound.readings >= 1);
      await client.call('SetInputVolume', { inputName: 'Tone', inputVolumeMul: 8 });
      await next('full scale', (sample) => (sample.sound?.clippedPercent ?? 0) > 50);
      await client.call('SetInputVolume', { inputName: 'Tone', inputVolumeMul: 1 });
      const steps: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
        [
          'muted',
          () => client.call('SetInputMute', { inputName: 'Tone', inputMuted: true }),
          () => client.call('SetInputMute', { inputName: 'Tone', inputMuted: false }),
        ],
        [
          'only monitored',
          () =>
            client.call('SetInputAudioMonitorType', {
              inputName: 'Tone',
              monitorType: 'OBS_MONITORING_TYPE_MONITOR_ONLY',
            }),
          () =>
            client.call('SetInputAudioMonitorType', {
              inputName: 'Tone',
              monitorType: 'OBS_MONITORING_TYPE_NONE',
            }),
        ],
        [
          'on another track',
          () => client.call('SetInputAudioTracks', { inputName: 'Tone', inputAudioTracks: { 1: false } }),
          () => client.call('SetInputAudioTracks', { inputName: 'Tone', inputAudioTracks: { 1: true } }),
        ],
        ['hidden', () => show(false), () => show(true)],
      ];
      for (const [what, off, on] of steps) {
        await off();
        await next(`silence, ${what}`, silent);
        await on();
        await next(`the tone, no longer ${what}`, tone);
      }
      const { scenes } = await driven.app.scenes.list();
      await driven.app.scenes.switchTo({
        scene: scenes.find((name) => name !== sceneName) ?? '',
        to: 'program',
      });
      await next('silence, elsewhere', (sample) => !heard(sample) && sample.sound !== null);
    },
  );

  scenario('knows how its media inputs play', async (world) => {
    const driven = await drive(world);
    const { put, client, sceneName } = await stage(world, driven);
    await put('Endless', 'ffmpeg_source', BARS);
    await put('Short', 'ffmpeg_source', { ...BARS, input: `${BARS.input}:duration=2` });
    await put('Colour', 'color_source_v3', colour(0xff808080));
    const media = ['Endless', 'Short', 'Colour', sceneName, 'Nobody'];
    const { next, samples } = watch(driven, { media });
    const states = (sample = samples.at(-1)) =>
      Object.fromEntries((sample?.media ?? []).map((one) => [one.name, one]));
    const playing = states(
      await next('both playing', (sample) =>
        ['Endless', 'Short'].every((name) => (states(sample)[name]?.cursorMs ?? 0) > 0),
      ),
    );
    assert.deepEqual(
      Object.values(playing).map(({ state }) => state),
      ['playing', 'playing', 'none', 'missing', 'missing'],
    );
    assert.equal(playing.Endless?.durationMs, null);
    await next(
      'the clip to move',
      (sample) => (states(sample).Endless?.cursorMs ?? 0) > (playing.Endless?.cursorMs ?? 0),
    );
    const ended = states(await next('the end', (sample) => states(sample).Short?.state === 'ended')).Short;
    assert.deepEqual([ended?.cursorMs, ended?.durationMs], [null, null]);
    const act = (action: string) =>
      client.call('TriggerMediaInputAction', {
        inputName: 'Endless',
        mediaAction: `OBS_WEBSOCKET_MEDIA_INPUT_ACTION_${action}`,
      });
    await act('PAUSE');
    await next('a pause', (sample) => states(sample).Endless?.state === 'paused');
    await client.call('RemoveInput', { inputName: 'Endless' });
    await next('it to be gone', (sample) => states(sample).Endless?.state === 'missing');
  });

  scenario('says what it cannot know: a folder that is not there, and an OBS that hangs', async (world) => {
    const driven = await drive(world);
    const { next } = watch(driven);
    await next('a disk', ({ statistics }) => statistics.freeDiskMegabytes !== null);
    await setParameter(world, 'SimpleOutput', 'FilePath', `${world.recordDir}/not there`);
    world.cleanUp(() => setParameter(world, 'SimpleOutput', 'FilePath', world.recordDir));
    const { unknown } = await next('no disk', ({ statistics }) => statistics.freeDiskMegabytes === null);
    assert.match(unknown.freeDiskMegabytes ?? '', /does not exist/);
    world.freeze();
    const frozen = await next('silence', ({ reachable }) => !reachable);
    assert.match(frozen.reason ?? '', /not answered/);
    world.thaw();
    await next('an answer', ({ reachable }) => reachable);
  });
});

/** A bitrate that fills the kernel's buffers within seconds, which hide a stuck uplink from OBS. */
const FAST = { SimpleOutput: { VBitrate: '40000' } };

contractGroup('the health source and an uplink that is stuck', { profile: FAST }, (scenario) => {
  scenario('sees nothing sent and everything dropped, though frames go on', async (world) => {
    const driven = await drive(world);
    const { app } = driven;
    const { next } = watch(driven);
    const { starve, restore, address } = await uplink(world);
    await app.streams.start(to(address));
    await next('a free uplink', ({ streams }) => streams[0]?.congestion === 0);
    starve();
    const full = (streams: HealthSample['streams']) => (streams[0]?.congestion ?? 0) > 0.95;
    const jam = await next('a jam', ({ streams }) => full(streams) && (streams[0]?.droppedFrames ?? 0) > 10);
    const later = await next('half a second more', ({ atMs }) => atMs - jam.atMs > 600);
    const [[first], [second]] = [jam.streams, later.streams];
    assert.equal(second?.state, 'live');
    assert.equal(second.bytes, first?.bytes);
    const [frames, dropped] = (['frames', 'droppedFrames'] as const).map(
      (name) => (second[name] ?? 0) - (first?.[name] ?? 0),
    );
    assert.ok((frames ?? 0) > 8 && Math.abs((dropped ?? 0) - (frames ?? 0)) <= 6, `${dropped} of ${frames}`);
    restore();
    await next(
      'data again',
      ({ streams }) => (streams[0]?.bytes ?? 0) > (second.bytes ?? 0) && !full(streams),
    );
    await app.streams.stop();
  });
});

/** A way to the good server that can be stopped up. */
async function uplink(world: World) {
  const { simulator, real } = world;
  if (simulator) {
    world.cleanUp(() => simulator.health.calm());
    return {
      address: world.good,
      starve: () => simulator.health.uplink(0),
      restore: () => simulator.health.uplink(1),
    };
  }
  const proxy = await startThrottledProxy(real?.nginx.port ?? 0);
  world.cleanUp(() => proxy.close());
  return {
    address: { ...world.good, server: `rtmp://127.0.0.1:${proxy.port}/live` },
    starve: () => proxy.starve(),
    restore: () => void proxy.restore(),
  };
}
