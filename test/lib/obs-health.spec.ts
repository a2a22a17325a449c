// The health source of an OBS: one poll for everybody, honest figures, nothing left behind.
import assert from 'node:assert/strict';
import { ObsApplication } from '../../lib/obs/application';
import type { HealthSample, HealthWish } from '../../lib/production/health';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator, ObsSimulatorOptions } from '../../simulators/obs/types';
import { bareClient } from '../contract/client';
import { waitFor } from '../support';

const QUICK: HealthWish = { everyMs: 200, pictureEveryMs: null, sound: false, media: [] };

describe('the health of an OBS', () => {
  let simulator: ObsSimulator;
  let app: ObsApplication;

  async function begin(options: ObsSimulatorOptions = {}): Promise<void> {
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5, ...options });
    app = new ObsApplication({
      id: 'obs-1',
      name: 'the show',
      simulated: false,
      host: simulator.host,
      port: simulator.port,
      tls: false,
      password: '',
      log: () => undefined,
    }).start();
    await app.whenReady(10_000);
  }
  afterEach(async () => {
    await app.close();
    await simulator.close();
  });

  const watch = (wish: Partial<HealthWish> = {}) => {
    const samples: HealthSample[] = [];
    const release = app.health.watch({ ...QUICK, ...wish }, (sample) => samples.push(sample));
    return { samples, release };
  };
  const next = (samples: HealthSample[], fits: (sample: HealthSample) => boolean = () => true) => {
    const from = samples.length;
    return waitFor(() => samples.slice(from).find(fits), {
      timeoutMs: 10_000,
      message: () => `a sample; the last was ${JSON.stringify(samples.at(-1))}`,
    });
  };
  const asked = (requestType: string) =>
    simulator.calls.filter((call) => call.requestType === requestType).length;
  const goLive = () => app.streams.start({ target: null, confirmMs: 600 });

  it('tells figures, and why one is missing', async () => {
    await begin();
    const { samples } = watch();
    const idle = await next(samples, ({ statistics }) => statistics.fps !== null);
    assert.equal(idle.reachable, true);
    assert.equal(idle.connection, 'ready');
    assert.equal(idle.program, 'Starting soon');
    assert.equal(idle.recording, 'idle');
    assert.equal(idle.statistics.targetFps, 30);
    assert.deepEqual(idle.unknown, {});
    const [stream] = idle.streams;
    assert.equal(stream?.state, 'idle');
    assert.equal(stream?.bytes, null);
    assert.equal(stream?.unknown.congestion, 'nothing is streamed');
    assert.equal(stream?.targetKbps, 2660);
    await goLive();
    const [live] = (await next(samples)).streams;
    assert.equal(live?.state, 'live');
    assert.ok(live?.bytes && live.frames && live.congestion === 0 && live.droppedFrames === 0);
    assert.ok(live.liveSinceMs !== null && live.reconnects === 0 && live.lastEnd === null);
    assert.deepEqual(live.unknown, {});
  });

  it('counts reconnects and the end of a stream', async () => {
    await begin();
    const { samples } = watch();
    await goLive();
    const before = (await next(samples)).streams[0]?.liveSinceMs ?? 0;
    simulator.faults.loseServer();
    await next(samples, ({ streams }) => streams[0]?.state === 'reconnecting');
    assert.equal(samples.at(-1)?.streams[0]?.liveSinceMs, null);
    simulator.faults.restoreServer();
    const back = (await next(samples, ({ streams }) => streams[0]?.state === 'live')).streams[0];
    assert.equal(back?.reconnects, 1);
    assert.ok((back.liveSinceMs ?? 0) > before);
    await app.streams.stop();
    const ended = (await next(samples)).streams[0];
    assert.equal(ended?.lastEnd?.failed, false);
    assert.equal(ended.lastEnd.expected, true);
    simulator.faults.refuseStreams();
    await app.streams.start({ target: null }).catch(() => undefined);
    assert.equal((await next(samples)).streams[0]?.lastEnd?.failed, true);
  });

  it('knows a wrong key by its reconnects, though it was never live', async () => {
    await begin();
    const { samples } = watch();
    simulator.faults.denyStreams();
    const start = app.streams.start({ target: null, onUnstable: 'leave' });
    await start.catch(() => undefined);
    await next(samples, ({ streams }) => (streams[0]?.reconnects ?? 0) >= 3);
    assert.equal(samples.at(-1)?.streams[0]?.liveSinceMs, null);
  });

  it('says nothing of drops where OBS counts none', async () => {
    await begin();
    const { samples } = watch();
    const target = {
      name: 'srt',
      service: 'srt',
      server: 'srt://127.0.0.1:9',
      key: '',
      user: '',
      password: '',
    };
    await app.streams.start({ target: { ...target, service: 'srt' }, confirmMs: 600 });
    const [live] = (await next(samples)).streams;
    assert.equal(live?.droppedFrames, null);
    assert.equal(live.congestion, null);
    assert.match(live.unknown.congestion ?? '', /SRT/);
    assert.ok((live.bytes ?? 0) > 0);
  });

  it('reads once for fifty watchers, and the stream is read along', async () => {
    await begin();
    await goLive();
    const first = watch();
    await next(first.samples);
    // deploys: everyone goes and comes a few times
    let others: ReturnType<typeof watch>[] = [];
    for (let deploy = 0; deploy < 3; deploy += 1) {
      for (const { release } of others) release();
      others = Array.from({ length: 49 }, () => watch());
    }
    const [from, began] = [simulator.calls.length, performance.now()];
    const told = first.samples.length;
    await waitFor(() => first.samples.length >= told + 8);
    const calls = simulator.calls.slice(from);
    const count = (type: string) => calls.filter(({ requestType }) => requestType === type).length;
    const possible = (performance.now() - began) / QUICK.everyMs + 1;
    assert.ok(count('GetStats') >= 8 && count('GetStats') <= possible + 1, `${count('GetStats')}`);
    assert.equal(count('GetStreamStatus'), count('GetStats'));
    assert.equal(calls.length, 2 * count('GetStats'));
    // the last deploy's watchers heard the same
    assert.equal(others[48]?.samples.at(-1), first.samples.at(-1));
    for (const { release } of [first, ...others]) release();
    // the stream tracker reads for itself again
    const alone = asked('GetStreamStatus');
    const figures = asked('GetStats');
    await waitFor(() => asked('GetStreamStatus') > alone, { timeoutMs: 10_000 });
    assert.equal(asked('GetStats'), figures);
  });

  it('takes the shortest wish and keeps away from a slow OBS', async () => {
    await begin({ speed: 1 });
    const slow = watch({ everyMs: 10_000 });
    const quick = watch({ everyMs: 200 });
    await next(quick.samples);
    await next(quick.samples);
    assert.ok(slow.samples.length >= 2);
    quick.release();
    slow.release();
    const { samples } = watch();
    await next(samples);
    simulator.faults.delayNext('GetStats', 150);
    await next(samples);
    const [before, at] = [samples.length, performance.now()];
    await waitFor(() => samples.length > before + 1, { timeoutMs: 10_000 });
    assert.ok(performance.now() - at > 1_200, 'ten times as long as OBS took');
  });

  it('says that nobody answers, and why, for as long as that is so', async () => {
    await begin({ speed: 1 });
    const { samples } = watch();
    await next(samples);
    simulator.crash();
    const gone = await next(samples, ({ reachable }) => !reachable);
    assert.ok(gone.reason);
    assert.notEqual(gone.connection, 'ready');
    assert.equal(gone.streams[0]?.state, 'unknown');
    assert.equal(gone.statistics.cpuPercent, null);
    assert.equal(gone.unknown.cpuPercent, gone.reason);
    await next(samples, ({ reachable }) => !reachable);
    await simulator.restart();
    await next(samples, ({ reachable }) => reachable);
  });

  for (const stops of [true, false])
    it(`a recording ${stops ? 'that stopped as OBS went' : 'that ran as OBS went'} is told as it was`, async () => {
      await begin();
      const { samples } = watch();
      await app.recorder.start({});
      await next(samples, ({ recording }) => recording === 'recording');
      if (stops) await app.recorder.stop();
      simulator.crash();
      const gone = await next(samples, ({ reachable }) => !reachable);
      assert.equal(gone.recording, 'unknown');
      assert.equal(gone.lastRecording, stops ? 'idle' : 'recording');
    });

  it('does not wait ten seconds to say that OBS hangs', async () => {
    await begin({ speed: 1 });
    const { samples } = watch();
    await next(samples);
    simulator.freeze();
    const silent = await next(samples, ({ reachable }) => !reachable);
    assert.match(silent.reason ?? '', /not answered for 3 s/);
    assert.equal(silent.connection, 'ready');
    simulator.thaw();
    await next(samples, ({ reachable }) => reachable);
  });

  it('says that it knows nothing while a long request of ours goes first', async () => {
    await begin({ speed: 1 });
    const { samples } = watch();
    await next(samples);
    const long = app.client.batch([{ requestType: 'Sleep', requestData: { sleepMillis: 4_000 } }]);
    const blind = await next(samples, ({ unknown }) => unknown.cpuPercent !== undefined);
    assert.match(blind.unknown.cpuPercent ?? '', /gone first for 3 s/);
    assert.equal(blind.reachable, true);
    await long;
    await next(samples, ({ statistics }) => statistics.cpuPercent !== null);
  });

  it('tells nothing after the last release, and nothing once it is closed', async () => {
    await begin();
    const { samples, release } = watch();
    await next(samples);
    release();
    release();
    const [heard, read] = [samples.length, asked('GetStats')];
    const other = watch({ everyMs: 500 });
    await next(other.samples);
    await next(other.samples);
    assert.equal(samples.length, heard);
    assert.ok(asked('GetStats') > read);
    await app.close();
    const after = other.samples.length;
    const late = watch();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(other.samples.length, after);
    assert.equal(late.samples.length, 0);
    late.release();
  });

  it('knows a wished media input by its state, and one that is not there', async () => {
    await begin();
    const { samples } = watch({ media: ['Clip', 'Nobody', 'Live', 'Clip'] });
    const { media } = await next(samples, (sample) => sample.media.length > 0);
    assert.deepEqual(
      media.map(({ name, state }) => [name, state]),
      [
        ['Clip', 'playing'],
        ['Nobody', 'missing'],
        ['Live', 'missing'],
      ],
    );
    const { cursorMs } = media[0]!;
    const later = (await next(samples)).media[0];
    assert.ok((later?.cursorMs ?? 0) > (cursorMs ?? 0) && later?.durationMs === 60_000);
  });

  it('looks at the scene on air as often as wished, and no more often', async () => {
    await begin();
    const { samples, release } = watch({ pictureEveryMs: 600 });
    const { picture } = await next(samples, (sample) => sample.picture !== null);
    assert.deepEqual([picture?.source, picture?.width, picture?.height], ['Starting soon', 64, 36]);
    assert.equal(picture?.luma.length, 64 * 36);
    const from = samples.length;
    await waitFor(() => samples.length >= from + 9);
    const seen = samples.slice(from).filter((sample) => sample.picture !== null);
    assert.ok(seen.length >= 2 && seen.length <= 4, `${seen.length} pictures in nine readings`);
    assert.ok(samples.slice(from).every(({ unknown }) => unknown.picture === undefined));
    release();
    const shots = asked('GetSourceScreenshot');
    const other = watch();
    await next(other.samples);
    await next(other.samples);
    assert.equal(other.samples.at(-1)?.picture, null);
    assert.equal(asked('GetSourceScreenshot'), shots);
  });

  it('a picture that takes long delays no figure, and one that fails is a reason', async () => {
    await begin({ speed: 1 });
    const { samples } = watch({ pictureEveryMs: 200 });
    await next(samples, (sample) => sample.picture !== null);
    simulator.faults.hang('GetSourceScreenshot');
    const shots = asked('GetSourceScreenshot');
    await waitFor(() => asked('GetSourceScreenshot') > shots);
    const [from, at] = [samples.length, performance.now()];
    await waitFor(() => samples.length >= from + 5);
    assert.ok(performance.now() - at < 2_500, 'figures come in their time');
    assert.ok(samples.slice(from + 1).every((sample) => sample.picture === null && sample.reachable));
    // one at a time, however long it takes
    assert.equal(asked('GetSourceScreenshot'), shots + 1);
    const { unknown } = await next(samples, (sample) => sample.unknown.picture !== undefined);
    assert.match(unknown.picture ?? '', /GetSourceScreenshot|answer/);
  });

  it('takes another format where OBS has no grey one, and believes no broken picture', async () => {
    await begin();
    const { samples } = watch({ pictureEveryMs: 200 });
    const first = (await next(samples, (sample) => sample.picture !== null)).picture;
    assert.equal(first?.luma.length, 64 * 36);
    const formats = simulator.calls.flatMap(({ requestType, requestData }) =>
      requestType === 'GetSourceScreenshot' ? [(requestData as { imageFormat: string }).imageFormat] : [],
    );
    assert.equal(formats[0], 'pgm');
    const { version } = app.client;
    assert.ok(version);
    for (const format of ['ppm', 'bmp', 'png']) {
      app.client.version = { ...version, imageFormats: ['cur', format] };
      const from = simulator.calls.length;
      await waitFor(() =>
        simulator.calls
          .slice(from)
          .some(({ requestData }) => (requestData as { imageFormat?: string })?.imageFormat === format),
      );
      await next(samples, (sample) => sample.picture !== null);
    }
    simulator.faults.ignoreNext('GetSourceScreenshot');
    const { unknown } = await next(samples, (sample) => sample.unknown.picture !== undefined);
    assert.match(unknown.picture ?? '', /cannot be read/);
  });

  it('does not take what is edited in studio mode for what is on air', async () => {
    await begin();
    const { samples } = watch({ pictureEveryMs: 200 });
    await next(samples, (sample) => sample.picture !== null);
    await app.client.call('SetStudioModeEnabled', { studioModeEnabled: true });
    const doubted = await next(samples, (sample) => sample.unknown.picture !== undefined);
    assert.equal(doubted.picture, null);
    assert.match(doubted.unknown.picture ?? '', /studio mode/);
    await app.client.call('SetCurrentPreviewScene', { sceneName: 'Break' });
    const { picture } = await next(samples, (sample) => sample.picture !== null);
    assert.equal(picture?.source, 'Starting soon');
  });

  it('hears what is on air and goes out, and nothing else', async () => {
    await begin();
    const { samples, release } = watch({ sound: true });
    const { sound } = await next(samples, (sample) => sample.sound !== null);
    assert.deepEqual(sound?.heard, ['Clip']);
    assert.ok(sound.peakDb! > -30 && sound.peakDb! < 0 && sound.readings > 0 && sound.clippedPercent === 0);
    simulator.health.sound('Clip', -60);
    await next(samples, (sample) => Math.round(sample.sound?.peakDb ?? 0) === -60);
    simulator.health.sound('Clip', 0);
    await next(samples, (sample) => (sample.sound?.clippedPercent ?? 0) === 100);
    simulator.health.sound('Clip', -20);
    const silent = (sample: HealthSample) => sample.sound?.peakDb === -100 && sample.sound.heard.length === 0;
    const loud = (sample: HealthSample) => Math.round(sample.sound?.peakDb ?? 0) === -20;
    const change = (requestType: string, data: Record<string, unknown>) =>
      app.client.call(requestType, { inputName: 'Clip', ...data });
    await change('SetInputMute', { inputMuted: true });
    await next(samples, silent);
    await change('SetInputMute', { inputMuted: false });
    await next(samples, loud);
    await change('SetInputAudioMonitorType', { monitorType: 'OBS_MONITORING_TYPE_MONITOR_ONLY' });
    await next(samples, silent);
    await change('SetInputAudioMonitorType', { monitorType: 'OBS_MONITORING_TYPE_MONITOR_AND_OUTPUT' });
    await next(samples, loud);
    await change('SetInputAudioTracks', { inputAudioTracks: { 1: false } });
    await next(samples, silent);
    await change('SetInputAudioTracks', { inputAudioTracks: { 1: true } });
    await next(samples, loud);
    await app.scenes.switchTo({ scene: 'Credits', to: 'program' });
    await next(samples, silent);
    release();
    const listening = app.client.listeners;
    const deaf = watch();
    await next(deaf.samples);
    assert.equal(deaf.samples.at(-1)?.sound, null);
    // to changes of the profile, as every watcher has it
    assert.equal(app.client.listeners, listening + 1);
  });

  it('asks for the way out of fifty inputs once, and hears all of them', async () => {
    await begin();
    const client = await bareClient(simulator.url, null);
    for (let index = 0; index < 50; index += 1)
      await client.call('CreateInput', {
        sceneName: 'Starting soon',
        inputName: `Microphone ${index}`,
        inputKind: 'pulse_input_capture',
      });
    await client.close();
    const { samples } = watch({ sound: true });
    const { sound } = await next(samples, (sample) => (sample.sound?.heard.length ?? 0) === 51);
    assert.ok(sound);
    const questions = asked('GetInputMute');
    assert.equal(questions, 51);
    await next(samples);
    await next(samples);
    assert.equal(asked('GetInputMute'), questions);
  });

  it('asks how far the recording is while one runs and somebody wants to know', async () => {
    await begin();
    const { samples, release } = watch();
    const client = await bareClient(simulator.url, null);
    await client.call('StartRecord');
    await next(samples, ({ recording }) => recording === 'recording');
    await next(samples);
    assert.equal(asked('GetRecordStatus') <= 1, true, 'at the connect alone');
    assert.match(samples.at(-1)?.recordingReading?.unknown ?? '', /nobody watches/);
    release();
    const watcher = watch({ recording: true });
    const first = await next(watcher.samples, (one) => (one.recordingReading?.durationMs ?? 0) > 0);
    const later = await next(
      watcher.samples,
      (one) => (one.recordingReading?.durationMs ?? 0) > first.recordingReading!.durationMs!,
    );
    assert.ok(later.recordingReading!.bytes! >= first.recordingReading!.bytes!);
    assert.equal(later.recordingReading!.lastEnd, null);
    await client.call('StopRecord');
    const over = await next(watcher.samples, ({ recording }) => recording === 'idle');
    assert.equal(over.recordingReading?.lastEnd?.expected, true);
    const count = asked('GetRecordStatus');
    await next(watcher.samples);
    await next(watcher.samples);
    assert.equal(asked('GetRecordStatus'), count);
    await client.close();
  });

  it('a recording that OBS ends by itself is one that nobody asked for', async () => {
    await begin();
    const { samples } = watch({ recording: true });
    const client = await bareClient(simulator.url, null);
    await client.call('StartRecord');
    await next(samples, ({ recording }) => recording === 'recording');
    simulator.faults.fillDisk();
    const over = await next(samples, ({ recording }) => recording === 'idle');
    assert.equal(over.recordingReading?.lastEnd?.expected, false);
    await client.close();
  });

  it('knows no bitrate where OBS does not tell it', async () => {
    await begin();
    const { samples } = watch();
    const target = async () => (await next(samples)).streams[0];
    assert.equal((await target())?.targetKbps, 2660);
    const set = (parameterCategory: string, parameterName: string, parameterValue: string | null) =>
      app.client.call('SetProfileParameter', { parameterCategory, parameterName, parameterValue });
    await set('SimpleOutput', 'VBitrate', '8000');
    const service = {
      streamServiceType: 'rtmp_common',
      streamServiceSettings: { service: 'Twitch', server: 'auto' },
    };
    await app.client.call('SetStreamServiceSettings', { ...service });
    await goLive();
    // OBS sends Twitch 6000 at most
    await next(samples, ({ streams }) => streams[0]?.targetKbps === 6160);
    await app.streams.stop();
    await set('Stream1', 'IgnoreRecommended', 'true');
    await goLive();
    await next(samples, ({ streams }) => streams[0]?.targetKbps === 8160);
    await app.streams.stop();
    await set('SimpleOutput', 'VBitrate', null);
    await set('Output', 'Mode', 'Advanced');
    await goLive();
    const advanced = await next(samples, ({ streams }) => streams[0]?.targetKbps === null);
    assert.match(advanced.streams[0]?.unknown.targetKbps ?? '', /advanced output mode/);
  });

  it('tells a disk that was nearly full from a folder that is not there', async () => {
    await begin();
    const { samples } = watch();
    await next(samples);
    simulator.health.figures({ availableDiskSpace: 0 });
    const doubted = await next(samples);
    assert.equal(doubted.statistics.freeDiskMegabytes, null);
    assert.match(doubted.unknown.freeDiskMegabytes ?? '', /folder/);
    simulator.health.figures({ availableDiskSpace: 120 });
    await next(samples, ({ statistics }) => statistics.freeDiskMegabytes === 120);
    simulator.health.figures({ availableDiskSpace: 0 });
    await next(samples, ({ statistics }) => statistics.freeDiskMegabytes === 0);
    simulator.health.figures({ activeFps: 0, averageFrameRenderTime: 0 });
    const young = await next(samples, ({ statistics }) => statistics.fps === null);
    assert.match(young.unknown.fps ?? '', /just started/);
  });
});
