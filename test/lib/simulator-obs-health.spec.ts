// The simulated OBS's health: calm by itself, and bad as a real OBS 29.0.2 was measured to be.
import assert from 'node:assert/strict';
import { EventSubscription } from 'obs-websocket-js/json';
import { readSmallPicture } from '../../lib/obs/small-picture';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator, ObsSimulatorOptions } from '../../simulators/obs/types';
import { type BareClient, bareClient } from '../contract/client';
import { waitFor } from '../support';

interface Level {
  inputName: string;
  inputLevelsMul: number[][];
}

describe('OBS simulator: health', () => {
  let simulator: ObsSimulator;
  let client: BareClient;

  async function begin(options: ObsSimulatorOptions = {}): Promise<void> {
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5, ...options });
    client = await bareClient(
      simulator.url,
      null,
      EventSubscription.All | EventSubscription.InputVolumeMeters | EventSubscription.InputActiveStateChanged,
    );
  }
  afterEach(async () => {
    await client.close();
    await simulator.close();
  });

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const status = () => client.call('GetStreamStatus');
  async function goLive(): Promise<void> {
    await client.call('StartStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STARTED' });
    await waitFor(async () => (await status()).outputTotalFrames > 3);
  }
  /** What the stream's counters grew by, and the bitrate, over `ms`. */
  async function measure(ms: number) {
    const [before, from] = [await status(), performance.now()];
    await pause(ms);
    const after = await status();
    return {
      kbps: ((after.outputBytes - before.outputBytes) * 8) / (performance.now() - from),
      frames: after.outputTotalFrames - before.outputTotalFrames,
      dropped: after.outputSkippedFrames - before.outputSkippedFrames,
      congestion: after.outputCongestion,
    };
  }
  const isNear = (value: number, wanted: number, off = 0.25) =>
    assert.ok(Math.abs(value - wanted) <= wanted * off, `${value} instead of ${wanted}`);

  it('is calm by itself', async () => {
    await begin();
    await goLive();
    const { kbps, dropped, congestion } = await measure(500);
    isNear(kbps, 2660);
    assert.deepEqual([dropped, congestion], [0, 0]);
    const stats = await client.call('GetStats');
    assert.equal(stats.outputSkippedFrames, 0);
    assert.ok(stats.renderSkippedFrames <= 2 && stats.cpuUsage < 50 && stats.availableDiskSpace > 50_000);
  });

  it('a weak uplink: congested at first, then frames are dropped, until it is well again', async () => {
    await begin();
    await goLive();
    simulator.health.uplink(0.4);
    await waitFor(async () => (await status()).outputCongestion === 1);
    const weak = await measure(600);
    isNear(weak.kbps, 2660 * 0.4, 0.35);
    isNear(weak.dropped, weak.frames * 0.6, 0.35);
    simulator.health.calm();
    const well = await measure(500);
    isNear(well.kbps, 2660);
    assert.deepEqual([well.dropped, well.congestion], [0, 0]);
    assert.equal(simulator.state.stream, 'live');
  });

  it('a stuck uplink: frames go on and are all dropped, until OBS finds it dead', async () => {
    await begin({ speed: 5 });
    await goLive();
    const told = client.events.length;
    simulator.health.uplink(0);
    await waitFor(async () => (await status()).outputSkippedFrames > 0);
    const stuck = await measure(400);
    assert.equal(stuck.kbps, 0);
    assert.ok(stuck.frames > 8 && Math.abs(stuck.dropped - stuck.frames) <= 1, JSON.stringify(stuck));
    await client.waitForEvent('StreamStateChanged', { state: 'RECONNECTING', from: told });
    simulator.health.uplink(1);
    await client.waitForEvent('StreamStateChanged', { state: 'RECONNECTED', from: told });
    const back = await status();
    assert.deepEqual([back.outputSkippedFrames, back.outputReconnecting], [0, false]);
  });

  it('a tired encoder, drops without congestion, and a congestion as told', async () => {
    await begin();
    await goLive();
    simulator.health.encoderBitrate(0.5);
    const tired = await measure(500);
    isNear(tired.kbps, 1330);
    assert.deepEqual([tired.dropped, tired.congestion], [0, 0]);
    simulator.health.calm();
    simulator.health.dropFrames(20);
    simulator.health.congestion(0.42);
    const lossy = await measure(700);
    isNear(lossy.dropped, lossy.frames * 0.2, 0.35);
    assert.equal(lossy.congestion, 0.42);
  });

  it('late frames and figures of the computer', async () => {
    await begin();
    await goLive();
    simulator.health.skipFrames(50);
    simulator.health.missFrames(20);
    simulator.health.figures({ cpuUsage: 93, availableDiskSpace: 400 });
    const before = await client.call('GetStats');
    await pause(600);
    const after = await client.call('GetStats');
    isNear(
      after.outputSkippedFrames - before.outputSkippedFrames,
      (after.outputTotalFrames - before.outputTotalFrames) / 2,
      0.2,
    );
    isNear(
      after.renderSkippedFrames - before.renderSkippedFrames,
      (after.renderTotalFrames - before.renderTotalFrames) / 5,
      0.3,
    );
    assert.deepEqual([after.cpuUsage, after.availableDiskSpace], [93, 400]);
    simulator.health.calm();
    const calm = await client.call('GetStats');
    assert.ok(calm.outputSkippedFrames >= after.outputSkippedFrames, 'a counter never goes back');
    assert.ok(calm.cpuUsage < 50);
  });

  it('a weak address, to rehearse an alert', async () => {
    await begin({ speed: 50 });
    await client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: { server: 'rtmp://weak.invalid/live', key: 'x' },
    });
    await goLive();
    await waitFor(async () => (await status()).outputCongestion === 1);
    await client.call('StopStream');
    await client.waitForEvent('StreamStateChanged', { state: 'STOPPED' });
    await client.call('SetStreamServiceSettings', {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: { server: 'rtmp://live.example/app' },
    });
    await goLive();
    assert.equal((await status()).outputCongestion, 0);
  });

  it('pictures that move, stand and are black', async () => {
    await begin();
    const look = async (sourceName: string) => {
      const size = { imageWidth: 64, imageHeight: 36 };
      const { imageData } = await client.call('GetSourceScreenshot', {
        sourceName,
        imageFormat: 'pgm',
        ...size,
      });
      const read = readSmallPicture(Buffer.from(imageData.slice(imageData.indexOf(',') + 1), 'base64'));
      return Buffer.from(read?.luma ?? []);
    };
    const moves = async (name: string) => {
      const before = await look(name);
      assert.equal(before.length, 64 * 36);
      await pause(120);
      return !(await look(name)).equals(before);
    };
    const isBlack = async (name: string) => (await look(name)).every((luma) => luma === 0);
    for (const { sceneName } of (await client.call('GetSceneList')).scenes as { sceneName: string }[])
      assert.equal(await moves(sceneName), true, sceneName);
    simulator.health.picture('Live', 'frozen');
    assert.deepEqual([await moves('Live'), await isBlack('Live')], [false, false]);
    simulator.health.picture('Camera', 'black');
    assert.equal(await isBlack('Interview'), true);
    simulator.health.picture('Live', null);
    assert.equal(await isBlack('Live'), true);
    simulator.health.media('Clip', 'stalled');
    assert.equal(await moves('Break'), false);
    simulator.health.media('Clip', 'ended');
    assert.equal(await isBlack('Break'), true);
    simulator.health.calm();
    assert.equal(await moves('Live'), true);
    await client.call('CreateScene', { sceneName: 'Empty' });
    assert.equal(await isBlack('Empty'), true);
    const grey = { color: 0xff808080, width: 64, height: 36 };
    await client.call('CreateInput', {
      sceneName: 'Empty',
      inputName: 'Grey',
      inputKind: 'color_source_v3',
      inputSettings: grey,
    });
    assert.ok((await look('Empty')).every((luma) => luma === 128));
  });

  it('levels of the inputs on air and no other, behind the fader', async () => {
    await begin();
    const levels = async (): Promise<Record<string, number[]>> => {
      const from = client.events.length;
      const { data } = await client.waitForEvent('InputVolumeMeters', { from });
      const inputs = data.inputs as Level[];
      return Object.fromEntries(
        inputs.map(({ inputName, inputLevelsMul }) => [inputName, inputLevelsMul[0] ?? []]),
      );
    };
    assert.deepEqual(Object.keys(await levels()), ['Clip']);
    await client.call('SetCurrentSceneTransition', { transitionName: 'Cut' });
    await client.waitForEvent('CurrentSceneTransitionChanged');
    await client.call('SetCurrentProgramScene', { sceneName: 'Live' });
    await client.waitForEvent('InputActiveStateChanged', {
      where: ({ inputName }) => inputName === 'Microphone',
    });
    simulator.health.sound('Microphone', -20);
    const [magnitude = 0, peak = 0, raw = 0] = (await levels()).Microphone ?? [];
    assert.ok(magnitude > 0 && magnitude < peak);
    assert.deepEqual([Math.round(peak * 1000), Math.round(raw * 1000)], [100, 100]);
    await client.call('SetInputVolume', { inputName: 'Microphone', inputVolumeMul: 0.5 });
    assert.equal(Math.round(((await levels()).Microphone?.[1] ?? 0) * 1000), 50);
    await client.call('SetInputMute', { inputName: 'Microphone', inputMuted: true });
    assert.deepEqual(
      (await levels()).Microphone?.map((level) => Math.round(level * 10)),
      [0, 0, 1],
    );
    const { sceneItemId } = await client.call('GetSceneItemId', {
      sceneName: 'Live',
      sourceName: 'Microphone',
    });
    await client.call('SetSceneItemEnabled', { sceneName: 'Live', sceneItemId, sceneItemEnabled: false });
    assert.deepEqual(await levels(), {});
    simulator.health.sound('Microphone', -Infinity);
    await client.call('SetInputMute', { inputName: 'Microphone', inputMuted: false });
    await client.call('SetSceneItemEnabled', { sceneName: 'Live', sceneItemId, sceneItemEnabled: true });
    assert.deepEqual((await levels()).Microphone, [0, 0, 0]);
  });

  it('media that stall, end, open for ever and go', async () => {
    await begin();
    const media = () => client.call('GetMediaInputStatus', { inputName: 'Clip' });
    const playing = await media();
    assert.equal(playing.mediaDuration, 60_000);
    simulator.health.media('Clip', 'stalled');
    const stalled = await media();
    await pause(60);
    assert.deepEqual(await media(), stalled);
    assert.equal(stalled.mediaState, 'OBS_MEDIA_STATE_PLAYING');
    simulator.health.media('Clip', 'unopened');
    assert.deepEqual(await media(), {
      mediaCursor: 0,
      mediaDuration: 0,
      mediaState: 'OBS_MEDIA_STATE_PLAYING',
    });
    simulator.health.media('Clip', 'ended');
    assert.deepEqual(await media(), {
      mediaCursor: null,
      mediaDuration: null,
      mediaState: 'OBS_MEDIA_STATE_ENDED',
    });
    simulator.health.media('Clip', 'missing');
    await assert.rejects(media(), { code: 600 });
    simulator.health.media('Clip', null);
    assert.ok((await media()).mediaCursor > playing.mediaCursor);
  });
});
