// A whole switch, as a node asks for it.
import assert from 'node:assert/strict';
import type { SwitchProgress, SwitchWish } from '../../lib/production/switching';
import { waitFor } from '../support';
import { rejected } from './drive';
import { contractGroup } from './group';
import { onAir, ownedIn, playable, switchWish } from './on-air';

contractGroup('a whole switch', { timeoutMs: 90_000 }, (scenario) => {
  scenario('from nothing to the first, to the next, and to the same again', async (world) => {
    const { app, port, scene } = await onAir(world);
    const told: string[] = [];
    app.events.onEvent(({ event }) => told.push(event));
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const [light, dark] = [await playable(world, 'light'), await playable(world, 'dark')];
    const steps: SwitchProgress[] = [];
    const first = await use.switchTo(switchWish(null, light), (step) => steps.push(step));
    assert.equal(first.scene, scene);
    assert.equal(first.previous, null);
    assert.deepEqual(first.warnings, []);
    assert.deepEqual(
      steps.map(({ state }) => state),
      ['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire', 'idle'],
    );
    const second = await use.switchTo(switchWish(scene, dark));
    assert.deepEqual([second.previous, second.alreadyLive, second.warnings], [first.source, false, []]);
    const again = await use.switchTo(switchWish(scene, dark));
    assert.deepEqual([again.source, again.alreadyLive], [second.source, true]);
    const faded = await use.switchTo(
      switchWish(scene, light, { transition: { kind: 'crossfade', ms: 400 } }),
    );
    assert.deepEqual(await ownedIn(port), [{ name: faded.source, enabled: true, wasLive: true }]);
    assert.equal(told.filter((event) => event === 'source_switched').length, 3);
    // nothing that anybody may read holds a stream's name, which is its key
    const text = JSON.stringify([steps, first, second, told, use.metrics(null)]);
    for (const address of [light, dark]) assert.ok(!text.includes(address.split('/').at(-1) ?? ''), text);
  });

  scenario('that never gets a picture leaves the old one on air', async (world) => {
    const { app, port, scene } = await onAir(world);
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const first = await use.switchTo(switchWish(scene, await playable(world)));
    const nobody = world.real ? `${world.good.server}/nobody-publishes` : 'rtmp://nobody.invalid/live/x1';
    const failed = await rejected(
      use.switchTo(switchWish(scene, nobody, { readyTimeoutMs: 2500 })),
      'SOURCE_NOT_READY',
      'SOURCE_PLAYBACK_FAILED',
    );
    assert.equal(failed.details.oldStillLive, true);
    assert.deepEqual(await ownedIn(port), [{ name: first.source, enabled: true, wasLive: true }]);
  });

  scenario('prepared first, taken later', async (world) => {
    const { app, port, scene } = await onAir(world);
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const wish: SwitchWish = switchWish(scene, await playable(world));
    const prepared = await use.prepare(wish);
    assert.deepEqual(await ownedIn(port), [{ name: prepared.source, enabled: false, wasLive: false }]);
    const taken = await use.take(wish);
    assert.equal(taken.source, prepared.source);
    assert.deepEqual(await ownedIn(port), [{ name: taken.source, enabled: true, wasLive: true }]);
  });

  scenario('in studio mode reaches the program, which shows a copy of its scene', async (world) => {
    const { app, port, scene } = await onAir(world);
    const use = app.switching.use();
    world.cleanUp(() => use.release());
    const first = await use.switchTo(switchWish(scene, await playable(world, 'light')));
    const client = await world.connectClient();
    const scenes = (await client.call('GetSceneList')).scenes.map(({ sceneName }) => sceneName as string);
    const other = scenes.find((name) => name !== scene) ?? '';
    await client.call('SetStudioModeEnabled', { studioModeEnabled: true });
    world.cleanUp(async () => {
      const last = await world.connectClient();
      await last.call('SetStudioModeEnabled', { studioModeEnabled: false });
    });
    await waitFor(() => app.scenes.studioMode === true);
    await client.call('SetCurrentPreviewScene', { sceneName: other });
    const second = await use.switchTo(switchWish(scene, await playable(world, 'dark')));
    assert.equal(second.previous, first.source);
    const active = await client.call('GetSourceActive', { sourceName: second.source });
    assert.equal(active.videoActive, true);
    assert.equal((await client.call('GetCurrentPreviewScene')).currentPreviewSceneName, other);
    // OBS 29 may keep the removed one for as long as a copy of the scene does
    const visible = (await ownedIn(port)).filter(({ enabled }) => enabled);
    assert.deepEqual(visible, [{ name: second.source, enabled: true, wasLive: true }]);
  });
});
