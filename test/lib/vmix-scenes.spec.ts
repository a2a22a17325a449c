// Inputs of a vMix on air and in its preview: the one that was meant, or none.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import type { SceneSwitch } from '../../lib/production/application';
import { GONE, closeMixers, connectTo, failsWith, functionsSent, mixerOn } from '../support/mixers';

const to = (scene: string, more: Partial<SceneSwitch> = {}): SceneSwitch => ({
  scene,
  to: 'program',
  ...more,
});

describe('scenes of vMix', function () {
  this.timeout(60_000);
  afterEach(closeMixers);

  it('cuts to an input by its key, and leaves the preview alone', async () => {
    const { app, vmix, events } = await mixerOn();
    const [first, , third] = vmix.studio.inputs;
    const report = await app.scenes.switchTo(to('Camera 2'));
    assert.deepEqual(report, {
      from: first!.title,
      to: 'Camera 2',
      inputKey: third!.key,
      inputNumber: 3,
      alreadyThere: false,
    });
    assert.deepEqual([vmix.studio.active, vmix.studio.preview], [3, 2]);
    assert.deepEqual(functionsSent(vmix), [`CutDirect ${third!.key}`]);
    await waitFor(() => events.some(({ event }) => event === 'scene_changed'));
    const again = await app.scenes.switchTo(to('3'));
    assert.deepEqual([again.from, again.to, again.alreadyThere], ['Camera 2', 'Camera 2', true]);
    assert.equal(functionsSent(vmix).length, 1, 'what is on air already needs nothing');
    const { scenes, program, preview } = await app.scenes.list();
    assert.deepEqual([scenes.length, program, preview], [7, 'Camera 2', 'Camera 1']);
  });

  it('finds an input by key, number, title or short title, whatever it is called', async () => {
    const titles = ['Start', 'true', '007', '🎥 Main <&"> ', 'a+b&c=d %20', 'Line\r\nbreak', 'Ä, é'];
    const { app, vmix } = await mixerOn({ inputs: titles });
    for (const [at, title] of titles.entries()) {
      const key = vmix.studio.inputs[at]!.key;
      for (const name of [title, String(at + 1), key.toUpperCase()]) {
        vmix.studio.show(at === 0 ? 2 : 1, 2);
        const report = await app.scenes.switchTo(to(name));
        assert.deepEqual([report.inputKey, vmix.studio.active], [key, at + 1], name);
      }
    }
    const { app: show } = await mixerOn();
    assert.equal((await show.scenes.switchTo(to('Playlist'))).to, 'Playlist - one.mp4');
  });

  it('guesses nothing: unknown, in other capitals, twice there, a number that is a title', async () => {
    const { app, vmix } = await mixerOn({ inputs: ['Start', 'Camera', 'Camera', '2', '-1'] });
    const { message } = await failsWith(app.scenes.switchTo(to('camera')), 'SCENE_UNKNOWN');
    assert.match(message, /vMix has no input called "camera".*1 Start, 2 Camera/);
    for (const name of ['0', '007', '9', 'Nowhere', 'Start ?'])
      await failsWith(app.scenes.switchTo(to(name)), 'SCENE_UNKNOWN');
    const twice = await failsWith(app.scenes.switchTo(to('Camera')), 'VMIX_INPUT_AMBIGUOUS');
    assert.match(twice.message, new RegExp(`2 "Camera" \\(key ${vmix.studio.inputs[1]!.key}\\), 3 "Camera"`));
    await failsWith(app.scenes.switchTo(to('2')), 'VMIX_INPUT_AMBIGUOUS');
    assert.equal((await app.scenes.switchTo(to('-1'))).inputNumber, 5, 'a title, not the input on air');
    assert.equal(functionsSent(vmix).length, 1);
  });

  it('puts an input into the preview, and another on air by a transition', async () => {
    const { app, vmix } = await mixerOn();
    const keys = vmix.studio.inputs.map(({ key }) => key);
    const previewed = await app.scenes.switchTo(to('Pause', { to: 'preview' }));
    assert.deepEqual([previewed.from, previewed.to, vmix.studio.preview], ['Camera 1', 'Pause', 4]);
    assert.equal((await app.scenes.switchTo(to('Pause', { to: 'preview' }))).alreadyThere, true);
    const by = (scene: string, transition: string | null, durationMs: number | null = null) =>
      app.scenes.switchTo(to(scene, { to: 'transition', transition, durationMs }));
    await by('Camera 2', null);
    await by('Black', 'CubeZoom', 800);
    await by('Camera 1', 'Stinger1');
    await by('Pause', 'Cut', 800);
    await by('Camera 1', 'Transition2');
    assert.equal(vmix.studio.active, 2);
    assert.deepEqual(functionsSent(vmix), [
      `PreviewInput ${keys[3]}`,
      `Fade ${keys[2]} 500`,
      `CubeZoom ${keys[6]} 800`,
      `Stinger1 ${keys[1]}`,
      `Cut ${keys[3]}`,
      `Merge ${keys[1]} 1000`,
    ]);
    await failsWith(by('Pause', 'Sparkle'), 'TRANSITION_UNKNOWN');
  });

  it('inputs that are moved meanwhile put no other one on air', async () => {
    const { app, vmix } = await mixerOn();
    const wanted = vmix.studio.inputs[2]!.key;
    const turn = () => vmix.studio.reorder([...vmix.studio.inputs].reverse());
    // between the look and the function
    const call = app.client.call.bind(app.client);
    app.client.call = async (...args) => {
      turn();
      return await call(...args);
    };
    const report = await app.scenes.switchTo(to('3'));
    assert.equal(vmix.state.inputs.find(({ number }) => number === vmix.studio.active)?.key, wanted);
    assert.deepEqual([report.inputKey, report.to, report.inputNumber], [wanted, 'Camera 2', 5]);
  });

  it('accepted and not done is an error that says what is on air', async () => {
    const { app, vmix } = await mixerOn();
    vmix.faults.ignoreNext('CutDirect');
    const { message } = await failsWith(app.scenes.switchTo(to('Camera 2')), 'SCENE_NOT_CONFIRMED');
    assert.match(message, /vMix did not show the input "Camera 2" within 5 s \(it shows: Intro\.mp4\)/);
  });

  it('a vMix that quits meanwhile is told, and nothing is told as done', async () => {
    const { app, vmix } = await mixerOn({ speed: 1 });
    const switching = app.scenes.switchTo(to('Camera 2', { to: 'transition', durationMs: 20_000 }));
    switching.catch(() => undefined);
    await waitFor(() => functionsSent(vmix).length === 1);
    await vmix.quit();
    await failsWith(switching, GONE);
  });

  it('two equal switches at once are one, from two connections too, and two others are both carried out', async () => {
    const { app, vmix } = await mixerOn();
    const { app: other } = await connectTo(vmix, 'other');
    const [one, two] = await Promise.all([
      app.scenes.switchTo(to('Camera 2')),
      other.scenes.switchTo(to('Camera 2')),
    ]);
    assert.deepEqual(one, two);
    assert.equal(functionsSent(vmix).length, 1);
    await Promise.all([
      app.scenes.switchTo(to('Black')),
      app.scenes.switchTo(to('Pause', { to: 'preview' })),
    ]);
    assert.deepEqual([vmix.studio.active, vmix.studio.preview], [7, 4]);
  });

  it('the later one of two different switches wins, and the earlier one is told at once', async () => {
    const { app, vmix } = await mixerOn();
    const { app: other } = await connectTo(vmix, 'other');
    const keys = vmix.studio.inputs.map(({ key }) => key);
    // taken, and never done
    vmix.faults.ignoreNext('CutDirect');
    const began = performance.now();
    const earlier = failsWith(app.scenes.switchTo(to('Camera 2')), 'SCENE_OVERTAKEN');
    await waitFor(() => functionsSent(vmix).length === 1);
    const later = other.scenes.switchTo(to('Black'));
    const { message } = await earlier;
    assert.match(message, /vMix to "Camera 2" was overtaken by a newer one, to "Black"/);
    assert.ok(performance.now() - began < 4000, 'told only at its deadline');
    assert.equal((await later).to, 'Black');
    assert.deepEqual(functionsSent(vmix), [`CutDirect ${keys[2]}`, `CutDirect ${keys[6]}`]);
  });

  it('asked for in the same moment, the last one is on air, also when the first comes round again', async () => {
    const { app, vmix } = await mixerOn();
    const answers = await Promise.allSettled(
      ['Camera 1', 'Camera 2', 'Camera 1', 'Black'].map((scene) => app.scenes.switchTo(to(scene))),
    );
    assert.equal(answers.at(-1)?.status, 'fulfilled');
    assert.equal(vmix.studio.active, 7);
    const [first, second, again] = await Promise.allSettled(
      ['Camera 1', 'Camera 2', 'Camera 1'].map((scene) => app.scenes.switchTo(to(scene))),
    );
    assert.deepEqual([first?.status, second?.status, again?.status], ['fulfilled', 'rejected', 'fulfilled']);
    assert.equal(vmix.studio.active, 2);
  });

  it('back to what still shows, while a switch away from it is on its way, is sent', async () => {
    const { app, vmix } = await mixerOn({ speed: 1 });
    const keys = vmix.studio.inputs.map(({ key }) => key);
    vmix.faults.ignoreNext('CutDirect');
    const away = failsWith(app.scenes.switchTo(to('Camera 2')), 'SCENE_OVERTAKEN');
    await waitFor(() => functionsSent(vmix).length === 1);
    assert.equal((await app.scenes.switchTo(to('1'))).inputKey, keys[0]);
    await away;
    assert.deepEqual(functionsSent(vmix), [`CutDirect ${keys[2]}`, `CutDirect ${keys[0]}`]);
  });

  it('an unknown input overtakes nothing', async () => {
    const { app, vmix } = await mixerOn();
    const known = app.scenes.switchTo(to('Camera 2'));
    await failsWith(app.scenes.switchTo(to('Nowhere')), 'SCENE_UNKNOWN');
    assert.equal((await known).to, 'Camera 2');
    assert.equal(vmix.studio.active, 3);
  });
});
