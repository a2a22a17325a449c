// The examples of a night of guests, imported into a real Node-RED: in the rehearsal that they come with, and with a simulated SRS.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { StoredKeys } from '../../lib/keys/store';
import { startMediaServerSimulator } from '../../simulators/media-servers';
import { type NodeRed, startNodeRed } from '../editor/support';
import { freePort, tempDir, waitFor } from '../support';
import { Example, Receiver, type Msg } from './support/example';

/** The second guest of a rehearsal comes up to 27 s after the start. */
const COMES_MS = 60_000;

describe('The examples of a night of guests', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed;
  let told: Receiver;

  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(() => void (told.got.length = 0));
  afterEach(async () => {
    await nodeRed.deploy([]);
    assert.ok(!/\[CONFIG_\w+\]/.test(nodeRed.program.log()), `a dialog makes no sense; ${said()}`);
  });

  /** The example, on ports that no other test has. */
  const example = async (start: string): Promise<Example> => {
    const found = new Example(`12 Guests/${start}`);
    found.node('live-media-server').hookPort = String(await freePort());
    found.node('live-guest-queue').pagePort = String(await freePort());
    return found;
  };
  const said = () => `Node-RED said:\n${nodeRed.program.log().slice(-2000)}`;
  const heard = (path: string, fits: (msg: Msg) => boolean, what: string): Promise<Msg> =>
    waitFor(() => told.taps(path).find(fits), { timeoutMs: COMES_MS, message: () => `${what}; ${said()}` });

  it('guest night: who comes is put on air, and after a skip the next one, while the first goes to the tail', async () => {
    const flow = await example('01');
    const [events, done] = [flow.tap('queue', 1, told), flow.tap('guest on air', 0, told)];
    const entries = flow.tap('record', 0, told);
    const wrong = flow.tap('anything wrong', 0, told);
    await nodeRed.deploy(flow.nodes);
    const first = await heard(done, () => true, 'a guest on air');
    const live = await heard(events, ({ topic }) => topic === 'publisher_live', 'who is on air');
    assert.equal(live.payload.onAir, live.payload.publisher.id);
    await heard(
      events,
      ({ topic, payload }) => topic === 'publisher_waiting' && payload.waiting > 0,
      'somebody who waits',
    );
    // he has to be seen to publish before he can follow
    await waitFor(
      async () => {
        const before = told.taps(events).length;
        await flow.press(nodeRed, 'skip');
        // a third guest may be told of in the same moment
        const answers = () => told.taps(events).slice(before);
        const answer = await waitFor(
          () => answers().find(({ live }) => live.action === 'queue-skip') ?? told.taps(wrong).at(-1),
        );
        told.got.splice(0, told.got.length, ...told.got.filter(({ url }) => url !== `/${wrong}`));
        return answer.error === undefined;
      },
      { timeoutMs: COMES_MS, intervalMs: 1000, message: said },
    );
    const second = await heard(
      done,
      ({ payload }) => payload.turn !== first.payload.turn,
      'the next one on air',
    );
    assert.equal(second.payload.previous, first.payload.source);
    const recorded = await heard(entries, ({ topic }) => topic === 'publisher_live', 'a record of it');
    assert.equal(typeof recorded.witness.seq, 'number', String(recorded.witness.reason));
    // whoever asks sees the same on the guest page
    const page = `http://127.0.0.1:${String(flow.node('live-guest-queue').pagePort)}/`;
    const queue = (await (await fetch(`${page}queue`, { headers: { connection: 'close' } })).json()) as Msg;
    assert.match(String(queue.queue.lead.name), /^guest-/);
    assert.equal(queue.queue.joining, false);
    const { payload } = await heard(
      events,
      ({ topic, payload: queue }) =>
        topic === 'publisher_waiting' &&
        queue.publisher.id === live.payload.publisher.id &&
        queue.reason !== undefined,
      'the first one at the tail',
    );
    assert.notEqual(payload.onAir, live.payload.publisher.id);
  });

  it('guest night with SRS: who has a key is put in the queue, who has none is denied', async () => {
    const flow = await example('02');
    const folder = tempDir('guests-srs');
    const store = new StoredKeys({ path: join(folder, 'people.json'), mostPeople: 5 });
    const { streamKey } = await store.create({ id: 'ana', name: 'Ana' });
    await store.close();
    flow.node('live-stream-keys').folder = folder;
    const node = flow.node('live-media-server');
    const secret = 'secretOfTheHookAddress0123';
    const hooks = `http://127.0.0.1:${String(node.hookPort)}/hooks/srs/${secret}`;
    const srs = await startMediaServerSimulator('srs', { hooks });
    try {
      Object.assign(node, { api: srs.api, credentials: { secret } });
      const [gate, orders] = [flow.tap('gate', 0, told), flow.tap('queue', 0, told)];
      await nodeRed.deploy(flow.nodes);
      const [name, args] = streamKey.split('?') as [string, string];
      await waitFor(async () => (await srs.publish(name, { app: 'live', args })).allowed, {
        timeoutMs: 20_000,
        intervalMs: 500,
        message: said,
      });
      const { payload } = await heard(orders, () => true, 'who goes on air');
      assert.equal(payload.address, 'rtmp://127.0.0.1/live/ana');
      assert.equal((await srs.publish('ben', { app: 'live', args: 'key=wrong' })).allowed, false);
      await heard(gate, ({ topic }) => topic === 'publisher_denied', 'who was denied');
      assert.ok(!JSON.stringify(told.got).includes(args.slice('key='.length)), 'a key in a message');
    } finally {
      await srs.close();
    }
  });

  it('nobody on air: the holding scene, and the scene of the guests when somebody is', async () => {
    const flow = await example('03');
    const scene = flow.tap('take it', 0, told);
    await nodeRed.deploy(flow.nodes);
    await heard(scene, ({ payload }) => payload.to === 'Live', 'the scene of the guests');
    await flow.press(nodeRed, 'nobody');
    await heard(scene, ({ payload }) => payload.to === 'Break', 'the holding scene');
    const before = told.taps(scene).length;
    await flow.press(nodeRed, 'somebody');
    await waitFor(() => told.taps(scene)[before]?.payload.to === 'Live', {
      timeoutMs: 20_000,
      message: said,
    });
  });

  it('to Slack: a line for each event, in plain text, and no message holds the address', async () => {
    const slack = await (await Receiver.reserve()).open();
    try {
      const flow = await example('04');
      flow.fill({ SLACK_WEBHOOK: `${slack.address}/services/T0/B0/secretOfTheWebhook` });
      const taken = flow.tap('did Slack take it?', 0, told);
      const fault = flow.tap('without the address', 0, told);
      await nodeRed.deploy(flow.nodes);
      await flow.press(nodeRed, 'test line');
      const line = await waitFor(() => slack.got.find(({ body }) => body.includes('A test')), {
        message: said,
      });
      const { text, mrkdwn, blocks } = JSON.parse(line.body) as Msg;
      assert.deepEqual([text, mrkdwn], ['A test waits (place 1)', false]);
      assert.equal(blocks[0].text.type, 'plain_text');
      await heard(taken, () => true, 'that Slack took it');
      await waitFor(() => slack.got.some(({ body }) => body.includes('guest-1')), {
        timeoutMs: COMES_MS,
        message: said,
      });
      await slack.close();
      await flow.press(nodeRed, 'test line');
      await heard(fault, () => true, 'that Slack is away');
      assert.ok(!JSON.stringify(told.got).includes('secretOfTheWebhook'));
    } finally {
      await slack.close();
    }
  });

  it('timer and block: by buttons, and as web addresses for whoever knows the password', async () => {
    const flow = await example('05');
    flow.fill({ COMMAND_PASSWORD: 'a long password' });
    const answers = flow.tap('queue', 1, told);
    await nodeRed.deploy(flow.nodes);
    await flow.press(nodeRed, 'ten minutes a turn');
    await heard(answers, ({ payload }) => payload.limitMs === 600_000, 'the new limit');
    const post = async (path: string, body: object, password?: string) => {
      const answer = await fetch(`${nodeRed.url}guests/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          connection: 'close',
          ...(password === undefined ? {} : { authorization: `Bearer ${password}` }),
        },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Msg };
    };
    assert.equal((await post('timer', { seconds: 60 })).status, 403);
    assert.equal((await post('timer', { seconds: 60 }, 'a long passwore')).status, 403);
    assert.equal((await post('timer', { seconds: 60 }, '')).status, 403);
    const timed = await post('timer', { seconds: 60, reset: false }, 'a long password');
    assert.deepEqual([timed.status, timed.body.limitMs], [200, 60_000]);
    assert.equal((await post('timer', { seconds: 'soon' }, 'a long password')).status, 400);
    const blocked = await post('block', { who: 'guest-9', seconds: 3600 }, 'a long password');
    assert.equal(blocked.body.bans[0].stream, 'guest-9');
    assert.deepEqual((await post('block', { who: 'guest-9', seconds: 0 }, 'a long password')).body.bans, []);
    assert.equal((await post('block', { who: 'guest-9', seconds: 0 }, 'a long password')).status, 400);
  });

  it('let in by a flow: the gate asks about everybody, and the flow’s answer counts', async () => {
    const flow = await example('09');
    const [gate, asked] = [flow.tap('gate', 0, told), flow.tap('gate', 1, told)];
    await nodeRed.deploy(flow.nodes);
    const of = (id: string) => (msg: Msg) => msg.payload.publisher.id === id;
    await heard(asked, of('guest-1'), 'the question about the first guest');
    const came = await heard(gate, of('guest-1'), 'the first guest');
    assert.deepEqual([came.topic, came.payload.publisher.name], ['publisher_waiting', 'Guest one']);
    const denied = await heard(gate, of('guest-2'), 'the second guest');
    assert.deepEqual([denied.topic, denied.payload.reason], ['publisher_denied', 'not tonight']);
  });
});
