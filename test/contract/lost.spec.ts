// OBS ends, comes late, quits or is frozen: what our client makes of it, and how fast it lets go.
import assert from 'node:assert/strict';
import { loops, scale, waitFor } from '../support';
import { drive, rejected, streamIsIdle, to } from './drive';
import { contract } from './support';

/** How long OBS comes after the flow: 20 s in the long form. */
const LATE_MS = Math.max(3000, 20_000 * scale);

contract('OBS killed during a start', {}, async (world) => {
  const { app, told, names, closeQuickly, events } = await drive(world);
  // an OBS that lived no longer than a blink cannot be told from the next one
  await waitFor(async () => ((await app.report()).statistics.renderedFrames ?? 0) > 60);
  const start = app.streams.start(to(world.hang));
  start.catch(() => undefined);
  await told('stream_starting');
  const began = performance.now();
  await world.kill('SIGKILL');
  await rejected(start, 'OBS_DISCONNECTED');
  assert.ok(performance.now() - began < 5000, 'not at once');
  await told('obs_disconnected');
  assert.equal(app.streams.state(), 'unknown');
  await world.start();
  await app.whenReady(30_000);
  const failed = await told('stream_failed');
  assert.deepEqual([failed.cause, failed.state], ['resync', 'idle']);
  assert.equal(app.streams.state(), 'idle');
  assert.deepEqual(names(), ['stream_starting', 'stream_failed']);
  assert.equal(events.filter(({ event }) => event === 'obs_disconnected').length, 1);
  // the lock of the start that nobody saw the end of is free again
  const again = await app.streams.start(to(world.good));
  assert.equal(again.confirmed, true);
  await closeQuickly();
});

contract('OBS killed during a stream and a recording', {}, async (world) => {
  const { app, told, names, events } = await drive(world);
  const second = await drive(world);
  await app.streams.start(to(world.good));
  await app.recorder.start({});
  await second.told('recording_started');
  await world.kill('SIGKILL');
  const gone = await told('obs_disconnected');
  assert.deepEqual(
    [gone.previous, gone.payload.stream, gone.payload.recording],
    ['ready', 'live', 'recording'],
  );
  assert.equal(app.streams.state(), 'unknown');
  assert.equal(app.recorder.state(), 'unknown');
  await rejected(app.streams.stop(), 'OBS_NOT_CONNECTED', 'OBS_REFUSED', 'OBS_DISCONNECTED');
  await rejected(app.stopAll(), 'OBS_NOT_CONNECTED', 'OBS_REFUSED', 'OBS_DISCONNECTED');
  await second.closeQuickly();
  assert.equal(names().includes('stream_stopped'), false, 'nobody can know yet');
  const from = events.length;
  await world.start();
  const stopped = await told('stream_stopped', { from });
  assert.deepEqual([stopped.cause, stopped.expected, stopped.state], ['resync', null, 'idle']);
  const ended = await told('recording_stopped', { from });
  assert.deepEqual([ended.cause, ended.expected, ended.payload.finished], ['resync', null, false]);
  assert.deepEqual(names(from).sort(), ['recording_stopped', 'stream_stopped']);
  assert.equal(app.streams.state(), 'idle');
  assert.equal(app.recorder.state(), 'idle');
});

contract('OBS killed while idle, again and again', {}, async (world) => {
  const { app, told, names, events, log } = await drive(world);
  for (let round = 0; round < loops(5); round++) {
    const from = events.length;
    await world.kill('SIGKILL');
    await told('obs_disconnected', { from });
    assert.equal(app.status().state, 'disconnected');
    await world.start();
    await app.whenReady(60_000);
    await told('obs_connected', { from });
  }
  assert.deepEqual(names(), [], 'nothing happened but the loss');
  assert.equal(app.streams.state(), 'idle');
  assert.ok(log.filter((line) => line.startsWith('warn')).length <= 3 * loops(5), log.join('\n'));
});

contract('OBS killed while a request waits for its answer', {}, async (world) => {
  const { app, closeQuickly } = await drive(world);
  world.freeze();
  const call = app.raw.call('GetStats', {});
  const queued = app.raw.call('GetVersion', {});
  const stop = app.streams.stop();
  for (const work of [call, queued, stop]) work.catch(() => undefined);
  const began = performance.now();
  await world.kill('SIGKILL');
  await rejected(call, 'OBS_DISCONNECTED');
  await rejected(queued, 'OBS_DISCONNECTED');
  await rejected(stop, 'OBS_DISCONNECTED');
  assert.ok(performance.now() - began < 3000, 'not at once');
  await closeQuickly();
});

contract('OBS that starts after the flow', { started: false }, async (world) => {
  const { app, names, events, log } = await drive(world, { ready: false });
  await waitFor(() => app.status().state === 'waiting');
  await rejected(app.whenReady(0), 'OBS_REFUSED', 'OBS_CONTAINER_LOOPBACK');
  const waiting = app.whenReady(LATE_MS + 60_000).then(() => app.streams.start(to(world.good)));
  waiting.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  assert.ok(log.length <= 2, `an attempt is no news:\n${log.join('\n')}`);
  await world.start();
  const started = await waiting;
  assert.equal(started.confirmed, true);
  assert.deepEqual(
    events.map(({ event }) => event),
    ['obs_connected', 'stream_starting', 'stream_started'],
  );
  await app.streams.stop();
  assert.deepEqual(names(), ['stream_starting', 'stream_started', 'stream_stopped']);
});

contract('OBS that never comes', { started: false }, async (world) => {
  const { app, closeQuickly } = await drive(world, { ready: false });
  await rejected(app.whenReady(500), 'OBS_REFUSED', 'OBS_CONTAINER_LOOPBACK', 'OBS_NOT_CONNECTED');
  const waiting = app.whenReady(60_000);
  waiting.catch(() => undefined);
  await closeQuickly();
  await rejected(waiting, 'OBS_CLOSED', 'OBS_NOT_CONNECTED');
});

contract('OBS that quits by itself', {}, async (world) => {
  const { app, told, names, events } = await drive(world);
  const spy = await world.connectClient();
  await world.kill('SIGINT');
  await waitFor(() => spy.closed !== undefined);
  assert.equal(spy.closed, 1001);
  const gone = await told('obs_disconnected');
  assert.equal(gone.previous, 'ready');
  await rejected(app.raw.call('GetVersion', {}), 'OBS_NOT_CONNECTED', 'OBS_EXITING', 'OBS_REFUSED');
  const from = events.length;
  await world.start();
  await told('obs_connected', { from });
  assert.deepEqual(names(), []);
  assert.equal(app.streams.state(), 'idle');
});

contract('a connection closed while OBS starts a stream', {}, async (world) => {
  const first = await drive(world);
  const start = first.app.streams.start(to(world.good));
  start.catch(() => undefined);
  await first.told('stream_starting');
  await first.closeQuickly();
  await rejected(start, 'OBS_CLOSED', 'OBS_DISCONNECTED');
  // a deploy opens the next one at once, and a start must not wait for what nobody can see any more
  const next = await drive(world);
  const began = performance.now();
  const started = await next.app.streams.start(to(world.good));
  assert.equal(started.state, 'live');
  assert.ok(performance.now() - began < 15_000, `after ${performance.now() - began} ms`);
  const spy = await world.connectClient();
  assert.equal((await spy.call('GetStreamStatus')).outputActive, true);
  await next.app.streams.stop();
  assert.equal(next.names().includes('stream_failed'), false, next.names().join(', '));
});

contract('a connection closed while live, with everything in flight', {}, async (world) => {
  const first = await drive(world);
  await first.app.streams.start(to(world.good));
  const recording = first.app.recorder.start({});
  const calls = Array.from({ length: 50 }, () => first.app.raw.call('GetSceneList', {}));
  for (const call of [...calls, recording]) (call as Promise<unknown>).catch(() => undefined);
  await first.closeQuickly();
  for (const outcome of await Promise.allSettled(calls))
    if (outcome.status === 'rejected')
      assert.ok(
        ['OBS_CLOSED', 'OBS_DISCONNECTED'].includes((outcome.reason as { code: string }).code),
        String(outcome.reason),
      );
  await rejected(first.app.raw.call('GetVersion', {}), 'OBS_CLOSED', 'OBS_NOT_CONNECTED');
  // OBS goes on, and the next connection finds it live without inventing a start
  const next = await drive(world);
  assert.equal(next.app.streams.state(), 'live');
  assert.deepEqual(next.names(), []);
  const present = next.app.events.present();
  assert.ok(present.every(({ cause }) => cause === 'startup'));
  assert.ok(present.some(({ event }) => event === 'stream_started'));
  await next.app.stopAll();
  await streamIsIdle(world);
});

// pings every 8 s, dead on the second miss: nothing can shorten that either
contract('OBS that is frozen', { timeoutMs: 180_000 }, async (world) => {
  const { app, told, events, names, closeQuickly } = await drive(world);
  const second = await drive(world);
  const third = await drive(world);
  await app.streams.start(to(world.good));
  await second.told('stream_started');
  const began = performance.now();
  world.freeze();
  const call = app.raw.call('GetStats', {});
  call.catch(() => undefined);
  await second.closeQuickly();
  await rejected(call, 'OBS_TIMEOUT', 'OBS_DISCONNECTED');
  await told('obs_disconnected');
  const tookMs = performance.now() - began;
  assert.ok(tookMs < 30_000, `noticed after ${tookMs} ms`);
  assert.equal(app.streams.state(), 'unknown');
  assert.equal(names().includes('stream_stopped'), false);
  // a closed one in the midst of an attempt that nobody answers
  await third.closeQuickly();
  const from = events.length;
  world.thaw();
  await told('obs_connected', { from, timeoutMs: 60_000 });
  await waitFor(() => app.streams.state() !== 'unknown');
  assert.equal(names(from).includes('stream_started'), false, names(from).join(', '));
  await app.stopAll();
  await closeQuickly();
});
