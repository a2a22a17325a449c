// The guest queue that runs: its file, the server it asks, and those who listen.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFiles, type Files } from '../../lib/durable/files';
import { LiveError } from '../../lib/errors';
import type { QueueClock } from '../../lib/queue/clock';
import type { SwitchOrder, ToldQueueEvent } from '../../lib/queue/guests';
import { QueueKeeper, type KeeperOptions } from '../../lib/queue/keeper';
import { STANDARD_POLICY } from '../../lib/queue/policy';
import type { JoinVerdict, QueuePolicy } from '../../lib/queue/types';
import { tempDir, waitFor } from '../support';
import { PaperServer } from '../support/paper-server';

const QUICK = { roundMs: 40, unsettledMs: 20, soonMs: 5 };

type Options = Partial<Omit<KeeperOptions, 'policy'>> & { policy?: Partial<QueuePolicy>; listen?: boolean };

/** A keeper with somebody who listens and writes down. */
class Running {
  readonly told: (LiveError | string)[] = [];
  readonly events: ToldQueueEvent[] = [];
  readonly orders: SwitchOrder[] = [];
  readonly server: PaperServer;
  readonly folder: string;
  readonly keeper: QueueKeeper;
  release: () => void = () => undefined;

  constructor({ policy, listen = true, ...options }: Options = {}) {
    this.server = (options.server as PaperServer | undefined) ?? new PaperServer();
    this.folder = options.folder ?? tempDir('queue');
    this.keeper = new QueueKeeper({
      apps: [],
      times: QUICK,
      tell: (what) => this.told.push(what),
      ...options,
      server: options.server === null ? null : this.server,
      folder: this.folder,
      policy: { ...STANDARD_POLICY, ...policy },
    });
    running.push(this);
    this.keeper.onEvent((event) => this.events.push(event));
    if (listen) this.release = this.keeper.onSwitch((order) => this.orders.push(order));
  }

  join(stream: string, clientId: string | null = `c-${stream}`): JoinVerdict {
    return this.keeper.join({ app: 'live', stream, clientId, name: stream, limitMs: null, priority: 0 });
  }

  publish(stream: string): void {
    assert.equal(this.join(stream).allow, true);
    this.server.publish(stream);
  }

  async onAir(stream: string): Promise<void> {
    await waitFor(() => this.orders.at(-1)?.stream === stream, { message: `an order for ${stream}` });
    assert.equal(this.keeper.switched(this.orders.at(-1)!.turn), true);
  }

  get waiting(): string[] {
    return this.keeper.view().waiting.map(({ stream }) => stream);
  }

  codes(): string[] {
    return this.told.map((what) => (what instanceof LiveError ? what.code : what));
  }
}

const running: Running[] = [];
afterEach(async () => {
  for (const { keeper } of running.splice(0)) await keeper.close();
});

describe('keeper of the guest queue', () => {
  it('answers at once out of memory; what follows is done afterwards', async () => {
    const queue = new Running();
    await waitFor(() => queue.server.lists > 0);
    queue.server.listing = 'hangs';
    queue.publish('ada');
    assert.equal(queue.events.length, 0, 'he has his answer first');
    assert.deepEqual(queue.waiting, ['ada']);
    await waitFor(() => queue.events.length === 1);
    assert.equal(queue.events[0]!.event, 'publisher_waiting');
    assert.equal(queue.events[0]!.cause, 'event');
  });

  it('puts the first one on air once the server has him, and the next when he is done; kicks go to the server', async () => {
    const queue = new Running({ policy: { graceMs: 0 } });
    queue.publish('ada');
    queue.publish('bob');
    await queue.onAir('ada');
    assert.equal(queue.keeper.switched(queue.orders[0]!.turn), false, 'twice is once');
    assert.equal(queue.keeper.switchFailed('no order', 'late'), false);
    const view = await queue.keeper.command({ action: 'skip' });
    assert.equal(view.lead?.stream, 'ada', 'until the switch is done');
    await queue.onAir('bob');
    await waitFor(() => queue.server.kicked.length === 1);
    assert.deepEqual(queue.server.kicked, ['ada c-ada']);
    await waitFor(() => queue.events.some(({ event }) => event === 'publisher_left'));
    assert.equal(queue.keeper.view().lead?.stream, 'bob');
  });

  it('puts nobody on air while nobody listens; an order that is open is told to whoever comes', async () => {
    const queue = new Running({ listen: false });
    queue.publish('ada');
    await waitFor(() => queue.keeper.view().waiting[0]?.state === 'waiting');
    const heard: string[] = [];
    const release = queue.keeper.onSwitch(({ turn }) => heard.push(turn));
    await waitFor(() => heard.length === 1);
    release();
    const again: string[] = [];
    queue.keeper.onSwitch(({ turn }) => again.push(turn));
    await waitFor(() => again.length === 1);
    assert.deepEqual(again, heard);
  });

  it('one listener at a time has the orders; the next one has them, open ones too, when he is gone for good', async () => {
    const queue = new Running();
    const [other, places]: [string[], boolean[]] = [[], []];
    queue.keeper.onSwitch(
      ({ stream }) => other.push(stream),
      (isFirst) => places.push(isFirst),
    );
    const third: string[] = [];
    const gone = queue.keeper.onSwitch(({ stream }) => third.push(stream));
    gone();
    queue.publish('ada');
    await waitFor(() => queue.orders.length === 1);
    queue.release();
    assert.deepEqual([other, places], [[], [false]], 'a deploy brings the first one back');
    await waitFor(() => other.length === 1);
    assert.deepEqual(places, [false, true]);
    assert.equal(queue.keeper.switched(queue.orders[0]!.turn), true);
    queue.publish('bob');
    await waitFor(() => queue.keeper.view().waiting[0]?.state === 'waiting');
    await queue.keeper.command({ action: 'skip' });
    await waitFor(() => other.length === 2);
    assert.deepEqual([queue.orders.length, third], [1, []]);
  });

  it('guests who wait with nobody to put them on air are told of, once, and everybody can see it', async () => {
    const queue = new Running({ listen: false, unheardMs: 30 });
    assert.equal(queue.keeper.isUnheard, false);
    queue.publish('ada');
    let changes = 0;
    queue.keeper.onChange(() => changes++);
    await waitFor(() => queue.keeper.isUnheard);
    assert.ok(changes > 0);
    assert.deepEqual(queue.codes(), ['QUEUE_UNHEARD']);
    queue.keeper.leave({ app: 'live', stream: 'ada', clientId: 'c-ada' });
    queue.server.publishing.delete('ada');
    assert.equal(queue.keeper.isUnheard, false, 'nobody waits');
    queue.publish('bob');
    await waitFor(() => queue.keeper.isUnheard);
    assert.deepEqual(queue.codes(), ['QUEUE_UNHEARD']);
    const release = queue.keeper.onSwitch(() => undefined);
    assert.equal(queue.keeper.isUnheard, false);
    release();
    await queue.keeper.command({ action: 'hold', who: null });
  });

  it('a server whose process has the same number after a restart is known by when it began', async () => {
    const queue = new Running();
    queue.server.run = '1@1795000000';
    queue.publish('ada');
    await queue.onAir('ada');
    const lists = (more: number) => {
      const { lists: before } = queue.server;
      return waitFor(() => queue.server.lists >= before + more);
    };
    const states: unknown[] = [];
    queue.keeper.onChange(() => states.push(queue.keeper.view().lead?.state));
    for (const run of ['1@1795000002', '1@1794999000']) {
      queue.server.run = run;
      await lists(3);
    }
    assert.ok(!states.includes('grace'), 'whole seconds, and a clock that is put right');
    queue.server.publishing.delete('ada');
    queue.server.run = '1@1795000900';
    queue.join('bob');
    await lists(2);
    assert.equal(queue.keeper.view().lead?.state, 'grace', 'by the first list');
  });

  it('a restart goes on: order, turn, time and orders are as they were', async () => {
    const first = new Running();
    for (const name of ['ada', 'bob', 'cleo']) first.publish(name);
    await first.onAir('ada');
    await first.keeper.command({ action: 'move', who: 'cleo', to: 1 });
    await first.keeper.command({ action: 'ban', who: 'eve', forMs: 60_000, reason: 'rude' });
    await waitFor(() => first.keeper.view().lead!.usedMs > 20);
    const before = first.keeper.view();
    await first.keeper.close();
    const second = new Running({ folder: first.folder, server: first.server });
    const after = second.keeper.view();
    assert.deepEqual(second.waiting, ['cleo', 'bob']);
    assert.deepEqual([after.lead?.turn, after.lead?.state], [before.lead?.turn, 'live']);
    assert.ok(after.lead!.usedMs >= before.lead!.usedMs, 'he was on air all the time');
    assert.deepEqual(
      after.bans.map(({ stream, reason }) => [stream, reason]),
      [['eve', 'rude']],
    );
    const asked = second.server.lists;
    await waitFor(() => second.server.lists > asked + 5);
    assert.deepEqual(second.orders, [], 'nobody is put on air once more');
    assert.equal(second.keeper.view().lead?.stream, 'ada');
  });

  it('after another start of the machine the time between counts for nobody, but bans end', async () => {
    const clock = (boot: string, nowMs: number, wallMs: number): QueueClock => ({
      boot,
      nowMs: () => nowMs,
      wallMs: () => wallMs,
    });
    const first = new Running({ clock: clock('one', 5_000_000, 1_800_000_000_000) });
    first.publish('ada');
    first.publish('bob');
    await first.onAir('ada');
    await first.keeper.command({ action: 'ban', who: 'eve', forMs: 60_000, reason: null });
    await first.keeper.command({ action: 'ban', who: 'mallory', forMs: 7_200_000, reason: null });
    await first.keeper.close();
    const later = clock('two', 1_000, 1_800_000_000_000 + 3_600_000);
    const second = new Running({ folder: first.folder, server: first.server, clock: later });
    const { lead, bans } = second.keeper.view();
    assert.deepEqual([lead?.stream, lead?.usedMs, lead?.counting], ['ada', 0, true]);
    assert.deepEqual(
      bans.map(({ stream }) => stream),
      ['mallory'],
    );
  });

  it('a file that nobody can read is kept aside and told; the queue is made anew from whom the server has', async () => {
    for (const content of [
      '{"v":1,"queue":{"entr',
      '',
      '[]',
      JSON.stringify({ v: 1, queue: { v: 1, entries: {} } }),
    ]) {
      const folder = tempDir('queue');
      writeFileSync(join(folder, 'queue.json'), content);
      const server = new PaperServer();
      server.publish('late', 'c1', 'live', 1_000);
      server.publish('early', 'c2', 'live', 90_000);
      const queue = new Running({ folder, server });
      await waitFor(() => queue.orders.length === 1);
      assert.equal(queue.orders[0]!.stream, 'early');
      assert.deepEqual(queue.waiting, ['late']);
      assert.deepEqual(queue.codes(), ['QUEUE_UNREADABLE']);
      const aside = readdirSync(folder).find((name) => name.includes('unreadable'))!;
      assert.equal(readFileSync(join(folder, aside), 'utf8'), content);
      await queue.keeper.close();
      assert.equal(new Running({ folder, server }).codes().length, 0, 'the new one can be read');
    }
  });

  it('a server that cannot be asked is told once, and again when it can; nobody leaves for it', async () => {
    const queue = new Running();
    queue.publish('ada');
    queue.publish('bob');
    await queue.onAir('ada');
    queue.server.listing = 'fails';
    await waitFor(() => queue.keeper.view().serverReachable === false);
    const { lists } = queue.server;
    await waitFor(() => queue.server.lists > lists + 4);
    assert.equal(queue.told.length, 1);
    assert.deepEqual([queue.keeper.view().lead?.stream, ...queue.waiting], ['ada', 'bob']);
    queue.server.listing = 'well';
    await waitFor(() => queue.told.length === 2);
    assert.equal(queue.keeper.view().serverReachable, true);
  });

  it('without any server to ask hooks alone tell, and guests go on air all the same', async () => {
    const queue = new Running({ server: null });
    assert.equal(queue.join('ada').allow, true);
    await queue.onAir('ada');
    assert.equal(queue.keeper.view().serverReachable, null);
  });

  it('asks the server where it tells of an end without saying whose: one list decides', async () => {
    const queue = new Running({ policy: { missesToLeave: 1_000 } });
    queue.publish('ada');
    queue.publish('bob');
    await queue.onAir('ada');
    queue.keeper.leave({ app: 'live', stream: 'bob', clientId: null });
    const { lists } = queue.server;
    await waitFor(() => queue.server.lists > lists + 3);
    assert.deepEqual(queue.waiting, ['bob'], 'he is still there');
    queue.server.publishing.delete('bob');
    queue.keeper.leave({ app: 'live', stream: 'bob', clientId: null });
    await waitFor(() => queue.waiting.length === 0);
  });

  it('publishers of other apps are no guests, and who has just left is no stranger', async () => {
    const queue = new Running({ apps: ['live'] });
    queue.server.publish('recorder', 'c1', 'internal');
    queue.publish('ada');
    await queue.onAir('ada');
    queue.publish('bob');
    await waitFor(() => queue.keeper.view().waiting[0]?.state === 'waiting');
    // the server's list lags behind its hook
    queue.keeper.leave({ app: 'live', stream: 'bob', clientId: 'c-bob' });
    const { lists } = queue.server;
    await waitFor(() => queue.server.lists > lists + 5);
    assert.deepEqual(queue.waiting, []);
    queue.server.publish('unseen');
    await waitFor(() => queue.waiting[0] === 'unseen');
  });

  it('a lead who has left is in grace, though the list still shows him for a while', async () => {
    const queue = new Running();
    queue.publish('ada');
    await queue.onAir('ada');
    queue.keeper.leave({ app: 'live', stream: 'ada', clientId: 'c-ada' });
    const { lists } = queue.server;
    await waitFor(() => queue.server.lists > lists + 4);
    assert.equal(queue.keeper.view().lead?.state, 'grace');
    // numbers of connections may come again
    queue.publish('ada');
    await waitFor(() => queue.keeper.view().lead?.state === 'live');
    const again = queue.server.lists;
    await waitFor(() => queue.server.lists > again + 4);
    assert.equal(queue.keeper.view().lead?.state, 'live');
  });

  it('a kick that fails is told once and tried again until he is gone', async () => {
    const queue = new Running();
    queue.publish('ada');
    queue.publish('bob');
    await queue.onAir('ada');
    queue.server.kicking = 'fails';
    await queue.keeper.command({ action: 'kick', who: 'bob' });
    const { lists } = queue.server;
    await waitFor(() => queue.server.lists > lists + 5);
    assert.equal(queue.told.length, 1);
    queue.server.kicking = 'well';
    await waitFor(() => !queue.server.publishing.has('bob'));
    await waitFor(() =>
      queue.events.some(({ event, stream }) => event === 'publisher_left' && stream === 'bob'),
    );
    assert.equal(queue.keeper.view().lead?.stream, 'ada');
  });

  it('many changes share a write; a command has been written when it is done', async () => {
    let writes = 0;
    const files: Files = { ...nodeFiles, rename: (from, to) => (writes++, nodeFiles.rename(from, to)) };
    const queue = new Running({ files, policy: { mostEntries: 1_000 } });
    await waitFor(() => queue.server.lists > 0);
    const before = writes;
    for (let guest = 0; guest < 500; guest++) queue.publish(`guest-${guest}`);
    await queue.keeper.command({ action: 'hold', who: null });
    assert.ok(writes - before < 20, `${writes - before} writes`);
    const { queue: saved } = JSON.parse(readFileSync(join(queue.folder, 'queue.json'), 'utf8')) as {
      queue: { onHold: boolean; entries: unknown[] };
    };
    assert.equal(saved.onHold, true);
    assert.equal(saved.entries.length, 500);
  });

  it('a disk that fails is told once, the queue goes on in memory, and is written when it can be', async () => {
    let broken = true;
    const files: Files = {
      ...nodeFiles,
      open: (...how) =>
        broken
          ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
          : nodeFiles.open(...how),
    };
    const queue = new Running({ files });
    queue.publish('ada');
    await queue.onAir('ada');
    await queue.keeper.command({ action: 'hold', who: null });
    queue.publish('bob');
    assert.deepEqual(queue.codes(), ['QUEUE_NOT_WRITTEN']);
    assert.match(String(queue.told[0]), /the disk is full/);
    broken = false;
    await waitFor(() => queue.told.length === 2, { message: 'it is written again' });
    assert.match(readFileSync(join(queue.folder, 'queue.json'), 'utf8'), /"bob"/);
  });

  it('while another has the folder it waits, tells so, and goes on from what the other left', async () => {
    const first = new Running();
    first.publish('ada');
    await first.onAir('ada');
    const second = new Running({ folder: first.folder, server: first.server });
    // he came to this one, and the server does not have him yet
    second.join('bob');
    await waitFor(() => second.codes().includes('QUEUE_BUSY'));
    assert.deepEqual(second.orders, []);
    first.publish('cleo');
    await first.keeper.close();
    // before that it shows what it read as it began, which may be older
    await waitFor(() => second.waiting.join() === 'cleo,bob', { message: () => second.waiting.join() });
    assert.equal(second.keeper.view().lead?.stream, 'ada');
  });

  it('while another has the folder his open order is his; it is told once the folder is free', async () => {
    const first = new Running();
    first.publish('ada');
    await waitFor(() => first.orders.length === 1);
    await first.keeper.command({ action: 'hold', who: null });
    const second = new Running({ folder: first.folder, server: first.server });
    await waitFor(() => second.codes().includes('QUEUE_BUSY'));
    assert.deepEqual(second.orders, []);
    await first.keeper.close();
    await waitFor(() => second.orders.length > 0);
    assert.deepEqual(
      second.orders.map(({ stream }) => stream),
      ['ada'],
    );
  });

  it('another policy and another client take over without an interruption', async () => {
    const queue = new Running();
    queue.publish('ada');
    queue.publish('bob');
    await queue.onAir('ada');
    const server = new PaperServer();
    server.publish('ada');
    server.publish('bob');
    queue.keeper.renew({ policy: { ...STANDARD_POLICY, limitMs: 50 }, server, apps: [] });
    await queue.onAir('bob');
    await waitFor(() => server.kicked[0] === 'ada c-ada');
    assert.deepEqual(queue.server.kicked, []);
  });

  it('tells who was denied, and in the order things happened, also to one who acts on what he hears', async () => {
    const queue = new Running();
    let first = true;
    queue.keeper.onEvent(({ event }) => {
      if (event !== 'publisher_denied' || !first) return;
      first = false;
      queue.keeper.denied('second', 'wrong-key');
    });
    queue.keeper.denied('first', 'wrong-key');
    queue.join('ada');
    await waitFor(() => queue.events.length === 3);
    assert.deepEqual(
      queue.events.map(({ event, stream }) => `${event} ${stream}`),
      ['publisher_denied first', 'publisher_waiting ada', 'publisher_denied second'],
    );
  });
});
