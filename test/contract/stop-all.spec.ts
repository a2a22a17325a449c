// Everything off, whatever runs.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import type { OutputReport } from '../../lib/production/application';
import { drive, rejected, streamIsIdle, to } from './drive';
import { contract } from './support';
import { contractGroup } from './group';

const byName = (reports: OutputReport[]): Record<string, OutputReport> =>
  Object.fromEntries(reports.map((report) => [report.name, report]));

contractGroup('stop all', {}, (scenario) => {
  scenario('ends a stream, a recording and a replay buffer', async (world) => {
    const { app, told, names } = await drive(world);
    await app.streams.start(to(world.good));
    const recording = await app.recorder.start({ fileName: 'all' });
    await app.outputs.start('replay_buffer');
    const began = performance.now();
    const reports = byName(await app.stopAll());
    assert.ok(performance.now() - began < 10_000);
    for (const name of ['stream', 'recording', 'replay_buffer'])
      assert.deepEqual(
        [reports[name]?.was, reports[name]?.state, reports[name]?.error],
        ['active', 'idle', undefined],
        name,
      );
    assert.equal(reports.recording?.path, recording.outputPath);
    const stopped = await told('emergency_stop_all');
    assert.equal(stopped.expected, true);
    await told('stream_stopped');
    await told('recording_stopped');
    assert.equal(names().includes('stream_failed'), false);
    assert.equal(app.streams.state(), 'idle');
    assert.equal(app.recorder.state(), 'idle');
    await streamIsIdle(world);
  });

  scenario('with nothing running says so', async (world) => {
    const { app } = await drive(world);
    for (const report of await app.stopAll())
      assert.deepEqual([report.was, report.state, report.error], ['idle', 'idle', undefined], report.name);
  });

  scenario('waits out a start in flight, and cancels it', async (world) => {
    const { app, told } = await drive(world);
    const start = app.streams.start(to(world.good));
    start.catch(() => undefined);
    await told('stream_starting');
    const reports = byName(await app.stopAll());
    assert.ok(['starting', 'active'].includes(reports.stream?.was ?? ''), JSON.stringify(reports.stream));
    assert.equal(reports.stream?.state, 'idle');
    await rejected(start, 'STREAM_START_CANCELLED');
    assert.equal(app.streams.state(), 'idle');
    await streamIsIdle(world);
  });

  scenario('sent right behind a start leaves nothing running', async (world) => {
    const { app } = await drive(world);
    const start = app.streams.start(to(world.good));
    start.catch(() => undefined);
    const reports = byName(await app.stopAll());
    assert.equal(reports.stream?.state, 'idle');
    await rejected(start, 'STREAM_START_CANCELLED');
    await streamIsIdle(world);
    assert.equal(app.streams.state(), 'idle');
  });

  scenario('ends a stream that flaps', async (world) => {
    const { app } = await drive(world);
    await rejected(app.streams.start(to(world.denied, { onUnstable: 'leave' })), 'STREAM_FLAPPING');
    const reports = byName(await app.stopAll());
    assert.deepEqual([reports.stream?.was, reports.stream?.state], ['active', 'idle']);
    await streamIsIdle(world);
  });
});

// OBS gives up a dead handshake after 30.6 s, and nothing can shorten that: one wait for all that is to be seen in it
contract('a handshake that hangs', { timeoutMs: 180_000 }, async (world) => {
  const one = await drive(world);
  const other = await drive(world);
  const third = await drive(world);
  const began = performance.now();
  const start = one.app.streams.start(to(world.hang));
  start.catch(() => undefined);
  await other.told('stream_starting');
  await third.told('stream_starting');
  await rejected(third.app.raw.call('StartStream', {}), 'STREAM_START_PENDING');
  await third.closeQuickly();
  const interim: OutputReport[][] = [];
  const interimAt: number[] = [];
  const reports = await other.app.stopAll((so) => {
    interim.push(so);
    interimAt.push(performance.now() - began);
  });
  const fault = await rejected(start, 'STREAM_CONNECT_FAILED', 'STREAM_START_TIMEOUT');
  const tookMs = performance.now() - began;
  assert.ok(tookMs > 25_000 && tookMs < 50_000, `${tookMs} ms`);
  assert.ok(Number(fault.details.seconds) >= 25);
  assert.equal(interim.length, 1, 'no interim report');
  assert.ok((interimAt[0] ?? 0) >= 15_000 && (interimAt[0] ?? 0) < 20_000, `after ${interimAt[0]} ms`);
  assert.equal(byName(interim[0] ?? []).stream?.state, 'starting');
  assert.deepEqual([byName(reports).stream?.was, byName(reports).stream?.state], ['starting', 'idle']);
  const failed = await one.told('stream_failed');
  assert.equal(failed.previous, 'starting');
  assert.deepEqual(one.names(), ['stream_starting', 'stream_failed']);
  await streamIsIdle(world);
  await waitFor(() => one.app.streams.state() === 'idle');
  // and the lock is free again
  await one.app.streams.start(to(world.good));
  await one.app.streams.stop();
});
