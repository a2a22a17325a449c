// Two OBS at once, and two connections to one.
import assert from 'node:assert/strict';
import { ObsApplication } from '../../lib/obs/application';
import { startObs } from '../support';
import type * as simulators from '../../simulators/obs';
import { drive, rejected, streamIsIdle, to } from './drive';
import { contract, type World } from './support';

/** Another OBS beside the world's, of the same kind. */
async function another(world: World): Promise<{ port: number; password: string }> {
  if (world.real) {
    const obs = await startObs({ password: 'the other one' });
    world.cleanUp(() => obs.close());
    return { port: obs.port, password: 'the other one' };
  }
  const { startObsSimulator } = require('../../simulators/obs') as typeof simulators;
  const simulator = await startObsSimulator({ password: 'the other one' });
  world.cleanUp(() => simulator.close());
  return { port: simulator.port, password: 'the other one' };
}

contract('two OBS at once', {}, async (world) => {
  const { port, password } = await another(world);
  const one = await drive(world);
  const other = new ObsApplication({
    id: 'other',
    name: 'the other',
    simulated: false,
    host: world.host,
    port,
    tls: false,
    password,
    log: () => undefined,
  });
  const heard: string[] = [];
  other.events.onEvent(({ event }) => heard.push(event));
  world.cleanUp(() => other.close());
  other.start();
  await other.whenReady(30_000);
  const second = { ...world.good, key: `${world.good.key}-two` };
  // a start at each at the same time: what must not happen to one OBS may happen to two
  await Promise.all([one.app.streams.start(to(world.good)), other.streams.start(to(second))]);
  assert.deepEqual([one.app.streams.state(), other.streams.state()], ['live', 'live']);
  await one.app.streams.stop();
  assert.deepEqual([one.app.streams.state(), other.streams.state()], ['idle', 'live']);
  await world.kill('SIGKILL');
  await one.told('obs_disconnected');
  assert.equal(other.status().state, 'ready');
  const stopped = await other.streams.stop();
  assert.equal(stopped.wasRunning, true);
  assert.deepEqual(heard, ['obs_connected', 'stream_starting', 'stream_started', 'stream_stopped']);
});

contract('two connections to one OBS', {}, async (world) => {
  const one = await drive(world);
  const two = await drive(world);
  const other = { ...world.good, key: `${world.good.key}-two` };
  const outcomes = await Promise.allSettled([
    one.app.streams.start(to(world.good)),
    two.app.streams.start(to(other)),
  ]);
  const [won, lost] = outcomes;
  assert.equal(won?.status, 'fulfilled');
  assert.equal(lost?.status, 'rejected');
  assert.equal((lost as { reason: { code: string } }).reason.code, 'STREAM_LIVE_ELSEWHERE');
  for (const { told, app } of [one, two]) {
    await told('stream_started');
    assert.equal(app.streams.state(), 'live');
  }
  // both may stop it, and neither is in the way of the other
  const stops = await Promise.all([one.app.streams.stop(), two.app.streams.stop()]);
  assert.ok(stops.every(({ state }) => state === 'idle'));
  for (const { told, names } of [one, two]) {
    await told('stream_stopped');
    assert.deepEqual(names(), ['stream_starting', 'stream_started', 'stream_stopped']);
  }
  await streamIsIdle(world);
  await one.closeQuickly();
  await rejected(
    one.app.streams.start(to(world.good)),
    'OBS_CLOSED',
    'OBS_NOT_CONNECTED',
    'OBS_DISCONNECTED',
  );
  const again = await two.app.streams.start(to(world.good));
  assert.equal(again.confirmed, true);
  await two.app.streams.stop();
});
