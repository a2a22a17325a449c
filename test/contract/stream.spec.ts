// Streams started and stopped by our client, against OBS and what it streams to.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { drive, parameters, rejected, setParameter, setService, streamIsIdle, target, to } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

async function service(world: World): Promise<{ type: string; settings: Record<string, unknown> }> {
  const client = await world.connectClient();
  const answer = await client.call('GetStreamServiceSettings');
  await client.close();
  return { type: answer.streamServiceType, settings: answer.streamServiceSettings };
}

contractGroup('a stream', {}, (scenario) => {
  scenario('is confirmed live, seen by the server, and stopped with its figures', async (world) => {
    const { app, events, names, told } = await drive(world);
    const started = await app.streams.start(to(world.good));
    assert.equal(started.state, 'live');
    assert.equal(started.confirmed, true);
    assert.equal(started.alreadyRunning, false);
    assert.equal(started.target, 'main');
    assert.equal(started.service, 'RTMP server');
    assert.equal(started.server, world.good.server);
    assert.match(started.startedAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok((started.bitrateKbps ?? 0) > 0, `a bitrate of ${started.bitrateKbps}`);
    assert.equal(app.streams.state(), 'live');
    const first = await world.publishers();
    if (first) {
      const bytes = first[world.good.key] ?? 0;
      assert.ok(bytes > 0, 'no publisher at the server');
      await waitFor(async () => ((await world.publishers())?.[world.good.key] ?? 0) > bytes + 20_000, {
        message: 'more bytes at the server',
      });
    }
    await told('stream_started');
    assert.deepEqual(names(), ['stream_starting', 'stream_started']);
    const live = events.find(({ event }) => event === 'stream_started');
    assert.deepEqual([live?.cause, live?.expected, live?.output], ['event', true, 'stream']);
    const stopped = await app.streams.stop();
    assert.equal(stopped.wasRunning, true);
    const { sizeBytes, totalFrames, droppedFrames, durationMs, averageBitrateKbps } = stopped.final ?? {};
    assert.ok((sizeBytes ?? 0) > 10_000 && (totalFrames ?? 0) > 10, JSON.stringify(stopped.final));
    assert.equal(droppedFrames, 0);
    assert.ok((durationMs ?? 0) >= 1000 && (averageBitrateKbps ?? 0) > 0, JSON.stringify(stopped.final));
    const ended = await told('stream_stopped');
    assert.deepEqual([ended.cause, ended.expected, ended.state], ['event', true, 'idle']);
    assert.deepEqual(names(), ['stream_starting', 'stream_started', 'stream_stopped']);
    assert.equal(JSON.stringify(events).includes(world.good.key), false, 'an event shows the key');
    if (first) await waitFor(async () => Object.keys((await world.publishers()) ?? {}).length === 0);
    await streamIsIdle(world);
    const none = { state: 'idle', wasRunning: false, final: null };
    assert.deepEqual(await app.streams.stop(), { ...none, streams: [{ output: 'stream', ...none }] });
  });

  scenario(
    'started again is found running; elsewhere is refused, or restarted where wished',
    async (world) => {
      const { app, names } = await drive(world);
      await app.streams.start(to(world.good));
      const again = await app.streams.start(to(world.good));
      assert.equal(again.alreadyRunning, true);
      assert.equal(again.confirmed, true);
      const other = { ...world.good, key: `${world.good.key}-other` };
      await rejected(app.streams.start(to(other)), 'STREAM_LIVE_ELSEWHERE');
      assert.equal(app.streams.state(), 'live');
      assert.deepEqual(names(), ['stream_starting', 'stream_started']);
      const moved = await app.streams.start(to(other, { ifLiveElsewhere: 'restart' }));
      assert.equal(moved.alreadyRunning, false);
      assert.equal((await service(world)).settings.key, other.key);
      await app.streams.stop();
      assert.deepEqual(
        names().filter((name) => name !== 'stream_starting'),
        ['stream_started', 'stream_stopped', 'stream_started', 'stream_stopped'],
      );
    },
  );

  scenario('two equal starts at once are one', async (world) => {
    const { app, names } = await drive(world);
    const [one, two] = await Promise.all([
      app.streams.start(to(world.good)),
      app.streams.start(to(world.good)),
    ]);
    assert.deepEqual(one, two);
    await app.streams.stop();
    assert.deepEqual(names(), ['stream_starting', 'stream_started', 'stream_stopped']);
  });

  scenario('to a refused port fails at once and leaves OBS idle', async (world) => {
    const { app, told, names } = await drive(world);
    const began = performance.now();
    const fault = await rejected(app.streams.start(to(world.refused)), 'STREAM_CONNECT_FAILED');
    assert.ok(performance.now() - began < 10_000);
    assert.equal(fault.message.includes(world.refused.key), false);
    const failed = await told('stream_failed');
    assert.deepEqual([failed.state, failed.previous], ['idle', 'starting']);
    assert.deepEqual(names(), ['stream_starting', 'stream_failed']);
    assert.equal(app.streams.state(), 'idle');
    await streamIsIdle(world);
  });

  scenario(
    'whose server takes the connection and says nothing fails when OBS gives up, and leaves it idle',
    async (world) => {
      const { app, names } = await drive(world);
      const fault = await rejected(app.streams.start(to(world.hang)), 'STREAM_CONNECT_FAILED');
      assert.ok(Number(fault.details.seconds) >= 25, fault.message);
      assert.deepEqual(names(), ['stream_starting', 'stream_failed']);
      await streamIsIdle(world);
    },
    // half a minute of waiting, in which the simulator shows nothing that stop all does not show
    ['real'],
  );

  scenario(
    'whose settings cannot be read back puts the old ones back where wished',
    async (world) => {
      const { app } = await drive(world);
      const client = await world.connectClient();
      const before = await client.call('GetStreamServiceSettings');
      const call = app.client.call.bind(app.client);
      app.client.call = (type, ...rest) => {
        if (type === 'SetStreamServiceSettings') {
          app.client.call = call;
          // the next reading is the one that checks what was set
          world.simulator?.faults.failNext('GetStreamServiceSettings', { code: 205 });
        }
        return call(type, ...rest);
      };
      await rejected(app.streams.start(to(world.good, { putBack: true })), 'OBS_REJECTED');
      const after = await client.call('GetStreamServiceSettings');
      const key = ({ streamServiceSettings }: typeof after) =>
        (streamServiceSettings as { key?: string }).key;
      assert.equal(key(after), key(before));
    },
    ['simulator'],
  );

  scenario('whose key is denied flaps, and is stopped again', async (world) => {
    const { app, told, names } = await drive(world);
    await rejected(app.streams.start(to(world.denied)), 'STREAM_FLAPPING');
    assert.equal(app.streams.state(), 'idle');
    await streamIsIdle(world);
    await told('stream_failed');
    assert.equal(names().includes('stream_started'), false);
    assert.equal(names().includes('stream_stopped'), false);
  });

  scenario('left flapping goes on trying until it is stopped', async (world) => {
    const { app } = await drive(world);
    await rejected(app.streams.start(to(world.denied, { onUnstable: 'leave' })), 'STREAM_FLAPPING');
    const client = await world.connectClient();
    await waitFor(async () => (await client.call('GetStreamStatus')).outputReconnecting, {
      message: 'OBS to reconnect',
    });
    const stopped = await app.streams.stop();
    assert.equal(stopped.wasRunning, true);
    assert.equal(app.streams.state(), 'idle');
    await streamIsIdle(world);
  });

  scenario('without a server is not begun', async (world) => {
    const { app, names } = await drive(world);
    await setService(world, 'rtmp_custom', {
      server: '',
      key: '',
      use_auth: false,
      username: '',
      password: '',
    });
    await rejected(app.streams.start({ target: null }), 'STREAM_NO_SERVER');
    assert.deepEqual(names(), []);
    await streamIsIdle(world);
  });

  scenario('to a service OBS does not know fails with a code', async (world) => {
    const { app } = await drive(world);
    await setService(world, 'rtmp_common', { service: 'No Such Service', server: 'auto', key: 'k' });
    await rejected(
      app.streams.start({ target: null, confirmMs: 500 }),
      'STREAM_CONNECT_FAILED',
      'STREAM_SILENT_NOOP',
      // from OBS 30 on it says STARTING and then nothing
      'STREAM_START_TIMEOUT',
    );
    assert.equal(app.streams.state(), 'idle');
    await streamIsIdle(world);
  });

  scenario('as set in OBS goes where OBS is set to', async (world) => {
    const { app } = await drive(world);
    await setService(world, 'rtmp_custom', { ...world.good, use_auth: false, username: '', password: '' });
    const started = await app.streams.start({ target: null, confirmMs: 500 });
    assert.equal(started.server, world.good.server);
    assert.equal(started.target, null);
    await app.streams.stop();
  });

  scenario('puts the old settings back once it has stopped', async (world) => {
    const { app } = await drive(world);
    const old = {
      server: 'rtmp://127.0.0.1/old',
      key: 'old key',
      use_auth: true,
      username: 'ann',
      password: 'pw',
    };
    await setService(world, 'rtmp_custom', old);
    await app.streams.start(to(world.good, { putBack: true }));
    assert.equal((await service(world)).settings.server, world.good.server);
    await app.streams.stop();
    await waitFor(async () => (await service(world)).settings.server === old.server, {
      message: 'the old settings',
    });
    const { type, settings } = await service(world);
    assert.equal(type, 'rtmp_custom');
    for (const [name, value] of Object.entries(old)) assert.equal(settings[name], value, name);
    await rejected(app.streams.start(to(world.refused, { putBack: true })), 'STREAM_CONNECT_FAILED');
    assert.equal((await service(world)).settings.server, old.server, 'after a failed start');
  });

  scenario('sends no old user name to a new server', async (world) => {
    const { app } = await drive(world);
    const login = { user: 'ann', password: 'a secret of the first' };
    await rejected(
      app.streams.start({ target: target(world.refused, login), confirmMs: 500 }),
      'STREAM_CONNECT_FAILED',
    );
    assert.deepEqual(pick((await service(world)).settings), {
      use_auth: true,
      username: 'ann',
      password: login.password,
    });
    await app.streams.start(to(world.good));
    assert.deepEqual(pick((await service(world)).settings), { use_auth: false, username: '', password: '' });
    await app.streams.stop();
  });

  scenario('with a delay waits for its frames, and for the delay when it stops', async (world) => {
    await setParameter(world, 'Output', 'DelayEnable', 'true');
    await setParameter(world, 'Output', 'DelaySec', '2');
    world.cleanUp(() => setParameter(world, 'Output', 'DelayEnable', 'false'));
    const { app } = await drive(world);
    const started = await app.streams.start(to(world.good));
    assert.equal(started.confirmed, true);
    assert.equal(app.streams.state(), 'live');
    const began = performance.now();
    const stopped = await app.streams.stop();
    assert.ok(performance.now() - began >= 1800, 'the delay was cut off');
    assert.equal(stopped.wasRunning, true);
    await streamIsIdle(world);
  });

  scenario('leaves the settings of the profile alone', async (world) => {
    const names = ['Output/Reconnect', 'Output/RetryDelay', 'Output/DelayEnable', 'SimpleOutput/VBitrate'];
    const before = await parameters(world, names);
    const { app } = await drive(world);
    await app.streams.start(to(world.good));
    await app.streams.stop();
    assert.deepEqual(await parameters(world, names), before);
  });
});

function pick({ use_auth, username, password }: Record<string, unknown>): Record<string, unknown> {
  return { use_auth, username, password };
}
