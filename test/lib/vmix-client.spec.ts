// A connection to vMix: what it knows, what it tells, and when it says that it knows nothing.
import assert from 'node:assert/strict';
import { Backoff } from '../../lib/connection/backoff';
import { redactText } from '../../lib/secrets';
import { AskedBook, askedBy } from '../../lib/vmix/asked';
import { outputValue, streamSetting, streamValue } from '../../lib/vmix/functions/numbers';
import { parseState, srtOf } from '../../lib/vmix/state';
import { VmixClient, type StateNews, type VmixClientOptions } from '../../lib/vmix/client';
import type { VmixChange } from '../../lib/vmix/changes';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../simulators/vmix';
import { waitFor } from '../support';
import { NOTHING_THERE } from '../support/vmix';

let simulator: VmixSimulator;
let client: VmixClient;
let news: StateNews[] = [];
let told: string[] = [];
const changes = (): VmixChange[] => news.flatMap((one) => [...one.changes]);
const brief = (list: VmixChange[]) =>
  list.map(({ event, output, expected, cause }) => [event, output, expected, cause]);
const code = (expected: string) => (error: { code?: string }) =>
  assert.equal(error.code, expected) === undefined;

function watch(options: Partial<VmixClientOptions> = {}): VmixClient {
  news = [];
  told = [];
  client = new VmixClient({
    host: '127.0.0.1',
    port: simulator.httpPort,
    tcpPort: simulator.tcpPort,
    pollMs: 60_000,
    backoff: () => new Backoff(() => 0.5, 30, 1.2, 60, 0),
    ...options,
  });
  client.onNews((one) => news.push(one));
  client.onStatus(({ state, fault }) =>
    told.push(`${state} ${(fault as { code?: string } | null)?.code ?? ''}`.trim()),
  );
  return client.start();
}
async function start(
  options: VmixSimulatorOptions = {},
  more: Partial<VmixClientOptions> = {},
): Promise<void> {
  simulator = await startVmixSimulator({ speed: 20, ...options });
  watch(more);
  await client.whenReady(10_000);
  if (client.tcp) await waitFor(() => client.tcp?.status.state === 'ready' && news.length >= 2);
}
/** No hint is waiting to be followed. */
async function quiet(): Promise<void> {
  for (let asked = -1; asked !== client.http.requests;) {
    asked = client.http.requests;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

afterEach(async () => {
  await client.close();
  await simulator.close();
});

describe('a connection to vMix', () => {
  it('reads the state and tells nothing of it at its start', async () => {
    simulator = await startVmixSimulator({ speed: 20 });
    simulator.studio.record(true, 0);
    simulator.studio.channels.start('0');
    await waitFor(() => simulator.channel(1) === 'live');
    watch();
    assert.deepEqual([client.state], [null]);
    await assert.rejects(client.whenReady(0), code('VMIX_NOT_CONNECTED'));
    await client.whenReady(5_000);
    await waitFor(() => client.tcp?.status.state === 'ready');
    assert.equal(client.state?.recording.on, true);
    assert.deepEqual(changes(), []);
    assert.deepEqual(told, ['ready']);
  });

  it('tells at once what the TCP port hints at', async () => {
    await start();
    const took: number[] = [];
    for (const [act, seen] of [
      [() => simulator.studio.record(true, 0), 'recording_started'],
      [() => simulator.studio.show(3, 1), 'scene_changed'],
      [() => simulator.studio.setFlag('external', true, 0), 'output_started'],
      [() => simulator.studio.record(false, 0), 'recording_stopped'],
    ] as const) {
      const began = performance.now();
      act();
      await waitFor(() => changes().some(({ event }) => event === seen), { intervalMs: 2 });
      took.push(performance.now() - began);
    }
    assert.deepEqual(brief(changes()), [
      ['recording_started', 'recording', null, 'event'],
      ['scene_changed', null, null, 'event'],
      ['output_started', 'external', null, 'event'],
      ['recording_stopped', 'recording', null, 'event'],
    ]);
    assert.ok(Math.max(...took) < 2000, took.join());
  });

  it('without a TCP port with the next poll', async () => {
    await start({ tcpPort: null }, { pollMs: 500 });
    simulator.studio.record(true, 0);
    await waitFor(() => changes().length === 1);
    assert.deepEqual(brief(changes()), [['recording_started', 'recording', null, 'poll']]);
  });

  it('asks again where the state does not show yet what an event says, but not for ever', async () => {
    await start();
    simulator.studio.tell('Recording 1');
    simulator.studio.record(true, 10_000);
    const began = performance.now();
    await waitFor(() => changes().length === 1, { intervalMs: 5 });
    assert.equal(changes()[0]?.event, 'recording_started');
    assert.ok(performance.now() - began < 5000);
    await quiet();
    const before = simulator.stateRequests;
    simulator.studio.tell('External 1');
    await waitFor(() => simulator.stateRequests === before + 4);
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(simulator.stateRequests, before + 4);
  });

  it('asks not for every volume and every preview', async () => {
    await start();
    await quiet();
    const before = simulator.stateRequests;
    for (let round = 0; round < 20; round++) {
      simulator.studio.tell(`InputVolume 2 ${round / 100}`);
      simulator.studio.show(simulator.studio.active, 2 + (round % 3));
    }
    await client.tcp?.command('PING', 'a ping');
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(simulator.stateRequests, before);
  });

  it('knows what was asked for here from what somebody else did', async () => {
    await start({}, { pollMs: 500 });
    await client.call({ name: 'StartStreaming', value: 1 });
    await waitFor(() => changes().length === 1);
    await client.call({ name: 'StopStreaming', value: 1 });
    await waitFor(() => changes().length === 2);
    simulator.studio.channels.start('1');
    await waitFor(() => changes().length === 3);
    simulator.studio.channels.end(2);
    await waitFor(() => changes().length === 4);
    assert.deepEqual(
      changes().map(({ event, output, expected }) => [event, output, expected]),
      [
        ['stream_started', 'stream2', true],
        ['stream_stopped', 'stream2', true],
        ['stream_started', 'stream2', null],
        ['stream_stopped', 'stream2', null],
      ],
    );
  });

  it('waits for an effect, and leaves a start that is being confirmed to who confirms it', async () => {
    await start();
    simulator.faults.streamOutcome = 'drop';
    const release = client.confirming('stream1');
    await client.call({ name: 'StartStreaming', value: 0 });
    const live = await client.until(({ streaming }) => streaming.channels[1] || undefined, 5_000);
    assert.equal(live, true);
    const gone = await client.until(({ streaming }) => streaming.channels[1] === false || undefined, 5_000);
    assert.equal(gone, true);
    assert.deepEqual(
      changes().map(({ event, expected }) => [event, expected]),
      [['stream_failed', false]],
    );
    release();
    assert.equal(await client.until(() => undefined, 50), null);
    await assert.rejects(
      client.until(() => {
        throw new Error('enough');
      }, 5_000),
      /enough/,
    );
  });

  it('tells a restart as ends that nobody asked for, and moved inputs not at all', async () => {
    await start({}, { pollMs: 500 });
    await client.call({ name: 'StartStreaming', value: 0 });
    await client.call({ name: 'StartRecording' });
    await waitFor(() => changes().length === 2);
    const count = changes().length;
    await simulator.restart({ reorder: true, downMs: 10_000 });
    await waitFor(() => changes().length > count);
    assert.deepEqual(brief(changes().slice(count)), [
      ['stream_stopped', 'stream1', false, 'resync'],
      ['recording_stopped', 'recording', false, 'resync'],
    ]);
    assert.ok(told.some((one) => one.startsWith('disconnected') && NOTHING_THERE.test(one)));
    assert.equal(told.at(-1), 'ready');
    assert.equal(news.at(-1)?.state.active, 7);
  });

  it('is there while one look fails, and not while two do', async () => {
    await start({}, { pollMs: 500, timings: { http: { call: 1000 } } });
    simulator.faults.failHttp('error', { times: 1 });
    const before = news.length;
    await waitFor(() => news.length >= before + 2);
    assert.deepEqual(told, ['ready']);
    const wait = client.until(() => undefined, 60_000);
    simulator.freeze();
    await assert.rejects(wait, code('VMIX_TIMEOUT'));
    assert.equal(client.state, null);
    await assert.rejects(client.call({ name: 'Cut' }), code('VMIX_TIMEOUT'));
    simulator.thaw();
    await client.whenReady(10_000);
    assert.deepEqual(told, ['ready', 'disconnected VMIX_TIMEOUT', 'ready']);
    assert.deepEqual(changes(), []);
  });

  it('waits for a vMix that is not there yet, and says so once', async () => {
    simulator = await startVmixSimulator({ speed: 20 });
    await simulator.quit();
    const lines: string[] = [];
    watch({ tcpPort: null, log: (_, text) => lines.push(text) });
    const later = client.whenReady(20_000);
    await waitFor(() => told.some((one) => one.startsWith('waiting')));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await simulator.restart();
    await later;
    assert.match(told[0]!, NOTHING_THERE);
    assert.deepEqual(
      told.map((one) => one.split(' ')[0]),
      ['waiting', 'ready'],
    );
    assert.equal(lines.length, 2);
  });

  it('finds a vMix whose ports are known only later, and other ones after a restart', async () => {
    const at: { started: Promise<VmixSimulator> | null } = { started: null };
    simulator = await startVmixSimulator({ speed: 20 });
    await simulator.close();
    watch({
      port: 0,
      tcpPort: 0,
      pollMs: 500,
      locate: async () => {
        const { host, httpPort, tcpPort } = await (at.started ??= startVmixSimulator({ speed: 20 }));
        return { host, port: httpPort, tcpPort: tcpPort ?? 0 };
      },
    });
    await client.whenReady(20_000);
    await waitFor(() => client.tcp?.status.state === 'ready');
    const first = await waitFor(() => at.started);
    at.started = null;
    await first.close();
    const second = await waitFor(() => at.started);
    await waitFor(() => second.stateRequests > 0 && second.clients === 1);
    await client.whenReady(20_000);
    await client.close();
    await second.close();
  });

  it('starts and stops each channel and each output by its own number', async () => {
    await start({ configuredSrt: [1, 2, 3, 4] }, { pollMs: 500 });
    for (let channel = 1; channel <= 5; channel++) {
      await client.call({ name: 'StreamingSetKey', value: streamSetting(channel, `key ${channel}`) });
      await client.call({ name: 'StartStreaming', value: streamValue(channel) });
      const live = await client.until(({ streaming }) => streaming.channels[channel] || undefined, 10_000);
      assert.equal(live, true);
      assert.deepEqual(
        [1, 2, 3, 4, 5].filter((one) => simulator.channel(one) === 'live'),
        [channel],
      );
      assert.equal(simulator.received(channel).key, `key ${channel}`);
      await client.call({ name: 'StopStreaming', value: streamValue(channel) });
      assert.equal(await client.until(({ streaming }) => (streaming.on ? undefined : true), 10_000), true);
    }
    for (let output = 1; output <= 4; output++) {
      await client.call({ name: 'StartSRTOutput', value: outputValue(output) });
      assert.equal(await client.until((state) => srtOf(state, output) || undefined, 10_000), true);
      assert.deepEqual(
        [1, 2, 3, 4].filter((one) => srtOf(simulator.state, one)),
        [output],
      );
      await client.call({ name: 'StopSRTOutput', value: outputValue(output) });
      assert.equal(await client.until((state) => srtOf(state, output) === false || undefined, 10_000), true);
    }
    const names = changes().map(({ event, output, expected }) => `${event} ${output} ${expected}`);
    assert.deepEqual(names, [
      ...[1, 2, 3, 4, 5].flatMap((one) => [
        `stream_started stream${one} true`,
        `stream_stopped stream${one} true`,
      ]),
      ...[1, 2, 3, 4].flatMap((one) => [
        `srt_stream_started srt${one} true`,
        `srt_stream_stopped srt${one} true`,
      ]),
    ]);
  });

  it('tells a web controller that is off', async () => {
    await start({}, { pollMs: 500 });
    await simulator.webController(false);
    await waitFor(() => told.includes('disconnected VMIX_WEB_CONTROLLER_OFF'), {
      message: () => told.join(),
    });
    assert.equal(client.tcp?.status.state, 'ready');
    await simulator.webController(true);
    await client.whenReady(10_000);
  });

  it('stops at a wrong password', async () => {
    simulator = await startVmixSimulator({ password: 'right' });
    watch({ password: 'wrong', pollMs: 500 });
    await assert.rejects(client.whenReady(20_000), code('VMIX_WRONG_PASSWORD'));
    const { requests } = client.http;
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(client.http.requests, requests);
    assert.deepEqual(told, ['refused VMIX_WRONG_PASSWORD']);
  });

  it('hides the password of a call wherever it stands', async () => {
    await start({}, { pollMs: 500 });
    const password = '2838532823';
    simulator.studio.add({
      type: 'VideoCall',
      title: `Call ${password}`,
      call: { connected: false, password, videoSource: 'Output1', audioSource: 'Master' },
    });
    await waitFor(() => client.state?.inputs.some(({ call }) => call !== null));
    assert.ok(!redactText(`program: Call ${password}`).includes(password));
    await client.close();
    assert.ok(redactText(`Call ${password}`).includes(password));
  });

  it('ends at once, in the middle of everything, and twice', async () => {
    await start();
    simulator.freeze();
    const waits = [client.call({ name: 'Cut' }), client.until(() => undefined, 60_000)].map((wait) =>
      assert.rejects(wait),
    );
    const began = Date.now();
    await client.close();
    await client.close();
    await Promise.all(waits);
    assert.ok(Date.now() - began < 4000);
    await assert.rejects(client.whenReady(1000), code('VMIX_NOT_CONNECTED'));
    assert.equal(told.at(-1), 'closed');
  });
});

describe('what a function asks for', () => {
  const shows = (on: boolean) =>
    parseState(
      `<vmix><version>29.0.0.49</version><recording>${on ? 'True' : 'False'}</recording><streaming${on ? ' channel1="True"' : ''}>${on ? 'True' : 'False'}</streaming></vmix>`,
    );

  it('by its name and its value', () => {
    const asked = (name: string, value?: string) => askedBy({ name, value }, null);
    assert.deepEqual(asked('StartStreaming', '4'), { starts: ['stream5', 'stream'], stops: [] });
    assert.deepEqual(asked('stopstreaming', '0'), { starts: [], stops: ['stream1', 'stream'] });
    assert.equal(asked('StopStreaming').stops.length, 6);
    assert.deepEqual(asked('StartStopSRTOutput', '1'), { starts: ['srt2'], stops: ['srt2'] });
    assert.deepEqual(asked('StopSRTOutput'), { starts: [], stops: ['srt1'] });
    assert.deepEqual(asked('StartRecording'), { starts: ['recording'], stops: [] });
    assert.deepEqual(asked('StopMultiCorder'), { starts: [], stops: ['multicorder'] });
    assert.deepEqual(asked('Fullscreen'), { starts: ['fullscreen'], stops: ['fullscreen'] });
    assert.deepEqual(asked('FullscreenOff'), { starts: [], stops: ['fullscreen'] });
    assert.deepEqual(asked('Cut'), { starts: [], stops: [] });
  });

  it('is no reason for an end that comes after a later start', () => {
    const book = new AskedBook();
    const stop = { starts: [], stops: ['recording'] };
    const start = { starts: ['recording'], stops: [] };
    const stops = () => [...book.current(1500).stops];
    book.note(stop, 1000, shows(true));
    book.note(start, 1001, shows(true));
    assert.deepEqual(stops(), ['recording'], 'it has not ended yet');
    const refused = book.note(start, 1002, shows(false));
    assert.deepEqual(stops(), []);
    refused();
    assert.deepEqual(stops(), ['recording'], 'that start was never made');
  });

  it('is forgotten where there is nothing to do', () => {
    const book = new AskedBook();
    book.note({ starts: [], stops: ['recording'] }, 1000, shows(false));
    book.seen([], shows(false), 2900);
    assert.equal(book.current(3000).stops.size, 1, 'a start that was sent may show in spite of it');
    book.seen([], shows(true), 3100);
    assert.equal(book.current(3100).stops.size, 1, 'it may take as long as it likes');
    book.seen([], shows(false), 3100);
    assert.equal(book.current(3100).stops.size, 0);
  });

  it('is remembered until it is seen, or for half a minute', () => {
    const book = new AskedBook();
    book.note({ starts: ['stream1'], stops: ['srt1'] }, 1000);
    assert.deepEqual([...book.current(2000).starts], ['stream1']);
    const started: VmixChange = {
      ...{ event: 'stream_started', output: 'stream1', cause: 'poll', expected: true },
      ...{ state: 'live', previous: 'idle', payload: {} },
    };
    book.seen([started], shows(true), 2000);
    assert.deepEqual([...book.current(2000).starts], []);
    assert.deepEqual([...book.current(30_999).stops], ['srt1']);
    assert.deepEqual([...book.current(31_000).stops], []);
    const [first, second] = [book.confirm('stream1'), book.confirm('stream1')];
    first();
    first();
    assert.equal(book.current(0).confirming.has('stream1'), true);
    second();
    assert.equal(book.current(0).confirming.size, 0);
  });
});
