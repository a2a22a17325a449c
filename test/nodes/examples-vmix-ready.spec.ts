// The example "Are we ready, and a picture of it", imported into a real Node-RED: as it comes, and on a vMix that is not ready.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { pictureSize } from '../../lib/production/picture-size';
import type { Check } from '../../lib/preflight/types';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { type NodeRed, startNodeRed } from '../editor/support';
import { tempDir, waitFor } from '../support';
import { Example, Receiver, type Msg } from './support/example';

const FOLDER = 'D:\\Pictures';

describe('The example that asks vMix whether we are ready', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let vmix: VmixSimulator | null = null;
  let told: Receiver;
  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(() => (told.got.length = 0));
  afterEach(async () => {
    await vmix?.close();
    vmix = null;
  });

  const first = (tap: string): Promise<Msg> =>
    waitFor(() => told.taps(tap)[0], {
      timeoutMs: 20_000,
      message: () => `a message; got ${told.got.length}`,
    });
  /** The flow may be just starting. */
  const press = (example: Example) =>
    waitFor(() =>
      example.press(nodeRed, 'are we ready?').then(
        () => true,
        () => false,
      ),
    );
  const picture = ({ payload }: Msg) => pictureSize(Buffer.from(payload.data));
  const failed = ({ payload }: Msg) =>
    payload.checks.filter(({ result }: Check) => result === 'failed').map(({ id }: Check) => id);

  it('comes as a rehearsal, which is all that is wrong, and has its picture', async () => {
    const example = new Example('09 vMix/06');
    Object.assign(example.node('live-preflight'), { waitSeconds: '20' });
    const answer = example.tap('live-preflight', 0, told);
    const shown = example.tap('what goes out', 0, told);
    await nodeRed.deploy(example.nodes);
    await press(example);
    const asked = await first(answer);
    assert.deepEqual(failed(asked), ['rehearsal'], JSON.stringify(asked));
    assert.deepEqual(picture(await first(shown)), { width: 640, height: 360 });
  });

  it('on a vMix of one’s own says what is wrong with it', async () => {
    vmix = await startVmixSimulator({ speed: 10, writeFiles: { [FOLDER]: tempDir('shared') } });
    const example = new Example('09 vMix/06').onVmix(vmix);
    Object.assign(example.node('live-preflight'), { waitSeconds: '20' });
    const answer = example.tap('live-preflight', 0, told);
    const fault = example.tap('anything wrong', 0, told);
    vmix.studio.inputs[1]!.buses = ['B'];
    await nodeRed.deploy(example.nodes);
    await press(example);
    assert.deepEqual(failed(await first(answer)), ['sound']);
    // no folder is shared yet: the picture is missing, and the flow says so
    await first(fault);
    assert.deepEqual(
      vmix.calls.filter(({ name }) => /snapshot/i.test(name)),
      [],
    );
  });
});
