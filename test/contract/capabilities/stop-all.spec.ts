// Everything ends at one word, on any application.
import assert from 'node:assert/strict';
import type { OutputReport } from '../../../lib/production/application';
import { waitFor } from '../../support';
import { rejected } from '../drive';
import { capability } from './play';
import { disconnected, gone } from './stage';

capability('stop all', ['stop-all'], (scenario) => {
  scenario('ends what runs, says what became of each, and is told', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.startStream();
    await stage.machine.startRecording();
    await told('recording_started');
    const interim: OutputReport[][] = [];
    const reports = await app.stopAll((some) => interim.push([...some]));
    for (const report of reports) {
      for (const name of ['name', 'was', 'state', 'path']) assert.ok(name in report, name);
      // before vMix 28 nobody outside can see whether SRT goes out
      const hidden = report.state === 'unknown' && /^srt\d$/.test(report.name) && Boolean(report.reason);
      assert.ok(report.state === 'idle' || hidden, JSON.stringify(report));
    }
    const stream = reports.find(({ name }) => name === stage.stream);
    const recording = reports.find(({ name }) => name === 'recording');
    assert.deepEqual([stream?.was, recording?.was], ['active', 'active'], JSON.stringify(reports));
    assert.equal(typeof recording?.path, 'string');
    assert.equal(await stage.runs('stream'), false);
    assert.equal(await stage.runs('recording'), false);
    const emergency = await told('emergency_stop_all');
    assert.deepEqual([emergency.expected, emergency.payload.outputs], [true, reports]);
    assert.equal((await told('stream_stopped')).expected, true);
    assert.equal((await told('recording_stopped')).expected, true);
    const again = await app.stopAll();
    assert.ok(
      again.every(
        ({ was, state, reason }) => (was === 'idle' && state === 'idle') || (was === 'unknown' && reason),
      ),
      JSON.stringify(again),
    );
  });

  scenario('makes a start unwanted that is under way', async (stage) => {
    const { app, told, names } = await stage.open();
    const start = app.streams!.start(stage.to(stage.good, { confirmMs: 20_000 }));
    start.catch(() => undefined);
    await told('stream_starting');
    await app.stopAll();
    await assert.rejects(start);
    await waitFor(async () => !(await stage.runs('stream')));
    assert.ok(!names().includes('stream_started'), names().join());
  });

  scenario('says that it cannot where nobody is there', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.crash();
    await told(disconnected(stage));
    await rejected(app.stopAll(), ...gone(stage));
    await stage.machine.comeBack();
    await app.whenReady(60_000);
  });
});
