// The simulated stream: the sequences, figures and traps measured on a real OBS 29.0.2.
import assert from 'node:assert/strict';
import { startObsSimulator } from '../../simulators/obs';
import type { ObsSimulator, ObsSimulatorOptions } from '../../simulators/obs/types';
import { type BareClient, bareClient } from '../contract/client';
import { waitFor } from '../support';

describe('OBS simulator: stream', () => {
  let simulator: ObsSimulator;
  let client: BareClient;

  async function begin(options: ObsSimulatorOptions = {}): Promise<void> {
    // 0.5 takes every chance out: no disorder, no lingering, no null
    simulator = await startObsSimulator({ speed: 10, random: () => 0.5, ...options });
    client = await bareClient(simulator.url, null);
  }
  afterEach(async () => {
    await client.close();
    await simulator.close();
  });

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const states = () => client.states('StreamStateChanged');
  const until = (state: string, from = 0) => client.waitForEvent('StreamStateChanged', { state, from });
  const serve = (settings: Record<string, unknown>, streamServiceType = 'rtmp_custom') =>
    client.call('SetStreamServiceSettings', { streamServiceType, streamServiceSettings: settings as never });
  const parameter = (parameterName: string, parameterValue: string) =>
    client.call('SetProfileParameter', { parameterCategory: 'Output', parameterName, parameterValue });

  it('goes live and stops; the figures rise, and keep their last value', async () => {
    await begin();
    await client.call('StartStream');
    assert.equal((await client.call('GetStreamStatus')).outputActive, false);
    await until('STARTED');
    await waitFor(async () => (await client.call('GetStreamStatus')).outputTotalFrames > 5);
    const live = await client.call('GetStreamStatus');
    assert.ok(live.outputBytes > 0 && live.outputDuration > 0);
    await assert.rejects(client.call('StartStream'), { code: 500, message: '' });
    await assert.rejects(serve({ key: 'x' }), { code: 500, message: /while streaming/ });
    await client.call('StopStream');
    await until('STOPPED');
    const final = await client.call('GetStreamStatus');
    assert.equal(final.outputActive, false);
    assert.equal(final.outputDuration, 0);
    assert.ok(final.outputTotalFrames >= live.outputTotalFrames && final.outputBytes >= live.outputBytes);
    assert.deepEqual(states(), ['STARTING', 'STARTED', 'STOPPING', 'STOPPED']);
    assert.deepEqual(
      client.events.map((event) => event.data.outputActive),
      [false, true, false, false],
    );
    await assert.rejects(client.call('StopStream'), { code: 501, message: '' });
  });

  it('measures the bitrate of the profile at any speed', async () => {
    await begin({ speed: 50 });
    await client.call('StartStream');
    await until('STARTED');
    await pause(400);
    const [first, at] = [await client.call('GetStreamStatus'), performance.now()];
    await pause(600);
    const second = await client.call('GetStreamStatus');
    const kbps = ((second.outputBytes - first.outputBytes) * 8) / (performance.now() - at);
    assert.ok(kbps > 2000 && kbps < 3300, `${kbps} kbit/s`);
  });

  for (const [what, settings] of [
    ['refused', { server: 'rtmp://refused.invalid/live', key: 'k' }],
    ['no server', { server: '', key: '' }],
  ] as const) {
    it(`fails at once, without STARTED and STOPPING: ${what}`, async () => {
      await begin();
      await serve(settings);
      await client.call('StartStream');
      await until('STOPPED');
      assert.deepEqual(states(), ['STARTING', 'STOPPED']);
    });
  }

  it('fails at once for a service nobody knows, which it stored without a word', async () => {
    await begin();
    await serve({ service: 'Nope', server: 'auto', key: 'k' }, 'rtmp_common');
    await client.call('StartStream');
    await until('STOPPED');
    await serve({ service: 'Twitch', server: 'auto', key: 'k' }, 'rtmp_common');
    await client.call('StartStream');
    await until('STARTED');
  });

  it('waits 3 s for an SRT listener', async () => {
    await begin();
    await serve({ server: 'srt://refused.invalid:9000?mode=caller', key: '' });
    const asked = Date.now();
    await client.call('StartStream');
    await until('STOPPED');
    const took = (Date.now() - asked) * 10;
    assert.ok(took >= 2900 && took < 25_000, `${took} ms`);
    const { outputs } = await client.call('GetOutputList');
    assert.equal((outputs[0] as Record<string, unknown>).outputKind, 'ffmpeg_mpegts_muxer');
  });

  it('hangs for 30.6 s in a handshake, which nothing cancels', async () => {
    await begin({ speed: 50 });
    await serve({ server: 'rtmp://hang.invalid/live', key: 'k' });
    const asked = Date.now();
    await client.call('StartStream');
    await until('STARTING');
    await assert.rejects(client.call('StopStream'), { code: 501 });
    await assert.rejects(client.call('StopOutput', { outputName: 'simple_stream' }), { code: 501 });
    await client.call('TriggerHotkeyByName', { hotkeyName: 'OBSBasic.ForceStopStreaming' });
    await client.call('StartStream');
    await until('STOPPED');
    assert.ok((Date.now() - asked) * 50 >= 30_000);
    assert.equal(simulator.crashed, false);
  });

  it('flaps for ever where the key is rejected, and ends at once without Reconnect', async () => {
    await begin({ speed: 40 });
    await serve({ server: 'rtmp://live.example/app', key: 'wrong' });
    await client.call('StartStream');
    await waitFor(() => states().filter((state) => state === 'RECONNECTED').length >= 3);
    assert.deepEqual(states().slice(0, 5), [
      'STARTING',
      'STARTED',
      'RECONNECTING',
      'RECONNECTED',
      'RECONNECTING',
    ]);
    await waitFor(async () => (await client.call('GetStreamStatus')).outputReconnecting);
    const status = await client.call('GetStreamStatus');
    assert.equal(status.outputActive, true);
    assert.ok(status.outputTotalFrames <= 1);
    await client.call('StopStream');
    await until('STOPPED');
    await parameter('Reconnect', 'false');
    const from = client.events.length;
    await client.call('StartStream');
    await until('STOPPED', from);
    assert.deepEqual(states().slice(-3), ['STARTING', 'STARTED', 'STOPPED']);
  });

  it('reconnects when the server goes and comes, with counters from 0', async () => {
    await begin();
    await parameter('RetryDelay', '1');
    await client.call('StartStream');
    await waitFor(async () => (await client.call('GetStreamStatus')).outputTotalFrames > 10);
    simulator.faults.loseServer();
    await waitFor(() => states().filter((state) => state === 'RECONNECTING').length >= 2);
    const lost = await client.call('GetStreamStatus');
    assert.equal(lost.outputBytes, 0);
    assert.ok(lost.outputTotalFrames > 10);
    assert.equal(simulator.state.stream, 'reconnecting');
    simulator.faults.restoreServer();
    await until('RECONNECTED');
    assert.ok((await client.call('GetStreamStatus')).outputTotalFrames < 10);
  });

  it('gives up after MaxRetries: STOPPED without STOPPING', async () => {
    await begin({ speed: 20 });
    await parameter('RetryDelay', '1');
    await parameter('MaxRetries', '3');
    await client.call('StartStream');
    await until('STARTED');
    simulator.faults.loseServer();
    await until('STOPPED');
    assert.deepEqual(states().slice(2), ['RECONNECTING', 'RECONNECTING', 'RECONNECTING', 'STOPPED']);
  });

  it('dies of a second start while it connects', async () => {
    await begin();
    await client.call('StartStream');
    client.call('StartStream').catch(() => undefined);
    await waitFor(() => client.closed !== undefined);
    assert.equal(client.closed, 1006);
    assert.deepEqual([simulator.crashed, simulator.listening, simulator.clients], [true, false, 0]);
  });

  for (const way of ['ToggleStream', 'StartOutput', 'TriggerHotkeyByName'] as const) {
    it(`dies of it by ${way} too`, async () => {
      await begin();
      const data = {
        StartOutput: { outputName: 'simple_stream' },
        TriggerHotkeyByName: { hotkeyName: 'OBSBasic.StartStreaming' },
        ToggleStream: undefined,
      }[way];
      await client.call('StartStream');
      client.call(way, data as never).catch(() => undefined);
      await waitFor(() => simulator.crashed);
    });
  }

  it('lingers active after STOPPED, and takes a new start all the same', async () => {
    await begin();
    simulator.faults.lingerMs = 5000;
    await client.call('StartStream');
    await until('STARTED');
    await client.call('StopStream');
    await until('STOPPED');
    assert.equal((await client.call('GetStreamStatus')).outputActive, true);
    const from = client.events.length;
    await client.call('StartStream');
    await until('STARTED', from);
  });

  it('overlays settings of the same type and replaces those of another', async () => {
    await begin();
    await serve({ server: 'rtmp://a/b', key: 'k', use_auth: true, username: 'u', password: 'p' });
    await serve({ server: 'rtmp://c/d' });
    const { streamServiceSettings } = await client.call('GetStreamServiceSettings');
    assert.deepEqual(streamServiceSettings, {
      server: 'rtmp://c/d',
      key: 'k',
      use_auth: true,
      username: 'u',
      password: 'p',
    });
    await serve({ service: 'Twitch', server: 'auto', key: 'z' }, 'rtmp_common');
    assert.deepEqual(simulator.state.service.settings, { service: 'Twitch', server: 'auto', key: 'z' });
    await assert.rejects(serve({ server: 'https://x' }, 'whip_custom'), { code: 700 });
  });

  it('delays: STARTED late, no data before the next key frame, STOPPED late', async () => {
    await begin({ speed: 20 });
    await parameter('DelayEnable', 'true');
    await parameter('DelaySec', '4');
    const asked = Date.now();
    await client.call('StartStream');
    await until('STARTED');
    assert.ok((Date.now() - asked) * 20 >= 4000);
    assert.equal((await client.call('GetStreamStatus')).outputTotalFrames, 0);
    await waitFor(async () => (await client.call('GetStreamStatus')).outputTotalFrames > 0);
    assert.ok((Date.now() - asked) * 20 >= 12_000);
    const stopping = Date.now();
    await client.call('StopStream');
    await until('STOPPED');
    assert.ok((Date.now() - stopping) * 20 >= 4000);
  });

  it('starts by output, toggle and hotkey; a pressed hotkey silences its partner', async () => {
    await begin({ speed: 20 });
    await assert.rejects(client.call('StartOutput', { outputName: 'simple_stream' }), { code: 600 });
    await client.call('ToggleStream');
    await until('STARTED');
    assert.deepEqual(await client.call('ToggleStream'), { outputActive: false });
    await until('STOPPED');
    let from = client.events.length;
    await client.call('StartOutput', { outputName: 'simple_stream' });
    await until('STARTED', from);
    assert.deepEqual(states().slice(4), ['STARTED']);
    await client.call('StopOutput', { outputName: 'simple_stream' });
    await until('STOPPED', from);
    from = client.events.length;
    await client.call('TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StartStreaming' });
    await until('STARTED', from);
    await client.call('TriggerHotkeyByName', { hotkeyName: 'OBSBasic.StopStreaming' });
    await pause(50);
    assert.equal(simulator.state.stream, 'live');
  });

  it('tells a null congestion after a failed start where asked', async () => {
    await begin();
    simulator.faults.nullCongestion = true;
    simulator.faults.refuseStreams();
    await client.call('StartStream');
    await until('STOPPED');
    assert.equal((await client.call('GetStreamStatus')).outputCongestion, null);
  });

  it("newer OBS: an empty server is STARTING and then nothing; two starts don't kill it", async () => {
    await begin({ profile: 'obs-30', speed: 20 });
    await serve({ server: '', key: '' });
    await client.call('StartStream');
    await until('STARTING');
    await pause(150);
    assert.deepEqual(states(), ['STARTING']);
    assert.equal(simulator.state.stream, 'idle');
    await serve({ server: 'rtmp://live.example/app', key: 'k' });
    await client.call('StartStream');
    await client.call('StartStream');
    await until('STARTED');
    assert.equal(simulator.crashed, false);
  });
});
