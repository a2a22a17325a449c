// The emergency stop of a vMix: everything off, or told what is not.
import assert from 'node:assert/strict';
import { StopAllIncomplete } from '../../lib/production/stop-all';
import { waitFor } from '../support';
import { closeMixers, failsWith, functionsSent, mixerOn } from '../support/mixers';

const states = (reports: { name: string; was: string; state: string }[]) =>
  reports.map(({ name, was, state }) => `${name} ${was} ${state}`);

describe('stop all on vMix', function () {
  this.timeout(90_000);
  afterEach(closeMixers);

  it('stops each thing that runs by its own function, and leaves fullscreen, a display, alone', async () => {
    const { app, vmix, events } = await mixerOn();
    vmix.studio.channels.start('0');
    vmix.studio.channels.start('4');
    vmix.studio.srt(2, true, 0);
    vmix.studio.record(true, 0);
    for (const flag of ['external', 'multiCorder', 'fullscreen'] as const) vmix.studio.setFlag(flag, true, 0);
    await waitFor(() => app.client.state?.streaming.channels[5] === true && app.client.state.external);
    const reports = await app.stopAll();
    assert.deepEqual(states(reports), [
      'stream1 active idle',
      'stream2 idle idle',
      'stream3 idle idle',
      'stream4 idle idle',
      'stream5 active idle',
      'srt1 idle idle',
      'srt2 active idle',
      'srt3 idle idle',
      'srt4 idle idle',
      'recording active idle',
      'external active idle',
      'multicorder active idle',
    ]);
    assert.equal(reports.find(({ name }) => name === 'recording')!.path, vmix.state.recording.files[0]);
    assert.ok(reports.every(({ error, reason }) => !error && !reason));
    const { streaming, recording, external, multiCorder, fullscreen, outputs } = vmix.state;
    assert.deepEqual(
      [streaming.on, recording.on, external, multiCorder, fullscreen, outputs!.some(({ srt }) => srt)],
      [false, false, false, false, true, false],
    );
    assert.deepEqual(functionsSent(vmix).sort(), [
      'StopExternal',
      'StopMultiCorder',
      'StopRecording',
      'StopSRTOutput 1',
      ...[0, 1, 2, 3, 4].map((value) => `StopStreaming ${value}`),
    ]);
    assert.equal(events.filter(({ event }) => event === 'emergency_stop_all').length, 1);
    await waitFor(() => events.filter(({ event }) => /_stopped$/.test(event)).length === 6);
    assert.ok(events.filter(({ event }) => /_stopped$/.test(event)).every(({ expected }) => expected));
  });

  it('a stream that connects shows nowhere, and does not go live afterwards', async () => {
    const { app, vmix } = await mixerOn({ speed: 1 });
    await app.client.call({ name: 'StartStreaming', value: '2' });
    assert.equal(vmix.channel(3), 'connecting');
    const reports = await app.stopAll();
    assert.deepEqual(states(reports)[2], 'stream3 starting idle');
    assert.equal(vmix.channel(3), 'off');
  });

  it('cancels a start that is being confirmed here', async () => {
    const { app, vmix } = await mixerOn({ speed: 0.2 });
    const start = failsWith(
      app.recorder.start({ folder: null, fileName: null, format: null }),
      'RECORD_START_CANCELLED',
    );
    await waitFor(() => functionsSent(vmix).includes('StartRecording'), { intervalMs: 5 });
    const reports = await app.stopAll();
    await start;
    assert.equal(vmix.state.recording.on, false);
    assert.match(states(reports).find((one) => one.startsWith('recording')) ?? '', /(starting|active) idle/);
  });

  it('goes past whatever waits for a vMix that hangs', async () => {
    const { app, vmix } = await mixerOn();
    vmix.studio.record(true, 0);
    await waitFor(() => app.recorder.state() === 'recording');
    vmix.faults.failHttp('hang', { times: 1, on: 'function' });
    const stuck = app.client.call({ name: 'SetText', input: '5', value: 'x' });
    stuck.catch(() => undefined);
    await waitFor(() => functionsSent(vmix).length === 1);
    const beganAt = performance.now();
    await app.stopAll();
    assert.ok(performance.now() - beganAt < 5_000);
    assert.equal(vmix.state.recording.on, false);
  });

  it('versions that show no SRT get its stops all the same, and it is told as unknown', async () => {
    const { app, vmix } = await mixerOn({ profile: 'vmix-24' });
    vmix.studio.srt(1, true, 0);
    const reports = await app.stopAll();
    assert.equal(
      vmix.studio.outputs.some(({ srt }) => srt),
      false,
    );
    const srt = reports.filter(({ name }) => name.startsWith('srt'));
    assert.deepEqual(
      states(srt),
      [1, 2, 3, 4].map((number) => `srt${number} unknown unknown`),
    );
    assert.ok(srt.every(({ reason }) => /does not show/.test(reason ?? '')));
    assert.equal(reports.filter(({ name }) => name.startsWith('stream')).length, 3);
  });

  it('a state that cannot be read is no reason to wait: stops go out blindly, and nothing is told as off', async () => {
    const { app, vmix } = await mixerOn();
    vmix.studio.record(true, 0);
    vmix.studio.channels.start('0');
    await waitFor(() => app.client.state?.streaming.on && app.recorder.state() === 'recording');
    vmix.faults.failHttp('hang', { on: 'state' });
    const interim: string[][] = [];
    const failed = failsWith(
      app.stopAll((reports) => interim.push(states(reports))),
      'STOP_ALL_INCOMPLETE',
    );
    await waitFor(() => !vmix.state.recording.on && !vmix.state.streaming.on, { timeoutMs: 3_000 });
    const error = (await failed) as StopAllIncomplete;
    assert.ok(error instanceof StopAllIncomplete);
    assert.ok(error.reports.every(({ state }) => state === 'unknown'));
    assert.equal(interim.length, 1);
    assert.match(error.message, /Look at the vMix window/);
  });

  it('what is accepted and goes on is named, also where only that one is left', async () => {
    const { app, vmix, events } = await mixerOn();
    vmix.studio.setFlag('multiCorder', true, 0);
    vmix.studio.record(true, 0);
    vmix.faults.ignoreNext('StopMultiCorder', 100);
    await waitFor(() => app.recorder.state() === 'recording');
    const { message } = await failsWith(app.stopAll(), 'STOP_ALL_INCOMPLETE');
    assert.match(message, /Still running after 30 s: multicorder\./);
    assert.equal(vmix.state.recording.on, false);
    assert.ok(events.every(({ event }) => event !== 'emergency_stop_all'));
    const again = functionsSent(vmix).filter((sent) => sent === 'StopMultiCorder').length;
    assert.ok(again >= 2 && again <= 8, `${again} times`);
  });

  it('a vMix that quits meanwhile is never told as stopped, nor asked without end', async () => {
    const { app, vmix } = await mixerOn({ speed: 0.2 });
    vmix.studio.record(true, 0);
    await waitFor(() => app.recorder.state() === 'recording');
    vmix.faults.ignoreNext('StopRecording', 100);
    const failed = failsWith(app.stopAll(), 'STOP_ALL_INCOMPLETE');
    await waitFor(() => functionsSent(vmix).includes('StopRecording'));
    await vmix.quit();
    const error = (await failed) as StopAllIncomplete;
    assert.equal(error.reports.find(({ name }) => name === 'recording')!.state, 'unknown');
  });
});
