// The examples of "set source", imported into a real Node-RED, on simulated applications.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { startVmixSimulator } from '../../simulators/vmix';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { connected, connectedToVmix, Example, Receiver, startSimulator } from './support/example';

describe('The examples of changed sources', function () {
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
  beforeEach(() => void (told.got.length = 0));

  /** Not everybody wants to wait five seconds. */
  const quick = (example: Example) => Object.assign(example.node('delay'), { timeout: '0.2' });

  it('the scene on air drives a light and a lower third', async () => {
    const obs: ObsSimulator = await startSimulator();
    try {
      const example = new Example('11 Sources on air/04').on(obs);
      quick(example);
      const light = [example.tap('ON', 0, told), example.tap('OFF', 0, told)] as const;
      const [shown, hidden] = [example.tap('show it', 0, told), example.tap('hide it', 0, told)];
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      await example.press(nodeRed, 'Interview');
      await waitFor(() => told.taps(hidden).length === 1, { message: 'the lower third to be hidden again' });
      assert.equal(told.taps(light[0]).length, 1);
      assert.equal(told.taps(shown)[0]!.payload.now, true);
      assert.equal(told.taps(hidden)[0]!.payload.now, false);
      const texts = obs.calls.filter(({ requestType }) => requestType === 'SetInputSettings');
      assert.match(JSON.stringify(texts[0]?.requestData), /Ann Example/);
      const before = told.taps(light[1]).length;
      await example.press(nodeRed, 'Break');
      await waitFor(() => told.taps(light[1]).length > before, { message: 'the light to go out' });
    } finally {
      await obs.close();
    }
  });

  it('a title of vMix is filled before it comes in, and goes out again', async () => {
    const vmix = await startVmixSimulator({ speed: 10, random: () => 0.5 });
    try {
      const example = new Example('11 Sources on air/05').onVmix(vmix);
      quick(example);
      const goesOut = example.nodes.filter(({ type }) => type === 'live-set-source').at(-1)!;
      goesOut.name = 'goes out';
      const [shown, hidden] = [example.tap('in', 0, told), example.tap('goes out', 0, told)];
      await nodeRed.deploy(example.nodes);
      await connectedToVmix(nodeRed, vmix);
      await example.press(nodeRed, 'Ann');
      await waitFor(() => told.taps(hidden).length === 1, { message: 'the title to go out again' });
      assert.equal(told.taps(shown)[0]!.payload.now, true);
      const sent = vmix.calls.filter(({ via, name }) => via === 'http' && name !== 'state');
      assert.deepEqual(
        sent.map(({ name, parameters: { value } }) => [name, value]),
        [
          ['SetText', 'Ann Example'],
          ['SetText', 'Geologist'],
          ['OverlayInput1In', undefined],
          ['OverlayInput1Out', undefined],
        ],
      );
      assert.equal(vmix.studio.overlays[0]?.inputNumber, null);
    } finally {
      await vmix.close();
    }
  });
});
