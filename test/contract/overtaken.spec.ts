// A stop that comes while a start is anywhere on its way, and busy flows around both.
import assert from 'node:assert/strict';
import { loops, waitFor } from '../support';
import type { ObsApplication } from '../../lib/obs/application';
import { drive, rejected, setParameter, streamIsIdle, to } from './drive';
import { contractGroup } from './group';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps the lane busy with requests like those of a fader until the returned function is called. */
function busyFlow(app: ObsApplication, atOnce: number): () => Promise<void> {
  let going = true;
  const one = async () => {
    while (going)
      await app.raw
        .call('SetCurrentSceneTransitionDuration', { transitionDuration: 300 })
        .catch(() => undefined);
  };
  const all = Array.from({ length: atOnce }, one);
  return async () => {
    going = false;
    await Promise.all(all);
  };
}

contractGroup('overtaken', {}, (scenario) => {
  scenario('a stop at any moment of a start leaves nothing live', async (world) => {
    const { app } = await drive(world);
    const gaps = [0, 1, 2, 4, 8, 15, 30, 60, 150, 400];
    for (const gap of gaps.slice(0, Math.max(4, loops(gaps.length)))) {
      const start = app.streams.start(to(world.good));
      start.catch(() => undefined);
      await pause(gap);
      await app.streams.stop();
      await rejected(start, 'STREAM_START_CANCELLED');
      assert.equal(app.streams.state(), 'idle', `${gap} ms`);
      await streamIsIdle(world);
    }
  });

  scenario(
    'stop all at any moment of a stream start and a recording start leaves nothing running',
    async (world) => {
      const { app } = await drive(world);
      for (const gap of [1, 3, 6, 10, 40]) {
        const starts = [
          app.streams.start(to(world.good)),
          app.recorder.start({ fileName: `overtaken ${gap}` }),
        ];
        for (const start of starts) start.catch(() => undefined);
        await pause(gap);
        const reports = await app.stopAll();
        for (const report of reports) assert.equal(report.state, 'idle', `${report.name} after ${gap} ms`);
        await Promise.allSettled(starts);
        await streamIsIdle(world);
        const { outputActive } = await app.client.call('GetRecordStatus');
        assert.equal(outputActive, false, `recording after ${gap} ms`);
      }
    },
  );

  scenario('stop all does not wait behind a long batch', async (world) => {
    const { app } = await drive(world);
    await app.recorder.start({});
    const batch = app.raw.batch([{ requestType: 'Sleep', requestData: { sleepMillis: 8000 } }], {
      executionType: 'serial-realtime',
      haltOnFailure: false,
    });
    const began = performance.now();
    await app.stopAll();
    assert.ok(performance.now() - began < 6000, `${Math.round(performance.now() - began)} ms`);
    await batch;
  });

  scenario('a stop goes first, and finds room in a full queue', async (world) => {
    const { app } = await drive(world);
    await app.streams.start(to(world.good));
    await app.recorder.start({});
    const requests = Array.from({ length: 260 }, () => app.raw.call('GetStats', {}).catch(() => 'refused'));
    const [stream, recording] = await Promise.all([app.streams.stop(), app.recorder.stop()]);
    assert.deepEqual([stream.state, recording.state], ['idle', 'idle']);
    assert.ok((await Promise.all(requests)).includes('refused'), 'the queue was full');
  });

  scenario('a start amid a busy flow is confirmed', async (world) => {
    const { app } = await drive(world);
    const rest = busyFlow(app, 3);
    try {
      const { confirmed } = await app.streams.start(to(world.good));
      assert.equal(confirmed, true);
    } finally {
      await rest();
    }
    await app.streams.stop();
  });

  scenario('a restart with settings to put back ends on the new target', async (world) => {
    const { app } = await drive(world);
    await app.streams.start(to(world.good, { putBack: true }));
    const other = { server: world.good.server, key: 'other' };
    const { alreadyRunning } = await app.streams.start(to(other, { ifLiveElsewhere: 'restart' }));
    assert.equal(alreadyRunning, false);
    const client = await world.connectClient();
    const { streamServiceSettings } = await client.call('GetStreamServiceSettings');
    assert.equal((streamServiceSettings as { key?: string }).key, 'other');
    await app.streams.stop();
  });

  scenario('stop all ends a start with a stream delay', async (world) => {
    const { app } = await drive(world);
    world.cleanUp(() => setParameter(world, 'Output', 'DelayEnable', 'false'));
    await setParameter(world, 'Output', 'DelaySec', '2');
    await setParameter(world, 'Output', 'DelayEnable', 'true');
    const start = app.streams.start(to(world.good));
    start.catch(() => undefined);
    await waitFor(() => app.streams.state() === 'starting', { message: 'the start to begin' });
    const reports = await app.stopAll();
    assert.equal(reports.find(({ name }) => name === 'stream')?.state, 'idle');
    await rejected(start, 'STREAM_START_CANCELLED');
    await streamIsIdle(world);
  });

  scenario(
    'stop all goes on where one question hangs, and does not call unknown off',
    async (world) => {
      const { app } = await drive(world);
      await app.streams.start(to(world.good));
      await app.recorder.start({});
      world.simulator?.faults.hang('GetStreamStatus');
      const fault = await rejected(app.stopAll(), 'STOP_ALL_INCOMPLETE');
      const reports = (fault as unknown as { reports: { name: string; state: string; error?: unknown }[] })
        .reports;
      const state = (name: string) => reports.find((report) => report.name === name);
      assert.equal(state('stream')?.state, 'unknown');
      assert.ok(state('stream')?.error);
      assert.equal(state('recording')?.state, 'idle');
      assert.equal(world.simulator?.state.stream, 'idle');
      world.simulator?.faults.release('GetStreamStatus');
    },
    ['simulator'],
  );

  scenario(
    'a start pressed again while the network dips does not blame the key',
    async (world) => {
      const { app, told } = await drive(world);
      await app.streams.start(to(world.good));
      world.simulator?.faults.loseServer();
      await told('stream_reconnecting');
      const again = app.streams.start(to(world.good));
      world.simulator?.faults.restoreServer();
      assert.equal((await again).alreadyRunning, true);
      world.simulator?.faults.loseServer();
      await waitFor(() => app.streams.state() === 'reconnecting', { message: 'reconnecting' });
      await rejected(app.streams.start(to(world.good)), 'STREAM_RECONNECTING');
      await app.streams.stop();
      world.simulator?.faults.restoreServer();
    },
    ['simulator'],
  );
});
