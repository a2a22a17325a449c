/* eslint-disable @typescript-eslint/prefer-promise-reject-errors -- that is what is tested */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { fail } from '../../lib/errors';
import { hold } from '../../lib/secrets';
import { Badge } from '../../red/badges';
import { onInput, type Result, type Work } from '../../red/on-input';
import type { Message, Node } from '../../red/types';

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

describe('the input door', () => {
  let fake: FakeNode;
  beforeEach(() => (fake = new FakeNode()));

  const handle = (work: (msg: Message, work: Work) => Promise<Result | null>) => {
    const badge = new Badge(fake.node);
    badge.connectionIs('ready');
    onInput(fake.node, badge, work);
  };

  const throwing: [string, () => Promise<Result>][] = [
    [
      'throws before its first await',
      () => {
        throw new Error('at once');
      },
    ],
    [
      'throws a text',
      () => {
        throw 'a text' as unknown as Error;
      },
    ],
    ['rejects with an error', () => Promise.reject(new Error('later'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['rejects with null', () => Promise.reject(null)],
    ['rejects with a number', () => Promise.reject(7)],
    ['rejects with an object', () => Promise.reject({ message: 'told in an object' })],
    ['rejects with an object without a prototype', () => Promise.reject(Object.create(null) as Error)],
    ['rejects with a symbol', () => Promise.reject(Symbol('odd'))],
    ['rejects with a frozen error', () => Promise.reject(Object.freeze(new Error('frozen')))],
    [
      'gives a payload whose getter throws',
      () =>
        Promise.resolve({
          get payload(): unknown {
            throw new Error('getter');
          },
        }),
    ],
  ];
  for (const [title, work] of throwing)
    it(`tells one coded error when the handler ${title}`, async () => {
      handle(work);
      fake.receive({ payload: 1 });
      await turn();
      assert.equal(fake.dones.length, 1);
      const error = fake.dones[0]![0] as { code: string; message: string };
      assert.equal(error.code, 'INTERNAL');
      assert.ok(!error.message.includes('[object Object]'), error.message);
      assert.deepEqual(fake.sent, []);
      assert.equal(fake.statuses.at(-1)!.text, 'failed');
    });

  it('keeps the code of a coded error, and takes a held secret out of it', async () => {
    const release = hold('sekrit-words');
    handle(() =>
      Promise.reject(
        fail('OBS_REJECTED', { action: 'X', reason: 'it was sekrit-words' }, new Error('sekrit-words too')),
      ),
    );
    fake.receive({});
    await turn();
    release();
    const error = fake.dones[0]![0] as Error & { code: string; details: object; cause: Error };
    assert.equal(error.code, 'OBS_REJECTED');
    assert.ok(
      !JSON.stringify([
        error.message,
        error.stack,
        error.details,
        error.cause.message,
        error.cause.stack,
      ]).includes('sekrit'),
    );
  });

  it('sends the very message on, its msg.live replaced or taken off', async () => {
    let live: object | undefined = { action: 'new' };
    handle(() => Promise.resolve({ payload: 2, live } as Result));
    const msg = { payload: 1, live: { action: 'old', more: true }, topic: 't', own: Symbol.for('x') };
    fake.receive(msg);
    await turn();
    assert.equal(fake.sent[0], msg);
    assert.deepEqual(msg, { payload: 2, live: { action: 'new' }, topic: 't', own: Symbol.for('x') });
    live = undefined;
    fake.receive(msg);
    await turn();
    assert.ok(!('live' in msg));
    assert.deepEqual(fake.dones, [[], []]);
  });

  it('is done without a message when the handler gives null', async () => {
    handle(() => Promise.resolve(null));
    fake.receive({});
    await turn();
    assert.deepEqual(fake.dones, [[]]);
    assert.deepEqual(fake.sent, []);
  });

  it('says nothing after the node was closed, not even that it is done', async () => {
    let finish: (how: 'well' | 'badly') => void = () => undefined;
    let keep: Work | null = null;
    handle((_msg, work) => {
      keep = work;
      return new Promise(
        (resolve, reject) =>
          (finish = (how) => (how === 'well' ? resolve({ payload: 1 }) : reject(new Error('late')))),
      );
    });
    for (const how of ['well', 'badly'] as const) {
      fake.receive({});
      await turn();
      await fake.close();
      keep!.interim({ payload: 'late' });
      finish(how);
      await turn();
    }
    assert.deepEqual(fake.sent, []);
    assert.deepEqual(fake.dones, [], 'Complete and Catch of the new flow would hear it');
  });

  it('keeps state per message: ten at once, answered in any order, each with its own', async () => {
    handle(async (msg) => {
      await turn((msg.nr as number) % 2 ? 1 : 8);
      return { payload: (msg.nr as number) * 10, live: { nr: msg.nr } };
    });
    for (let nr = 0; nr < 10; nr++) fake.receive({ nr });
    assert.equal(fake.statuses.at(-1)!.text, 'busy');
    await turn(40);
    assert.equal(fake.dones.length, 10);
    for (const msg of fake.sent as { nr: number; payload: number; live: { nr: number } }[])
      assert.deepEqual([msg.payload, msg.live.nr], [msg.nr * 10, msg.nr]);
    assert.deepEqual(
      fake.statuses.map(({ text }) => text),
      ['ready', 'busy', 'ready'],
    );
  });

  it('takes what held a secret off the message before it goes anywhere, on success and on error', async () => {
    let fails = false;
    handle((msg, work) => {
      work.forget(() => delete msg.key);
      return fails ? Promise.reject(new Error('x')) : Promise.resolve({ payload: 1 });
    });
    for (fails of [false, true]) {
      const msg = { key: 's', kept: 1 };
      fake.receive(msg);
      await turn();
      assert.deepEqual({ ...msg, payload: 1 }, { kept: 1, payload: 1 });
    }
  });

  it('sends an interim message as a message of its own on output 2', async () => {
    handle((_msg, work) => {
      work.interim({ payload: 'so far', live: { state: 'stopping' } });
      return Promise.resolve({ payload: 'done' });
    });
    fake.receive({ payload: 0, topic: 't' });
    await turn();
    assert.deepEqual(fake.sent[0], [null, { payload: 'so far', topic: 't', live: { state: 'stopping' } }]);
    assert.deepEqual(fake.sent[1], { payload: 'done', topic: 't' });
  });
});
