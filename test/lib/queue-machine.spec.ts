// The rules of the guest queue, one by one.
import assert from 'node:assert/strict';
import { switchFailed, tryAgain } from '../../lib/queue/machine';
import { parseSaved } from '../../lib/queue/saved';
import { PaperQueue, events, kicks, switches } from '../support/queue-on-paper';

/** A queue with these on the server, the first of them on air. */
function showOf(names: string[], policy: ConstructorParameters<typeof PaperQueue>[0] = {}): PaperQueue {
  const queue = new PaperQueue(policy);
  for (const name of names) queue.publish(name);
  queue.switched();
  return queue;
}

const lastOrder = (queue: PaperQueue) => switches(queue.effects).at(-1)!;

describe('guest queue: who is on air', () => {
  it('the first one goes on air, once he is seen to publish, and the others wait in the order they came', () => {
    const queue = new PaperQueue();
    assert.deepEqual(queue.join('ada'), { allow: true, turn: queue.entry('ada')!.turn, again: false });
    assert.equal(queue.order, null, 'nobody has seen him publish');
    queue.publishing.set('ada', 'c-ada');
    assert.equal(switches(queue.list())[0]?.stream, 'ada');
    assert.equal(queue.stands('ada'), 'promoting');
    queue.publish('bob');
    queue.publish('cleo');
    queue.switched();
    assert.equal(queue.stands('ada'), 'live');
    assert.deepEqual(queue.waiting, ['bob', 'cleo']);
    assert.deepEqual(
      queue.told('publisher_waiting').map(({ stream, more }) => [stream, more.place]),
      [
        ['ada', 1],
        ['bob', 1],
        ['cleo', 2],
      ],
    );
  });

  it('who is on air stays until the switch to the next is done, and is kicked then, by his connection', () => {
    const queue = showOf(['ada', 'bob']);
    const order = switches(queue.run(3_600_000));
    assert.equal(order.length, 1);
    assert.equal(order[0]!.stream, 'bob');
    assert.equal(queue.lead, 'ada');
    assert.deepEqual(kicks(queue.effects), []);
    const effects = queue.switched();
    assert.deepEqual(
      kicks(effects).map(({ stream, clientId, why }) => ({ stream, clientId, why })),
      [{ stream: 'ada', clientId: 'c-ada', why: 'turn over' }],
    );
    assert.equal(queue.lead, 'bob');
    assert.equal(queue.stands('ada'), 'leaving');
    queue.obey(effects);
    assert.equal(queue.entry('ada'), null);
    assert.equal(queue.told('publisher_left').at(-1)?.expected, true);
  });

  it('or is sent to the tail, where his time begins anew and his priority counts no more', () => {
    const queue = new PaperQueue({ afterTurn: 'tail' });
    queue.publish('vip', 'c1', { priority: 5 });
    queue.switched();
    queue.publish('bob');
    queue.publish('cleo');
    queue.run(3_600_000);
    const effects = queue.switched();
    assert.deepEqual(kicks(effects), []);
    assert.equal(queue.lead, 'bob');
    assert.deepEqual(queue.waiting, ['cleo', 'vip']);
    const { usedMs, warned, liveAtMs } = queue.entry('vip')!;
    assert.deepEqual({ usedMs, warned, liveAtMs }, { usedMs: 0, warned: [], liveAtMs: null });
  });

  it('a dropped lead keeps his place for the time of grace, and the time he used, under a new connection', () => {
    const queue = showOf(['ada', 'bob']);
    queue.run(60_000);
    queue.leave('ada');
    assert.equal(queue.stands('ada'), 'grace');
    queue.run(9_000);
    assert.equal(queue.order, null);
    assert.deepEqual(queue.join('ada', 'c-new'), {
      allow: true,
      turn: queue.entry('ada')!.turn,
      again: true,
    });
    assert.equal(queue.stands('ada'), 'live');
    assert.equal(queue.entry('ada')!.usedMs, 60_000, 'the time without him does not count');
    queue.leave('ada', 'c-ada');
    assert.equal(queue.stands('ada'), 'live', 'his old connection can end as often as it likes');
  });

  it('who keeps knocking under his name and is not there renews his grace never', () => {
    const queue = showOf(['ada', 'bob']);
    queue.leave('ada');
    const { turn } = queue.entry('ada')!;
    for (let tries = 0; queue.entry('ada')?.turn === turn; tries++) {
      assert.ok(tries < 10, 'he holds the place for ever');
      queue.join('ada', `refused-${tries}`);
      // the gate let him in, and the server refused him without a word
      for (let lists = 0; lists < 3; lists++) {
        queue.pass(1_000);
        queue.list();
      }
      queue.pass(1);
    }
    assert.equal(queue.order?.stream, 'bob');
  });

  it('who was there again, as the list has it, has the whole of his grace with the next drop', () => {
    const queue = showOf(['ada', 'bob']);
    for (let drops = 0; drops < 5; drops++) {
      queue.leave('ada', queue.entry('ada')!.clientId);
      queue.run(9_000);
      queue.publish('ada', `c-ada-${drops}`);
      queue.run(100);
    }
    assert.equal(queue.lead, 'ada');
    // without a list it takes the time of grace on air to count as back
    queue.leave('ada', queue.entry('ada')!.clientId);
    queue.run(9_000);
    queue.join('ada', 'c-last');
    queue.run(10_000);
    queue.leave('ada', 'c-last');
    queue.run(9_000);
    assert.equal(queue.stands('ada'), 'grace');
  });

  it('when grace is over the next one follows, and nobody is kicked who left by himself', () => {
    const queue = showOf(['ada', 'bob']);
    queue.leave('ada');
    const effects = queue.run(10_000);
    assert.equal(switches(effects)[0]?.stream, 'bob');
    assert.deepEqual(kicks(effects), []);
    assert.deepEqual(
      events(effects).map(({ event, more }) => [event, more.reason]),
      [['publisher_left', 'did not come back']],
    );
  });

  it('another connection on a name of the queue: refused, or in its place, as the policy says', () => {
    const rejecting = showOf(['ada']);
    assert.deepEqual(rejecting.join('ada', 'intruder'), { allow: false, why: 'taken' });
    rejecting.leave('ada', 'intruder');
    assert.equal(rejecting.stands('ada'), 'live');
    const taking = showOf(['ada'], { secondPublisher: 'takeover' });
    assert.equal(taking.join('ada', 'second').allow, true);
    taking.leave('ada', 'c-ada');
    assert.equal(taking.stands('ada'), 'live');
    assert.equal(taking.entry('ada')!.clientId, 'second');
  });

  it('who is let in and never seen to publish goes after his time, and holds nobody up before', () => {
    const queue = new PaperQueue();
    queue.join('ghost');
    queue.nowMs += 1_000;
    queue.publish('bob');
    assert.equal(queue.order?.stream, 'bob');
    const effects = queue.run(10_000);
    assert.equal(queue.entry('ghost'), null);
    assert.equal(events(effects)[0]?.more.reason, 'never seen to publish');
  });

  it('a full queue, a ban and a kick just now are refused', () => {
    const queue = showOf(['ada', 'bob'], { mostEntries: 2 });
    assert.deepEqual(queue.join('cleo'), { allow: false, why: 'full' });
    queue.command({ action: 'ban', who: 'bob', forMs: 60_000, reason: 'noise' });
    assert.deepEqual(queue.join('bob', 'again'), { allow: false, why: 'banned' });
    queue.obey(queue.effects);
    queue.run(60_000);
    assert.equal(queue.join('bob', 'again').allow, true, 'the ban has an end');
    queue.command({ action: 'kick', who: 'bob' });
    queue.leave('bob', 'again');
    assert.deepEqual(queue.join('bob', 'once more'), { allow: false, why: 'cooling' });
    queue.run(30_000);
    assert.equal(queue.join('bob', 'once more').allow, true);
  });
});

describe('guest queue: what a flow may say', () => {
  it('what is no number is not taken for one, and a state with anything in it can be read again', () => {
    const queue = new PaperQueue();
    queue.publish('ada', 'c', { limitMs: NaN, priority: Infinity, name: 'n'.repeat(5_000) });
    queue.command({ action: 'ban', who: 'eve', forMs: null, reason: 'r'.repeat(5_000) });
    const { limitMs, priority } = queue.entry('ada')!;
    assert.deepEqual([limitMs, priority, queue.state.bans[0]!.reason!.length], [null, 0, 500]);
    const saved = { v: 1, boot: null, atMs: 1, wallMs: 1, serverRun: null, queue: queue.state };
    assert.ok('saved' in parseSaved(JSON.stringify(saved)));
  });

  for (const [what, spoil] of [
    ['two leads', { state: 'live' }],
    ['a state that is none', { state: 'asleep' }],
    ['a time that is none', { sinceMs: null }],
    ['the same turn twice', { turn: 'same' }],
    ['a rank that is still to come', { rank: 99 }],
  ] as const)
    it(`a file with ${what} is unreadable as a whole`, () => {
      const queue = new PaperQueue();
      queue.publish('ada');
      queue.publish('bob');
      const entries = queue.state.entries.map((one) => ({ ...one, ...spoil }));
      const saved = {
        v: 1,
        boot: null,
        atMs: 1,
        wallMs: 1,
        serverRun: null,
        queue: { ...queue.state, entries },
      };
      assert.ok('reason' in parseSaved(JSON.stringify(saved)));
    });
});

describe('guest queue: switches', () => {
  it('who leaves before his switch is done makes room at once, and the report of it comes too late', () => {
    const queue = new PaperQueue();
    queue.publish('ada');
    const late = queue.order!;
    queue.publish('bob');
    assert.equal(switches(queue.leave('ada'))[0]?.stream, 'bob');
    queue.switched(late);
    assert.equal(queue.lead, null);
    assert.equal(queue.stands('bob'), 'promoting');
    queue.switched();
    assert.equal(queue.lead, 'bob');
  });

  it('whose switch succeeds just when he leaves: the lead is put back on air, in the same turn, until he is', () => {
    const queue = showOf(['ada', 'bob']);
    const { turn } = queue.entry('ada')!;
    queue.command({ action: 'skip' });
    const late = lastOrder(queue);
    queue.leave('bob');
    assert.equal(queue.order, null, 'nobody follows');
    assert.deepEqual(switches(queue.switched({ ...late, turn: 'other-queue' })), []);
    const lives = queue.told('publisher_live').length;
    const back = switches(queue.switched(late));
    assert.deepEqual(
      back.map((one) => one.turn),
      [turn],
    );
    queue.switchFailed('no picture', back[0]);
    queue.pass(5_000);
    assert.notEqual(lastOrder(queue).generation, back[0]!.generation, 'it is tried again');
    assert.equal(queue.stands('ada'), 'live');
    queue.switched(lastOrder(queue));
    queue.pass(120_000);
    assert.equal(lastOrder(queue).generation, back[0]!.generation + 1, 'and not again when he is back');
    assert.equal(queue.told('publisher_live').length, lives, 'his turn is the same');
    queue.publish('cleo');
    queue.switched();
    assert.equal(queue.lead, 'cleo', 'and it was over');
  });

  it('a lead in grace is put back when he is there again, also where the queue is on hold', () => {
    const queue = showOf(['ada', 'bob']);
    queue.command({ action: 'skip' });
    const late = lastOrder(queue);
    queue.leave('bob');
    queue.command({ action: 'hold', who: null });
    queue.leave('ada');
    assert.deepEqual(switches(queue.switched(late)), []);
    queue.publish('ada', 'c-ada-2');
    assert.equal(lastOrder(queue).stream, 'ada');
    assert.ok(lastOrder(queue).generation > late.generation);
  });

  it('a switch that failed for no fault of his costs nobody his place, however often', () => {
    const queue = showOf(['ada', 'bob', 'cleo']);
    queue.command({ action: 'skip' });
    for (let tries = 0; tries < 20; tries++) {
      assert.equal(queue.order!.stream, 'bob');
      const order = queue.order!;
      queue.step((state, at) => switchFailed(state, order, 'a deploy', at, false));
      queue.pass(30_000);
    }
  });

  it('what keeps failing for no fault of his is tried ever more seldom, and at once when it may be over', () => {
    const queue = showOf(['ada', 'bob']);
    queue.command({ action: 'skip' });
    const pauses: number[] = [];
    for (let tries = 0; tries < 9; tries++) {
      const order = queue.order!;
      queue.step((state, at) => switchFailed(state, order, 'OBS is down', at, false));
      const from = queue.nowMs;
      assert.deepEqual(switches(queue.run(999)), [], 'never at once');
      while (!queue.order) queue.run(1);
      pauses.push(queue.nowMs - from);
    }
    assert.equal(pauses[0], 1_000);
    assert.ok(
      pauses.every((ms, index) => ms <= 30_000 && ms >= (pauses[index - 1] ?? 0)),
      pauses.join(),
    );
    assert.equal(pauses.at(-1), 30_000);
    const order = queue.order!;
    queue.step((state, at) => switchFailed(state, order, 'OBS is down', at, false));
    assert.equal(queue.order, null);
    assert.equal(switches(queue.step(tryAgain))[0]?.stream, 'bob', 'OBS is back');
    assert.deepEqual(queue.step(tryAgain), [], 'that is under way');
    queue.switchFailed();
    assert.deepEqual(switches(queue.step(tryAgain)), [], 'and what he failed by himself has its own pause');
  });

  it('a lead who is to be put back is, as soon as OBS is there again', () => {
    const queue = showOf(['ada', 'bob']);
    queue.command({ action: 'skip' });
    const late = lastOrder(queue);
    queue.leave('bob');
    queue.switched(late);
    const back = lastOrder(queue);
    assert.equal(back.stream, 'ada');
    assert.deepEqual(switches(queue.step(tryAgain)), [], 'that is under way');
    queue.step((state, at) => switchFailed(state, back, 'OBS is down', at, false));
    assert.equal(switches(queue.step(tryAgain))[0]?.stream, 'ada');
  });

  it('a switch that fails is tried again after a pause, and then the next has his turn; he is not lost', () => {
    const queue = new PaperQueue({ mostFailures: 3 });
    queue.publish('ada');
    queue.publish('bob');
    for (let tries = 1; tries <= 2; tries++) {
      assert.equal(queue.order?.stream, 'ada');
      assert.deepEqual(switches(queue.switchFailed()), [], 'not in the same moment');
      queue.run(1_000 * 2 ** (tries - 1));
    }
    assert.equal(queue.order?.stream, 'ada', 'the third time');
    assert.equal(switches(queue.switchFailed())[0]?.stream, 'bob');
    assert.deepEqual(queue.waiting, ['ada']);
    queue.switched();
    queue.leave('bob');
    queue.run(60_000);
    assert.equal(queue.order?.stream, 'ada', 'and is tried again in his turn');
  });

  it('alone with switches that fail he is tried ever more seldom, and a newcomer need not wait for him', () => {
    const queue = new PaperQueue();
    queue.publish('ada');
    for (let tries = 0; tries < 20; tries++) {
      queue.switchFailed();
      const { length } = switches(queue.run(999));
      assert.equal(length, 0, 'never at once');
      queue.run(30_000);
    }
    queue.switchFailed();
    assert.equal(queue.order?.stream, undefined);
    queue.publish('bob');
    assert.equal(queue.order?.stream, 'bob');
  });

  it('a switch that never answers counts as failed, and answers of orders that are no more change nothing', () => {
    const queue = new PaperQueue({ switchMs: 30_000 });
    queue.publish('ada');
    const first = queue.order!;
    queue.run(31_000);
    const second = queue.order!;
    assert.equal(second.stream, 'ada');
    assert.ok(second.generation > first.generation);
    const before = queue.state;
    queue.switched(first);
    queue.switchFailed('late', first);
    assert.equal(queue.state, before);
    queue.switched(second);
    queue.switched(second);
    assert.equal(queue.lead, 'ada');
  });

  it('nobody goes on air while nobody could put him there', () => {
    const queue = new PaperQueue();
    queue.mayPromote = false;
    queue.publish('ada');
    assert.deepEqual(switches(queue.run(60_000)), []);
    queue.mayPromote = true;
    assert.equal(switches(queue.pass(0)).length, 1);
  });
});

describe('guest queue: time on air', () => {
  it('counts only while somebody could follow, and warns at 60 and 10 seconds before the end, each once', () => {
    const queue = showOf(['ada'], { limitMs: 600_000 });
    queue.run(7_200_000);
    assert.equal(queue.entry('ada')!.usedMs, 0, 'two hours alone');
    queue.publish('bob');
    queue.run(300_000);
    queue.leave('bob');
    queue.run(7_200_000);
    assert.equal(queue.entry('ada')!.usedMs, 300_000);
    assert.deepEqual(queue.told('turn_warning'), []);
    queue.publish('bob', 'c2');
    queue.run(299_000);
    assert.deepEqual(
      queue.told('turn_warning').map(({ stream, more }) => [stream, more.secondsLeft]),
      [
        ['ada', 60],
        ['ada', 10],
      ],
    );
    assert.equal(queue.order, null);
    assert.equal(switches(queue.run(1_000))[0]?.stream, 'bob');
  });

  it('counts always where the policy says so, and yet nobody is taken off the air for nobody', () => {
    const queue = showOf(['ada'], { limitMs: 600_000, onlyIfWaiting: false });
    const effects = queue.run(7_200_000);
    assert.deepEqual(kicks(effects), []);
    assert.equal(queue.lead, 'ada');
    queue.publish('bob');
    assert.equal(queue.order?.stream, 'bob', 'his time was over');
  });

  it('can be extended, begun anew and limited otherwise; then the warnings come for the new end', () => {
    const queue = showOf(['ada', 'bob'], { limitMs: 120_000 });
    queue.run(70_000);
    assert.equal(queue.told('turn_warning').length, 1);
    queue.command({ action: 'extend', byMs: 60_000 });
    queue.run(100_000);
    assert.deepEqual(
      queue.told('turn_warning').map(({ more }) => more.secondsLeft),
      [60, 60, 10],
    );
    queue.command({ action: 'reset' });
    assert.equal(queue.entry('ada')!.usedMs, 0);
    assert.equal(queue.entry('ada')!.extraMs, 0);
    queue.command({ action: 'limit', limitMs: null, again: false });
    assert.deepEqual(switches(queue.run(10_000_000)), []);
    queue.command({ action: 'limit', limitMs: 300_000, again: true });
    assert.equal(switches(queue.run(299_000)).length, 0);
    assert.equal(switches(queue.run(1_000)).length, 1);
  });

  it('a turn that is shorter than a warning is not warned at its beginning, and his own limit is his own', () => {
    const queue = new PaperQueue();
    queue.publish('ada', 'c', { limitMs: 30_000 });
    queue.switched();
    queue.publish('bob');
    const effects = queue.run(30_000);
    assert.deepEqual(
      events(effects).map(({ event, more }) => [event, more.secondsLeft]),
      [['turn_warning', 10]],
    );
    assert.equal(queue.order?.stream, 'bob');
  });
});

describe('guest queue: commands', () => {
  it('skip hands over as the end of a turn does; without anybody who could follow it says so', () => {
    const queue = showOf(['ada']);
    assert.throws(() => queue.command({ action: 'skip' }), { code: 'QUEUE_COMMAND_INVALID' });
    queue.publish('bob');
    assert.equal(switches(queue.command({ action: 'skip' }))[0]?.stream, 'bob');
    assert.equal(queue.lead, 'ada');
    assert.equal(kicks(queue.switched())[0]?.why, 'skipped');
  });

  it('while the next one is being put on air the present turn cannot be made longer, and that is said', () => {
    const queue = showOf(['ada', 'bob']);
    queue.command({ action: 'skip' });
    assert.equal(queue.order?.stream, 'bob');
    const before = queue.state;
    for (const wish of [
      { action: 'extend', byMs: 60_000 },
      { action: 'reset' },
      { action: 'limit', limitMs: 600_000, again: true },
    ] as const)
      assert.throws(() => queue.command(wish), /"bob" is being put on air just now/);
    assert.equal(queue.state, before);
    // a length for all turns is one for those that come
    queue.command({ action: 'limit', limitMs: 600_000, again: false });
    assert.deepEqual(queue.state.limit, { ms: 600_000 });
    assert.equal(queue.entry('ada')!.ending, true);
    queue.switchFailed();
    queue.command({ action: 'extend', byMs: 60_000 });
    assert.deepEqual(switches(queue.run(60_000)), [], 'with the switch that failed his turn goes on');
    assert.equal(queue.lead, 'ada');
  });

  it('a skip is not forgotten when the one who was to follow leaves', () => {
    const queue = showOf(['ada', 'bob', 'cleo']);
    queue.command({ action: 'skip' });
    assert.equal(switches(queue.leave('bob'))[0]?.stream, 'cleo');
  });

  it('kick ends a connection at once, on air or not', () => {
    const queue = showOf(['ada', 'bob', 'cleo']);
    assert.equal(kicks(queue.command({ action: 'kick', who: 'bob' }))[0]?.clientId, 'c-bob');
    assert.deepEqual(queue.waiting, ['cleo']);
    const effects = queue.command({ action: 'kick', who: 'lead' });
    assert.equal(kicks(effects)[0]?.clientId, 'c-ada');
    assert.equal(switches(effects)[0]?.stream, 'cleo');
  });

  it('move puts him at a place, whatever the priorities; hold passes him over; a held queue follows nobody', () => {
    const queue = showOf(['ada', 'bob', 'cleo', 'dora']);
    queue.publish('vip', 'c', { priority: 9 });
    assert.deepEqual(queue.waiting, ['vip', 'bob', 'cleo', 'dora']);
    queue.command({ action: 'move', who: 'dora', to: 1 });
    assert.deepEqual(queue.waiting, ['dora', 'vip', 'bob', 'cleo']);
    queue.command({ action: 'move', who: 'vip', to: 99 });
    assert.deepEqual(queue.waiting, ['dora', 'bob', 'cleo', 'vip']);
    queue.command({ action: 'hold', who: 'dora' });
    queue.command({ action: 'skip' });
    assert.equal(queue.order?.stream, 'bob');
    queue.switched();
    queue.command({ action: 'hold', who: null });
    queue.leave('bob');
    assert.deepEqual(switches(queue.run(60_000)), []);
    queue.command({ action: 'resume', who: 'dora' });
    assert.equal(switches(queue.command({ action: 'resume', who: null }))[0]?.stream, 'dora');
  });

  it('clear sends away those who wait, not who is on air', () => {
    const queue = showOf(['ada', 'bob', 'cleo']);
    assert.equal(kicks(queue.command({ action: 'clear' })).length, 2);
    assert.equal(queue.lead, 'ada');
    assert.deepEqual(queue.waiting, []);
  });

  it('what cannot be done is told and changes nothing', () => {
    const queue = showOf(['ada', 'bob']);
    const before = queue.state;
    const wrong = [
      [{ action: 'kick', who: 'nobody' }, 'QUEUE_NOBODY'],
      [{ action: 'unban', who: 'nobody' }, 'QUEUE_NOBODY'],
      [{ action: 'ban', who: 'not a name', forMs: null, reason: null }, 'QUEUE_NOBODY'],
      [{ action: 'move', who: 'ada', to: 1 }, 'QUEUE_COMMAND_INVALID'],
      [{ action: 'move', who: 'bob', to: 0 }, 'QUEUE_COMMAND_INVALID'],
      [{ action: 'hold', who: 'lead' }, 'QUEUE_COMMAND_INVALID'],
      [{ action: 'extend', byMs: NaN }, 'QUEUE_COMMAND_INVALID'],
      [{ action: 'limit', limitMs: -5, again: false }, 'QUEUE_COMMAND_INVALID'],
    ] as const;
    for (const [wish, code] of wrong)
      assert.throws(() => queue.command(wish), { code }, JSON.stringify(wish));
    assert.equal(queue.state, before);
  });
});

describe('guest queue: the server’s own list', () => {
  it('a list that cannot be had changes nobody, and who is let in meanwhile may go on air', () => {
    const queue = showOf(['ada', 'bob']);
    queue.publishing.clear();
    for (let tries = 0; tries < 10; tries++) queue.listFails();
    assert.deepEqual([queue.lead, ...queue.waiting], ['ada', 'bob']);
    assert.equal(queue.state.degraded, true);
    queue.leave('ada');
    queue.leave('bob');
    queue.join('cleo');
    queue.run(60_000);
    assert.equal(queue.order?.stream, 'cleo');
  });

  it('only so many lists in a row without him end a stay: a lead goes into grace, the others go', () => {
    const queue = showOf(['ada', 'bob']);
    queue.publishing.clear();
    queue.list();
    queue.list();
    queue.publishing.set('bob', 'c-bob');
    queue.list();
    assert.equal(queue.stands('ada'), 'grace');
    queue.publishing.clear();
    for (const left of ['bob', 'bob', null]) {
      queue.list();
      assert.equal(queue.entry('bob')?.stream ?? null, left);
    }
  });

  it('a list that is older than what somebody did says nothing about him', () => {
    const queue = new PaperQueue({ missesToLeave: 1 });
    const askedAtMs = queue.nowMs;
    queue.nowMs += 100;
    queue.publish('ada');
    queue.switched();
    queue.publishing.clear();
    queue.list({ askedAtMs });
    assert.equal(queue.lead, 'ada');
  });

  it('a list that still has the connection that was taken over does not put it back, so its end ends nothing', () => {
    for (const missesToLeave of [1, 3]) {
      const queue = showOf(['ada', 'bob'], { secondPublisher: 'takeover', missesToLeave });
      const askedAtMs = queue.nowMs;
      queue.nowMs += 10;
      queue.join('bob', 'second');
      queue.list({ askedAtMs });
      queue.leave('bob', 'c-bob');
      assert.deepEqual(queue.waiting, ['bob']);
      assert.equal(queue.entry('bob')!.clientId, 'second');
    }
  });

  it('who is on the server and in no queue joins at the tail, the oldest first; the banned one is kicked', () => {
    const queue = showOf(['ada']);
    queue.command({ action: 'ban', who: 'eve', forMs: null, reason: null });
    const stranger = (stream: string, sinceMs: number | null) => ({
      app: 'live',
      stream,
      clientId: `s-${stream}`,
      bytesIn: 5,
      sinceMs,
    });
    const publishers = [stranger('new', 1_000), stranger('unknown', null), stranger('old', 60_000)];
    const ada = { app: 'live', stream: 'ada', clientId: 'c-ada', bytesIn: 5, sinceMs: 1 };
    const effects = queue.list({ publishers: [ada, ...publishers, stranger('eve', 1)] });
    assert.deepEqual(queue.waiting, ['old', 'new', 'unknown']);
    assert.deepEqual(
      kicks(effects).map(({ clientId }) => clientId),
      ['s-eve'],
    );
    const again = queue.list({ publishers: [ada, ...publishers, stranger('eve', 1)] });
    assert.equal(kicks(again).length, 1, 'and again, until he is gone');
    queue.list({ publishers: [ada, ...publishers] });
    assert.equal(queue.entry('eve'), null);
  });

  it('after a restart of the server everybody keeps his place for as long as he takes to come back', () => {
    const queue = showOf(['ada', 'bob', 'cleo']);
    queue.run(60_000);
    queue.publishing.clear();
    queue.list({ newRun: true });
    assert.equal(queue.stands('ada'), 'grace');
    assert.deepEqual(queue.waiting, ['bob', 'cleo']);
    queue.nowMs += 2_000;
    queue.publish('cleo', '1');
    queue.publish('bob', '2');
    queue.publish('ada', '3');
    assert.equal(queue.lead, 'ada');
    assert.equal(queue.entry('ada')!.usedMs, 60_000);
    assert.deepEqual(queue.waiting, ['bob', 'cleo']);
  });

  it('a doubted stay is ended by the first list without him', () => {
    const queue = showOf(['ada', 'bob']);
    queue.publishing.delete('bob');
    queue.list({ doubted: new Set([queue.entry('bob')!.turn]) });
    assert.equal(queue.entry('bob'), null);
    assert.equal(queue.lead, 'ada');
  });
});
