/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  heardBy,
  load,
  next,
  refuse,
  refuseUnheard,
  send,
  sentTypes,
  settle,
  simulate,
  tearDown,
  waitFor,
  exactly,
  type FlowNode,
} from './support/rig';

const START = {
  id: 'start',
  z: 'tab',
  x: 1,
  y: 1,
  type: 'live-start-stream',
  obs: 'studio',
  application: 'obs',
  waitSeconds: '0',
  targetFrom: 'as-set',
  confirmSeconds: '1',
  ifLive: 'error',
  onUnstable: 'stop',
  putBack: false,
  wires: [['interim']],
} as FlowNode;
const RECORD = {
  id: 'record',
  z: 'tab',
  x: 1,
  y: 1,
  type: 'live-record',
  obs: 'studio',
  application: 'obs',
  waitSeconds: '0',
  action: 'start',
  folder: '',
  folderType: 'str',
  fileName: '',
  fileNameType: 'str',
  format: '',
  wires: [['interim']],
} as FlowNode;

describe('stop stream and stop all', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const ready = async (type: string) => {
    await load(around({ type }, connectionTo(obs), START, RECORD));
    await connectionIs('ready');
  };

  describe('stop stream', () => {
    it('stops, with the final figures', async () => {
      await ready('live-stop-stream');
      send({}, 'start');
      await next('interim');
      const msg = await ask({ payload: 'x', topic: 'end', live: { event: 'stream_started' } });
      const { final, streams, ...payload } = msg.payload;
      assert.deepEqual(payload, { state: 'idle', wasRunning: true });
      assert.deepEqual(streams, [{ output: 'stream', final, ...payload }]);
      assert.deepEqual(Object.keys(final).sort(), [
        'averageBitrateKbps',
        'droppedFrames',
        'durationMs',
        'sizeBytes',
        'totalFrames',
      ]);
      for (const [name, value] of Object.entries(final))
        assert.ok(Number.isInteger(value) && (value as number) >= 0, `${name}: ${String(value)}`);
      assert.ok(final.durationMs >= 900 && final.totalFrames > 10 && final.sizeBytes > 10_000);
      assert.equal(final.averageBitrateKbps, Math.round((final.sizeBytes * 8) / final.durationMs));
      const { tookMs, ...live } = msg.live;
      assert.ok(tookMs >= 0);
      assert.deepEqual(live, {
        action: 'stop-stream',
        application: 'obs',
        connection: { id: 'studio', name: 'Studio' },
        output: 'stream',
        state: 'idle',
        confirmedBy: 'application',
        event: 'stream_stopped',
      });
      assert.equal(msg.topic, 'end');
      assert.equal(obs.state.stream, 'idle');
      await exactly('completed', 1);
    });

    it('with nothing running is a success that says so and sends no stop', async () => {
      await ready('live-stop-stream');
      const msg = await ask({});
      const none = { state: 'idle', wasRunning: false, final: null };
      assert.deepEqual(msg.payload, { ...none, streams: [{ output: 'stream', ...none }] });
      assert.equal(msg.live.state, 'idle');
      assert.deepEqual(sentTypes(obs, 'StopStream', 'ToggleStream', 'StopOutput'), []);
    });

    it('two at once stop once, and a wild message changes nothing', async () => {
      await ready('live-stop-stream');
      send({}, 'start');
      await next('interim');
      send({ payload: { output: 'x' }, action: 'start', server: 'x', output: 'virtualcam' });
      send({ payload: null });
      await waitFor(() => heardBy('out').length === 2);
      assert.deepEqual(sentTypes(obs, 'StopStream'), ['StopStream']);
    });

    it('that comes right after a start wins', async () => {
      await ready('live-stop-stream');
      send({}, 'start');
      const msg = await ask({});
      await next('caught', ({ error }) => error.code === 'STREAM_START_CANCELLED');
      assert.equal(msg.payload.state, 'idle');
      await settle(300);
      assert.equal(obs.state.stream, 'idle');
    });

    it('cancels a start in progress: the start ends as cancelled, and OBS is idle', async () => {
      await ready('live-stop-stream');
      send({}, 'start');
      await waitFor(() => obs.state.stream === 'live');
      const msg = await ask({});
      assert.equal(msg.payload.state, 'idle');
      const caught = await next('caught');
      assert.equal(caught.error.code, 'STREAM_START_CANCELLED');
      assert.equal(caught.error.source.id, 'start');
      assert.equal(obs.state.stream, 'idle');
      assert.equal(heardBy('interim').length, 0);
    });
  });

  describe('stop all', () => {
    it('stops a stream, a recording and a virtual camera, and reports each', async () => {
      await ready('live-stop-all');
      send({}, 'start');
      send({}, 'record');
      await waitFor(() => heardBy('interim').length === 2);
      await application().outputs.start('virtualcam');
      const events: string[] = [];
      application().events.onEvent(({ event }) => events.push(event));
      const path = obs.state.recordPath;
      const msg = await ask({ payload: 'now' });
      const of = (name: string) => msg.payload.find((report: { name: string }) => report.name === name);
      assert.deepEqual(of('stream'), { name: 'stream', was: 'active', state: 'idle', path: null });
      assert.deepEqual(of('recording'), { name: 'recording', was: 'active', state: 'idle', path });
      assert.deepEqual(of('virtualcam'), { name: 'virtualcam', was: 'active', state: 'idle', path: null });
      assert.equal(of('replay_buffer').was, 'idle');
      const { tookMs, ...live } = msg.live;
      assert.ok(tookMs >= 0);
      assert.deepEqual(live, {
        action: 'stop-all',
        application: 'obs',
        connection: { id: 'studio', name: 'Studio' },
        output: null,
        state: 'idle',
        confirmedBy: 'application',
        event: 'emergency_stop_all',
      });
      assert.deepEqual(
        [obs.state.stream, obs.state.record, obs.state.virtualCamera],
        ['idle', 'idle', false],
      );
      assert.ok(events.includes('emergency_stop_all'));
      assert.equal(heardBy('interim').length, 2, 'no interim report when it is quick');
    });

    it('with nothing running sends no stop at all', async () => {
      await ready('live-stop-all');
      const msg = await ask({});
      assert.ok(msg.payload.length >= 4);
      for (const { state, error } of msg.payload) {
        assert.equal(state, 'idle');
        assert.equal(error, undefined);
      }
      assert.deepEqual(
        sentTypes(obs, 'StopStream', 'StopRecord', 'StopReplayBuffer', 'StopVirtualCam', 'StopOutput'),
        [],
      );
    });

    it('goes past a request that hangs', async () => {
      await ready('live-stop-all');
      send({}, 'record');
      await next('interim');
      obs.faults.hang('GetSceneList');
      application()
        .scenes.list()
        .catch(() => undefined);
      const before = performance.now();
      await ask({});
      assert.ok(performance.now() - before < 5000);
      assert.equal(obs.state.record, 'idle');
    });

    it('waits out a start that OBS cannot cancel, with an interim report at 15 s on output 2', async function () {
      this.timeout(40_000);
      obs = await simulate({ speed: 30.6 / 17 });
      await ready('live-stop-all');
      obs.faults.hangStreams();
      send({}, 'start');
      await waitFor(() => obs.state.stream === 'starting' && application().streams.state() === 'starting');
      const msg = await ask({ payload: 'stop', topic: 't' }, 'n', 35_000);
      assert.equal(heardBy('interim').length, 1);
      const interim = heardBy('interim')[0]!;
      assert.equal(interim.topic, 't');
      assert.equal(interim.live.state, 'stopping');
      assert.equal(interim.live.confirmedBy, null);
      assert.ok(interim.live.tookMs >= 15_000 && interim.live.tookMs < 25_000, String(interim.live.tookMs));
      assert.equal(
        interim.payload.find((report: { name: string }) => report.name === 'stream').state,
        'starting',
      );
      assert.deepEqual(
        msg.payload.find((report: { name: string }) => report.name === 'stream'),
        { name: 'stream', was: 'starting', state: 'idle', path: null },
      );
      const caught = await next('caught');
      assert.equal(caught.error.code, 'STREAM_START_CANCELLED');
      await exactly('completed', 1);
    });
  });

  describe('either', () => {
    for (const type of ['live-stop-stream', 'live-stop-all']) {
      it(`${type} says what is wrong with its connection, and OBS hears nothing`, async () => {
        await load(around({ type, obs: '' }, connectionTo(obs)));
        await refuse({}, 'CONNECTION_MISSING');
        assert.equal(badges().at(-1), 'misconfigured');
        await load2(around({ type, obs: 'gone' }, connectionTo(obs)));
        await refuse({}, 'CONNECTION_MISSING');
        await load2(around({ type }, connectionTo(obs, { port: '99999' })));
        await refuse({}, 'CONFIG_INVALID');
        assert.equal(badges().at(-1), 'misconfigured');
        await load2(around({ type }, connectionTo(obs, { host: '${LIVE_TEST_NOT_SET}' })));
        await refuse({}, 'CONFIG_ENV_MISSING');
        assert.equal(obs.connections, 0);
      });

      it(`${type} refuses a waiting time that is none`, async () => {
        await load(around({ type, waitSeconds: 'a while' }, connectionTo(obs)));
        await connectionIs('ready');
        await refuseUnheard(obs, {}, 'CONFIG_INVALID');
      });
    }

    const load2 = async (flow: ReturnType<typeof around>) => {
      const keep = obs;
      await tearDown();
      obs = keep;
      await load(flow);
    };
  });
});
