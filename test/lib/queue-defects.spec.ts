// The queue that this one takes after, and what went wrong there, row by row: fourteen things that are not ours.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToldQueueEvent } from '../../lib/queue/guests';
import { QueueKeeper } from '../../lib/queue/keeper';
import { STANDARD_POLICY } from '../../lib/queue/policy';
import type { QueuePolicy } from '../../lib/queue/types';
import { tempDir, waitFor } from '../support';
import { PaperServer } from '../support/paper-server';
import { PaperQueue, kicks, switches } from '../support/queue-on-paper';

const keepers: QueueKeeper[] = [];
afterEach(async () => {
  for (const keeper of keepers.splice(0)) await keeper.close();
});

function keeperOn(server: PaperServer, folder = tempDir('defects'), policy: Partial<QueuePolicy> = {}) {
  const told: string[] = [];
  const orders: string[] = [];
  const events: ToldQueueEvent[] = [];
  const keeper = new QueueKeeper({
    folder,
    server,
    apps: ['live'],
    policy: { ...STANDARD_POLICY, ...policy },
    times: { roundMs: 40, unsettledMs: 20, soonMs: 5 },
    tell: (what) => told.push(String(what)),
  });
  keepers.push(keeper);
  keeper.onSwitch(({ turn, stream }) => orders.push(`${stream} ${turn}`));
  keeper.onEvent((event) => events.push(event));
  const publish = (stream: string) => {
    const about = { app: 'live', stream, clientId: `c-${stream}`, name: stream, limitMs: null, priority: 0 };
    const verdict = keeper.join(about);
    if (verdict.allow) server.publish(stream);
    return verdict;
  };
  const onAir = async (stream: string) => {
    await waitFor(() => orders.at(-1)?.startsWith(`${stream} `), { message: `an order for ${stream}` });
    assert.equal(keeper.switched(orders.at(-1)!.split(' ')[1]!), true);
  };
  return { keeper, folder, told, orders, events, publish, onAir };
}

const lead = (policy: Partial<QueuePolicy> = {}, ...others: string[]): PaperQueue => {
  const queue = new PaperQueue(policy);
  for (const name of ['ada', ...others]) queue.publish(name);
  queue.switched();
  return queue;
};

describe('defects of the queue before, which are not ours', () => {
  it('1: the connection counts, not only the name: an intruder’s end is not the end of who is on air', () => {
    const queue = lead();
    assert.deepEqual(queue.join('ada', 'intruder'), { allow: false, why: 'taken' });
    const before = queue.state;
    queue.leave('ada', 'intruder');
    assert.equal(queue.state, before);
    // the same name in another application is somebody else
    queue.join('ada', 'c-other', { app: 'other' });
    assert.equal(queue.state.entries.length, 2);
  });

  it('2: the answer is there before anything is done, though the server, the disk and the listeners hang', async () => {
    const server = new PaperServer();
    server.listing = 'hangs';
    server.kicking = 'hangs';
    const { keeper, publish, events } = keeperOn(server);
    let slept = false;
    keeper.onEvent(() => {
      const until = process.hrtime.bigint() + 200_000_000n;
      while (process.hrtime.bigint() < until);
      slept = true;
    });
    const verdict = publish('ada');
    assert.equal(verdict.allow, true);
    assert.equal(slept, false);
    assert.equal(events.length, 0);
    await waitFor(() => slept);
  });

  it('3: who waits can be limited in number, held off after a kick, preferred, moved and held', () => {
    const queue = lead({ mostEntries: 4 }, 'bob', 'cleo');
    queue.publish('vip', 'c', { priority: 1 });
    assert.deepEqual(queue.join('eve'), { allow: false, why: 'full' });
    assert.deepEqual(queue.waiting, ['vip', 'bob', 'cleo']);
    queue.command({ action: 'move', who: 'cleo', to: 1 });
    queue.command({ action: 'hold', who: 'cleo' });
    queue.command({ action: 'kick', who: 'vip' });
    queue.leave('vip', 'c');
    assert.deepEqual(queue.join('vip', 'c2'), { allow: false, why: 'cooling' });
    queue.command({ action: 'skip' });
    assert.equal(queue.order?.stream, 'bob', 'cleo is held');
  });

  it('4: a lead who has left is not kicked, so that no late kick ends his new connection; a blip costs no turn', () => {
    const queue = lead({}, 'bob');
    assert.deepEqual(kicks(queue.leave('ada')), []);
    queue.run(5_000);
    queue.publish('ada', 'c-again');
    assert.equal(queue.lead, 'ada');
    queue.leave('ada', 'c-again');
    queue.run(10_000);
    queue.switched();
    queue.publish('ada', 'c-third');
    assert.deepEqual(kicks(queue.effects), []);
    assert.deepEqual(queue.waiting, ['ada']);
    queue.command({ action: 'kick', who: 'ada' });
    assert.deepEqual(
      kicks(queue.effects).map(({ clientId }) => clientId),
      ['c-third'],
      'a kick names the connection',
    );
  });

  it('5: who waits is removed by the end of his connection, and not by that of another under his name', () => {
    const queue = lead({}, 'bob');
    queue.leave('bob', 'somebody else');
    assert.deepEqual(queue.waiting, ['bob']);
    queue.leave('bob', null);
    assert.deepEqual(queue.waiting, ['bob'], 'an end that does not say whose: the server’s list has to tell');
    queue.leave('bob');
    assert.deepEqual(queue.waiting, []);
  });

  it('6: whoever comes on air later gets the same order to switch as the first: nothing hangs on what was asked at publish', () => {
    const queue = lead({}, 'bob', 'cleo');
    for (const name of ['bob', 'cleo']) {
      const order = switches(queue.command({ action: 'skip' }))[0]!;
      assert.deepEqual([order.app, order.stream, order.name], ['live', name, name]);
      queue.obey(queue.switched());
      assert.equal(queue.lead, name);
    }
  });

  it('7: which applications hold guests is a setting: others on the server’s list never come into the queue', async () => {
    const server = new PaperServer();
    server.publish('recorder', 'c1', 'motherstream');
    const { keeper, publish, onAir } = keeperOn(server);
    publish('ada');
    await onAir('ada');
    const { lists } = server;
    await waitFor(() => server.lists > lists + 3);
    assert.deepEqual(keeper.view().waiting, []);
  });

  it('8: who is admitted is decided elsewhere, by keys, tokens or a flow; who is denied is told and leaves no trace', async () => {
    const { keeper, events } = keeperOn(new PaperServer());
    keeper.denied('eve', 'wrong-key');
    await waitFor(() => events.length === 1);
    assert.deepEqual([events[0]!.event, events[0]!.more.reason], ['publisher_denied', 'wrong-key']);
    const { lead: onAir, waiting } = keeper.view();
    assert.deepEqual([onAir, waiting], [null, []]);
  });

  it('9: a guest alone is never taken off by time; limits are his own, warned of, extended, and survive a restart', async () => {
    const alone = lead({ limitMs: 3_600_000 });
    assert.deepEqual(kicks(alone.run(24 * 3_600_000)), []);
    const queue = new PaperQueue();
    queue.publish('ada', 'c', { limitMs: 120_000 });
    queue.switched();
    queue.publish('bob');
    queue.run(119_000);
    assert.deepEqual(
      queue.told('turn_warning').map(({ more }) => more.secondsLeft),
      [60, 10],
    );
    queue.command({ action: 'extend', byMs: 60_000 });
    assert.deepEqual(switches(queue.run(60_000)), []);
    const server = new PaperServer();
    const first = keeperOn(server);
    first.publish('ada');
    first.publish('bob');
    await first.onAir('ada');
    await waitFor(() => first.keeper.view().lead!.usedMs > 20);
    const { usedMs } = first.keeper.view().lead!;
    await first.keeper.close();
    assert.ok(keeperOn(server, first.folder).keeper.view().lead!.usedMs >= usedMs);
  });

  it('10: a ban is of a name, holds wherever in the queue he would come, for others’ turns too, and has an end', () => {
    const queue = lead({ rejoinMs: 0 }, 'bob', 'cleo');
    queue.command({ action: 'ban', who: 'lead', forMs: 600_000, reason: 'rude' });
    queue.command({ action: 'ban', who: 'bob', forMs: null, reason: null });
    queue.obey(queue.effects);
    queue.switched();
    for (const name of ['ada', 'bob'])
      assert.deepEqual(queue.join(name, 'new'), { allow: false, why: 'banned' }, 'the queue is not empty');
    queue.run(600_000);
    assert.equal(queue.join('ada', 'new').allow, true);
    assert.equal(queue.join('bob', 'new').allow, false);
    queue.command({ action: 'unban', who: 'bob' });
    assert.equal(queue.join('bob', 'new').allow, true);
  });

  it('11: the file is replaced whole, a damaged one is kept, and after a start the server is asked before anybody goes on air', async () => {
    const folder = tempDir('defects');
    writeFileSync(join(folder, 'queue.json'), '["user1","user2"');
    const server = new PaperServer();
    server.publish('bob');
    const { keeper, told, orders } = keeperOn(server, folder);
    await waitFor(() => orders.length === 1);
    assert.match(orders[0]!, /^bob /, 'whom the server has, and not whom the file names first');
    assert.match(told[0]!, /cannot be read/);
    await keeper.close();
    assert.ok(readdirSync(folder).some((name) => name.includes('unreadable')));
    const { queue } = JSON.parse(readFileSync(join(folder, 'queue.json'), 'utf8')) as {
      queue: { entries: { stream: string }[] };
    };
    assert.deepEqual(
      queue.entries.map(({ stream }) => stream),
      ['bob'],
    );
  });

  it('12: the view has more than names: turns, states, times and what is left, and every change is told', async () => {
    const server = new PaperServer();
    const { keeper, publish, onAir } = keeperOn(server);
    let changes = 0;
    keeper.onChange(() => (changes += 1));
    publish('ada');
    assert.ok(changes > 0);
    publish('bob');
    await onAir('ada');
    const { lead: first, waiting } = keeper.view();
    assert.equal(first!.state, 'live');
    assert.ok(first!.remainingMs! > 3_500_000 && first!.remainingMs! <= 3_600_000);
    assert.match(first!.liveAt!, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(
      waiting.map(({ stream, place }) => [stream, place]),
      [['bob', 1]],
    );
  });

  it('13: the queue touches no source by itself: it asks for switches and kicks, and tells; what is shown of it are figures', () => {
    const queue = lead({}, 'bob', 'cleo');
    queue.run(3_600_000);
    queue.obey(queue.switched());
    queue.command({ action: 'skip' });
    assert.deepEqual([...new Set(queue.effects.map((one) => one.do))].sort(), ['kick', 'switch', 'tell']);
  });

  it('14: nothing waits behind anything: a kick that hangs holds up no switch, and an old order switches to nobody', async () => {
    const server = new PaperServer();
    server.kicking = 'hangs';
    const { keeper, publish, onAir, orders } = keeperOn(server);
    for (const name of ['ada', 'bob', 'cleo']) publish(name);
    await onAir('ada');
    await keeper.command({ action: 'kick', who: 'lead' });
    await waitFor(() => orders.at(-1)?.startsWith('bob '));
    const stale = orders.at(-1)!.split(' ')[1]!;
    server.publishing.delete('bob');
    keeper.leave({ app: 'live', stream: 'bob', clientId: 'c-bob' });
    await onAir('cleo');
    assert.equal(keeper.switched(stale), false, 'he has left, and his switch comes too late');
    assert.equal(keeper.view().lead?.stream, 'cleo');
  });
});
