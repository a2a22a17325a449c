/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
// The examples of SRT, imported into a real Node-RED, on a simulated OBS and a simulated vMix.
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { connected, connectedToVmix, Example, Receiver, startSimulator } from './support/example';

describe('The examples of SRT', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let told: Receiver;

  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  afterEach(() => void (told.got.length = 0));

  describe('SRT out of OBS to a listening ffmpeg', () => {
    let obs: ObsSimulator;
    afterEach(() => obs.close());

    it('starts and stops, tells both, and says what OBS lacks for a second output', async () => {
      obs = await startSimulator();
      const example = new Example('10 SRT/01').on(obs);
      example.node('SRT to ffmpeg').confirmSeconds = '1';
      const done = example.tap('SRT to ffmpeg', 0, told);
      const events = example.tap('SRT events', 0, told);
      const fault = example.tap('anything wrong', 0, told);
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      await example.press(nodeRed, 'start');
      await waitFor(() => told.taps(done).length === 1, { timeoutMs: 20_000, message: 'the start' });
      assert.equal(obs.state.service.settings.server, 'srt://127.0.0.1:9000?mode=caller&latency=120000');
      assert.equal(told.taps(done)[0]?.payload.state, 'live');
      await example.press(nodeRed, 'stop');
      await waitFor(() => told.taps(done).length === 2, { message: 'the stop' });
      await waitFor(() => told.taps(events).length === 2, { message: 'both events' });
      assert.deepEqual(
        told.taps(events).map(({ topic }) => String(topic)),
        ['srt_stream_started', 'srt_stream_stopped'],
      );
      await example.press(nodeRed, 'arm');
      await waitFor(() => told.taps(fault).length === 1, { message: 'the fault' });
    });
  });

  describe('SRT contribution with recording', () => {
    let vmix: VmixSimulator;
    afterEach(() => vmix.close());

    it('sends and records, ends both, and tells of a line that is lost', async () => {
      vmix = await startVmixSimulator({ speed: 10, random: () => 0.5 });
      const example = new Example('10 SRT/02').onVmix(vmix);
      const started = example.tap('and record', 0, told);
      const ended = example.tap('stop SRT', 0, told);
      const lost = example.tap('asked for?', 1, told);
      await nodeRed.deploy(example.nodes);
      await connectedToVmix(nodeRed, vmix);
      const sends = () => vmix.state.outputs?.some(({ srt }) => srt) === true;
      await example.press(nodeRed, 'go');
      await waitFor(() => told.taps(started).length === 1, { timeoutMs: 40_000, message: 'the recording' });
      assert.deepEqual([sends(), vmix.state.recording.on], [true, true]);
      await example.press(nodeRed, 'end');
      await waitFor(() => told.taps(ended).length === 1, { timeoutMs: 40_000, message: 'the end' });
      assert.deepEqual([sends(), vmix.state.recording.on], [false, false]);
      assert.equal(told.taps(lost).length, 0);
      await example.press(nodeRed, 'go');
      await waitFor(() => told.taps(started).length === 2, { timeoutMs: 40_000, message: 'the recording' });
      await fetch(`${vmix.url}/api/?Function=StopSRTOutput&Value=0`);
      await waitFor(() => told.taps(lost).length === 1, { timeoutMs: 20_000, message: 'the lost line' });
      assert.equal(told.taps(lost)[0]?.topic, 'srt_stream_stopped');
    });
  });
});
