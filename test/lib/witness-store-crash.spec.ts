// Real processes that are killed at any moment, system calls that fail, a disk that is full, two writers: what was acknowledged is in
// the log afterwards, and nobody would think that the log was changed.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { segmentStart } from '../../lib/witness/format';
import { WitnessLog } from '../../lib/witness/store/log';
import { leafHash } from '../../lib/witness/tree';
import {
  type Program,
  type SmallDisk,
  loops,
  requireStrace,
  smallDisk,
  startProgram,
  tempDir,
  waitFor,
} from '../support';
import {
  ORIGIN,
  assertHonest,
  contentsOf,
  entriesIn,
  keptOptions,
  missingIn,
  put,
} from '../support/kept-log';

const built = (...path: string[]): string =>
  JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'witness', ...path));

interface Work {
  groups?: number;
  /** entries in one group, at most */
  most?: number;
  segmentBytes?: number;
  /** wait for this file */
  after?: string;
  /** hold it open at the end */
  stays?: boolean;
}

/** A process that opens a log and appends groups of entries; it says the last one of each that it knows to be durable, and at last `end`. */
const writer = (
  place: string,
  { groups = Infinity, most = 8192, segmentBytes = 400_000, after = '', stays = false }: Work,
): string => `
  const { existsSync, writevSync } = require('node:fs');
  const { WitnessLog } = require(${built('store', 'log.js')});
  const { signerOf } = require(${built('keys.js')});
  const say = (text) => writevSync(1, [Buffer.from(text + '\\n')]);
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  (async () => {
    say('ready');
    while (${JSON.stringify(after)} && !existsSync(${JSON.stringify(after)})) await sleep(2);
    for (let start = 0; start < 2; start++) {
      const log = await WitnessLog.open(${JSON.stringify(join(place, 'log'))}, {
        origin: ${JSON.stringify(ORIGIN)}, signer: signerOf(${JSON.stringify(ORIGIN)}, Buffer.alloc(32, 7)), software: 'test 1.0.0',
        stateFolder: ${JSON.stringify(join(place, 'state'))}, segmentBytes: ${segmentBytes}, reopenAfterMs: () => 1,
        checkpointEvery: ${groups === Infinity ? '{ entries: 200, ms: 20 }' : '{ entries: 1e6, ms: 1e6 }'},
      });
      say('open');
      while (${stays}) await sleep(1e6);
      for (let group = 0; group < ${groups}; group++) {
        while (log.state().state !== 'open') {
          if (/STOPPED|FORKED/.test(log.state().error.code)) return say(log.state().error.code);
          await sleep(1);
        }
        const count = ${groups === Infinity ? `1 + Math.floor(${most} ** Math.random())` : most};
        const all = [];
        for (let at = 0; at < count; at++) {
          try { all.push(log.append('message', JSON.stringify({ payload: 'x'.repeat(300 * Math.random()) }), '{}')); }
          catch { break; }
        }
        const done = await Promise.allSettled(all.map((one) => one.done));
        const last = done.findLastIndex(({ status }) => status === 'fulfilled');
        if (last >= 0) say(all[last].seq + ' ' + all[last].hash);
        if (group % 3 === 2) await log.checkpoint().catch(() => undefined);
      }
      await log.close().catch((error) => say(error.code));
    }
    say('end');
  })().catch((error) => { say(error.code ?? String(error)); process.exitCode = 3; });`;

/** What a writer said to be durable: numbers and hashes. */
const acknowledged = (log: string): [number, string][] =>
  log.split('\n').flatMap((line) => {
    const [, seq, hash] = /^(\d+) ([0-9a-f]{64})$/.exec(line) ?? [];
    return hash ? [[Number(seq), hash] as [number, string]] : [];
  });

function linesOf(folder: string): string[] {
  const contents = contentsOf(folder);
  const names = [...contents.keys()].filter((name) => segmentStart(name) !== null).sort();
  return names.flatMap((name) => contents.get(name)!.toString('latin1').split('\n').slice(0, -1));
}

/** Everything acknowledged is there; the log looks honest as it was left, and is valid once it was opened and closed again. */
async function check(place: string, told: [number, string][], what: string, lies = false): Promise<void> {
  const folder = join(place, 'log');
  const assertThere = (): void => {
    const lines = linesOf(folder);
    for (const [seq, hash] of told) {
      const line = lines[seq];
      assert.ok(line !== undefined, `${what}: entry ${seq} was acknowledged, and there are ${lines.length}`);
      assert.equal(leafHash(Buffer.from(line, 'latin1')).toString('hex'), hash, `${what}: entry ${seq}`);
    }
  };
  assertThere();
  // a kernel that says it wrote what it did not leaves what a forger might leave: only the writer can tell
  if (!lies) await assertHonest(contentsOf(folder), { valid: false, what });
  const log = await WitnessLog.open(folder, keptOptions(join(place, 'state')));
  const { notices } = log.state();
  assert.equal(log.folder, folder, what);
  assert.ok(
    notices.every(({ code }) => code === 'WITNESS_RECOVERED'),
    `${what}: ${notices.join()}`,
  );
  await put(log, 'after').done;
  await log.close();
  await assertHonest(contentsOf(folder), { what });
  assertThere();
}

describe('a witness log whose process is killed', () => {
  it('has every acknowledged entry afterwards, at whatever moment, and is valid', async function () {
    this.timeout(900_000);
    let place = tempDir('kills');
    let entries = 0;
    for (let kill = 0; kill < loops(200, 20); kill++) {
      // sometimes killed while it opens, mostly while it writes
      const early = kill % 5 === 0;
      const program = await startProgram('node', ['-e', writer(place, {})]);
      try {
        const first = early ? /^ready$/m : /^\d+ /m;
        await waitFor(() => first.test(program.log()), {
          intervalMs: 2,
          message: () => `a sign of the writer: ${program.log().slice(-300)}`,
        });
        await sleep(Math.random() * (early ? 20 : 60));
      } finally {
        program.kill('SIGKILL');
        await program.waitExit();
      }
      const told = acknowledged(program.log());
      await program.close();
      const folder = join(place, 'log');
      if (told.length === 0 && early) mkdirSync(folder, { recursive: true });
      // a kill seldom hits a write in the middle: a line torn by hand stands for it
      const last = [...contentsOf(folder).keys()]
        .filter((name) => segmentStart(name) !== null)
        .sort()
        .at(-1);
      if (kill % 4 === 1 && last) appendFileSync(join(folder, last), '{"data":{"payload":"half a li');
      await check(place, told, `kill ${kill}`);
      entries += told.at(-1)?.[0] ?? 0;
      if (linesOf(folder).length < 8000) continue;
      rmSync(place, { recursive: true });
      place = tempDir('kills');
    }
    assert.ok(entries > 100);
  });

  it('lets the next process in at once, and nobody while it lives', async () => {
    const place = tempDir('holder');
    const program = await startProgram('node', ['-e', writer(place, { stays: true })]);
    await waitFor(() => /^open$/m.test(program.log()), { intervalMs: 2 });
    const options = keptOptions(join(place, 'state'));
    await assert.rejects(WitnessLog.open(join(place, 'log'), options), (error: Error & { code: string }) => {
      assert.equal(error.code, 'DURABLE_LOCKED');
      assert.match(error.message, new RegExp(`process ${program.pid}\\b`));
      return true;
    });
    const begun = performance.now();
    program.kill('SIGKILL');
    const log = await waitFor(() => WitnessLog.open(join(place, 'log'), options).catch(() => null), {
      intervalMs: 5,
    });
    assert.ok(performance.now() - begun < 5000, `${performance.now() - begun} ms`);
    await log.close();
    await program.close();
    await assertHonest(contentsOf(join(place, 'log')));
  });
});

describe('system calls of a witness log that fail', () => {
  const CALLS = [
    'openat',
    'write',
    'pwrite64',
    'fdatasync',
    'fsync',
    'rename',
    'ftruncate',
    'link',
    'unlink',
    'close',
  ];

  before(function () {
    requireStrace(this);
  });

  /** A log with a torn end, for a writer of a few groups; strace joins it before it opens the log. */
  async function inject(
    fault: string | null,
  ): Promise<{ place: string; log: string; calls: Map<string, number[]>; hit: boolean }> {
    const place = tempDir('strace');
    const before = await WitnessLog.open(join(place, 'log'), keptOptions(join(place, 'state')));
    await put(before, 'before').done;
    await before.close();
    appendFileSync(join(place, 'log', '000000000000.jsonl'), '{"data":{"payload":"half a li');
    const trace = join(place, 'trace');
    const go = join(place, 'go');
    const program = await startProgram(
      'node',
      ['-e', writer(place, { groups: 3, most: 8, segmentBytes: 3000, after: go })],
      // the count of calls is kept for each thread
      { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
    );
    let strace: Program | null = null;
    let log = '';
    try {
      await waitFor(() => /^ready$/m.test(program.log()), { intervalMs: 2 });
      const how = ['-e', `trace=${CALLS.join()}`, ...(fault ? ['-e', `inject=${fault}`] : [])];
      strace = await startProgram('strace', ['-f', '-o', trace, ...how, '-p', String(program.pid)]);
      await waitFor(() => /attached/.test(strace!.log()), {
        intervalMs: 2,
        message: () => `strace: ${strace!.log()}`,
      });
      writeFileSync(go, '');
      await program.waitExit();
      log = program.log();
    } finally {
      await program.close();
      await strace?.waitExit();
      await strace?.close();
    }
    const lines = readFileSync(trace, 'utf8').split('\n');
    const calls = new Map<string, number[]>();
    const counts = new Map<string, number>();
    for (const line of lines) {
      const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
      // the main thread's own are few and not of files
      if (!call || Number(thread) === program.pid) continue;
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      // with these the pool's thread wakes the main one
      if (!line.includes('"\\1\\0\\0\\0\\0\\0\\0\\0", 8'))
        calls.set(call, [...(calls.get(call) ?? []), count]);
    }
    const hit = lines.some((line) => /\(INJECTED\)|killed by SIGKILL/.test(line));
    return { place, log, calls, hit };
  }

  let made: Map<string, number[]>;
  it('are made as often as is thought', async () => {
    const { place, log, calls } = await inject(null);
    assert.match(log, /^end$/m);
    await check(place, acknowledged(log), 'nothing injected');
    for (const call of CALLS) assert.ok(calls.get(call)?.length, `${call} is never called`);
    made = calls;
  });

  /** The instances of a call that are hit: all of them in the long form. */
  const whens = (call: string): number[] => {
    const all = made.get(call) ?? [1];
    if (loops(10) > 1) return all;
    // no two runs make exactly as many
    const one = Math.floor(Math.random() * all.length * 0.7);
    return [all[one]!, all[Math.floor(one / 3)]!, all[0]!];
  };
  const FAULTS: Record<string, readonly string[]> = {
    write: ['error=EIO', 'error=ENOSPC', 'retval=3', 'signal=KILL'],
    // no short one here: what strace calls written it does not write, and only a file whose end is known tells that
    pwrite64: ['error=EIO', 'error=ENOSPC', 'signal=KILL'],
    openat: ['error=EIO', 'error=ENOSPC', 'signal=KILL'],
  };
  /** Every fault in the long form, one for each call in the short one. */
  const faultsOf = (call: string, at: number): readonly string[] => {
    const all = FAULTS[call] ?? ['error=EIO', 'signal=KILL'];
    return loops(10) > 1 ? all : [all[at % all.length]!];
  };
  for (const [at, call] of CALLS.entries())
    for (const fault of faultsOf(call, at))
      it(`${fault} in ${call}: nothing acknowledged is lost, and the log stays honest`, async function () {
        this.timeout(600_000);
        let hits = 0;
        for (const when of whens(call)) {
          const what = `${fault} in ${call} ${when}`;
          const { place, log, hit } = await inject(`${call}:${fault}:when=${when}`);
          hits += hit ? 1 : 0;
          await check(place, acknowledged(log), what, fault.startsWith('retval'));
          rmSync(place, { recursive: true });
          if (hit && loops(10) === 1) break;
        }
        assert.ok(hits > 0, 'it was injected');
      });
});

describe('a witness log and others', () => {
  it('notices a writer that passed the lock before it writes once more, and stops until it is opened anew', async () => {
    const place = tempDir('two');
    const folder = join(place, 'log');
    const options = keptOptions(join(place, 'state'));
    const log = await WitnessLog.open(folder, options);
    await put(log, 1).done;
    const lock = () => Promise.resolve({ release: () => Promise.resolve() });
    const other = await WitnessLog.open(folder, { ...options, lock });
    await assert.rejects(put(log, 2).done, { code: 'DURABLE_OTHER_WRITER' });
    assert.throws(() => put(log, 3), { code: 'WITNESS_STOPPED' });
    await sleep(20);
    assert.equal(log.state().error?.code, 'WITNESS_STOPPED');
    await assert.rejects(log.close(), { code: 'WITNESS_STOPPED' });
    await put(other, 4).done;
    await other.close();
    await assertHonest(contentsOf(folder));
    const payloads = entriesIn(contentsOf(folder)).map(({ data }) => (data as { payload?: number }).payload);
    assert.deepEqual(
      payloads.filter((payload) => payload !== undefined),
      [1, 4],
    );
  });

  let disk: SmallDisk | null = null;
  after(() => disk?.unmount());

  it('a real disk that is full, then freed: goes on by itself, and the gap has the exact count', async function () {
    disk = smallDisk(this, 512);
    const { folder: place } = disk;
    const folder = join(place, 'log');
    const ballast = join(place, 'ballast');
    writeFileSync(ballast, Buffer.alloc(250_000));
    const log = await WitnessLog.open(folder, keptOptions(join(place, 'state')));
    let attempted = 0;
    while (log.state().state === 'open') {
      attempted += 1;
      await put(log, 'x'.repeat(3000)).done.catch((error: Error) =>
        assert.match(error.message, /the disk is full/),
      );
    }
    for (let at = 0; at < 25; at++) {
      attempted += 1;
      try {
        // between two tries there may be room for one, or none
        await put(log, 'x'.repeat(3000)).done.catch(() => undefined);
      } catch (error) {
        assert.equal((error as { code: string }).code, 'WITNESS_NOT_WRITABLE');
      }
    }
    rmSync(ballast);
    await waitFor(() => log.state().state === 'open');
    attempted += 1;
    await put(log, 'after').done;
    await log.close();
    const contents = contentsOf(folder);
    const there = entriesIn(contents).filter(({ type }) => type === 'message').length;
    assert.equal(there + missingIn(contents), attempted);
    assert.ok(missingIn(contents) >= 1);
    await assertHonest(contents);
  });
});
