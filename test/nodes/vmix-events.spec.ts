// The nodes that hear a vMix: the same words as of OBS.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import type { VmixSimulator } from '../../simulators/vmix';
import { freePort } from '../support/ports';
import {
  ON_VMIX,
  around,
  badges,
  connectionIs,
  heardBy,
  load,
  logged,
  mixer,
  next,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
} from './support/rig';

const EVENT = { type: 'live-event', source: 'show', events: [], filters: [], limit: '100' };

describe('events of a vMix', () => {
  let vmix: VmixSimulator;
  beforeEach(async () => {
    vmix = await simulateVmix();
  });
  afterEach(tearDown);

  const listen = async (node: object) => {
    await load(around({ ...EVENT, ...ON_VMIX, ...node }, vmixConnectionTo(vmix)));
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
    assert.equal(topic, 'FadeToBlack');
    assert.deepEqual(payload, { name: 'FadeToBlack', input: null, value: 1 });
    assert.equal(live.rawEvent, 'FadeToBlack');
    assert.equal(live.event, null);
    await mixer().client.call({ name: 'CutDirect', input: '3' });
    const { payload: tally } = await next(
      'out',
      ({ topic, payload }) => topic === 'Tally' && payload.inputs[2] === 'program',
    );
    assert.equal(tally.inputs[0], 'off');
  });

  it('tells the tally once for each change, and not what a connection begins with', async () => {
    await listen({ source: 'raw', rawEvents: 'TALLY tally' });
    const told = () => heardBy('out').map(({ payload }) => payload.inputs.join());
    await mixer().client.call({ name: 'CutDirect', input: '3' });
    await waitFor(() => told().length === 2);
    assert.equal(new Set(told()).size, 1, 'each name hears it once');
    // an overlay of the input that is on air: vMix sends the same tally again
    vmix.studio.overlay(1, 3);
    vmix.studio.overlay(1, null);
    await mixer().client.call({ name: 'CutDirect', input: '4' });
    await waitFor(() => told().length === 4);
    assert.equal(new Set(told()).size, 2);
    // back after a restart it is another one: that is told, once
    await vmix.restart();
    vmix.studio.show(2, 1);
    await waitFor(() => told().some((tally) => tally.startsWith('preview,program')), { timeoutMs: 15_000 });
    const all = told();
    assert.deepEqual(
      all.filter((tally, at) => at > 1 && tally === all[at - 2]),
      [],
      'none is told twice in a row',
    );
  });

  it('warns of names that no vMix tells, and hears the others', async () => {
    await listen({ source: 'raw', rawEvents: 'FadeToBlak, recording' });
    const warned = () => logged().map(({ text }) => text);
    assert.equal(warned().filter((text) => /"FadeToBlak".*Did you mean FadeToBlack\?/.test(text)).length, 1);
    assert.ok(!warned().some((text) => text.includes('"recording"')));
    vmix.studio.record(true);
    assert.equal((await next('out')).topic, 'Recording');
    // one that we do not know comes all the same
    vmix.studio.tell('FadeToBlak 1');
    assert.equal((await next('out', ({ topic }) => topic === 'FadeToBlak')).payload.value, 1);
  });

  it('says that raw events need the TCP port, and shows when it is away', async () => {
    vmix = await simulateVmix({ tcpPort: null });
    await listen({ source: 'raw', rawEvents: 'Recording' });
    assert.ok(logged().some(({ text }) => text.includes('[VMIX_NO_RAW_EVENTS]')));
    assert.equal(badges().at(-1), 'degraded');
    await tearDown();
    const port = await freePort();
    vmix = await simulateVmix({ tcpPort: null });
    await load(
      around(
        { ...EVENT, source: 'raw', rawEvents: 'Recording', ...ON_VMIX },
        vmixConnectionTo({ httpPort: vmix.httpPort, tcpPort: port }),
      ),
    );
    await connectionIs('ready', 'mixer');
    await waitFor(() => badges().at(-1) === 'degraded');
    const late = await simulateVmix({ tcpPort: port });
    await waitFor(() => badges().at(-1) === 'ready', { timeoutMs: 15_000 });
    late.studio.record(true);
    assert.equal((await next('out')).topic, 'Recording');
  });
});
