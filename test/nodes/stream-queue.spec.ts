// The node that says who goes on air next: the real queue, a media server on paper, and a simulated OBS that it hears by itself.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import { answerIn } from '../../nodes/stream-queue/heard';
import { leases } from '../../red/leases';
import { tempDir } from '../support/temp';
import { doubles, freshQueue, join, queueDoubles, queueFlow, queueNow } from './support/queue';
import {
  around,
  badges,
  connectionIs,
  connectionTo,
  deploy,
  type Flow,
  type FlowNode,
  heardBy,
  load,
  logged,
  type Msg,
  next,
  refuse,
  send,
  simulate,
  tearDown,
  waitFor,
} from './support/rig';

const NODE = {
  type: 'live-stream-queue',
  queue: 'queue',
  handOver: 'switch',
  action: 'message',
  who: '',
  whoType: 'str',
  seconds: '',
  secondsType: 'num',
  to: '1',
  toType: 'num',
  reason: '',
  reasonType: 'str',
  again: false,
  changes: false,
};

describe('stream-queue', () => {
  let folder = '';
  beforeEach(() => {
    folder = tempDir('stream-queue');
    freshQueue();
    leases.lingerMs = 5_000;
  });
  afterEach(tearDown);

  /** The node, its queue and its media server; `more`: what stands beside. */
  const flow = (node: Partial<FlowNode> = {}, queue: Partial<FlowNode> = {}, more: FlowNode[] = []): Flow => {
    const beside = queueFlow(folder, queue)
      .filter(({ id }) => id !== 'tab')
      .map((one) => (one.id === 'user' ? { ...one, deaf: true } : one));
    return around({ ...NODE, ...node }, ...beside, ...more);
  };
  const start = (...args: Parameters<typeof flow>) => load(flow(...args), {}, [queueDoubles]);
  const ordered = (stream: string): Promise<Msg> =>
    next('out', ({ payload }) => payload.publisher?.id === stream);
  const told = (event: string, stream: string): Promise<Msg> =>
    next('interim', ({ live, payload }) => live.event === event && payload.publisher.id === stream);
  const lead = () => queueNow().view().lead;
  const done = ({ payload }: Msg) => send({ payload: { ...payload, source: 'live_main_1' } });

  it('sends who is to go on air, and the switch that comes back puts him there', async () => {
    await start();
    join('ada');
    const msg = await ordered('ada');
    assert.equal(msg.topic, 'switch');
    assert.equal(msg.payload.address, 'rtmp://media.example/live/ada');
    assert.deepEqual(msg.payload.publisher, { id: 'ada', name: 'ada' });
    assert.equal(msg.live.action, 'queue-switch');
    assert.equal(msg.live.application, 'media-server');
    assert.deepEqual(msg.live.connection, { id: 'server', name: 'SRS' });
    assert.equal(lead()!.state, 'promoting');
    done(msg);
    const live = await told('publisher_live', 'ada');
    assert.equal(live.topic, 'publisher_live');
    assert.equal(live.live.state, 'live');
    assert.equal(live.payload.onAir, 'ada');
    assert.equal(lead()!.state, 'live');
    assert.equal(heardBy('out').length, 1, 'what came back goes no further');
    assert.equal(badges().at(-1), 'live');
  });

  it('the one on air stays until the next one is, and goes only then', async () => {
    await start();
    join('ada');
    done(await ordered('ada'));
    join('bob');
    await told('publisher_waiting', 'bob');
    await waitFor(() => queueNow().view().waiting[0]?.state === 'waiting');
    send({ payload: 'skip' });
    const msg = await ordered('bob');
    assert.equal(lead()!.stream, 'ada');
    assert.deepEqual(doubles.server.kicked, []);
    done(msg);
    await told('publisher_live', 'bob');
    await waitFor(() => doubles.server.kicked.length === 1);
    assert.equal(lead()!.stream, 'bob');
    assert.equal((await told('publisher_kicked', 'ada')).payload.onAir, 'bob');
  });

  it('an answer that comes late, twice or from somewhere else changes nothing', async () => {
    await start();
    join('ada');
    const msg = await ordered('ada');
    send({ payload: { ...msg.payload, source: 's', turn: `${msg.payload.turn}9` } });
    send({ payload: { source: 's', turn: 'somebody.1' } });
    await waitFor(() => lead() !== null);
    assert.equal(lead()!.state, 'promoting');
    done(msg);
    done(msg);
    await told('publisher_live', 'ada');
    assert.equal(heardBy('interim').filter(({ topic }) => topic === 'publisher_live').length, 1);
    assert.deepEqual(heardBy('caught'), []);
  });

  it('a switch that failed comes back from Catch, and is tried again', async () => {
    await start();
    join('ada');
    const first = await ordered('ada');
    send({
      payload: { ...first.payload, source: null },
      error: { message: 'no picture [SOURCE_NOT_READY]' },
    });
    const again = await next('out', ({ payload }) => payload.turn !== first.payload.turn);
    assert.equal(again.payload.publisher.id, 'ada');
  });

  it('hears by itself what an application tells of the switch, and waits for no wire', async () => {
    const obs = await simulate();
    const source: FlowNode = {
      id: 'source',
      type: 'live-switch-gstreamer-source',
      z: 'tab',
      x: 1,
      y: 1,
      configVersion: 1,
      application: 'obs',
      obs: 'studio',
      scene: 'Live',
      sceneType: 'str',
      address: 'payload.address',
      addressType: 'msg',
      action: 'switch',
      transition: 'cut',
      fadeMs: '300',
      waitSeconds: '10',
      stallMs: '2000',
      fallback: '',
      stableMs: '5000',
      slot: 'guests',
      kind: 'auto',
      pipeline: 'low-latency',
      pipelineText: '',
      width: '',
      height: '',
      place: 'old',
      fromTop: '0',
      readySeconds: '10',
      settleMs: '100',
      ifBusy: 'newest',
      wires: [[], []],
    };
    await start({ wires: [['source', 'out'], ['interim']] }, {}, [connectionTo(obs), source]);
    await connectionIs('ready');
    join('ada');
    await told('publisher_live', 'ada');
    assert.equal(lead()!.state, 'live');
    assert.deepEqual(heardBy('caught'), []);
  });

  it('what a deploy or OBS did to a switch does not count against the guest', async () => {
    await start();
    join('ada');
    await ordered('ada');
    const queue = queueNow();
    const failures = (code: string): boolean[] => {
      const counted: boolean[] = [];
      const double = {
        ...queue,
        switchFailed: (_turn: string, _why: string, isHis = true) => counted.push(isHis) > 0,
      };
      const payload = { turn: 'a.1', code, message: 'no' };
      answerIn({ event: 'source_switch_failed', payload } as never, double as never);
      return counted;
    };
    assert.deepEqual(failures('SOURCE_SWITCH_CLOSED'), [false]);
    assert.deepEqual(failures('OBS_NOT_CONNECTED'), [false]);
    assert.deepEqual(failures('SOURCE_NOT_READY'), [true]);
    // he is ordered again, whoever else waits
    join('bob');
    for (let often = 0; often < 4; often++) {
      const before = heardBy('out').length;
      const { turn } = heardBy('out').at(-1)!.payload as { turn: string };
      assert.equal(queue.switchFailed(turn, 'the switch was deployed', false), true);
      const again = await waitFor(() => heardBy('out')[before]);
      assert.equal(again.payload.publisher.id, 'ada');
    }
  });

  it('of two nodes with output 1 wired one has the orders, and the other says so; without it that one has them', async () => {
    const other = (wires: string[][]): FlowNode => ({ ...NODE, id: 'other', z: 'tab', x: 1, y: 1, wires });
    await start({}, {}, [other([['out'], []])]);
    join('ada');
    const first = await ordered('ada');
    assert.equal(heardBy('out').length, 1);
    await waitFor(() => badges().at(-1) === 'not in charge');
    assert.ok(logged().some(({ text }) => text.includes('QUEUE_SECOND')));
    assert.notEqual(badges('other').at(-1), 'not in charge');
    await deploy(flow({}, {}, [other([[], []])]), 'nodes');
    const again = await waitFor(() => heardBy('out')[1]);
    assert.equal(again.payload.turn, first.payload.turn, 'the open order goes to him who has it now');
    await waitFor(() => badges().at(-1) === 'switching');
  });

  it('a node without a wire at output 1 puts nobody on air, until one is laid', async () => {
    await start({ wires: [[], ['interim']] });
    join('ada');
    await waitFor(() => queueNow().view().waiting[0]?.state === 'waiting');
    assert.equal(lead(), null);
    await deploy(flow(), 'nodes');
    await ordered('ada');
  });

  it('what waits for OBS is tried as soon as OBS is there, however long it was away', async () => {
    const obs = await simulate();
    await start({}, {}, [connectionTo(obs)]);
    await connectionIs('ready');
    const queue = queueNow();
    let tries = 0;
    queue.tryAgain = () => void (tries += 1);
    await obs.restart();
    await connectionIs('ready');
    await waitFor(() => tries > 0);
  });

  it('without a switch, whoever is told at output 1 is on air at once', async () => {
    await start({ handOver: 'at-once' });
    join('ada');
    await ordered('ada');
    await told('publisher_live', 'ada');
  });

  it('commands from the message: words, and objects with what they need', async () => {
    await start();
    for (const name of ['ada', 'bob', 'cleo', 'dan']) join(name);
    done(await ordered('ada'));
    await waitFor(() =>
      queueNow()
        .view()
        .waiting.every(({ state }) => state === 'waiting'),
    );
    const names = () =>
      queueNow()
        .view()
        .waiting.map(({ stream }) => stream);
    const act = async (payload: unknown): Promise<Msg> => {
      const before = heardBy('interim').length;
      send({ payload, keep: 'me' });
      return await waitFor(() =>
        heardBy('interim')
          .slice(before)
          .find(({ keep }) => keep === 'me'),
      );
    };
    const moved = await act({ action: 'move', who: 'dan', to: 1 });
    assert.equal(moved.live.action, 'queue-move');
    assert.deepEqual(names(), ['dan', 'bob', 'cleo']);
    assert.deepEqual(
      (moved.payload.waiting as { stream: string }[]).map(({ stream }) => stream),
      names(),
    );
    assert.equal((await act({ action: 'limit', seconds: 600 })).payload.limitMs, 600_000);
    assert.equal((await act({ action: 'extend', seconds: '60' })).payload.lead.limitMs, 660_000);
    assert.equal((await act({ action: 'hold', who: 'bob' })).payload.waiting[1].held, true);
    assert.equal((await act('hold')).payload.onHold, true);
    assert.equal(badges().at(-1), 'on hold');
    assert.equal((await act('RESUME ')).payload.onHold, false);
    const banned = await act({ action: 'ban', who: 'cleo', seconds: 3600, reason: 'loud' });
    assert.equal(banned.payload.bans[0].stream, 'cleo');
    assert.equal(banned.payload.bans[0].reason, 'loud');
    assert.deepEqual((await act({ action: 'unban', who: 'cleo' })).payload.bans, []);
    assert.equal((await act('list')).payload.lead.stream, 'ada');
    assert.deepEqual((await act('clear')).payload.waiting, []);
    assert.equal((await act('reset')).payload.lead.stream, 'ada');
  });

  it('commands from the dialog, with typed fields', async () => {
    await start({ action: 'ban', who: 'guest', whoType: 'msg', seconds: '90', reason: 'by the button' });
    join('ada');
    done(await ordered('ada'));
    send({ guest: 'ada', payload: 'whatever' });
    const { payload } = await next('interim', ({ live }) => live.action === 'queue-ban');
    assert.equal(payload.bans[0].stream, 'ada');
    assert.equal(payload.bans[0].reason, 'by the button');
    assert.deepEqual(join('ada', 'c2'), { allow: false, why: 'banned' });
  });

  it('says what is wrong with a message, each in its code, and a pasted key is not repeated', async () => {
    await start({ handOver: 'at-once' });
    join('ada');
    await told('publisher_live', 'ada');
    await refuse({ payload: 'dance' }, 'ACTION_UNKNOWN');
    const key = 'abcd-1234-efgh-5678';
    const { error } = await refuse({ payload: key }, 'ACTION_UNKNOWN');
    assert.ok(!JSON.stringify(error).includes(key));
    await refuse({ payload: 4 }, 'ACTION_UNKNOWN');
    await refuse({ payload: { action: 'kick' } }, 'INPUT_INVALID');
    await refuse({ payload: { action: 'kick', who: 'nobody' } }, 'QUEUE_NOBODY');
    await refuse({ payload: { action: 'move', who: 'ada', to: 1 } }, 'QUEUE_COMMAND_INVALID');
    await refuse({ payload: { action: 'extend', seconds: 'soon' } }, 'INPUT_INVALID');
    await refuse({ payload: { action: 'ban', who: 'ada', seconds: -5 } }, 'INPUT_INVALID');
    await refuse({ payload: { action: 'kick', who: 'x'.repeat(500) } }, 'INPUT_INVALID');
    assert.equal(lead()!.stream, 'ada');
  });

  it('also sends the whole queue at each change, where that is ticked', async () => {
    await start({ changes: true });
    join('ada');
    const { payload, topic } = await next('interim', ({ live }) => live.action === 'queue-list');
    assert.equal(topic, 'queue');
    assert.ok('lead' in payload && Array.isArray(payload.waiting));
  });

  it('a deploy in the middle of a switch sends the same order again, and its answer counts', async () => {
    await start();
    join('ada');
    const before = await ordered('ada');
    await deploy(flow(), 'full');
    const again = await waitFor(() => heardBy('out')[1]);
    assert.equal(again.payload.turn, before.payload.turn);
    done(again);
    await told('publisher_live', 'ada');
  });

  it('says that its queue is missing', async () => {
    await start({ queue: '' });
    assert.equal(badges().at(-1), 'misconfigured');
    await refuse({ payload: 'list' }, 'QUEUE_MISSING');
  });
});
