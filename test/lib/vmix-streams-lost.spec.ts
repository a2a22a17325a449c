// Streams of a vMix whose connection goes, which is started anew, or which does not name its channels: nothing is made up.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProductionEvent } from '../../lib/production/vocabulary';
import type { StreamTarget } from '../../lib/production/targets';
import { VmixApplication } from '../../lib/vmix/application';
import { NO_EXTRAS, type VmixExtras } from '../../lib/vmix/extras';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { waitFor } from '../support';

const TWITCH: StreamTarget = {
  name: 'Twitch',
  service: 'twitch',
  server: '',
  key: 'live_1',
  user: '',
  password: '',
};
const to = (channel: number, confirmMs = 300) => ({
  target: null,
  channels: [{ channel, target: TWITCH }],
  confirmMs,
});
const code = (expected: string) => (error: { code?: string; message?: string }) =>
  assert.equal(error.code, expected, error.message) === undefined;

let app: VmixApplication;
let told: ProductionEvent[] = [];

async function connect(
  at: { port: number; tcpPort: number | null },
  more: Partial<VmixExtras> = {},
): Promise<void> {
  told = [];
  app = new VmixApplication({
    id: 'a',
    name: 'Mixer',
    simulated: false,
    log: () => undefined,
    host: '127.0.0.1',
    user: '',
    password: '',
    ...at,
    ...NO_EXTRAS,
    ...more,
  }).start();
  app.events.onEvent((event) => told.push(event));
  await app.whenReady(10_000);
}
const events = () =>
  told
    .filter(({ event }) => event.startsWith('stream_'))
    .map(({ event, output, expected, cause }) => [event, output, String(expected), cause].join(' '));

describe('the streams of a vMix that is lost', () => {
  let simulator: VmixSimulator;
  const begin = async (more: Partial<VmixExtras> = {}) => {
    simulator = await startVmixSimulator({ speed: 10, random: () => 0.5 });
    await connect({ port: simulator.httpPort, tcpPort: simulator.tcpPort }, more);
  };
  afterEach(async () => {
    await app.close();
    await simulator.close();
  });
  const startAndLose = async (lose: () => Promise<void>) => {
    const started = app.streams.start(to(2, 10_000));
    const refused = assert.rejects(started, code('VMIX_DISCONNECTED'));
    await waitFor(() => app.client.state?.streaming.channels[2] === true);
    await lose();
    await refused;
    assert.equal(app.streams.state(), 'unknown');
    assert.deepEqual(events(), ['stream_starting stream2 true event']);
  };

  it('while one is confirmed: unknown, until the connection is back and shows it live', async () => {
    await begin();
    await startAndLose(() => simulator.webController(false));
    await simulator.webController(true);
    const { payload, previous } = await waitFor(() => told.find(({ event }) => event === 'stream_started'), {
      timeoutMs: 15_000,
    });
    assert.deepEqual(events(), ['stream_starting stream2 true event', 'stream_started stream2 true resync']);
    assert.deepEqual([payload.target, previous], ['Twitch', 'starting']);
    assert.equal(app.streams.list()[1]!.target, 'Twitch', 'what was set is remembered while it stays on');
    assert.equal((await app.streams.start(to(2))).alreadyRunning, true);
  });

  it('while one is confirmed, by a restart: it has failed, and was never live', async () => {
    await begin();
    await startAndLose(() => simulator.quit());
    await simulator.restart();
    await waitFor(() => told.some(({ event }) => event === 'stream_failed'), { timeoutMs: 15_000 });
    assert.deepEqual(events(), ['stream_starting stream2 true event', 'stream_failed stream2 false resync']);
    assert.equal(app.streams.state(), 'idle');
  });

  it('by a stop of everything: the start ends as cancelled, and nothing is told as failed', async () => {
    await begin();
    const refused = assert.rejects(app.streams.start(to(1, 10_000)), code('STREAM_START_CANCELLED'));
    await waitFor(() => app.client.state?.streaming.channels[1] === true);
    await app.stopAll();
    await refused;
    assert.equal(simulator.channel(1), 'off');
    await waitFor(() => told.some(({ event }) => event === 'stream_stopped'));
    assert.ok(!told.some(({ event }) => event === 'stream_failed'));
    assert.equal(told.find(({ event }) => event === 'stream_stopped')!.expected, true);
  });

  it('are three where the connection says so, whatever the version has', async () => {
    await begin({ channels: 3 });
    assert.deepEqual(
      app.streams.list().map(({ output }) => output),
      ['stream1', 'stream2', 'stream3'],
    );
    await assert.rejects(app.streams.start(to(4)), /set to 3 channels/);
    assert.ok(!simulator.calls.some(({ name }) => /Stream/.test(name)));
  });
});

describe('the streams of a vMix that does not name its channels', () => {
  let server: Server;
  let on = true;
  let calls: string[] = [];
  before(async () => {
    server = createServer((request, response) => {
      const query = new URL(request.url ?? '/', 'http://vmix').searchParams;
      const name = query.get('Function');
      if (name) calls.push(`${name} ${query.get('Value')}`);
      if (name === 'StopStreaming' && query.get('Value') === '2') on = false;
      const flag = on ? 'True' : 'False';
      response.writeHead(200, { connection: 'close' });
      response.end(
        name
          ? 'Function completed successfully.'
          : `<vmix><version>21.0.0.57</version><inputs></inputs><recording>False</recording><streaming>${flag}</streaming></vmix>`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => void server.close());
  beforeEach(async () => {
    on = true;
    calls = [];
    await connect({ port: (server.address() as AddressInfo).port, tcpPort: null });
  });
  afterEach(() => app.close());

  it('are unknown each, live as a whole, and none is started on top', async () => {
    assert.equal(app.streams.state(), 'live');
    for (const { state, unknown } of app.streams.list()) {
      assert.equal(state, 'unknown');
      assert.match(unknown.state!, /does not say which/);
    }
    await assert.rejects(app.streams.start(to(1)), code('VMIX_CHANNEL_UNNAMED'));
    assert.deepEqual(calls, []);
  });

  it('are all stopped, each by its own number', async () => {
    const stopped = await app.streams.stop();
    assert.deepEqual(calls.sort(), ['StopStreaming 0', 'StopStreaming 1', 'StopStreaming 2']);
    assert.equal(stopped.state, 'idle');
    assert.equal(app.streams.state(), 'idle');
  });

  it('say so where one of them was to stop and something still streams', async () => {
    await assert.rejects(app.streams.stop([1]), code('VMIX_CHANNEL_UNNAMED'));
    assert.deepEqual(calls, ['StopStreaming 0']);
  }).timeout(30_000);
});
