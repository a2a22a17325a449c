// The examples that stream with vMix, imported into a real Node-RED, on simulated applications. Only their times are made shorter.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { type NodeRed, startNodeRed } from '../editor/support';
import { freePort, waitFor } from '../support';
import { connected, connectedToVmix, Example, Receiver, startSimulator } from './support/example';

const FOLDER = '09 vMix/';

describe('The examples that stream with vMix', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let vmix: VmixSimulator;
  let told: Receiver;

  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(async () => {
    vmix = await startVmixSimulator({ speed: 5, random: () => 0.5 });
    told.got.length = 0;
  });
  afterEach(() => vmix.close());

  const live = () => [1, 2, 3, 4, 5].filter((channel) => vmix.channel(channel) === 'live');
  const liveAre = (channels: number[]) =>
    waitFor(() => live().join() === channels.join(), {
      timeoutMs: 20_000,
      message: () => `${channels.join()} live, it is ${live().join()}`,
    });
  const quick = (example: Example) => {
    for (const node of example.nodes)
      // a busy machine may press before the connection is there
      if (node.type === 'live-start-stream') Object.assign(node, { confirmSeconds: '1', waitSeconds: '10' });
    return example;
  };

  it('three platforms at once, each with its own address, and one of them off', async () => {
    const example = quick(new Example(`${FOLDER}01`).onVmix(vmix));
    const done = example.tap('go live on all three', 0, told);
    const gone = example.tap('a channel went off', 0, told);
    const off = example.tap('channel 2 off', 0, told);
    await nodeRed.deploy(example.nodes);
    await connectedToVmix(nodeRed, vmix);
    await example.press(nodeRed, 'go live');
    const { payload } = await waitFor(() => told.taps(done)[0], { timeoutMs: 20_000 });
    assert.deepEqual(
      (payload.streams as { output: string; target: string }[]).map(({ output, target }) => [output, target]),
      [
        ['stream1', 'Twitch'],
        ['stream2', 'YouTube'],
        ['stream3', 'Facebook'],
      ],
    );
    assert.deepEqual(
      [1, 2, 3].map((channel) => vmix.received(channel).url),
      ['rtmp://twitch.example/live', 'rtmp://youtube.example/live', 'rtmp://facebook.example/live'],
    );
    await example.press(nodeRed, 'YouTube off');
    await liveAre([1, 3]);
    await waitFor(() => told.taps(off).length === 1);
    vmix.studio.channels.end(3);
    const [unasked] = await waitFor(() => (told.taps(gone).length > 0 ? told.taps(gone) : undefined));
    assert.deepEqual([unasked!.topic, unasked!.payload.output], ['stream_stopped', 'stream3']);
    await example.press(nodeRed, 'all off');
    await liveAre([]);
    assert.equal(told.taps(gone).length, 1, 'what was asked for is no news');
  });

  it('two by message, one of them broken: the other stays, and output 2 says what became of each', async () => {
    const example = quick(new Example(`${FOLDER}01`).onVmix(vmix));
    const each = example.tap('where msg.target says', 1, told);
    await nodeRed.deploy(example.nodes);
    await connectedToVmix(nodeRed, vmix);
    await example.press(nodeRed, 'two, one of them broken');
    const { payload } = await waitFor(() => told.taps(each)[0], { timeoutMs: 45_000 });
    assert.deepEqual(
      (payload.streams as { output: string; state: string }[]).map(
        ({ output, state }) => `${output} ${state}`,
      ),
      ['stream1 live', 'stream4 idle'],
    );
    assert.deepEqual(live(), [1]);
  });

  describe('main and backup', () => {
    let example: Example;
    let obs: ObsSimulator;
    let main: string;
    let off: string;
    let back: string;

    beforeEach(async () => {
      obs = await startSimulator();
      example = quick(new Example(`${FOLDER}02`).on(obs).onVmix(vmix));
      example.node('for 10 s').duration = '2';
      main = example.tap('OBS to Main', 0, told);
      off = example.tap('OBS off', 0, told);
      back = example.tap('vMix takes over', 0, told);
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      await connectedToVmix(nodeRed, vmix);
    });
    afterEach(() => obs.close());

    const mainLive = async () => {
      await example.press(nodeRed, 'main: start');
      await waitFor(() => told.taps(main).length > 0, { timeoutMs: 20_000 });
    };

    it('vMix takes over when a start of OBS fails, and not when somebody stops OBS', async () => {
      await mainLive();
      await example.press(nodeRed, 'main: stop');
      await waitFor(() => told.taps(off).length > 0);
      await example.press(nodeRed, 'main: start, and it fails');
      const { payload } = await waitFor(() => told.taps(back)[0], { timeoutMs: 20_000 });
      assert.deepEqual([live(), payload.target], [[1], 'Backup']);
      const starts = vmix.calls.filter(({ name }) => name === 'StartStreaming').length;
      assert.equal(starts, 1, 'the end that somebody asked for was no reason');
      assert.equal(vmix.received(1).url, 'rtmp://backup.example/live');
      await example.press(nodeRed, 'back to main');
      await liveAre([]);
      await waitFor(() => obs.state.stream === 'live', { timeoutMs: 20_000 });
    });

    it('vMix takes over when OBS is lost while live', async () => {
      await mainLive();
      await obs.close();
      await liveAre([1]);
    });
  });

  it('the show waits for a vMix that is not there yet, streams and records, and ends', async () => {
    const [httpPort, tcpPort] = [await freePort(), await freePort()];
    const example = quick(new Example(`${FOLDER}03`));
    Object.assign(example.node('live-vmix-connection'), {
      connectTo: 'vmix',
      port: String(httpPort),
      tcpPort: String(tcpPort),
    });
    for (const name of ['weekdays 19:00', 'weekdays 21:00']) assert.equal(example.node(name).d, true);
    assert.equal(example.node('weekdays 19:00').crontab, '00 19 * * 1-5');
    await nodeRed.deploy(example.nodes);
    await example.press(nodeRed, 'begin now');
    await vmix.close();
    vmix = await startVmixSimulator({ httpPort, tcpPort, speed: 5 });
    await liveAre([1]);
    await waitFor(() => vmix.state.recording.on === true, { timeoutMs: 20_000 });
    await example.press(nodeRed, 'end now');
    await liveAre([]);
    await waitFor(() => vmix.state.recording.on === false);
  });
});
