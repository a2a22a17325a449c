// SRT out of OBS, as the node asks for it: as the main stream, and beside it.
import assert from 'node:assert/strict';
import type { SrtWish } from '../../lib/production/srt';
import type { SrtPlace } from '../../lib/production/srt-address';
import { ffprobe, freeUdpPort, startProgram, startSrtListener, waitFor } from '../support';
import { CONFIRM_MS, drive, parameters, rejected, streamIsIdle } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

const SECRET = `a & b#c+d%é',x"=z`;
const STREAM_ID = `#!::r=live & more,m=pub'lish+%é`;

function place(more: Partial<SrtPlace> = {}): SrtPlace {
  return {
    mode: 'caller',
    host: '127.0.0.1',
    port: 9000,
    latencyMs: 200,
    streamId: '',
    passphrase: '',
    keyLength: null,
    ...more,
  };
}

function wish(where: Partial<SrtPlace>, more: Partial<SrtWish> = {}): SrtWish {
  return {
    which: { as: 'stream' },
    place: place(where),
    waitForCallerMs: 30_000,
    confirmMs: CONFIRM_MS,
    encoding: { videoKbps: 800, audioKbps: 96, keyframeSeconds: 2 },
    secondProfile: 'Spare',
    ...more,
  };
}

/** A listening ffmpeg where OBS is real; the simulator takes any address. */
async function listening(world: World, passphrase?: string) {
  if (world.kind === 'simulator')
    return { port: 9000, frames: () => 100, streamId: () => STREAM_ID, file: '', kill: () => undefined };
  const listener = await startSrtListener({ passphrase });
  world.cleanUp(() => listener.close());
  return { ...listener, frames: () => listener.received().frames, kill: () => listener.kill('SIGKILL') };
}

/** Somebody calls this port until he is answered. */
async function call(world: World, port: number, passphrase = '') {
  if (world.kind === 'simulator') {
    return { frames: () => 100 };
  }
  const options = passphrase ? ['-passphrase', passphrase] : [];
  const program = await startProgram('ffmpeg', [
    ...[
      '-hide_banner',
      '-nostdin',
      '-loglevel',
      'warning',
      '-stats_period',
      '0.2',
      '-progress',
      '/dev/stdout',
    ],
    ...[...options, '-i', `srt://127.0.0.1:${port}?mode=caller`, '-c', 'copy', '-f', 'null', '-'],
  ]);
  world.cleanUp(() => program.close('SIGKILL'));
  return { frames: () => Number([...program.log().matchAll(/^frame=\s*(\d+)/gm)].at(-1)?.[1] ?? 0) };
}

contractGroup('SRT out as the main stream', {}, (scenario) => {
  for (const keyLength of [null, 16, 24, 32] as const)
    scenario(`to a listener, encrypted, key length ${String(keyLength)}`, async (world) => {
      const { app, names, told, events } = await drive(world);
      const receiver = await listening(world, SECRET);
      const where = { port: receiver.port, passphrase: SECRET, streamId: STREAM_ID, keyLength };
      const started = await app.srt.start(wish(where));
      assert.equal(started.state, 'live');
      assert.equal(started.output, 'stream');
      assert.equal(started.address, `srt://127.0.0.1:${receiver.port}`);
      await told('srt_stream_started');
      assert.deepEqual(app.srt.states(), [{ output: 'stream', state: 'live' }]);
      assert.equal(receiver.streamId(), STREAM_ID);
      await waitFor(() => receiver.frames() > 30, {
        message: () => `frames, not ${receiver.frames()}`,
      });
      const stopped = await app.srt.stop({ as: 'stream' });
      assert.equal(stopped.wasRunning, true);
      await told('srt_stream_stopped');
      assert.deepEqual(names(), [
        'stream_starting',
        'stream_started',
        'srt_stream_started',
        'stream_stopped',
        'srt_stream_stopped',
      ]);
      const said = JSON.stringify([events, started, stopped]);
      assert.equal(said.includes('b#c'), false);
      assert.equal(said.includes('r=live'), false);
      if (receiver.file) {
        const { streams } = await ffprobe(receiver.file);
        assert.deepEqual(streams.map((one) => one.codec_type).sort(), ['audio', 'video']);
      }
    });

  scenario(
    'with another passphrase than its listener is refused in a sentence',
    async (world) => {
      const { app, names, told } = await drive(world);
      const receiver = await listening(world, SECRET);
      const fault = await rejected(
        app.srt.start(wish({ port: receiver.port, passphrase: 'wrong wrong wrong' })),
        'SRT_CONNECT_FAILED',
      );
      assert.match(fault.message, /passphrase/);
      assert.equal(fault.message.includes('wrong wrong'), false);
      await told('stream_failed');
      assert.deepEqual(names(), ['stream_starting', 'stream_failed']);
      await streamIsIdle(world);
    },
    ['real'],
  );

  scenario(
    'as a listener goes live when somebody calls',
    async (world) => {
      const { app, told } = await drive(world);
      const port = await freeUdpPort();
      const start = app.srt.start(wish({ mode: 'listener', host: '', port, passphrase: SECRET }));
      await told('stream_starting');
      const caller = await call(world, port, SECRET);
      assert.equal((await start).state, 'live');
      await waitFor(() => caller.frames() > 30, { message: 'frames at the caller' });
      await app.srt.stop({ as: 'stream' });
    },
    ['real'],
  );

  scenario(
    'as a listener whom nobody calls ends by itself',
    async (world) => {
      const { app } = await drive(world);
      const port = await freeUdpPort();
      const nobody = wish({ mode: 'listener', host: '127.0.0.1', port }, { waitForCallerMs: 2000 });
      const fault = await rejected(app.srt.start(nobody), 'SRT_NO_CALLER');
      assert.match(fault.message, /within 2 s/);
      await streamIsIdle(world);
    },
    ['real'],
  );

  scenario('a stop leaves a stream that is not SRT alone', async (world) => {
    const { app } = await drive(world);
    await app.streams.start({
      target: { name: 'main', service: 'rtmp', ...world.good, user: '', password: '' },
      confirmMs: CONFIRM_MS,
    });
    const stopped = await app.srt.stop({ as: 'stream' });
    assert.equal(stopped.wasRunning, false);
    assert.equal(app.streams.state(), 'live');
    await app.streams.stop();
  });
});

const BESIDE = { as: 'beside' } as const;
/** What somebody had set before; all of it has to come back. */
const BEFORE = {
  'AdvOut/RecType': 'Standard',
  'AdvOut/FFOutputToFile': 'true',
  'AdvOut/FFURL': 'udp://10.0.0.1:1234',
  'AdvOut/FFFormat': null,
  'AdvOut/FFMCustom': null,
  'AdvOut/FFVBitrate': '3333',
  'AdvOut/FFVEncoder': null,
  'AdvOut/FFABitrate': '160',
};

/** A world in the advanced output mode, with a second profile to change to. */
async function advanced(world: World): Promise<void> {
  const client = await world.connectClient();
  const { currentProfileName, profiles } = await client.call('GetProfileList');
  if (profiles.includes('Spare') && currentProfileName !== 'Spare') return client.close();
  await client.call('CreateProfile', { profileName: 'Spare' });
  await client.call('SetCurrentProfile', { profileName: currentProfileName });
  const set = (category: string, name: string, value: string) =>
    client.call('SetProfileParameter', {
      parameterCategory: category,
      parameterName: name,
      parameterValue: value,
    });
  await set('Output', 'Mode', 'Advanced');
  await set('AdvOut', 'RecFilePath', world.recordDir);
  await set('AdvOut', 'FFURL', 'udp://10.0.0.1:1234');
  await set('AdvOut', 'FFVBitrate', '3333');
  await client.call('SetCurrentProfile', { profileName: 'Spare' });
  await client.call('SetCurrentProfile', { profileName: currentProfileName });
  await client.close();
}

async function isAsBefore(world: World): Promise<void> {
  assert.deepEqual(await parameters(world, Object.keys(BEFORE)), BEFORE);
  const client = await world.connectClient();
  const { outputs } = await client.call('GetOutputList');
  const names = (outputs as { outputName: string }[]).map(({ outputName }) => outputName);
  await client.close();
  assert.ok(names.includes('adv_file_output') && !names.includes('adv_ffmpeg_output'), names.join());
}

const streamTo = (world: World) =>
  ({
    target: { name: 'main', service: 'rtmp', ...world.good, user: '', password: '' },
    confirmMs: CONFIRM_MS,
  }) as const;

contractGroup('SRT out beside the stream', {}, (scenario) => {
  scenario('while nothing runs arms itself, sends, and puts everything back', async (world) => {
    await advanced(world);
    const { app, names, told, events, log } = await drive(world);
    const receiver = await listening(world, SECRET);
    const where = { port: receiver.port, passphrase: SECRET, streamId: STREAM_ID };
    const started = await app.srt.start(wish(where, { which: BESIDE }));
    assert.equal(started.state, 'live');
    assert.equal(started.output, 'srt');
    assert.equal(started.address, `srt://127.0.0.1:${receiver.port}`);
    assert.deepEqual(app.srt.states(), [{ output: 'srt', state: 'live' }]);
    assert.equal(receiver.streamId(), STREAM_ID);
    await waitFor(() => receiver.frames() > 30, { message: () => `frames, not ${receiver.frames()}` });
    const again = await app.srt.start(wish(where, { which: BESIDE }));
    assert.equal(again.alreadyRunning, true);
    await rejected(app.srt.start(wish({ ...where, port: 9 }, { which: BESIDE })), 'SRT_LIVE_ELSEWHERE');
    // it is no recording, for nobody
    assert.equal(app.recorder.state(), 'idle');
    const fault = await rejected(app.recorder.start({}), 'RECORD_IS_SRT');
    assert.match(fault.message, /srt:\/\/127\.0\.0\.1/);
    assert.equal((await app.recorder.stop()).wasRunning, false);
    await rejected(app.recorder.pause(), 'RECORD_NOT_ACTIVE');
    const { streams, recording } = await app.report();
    assert.deepEqual(
      streams.map(({ output, state }) => [output, state]),
      [
        ['stream', 'idle'],
        ['srt', 'live'],
      ],
    );
    assert.equal(recording?.state, 'idle');
    assert.ok(
      app.events.present().some(({ event, output }) => event === 'srt_stream_started' && output === 'srt'),
    );
    const stopped = await app.srt.stop(BESIDE);
    assert.equal(stopped.wasRunning, true);
    const ended = await told('srt_stream_stopped');
    assert.equal(ended.expected, true);
    assert.deepEqual(names(), ['srt_stream_started', 'srt_stream_stopped']);
    await isAsBefore(world);
    const said = JSON.stringify([events, log, started, stopped, streams, fault.message]);
    for (const part of ['b#c', 'r=live', 'a%20', 'b%23c']) assert.equal(said.includes(part), false, part);
    if (receiver.file) {
      const { streams: found } = await ffprobe(receiver.file);
      assert.deepEqual(found.map((one) => one.codec_type).sort(), ['audio', 'video']);
    }
    // and records again
    assert.equal((await app.recorder.start({})).state, 'recording');
    await app.recorder.stop();
  });

  scenario('beside a live stream has to be armed before it', async (world) => {
    await advanced(world);
    const { app, names } = await drive(world);
    const receiver = await listening(world);
    const here = wish({ port: receiver.port }, { which: BESIDE });
    await app.streams.start(streamTo(world));
    const unarmed = await rejected(app.srt.start(here), 'SRT_NEEDS_IDLE');
    assert.match(unarmed.message, /the stream runs.*"arm" before going live/s);
    await app.streams.stop();
    assert.equal((await app.srt.arm(here)).state, 'armed');
    assert.equal((await app.srt.arm(here)).alreadyRunning, true);
    await rejected(app.recorder.start({}), 'RECORD_IS_SRT');
    await app.streams.start(streamTo(world));
    const elsewhere = wish({ port: 9 }, { which: BESIDE });
    await rejected(app.srt.start(elsewhere), 'SRT_NEEDS_IDLE');
    assert.equal((await app.srt.start(here)).state, 'live');
    await waitFor(() => receiver.frames() > 30, { message: () => `frames, not ${receiver.frames()}` });
    assert.equal(app.streams.state(), 'live');
    await app.srt.stop(BESIDE);
    assert.deepEqual(
      names().filter((name) => /^(srt|recording)_/.test(name)),
      ['srt_stream_started', 'srt_stream_stopped'],
    );
    // the stream is live: the settings come back when it ends
    assert.equal((await parameters(world, ['AdvOut/RecType']))['AdvOut/RecType'], 'FFmpeg');
    await app.streams.stop();
    await waitFor(
      async () => (await parameters(world, ['AdvOut/RecType']))['AdvOut/RecType'] === 'Standard',
      {
        message: 'the settings to come back',
      },
    );
    await waitFor(
      () =>
        app.recorder.start({}).then(
          () => true,
          () => false,
        ),
      { message: 'a recording' },
    );
    await app.recorder.stop();
    await isAsBefore(world);
  });

  scenario(
    'what another connection armed is known, and stays through kill -9 until it is disarmed',
    async (world) => {
      await advanced(world);
      const first = await drive(world);
      const here = wish({ port: 9999, passphrase: SECRET }, { which: BESIDE });
      await first.app.srt.arm(here);
      await first.app.close();
      await world.restart();
      const { app } = await drive(world);
      assert.deepEqual(app.srt.states(), [{ output: 'srt', state: 'idle' }]);
      await rejected(app.recorder.start({}), 'RECORD_IS_SRT');
      assert.equal((await app.srt.disarm()).state, 'idle');
      await isAsBefore(world);
      assert.equal((await app.srt.disarm()).wasRunning, false);
      assert.equal((await app.recorder.start({})).state, 'recording');
      await app.recorder.stop();
    },
  );

  scenario('that nobody takes ends in a sentence, and puts everything back', async (world) => {
    await advanced(world);
    const { app, names, told } = await drive(world);
    const host = world.kind === 'real' ? '127.0.0.1' : 'refused.invalid';
    const nobody = wish({ host, port: await freeUdpPort() }, { which: BESIDE });
    await rejected(app.srt.start(nobody), 'SRT_CONNECT_FAILED');
    const failed = await told('stream_failed');
    assert.equal(failed.output, 'srt');
    assert.deepEqual(names(), ['stream_failed']);
    await isAsBefore(world);
  });

  scenario('that loses its other end is told, and can be started again', async (world) => {
    await advanced(world);
    const { app, told } = await drive(world);
    const receiver = await listening(world);
    const here = wish({ port: receiver.port }, { which: BESIDE });
    await app.srt.start(here);
    const readings: unknown[] = [];
    const watching = { everyMs: 500, pictureEveryMs: null, sound: false, media: [] };
    world.cleanUp(app.health.watch(watching, ({ outputs }) => void readings.push(outputs)));
    await waitFor(() => readings.length > 0, { message: 'a reading' });
    assert.deepEqual(readings.at(-1), [{ output: 'srt', running: true, lastEnd: null, isShow: true }]);
    receiver.kill();
    world.simulator?.faults.loseServer();
    const lost = await told('srt_stream_stopped');
    assert.equal(lost.expected, false);
    assert.deepEqual(app.srt.states(), [{ output: 'srt', state: 'idle' }]);
    world.simulator?.faults.restoreServer();
    await waitFor(() => JSON.stringify(readings.at(-1)).includes('"expected":false'), {
      message: () => `a reading of the end, not ${JSON.stringify(readings.at(-1))}`,
    });
    await app.srt.disarm();
    await isAsBefore(world);
  });

  scenario('stop-all stops it by its name', async (world) => {
    await advanced(world);
    const { app } = await drive(world);
    const receiver = await listening(world);
    await app.srt.start(wish({ port: receiver.port }, { which: BESIDE }));
    const reports = await app.stopAll();
    const srt = reports.find(({ name }) => name === 'srt');
    assert.deepEqual([srt?.was, srt?.state, srt?.path], ['active', 'idle', null]);
    assert.equal(
      reports.some(({ name }) => name === 'recording'),
      false,
    );
    await app.srt.disarm();
    await isAsBefore(world);
  });

  scenario('a stop while it connects waits and wins', async (world) => {
    await advanced(world);
    const { app } = await drive(world);
    const host = world.kind === 'real' ? '127.0.0.1' : 'refused.invalid';
    const nobody = wish(
      { mode: 'listener', host, port: await freeUdpPort() },
      { which: BESIDE, waitForCallerMs: 3000 },
    );
    const start = app.srt.start(nobody);
    start.catch(() => undefined);
    await waitFor(() => app.srt.states().some(({ state }) => state === 'starting'), { message: 'the start' });
    const stopped = await app.srt.stop(BESIDE);
    assert.equal(stopped.state, 'idle');
    await rejected(start, 'SRT_START_CANCELLED');
    await isAsBefore(world);
  });

  const behind = async (world: World) => {
    await advanced(world);
    const { app } = await drive(world);
    const receiver = await listening(world);
    const to = wish({ port: receiver.port }, { which: BESIDE });
    await app.srt.start(to);
    const first = app.srt.stop(BESIDE);
    await waitFor(() => app.srt.states().some(({ state }) => state === 'stopping'), { intervalMs: 1 });
    const start = app.srt.start(to);
    const last = app.srt.stop(BESIDE);
    await rejected(start, 'SRT_START_CANCELLED');
    assert.deepEqual([(await first).state, (await last).state], ['idle', 'idle']);
    assert.equal(app.srt.states().find(({ output }) => output === 'srt')?.state ?? 'idle', 'idle');
    await app.srt.disarm();
    await isAsBefore(world);
  };
  // a real OBS is through with its stop before one can ask
  scenario('a start that waits behind a stop does not outlive the next stop', behind, ['simulator']);

  scenario('armed in a profile that somebody has left: that one gets its settings back', async (world) => {
    await advanced(world);
    const { app } = await drive(world);
    const client = await world.connectClient();
    const { currentProfileName } = await client.call('GetProfileList');
    await app.srt.arm(wish({ port: 9999 }, { which: BESIDE }));
    await client.call('SetCurrentProfile', { profileName: 'Spare' });
    await waitFor(() => app.srt.states().length === 0, { message: 'the other profile to be seen' });
    assert.equal((await app.srt.disarm()).wasRunning, true);
    assert.equal((await client.call('GetProfileList')).currentProfileName, 'Spare');
    await client.call('SetCurrentProfile', { profileName: currentProfileName });
    await isAsBefore(world);
  });

  scenario('a custom recording of somebody comes back as it was', async (world) => {
    await advanced(world);
    const client = await world.connectClient();
    const set = (parameterName: string, parameterValue: string | null) =>
      client.call('SetProfileParameter', {
        parameterCategory: 'AdvOut',
        parameterName,
        parameterValue: parameterValue as string,
      });
    const own = { RecType: 'FFmpeg', FFFormat: 'matroska', FFMCustom: 'passphrase=their_own_secret' };
    for (const [name, value] of Object.entries(own)) await set(name, value);
    const { app, events } = await drive(world);
    const receiver = await listening(world);
    await app.srt.start(wish({ port: receiver.port }, { which: BESIDE }));
    await app.srt.stop(BESIDE);
    const names = Object.keys(own).map((name) => `AdvOut/${name}`);
    assert.deepEqual(
      await parameters(world, names),
      Object.fromEntries(Object.entries(own).map(([name, value]) => [`AdvOut/${name}`, value])),
    );
    assert.equal(JSON.stringify(events).includes('their_own'), false);
    await set('RecType', 'Standard');
    for (const name of ['FFFormat', 'FFMCustom']) await set(name, null);
    // taken over only with a change of profiles
    const { currentProfileName } = await client.call('GetProfileList');
    await client.call('SetCurrentProfile', { profileName: 'Spare' });
    await client.call('SetCurrentProfile', { profileName: currentProfileName });
  });

  scenario('needs a second profile that is another one', async (world) => {
    await advanced(world);
    const { app } = await drive(world);
    for (const secondProfile of ['', 'Nowhere'])
      await rejected(app.srt.arm(wish({}, { which: BESIDE, secondProfile })), 'SRT_PROFILE_MISSING');
    await isAsBefore(world);
  });

  scenario(
    'as a listener sends to who calls',
    async (world) => {
      await advanced(world);
      const { app } = await drive(world);
      const port = await freeUdpPort();
      const start = app.srt.start(
        wish({ mode: 'listener', host: '', port, passphrase: SECRET }, { which: BESIDE }),
      );
      await waitFor(() => app.srt.states().some(({ state }) => state === 'starting'), {
        message: 'the start',
      });
      const caller = await call(world, port, SECRET);
      assert.equal((await start).state, 'live');
      await waitFor(() => caller.frames() > 30, { message: 'frames at the caller' });
      await app.srt.stop(BESIDE);
      await isAsBefore(world);
    },
    ['real'],
  );
});

contractGroup('SRT out beside the stream, in the simple output mode', {}, (scenario) => {
  scenario('is refused in a sentence', async (world) => {
    const { app } = await drive(world);
    await rejected(app.srt.arm(wish({}, { which: BESIDE })), 'SRT_NEEDS_ADVANCED');
    await rejected(app.srt.start(wish({}, { which: BESIDE })), 'SRT_NEEDS_ADVANCED');
  });
});
