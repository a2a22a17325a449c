// What is on air: scenes of OBS, inputs of vMix.
import assert from 'node:assert/strict';
import { rejected } from '../drive';
import { capability } from './play';
import { disconnected, gone, type Opened } from './stage';

async function shown({ app }: Opened): Promise<{ program: string; others: string[] }> {
  const { scenes, program } = await app.scenes!.list();
  assert.ok(scenes.length >= 3 && program !== null, `${String(program)} of ${scenes.join()}`);
  return { program, others: scenes.filter((name) => name !== program) };
}

async function switched({ app }: Opened, scene: string, before: string): Promise<void> {
  const { from, to } = await app.scenes!.switchTo({ scene, to: 'program' });
  assert.deepEqual([from, to], [before, scene]);
}

capability('a scene', ['scenes'], (scenario) => {
  scenario('is put on air, told once, and told again by nobody', async (stage) => {
    const opened = await stage.open();
    const { app, told, names } = opened;
    const { program, others } = await shown(opened);
    const other = others[0]!;
    await switched(opened, other, program);
    const changed = await told('scene_changed');
    assert.deepEqual(
      [changed.output, changed.state, changed.payload.scene, changed.payload.from],
      [null, other, other, program],
    );
    assert.equal((await app.scenes!.list()).program, other);
    // what is on air already
    await switched(opened, other, other);
    await app.scenes!.switchTo({ scene: program, to: 'program' });
    assert.equal((await app.scenes!.list()).program, program);
    assert.deepEqual(names(), ['scene_changed', 'scene_changed']);
  });

  scenario('that is unknown is refused with those there are, and nothing moves', async (stage) => {
    const opened = await stage.open();
    const { app, names } = opened;
    const { program, others } = await shown(opened);
    const fault = await rejected(app.scenes!.switchTo({ scene: 'Nowhere', to: 'program' }), 'SCENE_UNKNOWN');
    assert.ok(fault.message.includes(others[0]!), fault.message);
    assert.ok(fault.message.startsWith(stage.application === 'obs' ? 'OBS' : 'vMix'), fault.message);
    await rejected(
      app.scenes!.switchTo({ scene: others[0]!, to: 'transition', transition: 'No Such' }),
      'TRANSITION_UNKNOWN',
      // OBS has no preview to take from
      ...(stage.application === 'obs' ? ['STUDIO_MODE_OFF'] : []),
    );
    assert.equal((await app.scenes!.list()).program, program);
    assert.deepEqual(names(), []);
  });

  scenario('that somebody at the machine shows is told', async (stage) => {
    const opened = await stage.open();
    const { program, others } = await shown(opened);
    await stage.machine.show(others[1]!);
    const changed = await opened.told('scene_changed');
    assert.deepEqual([changed.state, changed.previous, changed.payload.from], [others[1], program, program]);
    await stage.machine.show(program);
  });

  scenario('is not switched where nobody is there', async (stage) => {
    const opened = await stage.open();
    const { others } = await shown(opened);
    await stage.machine.crash();
    await opened.told(disconnected(stage));
    await rejected(opened.app.scenes!.switchTo({ scene: others[0]!, to: 'program' }), ...gone(stage));
    await rejected(opened.app.scenes!.list(), ...gone(stage));
    await stage.machine.comeBack();
    await opened.app.whenReady(60_000);
  });
});
