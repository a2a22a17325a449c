// Outputs that are neither streams nor recordings: the replay buffer of OBS, External of vMix.
import assert from 'node:assert/strict';
import { rejected } from '../drive';
import { capability } from './play';
import { disconnected, gone } from './stage';

capability('an output', ['outputs'], (scenario) => {
  scenario('is started, found running, listed, and stopped', async (stage) => {
    const { app, told, names } = await stage.open();
    const outputs = app.outputs!;
    const before = await outputs.list();
    for (const one of before) {
      assert.deepEqual(Object.keys(one).sort(), ['kind', 'name', 'state']);
      assert.ok(['idle', 'starting', 'active', 'stopping', 'unknown'].includes(one.state), one.state);
    }
    assert.ok(
      before.some(({ name, state }) => name === stage.outputListed && state === 'idle'),
      JSON.stringify(before),
    );
    const started = await outputs.start(stage.output);
    assert.deepEqual([started.name, started.was, started.state], [stage.output, 'idle', 'active']);
    const begun = await told('output_started');
    assert.deepEqual([begun.output, begun.state, begun.expected], [stage.output, 'active', true]);
    const again = await outputs.start(stage.output);
    assert.deepEqual([again.was, again.state], ['active', 'active']);
    assert.ok(
      (await outputs.list()).some(({ name, state }) => name === stage.outputListed && state === 'active'),
    );
    const stopped = await outputs.stop(stage.output);
    assert.deepEqual([stopped.name, stopped.was, stopped.state], [stage.output, 'active', 'idle']);
    const ended = await told('output_stopped');
    assert.deepEqual([ended.output, ended.state, ended.expected], [stage.output, 'idle', true]);
    const nothing = await outputs.stop(stage.output);
    assert.deepEqual([nothing.was, nothing.state], ['idle', 'idle']);
    assert.deepEqual(names(), ['output_started', 'output_stopped']);
  });

  scenario('that is unknown is refused with those there are', async (stage) => {
    const { app, names } = await stage.open();
    for (const work of [app.outputs!.start('no such'), app.outputs!.stop('no such')]) {
      const fault = await rejected(work, 'OUTPUT_UNKNOWN');
      assert.ok(fault.message.includes(stage.outputListed), fault.message);
      assert.ok(fault.message.startsWith(stage.application === 'obs' ? 'OBS' : 'vMix'), fault.message);
    }
    assert.deepEqual(names(), []);
  });

  scenario('says that it is not connected, and nothing of what it does not know', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.crash();
    await told(disconnected(stage));
    await rejected(app.outputs!.start(stage.output), ...gone(stage));
    await rejected(app.outputs!.stop(stage.output), ...gone(stage));
    await rejected(app.outputs!.list(), ...gone(stage));
    await stage.machine.comeBack();
    await app.whenReady(60_000);
  });
});
