import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../lib/connection/backoff';
import { withDeadline } from '../../lib/connection/deadline';
import { Emitter } from '../../lib/connection/emitter';
import { Lane, type Priority } from '../../lib/connection/lane';
import { LeaseRegistry } from '../../lib/connection/lease';
import { shareAddress } from '../../lib/connection/shared';
import { StreamLock } from '../../lib/connection/stream-lock';

const tick = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the request lane', () => {
  const full = () => new Error('full');
  const me = {};
  it('runs one at a time: stops first, then actions, then polls, each in order', async () => {
    const lane = new Lane();
    const ran: string[] = [];
    let busy = 0;
    const put = (priority: Priority, name: string, owner: object = {}) =>
      lane.run(
        owner,
        priority,
        async () => {
          assert.equal(++busy, 1);
          await tick(1);
          busy--;
          ran.push(name);
        },
        full,
      );
    await Promise.all([
      put('action', 'first'),
      put('poll', 'poll'),
      put('action', 'a1'),
      put('stop', 's1'),
      put('action', 'a2'),
      put('stop', 's2'),
    ]);
    assert.deepEqual(ran, ['first', 's1', 's2', 'a1', 'a2', 'poll']);
  });

  it('answers a poll with null while one of the same owner waits, and drops what waits of one owner', async () => {
    const lane = new Lane();
    const long = lane.run(me, 'action', () => tick(20), full);
    const poll = lane.run(me, 'poll', () => Promise.resolve(1), full);
    assert.equal(await lane.run(me, 'poll', () => Promise.resolve(2), full), null);
    const others = lane.run({}, 'poll', () => Promise.resolve(3), full);
    const dropped = assert.rejects(poll, /gone/);
    lane.drop(me, () => new Error('gone'));
    await dropped;
    assert.equal(await others, 3);
    await long;
    assert.equal(lane.length, 0);
  });

  it('refuses what is too much, but never a stop, and goes on after a failure', async () => {
    const lane = new Lane(2);
    const first = assert.rejects(
      lane.run(
        me,
        'action',
        async () => {
          await tick(5);
          throw new Error('own');
        },
        full,
      ),
      /own/,
    );
    const waiting = [lane.run(me, 'action', () => tick(), full), lane.run(me, 'action', () => tick(), full)];
    await assert.rejects(
      lane.run(me, 'action', () => tick(), full),
      /full/,
    );
    await lane.run(me, 'stop', () => tick(), full);
    await Promise.all([first, ...waiting]);
  });

  it('goes on after work that throws before it gives a promise', async () => {
    const lane = new Lane();
    await assert.rejects(
      lane.run(
        me,
        'action',
        () => {
          throw new Error('sync');
        },
        full,
      ),
      /sync/,
    );
    assert.equal(await lane.run(me, 'action', () => Promise.resolve(4), full), 4);
  });
});

describe('leases', () => {
  const thing = (log: string[], name: string) => ({
    name,
    close: () => Promise.resolve(void log.push(name)),
  });
  it('open once, close when the last goes, and linger', async () => {
    const log: string[] = [];
    const registry = new LeaseRegistry(20);
    const [a, b] = [
      registry.acquire('x', 's', () => thing(log, 'x')),
      registry.acquire('x', 's', () => thing(log, 'never')),
    ];
    assert.equal(a.value, b.value);
    a.release();
    a.release();
    await tick(40);
    assert.deepEqual(log, [], 'one user is left');
    b.release();
    assert.deepEqual(log, []);
    const c = registry.acquire('x', 's', () => thing(log, 'never'));
    await tick(40);
    assert.deepEqual([log, c.value], [[], a.value], 'taken again while it lingered');
    c.release();
    await tick(40);
    assert.deepEqual([log, registry.size], [['x'], 0]);
  });

  it('other settings close the old one at once, and its leases then close nothing new', async () => {
    const log: string[] = [];
    const registry = new LeaseRegistry(10_000);
    const old = registry.acquire('x', 'one', () => thing(log, 'one'));
    const young = registry.acquire('x', 'two', () => thing(log, 'two'));
    await tick();
    assert.deepEqual(log, ['one']);
    old.release();
    assert.equal(registry.size, 1);
    assert.equal(registry.peek('x', 'one'), null);
    assert.equal(registry.peek('x', 'two'), young.value);
    await registry.closeNow('x');
    await registry.closeNow('x');
    assert.deepEqual(log, ['one', 'two']);
  });

  it('closeAll waits for what closes, and a close that fails is told, not thrown', async () => {
    const told: unknown[] = [];
    const registry = new LeaseRegistry(0, (error) => told.push(error));
    registry.acquire('a', 's', () => ({ close: () => Promise.reject(new Error('a')) }));
    let closed = false;
    registry
      .acquire('b', 's', () => ({
        close: async () => {
          await tick(10);
          closed = true;
        },
      }))
      .release();
    await registry.closeAll();
    assert.ok(closed);
    assert.equal(told.length, 1);
  });
});

describe('back-off, lock, emitter, deadline', () => {
  it('waits grow from 1 s by 1.6 to 30 s with jitter, and start over', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 12, maxLength: 12 }),
        (randoms) => {
          const backoff = new Backoff(() => randoms[0]!);
          let base = 1000;
          for (let i = 0; i < 12; i++) {
            const wait = backoff.next();
            assert.ok(
              wait >= Math.floor(base * 0.8) && wait <= Math.ceil(base * 1.2),
              `${wait} around ${base}`,
            );
            base = Math.min(base * 1.6, 30_000);
          }
          backoff.reset();
          assert.ok(backoff.next() <= 1200);
          backoff.reset(3000);
          assert.ok(backoff.next() >= 2400);
        },
      ),
    );
  });

  it('one holder at a time, however often it is given back', async () => {
    const lock = new StreamLock();
    const unlock = lock.tryTake()!;
    assert.equal(lock.tryTake(), null);
    let free = false;
    void lock.whenFree().then(() => (free = true));
    await tick();
    assert.ok(!free);
    unlock();
    const second = lock.tryTake()!;
    unlock();
    assert.ok(lock.held, 'an old key opens nothing');
    second();
    await tick();
    assert.ok(free);
  });

  it('spellings of this machine share a lane, other addresses do not', async () => {
    const [a, b, c] = [shareAddress('localhost', 1), shareAddress('127.0.0.1', 1), shareAddress('[::1]', 1)];
    const others = [shareAddress('127.0.0.1', 2), shareAddress('studio', 1)];
    assert.equal(a.shared.lane, b.shared.lane);
    assert.equal(a.shared.lane, c.shared.lane);
    for (const other of others) assert.notEqual(a.shared.lane, other.shared.lane);
    for (const one of [a, b, c, ...others]) one.release();
    await tick();
    const later = shareAddress('localhost', 1);
    assert.notEqual(later.shared.lane, a.shared.lane);
    later.release();
  });

  it('a listener that throws or goes harms no other', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const heard: string[] = [];
    const hear = (value: number) => heard.push(`twice ${value}`);
    const first = emitter.add(hear);
    emitter.add(hear);
    emitter.add(() => {
      throw new Error('bad');
    });
    emitter.add((value) => heard.push(`last ${value}`));
    emitter.tell(1);
    first();
    first();
    emitter.tell(2);
    assert.deepEqual(heard, ['twice 1', 'twice 1', 'last 1', 'twice 2', 'last 2']);
    assert.equal(errors.length, 2);
    emitter.clear();
    assert.equal(emitter.size, 0);
  });

  it("a deadline rejects, and a late rejection is nobody's", async () => {
    await assert.rejects(
      withDeadline(
        new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 20)),
        5,
        () => new Error('deadline'),
      ),
      /deadline/,
    );
    assert.equal(await withDeadline(Promise.resolve(3), 5, () => new Error('x')), 3);
    await tick(30);
  });
});
