// The witness node: messages pass it untouched and in order, recorded; and what happens where they cannot be.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { countText } from '../../red/log-badge';
import { onPassing } from '../../red/on-input';
import type { Mark } from '../../red/passage';
import type { Node } from '../../red/types';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { KEY_TYPES, generateSeed, parseVerifier, signerOf } from '../../lib/witness/keys';
import { verifyNote } from '../../lib/witness/note';
import { freePort } from '../support/ports';
import {
  badges,
  heardBy,
  load,
  logged,
  next,
  refuse,
  send,
  settle,
  tearDown,
  waitFor,
  type Msg,
} from './support/rig';
import {
  folders,
  judged,
  linesOf,
  logConfig,
  logNode,
  opened,
  passed,
  recorded,
  witnessing,
} from './support/witness';

const warnings = () =>
  logged()
    .filter(({ level, text }) => level === 30 && /\[witness log:/.test(text))
    .map(({ text }) => text);

describe('witness', () => {
  afterEach(tearDown);

  it('passes each message on, recorded, in the order of arrival', async () => {
    const at = folders();
    await load(witnessing(logNode(at, { fields: 'topic, payload, live, user' })));
    const { vkey } = logConfig().trust;
    for (let n = 0; n < 500; n++) send({ topic: 'cue', payload: { n }, user: 'ann', other: 'not asked for' });
    const out = await passed(500);
    const counted = (from: number) => Array.from({ length: 500 }, (_, n) => n + from);
    assert.deepEqual(
      out.map(({ payload }) => payload.n as number),
      counted(0),
    );
    assert.deepEqual(
      out.map(({ witness }) => witness.seq as number),
      counted(2),
    );
    for (const { witness } of out) {
      assert.match(witness.hash as string, /^[0-9a-f]{64}$/);
      assert.equal(witness.size, witness.seq + 1);
      assert.deepEqual(Object.keys(witness as object), ['seq', 'hash', 'size']);
    }
    await waitFor(() => heardBy('completed').length === 500);
    await waitFor(() => badges().at(-1) === '502 entries');
    await tearDown();
    const lines = recorded(at.log);
    assert.equal(lines.length, 500);
    assert.deepEqual(lines[7]!.data, { topic: 'cue', payload: { n: 7 }, user: 'ann' });
    assert.equal(lines[7]!.type, 'cue');
    assert.deepEqual(lines[7]!.src, { flow: 'tab', name: 'all of it', node: 'n' });
    const report = await judged(at.log, vkey);
    assert.equal(report.verdict, 'valid', report.sentence);
    assert.equal(report.closed, true);
  });

  it('records a message as it was when it came, and lets it through as it is', async () => {
    const at = folders();
    await load(witnessing(logNode(at)));
    await opened();
    const msg: Msg = {
      topic: 'a',
      payload: { deep: [1] },
      live: { event: 'stream_started' },
      witness: 'old',
    };
    send(msg);
    (msg.payload.deep as number[]).push(2);
    msg.topic = 'b';
    const [out] = await passed(1);
    assert.equal(out, msg, 'the same object');
    assert.deepEqual([msg.topic, msg.payload], ['b', { deep: [1, 2] }]);
    assert.equal(msg.witness.seq, 2);
    const [line] = recorded(at.log);
    assert.deepEqual(
      [line!.type, line!.data],
      ['stream_started', { topic: 'a', payload: { deep: [1] }, live: { event: 'stream_started' } }],
    );
  });

  it('takes whatever comes: getters that throw, cycles, http requests, what is frozen, and what is huge', async () => {
    const at = folders();
    await load(witnessing(logNode(at)));
    const cyclic: Msg = {};
    cyclic.self = cyclic;
    const trap = new Proxy({}, { get: () => assert.fail('read'), ownKeys: () => assert.fail('listed') });
    const messages: Msg[] = [
      { payload: Object.defineProperty({}, 'x', { enumerable: true, get: () => assert.fail('got') }) },
      { payload: cyclic },
      { payload: trap },
      { payload: 'x', req: { headers: { cookie: 'session=abc' } }, res: cyclic },
      { payload: Buffer.alloc(100_000), topic: Symbol('x') },
      { payload: [undefined, NaN, 10n, new Date(NaN), new Map([[{}, 1]]), () => 1] },
      { payload: 'y'.repeat(1_000_000) },
      Object.freeze({ payload: 'frozen', _msgid: 'f' }),
      {},
    ];
    for (const msg of messages) send(msg);
    const out = await passed(messages.length);
    for (const [at, msg] of messages.entries()) assert.equal(out[at], msg);
    assert.equal(heardBy('caught').length, 0);
    await tearDown();
    assert.equal(recorded(at.log).length, messages.length);
    assert.doesNotMatch(JSON.stringify(linesOf(at.log)), /session=abc/);
  });

  it('is through with a Buffer of 8 MiB in a few times what its hash takes', async () => {
    const at = folders();
    await load(witnessing(logNode(at)));
    await opened();
    const payload = randomBytes(8 * 2 ** 20);
    const timed = (work: () => void) => {
      const before = performance.now();
      work();
      return performance.now() - before;
    };
    const best = (work: () => void) => Math.min(...Array.from({ length: 5 }, () => timed(work)));
    const hashing = best(() => void createHash('sha256').update(payload).digest());
    // the node looks at a message in the moment it comes
    const recording = best(() => send({ payload }));
    // it is searched for the secrets that are known too
    assert.ok(recording < 12 * hashing + 10, `${recording} ms, and hashing it ${hashing} ms`);
    const out = await passed(5);
    assert.equal(out[0]!.payload, payload);
    const [line] = recorded(at.log);
    const sha256 = createHash('sha256').update(payload).digest('hex');
    assert.deepEqual(line!.data.payload, { $bytes: { length: payload.length, sha256 } });
  });

  it('tells each signed checkpoint on output 2, ready to be mailed', async () => {
    const at = folders();
    await load(witnessing(logNode(at, { checkpointEntries: '10', checkpointSeconds: '3600' })));
    const { vkey, origin } = logConfig().trust;
    await opened();
    for (let n = 0; n < 25; n++) send({ topic: 'cue', payload: n });
    await passed(25);
    const told = await next('interim', ({ witness }) => witness.size >= 12);
    assert.match(told.topic, /^Witness checkpoint of .+\/live-witness\/show: \d+ entries$/);
    assert.ok(String(told.topic).includes(origin));
    const { note } = verifyNote(told.payload, [parseVerifier(vkey)!]);
    const { size, root } = parseCheckpoint(note!.text)!;
    assert.deepEqual(told.witness, {
      origin,
      size,
      root: root.toString('base64'),
      cosignedBy: [],
      missing: [],
    });
    assert.equal(heardBy('out').length, 25, 'no checkpoint among the messages');
    assert.equal(heardBy('caught').length, 0);
  });

  it('holds checkpoints back where they are wished every so often, and sends the newest then', async () => {
    const at = folders();
    const every = { checkpoints: 'minutes', minutes: '0.02' };
    await load(witnessing(logNode(at, { checkpointEntries: '1', checkpointSeconds: '3600' }), every));
    await opened();
    const began = performance.now();
    let sent = 0;
    while (performance.now() - began < 2700) {
      send({ payload: sent });
      await passed(++sent);
    }
    await settle(1300);
    const sizes = heardBy('interim').map(({ witness }) => witness.size as number);
    assert.ok(
      sizes.length >= 3 && sizes.length <= 5,
      `${sizes.length} in 4 s, at most one in 1.2 s: ${sizes.join()}`,
    );
    assert.equal(sizes.at(-1), sent + 2, 'the newest comes in the end');
  });
});

describe('witness, when the log cannot be written', () => {
  afterEach(tearDown);

  it('lets messages go on by default and says so once; then records again, and the log tells what is missing', async () => {
    const at = folders();
    writeFileSync(at.log, 'a file in the way');
    await load(witnessing(logNode(at)));
    const { vkey } = logConfig().trust;
    for (let n = 0; n < 20; n++) send({ payload: n });
    const out = await passed(20);
    assert.deepEqual(
      out.map(({ payload }) => payload as number),
      Array.from({ length: 20 }, (_, n) => n),
    );
    for (const { witness } of out) {
      assert.deepEqual([witness.seq, witness.hash, witness.size], [null, null, null]);
      assert.match(witness.reason, /\[(WITNESS|DURABLE)_[A-Z_]+\]$/);
    }
    assert.equal(heardBy('caught').length, 0);
    await waitFor(() => badges().at(-1) === 'failed');
    assert.equal(warnings().length, 1, warnings().join('\n'));
    rmSync(at.log);
    await waitFor(
      () => {
        send({ payload: 'again' });
        return heardBy('out').some(({ witness }) => witness.seq !== null);
      },
      { intervalMs: 100 },
    );
    await waitFor(() => badges().at(-1)!.endsWith(' entries'));
    const missed = heardBy('out').filter(({ witness }) => witness.seq === null).length;
    await tearDown();
    const gaps = linesOf(at.log).filter(({ type }) => type === 'log.gap');
    assert.equal(
      gaps.reduce((sum, { data }) => sum + (data.count as number), 0),
      missed,
    );
    const report = await judged(at.log, vkey);
    assert.equal(report.verdict, 'valid', report.sentence);
  });

  it('stops messages with an error to catch where that is chosen', async () => {
    const at = folders();
    writeFileSync(at.log, 'a file in the way');
    await load(witnessing(logNode(at, { ifFailed: 'stop' })));
    await waitFor(() => badges().at(-1) === 'failed');
    const caught = await refuse({ payload: 1 }, 'DURABLE_LOCK_FAILED');
    assert.ok(!('witness' in caught));
    assert.equal(heardBy('out').length, 0);
  });

  it('that fails while it is used: messages go on, and it comes back by itself', async () => {
    const at = folders();
    await load(witnessing(logNode(at)));
    send({ payload: 1 });
    await passed(1);
    rmSync(at.log, { recursive: true });
    await waitFor(
      () => {
        send({ payload: 2 });
        return heardBy('out').some(({ witness }) => witness.seq === null);
      },
      { intervalMs: 50 },
    );
    await waitFor(
      () => {
        send({ payload: 3 });
        return heardBy('out').at(-1)!.witness.seq !== null;
      },
      { intervalMs: 200 },
    );
    assert.equal(heardBy('caught').length, 0);
    assert.ok(
      warnings().some((text) => text.includes('WITNESS_REMOVED')),
      warnings().join('\n'),
    );
  });

  it('because no log is chosen, or its dialog makes no sense: messages go on, and it is said once', async () => {
    const at = folders();
    for (const [flow, code] of [
      [witnessing(logNode(at), { log: '' }), 'WITNESS_LOG_MISSING'],
      [witnessing(logNode(at, { fields: 'a b-, 3' })), 'CONFIG_INVALID'],
      [witnessing(logNode(at, { origin: 'a name with spaces' })), 'CONFIG_INVALID'],
      [witnessing(logNode(at, { stateFolder: `${at.log}/state` })), 'CONFIG_INVALID'],
      [witnessing(logNode(at, { needed: '1' })), 'CONFIG_INVALID'],
      [witnessing(logNode(at, { folder: '${LIVE_TEST_NOT_SET}' })), 'CONFIG_ENV_MISSING'],
      [witnessing(logNode(at), { minutes: 'often' }), 'CONFIG_INVALID'],
      [
        witnessing(
          logNode(at, { cosigners: [{ address: 'https://me:hunter2@friend.example', vkey: cosignerKey() }] }),
        ),
        'CONFIG_INVALID',
      ],
    ] as const) {
      await load(flow);
      send({ payload: 1 });
      const [msg] = await passed(1);
      assert.match(msg!.witness.reason, new RegExp(`\\[${code}\\]$`));
      assert.doesNotMatch(msg!.witness.reason, /hunter2/);
      assert.equal(badges().at(-1), 'misconfigured');
      assert.equal(heardBy('caught').length, 0);
      await tearDown();
    }
    await load(witnessing(logNode(at, { fields: '3', ifFailed: 'stop' })));
    await refuse({ payload: 1 }, 'CONFIG_INVALID');
  });

  it('because another witness log uses the folder: the second one says so in plain words', async () => {
    const at = folders();
    const second = { ...witnessing(logNode(at), {}).find(({ id }) => id === 'n')!, id: 'm', log: 'log2' };
    await load(witnessing(logNode(at), {}, logNode(at, { id: 'log2', name: 'second' }), second));
    send({ payload: 1 });
    send({ payload: 2 }, 'm');
    const out = await passed(2);
    const refused = out.filter(({ witness }) => witness.seq === null);
    assert.equal(refused.length, 1);
    assert.match(
      refused[0]!.witness.reason,
      /is in use .*let one node use the folder, or give each its own\. \[DURABLE_LOCKED\]$/,
    );
  });
});

describe("witness's badge", () => {
  afterEach(tearDown);

  it('is yellow while fewer cosigners than wanted answer, and no message waits for them', async () => {
    const at = folders();
    const cosigners = [{ address: `http://127.0.0.1:${await freePort()}`, vkey: cosignerKey() }];
    await load(witnessing(logNode(at, { cosigners, checkpointEntries: '1' })));
    const began = performance.now();
    send({ payload: 1 });
    await passed(1);
    assert.ok(performance.now() - began < 4000);
    const told = await next('interim', () => true, 20_000);
    assert.deepEqual([told.witness.cosignedBy, told.witness.missing.length], [[], 1]);
    await waitFor(() =>
      heardBy('badges').some(({ status }) => status.fill === 'yellow' && /entries$/.test(status.text)),
    );
  });

  it('counts in at most nine characters', () => {
    for (const [count, text] of [
      [0, '0'],
      [1234, '1,234'],
      [9_999_999, '9,999,999'],
      [12_345_678, '12.3 M'],
      [1_234_567_890, '1234.5 M'],
    ] as const) {
      assert.equal(countText(count), text);
      assert.ok(`${text} entries`.length < 20);
    }
  });
});

function cosignerKey(): string {
  return signerOf('friend', generateSeed(), KEY_TYPES.cosigner).verifier.text;
}

describe('the door of nodes that messages pass', () => {
  class FakeNode extends EventEmitter {
    readonly sent: unknown[] = [];
    readonly dones: unknown[][] = [];
    readonly errors: string[] = [];
    readonly warnings: string[] = [];
    error(text: string): void {
      this.errors.push(text);
    }
    warn(text: string): void {
      this.warnings.push(text);
    }
    receive(msg: object, send: (out: unknown) => void = (out) => void this.sent.push(out)): void {
      this.emit('input', msg, send, (...args: unknown[]) => this.dones.push(args));
    }
    close(): Promise<void> {
      return new Promise((resolve) => this.emit('close', false, resolve));
    }
  }
  const make = (take: (msg: Msg) => Promise<Mark>, ms = 10_000) => {
    const fake = new FakeNode();
    let closed = 0;
    const late = { ms, outcome: () => Promise.resolve(marked('late')) };
    onPassing(fake as unknown as Node, take, late, () => closed++);
    return { fake, closed: () => closed };
  };
  const later = <T>(value: T, ms: number) => new Promise<T>((resolve) => setTimeout(resolve, ms, value));
  const marked = (value: unknown): Mark => ({ property: 'mark', value });

  it('keeps the order, however long each takes, also of those that fail', async () => {
    const { fake } = make(({ n }) =>
      n % 3 === 0
        ? later(null, 5 * (10 - n)).then(() => Promise.reject(new Error(`no ${n}`)))
        : later(marked(n), 5 * (10 - n)),
    );
    for (let n = 0; n < 10; n++) fake.receive({ n });
    await waitFor(() => fake.dones.length === 10);
    assert.deepEqual(
      fake.sent,
      [1, 2, 4, 5, 7, 8].map((n) => ({ n, mark: n })),
    );
    const kinds = fake.dones.map(([error]) => (error ? (error as Error).message : 'ok'));
    assert.match(kinds[0]!, /no 0/);
    assert.deepEqual(kinds[1], 'ok');
  });

  it('lets a proxy pass that refuses everything, and lives on after a node that throws', async () => {
    const { fake } = make(() => Promise.resolve(marked(1)));
    const hostile = new Proxy({}, { set: () => assert.fail('set'), get: () => assert.fail('get') });
    fake.receive(hostile);
    fake.receive({}, () => assert.fail('further on'));
    fake.receive({ n: 3 });
    await waitFor(() => fake.sent.length === 2);
    assert.equal(fake.sent[0], hostile);
    assert.deepEqual(fake.sent[1], { n: 3, mark: 1 });
    assert.deepEqual(fake.errors, ['INTERNAL']);
  });

  it('keeps nobody waiting for longer than patience lasts, and those behind not even that long', async () => {
    let hangs = true;
    const { fake } = make(
      ({ n }) => (hangs ? new Promise<Mark>(() => undefined) : Promise.resolve(marked(n))),
      2500,
    );
    fake.receive({ n: 0 });
    fake.receive({ n: 1 });
    await later(null, 300);
    assert.equal(fake.sent.length, 0);
    await waitFor(() => fake.sent.length === 2);
    const before = performance.now();
    fake.receive({ n: 2 });
    await waitFor(() => fake.sent.length === 3, { intervalMs: 5 });
    assert.ok(performance.now() - before < 2000);
    hangs = false;
    fake.receive({ n: 3 });
    await waitFor(() => fake.sent.length === 4);
    assert.deepEqual(
      fake.sent.map((one) => (one as Msg).mark as unknown),
      ['late', 'late', 'late', 3],
    );
    hangs = true;
    fake.receive({ n: 4 });
    await later(null, 300);
    assert.equal(fake.sent.length, 4, 'patient again');
    await fake.close();
    assert.equal(fake.sent.length, 5);
  });

  it('lets those that are in it get through before it closes, and says nothing afterwards', async () => {
    const { fake, closed } = make(({ ms }) => later(marked(ms), ms as number));
    for (const ms of [50, 10, 30]) fake.receive({ ms });
    await fake.close();
    assert.equal(fake.sent.length, 3);
    assert.equal(closed(), 1);
    fake.receive({ ms: 1 });
    await later(null, 20);
    assert.equal(fake.sent.length, 3);
  });
});
