// The example "Record and switch with buttons", imported into a real Node-RED, on a simulated vMix: every button does what it says.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { functionsSent } from '../support/mixers';
import { connectedToVmix, Example, Receiver } from './support/example';

describe('The example of recording and switching vMix with buttons', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let vmix: VmixSimulator;
  let told: Receiver;
  let example: Example;
  const press = (name: string) => example.press(nodeRed, name);
  const until = (shown: () => unknown, what: string) =>
    waitFor(shown, { message: () => `${what}; sent: ${functionsSent(vmix).join(', ')}` });
  const onAir = (title: string) => until(() => titleOf(vmix.studio.active) === title, `${title} on air`);
  const titleOf = (number: number) => vmix.studio.inputs[number - 1]?.title;

  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(async () => {
    vmix = await startVmixSimulator({ speed: 10, random: () => 0.5 });
    told.got.length = 0;
    example = new Example('09 vMix/04').onVmix(vmix);
  });
  afterEach(() => vmix.close());

  const deploy = async () => {
    await nodeRed.deploy(example.nodes);
    await connectedToVmix(nodeRed, vmix);
  };

  it('records, switches outputs and inputs, and says what vMix cannot do', async () => {
    const recorded = example.tap('recording', 0, told);
    const status = example.tap('status', 0, told);
    const events = example.tap('recordings, outputs and inputs', 0, told);
    const faults = example.tap('anything wrong', 0, told);
    await deploy();
    await press('start recording');
    await until(() => told.taps(recorded).length === 1, 'the recording to be told');
    assert.equal(told.taps(recorded)[0]!.payload.outputPath, vmix.state.recording.files[0]);
    await press('pause');
    await until(() => told.taps(faults).length === 1, 'a fault');
    await press('start MultiCorder');
    await press('external on');
    await until(() => vmix.state.multiCorder && vmix.state.external, 'MultiCorder and external output');

    await press('cut');
    await onAir('Camera 1');
    await press('fade');
    await onAir('Camera 2');
    await press('as set in vMix');
    await onAir('Pause');
    await press('preview');
    await until(() => titleOf(vmix.studio.preview) === 'Intro.mp4', 'the preview');
    await press('Black');
    await onAir('Black');
    await press('number 3');
    await onAir('Camera 2');
    await press('how is it?');
    await until(() => told.taps(status).length === 1, 'a status');
    assert.equal(told.taps(status)[0]!.payload.vmix.programInput.title, 'Camera 2');

    await press('stop MultiCorder');
    await press('external off');
    await press('stop recording');
    await until(() => told.taps(recorded).length === 2 && !vmix.state.external, 'all of it to stop');
    await until(() => told.taps(events).length === 11, 'what happened');
    const sent = functionsSent(vmix);
    assert.deepEqual(
      sent.filter((one) => /^(StartStop|Fade$|Cut$|Transition)/.test(one)),
      [],
      'no toggle, and no transition without an input',
    );
  });

  it('the emergency stop ends everything', async () => {
    const stopped = example.tap('stop all', 0, told);
    await deploy();
    await press('start recording');
    await press('start MultiCorder');
    vmix.studio.channels.start('0');
    await until(
      () => vmix.state.recording.on && vmix.state.multiCorder && vmix.state.streaming.on,
      'everything to run',
    );
    await press('STOP EVERYTHING');
    await until(() => told.taps(stopped).length === 1, 'the report');
    const { recording, multiCorder, streaming } = vmix.state;
    assert.deepEqual([recording.on, multiCorder, streaming.on], [false, false, false]);
    const left = (told.taps(stopped)[0]!.payload as { state: string }[]).filter(
      ({ state }) => state !== 'idle',
    );
    assert.deepEqual(left, []);
  });
});
