/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  refuse,
  refuseUnheard,
  send,
  sentTypes,
  simulate,
  tearDown,
  waitFor,
  exactly,
  type FlowNode,
} from './support/rig';

const START = {
  type: 'live-start-stream',
  targetFrom: 'as-set',
  target: '',
  targetName: 'target',
  targetNameType: 'msg',
  confirmSeconds: '1',
  ifLive: 'error',
  onUnstable: 'stop',
  putBack: false,
};
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const target = (id: string, name: string, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type: 'live-stream-target',
  name,
  service: 'rtmp',
  server: `rtmp://${id}.example/live`,
  configVersion: 1,
  ...more,
});

describe('start stream', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (node: object = {}, ...more: FlowNode[]) => {
    await load(around({ ...START, ...node }, connectionTo(obs), ...more), {
      main: { key: 'key-of-main' },
      other: { key: 'key-of-other' },
    });
    await connectionIs('ready');
  };

  it('goes live as set in OBS and sends the same message on, with payload and msg.live as the table says', async () => {
    await ready();
    const sent = {
      _msgid: 'abc',
      topic: 'show',
      payload: 'go',
      live: { action: 'from before' },
      more: { kept: true },
    };
    const msg = await ask(sent);
    assert.equal(msg._msgid, 'abc');
    assert.equal(msg.topic, 'show');
    assert.deepEqual(msg.more, { kept: true });
    const { startedAt, bitrateKbps, streams, ...payload } = msg.payload;
    assert.deepEqual(streams, [{ output: 'stream', startedAt, bitrateKbps, ...payload }]);
    assert.deepEqual(payload, {
      state: 'live',
      target: null,
      service: 'RTMP server',
      server: 'rtmp://live.example/app',
      confirmed: true,
      alreadyRunning: false,
    });
    assert.match(startedAt, ISO);
    assert.ok(bitrateKbps === null || (Number.isInteger(bitrateKbps) && bitrateKbps > 0));
    const { tookMs, ...live } = msg.live;
    assert.ok(tookMs >= 0);
    assert.deepEqual(live, {
      action: 'start-stream',
      application: 'obs',
      connection: { id: 'studio', name: 'Studio' },
      output: 'stream',
      state: 'live',
      confirmedBy: 'application',
      event: 'stream_started',
    });
    assert.ok(Number.isInteger(tookMs) && tookMs >= 1000, 'the confirmation takes its second');
    assert.equal(obs.state.stream, 'live');
    await exactly('completed', 1);
    assert.equal(heardBy('caught').length, 0);
    await waitFor(() => badges().at(-1) === 'live');
    assert.deepEqual(
      badges().filter((text, index, all) => text === all[index - 1]),
      [],
      'a badge is told on change only',
    );
    assert.ok(badges().includes('busy'));
  });

  it('is a success without a start when that very stream runs already', async () => {
    await ready();
    await ask({ payload: 1 });
    const again = await ask({ payload: 2 });
    assert.equal(again.payload.alreadyRunning, true);
    assert.equal(again.payload.confirmed, true);
    assert.deepEqual(sentTypes(obs, 'StartStream'), ['StartStream']);
  });

  it('two messages at once make one start, and both are answered', async () => {
    await ready();
    send({ payload: 1, nr: 1 });
    send({ payload: 2, nr: 2 });
    await waitFor(() => heardBy('out').length === 2);
    assert.deepEqual(
      heardBy('out')
        .map(({ nr }) => nr)
        .sort(),
      [1, 2],
    );
    assert.deepEqual(sentTypes(obs, 'StartStream', 'ToggleStream', 'StartOutput'), ['StartStream']);
    assert.equal(obs.crashed, false);
  });

  it('a second node on the same OBS joins, and one with another target is told who is first', async () => {
    const second = {
      id: 'n2',
      z: 'tab',
      x: 1,
      y: 1,
      obs: 'studio',
      application: 'obs',
      waitSeconds: '0',
      ...START,
      wires: [['out']],
    } as FlowNode;
    const third = { ...second, id: 'n3', targetFrom: 'target', target: 'main' } as FlowNode;
    await ready({}, second, third, target('main', 'Twitch main'));
    send({ payload: 'a' });
    send({ payload: 'b' }, 'n2');
    await refuse({ payload: 'c' }, 'STREAM_BUSY', 'n3');
    await waitFor(() => heardBy('out').length === 2);
    assert.deepEqual(sentTypes(obs, 'StartStream'), ['StartStream']);
  });

  it('sends every field of a target, so that no old login leaks, and names the target alone', async () => {
    await ready({ targetFrom: 'target', target: 'main', putBack: true }, target('main', 'Church site'));
    const msg = await ask({ payload: '' });
    assert.equal(msg.payload.target, 'Church site');
    assert.equal(msg.payload.server, 'rtmp://main.example/live');
    const set = obs.calls.find(({ requestType }) => requestType === 'SetStreamServiceSettings')!;
    assert.deepEqual(set.requestData, {
      streamServiceType: 'rtmp_custom',
      streamServiceSettings: {
        server: 'rtmp://main.example/live',
        key: 'key-of-main',
        use_auth: false,
        username: '',
        password: '',
        bwtest: false,
      },
    });
    assert.ok(!JSON.stringify(msg).includes('key-of-main'));
  });

  it('a chosen target that is gone, incomplete or without its environment variable is refused unheard', async () => {
    await ready({ targetFrom: 'target', target: 'gone' });
    await refuseUnheard(obs, {}, 'STREAM_TARGET_UNKNOWN');
    await tearDown();
    obs = await simulate();
    await ready(
      { targetFrom: 'target', target: 'main' },
      target('main', 'Empty', { service: 'twitch', server: 'http://x' }),
    );
    await refuseUnheard(obs, {}, 'STREAM_TARGET_INVALID');
    await tearDown();
    obs = await simulate();
    await ready(
      { targetFrom: 'target', target: 'main' },
      target('main', 'Env', { server: '${LIVE_TEST_NOT_SET}' }),
    );
    const { error } = await refuseUnheard(obs, {}, 'CONFIG_ENV_MISSING');
    assert.match(error.message, /LIVE_TEST_NOT_SET/);
  });

  it('live elsewhere is an error, or a restart where wished', async () => {
    await ready({ targetFrom: 'message' }, target('main', 'Main'), target('other', 'Other'));
    await ask({ target: 'Main' });
    const { error } = await refuse({ target: 'Other' }, 'STREAM_LIVE_ELSEWHERE');
    assert.match(error.message, /rtmp:\/\/main\.example\/live/);
    assert.equal(obs.state.stream, 'live');
    await tearDown();
    obs = await simulate();
    await ready(
      { targetFrom: 'message', ifLive: 'restart' },
      target('main', 'Main'),
      target('other', 'Other'),
    );
    await ask({ target: 'Main' });
    const msg = await ask({ target: 'Other' });
    assert.equal(msg.payload.target, 'Other');
    assert.equal(msg.payload.alreadyRunning, false);
    assert.deepEqual(sentTypes(obs, 'StartStream', 'StopStream'), [
      'StartStream',
      'StopStream',
      'StartStream',
    ]);
  });

  it('each way to fail has its code and leaves OBS idle', async () => {
    await ready();
    obs.faults.refuseStreams();
    await refuse({}, 'STREAM_CONNECT_FAILED');
    obs.faults.ignoreNext('StartStream');
    await refuse({}, 'STREAM_SILENT_NOOP');
    obs.faults.denyStreams();
    const { error } = await refuse({}, 'STREAM_FLAPPING');
    assert.match(error.message, /stopped again/);
    obs.faults.allowStreams();
    await waitFor(() => obs.state.stream === 'idle');
    assert.equal(badges().at(-1), 'failed');
    await ask({});
    await waitFor(() => badges().at(-1) === 'live', { message: 'the failure is off the badge' });
  });

  it('leaves a flapping stream alone where wished', async () => {
    await ready({ onUnstable: 'leave' });
    obs.faults.denyStreams();
    const { error } = await refuse({}, 'STREAM_FLAPPING');
    assert.match(error.message, /goes on trying/);
    assert.notEqual(obs.state.stream, 'idle');
    assert.deepEqual(sentTypes(obs, 'StopStream'), []);
  });

  it('bad times in the dialog are refused, and OBS hears nothing', async () => {
    for (const confirmSeconds of ['0', '-3', 'soon', '601', '1e9', '${LIVE_TEST_NOT_SET}']) {
      await ready({ confirmSeconds });
      await refuseUnheard(obs, {}, confirmSeconds.startsWith('$') ? 'CONFIG_ENV_MISSING' : 'CONFIG_INVALID');
      await tearDown();
      obs = await simulate();
    }
  });
});
