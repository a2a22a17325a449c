// The examples in which guests publish to Node-RED itself, imported into a real Node-RED; ffmpeg plays the guests.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { type NodeRed, startNodeRed } from '../editor/support';
import { freePort, type GuestPublisher, publisher, requirePrograms, waitFor } from '../support';
import { Example, Receiver, type Msg } from './support/example';

describe('The examples in which guests publish to Node-RED itself', function () {
  this.timeout(150_000);
  let nodeRed: NodeRed;
  let told: Receiver;
  let port: number;
  const guests: GuestPublisher[] = [];

  before(async function () {
    requirePrograms(this, ['ffmpeg']);
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(() => void (told.got.length = 0));
  afterEach(async () => {
    await Promise.all(guests.splice(0).map((guest) => guest.close()));
    await nodeRed.deploy([]);
    assert.ok(!/\[CONFIG_\w+\]/.test(nodeRed.program.log()), `a dialog makes no sense; ${said()}`);
  });

  const said = () => `Node-RED said:\n${nodeRed.program.log().slice(-3000)}`;
  const heard = (path: string, fits: (msg: Msg) => boolean, what: string): Promise<Msg> =>
    waitFor(() => told.taps(path).find(fits), {
      timeoutMs: 45_000,
      message: () => `${what}; told ${JSON.stringify(told.got).slice(-2000)}; ${said()}`,
    });
  const publish = async (streamKey: string): Promise<GuestPublisher> => {
    const [stream, key = null] = streamKey.split('?');
    const guest = await publisher({ server: `rtmp://127.0.0.1:${port}/live`, stream: stream!, key });
    guests.push(guest);
    return guest;
  };
  const here = async (start: string): Promise<Example> => {
    const found = new Example(`12 Guests/${start}`);
    port = await freePort();
    found.node('live-rtmp-ingest').port = String(port);
    return found;
  };

  it('the guest night rehearses with test streams: one is put on air, the others wait', async () => {
    const flow = await here('07');
    flow.node('live-rtmp-ingest').simulate = true;
    flow.node('live-guest-queue').pagePort = String(await freePort());
    const [orders, events] = [flow.tap('queue', 0, told), flow.tap('queue', 1, told)];
    await nodeRed.deploy(flow.nodes);
    const { payload } = await heard(orders, () => true, 'an order for OBS');
    assert.match(payload.address as string, /^rtmp:\/\/127\.0\.0\.1:\d+\/live\/test-\d$/);
    assert.ok(!(payload.address as string).includes(`:${port}/`));
    const onAir = payload.publisher.id as string;
    const tells = (event: string, id: string) =>
      heard(events, (msg) => msg.topic === event && msg.payload.publisher.id === id, `${event} of ${id}`);
    await tells('publisher_live', onAir);
    for (const other of ['test-1', 'test-2', 'test-3'])
      if (other !== onAir) await tells('publisher_waiting', other);
  });

  it('a guest night without any other program: one follows the other, a deploy cuts nobody off, a wrong key stays out', async () => {
    const flow = await here('07');
    flow.node('live-guest-queue').pagePort = String(await freePort());
    const [keys, events] = [flow.tap('keys of guests', 0, told), flow.tap('queue', 1, told)];
    const orders = flow.tap('queue', 0, told);
    const [onAir, figures] = [flow.tap('guest on air', 0, told), flow.tap('the ingest', 0, told)];
    const picture = flow.tap('picture of Anna', 0, told);
    await nodeRed.deploy(flow.nodes);
    await flow.press(nodeRed, 'a key for Anna');
    await flow.press(nodeRed, 'a key for Ben');
    const keyOf = async (id: string): Promise<string> =>
      String(
        (await heard(keys, ({ payload }) => payload.session_id === id, `a key for ${id}`)).payload.stream_key,
      );
    const [anna, ben] = [await keyOf('anna'), await keyOf('ben')];

    const first = await publish(anna);
    const order = await heard(orders, () => true, 'an order for OBS');
    assert.equal(order.payload.address, `rtmp://127.0.0.1:${port}/live/anna`);
    await heard(
      events,
      ({ topic, payload }) => topic === 'publisher_live' && payload.publisher.id === 'anna',
      'Anna on air',
    );
    const second = await publish(ben);
    await heard(
      events,
      ({ topic, payload }) => topic === 'publisher_waiting' && payload.publisher.id === 'ben',
      'Ben in the queue',
    );
    const stranger = await publish(anna.replace('anna', 'ben'));
    await stranger.gone(20_000);
    await waitFor(() => /denied ben \(key, from 127\.0\.0\.1/.test(nodeRed.program.log()), { message: said });

    await flow.press(nodeRed, 'who publishes');
    const before = await heard(figures, ({ payload }) => payload.streams.length === 2, 'two streams');
    await flow.press(nodeRed, 'a picture');
    const taken = await heard(picture, () => true, 'a picture');
    assert.deepEqual([taken.live.action, taken.live.application], ['snapshot', 'ingest']);
    told.got.length = 0;
    await nodeRed.deploy(flow.nodes);
    await flow.press(nodeRed, 'who publishes');
    const after = await heard(
      figures,
      ({ payload }) => payload.streams.length === 2,
      'two streams after a deploy',
    );
    const connections = ({ payload }: Msg) =>
      (payload.ingest.publishers as Msg[]).map(({ connectionId }) => String(connectionId));
    assert.deepEqual(connections(after), connections(before));
    assert.ok(first.running && second.running);

    await waitFor(
      async () => {
        await flow.press(nodeRed, 'skip');
        return told.taps(onAir).some(({ payload }) => payload.previous !== undefined);
      },
      { timeoutMs: 45_000, intervalMs: 1_000, message: said },
    );
    await heard(
      events,
      ({ topic, payload }) => topic === 'publisher_live' && payload.publisher.id === 'ben',
      'Ben on air',
    );
    const everything =
      JSON.stringify(told.got.filter(({ url }) => url !== `/${keys}`)) + nodeRed.program.log();
    for (const streamKey of [anna, ben])
      assert.ok(!everything.includes(streamKey.split('=')[1]!), 'a key was told');
  });

  it('streams by a REST interface: make, list, get, start, stop, delete, status', async () => {
    const flow = await here('08');
    await nodeRed.deploy(flow.nodes);
    const call = async (
      method: string,
      path: string,
      body?: object,
    ): Promise<{ status: number; answer: Msg }> => {
      const response = await fetch(`${nodeRed.url}api/streams${path}`, {
        method,
        headers: { connection: 'close', ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: response.status, answer: (await response.json().catch(() => null)) as Msg };
    };
    await waitFor(async () => (await call('GET', '/status')).status === 200, {
      timeoutMs: 20_000,
      message: said,
    });
    const made = await call('POST', '/create', { name: 'My Stream', metadata: { key: 'value' } });
    assert.deepEqual([made.status, made.answer.status], [200, 'waiting']);
    assert.equal(made.answer.session_id, 'my-stream');
    assert.match(String(made.answer.rtmp_url), /^rtmp:\/\/127\.0\.0\.1:\d+\/live\/my-stream$/);
    const streamKey = String(made.answer.stream_key);
    const guest = await publish(streamKey);
    const one = () => call('GET', '/my-stream');
    await waitFor(async () => (await one()).answer.bitrate_kbps > 0, { timeoutMs: 30_000, message: said });
    const live = (await one()).answer;
    assert.equal(live.status, 'live');
    assert.match(String(live.resolution), /^\d+x\d+$/);
    assert.ok(live.frames_received > 0 && live.bytes_received > 0);
    // the other example has left people in the store
    const all = (await call('GET', '')).answer as unknown as Msg[];
    assert.equal(all.find(({ session_id }) => session_id === 'my-stream')?.status, 'live');
    assert.equal((await call('GET', '/status')).answer.live, 1);
    const stopped = await call('POST', '/my-stream/stop');
    assert.deepEqual([stopped.answer.status, stopped.answer.kicked], ['stopped', 1]);
    await guest.gone(20_000);
    const refused = await publish(streamKey);
    await refused.gone(20_000);
    assert.equal((await call('POST', '/my-stream/start')).answer.status, 'waiting');
    const back = await publish(streamKey);
    await waitFor(async () => (await one()).answer.status === 'live', { timeoutMs: 30_000, message: said });
    assert.ok(back.running);
    assert.equal((await call('DELETE', '/my-stream')).answer.deleted, true);
    await back.gone(20_000);
    assert.equal((await one()).status, 404);
    assert.equal((await call('POST', '/create', {})).status, 400);
    assert.ok(!nodeRed.program.log().includes(streamKey.split('=')[1]!), 'the key was logged');
  });
});
