// Are we ready? Each fault is planted where a show can have it, and found; a healthy set-up is all ok.
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { knock } from '../../lib/connection/knock';
import { preflight } from '../../lib/preflight/ask';
import { TICKS, type Check, type CheckId, type Expectations, type Tick } from '../../lib/preflight/types';
import { freePort, requirePrograms, startHangServer, startSrtListener, waitFor } from '../support';
import { startTimeServer } from '../support/time-server';
import { drive, setParameter, setService, to, type Driven } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

/** As long as a silent server may hold a test up. */
const KNOCK_MS = 800;
const SECRET = 'never-to-be-told-7261';
const MICROPHONE = 'Show microphone';

/** What this show expects: nothing, but for what a scenario says. */
function expects(
  more: Partial<Omit<Expectations, 'ticks'>> & { ticks?: readonly Tick[] } = {},
): Expectations {
  return {
    destination: null,
    profile: null,
    collection: null,
    scenes: [],
    sources: [],
    inputs: [],
    diskWarnGigabytes: 0.2,
    diskFailGigabytes: 0.1,
    timeServer: null,
    ffmpegPath: null,
    unknownFails: false,
    ...more,
    ticks: new Set(more.ticks ?? []),
  };
}

/** One answer, in time and without a secret. */
async function answer({ app }: Driven, expected: Expectations) {
  const began = performance.now();
  const { ready, checks } = await preflight(app, expected, { knock: (address) => knock(address, KNOCK_MS) });
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 8000, `it took ${tookMs} ms`);
  for (const { result, message, advice } of checks) {
    assert.equal(result === 'ok', advice === null, message);
    assert.ok(!/undefined|NaN|null|\[object/.test(`${message} ${advice ?? ''}`), message);
  }
  assert.equal(JSON.stringify(checks).includes(SECRET), false, 'a secret is told');
  const found = (id: CheckId): Check => {
    const check = checks.find((one) => one.id === id);
    assert.ok(check, `no check ${id}`);
    return check;
  };
  return {
    ready,
    checks,
    tookMs,
    /** Asserts how a check came out. */
    is: (id: CheckId, result: Check['result'], message: RegExp): void => {
      const check = found(id);
      assert.equal(check.result, result, `${id}: ${check.message}`);
      assert.match(check.message, message);
      if (result === 'failed') assert.equal(ready, false);
    },
  };
}

/** As an RTMP server answers a greeting. */
const RTMP = Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)]);

/** A server that greets as it is told, by default as RTMP does: no stream would live there, but a check asks no more. */
async function greeter(world: World, greeting = RTMP): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(greeting));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  world.cleanUp(() => server.close());
  return `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
}

/** OBS set to a server of our own, with a key. */
async function setUp(world: World, more: Record<string, string | boolean> = {}): Promise<void> {
  await setService(world, 'rtmp_custom', {
    server: await greeter(world),
    key: SECRET,
    use_auth: false,
    username: '',
    password: '',
    bwtest: false,
    ...more,
  });
}

/** An input with sound in the scene on air, gone with the scenario. */
async function withMicrophone(world: World) {
  const client = await world.connectClient();
  const { currentProgramSceneName: sceneName } = await client.call('GetSceneList');
  await client.call('CreateInput', {
    sceneName,
    inputName: MICROPHONE,
    inputKind: 'ffmpeg_source',
    inputSettings: { input_format: 'lavfi', input: 'sine=frequency=440', is_local_file: false },
  });
  world.cleanUp(async () => {
    const last = await world.connectClient();
    await last.call('RemoveInput', { inputName: MICROPHONE });
    await waitFor(async () =>
      (await last.call('GetInputList')).inputs.every(({ inputName }) => inputName !== MICROPHONE),
    );
  });
  await waitFor(async () => (await client.call('GetSourceActive', { sourceName: MICROPHONE })).videoActive, {
    message: 'the microphone on air',
  });
  return client;
}

contractGroup('are we ready', {}, (scenario) => {
  scenario('a healthy set-up is all ok, within a second or two', async (world) => {
    await setUp(world);
    const client = await withMicrophone(world);
    const driven = await drive(world);
    const time = await startTimeServer();
    world.cleanUp(() => time.close());
    const { currentProfileName: profile } = await client.call('GetProfileList');
    const { currentSceneCollectionName: collection } = await client.call('GetSceneCollectionList');
    const { scenes } = await driven.app.scenes.list();
    const all = expects({
      ticks: TICKS,
      profile,
      collection,
      scenes,
      sources: [MICROPHONE],
      inputs: [MICROPHONE],
      timeServer: time.address,
      unknownFails: true,
    });
    const { ready, checks, tookMs } = await answer(driven, all);
    assert.deepEqual(
      checks.filter(({ result }) => result !== 'ok'),
      [],
    );
    assert.ok(ready && checks.length === 18);
    console.log(`        18 checks in ${Math.round(tookMs)} ms`);
  });

  scenario('another profile or scene collection is found', async (world) => {
    const client = await world.connectClient();
    const driven = await drive(world);
    const { currentProfileName: profile } = await client.call('GetProfileList');
    const { currentSceneCollectionName: collection } = await client.call('GetSceneCollectionList');
    const { scenes } = await driven.app.scenes.list();
    const sources = (await client.call('GetInputList')).inputs.map(({ inputName }) => inputName as string);
    const wanted = expects({ profile, collection, scenes, sources });
    assert.equal((await answer(driven, wanted)).ready, true);
    await client.call('CreateProfile', { profileName: 'Another' });
    const other = await answer(driven, wanted);
    other.is('profile', 'failed', /is "Another", and not/);
    await client.call('SetCurrentProfile', { profileName: profile });
    await client.call('CreateSceneCollection', { sceneCollectionName: 'Somewhere else' });
    const elsewhere = await answer(driven, wanted);
    elsewhere.is('profile', 'ok', /The profile is/);
    elsewhere.is('collection', 'failed', /is "Somewhere else", and not/);
    elsewhere.is('scenes', 'failed', /missing/);
    elsewhere.is('sources', 'failed', /missing/);
    await client.call('SetCurrentSceneCollection', { sceneCollectionName: collection });
    await waitFor(async () => (await answer(driven, wanted)).ready, { message: 'all to be there again' });
  });

  scenario('a missing server, a missing key and the test mode are found', async (world) => {
    const driven = await drive(world);
    const target = expects({ ticks: ['target', 'server'] });
    await setUp(world);
    assert.equal((await answer(driven, target)).ready, true);
    await setUp(world, { server: '' });
    const nowhere = await answer(driven, target);
    nowhere.is('target', 'failed', /no server/);
    nowhere.is('server', 'unknown', /not tried/);
    await setUp(world, { key: '' });
    // an RTMP server may take a stream without one, and nginx does
    (await answer(driven, target)).is('key', 'warning', /No stream key/);
    await setService(world, 'rtmp_common', { service: 'Twitch', server: 'auto', key: '', bwtest: true });
    const twitch = await answer(driven, target);
    twitch.is('target', 'ok', /Twitch/);
    twitch.is('key', 'failed', /No stream key is set for Twitch/);
    twitch.is('bandwidthTest', 'failed', /nobody would see it/);
    twitch.is('server', 'unknown', /chooses its server itself/);
    await setService(world, 'rtmp_common', { service: 'Twitch', server: 'auto', key: SECRET, bwtest: false });
    (await answer(driven, target)).is('key', 'ok', /is set/);
  });

  scenario('a server that refuses, hangs, is no such thing or is nowhere is found', async (world) => {
    const driven = await drive(world);
    const server = expects({ ticks: ['server'] });
    const hang = await startHangServer();
    world.cleanUp(() => hang.close());
    await setUp(world, { server: `rtmp://127.0.0.1:${await freePort()}/live` });
    (await answer(driven, server)).is('server', 'failed', /refuses/);
    await setUp(world, { server: `rtmp://${SECRET}:pass@127.0.0.1:${hang.port}/live/${SECRET}` });
    (await answer(driven, server)).is('server', 'failed', /takes the connection and then says nothing/);
    await setUp(world, { server: await greeter(world, Buffer.from('220 mail.example ESMTP\r\n')) });
    (await answer(driven, server)).is('server', 'failed', /not as a streaming server does/);
    await setUp(world, { server: 'rtmp://no-such-server.invalid/live' });
    (await answer(driven, server)).is('server', 'failed', /is not found/);
    await setUp(world, { server: `rtmps://127.0.0.1:${hang.port}/live` });
    (await answer(driven, server)).is('server', 'failed', /says nothing/);
  });

  scenario('an SRT listener answers, and streams all the same afterwards', async (world, context) => {
    requirePrograms(context, ['ffmpeg']);
    const driven = await drive(world);
    const server = expects({ ticks: ['server', 'target'] });
    const receiver = await startSrtListener();
    world.cleanUp(() => receiver.close());
    await setUp(world, { server: `${receiver.server}&passphrase=${SECRET}`, key: '' });
    const there = await answer(driven, server);
    there.is('server', 'ok', /answers/);
    there.is('key', 'ok', /needs no stream key/);
    const started = await driven.app.streams.start(to({ server: receiver.server, key: '' }));
    assert.equal(started.confirmed, true);
    // a listener that has its one caller would be silent now: OBS itself says that it is connected
    (await answer(driven, server)).is('server', 'ok', /connected to it already/);
    await driven.app.streams.stop();
    await setUp(world, { server: 'srt://127.0.0.1:9?mode=caller', key: '' });
    (await answer(driven, server)).is('server', 'failed', /refuses/);
    await setUp(world, { server: 'srt://:9000?mode=listener', key: '' });
    (await answer(driven, server)).is('server', 'unknown', /waits for a caller/);
  });

  scenario('a missing recording folder and a full disk are found', async (world) => {
    const driven = await drive(world);
    const recording = expects({ ticks: ['folder', 'disk'] });
    const there = await answer(driven, recording);
    there.is('folder', 'ok', /can record to/);
    there.is('disk', 'ok', /GB are free/);
    const much = expects({ ticks: ['disk'], diskWarnGigabytes: 900_000, diskFailGigabytes: 0.1 });
    (await answer(driven, much)).is('disk', 'warning', /less than 900000 GB/);
    const more = expects({ ticks: ['disk'], diskWarnGigabytes: 950_000, diskFailGigabytes: 900_000 });
    (await answer(driven, more)).is('disk', 'failed', /The least for this show is 900000 GB/);
    await setParameter(world, 'SimpleOutput', 'RecQuality', 'Stream');
    (await answer(driven, recording)).is('disk', 'ok', /about \d+ (h|days|min) at \d+ kbit\/s/);
    await setParameter(world, 'SimpleOutput', 'RecQuality', 'Small');
    await setParameter(world, 'SimpleOutput', 'FilePath', join(world.recordDir, 'not', 'there'));
    const gone = await answer(driven, recording);
    gone.is('folder', 'failed', /does not exist/);
    gone.is('disk', 'failed', /No disk is free/);
    await setParameter(world, 'SimpleOutput', 'FilePath', world.recordDir);
    assert.equal((await answer(driven, recording)).ready, true);
  });

  scenario('missing scenes and sources are named', async (world) => {
    const driven = await drive(world);
    const { scenes } = await driven.app.scenes.list();
    const found = await answer(
      driven,
      expects({ scenes: [...scenes, 'Encore', 'Bow'], sources: ['Camera 9'] }),
    );
    found.is('scenes', 'failed', /^The scenes "Encore" and "Bow" are missing/);
    found.is('sources', 'failed', /^The source "Camera 9" is missing/);
  });

  scenario('an input that cannot be heard is found, and why', async (world) => {
    const client = await withMicrophone(world);
    const driven = await drive(world);
    const sound = expects({ inputs: [MICROPHONE] });
    const inputName = MICROPHONE;
    (await answer(driven, sound)).is('sound', 'ok', /can be heard/);
    (await answer(driven, expects({ ticks: ['sound'] }))).is('sound', 'ok', /Show microphone/);
    await client.call('SetInputMute', { inputName, inputMuted: true });
    (await answer(driven, sound)).is('sound', 'failed', /"Show microphone" is muted/);
    await client.call('SetInputMute', { inputName, inputMuted: false });
    for (const inputVolumeMul of [0, 0.0005]) {
      await client.call('SetInputVolume', { inputName, inputVolumeMul });
      (await answer(driven, sound)).is('sound', 'failed', /all the way down/);
    }
    await client.call('SetInputVolume', { inputName, inputVolumeDb: -40 });
    (await answer(driven, sound)).is('sound', 'warning', /at -40 dB/);
    await client.call('SetInputVolume', { inputName, inputVolumeDb: 0 });
    const monitor = (type: string) =>
      client.call('SetInputAudioMonitorType', { inputName, monitorType: `OBS_MONITORING_TYPE_${type}` });
    await monitor('MONITOR_ONLY');
    (await answer(driven, sound)).is('sound', 'failed', /monitor only/);
    await monitor('NONE');
    const tracks = (one: boolean, rest: boolean) =>
      client.call('SetInputAudioTracks', {
        inputName,
        inputAudioTracks: { 1: one, 2: rest, 3: rest, 4: rest, 5: rest, 6: rest },
      });
    await tracks(false, true);
    (await answer(driven, sound)).is('sound', 'failed', /not on audio track 1/);
    await tracks(false, false);
    (await answer(driven, sound)).is('sound', 'failed', /on no audio track/);
    await tracks(true, false);
    (await answer(driven, sound)).is('sound', 'ok', /can be heard/);
    const [silent] = (await client.call('GetInputList')).inputs
      .filter(({ inputKind }) => /color_source|text_ft2/.test(inputKind as string))
      .map((input) => input.inputName as string);
    const wrong = await answer(driven, expects({ inputs: [MICROPHONE, 'Nobody', silent ?? ''] }));
    wrong.is('sound', 'failed', /^"Nobody" does not exist; ".+" has no sound\.$/);
  });

  scenario('a black program is a warning, and so is one without sound', async (world) => {
    const client = await world.connectClient();
    const driven = await drive(world);
    const before = (await driven.app.scenes.list()).program ?? '';
    const look = expects({ ticks: ['picture', 'sound'] });
    (await answer(driven, look)).is('picture', 'ok', /shows a picture/);
    await client.call('CreateScene', { sceneName: 'Nothing' });
    world.cleanUp(async () => {
      const last = await world.connectClient();
      await last.call('SetCurrentProgramScene', { sceneName: before });
      await last.call('RemoveScene', { sceneName: 'Nothing' });
    });
    await driven.app.scenes.switchTo({ scene: 'Nothing', to: 'program' });
    await waitFor(
      async () => {
        const black = await answer(driven, look);
        black.is('picture', 'warning', /The program is black \(scene "Nothing"\)/);
        black.is('sound', 'warning', /Nothing that could be heard is on air/);
        assert.equal(black.ready, true);
        return true;
      },
      { message: 'black after the transition' },
    );
  });

  scenario('what runs already is a warning', async (world) => {
    await setUp(world, { ...world.good });
    const driven = await drive(world);
    const nothing = expects({ ticks: ['live'] });
    const idle = await answer(driven, nothing);
    idle.is('live', 'ok', /No stream runs/);
    idle.is('recording', 'ok', /No recording runs/);
    await driven.app.streams.start({ target: null, confirmMs: 1000 });
    await driven.app.recorder.start({});
    const busy = await answer(driven, nothing);
    busy.is('live', 'warning', /runs already \(live\)/);
    busy.is('recording', 'warning', /runs already \(recording\)/);
    assert.equal(busy.ready, true);
    await driven.app.recorder.stop();
    await driven.app.streams.stop();
  });

  scenario('a rehearsal is found', async (world) => {
    const driven = await drive(world, { simulated: true });
    await setUp(world);
    const found = await answer(driven, expects({ ticks: ['rehearsal', 'server'] }));
    found.is('rehearsal', 'failed', /nothing would go out/);
    found.is('server', 'unknown', /a rehearsal reaches no server/);
  });

  scenario('an OBS that hangs, and one that is gone, are an answer too', async (world) => {
    const driven = await drive(world);
    const some = expects({ ticks: ['live', 'folder', 'picture', 'clock', 'sound', 'target', 'server'] });
    world.freeze();
    const hung = await answer(driven, some).finally(() => world.thaw());
    hung.is('connection', 'failed', /is connected and does not answer/);
    hung.is('live', 'unknown', /no answer within 4 s/);
    hung.is('clock', 'ok', /clock/);
    assert.ok(hung.tookMs < 7500, `${hung.tookMs} ms`);
    await waitFor(async () => (await answer(driven, expects())).ready, { message: 'OBS to answer again' });
    await world.kill();
    await waitFor(() => driven.app.status().state !== 'ready');
    const gone = await answer(driven, some);
    gone.is('connection', 'failed', /is not connected/);
    gone.is('folder', 'unknown', /OBS is not connected/);
    assert.ok(gone.tookMs < 3000);
    await world.start();
  });
});
