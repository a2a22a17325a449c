// What is told of vMix's streams: each change once, whoever saw it first, also where two connections go to the same vMix.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SomeStreamsFailed } from '../../lib/production/some-streams-failed';
import { VmixApplication } from '../../lib/vmix/application';
import { changesOf, type VmixChange } from '../../lib/vmix/changes';
import { NO_EXTRAS } from '../../lib/vmix/extras';
import { parseState } from '../../lib/vmix/state';
import { ToldStreams, type ChannelsKnown } from '../../lib/vmix/stream-told';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { waitFor } from '../support';
import { web } from '../support/vmix';

const target = (key: string, host = 'live.example') => ({
  name: 'Platform',
  service: 'rtmp' as const,
  server: `rtmp://${host}/app`,
  key,
  user: '',
  password: '',
});

describe('two connections to one vMix', () => {
  let simulator: VmixSimulator;
  let apps: VmixApplication[] = [];
  let told: string[][] = [];

  /** The second one has no TCP port: it sees everything later. */
  const open = (at: number): VmixApplication => {
    const app = new VmixApplication({
      ...NO_EXTRAS,
      id: `c${at}`,
      name: 'Mixer',
      simulated: false,
      log: () => undefined,
      host: '127.0.0.1',
      port: simulator.httpPort,
      tcpPort: at === 0 ? simulator.tcpPort : null,
      user: '',
      password: '',
      pollMs: 500,
    }).start();
    app.events.onEvent(({ event, output, expected, previous, state }) => {
      if (event.startsWith('stream_'))
        told[at]!.push([event, output, String(expected), previous, state].join(' '));
    });
    return app;
  };
  const begin = async (options: VmixSimulatorOptions = {}) => {
    simulator = await startVmixSimulator({ random: () => 0.5, ...options });
    told = [[], []];
    apps = [open(0), open(1)];
    await Promise.all(apps.map((app) => app.whenReady(10_000)));
  };
  afterEach(async () => {
    for (const app of apps) await app.close();
    await simulator.close();
  });
  /** Both have read the state twice since now: what had to be told is. */
  const looked = () => Promise.all(apps.flatMap((app) => [app.report(), app.report()]));
  const start = (app: VmixApplication, confirmMs = 10_000) => {
    const started = app.streams.start({
      target: null,
      channels: [{ channel: 1, target: target('one') }],
      confirmMs,
    });
    return assert.rejects(started, { code: 'STREAM_START_CANCELLED' });
  };
  const stopped = ['stream_starting stream1 true idle starting', 'stream_stopped stream1 true starting idle'];

  it('a start that the other one takes back before it shows: told by who told that it starts, and by nobody else', async () => {
    await begin();
    const refused = start(apps[1]!);
    await waitFor(() => simulator.channel(1) === 'connecting');
    await apps[0]!.streams.stop([1]);
    await refused;
    await looked();
    assert.deepEqual(told, [[], stopped]);
  });

  it('a start that is taken back, comes on in spite of it and is stopped again, ends once', async () => {
    await begin({ speed: 20 });
    simulator.faults.ignoreNext('StartStreaming');
    const refused = start(apps[1]!);
    await waitFor(() => told[1]!.length === 1 && simulator.calls.some(({ name }) => /^StartS/i.test(name)));
    const stop = apps[0]!.streams.stop([1]);
    await waitFor(() => simulator.calls.some(({ name }) => /^StopS/i.test(name)));
    await refused;
    await web(simulator.url, '/api/?Function=StartStreaming&Value=0');
    await stop;
    await looked();
    assert.equal(simulator.channel(1), 'off');
    assert.deepEqual(told, [[], stopped]);
  });

  it('a start that drops while it is confirmed is never told as live, by neither of them', async () => {
    await begin();
    simulator.faults.streamOutcome = 'drop';
    const channels = [{ channel: 1, target: target('one') }];
    const started = apps[1]!.streams.start({ target: null, channels, confirmMs: 5_000 });
    await assert.rejects(started, { code: 'VMIX_STREAM_DROPPED' });
    await looked();
    assert.deepEqual(told, [
      [],
      ['stream_starting stream1 true idle starting', 'stream_failed stream1 false starting idle'],
    ]);
  });

  it('a start is told by both once it is confirmed', async () => {
    await begin({ speed: 20 });
    const channels = [{ channel: 1, target: target('one') }];
    await apps[1]!.streams.start({ target: null, channels, confirmMs: 1_000 });
    assert.deepEqual(told[0], []);
    await looked();
    assert.deepEqual(told[0], ['stream_started stream1 true idle live']);
    assert.deepEqual(told[1]!.at(-1), 'stream_started stream1 true starting live');
  });

  it('a drop soon after everything was stopped and this was started again is nobody’s wish', async () => {
    await begin({ speed: 20 });
    await apps[0]!.stopAll();
    const channels = [{ channel: 1, target: target('one') }];
    await apps[0]!.streams.start({ target: null, channels, confirmMs: 300 });
    await web(simulator.url, '/api/?Function=StopStreaming&Value=0');
    await looked();
    assert.deepEqual(told[0]!.at(-1), 'stream_stopped stream1 null live idle');
  });

  it('what one does for both goes on where its connection is closed', async () => {
    await begin({ speed: 5 });
    const wish = { target: null, channels: [{ channel: 1, target: target('one') }], confirmMs: 1_500 };
    const first = assert.rejects(apps[1]!.streams.start(wish), { code: 'VMIX_CLOSED' });
    await waitFor(() => told[1]!.length === 1);
    const second = apps[0]!.streams.start(wish);
    await waitFor(() => simulator.channel(1) === 'live');
    await apps[1]!.close();
    await first;
    assert.equal((await second).state, 'live');

    const other = apps[0]!;
    apps[1] = open(1);
    await apps[1].whenReady(10_000);
    simulator.faults.failHttp('hang', { on: 'function', times: 1 });
    const stops = [apps[1], other].map((app) => app.streams.stop([1]));
    const closed = assert.rejects(stops[0]!, { code: 'VMIX_CLOSED' });
    await waitFor(() => simulator.calls.some(({ name }) => /^StopStreaming$/i.test(name)));
    await apps[1].close();
    await closed;
    assert.equal((await stops[1]!).state, 'idle');
    assert.equal(simulator.channel(1), 'off');
  });

  it('a start that is called off, and that nobody stops, is told as what it is: live', async () => {
    await begin({ speed: 20 });
    const refused = start(apps[1]!);
    await waitFor(() => apps[1]!.client.state?.streaming.channels[1] === true);
    apps[0]!.streams.cancelStarts();
    await refused;
    await looked();
    assert.deepEqual(told[1], [
      'stream_starting stream1 true idle starting',
      'stream_started stream1 true starting live',
    ]);
  });

  it('of several, one fails while another has not come on: that one is stopped too, and stays off', async () => {
    await begin({ speed: 5 });
    const failed: unknown = await apps[0]!.streams
      .start({
        target: null,
        ifOneFails: 'stop',
        confirmMs: 3_000,
        channels: [
          { channel: 1, target: target('one', 'hang.invalid') },
          { channel: 2, target: target('denied') },
        ],
      })
      .catch((error: unknown) => error);
    assert.ok(failed instanceof SomeStreamsFailed, String(failed));
    const stops = simulator.calls.filter(({ name }) => /^StopStreaming$/i.test(name));
    assert.deepEqual(
      stops.map(({ parameters }) => parameters.value),
      ['0'],
    );
    assert.equal(simulator.channel(1), 'off');
    assert.deepEqual(
      told[0]!.filter((one) => one.includes('stream1')),
      stopped,
    );
  });
});

const stateOf = (on: boolean) =>
  parseState(
    `<vmix><version>29.0.0.49</version><streaming${on ? ' channel1="True"' : ''}>${on ? 'True' : 'False'}</streaming></vmix>`,
  );
const NOTHING: ChannelsKnown = { isBusy: () => false, wasStopped: () => false, setHere: () => null };
const starting: VmixChange = {
  event: 'stream_starting',
  cause: 'event',
  expected: true,
  output: 'stream1',
  state: 'starting',
  previous: 'idle',
  payload: {},
};
const AT = { askedAt: 0, atMs: 0 };

describe('starts whose end nobody saw', () => {
  const tell = (cancelled: boolean, on: boolean, ...changes: VmixChange[]) => {
    const told = new ToldStreams(NOTHING);
    told.read([], stateOf(false), AT);
    told.pass(starting);
    if (cancelled) told.cancel(1);
    const first = told.read(changes, stateOf(on), AT);
    assert.deepEqual(told.read([], stateOf(on), AT), [], 'told once');
    return first.map(({ event, expected, previous }) => [event, expected, previous]);
  };
  const ended = (expected: boolean | null): VmixChange => ({
    ...starting,
    event: 'stream_stopped',
    expected,
    state: 'idle',
    previous: 'live',
  });

  it('are told by what the next state shows', () => {
    assert.deepEqual(tell(false, true), [['stream_started', true, 'starting']]);
    assert.deepEqual(tell(true, true), [['stream_started', true, 'starting']]);
    assert.deepEqual(tell(false, false), [['stream_failed', false, 'starting']]);
    assert.deepEqual(tell(true, false), [['stream_stopped', true, 'starting']]);
    assert.deepEqual(tell(false, false, ended(null)), [['stream_failed', false, 'starting']]);
    assert.deepEqual(tell(true, false, ended(null)), [['stream_stopped', true, 'starting']]);
    assert.deepEqual(tell(false, false, ended(true)), [['stream_stopped', true, 'starting']]);
  });

  it('wait while their channel is being started or stopped anew', () => {
    let busy = true;
    const told = new ToldStreams({ ...NOTHING, isBusy: () => busy });
    told.read([], stateOf(false), AT);
    told.pass(starting);
    assert.deepEqual(told.read([], stateOf(false), AT), []);
    busy = false;
    assert.equal(told.read([], stateOf(false), AT).length, 1);
  });

  it('are told before the channel starts again', () => {
    const told = new ToldStreams(NOTHING);
    told.pass(starting);
    told.cancel(1);
    assert.deepEqual(
      told.pass(starting).map(({ event }) => event),
      ['stream_stopped', 'stream_starting'],
    );
  });
});

describe('what is told of a channel', () => {
  it('begins, runs and ends in this order, each once, and is in the end what the document shows', () => {
    const steps = fc.array(
      fc.record({
        act: fc.constantFrom('read', 'read', 'begin', 'live', 'fail', 'stop', 'cancel'),
        on: fc.boolean(),
        busy: fc.boolean(),
        confirming: fc.boolean(),
        restarted: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.boolean(), steps, (first, list) => {
        let busy = false;
        const told = new ToldStreams({ ...NOTHING, isBusy: () => busy });
        let state = stateOf(first);
        let last = first ? 'live' : 'idle';
        const hear = (changes: readonly VmixChange[]) => {
          for (const { event, previous } of changes) {
            const from = {
              stream_starting: ['idle'],
              stream_started: ['idle', 'starting'],
              stream_stopped: ['live', 'starting'],
              stream_failed: ['starting'],
            }[event as 'stream_started'];
            assert.ok(from.includes(last), `${event} after ${last}`);
            assert.equal(previous, last);
            last = event === 'stream_started' ? 'live' : event === 'stream_starting' ? 'starting' : 'idle';
          }
        };
        const read = (on: boolean, confirming: boolean, restarted: boolean) => {
          const next = stateOf(on);
          const asked = {
            starts: new Set<string>(),
            stops: new Set<string>(),
            confirming: new Set(confirming ? ['stream1'] : []),
          };
          const changes = changesOf(state, next, asked, { cause: 'poll', restarted });
          state = next;
          hear(told.read(changes, next, AT));
        };
        hear(told.read([], state, AT));
        const action = (event: VmixChange['event']) => hear(told.pass({ ...starting, event }));
        for (const { act, on, confirming, restarted, ...more } of list) {
          busy = more.busy;
          if (act === 'read') read(on, confirming, restarted);
          // a channel that is on is never started
          if (act === 'begin' && last !== 'live') action('stream_starting');
          if (act === 'live') action('stream_started');
          if (act === 'fail') action('stream_failed');
          if (act === 'stop') action('stream_stopped');
          if (act === 'cancel') told.cancel(1);
        }
        busy = false;
        read(state.streaming.channels[1] === true, false, false);
        assert.equal(last, state.streaming.channels[1] ? 'live' : 'idle');
      }),
    );
  });
});
