// The nodes that hear a vMix: the same words as of OBS.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import type { VmixSimulator } from '../../simulators/vmix';
import {
  ON_VMIX,
  around,
  connectionIs,
  load,
  mixer,
  next,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
} from './support/rig';

describe('events of a vMix', () => {
  let vmix: VmixSimulator;
  beforeEach(async () => {
    vmix = await simulateVmix();
  });
  afterEach(tearDown);

  const listen = async (node: object) => {
    await load(
      around(
        { type: 'live-event', source: 'show', events: [], filters: [], limit: '100', ...ON_VMIX, ...node },
        vmixConnectionTo(vmix),
      ),
    );
    await connectionIs('ready', 'mixer');
  };

  it('tells a recording in the words of the package, with the file vMix chose', async () => {
    await listen({});
    await mixer().client.call({ name: 'StartRecording' });
    const { topic, payload, live } = await next('out', ({ topic }) => topic === 'recording_started');
    assert.equal(topic, 'recording_started');
    assert.match(String(payload.outputPath), /\.mp4$/);
    assert.deepEqual(
      [live.application, live.connection, live.output, live.expected, live.state],
      ['vmix', { id: 'mixer', name: 'Mixer' }, 'recording', true, 'recording'],
    );
  });

  it('tells raw events of the TCP port by their own names, and the tally', async () => {
    await listen({ source: 'raw', rawEvents: 'fadetoblack Tally' });
    await mixer().client.call({ name: 'FadeToBlack' });
    const { topic, payload, live } = await next('out', ({ payload }) => payload.name === 'FadeToBlack');
    assert.equal(topic, 'fadetoblack');
    assert.deepEqual(payload, { name: 'FadeToBlack', input: null, value: 1 });
    assert.equal(live.rawEvent, 'fadetoblack');
    await mixer().client.call({ name: 'CutDirect', input: '3' });
    const { payload: tally } = await next(
      'out',
      ({ topic, payload }) => topic === 'Tally' && payload.inputs[2] === 'program',
    );
    assert.equal(tally.inputs[0], 'off');
  });
});
