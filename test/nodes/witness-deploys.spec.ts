// Deploys, stops and restarts: what was confirmed is in the log, the log is closed properly, and its key is kept.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { leases } from '../../red/leases';
import { loops, scale } from '../support/scale';
import {
  badges,
  deploy,
  heardBy,
  helper,
  load,
  logged,
  send,
  settle,
  tearDown,
  waitFor,
  type Flow,
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

/** Every message that says it was recorded is in the log, once, where it says. */
function mustHold(at: { log: string }, out: Msg[]): void {
  const lines = linesOf(at.log);
  for (const { payload, witness } of out) {
    if (witness.seq === null) continue;
    assert.deepEqual(lines[witness.seq]?.data.payload, payload, `entry ${witness.seq}`);
  }
}

/** The helper keeps every call: the long form is slow by that. */
const LIMIT_MS = scale === 1 ? 300_000 : 60_000;

describe('deploys with a witness', () => {
  let coming: { stop(): Promise<number> } | null = null;
  afterEach(async () => {
    await coming?.stop();
    coming = null;
    await tearDown();
  });

  /** Messages as fast as they get through, until told to stop. */
  function traffic(): { stop(): Promise<number> } {
    let sent = 0;
    let over = false;
    const work = (async () => {
      while (!over) {
        for (let n = 0; n < 4; n++) {
          const node = helper.getNode('n') as unknown as { receive?(msg: Msg): void } | null;
          if (!node?.receive) break;
          node.receive({ topic: 'cue', payload: sent++ });
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return sent;
    })();
    return {
      stop: () => {
        over = true;
        return work;
      },
    };
  }

  for (const type of ['full', 'nodes'] as const)
    it(`${type}, again and again under load: what was confirmed is there, in one log that was opened once`, async function () {
      this.timeout(LIMIT_MS);
      leases.lingerMs = 10_000;
      const at = folders();
      const flow = (nr: number): Flow => witnessing(logNode(at), { name: `deploy ${nr}` });
      await load(flow(0));
      await opened();
      const { vkey } = logConfig().trust;
      coming = traffic();
      for (let nr = 1; nr <= loops(50); nr++) {
        await deploy(flow(type === 'nodes' ? nr : 0), type);
        const before = heardBy('out').length;
        await waitFor(() => heardBy('out').length > before + 20, { intervalMs: 2 });
      }
      await coming.stop();
      const out = heardBy('out');
      await tearDown();
      assert.ok(out.every(({ witness }) => witness.seq !== null));
      mustHold(at, out);
      const report = await judged(at.log, vkey);
      assert.equal(report.verdict, 'valid', report.sentence);
      assert.deepEqual(
        report.problems.filter(({ severity }) => severity !== 'notice'),
        [],
      );
      assert.equal(
        linesOf(at.log).filter(({ type }) => type === 'log.open').length,
        1,
        'no deploy closed it',
      );
      assert.equal(report.closed, true);
    });

  it('with other settings, under load: the log is closed and opened again, and nothing that was confirmed is missing', async function () {
    this.timeout(LIMIT_MS);
    leases.lingerMs = 10_000;
    const at = folders();
    const flow = (nr: number): Flow => witnessing(logNode(at, { longestText: String(1000 + nr) }));
    await load(flow(0));
    await opened();
    const { vkey } = logConfig().trust;
    coming = traffic();
    const times = loops(50);
    for (let nr = 1; nr <= times; nr++) {
      await deploy(flow(nr), nr % 2 ? 'nodes' : 'full');
      const before = heardBy('out').length;
      await waitFor(() => heardBy('out').length > before + 20, { intervalMs: 2 });
    }
    await coming.stop();
    const out = heardBy('out');
    await tearDown();
    assert.ok(
      out.every(({ witness }) => witness.seq !== null),
      'the next log waits for the one before',
    );
    mustHold(at, out);
    const report = await judged(at.log, vkey);
    assert.equal(report.verdict, 'valid', report.sentence);
    const opens = linesOf(at.log).filter(({ type }) => type === 'log.open');
    assert.equal(opens.length, times + 1);
    assert.deepEqual([...new Set(opens.map(({ data }) => data.previous as string))], ['new', 'closed']);
  });

  it('whose config node closes first: messages that come after it are recorded all the same', async () => {
    const at = folders();
    await load(witnessing(logNode(at)));
    await opened();
    const { vkey } = logConfig().trust;
    for (let n = 0; n < 100; n++) send({ payload: n });
    const config = helper.getNode('log') as unknown as { close(removed: boolean): Promise<void> };
    await config.close(false);
    for (let n = 100; n < 200; n++) send({ payload: n });
    const out = await passed(200);
    assert.ok(out.every(({ witness }) => witness.seq !== null));
    await tearDown();
    mustHold(at, out);
    assert.equal((await judged(at.log, vkey)).verdict, 'valid');
  });

  it('a stop of Node-RED writes what waits, signs it and closes the log, within seconds', async () => {
    leases.lingerMs = 10_000;
    const at = folders();
    await load(witnessing(logNode(at)));
    await opened();
    const { vkey } = logConfig().trust;
    for (let n = 0; n < 9_990; n++) send({ payload: { n, text: 'x'.repeat(500) } });
    const began = performance.now();
    await helper.unload();
    const took = performance.now() - began;
    assert.ok(took < 10_000, `${took} ms`);
    assert.equal(leases.size, 0);
    const report = await judged(at.log, vkey);
    assert.equal(report.verdict, 'valid', report.sentence);
    assert.equal(report.closed, true);
    assert.equal(recorded(at.log).length, 9_990);
  });

  it('removed with its config node: the log is closed, and nothing of it stays open', async () => {
    leases.lingerMs = 10_000;
    const at = folders();
    await load(witnessing(logNode(at)));
    await opened();
    send({ payload: 1 });
    await passed(1);
    const { vkey } = logConfig().trust;
    await deploy([{ id: 'tab', type: 'tab', label: 'Show' }], 'nodes');
    await waitFor(() => leases.size === 0);
    assert.equal((await judged(at.log, vkey)).closed, true);
  });
});

describe("a witness log's key", () => {
  afterEach(tearDown);
  const keyFile = (at: { state: string }) => join(at.state, 'log.key');
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it('is made on first use, and waits in a file of its own for the deploy that stores it', async () => {
    const at = folders();
    const flow = witnessing(logNode(at));
    await load(flow);
    await opened();
    const { vkey } = logConfig().trust;
    assert.deepEqual([mode(at.state), mode(keyFile(at))], ['700', '600']);
    const { key } = JSON.parse(readFileSync(keyFile(at), 'utf8')) as { key: string };
    const secret = key.slice(key.indexOf('+') + 1);
    assert.equal(Buffer.from(secret, 'base64').length, 32);
    // with the deploy after it Node-RED has it
    await deploy(flow, 'full', { log: { key } });
    assert.equal(logConfig().trust.vkey, vkey);
    // whoever puts it into a message does not get it recorded, nor told
    send({ payload: { text: `the key is ${secret}`, hex: Buffer.from(secret, 'base64').toString('hex') } });
    await passed(1);
    await tearDown();
    const told = JSON.stringify([linesOf(at.log), logged(), badges()]);
    for (const form of [secret, Buffer.from(secret, 'base64').toString('hex'), encodeURIComponent(secret)])
      assert.ok(!told.includes(form), form);
    // a process that lost the credentials still finds it
    await load(flow);
    assert.equal(logConfig().trust.vkey, vkey);
  });

  it('of the credentials counts, and with another one a new log goes on beside the old one, which it names', async () => {
    const at = folders();
    const flow = witnessing(logNode(at));
    await load(flow);
    await opened();
    send({ payload: 1 });
    await passed(1);
    const first = logConfig().trust;
    await tearDown();
    rmSync(keyFile(at));
    await load(flow);
    await opened();
    send({ payload: 2 });
    await passed(1);
    const second = logConfig().trust;
    assert.notEqual(second.vkey, first.vkey);
    assert.equal(second.origin, first.origin);
    assert.ok(logged().some(({ text }) => text.includes('WITNESS_KEY_CHANGED')));
    await tearDown();
    assert.equal((await judged(at.log, first.vkey)).verdict, 'valid', 'the old one is as it was');
    const next = await judged(`${at.log}.2`, second.vkey);
    assert.equal(next.verdict, 'valid', next.sentence);
    assert.equal(next.continues?.reason, 'key');
  });

  it('that cannot be read is no reason to make another one', async () => {
    const at = folders();
    await load(witnessing(logNode(at)), { log: { key: 'not a key' } });
    send({ payload: 1 });
    const [msg] = await passed(1);
    assert.match(msg!.witness.reason, /\[WITNESS_KEY_UNREADABLE\]$/);
    assert.ok(!existsSync(keyFile(at)));
  });

  it('keeps its name when the computer is called otherwise, and gets another one with another name of the log', async () => {
    const at = folders();
    const seed = Buffer.alloc(32, 9).toString('base64');
    const credentials = { log: { key: `old-computer/live-witness/show+${seed}` } };
    await load(witnessing(logNode(at)), credentials);
    assert.equal(logConfig().trust.origin, 'old-computer/live-witness/show');
    await deploy(witnessing(logNode(at, { origin: 'studio.example/main' })), 'full', credentials);
    assert.equal(logConfig().trust.origin, 'studio.example/main');
  });
});

describe('a witness log that was set back', () => {
  afterEach(tearDown);

  it('is noticed at the next start, left as evidence, and goes on in a new folder', async () => {
    const at = folders();
    const flow = witnessing(logNode(at));
    const run = async (count: number) => {
      await load(flow);
      for (let n = 0; n < count; n++) send({ payload: n });
      await passed(count);
      await tearDown();
    };
    await run(10);
    const copy = `${at.log}-copy`;
    cpSync(at.log, copy, { recursive: true });
    await run(20);
    rmSync(at.log, { recursive: true });
    cpSync(copy, at.log, { recursive: true });
    await load(flow);
    await opened();
    const said = logged().filter(({ level, text }) => level === 30 && text.includes('WITNESS_ROLLED_BACK'));
    assert.equal(said.length, 1);
    assert.match(said[0]!.text, /has \d+ entries, and this computer signed \d+: it was set back or changed/);
    send({ payload: 'on' });
    const [msg] = await passed(1);
    assert.ok(msg!.witness.seq > 0);
    await settle();
    assert.deepEqual(readdirSync(copy).sort(), readdirSync(at.log).sort(), 'nothing was changed in it');
  });
});
