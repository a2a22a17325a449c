// Recordings of any application.
import assert from 'node:assert/strict';
import { waitFor } from '../../support';
import { rejected } from '../drive';
import { capability } from './play';
import { byAnybody, connected, disconnected, gone } from './stage';

const REPORT = ['alreadyRunning', 'durationMs', 'finished', 'format', 'outputPath', 'sizeBytes', 'state'];

capability('a recording', ['recorder'], (scenario) => {
  scenario('starts, is found running, and stops with its file', async (stage) => {
    const { app, told, names } = await stage.open();
    const recorder = app.recorder!;
    assert.equal(recorder.state(), 'idle');
    const started = await recorder.start({});
    for (const name of REPORT) assert.ok(name in started, name);
    assert.deepEqual([started.state, started.alreadyRunning, started.finished], ['recording', false, false]);
    const begun = await told('recording_started');
    assert.deepEqual(
      [begun.output, begun.state, begun.expected, begun.previous === 'idle' || begun.previous === 'starting'],
      ['recording', 'recording', true, true],
    );
    const again = await recorder.start({});
    assert.deepEqual([again.state, again.alreadyRunning], ['recording', true]);
    assert.ok(await stage.runs('recording'));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const stopped = await recorder.stop();
    assert.deepEqual([stopped.state, stopped.wasRunning], ['idle', true]);
    // vMix does not say when it has closed its file
    assert.ok(stopped.finished === true || (stopped.finished === null && stopped.unknown?.finished));
    assert.equal(typeof stopped.outputPath, 'string');
    assert.equal(stopped.format, stopped.outputPath?.split('.').at(-1));
    const ended = await told('recording_stopped');
    assert.deepEqual([ended.output, ended.state, ended.expected], ['recording', 'idle', true]);
    assert.equal(ended.payload.outputPath, stopped.outputPath);
    assert.deepEqual(names(), ['recording_started', 'recording_stopped']);
    assert.equal(await stage.runs('recording'), false);
  });

  scenario('that nothing has to stop is well', async (stage) => {
    const { app, names } = await stage.open();
    const stopped = await app.recorder!.stop();
    assert.deepEqual([stopped.state, stopped.wasRunning], ['idle', false]);
    assert.deepEqual(names(), []);
  });

  scenario('asked for twice at once is started once', async (stage) => {
    const { app, names, told } = await stage.open();
    const [one, two] = await Promise.all([app.recorder!.start({}), app.recorder!.start({})]);
    assert.deepEqual([one.state, two.state], ['recording', 'recording']);
    await told('recording_started');
    await app.recorder!.stop();
    await told('recording_stopped');
    assert.deepEqual(names(), ['recording_started', 'recording_stopped']);
  });

  scenario('that somebody at the machine starts and stops is told as theirs', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.startRecording();
    const begun = await told('recording_started');
    assert.equal(begun.expected, byAnybody(stage));
    await waitFor(() => app.recorder!.state() === 'recording');
    await stage.machine.stopRecording();
    const ended = await told('recording_stopped');
    assert.equal(ended.expected, byAnybody(stage));
    assert.equal(app.recorder!.state(), 'idle');
    assert.equal(typeof ended.payload.outputPath, 'string');
  });

  scenario('that was running when the application went is told as ended once it is back', async (stage) => {
    const { app, told, names, events } = await stage.open();
    await app.recorder!.start({});
    await told('recording_started');
    await stage.machine.crash();
    const lost = await told(disconnected(stage));
    assert.equal(lost.payload.recording, 'recording');
    assert.equal(app.recorder!.state(), 'unknown');
    await rejected(app.recorder!.stop(), ...gone(stage));
    assert.deepEqual(names(), ['recording_started']);
    const from = events.length;
    await stage.machine.comeBack();
    await told(connected(stage), { from, timeoutMs: 60_000 });
    const ended = await told('recording_stopped', { from });
    assert.deepEqual([ended.cause, ended.state], ['resync', 'idle']);
    assert.notEqual(ended.expected, true);
    assert.equal(app.recorder!.state(), 'idle');
  });

  scenario('that runs when the connection opens is present, and not told', async (stage) => {
    await stage.machine.startRecording();
    const { app, names } = await stage.open();
    await waitFor(() => app.recorder!.state() === 'recording');
    assert.deepEqual(names(), []);
    const present = app.events.present().find(({ output }) => output === 'recording');
    assert.deepEqual([present?.event, present?.cause], ['recording_started', 'startup']);
    await app.recorder!.stop();
  });

  scenario('is paused and resumed, or refused with a code that says that it cannot be', async (stage) => {
    const { app, told } = await stage.open();
    const recorder = app.recorder!;
    await recorder.start({});
    if (stage.application === 'vmix') {
      for (const cannot of [recorder.pause(), recorder.resume(), recorder.split(), recorder.chapter(null)])
        await assert.rejects(cannot, (fault: { code?: string }) => /^[A-Z_]+$/.test(fault.code ?? ''));
      assert.equal(recorder.state(), 'recording');
    } else {
      assert.equal((await recorder.pause()).state, 'paused');
      await told('recording_paused');
      assert.equal((await recorder.resume()).state, 'recording');
      await told('recording_resumed');
    }
    await recorder.stop();
  });

  scenario('is closed at once while it starts and while it runs', async (stage) => {
    const starting = await stage.open();
    const start = starting.app.recorder!.start({});
    start.catch(() => undefined);
    await starting.closeQuickly();
    const running = await stage.open();
    await running.app.recorder!.start({});
    await running.closeQuickly();
    const last = await stage.open();
    await last.app.recorder!.stop();
  });
});
