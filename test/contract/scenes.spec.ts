// Scenes on air and in the preview.
import assert from 'node:assert/strict';
import { drive, rejected } from './drive';
import { contractGroup } from './group';
import type { World } from './support';

async function studioMode(world: World, studioModeEnabled: boolean): Promise<void> {
  const client = await world.connectClient();
  await client.call('SetStudioModeEnabled', { studioModeEnabled });
  await client.close();
}

contractGroup('a scene', {}, (scenario) => {
  scenario('is put on air, and told once', async (world) => {
    const { app, events, told } = await drive(world);
    const { scenes, program } = await app.scenes.list();
    assert.ok(scenes.length >= 2 && program !== null);
    const other = scenes.find((name) => name !== program) ?? '';
    assert.deepEqual(await app.scenes.switchTo({ scene: other, to: 'program' }), {
      from: program,
      to: other,
    });
    const changed = await told('scene_changed');
    assert.deepEqual(changed.payload, { scene: other, from: program });
    assert.equal((await app.scenes.list()).program, other);
    // the very scene that is on air: no event comes, and none is needed
    assert.deepEqual(await app.scenes.switchTo({ scene: other, to: 'program' }), { from: other, to: other });
    await app.scenes.switchTo({ scene: program ?? '', to: 'program' });
    assert.equal(events.filter(({ event }) => event === 'scene_changed').length, 2);
  });

  scenario('that is unknown is refused with those there are', async (world) => {
    const { app, names } = await drive(world);
    const { scenes } = await app.scenes.list();
    const fault = await rejected(app.scenes.switchTo({ scene: 'Nowhere', to: 'program' }), 'SCENE_UNKNOWN');
    for (const scene of scenes) assert.ok(fault.message.includes(scene));
    await rejected(
      app.scenes.switchTo({ scene: scenes[1] ?? '', to: 'program', transition: 'No Such' }),
      'TRANSITION_UNKNOWN',
    );
    await rejected(
      app.scenes.switchTo({ scene: scenes[1] ?? '', to: 'program', durationMs: 5 }),
      'INPUT_INVALID',
    );
    assert.deepEqual(names(), []);
  });

  scenario('has no preview without studio mode', async (world) => {
    const { app } = await drive(world);
    const { scenes, program } = await app.scenes.list();
    const other = scenes.find((name) => name !== program) ?? '';
    await rejected(app.scenes.switchTo({ scene: other, to: 'preview' }), 'STUDIO_MODE_OFF');
    await rejected(app.scenes.switchTo({ scene: other, to: 'transition' }), 'STUDIO_MODE_OFF');
    assert.equal((await app.scenes.list()).program, program);
  });

  scenario('goes through the preview with a transition', async (world) => {
    await studioMode(world, true);
    world.cleanUp(() => studioMode(world, false));
    const { app, events } = await drive(world);
    const { scenes, program } = await app.scenes.list();
    const [first = '', second = ''] = scenes.filter((name) => name !== program);
    await app.scenes.switchTo({ scene: first, to: 'preview' });
    assert.deepEqual(
      [(await app.scenes.list()).preview, (await app.scenes.list()).program],
      [first, program],
    );
    const taken = await app.scenes.switchTo({
      scene: second,
      to: 'transition',
      transition: 'Fade',
      durationMs: 400,
    });
    assert.deepEqual(taken, { from: program, to: second });
    assert.equal((await app.scenes.list()).program, second);
    await app.scenes.switchTo({ scene: program ?? '', to: 'transition', transition: 'Cut' });
    assert.deepEqual(
      events.filter(({ event }) => event === 'scene_changed').map(({ state }) => state),
      [second, program],
    );
    const report = await app.report();
    assert.equal(report.scene.studioMode, true);
    assert.equal(report.scene.program, program);
  });

  scenario('changed by somebody else is told', async (world) => {
    const { app, told } = await drive(world);
    const client = await world.connectClient();
    const { scenes, program } = await app.scenes.list();
    const other = scenes.find((name) => name !== program) ?? '';
    await client.call('SetCurrentProgramScene', { sceneName: other });
    assert.equal((await told('scene_changed')).state, other);
    await client.call('SetCurrentProgramScene', { sceneName: program ?? '' });
  });
});
