// Are we ready, asked of a vMix: what it tells, what it does not, and what is said of it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { preflight } from '../../lib/preflight/ask';
import { judge } from '../../lib/preflight/checks';
import { destinationOf } from '../../lib/preflight/destination';
import { TICKS, type Check, type Expectations, type Facts } from '../../lib/preflight/types';
import type { StreamTarget } from '../../lib/production/targets';
import { VmixApplication } from '../../lib/vmix/application';
import { NO_EXTRAS } from '../../lib/vmix/extras';
import { surveyOf } from '../../lib/vmix/survey';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { freePort, loops, waitFor } from '../support';
import { anyState } from '../support/vmix-state';

let vmix: VmixSimulator;
let application: VmixApplication;

async function start(options: VmixSimulatorOptions = {}, tcpPort?: number | null): Promise<void> {
  vmix = await startVmixSimulator({ speed: 20, ...options });
  application = new VmixApplication({
    id: 'mixer',
    name: 'Mixer',
    simulated: false,
    host: '127.0.0.1',
    port: vmix.httpPort,
    tcpPort: tcpPort === undefined ? vmix.tcpPort : tcpPort,
    user: '',
    password: '',
    ...NO_EXTRAS,
    log: () => undefined,
  }).start();
  await application.whenReady(10_000);
}
afterEach(async () => {
  await application.close();
  await vmix.close();
});

const expects = (more: Partial<Expectations> = {}): Expectations => ({
  ticks: new Set(TICKS.filter((tick) => tick !== 'ffmpeg' && tick !== 'clock')),
  destination: null,
  profile: null,
  collection: null,
  scenes: [],
  sources: [],
  inputs: [],
  diskWarnGigabytes: 20,
  diskFailGigabytes: 5,
  timeServer: null,
  ffmpegPath: null,
  unknownFails: false,
  ...more,
});
const target = (more: Partial<StreamTarget> = {}): StreamTarget => ({
  name: 'Main',
  service: 'rtmp',
  server: 'rtmp://live.example/app',
  key: 'abc-123',
  user: '',
  password: '',
  ...more,
});
async function ask(
  more: Partial<Expectations> = {},
): Promise<{ ready: boolean; checks: Map<string, Check> }> {
  const { ready, checks } = await preflight(application, expects(more), {
    knock: () => Promise.resolve({ answer: 'answers', tookMs: 5 }),
  });
  for (const { message, advice, result } of checks) {
    assert.ok(
      !/undefined|NaN|\[object|\bnull\b|OBS/.test(`${message} ${advice}`.replace(/null$/, '')),
      message,
    );
    assert.equal(result === 'ok', advice === null, message);
  }
  assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length, 'each check once');
  return { ready, checks: new Map(checks.map((check) => [check.id, check])) };
}
const results = (checks: Map<string, Check>) =>
  Object.fromEntries([...checks.values()].map(({ id, result }) => [id, result]));
const input = (title: string) => vmix.studio.inputs.find((one) => one.title === title)!;

describe('preflight of a vMix', () => {
  it('is ready when nothing is wrong, and does not claim what vMix keeps to itself', async () => {
    await start();
    const { ready, checks } = await ask({ inputs: ['Camera 1'], sources: ['Camera 1', '2', 'Pause'] });
    assert.equal(ready, true);
    assert.deepEqual(results(checks), {
      connection: 'ok',
      tcp: 'ok',
      rehearsal: 'ok',
      target: 'unknown',
      key: 'unknown',
      server: 'unknown',
      live: 'ok',
      recording: 'ok',
      outputs: 'ok',
      folder: 'unknown',
      disk: 'unknown',
      sources: 'ok',
      sound: 'ok',
      master: 'ok',
      picture: 'unknown',
    });
    assert.match(
      checks.get('connection')!.message,
      /^vMix 29\.0\.0\.49 \(\w+\) answers at 127.*with 5 streaming channels\.$/,
    );
    assert.match(checks.get('target')!.message, /vMix tells neither server nor key of its streams/);
    assert.match(checks.get('disk')!.message, /vMix does not tell how much disk is free/);
    assert.equal((await ask({ unknownFails: true })).ready, false);
  });

  it('looks at the stream target of the dialog: complete, RTMP, and its server answers', async () => {
    await start();
    const chosen = (more: Partial<StreamTarget>) => ({
      name: 'Main',
      destination: destinationOf(target(more))!,
    });
    const { checks } = await ask({ destination: chosen({}) });
    assert.deepEqual(
      ['target', 'key', 'server', 'bandwidthTest'].map((id) => checks.get(id)?.result),
      ['ok', 'ok', 'ok', undefined],
    );
    const srt = await ask({
      destination: chosen({ service: 'srt', server: 'srt://h.example:9000', key: '' }),
    });
    assert.equal(srt.ready, false);
    assert.match(srt.checks.get('target')!.message, /is SRT, and vMix streams by RTMP only/);
  });

  it('names the streams and outputs that run already', async () => {
    await start();
    for (const value of ['0', '2']) vmix.studio.channels.start(value);
    vmix.studio.record(true, 0);
    vmix.studio.setFlag('multiCorder', true, 0);
    vmix.studio.srt(2, true, 0);
    await waitFor(() => vmix.channel(1) === 'live' && vmix.channel(3) === 'live');
    const { ready, checks } = await ask();
    assert.equal(ready, true, 'a warning does not bar');
    assert.match(checks.get('live')!.message, /^Streams run already: "stream1" and "stream3"\.$/);
    assert.equal(checks.get('recording')!.result, 'warning');
    assert.match(
      checks.get('outputs')!.message,
      /"multicorder" and "srt2" run already|"srt2" and "multicorder" run/,
    );
    vmix.studio.channels.stop('0');
    await waitFor(() => vmix.channel(1) === 'off');
    assert.match((await ask()).checks.get('live')!.message, /^A stream runs already \(stream3\)\.$/);
  });

  it('of a version that does not show its SRT says so', async () => {
    await start({ profile: 'vmix-27' });
    const { checks } = await ask();
    assert.match(checks.get('outputs')!.message, /Whether "srt" runs is not known: this version/);
    assert.match(checks.get('connection')!.message, /with 3 streaming channels/);
  });

  it('wants the inputs that are named to be there, one for each name, and not offline', async () => {
    await start();
    vmix.studio.add({ title: 'Pause', type: 'Image' });
    vmix.studio.add({ title: 'Offline - Camera 9', type: 'Placeholder' });
    const sources = async (...names: string[]) => (await ask({ sources: names })).checks.get('sources')!;
    assert.match((await sources(input('Camera 1').key)).message, /^The input "Camera 1" is there/);
    for (const [name, message] of [
      ['Camera 8', '"Camera 8" is missing.'],
      ['Pause', '"Pause" fits 2 inputs.'],
      ['9', '"Offline - Camera 9" is offline: its source is missing.'],
    ] as const) {
      const { result, message: said } = await sources('Camera 1', name);
      assert.deepEqual([result, said], ['failed', message]);
    }
  });

  it('wants what must sound to be unmuted, up and on the master', async function () {
    this.timeout(60_000);
    await start();
    const camera = input('Camera 1');
    const sound = async (...names: string[]) => (await ask({ inputs: names })).checks.get('sound')!;
    assert.equal((await sound('Camera 1', '3')).result, 'ok');
    const cases: [() => void, RegExp][] = [
      [() => (camera.muted = true), /"Camera 1" is muted/],
      [() => Object.assign(camera, { muted: false, volume: { amplitude: 0, fader: 0 } }), /all the way down/],
      [
        () => Object.assign(camera, { volume: { amplitude: 100, fader: 100 }, buses: ['A'] }),
        /does not go to the master/,
      ],
      [() => (camera.buses = []), /does not go to the master/],
    ];
    for (const [spoil, message] of cases) {
      spoil();
      const { result, message: said } = await sound('2');
      assert.equal(result, 'failed');
      assert.match(said, message);
    }
    // through a bus that is sent to the master it is heard
    camera.buses = ['A'];
    vmix.studio.buses.A!.sendToMaster = true;
    assert.equal((await sound('Camera 1')).result, 'ok');
    vmix.studio.buses.A!.muted = true;
    assert.equal((await sound('Camera 1')).result, 'failed');
    for (const [name, message] of [
      ['Pause', /"Pause" has no sound/],
      ['Nobody', /"Nobody" does not exist/],
    ] as const)
      assert.match((await sound(name)).message, message);
    vmix.studio.add({ title: 'Camera 2' }, true);
    assert.match((await sound('Camera 2')).message, /fits 2 inputs/);
    camera.buses = ['M'];
    camera.volume = { amplitude: 0.01, fader: 10 };
    const quiet = await sound('Camera 1');
    assert.equal(quiet.result, 'failed', quiet.message);
    camera.volume = { amplitude: 0.81, fader: 30 };
    assert.equal((await sound('Camera 1')).result, 'warning');
  });

  it('without names wants anything to be heard, and the master in any case', async () => {
    await start();
    assert.equal((await ask()).checks.get('sound')!.result, 'ok');
    for (const one of vmix.studio.inputs) if (one.muted !== null) one.muted = true;
    const silent = (await ask()).checks.get('sound')!;
    assert.equal(silent.result, 'warning');
    assert.match(silent.message, /"Camera 1" is muted/);
    vmix.studio.master.muted = true;
    const muted = await ask();
    assert.equal(muted.ready, false);
    assert.match(muted.checks.get('master')!.message, /The master is muted/);
    vmix.studio.master.muted = false;
    vmix.studio.master.volume = { amplitude: 0, fader: 0 };
    assert.match((await ask()).checks.get('master')!.message, /all the way down/);
  });

  it('says of the program what it can: fade to black, offline, nothing on air', async () => {
    await start();
    vmix.studio.setFlag('fadeToBlack', true, 0);
    const black = await ask();
    assert.equal(black.ready, true);
    assert.deepEqual(black.checks.get('picture')!.message, 'Fade to black is on: the program is black.');
    vmix.studio.setFlag('fadeToBlack', false, 0);
    const { number } = vmix.studio.add({ title: 'Offline - x.mp4', type: 'Placeholder' });
    vmix.studio.show(number, 1);
    const offline = await ask();
    assert.equal(offline.ready, false);
    assert.match(offline.checks.get('picture')!.message, /"Offline - x\.mp4", is offline/);
    vmix.studio.show(0, 1);
    assert.equal((await ask()).checks.get('picture')!.result, 'warning');
  });

  it('knows the preset by the name of its file', async () => {
    await start();
    vmix.studio.preset = 'C:\\Shows\\2026\\Friday.vmix';
    const preset = async (profile: string) => (await ask({ profile })).checks.get('profile')!;
    for (const name of ['Friday.vmix', 'friday', '2026\\Friday.vmix', 'c:/shows/2026/friday.vmix'])
      assert.equal((await preset(name)).result, 'ok', name);
    for (const name of ['riday', 'Saturday.vmix', '2025\\Friday.vmix']) {
      const { result, message } = await preset(name);
      assert.equal(result, 'failed');
      assert.ok(!message.includes('C:\\Shows'), 'folders are nobody else’s business');
    }
    vmix.studio.preset = null;
    assert.match((await preset('Friday.vmix')).message, /^No preset is loaded/);
  });

  it('warns when its TCP port does not answer, and says nothing of one that is not set', async () => {
    const port = await freePort();
    await start({}, port);
    const { ready, checks } = await ask();
    assert.equal(ready, true);
    assert.equal(checks.get('tcp')!.result, 'warning');
    assert.match(checks.get('tcp')!.advice!, new RegExp(`127\\.0\\.0\\.1:${port}`));
    await application.close();
    await vmix.close();
    await start({}, null);
    assert.equal((await ask()).checks.get('tcp'), undefined);
  });

  it('answers in time when vMix hangs, and when it is gone', async () => {
    await start();
    vmix.freeze();
    const began = performance.now();
    const { ready, checks } = await ask({ profile: 'x', sources: ['x'], inputs: ['x'] });
    assert.ok(performance.now() - began < 8_000);
    assert.equal(ready, false);
    assert.equal(checks.get('connection')!.result, 'failed');
    const { connection, rehearsal, ...rest } = results(checks);
    assert.deepEqual([connection, rehearsal], ['failed', 'ok']);
    assert.deepEqual([...new Set(Object.values(rest))], ['unknown']);
    vmix.thaw();
    await vmix.quit();
    await waitFor(() => application.status().state !== 'ready');
    assert.equal((await ask()).ready, false);
  });

  it('is never at a loss, whatever the document says', async () => {
    await start();
    fc.assert(
      fc.property(anyState(), fc.string(), (state, name) => {
        const survey = surveyOf(state, {
          where: 'w:1',
          simulated: false,
          here: false,
          channels: null,
          tcpFault: null,
        });
        const facts: Facts = {
          application: { kind: 'vMix', name: 'Mixer', simulated: false, state: 'ready', fault: null },
          survey: { value: survey, reason: null },
          picture: null,
          server: null,
          ffmpeg: null,
          clock: null,
        };
        const names = [name, '1', state.inputs[0]?.title ?? 'x'];
        const { checks } = judge(expects({ profile: 'p', sources: names, inputs: names }), facts);
        for (const { message, result, advice } of checks) {
          assert.equal(result === 'ok', advice === null);
          assert.ok(message.length > 5);
        }
      }),
      { numRuns: loops(500, 200) },
    );
  });
});
