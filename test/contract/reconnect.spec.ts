// The server of a stream goes and comes back.
import assert from 'node:assert/strict';
import { type NginxRtmp, startNginxRtmp, waitFor } from '../support';
import { type Driven, drive, streamIsIdle, to } from './drive';
import { contractGroup } from './group';
import type { Address, World } from './support';

/** A server of the scenario's own that can be taken away and given back. */
async function ownServer(
  world: World,
): Promise<{ at: Address; lose(): Promise<void>; restore(): Promise<void> }> {
  const { simulator, good } = world;
  if (simulator) {
    world.cleanUp(() => simulator.faults.restoreServer());
    return {
      at: good,
      lose: () => Promise.resolve(simulator.faults.loseServer()),
      restore: () => Promise.resolve(simulator.faults.restoreServer()),
    };
  }
  let nginx: NginxRtmp | null = await startNginxRtmp();
  const { port, server } = nginx;
  world.cleanUp(() => nginx?.close());
  return {
    at: { server, key: 'show' },
    async lose() {
      await nginx?.close();
      nginx = null;
    },
    async restore() {
      nginx = await startNginxRtmp({ port });
    },
  };
}

const bytesOf = async ({ app }: Driven): Promise<number> => (await app.report()).streams[0]?.sizeBytes ?? 0;

contractGroup('a stream whose server goes', {}, (scenario) => {
  scenario('reconnects when it is back, with totals that go on', async (world) => {
    const driven = await drive(world);
    const { app, names, told } = driven;
    const server = await ownServer(world);
    await app.streams.start(to(server.at));
    await waitFor(async () => (await bytesOf(driven)) > 150_000, { message: 'bytes before the loss' });
    const before = await bytesOf(driven);
    await server.lose();
    const lost = await told('stream_reconnecting');
    assert.deepEqual([lost.previous, lost.state, lost.expected], ['live', 'reconnecting', false]);
    assert.equal(app.streams.state(), 'reconnecting');
    assert.equal((await app.report()).streams[0]?.state, 'reconnecting');
    await server.restore();
    const back = await told('stream_reconnected');
    assert.deepEqual([back.previous, back.state], ['reconnecting', 'live']);
    assert.equal(app.streams.state(), 'live');
    await waitFor(async () => (await bytesOf(driven)) > before + 20_000, {
      message: 'totals that go on where they were',
    });
    assert.ok((await bytesOf(driven)) < before * 20, 'counted twice');
    assert.ok(((await app.report()).streams[0]?.bitrateKbps ?? 0) >= 0);
    const stopped = await app.streams.stop();
    assert.ok((stopped.final?.sizeBytes ?? 0) > before + 20_000, JSON.stringify(stopped.final));
    await told('stream_stopped');
    assert.deepEqual(names(), [
      'stream_starting',
      'stream_started',
      'stream_reconnecting',
      'stream_reconnected',
      'stream_stopped',
    ]);
  });

  scenario('is stopped while it reconnects', async (world) => {
    const { app, told } = await drive(world);
    const server = await ownServer(world);
    await app.streams.start(to(server.at));
    await server.lose();
    await told('stream_reconnecting');
    const stopped = await app.streams.stop();
    assert.equal(stopped.wasRunning, true);
    const ended = await told('stream_stopped');
    assert.deepEqual([ended.previous, ended.expected], ['stopping', true]);
    await streamIsIdle(world);
  });
});

contractGroup(
  'a stream whose server goes for good',
  { profile: { Output: { RetryDelay: '1', MaxRetries: '2' } } },
  (scenario) => {
    scenario('is told as stopped, by nobody', async (world) => {
      const { app, told, names } = await drive(world);
      await app.raw.call('SetProfileParameter', {
        parameterCategory: 'Output',
        parameterName: 'MaxRetries',
        parameterValue: '2',
      });
      await app.raw.call('SetProfileParameter', {
        parameterCategory: 'Output',
        parameterName: 'RetryDelay',
        parameterValue: '1',
      });
      const server = await ownServer(world);
      await app.streams.start(to(server.at));
      await server.lose();
      const ended = await told('stream_stopped');
      assert.deepEqual([ended.previous, ended.state, ended.expected], ['reconnecting', 'idle', false]);
      const { final } = ended.payload as { final: { sizeBytes: number } };
      assert.ok(final.sizeBytes > 0, JSON.stringify(final));
      assert.deepEqual(names(), [
        'stream_starting',
        'stream_started',
        'stream_reconnecting',
        'stream_stopped',
      ]);
      assert.equal(app.streams.state(), 'idle');
      await streamIsIdle(world);
    });
  },
);
