/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- a message carries anything */
// The health alert node on a vMix: what its state can tell is told, and recovers; what it cannot is unknown with a reason.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VmixSimulator } from '../../simulators/vmix';
import { tempDir } from '../support/temp';
import { alerts, HEALTH, report } from './support/health';
import {
  around,
  badges,
  connectionIs,
  heardBy,
  load,
  mixer,
  next,
  ON_VMIX,
  refuse,
  send,
  settle,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type FlowNode,
} from './support/rig';

/** Everything at once, and well again soon. */
const OFTEN = Object.fromEntries(
  ['fadedOut', 'muted', 'offline', 'callDropped'].map((rule) => [
    rule,
    { warn: 'off', critical: 'on', criticalSeconds: '0', clearSeconds: '0' },
  ]),
);
const SOON = Object.fromEntries(
  ['recordingStopped', 'srtStopped', 'outputStopped'].map((rule) => [rule, { clearSeconds: '0' }]),
);
const ON_ALL = {
  ...HEALTH,
  ...ON_VMIX,
  watch: [
    'stream',
    'recording',
    'outputs',
    'computer',
    'disk',
    'black',
    'faded',
    'silent',
    'muted',
    'offline',
  ],
  when: 'always',
  overrides: { ...OFTEN, ...SOON, silent: { critical: 'off' } },
};

describe('health alert on vMix', function () {
  this.timeout(60_000);
  let vmix: VmixSimulator;
  beforeEach(async () => {
    vmix = await simulateVmix();
  });
  afterEach(tearDown);

  const deploy = async (more: Partial<FlowNode> = {}, connection: Partial<FlowNode> = {}) => {
    await load(around({ ...ON_ALL, ...more }, vmixConnectionTo(vmix, { pollSeconds: '0.5', ...connection })));
    await connectionIs('ready', 'mixer');
    // what was over before the first reading is no news
    await waitFor(() => badges().length > 0);
    await settle(700);
  };
  const call = (name: string, value?: number) =>
    mixer().client.call(value === undefined ? { name } : { name, value });
  const told = () => alerts().map(({ change, rules }) => `${change} ${rules.map(({ rule }) => rule).join()}`);
  const alert = (change: string, rule: string) =>
    next(
      'out',
      (msg) =>
        msg.alert.change === change && msg.alert.rules.some((one: { rule: string }) => one.rule === rule),
      20_000,
    );

  it('a channel that goes off is told, honestly, and is over when it is live again', async () => {
    await deploy();
    await call('StartStreaming', 1);
    await waitFor(() => vmix.channel(2) === 'live');
    await waitFor(() => mixer().client.state?.streaming.channels[2] === true);
    await settle(700);
    assert.deepEqual(told(), []);
    assert.equal(badges().at(-1), 'unknown', 'live, and no figure says that it is well');
    vmix.studio.channels.end(2);
    const { alert: opened, payload, live } = await alert('opened', 'unexpectedStop');
    assert.match(opened.title, /Stream "stream2": it went off, and Mixer does not say who stopped it/);
    assert.deepEqual(
      [opened.severity, opened.subject, live.output, live.application],
      ['critical', 'stream2', 'stream2', 'vmix'],
    );
    assert.match(payload, /What to try first/);
    assert.doesNotMatch(payload, /OBS/);
    await waitFor(() => badges().at(-1) === 'critical');
    await call('StartStreaming', 1);
    await alert('recovered', 'unexpectedStop');
    await waitFor(() => badges().at(-1) === 'unknown');
    assert.deepEqual(told(), ['opened unexpectedStop', 'recovered unexpectedStop']);
    // the badge has not flapped on the way
    const shown = badges().filter((one, index, all) => one !== all[index - 1]);
    assert.deepEqual(shown.slice(shown.indexOf('ready')), ['ready', 'unknown', 'critical', 'unknown']);
  });

  it('what is stopped here is no fault: stream, recording, SRT, External, MultiCorder', async () => {
    await deploy();
    for (const [start, value] of [
      ['StartStreaming', 0],
      ['StartRecording'],
      ['StartSRTOutput', 0],
      ['StartExternal'],
      ['StartMultiCorder'],
    ] as const)
      await call(start, value);
    await waitFor(() => vmix.channel(1) === 'live' && mixer().client.state?.multiCorder === true);
    await settle(1_500);
    for (const [stop, value] of [
      ['StopStreaming', 0],
      ['StopRecording'],
      ['StopSRTOutput', 0],
      ['StopExternal'],
      ['StopMultiCorder'],
    ] as const)
      await call(stop, value);
    await waitFor(
      () => mixer().client.state?.multiCorder === false && mixer().client.state?.recording.on === false,
    );
    await settle(1_500);
    assert.deepEqual(told(), []);
  });

  it('recording, SRT and MultiCorder that go off, each for itself', async () => {
    await deploy();
    await call('StartRecording');
    await call('StartSRTOutput', 1);
    await call('StartMultiCorder');
    await waitFor(
      () => mixer().client.state?.multiCorder === true && mixer().client.state?.recording.on === true,
    );
    vmix.studio.record(false, 0);
    vmix.studio.srt(2, false, 0);
    vmix.studio.setFlag('multiCorder', false, 0);
    const recording = await alert('opened', 'recordingStopped');
    assert.match(recording.alert.title, /^Recording: it went off, and Mixer does not say who stopped it/);
    const srt = await alert('opened', 'srtStopped');
    assert.deepEqual([srt.alert.subject, srt.alert.severity, srt.live.output], ['srt2', 'critical', null]);
    const multi = await alert('opened', 'outputStopped');
    assert.deepEqual([multi.alert.subject, multi.alert.severity], ['multicorder', 'degraded']);
    await call('StartRecording');
    await call('StartSRTOutput', 1);
    await call('StartMultiCorder');
    for (const rule of ['recordingStopped', 'srtStopped', 'outputStopped']) await alert('recovered', rule);
    assert.equal(alerts().length, 6);
  });

  it('a recording that grows is well, and one that stands still is not', async () => {
    await deploy({
      watch: ['recording'],
      sampleSeconds: '1',
      overrides: { recordingStalled: { criticalSeconds: '1', clearSeconds: '0' } },
    });
    await call('StartRecording');
    // its clock is evidence, though no figure of any stream is known
    await report(({ verdict, metrics }) => verdict === 'ok' && (metrics.recordingMs ?? 0) >= 1_000);
    vmix.faults.stallRecording = true;
    const { alert: opened } = await alert('opened', 'recordingStalled');
    assert.equal(opened.severity, 'critical');
    vmix.faults.stallRecording = false;
    await alert('recovered', 'recordingStalled');
  });

  it('faded out while live, muted, a missing source, a caller who has gone', async () => {
    const { studio } = vmix;
    await deploy();
    studio.setFlag('fadeToBlack', true, 0);
    await settle(1_200);
    assert.deepEqual(told(), [], 'nobody watches yet');
    await call('StartStreaming', 0);
    await alert('opened', 'fadedOut');
    studio.setFlag('fadeToBlack', false, 0);
    await alert('recovered', 'fadedOut');
    studio.master.muted = true;
    await alert('opened', 'muted');
    studio.master.muted = false;
    await alert('recovered', 'muted');
    studio.show(studio.add({ type: 'Placeholder', title: 'Offline - Camera 9' }).number, 1);
    assert.match((await alert('opened', 'offline')).payload, /"Offline - Camera 9" has had no source/);
    const password = 'word-of-the-caller';
    const guest = studio.add({
      type: 'VideoCall',
      title: 'Guest',
      call: { connected: true, password, videoSource: null, audioSource: null },
    });
    studio.show(guest.number, 1);
    await alert('recovered', 'offline');
    guest.call = { ...guest.call!, connected: false };
    await alert('opened', 'callDropped');
    assert.equal(alerts().length, 7);
    assert.ok(!JSON.stringify([...heardBy('out'), ...heardBy('interim')]).includes(password));
  });

  it('a restart is one fault, however much ran', async () => {
    await deploy();
    await waitFor(() => mixer().client.tcp?.status.state === 'ready');
    await call('StartStreaming', 0);
    await call('StartStreaming', 1);
    await call('StartRecording');
    await call('StartSRTOutput', 0);
    await call('StartMultiCorder');
    await waitFor(() => vmix.channel(2) === 'live' && mixer().client.state?.multiCorder === true);
    await settle(1_500);
    await vmix.restart();
    const { alert: opened } = await alert('opened', 'restarted');
    assert.match(opened.title, /^Connection: Mixer has been started anew while something ran/);
    await settle(3_000);
    assert.equal(alerts().length, 1, told().join('; '));
  });

  it('a sample says what is not known and how to get it; what vMix cannot be watched for is left out', async () => {
    await deploy({ sampleSeconds: '1' });
    await call('StartStreaming', 0);
    const { payload } = await report(({ metrics }) => metrics.streams[0]?.state === 'live');
    assert.deepEqual([payload.verdict, payload.score], ['unknown', null]);
    assert.match(payload.unknown['stream1.bitrateKbps'], /folder is named in the connection/);
    assert.match(payload.unknown['stream stream1'], /only just begun/);
    assert.equal(payload.onProgram.title, 'Intro.mp4');
    assert.equal(payload.outputs.find(({ output }: { output: string }) => output === 'srt1').running, false);
    const why = /its streaming logs.*, but that it ends unasked is told all the same/;
    await report(({ unknown }) => why.test(unknown['stream stream1'] ?? ''));
    send({ payload: 'status' });
    const status = await next('interim', ({ live }) => live.action === 'health-status');
    assert.deepEqual(status.payload.watching.sort(), [
      'computer',
      'faded',
      'muted',
      'offline',
      'outputs',
      'recording',
      'silent',
      'stream',
    ]);
    send({ payload: 'ack' });
    await next('interim', ({ live }) => live.action === 'health-ack');
    await refuse({ payload: 'dance' }, 'ACTION_UNKNOWN');
  });

  it('with the streaming logs it is judged by figures: well, and too few frames', async () => {
    const folder = tempDir('vmix-logs');
    let frames = 0;
    let perLine = 3;
    await deploy(
      { preset: 'plain', watch: ['stream', 'computer'], sampleSeconds: '1', overrides: {} },
      { logFolder: folder },
    );
    await call('StartStreaming', 0);
    const timer = setInterval(() => {
      frames += perLine;
      // 30 frames a second of 6000 kbit/s
      const line = `frame=${frames} fps=30 size=${frames * 25}kB time=00:00:${(frames / 30).toFixed(2).padStart(5, '0')} drop=0\r`;
      appendFileSync(join(folder, 'stream.log'), line);
    }, 100);
    try {
      // before the start is seen all is well too
      const isWell = ({ verdict, metrics }: { verdict: string; metrics: { streams: unknown[] } }) =>
        verdict === 'ok' && metrics.streams.length > 0;
      const well = await next('interim', ({ payload }) => isWell(payload), 40_000);
      assert.equal(well.payload.score, 100);
      const { metrics } = well.payload;
      assert.ok(metrics.streams[0].bitrateKbps > 4_000 && metrics.streams[0].bitrateKbps < 8_000);
      assert.equal(metrics.streams[0].droppedPercent, 0);
      assert.deepEqual(told(), []);
      perLine = 0;
      const { alert: opened } = await alert('opened', 'noData');
      assert.equal(opened.severity, 'critical');
    } finally {
      clearInterval(timer);
    }
  });

  it('a vMix that goes in the middle of a show is told once, with what ran', async () => {
    await deploy({
      overrides: { ...ON_ALL.overrides, unreachable: { warnSeconds: '1', criticalSeconds: '3' } },
    });
    await call('StartStreaming', 0);
    await call('StartRecording');
    await waitFor(() => vmix.channel(1) === 'live' && mixer().client.state?.streaming.channels[1] === true);
    await settle(700);
    await vmix.quit();
    await alert('opened', 'unreachable');
    await alert('worsened', 'unreachable');
    assert.deepEqual(new Set(alerts().map(({ id }) => id)).size, 1);
  });
});
