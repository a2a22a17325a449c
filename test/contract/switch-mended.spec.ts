// What a person, another Node-RED or a crash left in a place of ours.
import assert from 'node:assert/strict';
import { isHeld } from '../../lib/secrets';
import { waitFor } from '../support';
import { scale } from '../support/scale';
import { drive, rejected } from './drive';
import { live, made, moving, onAir, playable, switchWish, wish } from './on-air';
import { contract } from './support';

/** A start of the real OBS takes long: the short form has one. */
const REAL_TOO = scale < 1 ? { needs: ['simulator' as const] } : {};
const FILTER = 'live production crossfade';

contract('a crossfade whose Node-RED was killed in its midst is taken back', {}, async (world) => {
  const air = await onAir(world);
  const { port, scene } = air;
  const client = await world.connectClient();
  const old = await live(air, await playable(world));
  const fresh = await made(air, await playable(world, 'dark'));
  await moving(port, scene, fresh);
  // as it stands between the two batches
  await client.call('CreateSourceFilter', {
    ...{ sourceName: old.name, filterName: FILTER, filterKind: 'color_filter_v2' },
    filterSettings: {
      opacity: 1,
      _live_volumes: [
        { name: old.name, factor: 0.5 },
        { name: fresh.name, factor: 0.5 },
      ],
    },
  });
  await client.call('SetInputVolume', { inputName: fresh.name, inputVolumeMul: 0 });
  await port.mark(scene, old, false);
  await port.show(scene, fresh, true);
  await client.call('SetInputVolume', { inputName: fresh.name, inputVolumeMul: 0 });
  const again = (await drive(world)).app;
  const all = [old, fresh].map(({ name }) => name);
  await again.switching.port.heal(all);
  const { inputVolumeMul } = await client.call('GetInputVolume', { inputName: fresh.name });
  assert.ok(Math.abs(Number(inputVolumeMul) - 0.5) < 0.01, String(inputVolumeMul));
  const { filters } = await client.call('GetSourceFilterList', { sourceName: old.name });
  assert.deepEqual(filters, []);
});

contract(
  'a live source that a person grouped is told at the next switch',
  { needs: ['simulator'] },
  async (world) => {
    const { app, scene } = await onAir(world);
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const before = await use.switchTo(switchWish(scene, await playable(world)));
    assert.deepEqual(before.warnings, []);
    world.simulator!.group(scene, 'Frame', [before.source]);
    const { warnings } = await use.switchTo(switchWish(scene, await playable(world)));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, new RegExp(`^${before.source} is in the group Frame and stays visible`));
  },
);

contract('a source of another connection in the same place is told', REAL_TOO, async (world) => {
  const air = await onAir(world);
  const { scene } = air;
  const other = (await drive(world)).app;
  const theirs = await live({ app: other, port: other.switching.port, scene }, await playable(world));
  world.cleanUp(() => other.switching.port.remove(theirs.name));
  const use = air.app.switching.use();
  world.cleanUp(() => use.release());
  const { warnings } = await use.switchTo(switchWish(scene, await playable(world, 'dark')));
  assert.deepEqual(warnings, [
    `${theirs.name} was made by another connection and stays visible: hide or remove it in OBS.`,
  ]);
});

contract('an address that OBS refused is not kept in mind', REAL_TOO, async (world) => {
  const { port } = await onAir(world);
  const key = 'r3fusedKey4711';
  const create = { scene: 'Nowhere at all', slot: 'main', name: port.nameFor({ slot: 'main' }) };
  const source = wish(`${await playable(world)}?key=${key}`);
  await rejected(port.create({ ...create, kind: 'ffmpeg', source }), 'SCENE_UNKNOWN');
  await waitFor(() => !isHeld(key), { timeoutMs: 2000 });
});
