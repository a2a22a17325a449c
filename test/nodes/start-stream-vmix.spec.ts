// start stream and stop stream on a vMix: several channels, and each way in which one can go wrong.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { VmixSimulator } from '../../simulators/vmix';
import { startVmixSimulator } from '../../simulators/vmix';
import { freePort } from '../support';
import { waysToSee } from '../support/secret-places';
import {
  ON_VMIX,
  around,
  ask,
  badges,
  connectionIs,
  heardBy,
  load,
  logged,
  mixer,
  next,
  refuse,
  send,
  settle,
  simulateVmix,
  tearDown,
  vmixConnectionTo,
  waitFor,
  type FlowNode,
  type Msg,
} from './support/rig';

const START = {
  type: 'live-start-stream',
  ...ON_VMIX,
  targetFrom: 'as-set',
  target: '',
  targetName: 'target',
  targetNameType: 'msg',
  channel1: true,
  channel2: false,
  channel3: false,
  channel4: false,
  channel5: false,
  target1: '',
  target2: '',
  target3: '',
  target4: '',
  target5: '',
  confirmSeconds: '1',
  ifLive: 'error',
  ifOneFails: 'leave',
  onUnstable: 'stop',
  putBack: false,
};
const STOP = { type: 'live-stop-stream', ...ON_VMIX };

const target = (id: string, name: string, more: Partial<FlowNode> = {}): FlowNode => ({
  id,
  type: 'live-stream-target',
  name,
  service: 'rtmp',
  server: `rtmp://${id}.example/live`,
  configVersion: 1,
  ...more,
});
const BOTH = [target('main', 'Twitch'), target('other', 'YouTube')];
const KEYS = { main: { key: 'key-of-main' }, other: { key: 'key-of-other' } };

describe('streams on vMix', () => {
  let vmix: VmixSimulator;
  afterEach(tearDown);

  const ready = async (
    node: object = {},
    more: FlowNode[] = [],
    credentials: Record<string, Record<string, string>> = KEYS,
    speed = 10,
  ) => {
    vmix = await simulateVmix({ speed });
    await load(around({ ...START, ...node }, vmixConnectionTo(vmix), ...more), credentials);
    await connectionIs('ready', 'mixer');
  };
  const live = () => [1, 2, 3, 4, 5].filter((channel) => vmix.channel(channel) === 'live');
  const sent = (name: RegExp) =>
    vmix.calls.filter((call) => name.test(call.name)).map((call) => `${call.name} ${call.parameters.value}`);

  describe('start stream', () => {
    it('starts the ticked channels at once, each to its own target, and says what of each', async () => {
      await ready({ channel2: true, channel4: true, target1: 'main', target2: 'other' }, BOTH);
      const msg = await ask({ topic: 'show', payload: 'go', target: 'Nobody' });
      assert.deepEqual(live(), [1, 2, 4]);
      assert.equal(msg.topic, 'show');
      const { streams, unknown, ...payload } = msg.payload;
      assert.deepEqual(
        streams.map((one: Msg) => [one.output, one.target, one.service, one.server, one.confirmed]),
        [
          ['stream1', 'Twitch', 'RTMP server', 'rtmp://main.example/live', true],
          ['stream2', 'YouTube', 'RTMP server', 'rtmp://other.example/live', true],
          ['stream4', null, null, null, true],
        ],
      );
      assert.deepEqual(
        [payload.state, payload.target, payload.confirmed, payload.bitrateKbps, payload.alreadyRunning],
        ['live', null, true, null, false],
      );
      assert.match(unknown.bitrateKbps, /no figures/);
      const { tookMs, ...about } = msg.live;
      assert.ok(tookMs >= 1_000);
      assert.deepEqual(about, {
        action: 'start-stream',
        application: 'vmix',
        connection: { id: 'mixer', name: 'Mixer' },
        output: 'stream1, stream2, stream4',
        state: 'live',
        confirmedBy: 'application',
        event: 'stream_started',
      });
      assert.deepEqual([vmix.received(1).key, vmix.received(2).key], ['key-of-main', 'key-of-other']);
      assert.equal(badges().at(-1), 'live');
      assert.equal((await ask({})).payload.alreadyRunning, true);
      assert.equal(heardBy('out')[1]!.live.event, undefined);
    });

    it('to targets that the message names: one for the ticked channel, or an object for several', async () => {
      await ready({ targetFrom: 'message', channel1: false, channel3: true }, BOTH);
      const one = await ask({ target: 'youtube' });
      assert.deepEqual([live(), one.payload.target, one.live.output], [[3], 'YouTube', 'stream3']);
      const several = await ask({ target: { 1: 'Twitch', 5: null } });
      assert.deepEqual(live(), [1, 3, 5]);
      assert.equal(several.live.output, 'stream1, stream5');
      for (const [wrong, reason] of [
        [{}, /names no channel/],
        [{ 0: 'Twitch' }, /"0" is no number/],
        [{ first: 'Twitch' }, /"first" is no number/],
        [{ 2: 7 }, /channel 2 goes to is neither/],
        [['Twitch'], /names no stream target/],
        [undefined, /names no stream target/],
      ] as const)
        assert.match((await refuse({ target: wrong }, 'INPUT_INVALID')).error.message, reason);
      await refuse({ target: { 2: 'Nobody' } }, 'STREAM_TARGET_UNKNOWN');
      await refuse({ target: { 7: 'Twitch' } }, 'STREAM_CHANNEL_MISSING');
    });

    it('wants one channel for one name, and any channel at all', async () => {
      await ready({ targetFrom: 'message', channel2: true }, BOTH);
      const { error } = await refuse({ target: 'Twitch' }, 'INPUT_INVALID');
      assert.match(error.message, /one name is for one channel, and 2 are ticked/);
      await tearDown();
      await ready({ channel1: false });
      await refuse({}, 'CONFIG_INVALID');
      assert.deepEqual(sent(/Stream/), []);
    });

    it('when one of several fails: Catch hears it, output 2 what became of each, and the other stays live', async () => {
      // the simulated server looks at the key a moment later, slowly enough to be seen
      const keys = { ...KEYS, other: { key: 'denied' } };
      await ready({ channel2: true, target2: 'other', confirmSeconds: '4' }, BOTH, keys, 3);
      const { error } = await refuse({}, 'STREAM_SOME_FAILED', 'n', 45_000);
      assert.match(error.message, /stream2: .*stream1 live/);
      const report = heardBy('interim')[0]!;
      assert.deepEqual(
        report.payload.streams.map((one: Msg) => [one.output, one.state, one.error === undefined]),
        [
          ['stream1', 'live', true],
          ['stream2', 'idle', false],
        ],
      );
      assert.equal(report.live.output, 'stream1, stream2');
      assert.deepEqual(live(), [1]);
    }).timeout(60_000);

    it('that drops while it is confirmed fails, and names the usual reasons', async () => {
      await ready({ target1: 'main', confirmSeconds: '5' }, BOTH, KEYS, 3);
      vmix.faults.streamOutcome = 'drop';
      const { error } = await refuse({}, 'VMIX_STREAM_DROPPED');
      assert.match(error.message, /Channel 1 .*rtmp:\/\/main\.example\/live.*Custom RTMP Server/);
      assert.equal(badges().at(-1), 'failed');
    });

    it('that never comes on fails after half a minute, and is taken back', async () => {
      await ready();
      vmix.faults.streamOutcome = 'refuse';
      await refuse({}, 'VMIX_STREAM_NOT_ON', 'n', 45_000);
      assert.deepEqual(sent(/^(Start|Stop)Streaming$/), ['StartStreaming 0', 'StopStreaming 0']);
    }).timeout(60_000);

    it('that vMix answers with an error fails at once, and nothing is started', async () => {
      await ready({ target1: 'main' }, BOTH);
      vmix.faults.failHttp('error', { on: 'function', times: 1 });
      await refuse({}, 'VMIX_REJECTED');
      assert.deepEqual(sent(/^StartStreaming$/), []);
      vmix.faults.clear();
      assert.equal((await ask({})).payload.target, 'Twitch', 'the next one works');
    });

    it('with a wrong password says so', async () => {
      vmix = await simulateVmix({ user: 'me', password: 'right' });
      await load(around(START, vmixConnectionTo(vmix)), { mixer: { user: 'me', password: 'wrong' } });
      await connectionIs('refused', 'mixer');
      await refuse({}, 'VMIX_WRONG_PASSWORD');
    });

    it('whose answer is lost, but which vMix does, is live', async () => {
      await ready();
      vmix.faults.failHttp('hang', { on: 'function', times: 1 });
      send({});
      await waitFor(() => sent(/^StartStreaming$/).length === 1);
      vmix.studio.channels.start('0');
      const { payload } = await next('out', () => true, 20_000);
      assert.deepEqual([payload.state, payload.alreadyRunning], ['live', false]);
      assert.deepEqual(sent(/^StartStreaming$/), ['StartStreaming 0'], 'and is not sent again');
    }).timeout(30_000);

    it('whose answer is lost, and which vMix does not do, fails as such and is taken back', async () => {
      await ready();
      vmix.faults.failHttp('hang', { on: 'function', times: 1 });
      const { error } = await refuse({}, 'VMIX_TIMEOUT', 'n', 30_000);
      assert.match(error.message, /StartStreaming/);
      assert.deepEqual(sent(/^StopStreaming$/), ['StopStreaming 0']);
    }).timeout(45_000);

    it('through a restart of vMix fails; afterwards the same channel starts, though every input has moved', async () => {
      await ready({ target1: 'main', confirmSeconds: '10' }, BOTH);
      send({});
      // this vMix is back in no time: a stream that nobody has seen on would just seem to come late
      await waitFor(() => mixer().client.state?.streaming.channels[1] === true);
      await vmix.restart({ reorder: true });
      const { error } = await next('caught', () => true, 15_000);
      assert.ok(['VMIX_DISCONNECTED', 'VMIX_STREAM_DROPPED'].includes(error.code), error.message);
      await connectionIs('ready', 'mixer');
      await waitFor(() => mixer().streams.state() === 'idle');
      assert.deepEqual(live(), []);
      send({});
      await waitFor(() => live().length === 1);
      assert.deepEqual(live(), [1]);
    }).timeout(90_000);

    it('tells a restart of vMix as an end that nobody asked for', async () => {
      await ready({}, [
        {
          id: 'ends',
          type: 'live-stream-stopped',
          z: 'tab',
          x: 1,
          y: 1,
          name: '',
          ...ON_VMIX,
          which: 'unexpected',
          channel: '',
          present: false,
          wires: [['ended']],
        },
        { id: 'ended', type: 'test-sink', z: 'tab', x: 1, y: 1, wires: [] },
      ] as FlowNode[]);
      await ask({});
      await vmix.restart({ reorder: true });
      const { payload, live: about } = await next('ended', () => true, 15_000);
      assert.deepEqual(
        [about.output, about.expected, payload.restarted, payload.channel],
        ['stream1', false, true, 1],
      );
      assert.ok(payload.final.durationMs >= 900);
    }).timeout(30_000);

    it('waits for a vMix that is not there yet', async () => {
      const [httpPort, tcpPort] = [await freePort(), await freePort()];
      await load(around({ ...START, waitSeconds: '30' }, vmixConnectionTo({ httpPort, tcpPort })));
      await connectionIs('waiting', 'mixer');
      send({});
      await settle(300);
      assert.equal(heardBy('caught').length, 0);
      vmix = await startVmixSimulator({ httpPort, tcpPort, speed: 10 });
      try {
        assert.equal((await next('out', () => true, 20_000)).payload.state, 'live');
      } finally {
        await vmix.close();
      }
    }).timeout(40_000);

    it('is told that a channel is missing, before anything is sent', async () => {
      vmix = await simulateVmix({ profile: 'vmix-27' });
      await load(around({ ...START, channel4: true }, vmixConnectionTo(vmix)));
      await connectionIs('ready', 'mixer');
      await refuse({}, 'STREAM_CHANNEL_MISSING');
      assert.deepEqual(sent(/Stream/), []);
    });

    it('brings every byte of a key to vMix, and to nobody else', async () => {
      const key = 'k&y#1+2%20 é,x';
      const login = { key: 'denied', user: 'me', password: 'p&ss#w+rd%,é' };
      const node = { target1: 'main', channel2: true, target2: 'other', confirmSeconds: '4' };
      await ready(node, BOTH, { main: { key }, other: login }, 3);
      await refuse({}, 'STREAM_SOME_FAILED', 'n', 45_000);
      assert.equal(vmix.received(1).key, key);
      assert.deepEqual([vmix.received(2).userName, vmix.received(2).password], ['me', 'p&ss#w+rd%,é']);
      const told = JSON.stringify([
        heardBy('out'),
        heardBy('interim'),
        heardBy('caught').map(({ error }) => error.message),
        badges(),
        logged(),
        mixer().streams.list(),
      ]);
      for (const secret of [key, 'p&ss#w+rd%,é'])
        for (const seen of waysToSee(secret)) assert.ok(!told.includes(seen), seen);
    }).timeout(60_000);
  });

  describe('stop stream', () => {
    const both = async (stop: object = {}) => {
      await ready({ channel2: true }, [{ ...around({ ...STOP, id: 'stop', ...stop })[1]! }]);
      await ask({});
    };

    it('with none ticked stops all that are live, each by its own number', async () => {
      await both();
      const msg = await ask({}, 'stop');
      assert.deepEqual(live(), []);
      assert.deepEqual(sent(/^StopStreaming$/).sort(), ['StopStreaming 0', 'StopStreaming 1']);
      assert.deepEqual([msg.payload.state, msg.payload.wasRunning, msg.payload.final], ['idle', true, null]);
      assert.deepEqual([msg.live.output, msg.live.event], ['stream1, stream2', 'stream_stopped']);
      for (const { final, unknown } of msg.payload.streams) {
        assert.ok(final.durationMs >= 900);
        assert.equal(final.sizeBytes, null);
        assert.match(unknown.sizeBytes, /no figures/);
      }
      const again = await ask({}, 'stop');
      assert.deepEqual(
        [again.payload.wasRunning, again.payload.streams, again.live.output],
        [false, [], null],
      );
    });

    it('stops the ticked channel and no other', async () => {
      await both({ channel2: true });
      const { payload } = await ask({}, 'stop');
      assert.deepEqual(live(), [1]);
      assert.equal(payload.streams[0].output, 'stream2');
      assert.ok(payload.final.durationMs >= 900);
      assert.equal((await ask({}, 'stop')).payload.wasRunning, false);
      assert.deepEqual(sent(/^StopStreaming$/), ['StopStreaming 1']);
    });

    it('wins over a start of the same channel that comes before it', async () => {
      await ready({}, [{ ...around({ ...STOP, id: 'stop' })[1]! }]);
      send({});
      send({}, 'stop');
      const { error } = await next('caught');
      assert.equal(error.code, 'STREAM_START_CANCELLED');
      assert.equal((await next('out')).payload.state, 'idle');
      await settle(500);
      assert.deepEqual(live(), []);
    });
  });

  it('stream started and stream stopped hear one channel where one is chosen', async () => {
    const trigger = (type: string, sink: string) => ({
      id: `t-${sink}`,
      type,
      z: 'tab',
      x: 1,
      y: 1,
      name: '',
      ...ON_VMIX,
      which: 'all',
      channel: '2',
      present: false,
      wires: [[sink]],
    });
    const sink = (id: string) => ({ id, type: 'test-sink', z: 'tab', x: 1, y: 1, wires: [] });
    await ready({ channel2: true }, [
      trigger('live-stream-started', 'began'),
      trigger('live-stream-stopped', 'ended'),
      sink('began'),
      sink('ended'),
    ] as FlowNode[]);
    await ask({});
    vmix.studio.channels.end(1);
    vmix.studio.channels.end(2);
    const { payload, live: about } = await next('ended');
    assert.deepEqual([about.output, about.expected, payload.output], ['stream2', null, 'stream2']);
    assert.deepEqual(
      [heardBy('began'), heardBy('ended')].map((list) => list.map((msg) => msg.live.output)),
      [['stream2'], ['stream2']],
    );
    assert.equal(heardBy('began')[0]!.live.expected, true);
  });
});
