// The health of a vMix: what its state tells, when it is told, and what nobody can know.
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HealthSample, HealthWish } from '../../lib/production/health';
import { VmixApplication } from '../../lib/vmix/application';
import { NO_EXTRAS, type VmixExtras } from '../../lib/vmix/extras';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { waitFor } from '../support';
import { tempDir } from '../support/temp';

const WISH: HealthWish = { everyMs: 200, pictureEveryMs: null, sound: true, media: [] };

describe('the health of a vMix', function () {
  this.timeout(60_000);
  let vmix: VmixSimulator;
  let app: VmixApplication;
  let samples: HealthSample[];

  const begin = async (options: VmixSimulatorOptions = {}, extras: Partial<VmixExtras> = {}) => {
    vmix = await startVmixSimulator({ speed: 20, ...options });
    app = new VmixApplication({
      ...NO_EXTRAS,
      pollMs: 500,
      id: 'mixer',
      name: 'Mixer',
      simulated: false,
      host: '127.0.0.1',
      port: vmix.httpPort,
      tcpPort: vmix.tcpPort,
      user: '',
      password: '',
      log: () => undefined,
      ...extras,
    }).start();
    await app.whenReady(10_000);
  };
  const watch = (wish: Partial<HealthWish> = {}) => {
    samples = [];
    return app.health.watch({ ...WISH, ...wish }, (sample) => samples.push(sample));
  };
  const next = (fits: (sample: HealthSample) => boolean = () => true): Promise<HealthSample> => {
    const from = samples.length;
    return waitFor(() => samples.slice(from).find(fits), { message: () => JSON.stringify(samples.at(-1)) });
  };
  const stream = (sample: HealthSample, output = 'stream1') =>
    sample.streams.find((one) => one.output === output);

  afterEach(async () => {
    await app.close();
    await vmix.close();
  });

  it('asks for nothing: readings come with the polls, however often somebody wishes them', async () => {
    await begin({ tcpPort: null }, { pollMs: 1_000 });
    const releases = Array.from({ length: 20 }, () => app.health.watch(WISH, () => undefined));
    watch({ everyMs: 200 });
    const asked = vmix.stateRequests;
    await next();
    const [from, heard] = [vmix.stateRequests, samples.length];
    await waitFor(() => vmix.stateRequests - from >= 3);
    assert.ok(vmix.stateRequests - asked <= 6);
    await waitFor(() => samples.length - heard >= 3);
    assert.ok(Math.abs(samples.length - heard - (vmix.stateRequests - from)) <= 1, 'one for each state');
    for (const release of releases) release();
  });

  it('tells what runs, and why it has no figures', async () => {
    await begin();
    watch();
    await app.client.call({ name: 'StartStreaming', value: 1 });
    await app.client.call({ name: 'StartRecording' });
    await app.client.call({ name: 'StartSRTOutput', value: 0 });
    const sample = await next(
      (one) => stream(one, 'stream2')?.state === 'live' && one.recording === 'recording',
    );
    assert.equal(sample.streams.length, 1, 'channels that never ran are not listed');
    const { unknown, bytes, frames, droppedFrames, congestion, targetKbps } = stream(sample, 'stream2')!;
    assert.deepEqual([bytes, frames, droppedFrames, congestion, targetKbps], [null, null, null, null, null]);
    for (const name of ['bytes', 'frames', 'droppedFrames', 'congestion'])
      assert.match(unknown[name]!, /its streaming logs do, once their folder is named in the connection/);
    assert.equal(typeof sample.recordingReading?.durationMs, 'number');
    for (const [name, value] of Object.entries(sample.statistics)) {
      assert.equal(value, null);
      assert.ok(sample.unknown[name], name);
    }
    assert.ok(sample.unknown.picture && sample.unknown.clippedPercent);
    const outputs = await next(
      ({ outputs }) => outputs?.find(({ output }) => output === 'srt1')?.running === true,
    );
    assert.deepEqual(outputs.outputs?.map(({ output, running }) => `${output} ${running}`).sort(), [
      'external false',
      'multicorder false',
      'srt1 true',
      'srt2 false',
      'srt3 false',
      'srt4 false',
    ]);
  });

  it('knows an end that was asked for here from one that nobody knows of', async () => {
    await begin();
    watch();
    const run = async () => {
      await app.client.call({ name: 'StartStreaming', value: 0 });
      await app.client.call({ name: 'StartRecording' });
      await app.client.call({ name: 'StartMultiCorder' });
      await next(
        (one) =>
          stream(one)?.state === 'live' &&
          one.recording === 'recording' &&
          one.outputs?.find(({ output }) => output === 'multicorder')?.running === true,
      );
    };
    const ended = async () => {
      const sample = await next(
        (one) =>
          stream(one)?.state === 'idle' &&
          one.recording === 'idle' &&
          one.outputs?.find(({ output }) => output === 'multicorder')?.running === false,
      );
      return [
        stream(sample)!.lastEnd?.expected,
        sample.recordingReading?.lastEnd?.expected,
        sample.outputs?.find(({ output }) => output === 'multicorder')?.lastEnd?.expected,
      ];
    };
    await run();
    await app.client.call({ name: 'StopStreaming', value: 0 });
    await app.client.call({ name: 'StopRecording' });
    await app.client.call({ name: 'StopMultiCorder' });
    assert.deepEqual(await ended(), [true, true, true]);
    await run();
    vmix.studio.channels.end(1);
    vmix.studio.record(false, 0);
    vmix.studio.setFlag('multiCorder', false, 0);
    assert.deepEqual(await ended(), [null, null, null]);
  });

  it('a start that fails is one, and a channel that drops while it is confirmed too', async () => {
    await begin();
    watch();
    app.events.tell({ event: 'stream_failed', output: 'stream3', payload: {} });
    const sample = await next((one) => stream(one, 'stream3') !== undefined);
    assert.deepEqual(
      [stream(sample, 'stream3')!.state, stream(sample, 'stream3')!.lastEnd?.failed],
      ['idle', true],
    );
    vmix.faults.streamOutcome = 'drop';
    const release = app.client.confirming('stream1');
    await app.client.call({ name: 'StartStreaming', value: 0 });
    await next((one) => stream(one)?.state === 'live');
    vmix.studio.channels.end(1);
    const failed = await next((one) => stream(one)?.state === 'idle');
    assert.deepEqual([stream(failed)!.lastEnd?.failed, stream(failed)!.lastEnd?.expected], [true, false]);
    release();
  });

  it('a restart is told with everything that ended, and only where something did', async () => {
    await begin();
    watch();
    await next();
    await vmix.restart();
    await next(({ reachable }) => reachable);
    assert.equal(samples.at(-1)!.restartedAtMs, null);
    await app.whenReady(5_000);
    await waitFor(() => app.client.tcp?.status.state === 'ready');
    await app.client.call({ name: 'StartStreaming', value: 0 });
    await app.client.call({ name: 'StartRecording' });
    await next((one) => stream(one)?.state === 'live' && one.recording === 'recording');
    await vmix.restart();
    const sample = await next((one) => one.reachable && one.restartedAtMs !== null);
    assert.deepEqual(
      [stream(sample)!.lastEnd?.expected, sample.recordingReading?.lastEnd?.expected],
      [false, false],
    );
    assert.ok(sample.restartedAtMs! <= sample.atMs);
  });

  it('says that nobody answers as soon as one poll fails, and for as long as that is so', async () => {
    await begin({ tcpPort: null });
    await app.client.call({ name: 'StartRecording' });
    watch();
    await next(({ recording }) => recording === 'recording');
    vmix.faults.failHttp('error', { times: 1, on: 'state' });
    const missed = await next(({ reachable }) => !reachable);
    assert.equal(missed.connection, 'ready');
    assert.ok(missed.reason);
    await next(({ reachable }) => reachable);
    await vmix.quit();
    const gone = await next(({ connection }) => connection === 'disconnected');
    assert.deepEqual([gone.recording, gone.lastRecording, gone.onProgram], ['unknown', 'recording', null]);
    const count = samples.length;
    await waitFor(() => samples.length >= count + 5);
    assert.ok(samples.slice(count).every(({ reachable }) => !reachable));
  });

  it('what is on air: a source that is missing, a caller who has gone, faded out, muted, silent', async () => {
    await begin();
    const { studio } = vmix;
    const offline = studio.add({ type: 'Placeholder', title: 'Offline - Camera 9' });
    const call = studio.add({
      type: 'VideoCall',
      title: 'Guest',
      call: { connected: true, password: 'secret', videoSource: null, audioSource: null },
    });
    watch();
    studio.show(2, 1);
    const well = await next(({ program }) => program === 'Camera 1');
    assert.deepEqual(well.onProgram, {
      title: 'Camera 1',
      offline: false,
      callConnected: null,
      fadeToBlack: false,
      masterMuted: false,
    });
    assert.ok(Math.abs(well.sound!.peakDb! - -18.06) < 0.1);
    assert.deepEqual([well.sound!.readings, well.sound!.clippedPercent], [1, null]);
    studio.show(offline.number, 1);
    assert.equal((await next(({ onProgram }) => onProgram?.offline === true)).program, 'Offline - Camera 9');
    studio.show(call.number, 1);
    await next(({ onProgram }) => onProgram?.callConnected === true);
    call.call = { ...call.call!, connected: false };
    studio.master.muted = true;
    studio.setFlag('fadeToBlack', true, 0);
    const bad = await next(({ onProgram }) => onProgram?.callConnected === false);
    assert.deepEqual(
      [bad.onProgram!.masterMuted, bad.onProgram!.fadeToBlack, bad.sound!.peakDb],
      [true, true, -100],
    );
    assert.ok(!JSON.stringify(samples).includes('secret'));
  });

  it('media inputs by title, number and key, whether they move and are on air', async () => {
    await begin();
    const { studio } = vmix;
    studio.inputs[0]!.state = 'Running';
    const key = studio.inputs[5]!.key;
    watch({ media: ['Intro.mp4', key, '2', 'Nothing', 'Camera'] });
    studio.add({ type: 'Capture', title: 'Camera', state: 'Running' });
    studio.add({ type: 'Capture', title: 'Camera', state: 'Running' });
    studio.show(1, 2);
    const sample = await next(({ media }) => media[0]?.onAir === true);
    assert.deepEqual(
      sample.media.map(({ name, state, onAir }) => [name, state, onAir]),
      [
        ['Intro.mp4', 'playing', true],
        [key, 'paused', false],
        ['2', 'playing', false],
        ['Nothing', 'missing', undefined],
      ],
    );
    assert.match(sample.unknown['media Camera']!, /several/);
  });

  it('a vMix that shows no SRT says so', async () => {
    await begin({ profile: 'vmix-27' });
    watch();
    const sample = await next();
    assert.match(sample.unknown.outputs!, /vMix 28/);
    assert.deepEqual(sample.outputs?.map(({ output }) => output).sort(), ['external', 'multicorder']);
  });

  it('figures of the streaming log while one channel is live; of several, a reason', async () => {
    const folder = tempDir('vmix-logs');
    const log = join(folder, 'stream.log');
    await begin({}, { logFolder: folder });
    writeFileSync(join(folder, 'yesterday.log'), 'frame=9999 fps=30 size=9kB time=00:10:00.00\r');
    watch();
    await next();
    await app.client.call({ name: 'StartStreaming', value: 0 });
    let frames = 0;
    const timer = setInterval(() => {
      frames += 3;
      appendFileSync(log, `frame=${frames} fps=30 size=${frames}kB time=00:00:01.00 drop=1\r`);
    }, 100);
    const sample = await next((one) => (stream(one)?.frames ?? 0) > 0);
    const { bytes, droppedFrames, congestion, unknown } = stream(sample)!;
    assert.deepEqual([bytes, droppedFrames, congestion], [stream(sample)!.frames! * 1024, 1, 0]);
    assert.deepEqual(Object.keys(unknown), ['targetKbps']);
    assert.equal(sample.statistics.fps, 30);
    await app.client.call({ name: 'StartStreaming', value: 1 });
    const two = await next((one) => stream(one, 'stream2')?.state === 'live');
    for (const output of ['stream1', 'stream2'])
      assert.match(stream(two, output)!.unknown.bytes!, /several channels/);
    assert.match(two.unknown.fps!, /several channels/);
    await app.client.call({ name: 'StopStreaming', value: 1 });
    await next((one) => (stream(one)?.frames ?? 0) > 0);
    clearInterval(timer);
    appendFileSync(log, 'av_interleaved_write_frame(): Broken pipe\n');
    vmix.studio.channels.end(1);
    const over = await next((one) => stream(one)?.state === 'idle');
    assert.match(stream(over)!.lastEnd?.reason ?? '', /the way to the server broke/);
  });

  it('tells nothing after the last release, and nothing once it is closed', async () => {
    await begin();
    const release = watch();
    await next();
    release();
    const count = samples.length;
    const asked = vmix.stateRequests;
    await waitFor(() => vmix.stateRequests >= asked + 2);
    assert.equal(samples.length, count);
    watch();
    await next();
    app.health.close();
    const closed = samples.length;
    const before = vmix.stateRequests;
    await waitFor(() => vmix.stateRequests >= before + 2);
    assert.equal(samples.length, closed);
  });
});
