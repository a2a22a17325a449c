// The recording of a vMix: done when its document shows it, and not before.
import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VmixSimulator } from '../../simulators/vmix';
import { waitFor } from '../support';
import {
  GONE,
  closeMixers,
  connectTo,
  failsWith,
  functionsSent,
  mixerOn,
  simulatedVmix,
} from '../support/mixers';

const AS_SET = { folder: null, fileName: null, format: null };

describe('recording on vMix', function () {
  this.timeout(60_000);
  afterEach(closeMixers);

  it('starts, with the file that vMix chose, and tells what it does not know', async () => {
    const { app, vmix, events } = await mixerOn();
    const report = await app.recorder.start(AS_SET);
    assert.equal(vmix.state.recording.on, true);
    const [path] = vmix.state.recording.files;
    const { durationMs, ...rest } = report;
    assert.ok(durationMs === 0 || durationMs === 1000);
    assert.deepEqual(rest, {
      state: 'recording',
      outputPath: path,
      outputPaths: [path],
      format: 'mp4',
      finished: false,
      sizeBytes: null,
      alreadyRunning: false,
      unknown: { sizeBytes: 'vMix does not tell it' },
    });
    assert.equal(app.recorder.state(), 'recording');
    await waitFor(() => events.some(({ event }) => event === 'recording_started'));
    assert.equal(events.find(({ event }) => event === 'recording_started')!.expected, true);
  });

  it('starts nothing twice: one that runs is found, two at once join, also from two connections', async () => {
    const { app, vmix } = await mixerOn();
    const { app: other } = await connectTo(vmix, 'other');
    const reports = await Promise.all([
      app.recorder.start(AS_SET),
      app.recorder.start(AS_SET),
      other.recorder.start(AS_SET),
    ]);
    assert.deepEqual(
      reports.map(({ state, alreadyRunning }) => [state, alreadyRunning]),
      [
        ['recording', false],
        ['recording', false],
        ['recording', false],
      ],
    );
    assert.equal((await other.recorder.start(AS_SET)).alreadyRunning, true);
    assert.deepEqual(functionsSent(vmix), ['StartRecording']);
  });

  it('stops, with every file and the seconds it had', async () => {
    const { app, vmix } = await mixerOn({ twoRecorders: true });
    await app.recorder.start(AS_SET);
    await waitFor(() => (vmix.state.recording.durationS ?? 0) >= 1);
    const report = await app.recorder.stop();
    assert.deepEqual(report.outputPaths, vmix.state.recording.files);
    assert.equal(report.outputPaths?.length, 2);
    assert.ok((report.durationMs ?? 0) >= 1000 && (report.durationMs ?? 0) % 1000 === 0);
    assert.deepEqual(
      [report.state, report.finished, report.wasRunning, Object.keys(report.unknown ?? {}).sort()],
      ['idle', null, true, ['finished', 'sizeBytes']],
    );
    assert.equal(app.recorder.state(), 'idle');
    const again = await app.recorder.stop();
    assert.deepEqual([again.state, again.wasRunning, again.outputPath], ['idle', false, null]);
    assert.deepEqual(functionsSent(vmix), ['StartRecording', 'StopRecording']);
  });

  it('refuses what vMix cannot do before anything is sent', async () => {
    const { app, vmix } = await mixerOn();
    const { recorder } = app;
    for (const work of [
      recorder.pause(),
      recorder.resume(),
      recorder.split(),
      recorder.chapter(),
      recorder.start({ ...AS_SET, folder: 'D:\\Show' }),
      recorder.start({ ...AS_SET, fileName: 'show' }),
    ])
      assert.match((await failsWith(work, 'CAPABILITY_MISSING')).message, /^vMix cannot /);
    const { message } = await failsWith(
      recorder.start({ folder: 'D:\\Show', fileName: null, format: 'mkv' }),
      'CAPABILITY_MISSING',
    );
    assert.match(message, /folder, format/);
    assert.deepEqual(functionsSent(vmix), []);
  });

  it('a start that vMix takes and does not do is an error, and a stop that it does not do too', async () => {
    const { app, vmix } = await mixerOn();
    vmix.faults.ignoreNext('StartRecording');
    assert.match((await failsWith(app.recorder.start(AS_SET), 'RECORD_SILENT_NOOP')).message, /dialog/);
    await app.recorder.start(AS_SET);
    vmix.faults.ignoreNext('StopRecording', 100);
    await failsWith(app.recorder.stop(), 'RECORD_STOP_TIMEOUT');
    assert.equal(app.recorder.state(), 'recording');
  });

  it('a stop overtakes a start that is being confirmed, and nothing records', async () => {
    const { app, vmix } = await mixerOn({ speed: 0.2 });
    const { app: other } = await connectTo(vmix, 'other');
    const start = failsWith(app.recorder.start(AS_SET), 'RECORD_START_CANCELLED');
    await waitFor(() => functionsSent(vmix).includes('StartRecording'), { intervalMs: 5 });
    assert.equal(vmix.state.recording.on, false, 'accepted is not done');
    const [stopped] = await Promise.all([other.recorder.stop(), start]);
    assert.equal(stopped.state, 'idle');
    assert.equal(vmix.state.recording.on, false);
    assert.ok(vmix.state.recording.files.length > 0, 'it did begin, and was ended');
    assert.equal(app.recorder.state(), 'idle');
  });

  it('a connection that is deployed away takes no start of another one with it', async () => {
    const { app, vmix } = await mixerOn({ speed: 0.2 });
    const { app: other } = await connectTo(vmix, 'other');
    const gone = failsWith(app.recorder.start(AS_SET), /^VMIX_(CLOSED|NOT_CONNECTED)$/);
    await waitFor(() => functionsSent(vmix).length === 1, { intervalMs: 5 });
    const joined = other.recorder.start(AS_SET);
    await app.close();
    await gone;
    assert.equal((await joined).state, 'recording');
  });

  it('a start is refused while a stop is under way', async () => {
    const { app, vmix } = await mixerOn({ speed: 0.2 });
    await app.recorder.start(AS_SET);
    const stop = app.recorder.stop();
    await failsWith(app.recorder.start(AS_SET), 'RECORD_BUSY');
    assert.equal((await stop).state, 'idle');
    assert.equal(vmix.state.recording.on, false);
  });

  it('an answer that is lost is no failure where the effect shows, and one that fails is', async () => {
    const { app, vmix } = await mixerOn();
    vmix.faults.failHttp('error', { times: 1, on: 'function' });
    assert.match((await failsWith(app.recorder.start(AS_SET), 'VMIX_REJECTED')).message, /StartRecording/);
    vmix.faults.failHttp('hang', { times: 1, on: 'function' });
    const start = app.recorder.start(AS_SET);
    await waitFor(() => functionsSent(vmix).length === 2);
    // the answer never comes, and vMix does it
    vmix.studio.record(true);
    assert.equal((await start).state, 'recording');
    vmix.faults.failHttp('hang', { times: 1, on: 'function' });
    vmix.studio.record(false);
    await waitFor(() => app.recorder.state() === 'idle');
    await failsWith(app.recorder.start(AS_SET), 'VMIX_TIMEOUT');
  });

  it('a vMix that quits meanwhile is told, and nothing is told as done', async () => {
    const { app, vmix } = await mixerOn({ speed: 1 });
    await app.recorder.start(AS_SET);
    vmix.faults.ignoreNext('StopRecording', 100);
    const stop = failsWith(app.recorder.stop(), GONE);
    await waitFor(() => functionsSent(vmix).includes('StopRecording'));
    await vmix.quit();
    await stop;
    assert.equal(app.recorder.state(), 'unknown');
  });

  it('says nothing it cannot know: not connected, and a recording somebody else began', async () => {
    const { app, vmix } = await mixerOn();
    vmix.studio.record(true, 0);
    await waitFor(() => app.recorder.state() === 'recording');
    const report = await app.recorder.start(AS_SET);
    assert.equal(report.alreadyRunning, true);
    assert.match(report.outputPath ?? '', /\.mp4$/);
    await vmix.quit();
    await waitFor(() => app.status().state !== 'ready');
    assert.equal(app.recorder.state(), 'unknown');
    await failsWith(app.recorder.start(AS_SET), GONE);
  });

  it('starts and stops on a vMix that takes its time for each answer', async () => {
    const vmix = await simulatedVmix();
    const slow = createServer((asked, answer) => {
      const pass = () =>
        get({ host: vmix.host, port: vmix.httpPort, path: asked.url, agent: false }, (got) => {
          answer.writeHead(got.statusCode ?? 500, { connection: 'close' });
          got.pipe(answer);
        });
      setTimeout(pass, 1600);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = slow.address() as AddressInfo;
      const address = { host: '127.0.0.1', httpPort: port, tcpPort: null } as unknown as VmixSimulator;
      const { app } = await connectTo(address);
      assert.equal((await app.recorder.start(AS_SET)).state, 'recording');
      assert.equal((await app.recorder.stop()).wasRunning, true);
      assert.equal(vmix.state.recording.on, false);
    } finally {
      slow.close();
    }
  });
});
