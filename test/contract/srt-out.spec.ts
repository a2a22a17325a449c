// SRT out of OBS, as the node asks for it: as the main stream, and beside it.
import assert from 'node:assert/strict';
import type { SrtWish } from '../../lib/production/srt';
import type { SrtPlace } from '../../lib/production/srt-address';
import { ffprobe, freeUdpPort, startProgram, startSrtListener, waitFor } from '../support';
import { CONFIRM_MS, drive, rejected, streamIsIdle } from './drive';
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
