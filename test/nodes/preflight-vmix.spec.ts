/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { LiveError } from '../../lib/errors';
import type { Check } from '../../lib/preflight/types';
import type { VmixSimulator } from '../../simulators/vmix';
import {
  ON_VMIX,
  around,
  ask,
  badges,
  connectionIs,
  load,
  mixer,
  refuse,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type Msg,
} from './support/rig';

const PREFLIGHT = {
  type: 'live-preflight',
  checks: ['target', 'server', 'live', 'rehearsal', 'folder', 'disk', 'sound', 'picture', 'clock'],
  target: '',
  diskWarn: '1',
  diskFail: '0.5',
  profile: '',
  // left over from OBS, and hidden in the dialog
  collection: 'Evening',
  scenes: 'Live',
  sources: '',
  mustSound: '',
  timeServer: '',
  ffmpegPath: '',
  ifUnknown: 'warn',
  ifAway: 'answer',
  ...ON_VMIX,
};
const check = (msg: Msg, id: string): Check | undefined =>
  msg.payload.checks.find((one: Check) => one.id === id);

describe('preflight of a vMix, as a node', () => {
  let vmix: VmixSimulator;
  beforeEach(async () => {
    vmix = await simulateVmix();
  });
  afterEach(tearDown);
  const ready = async (node: object = {}) => {
    await load(around({ ...PREFLIGHT, ...node }, vmixConnectionTo(vmix)));
    await connectionIs('ready', 'mixer');
  };

  it('answers ready, says what nobody knows, and asks for nothing that vMix has not', async () => {
    await ready({ sources: '"Camera 1", 4', mustSound: 'Camera 1' });
    const msg = await ask({ topic: 'mine' });
    assert.equal(msg.payload.ready, true, JSON.stringify(msg.payload.checks, null, 1));
    const ids = msg.payload.checks.map(({ id }: Check) => id);
    for (const id of ['collection', 'scenes', 'bandwidthTest']) assert.ok(!ids.includes(id), id);
    assert.ok(!/\bOBS\b/.test(JSON.stringify(msg)), 'vMix is not called OBS');
    assert.deepEqual(
      [msg.live.application, msg.live.state, msg.live.confirmedBy, msg.topic],
      ['vmix', 'ready', 'application', 'mine'],
    );
    assert.match(msg.report.subject, /^Mixer: ready \(\d+ not known of \d+ checks\)$/);
    await waitFor(() => badges().at(-1) === 'degraded');
  });

  it('is not ready for an input that is muted, missing or there twice', async () => {
    await ready({ sources: 'Camera 9', mustSound: 'Camera 1, Camera 2' });
    vmix.studio.inputs[1]!.muted = true;
    const msg = await ask({});
    assert.equal(msg.payload.ready, false);
    assert.equal(check(msg, 'sound')?.message, '"Camera 1" is muted.');
    assert.equal(check(msg, 'sources')?.message, '"Camera 9" is missing.');
    await waitFor(() => badges().at(-1) === 'failed');
  });

  it('looks at the stream target that is chosen', async () => {
    const target = {
      id: 'target',
      type: 'live-stream-target',
      name: 'Elsewhere',
      service: 'srt',
      server: 'srt://receiver.example:9000',
      configVersion: 1,
    };
    await load(
      around({ ...PREFLIGHT, checks: ['target'], target: 'target' }, vmixConnectionTo(vmix), target),
    );
    await connectionIs('ready', 'mixer');
    const msg = await ask({});
    assert.match(check(msg, 'target')!.message, /"Elsewhere" is SRT, and vMix streams by RTMP only/);
  });

  it('that is away is an answer, or a failure where the dialog wants that', async () => {
    await ready();
    await vmix.quit();
    await waitFor(() => mixer().status().state !== 'ready');
    const msg = await ask({});
    assert.equal(msg.payload.ready, false);
    assert.deepEqual([check(msg, 'connection')?.result, msg.live.confirmedBy], ['failed', null]);
    await tearDown();
    await load(around({ ...PREFLIGHT, ifAway: 'fail' }, vmixConnectionTo(vmix)));
    await waitFor(() => mixer().status().state === 'waiting');
    // in a container the same has another code
    const { code } = mixer().status().fault as LiveError;
    assert.match(code, /^VMIX_(REFUSED|CONTAINER_LOOPBACK)$/);
    await refuse({}, code);
  });

  it('of a rehearsal is no show', async () => {
    const rehearsal = { ...vmixConnectionTo({ httpPort: 1, tcpPort: 1 }), connectTo: 'rehearsal' };
    await load(around({ ...PREFLIGHT, waitSeconds: '10' }, rehearsal));
    const msg = await ask({});
    assert.equal(msg.payload.ready, false);
    assert.equal(check(msg, 'rehearsal')?.result, 'failed');
    assert.match(check(msg, 'rehearsal')!.advice!, /set Connect to to vMix/);
  });
});
