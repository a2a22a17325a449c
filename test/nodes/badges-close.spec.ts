import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { BADGES, Badge } from '../../red/badges';
import { onClose } from '../../red/on-close';
import type { Node } from '../../red/types';

/** The side of a node that the doors use, and what they did to it. */
class FakeNode extends EventEmitter {
  readonly statuses: { fill: string; shape: string; text: string }[] = [];
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  readonly sent: unknown[] = [];
  readonly dones: unknown[][] = [];

  status(status: { fill: string; shape: string; text: string }): void {
    this.statuses.push(status);
  }
  warn(text: string): void {
    this.warnings.push(text);
  }
  error(text: string): void {
    this.errors.push(text);
  }
  get node(): Node {
    return this as unknown as Node;
  }
  receive(msg: object): void {
    this.emit(
      'input',
      msg,
      (out: unknown) => this.sent.push(out),
      (...args: unknown[]) => this.dones.push(args),
    );
  }
  close(removed = false): Promise<void> {
    return new Promise((resolve) => this.emit('close', removed, resolve));
  }
}

const turn = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the close door', () => {
  it('waits for the close, and tells whether the node is gone for good', async () => {
    for (const removed of [true, false]) {
      const fake = new FakeNode();
      const seen: unknown[] = [];
      onClose(fake.node, async (gone) => {
        await turn(20);
        seen.push(gone);
      });
      await fake.close(removed);
      assert.deepEqual(seen, [removed]);
      assert.deepEqual(fake.warnings, []);
    }
  });

  it('goes on after its limit, ends what is left, and says so once', async () => {
    const fake = new FakeNode();
    let ended = 0;
    onClose(
      fake.node,
      () => new Promise(() => undefined),
      30,
      () => ended++,
    );
    const before = performance.now();
    await fake.close();
    assert.ok(performance.now() - before < 5000);
    assert.equal(ended, 1);
    assert.equal(fake.warnings.length, 1);
  });

  it('a close that throws or rejects does not hold the deploy up', async () => {
    for (const close of [
      () => {
        throw new Error('sync');
      },
      () => Promise.reject(new Error('async')),
    ]) {
      const fake = new FakeNode();
      onClose(fake.node, close);
      await fake.close();
      assert.equal(fake.warnings.length, 1);
    }
  });
});

describe('badges', () => {
  it('are a closed table, each text under 20 characters with "sim " in front', () => {
    for (const [name, { fill, shape, text }] of Object.entries(BADGES)) {
      assert.ok(`sim ${text}`.length < 20, name);
      assert.ok(['red', 'green', 'yellow', 'blue', 'grey'].includes(fill), name);
      assert.ok(['ring', 'dot'].includes(shape), name);
    }
    const contract =
      'connecting, waiting, ready, busy, live, reconnecting, degraded, critical, unknown, disconnected, refused, failed, misconfigured';
    for (const name of contract.split(', ')) assert.ok(name in BADGES, name);
  });

  it('are told on change only, and a rehearsal says so each time', () => {
    const fake = new FakeNode();
    const badge = new Badge(fake.node);
    badge.simulated = true;
    for (const state of ['connecting', 'connecting', 'ready', 'ready'] as const) badge.connectionIs(state);
    badge.standsAt('ready', 'live');
    badge.standsAt('ready', 'live');
    badge.connectionIs('disconnected');
    badge.connectionIs('closed');
    assert.deepEqual(
      fake.statuses.map(({ text }) => text),
      ['sim connecting', 'sim ready', 'sim live', 'sim disconnected'],
    );
    assert.deepEqual(fake.statuses[2], { fill: 'green', shape: 'dot', text: 'sim live' });
  });

  it('show the work above the connection, the failure until something changes, and what is misconfigured for good', () => {
    const fake = new FakeNode();
    const badge = new Badge(fake.node);
    const text = () => fake.statuses.at(-1)!.text;
    badge.connectionIs('ready');
    const [first, second] = [badge.begin(), badge.begin()];
    assert.equal(text(), 'busy');
    first(true);
    assert.equal(text(), 'busy');
    second(false);
    assert.equal(text(), 'ready', 'the last message went well');
    badge.begin()(true);
    assert.equal(text(), 'failed');
    badge.standsAt('ready', 'live');
    assert.equal(text(), 'live');
    badge.begin()(true);
    badge.connectionIs('disconnected');
    badge.connectionIs('ready');
    assert.equal(text(), 'live');
    badge.misconfigured();
    assert.equal(text(), 'misconfigured');
  });
});
