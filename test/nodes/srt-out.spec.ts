// SRT out, as flows drive it: OBS and vMix.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import OBSWebSocket from 'obs-websocket-js/json';
import type { ObsSimulator } from '../../simulators/obs';
import type { VmixSimulator, VmixSimulatorOptions } from '../../simulators/vmix';
import type { LiveError } from '../../lib/errors';
import type { SrtWish } from '../../lib/production/srt';
import { functionsSent } from '../support/mixers';
import {
  ON_VMIX,
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  mixer,
  next,
  refuse,
  refuseUnheard,
  send,
  simulate,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
} from './support/rig';

afterEach(tearDown);

const SECRET = `a & b#c+d%é',x"=z`;
const STREAM_ID = '#!::r=live & more,m=publish+%é';
const SRT = {
  type: 'live-srt-out',
  action: 'start',
  sendAs: 'stream',
  output: '1',
  mode: 'caller',
  host: 'studio.example',
  hostType: 'str',
  port: '9000',
  latencyMs: '120',
  secretsFrom: 'here',
  passphraseProperty: 'passphrase',
  streamIdProperty: 'streamId',
  keyLength: '32',
  secondProfile: 'Spare',
  videoKbps: '1500',
  audioKbps: '128',
  callerSeconds: '2',
  confirmSeconds: '1',
};

let obs: ObsSimulator;

async function ready(node: object = {}, credentials: Record<string, string> = {}): Promise<void> {
  obs = await simulate();
  await load(around({ ...SRT, ...node }, connectionTo(obs)), { n: credentials });
  await connectionIs('ready');
}

/** OBS in the advanced mode, with a second profile. */
async function advanced(): Promise<void> {
  const client = new OBSWebSocket();
  await client.connect(obs.url);
  await client.call('CreateProfile', { profileName: 'Spare' });
  await client.call('SetCurrentProfile', { profileName: 'Rehearsal' });
  await client.call('SetProfileParameter', {
    parameterCategory: 'Output',
    parameterName: 'Mode',
    parameterValue: 'Advanced',
  });
  await client.call('SetCurrentProfile', { profileName: 'Spare' });
  await client.call('SetCurrentProfile', { profileName: 'Rehearsal' });
  await client.disconnect();
}

const hidden = (value: unknown) => {
  const text = JSON.stringify(value);
  for (const part of ['b#c', 'b%23c', 'r=live', SECRET.slice(0, 6)])
    assert.equal(text.includes(part), false, `${part} in ${text}`);
};

describe('srt out on OBS', function () {
  this.timeout(40_000);

  it('as the main stream: the address for OBS, its secrets apart, and none of them in anything that leaves', async () => {
    await ready({ action: 'message' }, { passphrase: SECRET, streamId: STREAM_ID });
    const started = await ask({ payload: 'start', kept: 1 });
    assert.deepEqual(obs.state.service, {
      type: 'rtmp_custom',
      settings: {
        server: 'srt://studio.example:9000?mode=caller&latency=120000&pbkeylen=32',
        key: STREAM_ID,
        use_auth: true,
        username: '',
        password: SECRET,
        bwtest: false,
      },
    });
    const { tookMs, ...live } = started.live;
    assert.ok(tookMs >= 900);
    assert.deepEqual(live, {
      action: 'srt-start',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: 'stream',
      state: 'live',
      confirmedBy: 'application',
      event: 'srt_stream_started',
    });
    assert.equal(started.kept, 1);
    assert.equal(started.payload.address, 'srt://studio.example:9000');
    assert.equal(started.payload.latencyMs, 120);
    await waitFor(() => badges().at(-1) === 'live');
    const again = await ask({ payload: 'start' });
    assert.deepEqual([again.payload.alreadyRunning, again.live.event], [true, undefined]);
    const stopped = await ask({ payload: 'stop' });
    assert.deepEqual(
      [stopped.payload.state, stopped.payload.wasRunning, stopped.live.event],
      ['idle', true, 'srt_stream_stopped'],
    );
    const idle = await ask({ payload: 'stop' });
    assert.deepEqual([idle.payload.wasRunning, idle.live.event], [false, undefined]);
    // the settings of OBS come back
    await waitFor(() => obs.state.service.settings.server === 'rtmp://live.example/app');
    hidden([heardBy('out'), heardBy('badges'), heardBy('caught')]);
  });

  it('beside the stream: arms, sends, stops, puts back; told as SRT', async () => {
    await ready({ action: 'message', sendAs: 'beside' }, { passphrase: SECRET, streamId: STREAM_ID });
    await refuse({ payload: 'start' }, 'SRT_NEEDS_ADVANCED');
    await advanced();
    const told: string[] = [];
    application().events.onEvent(({ event, output }) => void told.push(`${event} ${output}`));
    const armed = await ask({ payload: 'arm' });
    assert.deepEqual([armed.payload.state, armed.live.output, armed.live.event], ['armed', 'srt', undefined]);
    const started = await ask({ payload: 'start' });
    assert.deepEqual([started.payload.state, started.live.event], ['live', 'srt_stream_started']);
    assert.ok(started.payload.unknown.bitrateKbps);
    await waitFor(() => badges().at(-1) === 'live');
    await refuse({ payload: 'disarm' }, 'SRT_STILL_LIVE');
    const stopped = await ask({ payload: 'stop' });
    assert.deepEqual([stopped.payload.wasRunning, stopped.live.event], [true, 'srt_stream_stopped']);
    const disarmed = await ask({ payload: 'disarm' });
    assert.deepEqual([disarmed.payload.state, disarmed.payload.wasRunning], ['idle', false]);
    assert.deepEqual(told, ['srt_stream_started srt', 'srt_stream_stopped srt']);
    hidden([heardBy('out'), heardBy('badges'), heardBy('caught'), told]);
    const sent = obs.calls
      .filter(({ requestType }) => requestType === 'SetProfileParameter')
      .map(({ requestData }) => requestData as Record<string, unknown>);
    const custom = sent.find(({ parameterName }) => parameterName === 'FFMCustom');
    assert.equal(custom?.parameterValue, `passphrase='a & b#c+d%é'\\'',x"=z' streamid='${STREAM_ID}'`);
  });

  it('secrets of a message are taken off it, on success and on error', async () => {
    await ready({
      action: 'message',
      secretsFrom: 'message',
      host: 'host',
      hostType: 'msg',
      keyLength: 'auto',
    });
    const started = await ask({
      payload: 'start',
      host: '2001:db8::7',
      passphrase: SECRET,
      streamId: STREAM_ID,
    });
    assert.equal(obs.state.service.settings.password, SECRET);
    assert.equal(obs.state.service.settings.server, 'srt://[2001:db8::7]:9000?mode=caller&latency=120000');
    assert.equal(started.host, '2001:db8::7');
    assert.equal('passphrase' in started || 'streamId' in started, false);
    await ask({ payload: 'stop' });
    const caught = await refuse({ payload: 'start', host: 'x', passphrase: 'too short' }, 'INPUT_INVALID');
    assert.match(caught.error.message, /passphrase: SRT takes 10 to 79/);
    assert.equal('passphrase' in caught, false);
    assert.equal(JSON.stringify(caught).includes('too short'), false);
    // in the clear only where that is what the dialog says
    const none = await refuse({ payload: 'start', host: 'x', streamId: STREAM_ID }, 'INPUT_INVALID');
    assert.match(none.error.message, /passphrase: the message has none/);
    assert.equal('streamId' in none, false);
    hidden([heardBy('out'), heardBy('caught')]);
  });

  it('a listener says where it listens, and how long it waits', async () => {
    await ready({ mode: 'listener', host: '' });
    const started = await ask({});
    assert.equal(started.payload.address, 'srt://:9000');
    assert.equal(
      obs.state.service.settings.server,
      'srt://:9000?mode=listener&latency=120000&listen_timeout=2000000',
    );
  });

  for (const [what, node, code] of [
    ['a port that is none', { port: '0' }, 'CONFIG_INVALID'],
    ['a latency that is none', { latencyMs: '9' }, 'CONFIG_INVALID'],
    ['a caller that calls nobody', { host: '' }, 'INPUT_INVALID'],
    ['a host with more in it', { host: 'a?mode=listener' }, 'INPUT_INVALID'],
    ['a mode that is none', { mode: 'rendezvous' }, 'CONFIG_INVALID'],
    ['arming of the main stream', { action: 'arm' }, 'INPUT_INVALID'],
  ] as const)
    it(`refuses ${what}, and sends nothing`, async () => {
      await ready(node);
      await refuseUnheard(obs, {}, code);
    });

  it('knows its actions', async () => {
    await ready({ action: 'message' });
    const caught = await refuse({ payload: 'toggle' }, 'ACTION_UNKNOWN');
    assert.match(caught.error.message, /start, stop, arm, disarm/);
  });
});

describe('srt out on vMix', function () {
  this.timeout(40_000);
  let vmix: VmixSimulator;

  async function onVmix(node: object = {}, options: VmixSimulatorOptions = {}): Promise<void> {
    vmix = await simulateVmix(options);
    await load(around({ ...SRT, action: 'message', ...ON_VMIX, ...node }, vmixConnectionTo(vmix)));
    await connectionIs('ready', 'mixer');
  }

  it('switches an output that is set up there, and notes where it goes', async () => {
    await onVmix({ output: '2' });
    const started = await ask({ payload: 'start' });
    assert.deepEqual(
      [started.payload.state, started.payload.output, started.payload.address, started.payload.latencyMs],
      ['live', 'srt2', 'srt://studio.example:9000', 120],
    );
    assert.deepEqual([started.live.confirmedBy, started.live.event], ['application', 'srt_stream_started']);
    assert.ok(started.payload.startedAt);
    assert.ok(started.payload.unknown.bitrateKbps);
    await waitFor(() => badges().at(-1) === 'live');
    assert.equal((await ask({ payload: 'start' })).payload.alreadyRunning, true);
    const stopped = await ask({ payload: 'stop' });
    assert.deepEqual([stopped.payload.wasRunning, stopped.live.event], [true, 'srt_stream_stopped']);
    assert.equal((await ask({ payload: 'stop' })).payload.wasRunning, false);
    // always with its number, from 0
    assert.deepEqual(
      functionsSent(vmix).filter((sent) => /SRT/.test(JSON.stringify(sent))).length,
      2,
      JSON.stringify(functionsSent(vmix)),
    );
    assert.match(JSON.stringify(functionsSent(vmix)), /StartSRTOutput.{0,20}1/);
  });

  for (const output of ['1', '2', '3', '4'])
    it(`output ${output} is that output, and no other`, async () => {
      await onVmix({ output, port: '' }, { configuredSrt: [1, 2, 3, 4] });
      const started = await ask({ payload: 'start' });
      assert.equal(started.payload.address, null);
      const on = vmix.state.outputs!.filter(({ srt }) => srt).map(({ number }) => number);
      assert.deepEqual(on, [Number(output)]);
    });

  it('says what to do where the output is not set up', async () => {
    await onVmix({ output: '4' });
    const caught = await refuse({ payload: 'start' }, 'SRT_NEVER_CAME_ON', 'n', 20_000);
    assert.match(caught.error.message, /output 4.*Is SRT enabled/);
  });

  it('what drops by itself is told, and nobody knows by whom', async () => {
    await onVmix();
    await ask({ payload: 'start' });
    const told: unknown[] = [];
    mixer().events.onEvent(({ event, output, expected }) => void told.push([event, output, expected]));
    await fetch(`http://127.0.0.1:${vmix.httpPort}/api/?Function=StopSRTOutput&Value=0`);
    await waitFor(() => told.length > 0, { message: 'the stop' });
    assert.deepEqual(told, [['srt_stream_stopped', 'srt1', null]]);
  });

  it('before vMix 28 nothing is shown, and nothing is claimed', async () => {
    await onVmix({}, { profile: 'vmix-27' });
    const started = await ask({ payload: 'start' });
    assert.deepEqual(
      [started.payload.state, started.payload.confirmedBy, started.live.confirmedBy, started.live.event],
      ['unknown', null, null, undefined],
    );
    assert.match(started.payload.unknown.state, /accepted it, and shows nothing of SRT/);
    assert.equal((await ask({ payload: 'stop' })).payload.state, 'unknown');
  });

  it('has nothing to arm', async () => {
    await onVmix();
    await refuse({ payload: 'arm' }, 'CAPABILITY_MISSING');
    await refuse({ payload: 'disarm' }, 'CAPABILITY_MISSING');
  });

  it('a stop wins over a start under way', async () => {
    await onVmix({ output: '4' });
    send({ payload: 'start' });
    await waitFor(() => functionsSent(vmix).length > 0, { message: 'the start' });
    await ask({ payload: 'stop' });
    const caught = await next('caught');
    assert.equal(caught.error.code, 'SRT_START_CANCELLED');
  });

  it('a stop leaves the starts of other outputs alone', async () => {
    await onVmix({ output: '1' }, { configuredSrt: [1] });
    const application = mixer();
    const waiting = [1, 2].map((output) => application.startWanted('srt', [output]));
    const start = application.srt.start({ which: { as: 'output', output: 2 }, place: null } as SrtWish);
    const ended = start.then(({ state }) => state).catch((error: LiveError) => error.code);
    await waitFor(() => functionsSent(vmix).length > 0, { message: 'the start' });
    await ask({ payload: 'stop' });
    vmix.studio.configuredSrt.add(2);
    vmix.studio.srt(2, true, 0);
    assert.equal(await ended, 'live');
    assert.deepEqual(
      waiting.map((wanted) => wanted()),
      [false, true],
    );
    application.cancelStarts('srt');
    assert.equal(waiting[1]!(), false);
  });
});
