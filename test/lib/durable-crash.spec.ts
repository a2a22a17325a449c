// Real processes that are killed, system calls that fail, a disk that is full: what was acknowledged is there afterwards.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppendFile } from '../../lib/durable/append';
import { recoverTail } from '../../lib/durable/recover';
import type { LiveError } from '../../lib/errors';
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

const built = (name: string): string =>
  JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'durable', name));

/**
 * A process that recovers a file and appends lines with rising numbers, in groups. It says each number it knows to be durable, and at last
 * `end` or the code of what went wrong.
 */
const writer = (file: string, { groups = Infinity, most = 8192 } = {}): string => `
  const { appendFileSync, writeSync } = require('node:fs');
  const { AppendFile } = require(${built('append.js')});
  const { recoverTail } = require(${built('recover.js')});
  const file = ${JSON.stringify(file)};
  (async () => {
    let id = -1;
    const isWhole = (line) => /^\\d+ x*;$/.test(line.toString('latin1')) && (id = parseInt(line), true);
    const { size } = await recoverTail(file, { isWhole });
    const out = await AppendFile.open(file, { expectedSize: size });
    for (let group = 0; group < ${groups}; group++) {
      const count = 1 + Math.floor(${most} ** Math.random());
      const big = Math.random() < 0.3;
      await Promise.all(Array.from({ length: count }, () => {
        const mine = ++id;
        const line = mine + ' ' + 'x'.repeat(big && count < 200 ? 60000 : 200 * Math.random()) + ';\\n';
        return out.append(Buffer.from(line, 'latin1')).then(() => mine % 50 === 0 && writeSync(1, mine + '\\n'));
      }));
      writeSync(1, id + '\\n');
    }
    await out.close();
    writeSync(1, 'end\\n');
  })().catch((error) => { writeSync(1, error.code + '\\n'); process.exitCode = 3; });`;

/** The highest number a writer said to be durable, or -1. */
const acknowledged = (log: string): number =>
  Math.max(
    -1,
    ...log
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^\d+$/.test(line))
      .map(Number),
  );

/** Recovers, and asserts that the lines are 0, 1, 2 … and reach `last` at least. Gives the size. */
async function check(
  file: string,
  last: number,
  from = { size: 0, next: 0 },
): Promise<{ size: number; next: number; torn: boolean }> {
  let { next } = from;
  const isWhole = (line: Buffer): boolean => {
    if (line.at(-1) !== 0x3b) return false;
    assert.equal(
      parseInt(line.subarray(0, 12).toString()),
      next,
      'no line is missing, twice, or out of order',
    );
    next += 1;
    return true;
  };
  const { size, quarantined } = await recoverTail(file, { from: from.size, isWhole });
  assert.ok(next > last, `${last} was acknowledged, and ${next - 1} is the last one there`);
  assert.equal(statSync(file).size, size);
  return { size, next, torn: quarantined !== null };
}

describe('a writer that is killed', () => {
  it('has every acknowledged line in the file afterwards, at whatever moment', async function () {
    this.timeout(600_000);
    const folder = tempDir('kills');
    let file = join(folder, 'log');
    let known = { size: 0, next: 0 };
    let torn = 0;
    let lines = 0;
    for (let kill = 0; kill < loops(200, 20); kill++) {
      const program = await startProgram('node', ['-e', writer(file)]);
      try {
        await waitFor(() => acknowledged(program.log()) >= known.next, {
          intervalMs: 2,
          message: () => `a line of ${file}: ${program.log().slice(-200)}`,
        });
        await sleep(Math.random() * 50);
      } finally {
        program.kill('SIGKILL');
        await program.waitExit();
      }
      // a kill seldom hits a write in the middle: a line torn by hand stands for it
      if (kill % 3 === 0) appendFileSync(file, 'half a li');
      const found = await check(file, acknowledged(program.log()), known);
      await program.close();
      if (found.torn) torn += 1;
      lines += found.next - known.next;
      known = found;
      if (found.size < 50_000_000) continue;
      rmSync(file);
      file = join(folder, `log-${kill}`);
      known = { size: 0, next: 0 };
    }
    assert.ok(lines > 100 && torn > 0, `${lines} lines in all, ${torn} torn ends`);
  });
});

describe('system calls that fail', () => {
  const CALLS = ['openat', 'write', 'fdatasync', 'fsync', 'ftruncate', 'close'];

  before(function () {
    requireStrace(this);
  });

  /** One run of the writer on a file with a torn end, and what strace saw of that file. */
  async function inject(
    call: string,
    fault: string,
  ): Promise<{ file: string; log: string; trace: string[]; program: Program }> {
    const folder = tempDir('strace');
    const file = join(folder, 'log');
    writeFileSync(file, '0 ;\n1 ;\nhalf a line');
    const trace = join(folder, 'trace');
    const program = await startProgram(
      'strace',
      [
        '-f',
        '-qq',
        '-o',
        trace,
        '-P',
        file,
        '-e',
        `trace=${CALLS.join()},pwrite64`,
        '-e',
        `inject=${call}:${fault}`,
      ].concat(['node', '-e', writer(file, { groups: 6, most: 50 })]),
      // the count of calls is kept for each thread
      { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
    );
    await program.waitExit();
    return { file, log: program.log(), trace: readFileSync(trace, 'utf8').trim().split('\n'), program };
  }

  /** How often the writer makes each call on its file: in recovery once, in the appending file once, for each group once. */
  const MADE: Record<string, number> = {
    openat: 2,
    close: 2,
    fsync: 1,
    ftruncate: 1,
    write: 6,
    fdatasync: 6,
  };
  /** The calls to fail: all of them in the long form. */
  const whens = (call: string): number[] =>
    Array.from({ length: MADE[call] ?? 1 }, (_, index) => index + 1).slice(loops(10) > 1 ? 0 : -1);
  for (const [call, error] of [
    ['write', 'EIO'],
    ['write', 'ENOSPC'],
    ['fdatasync', 'EIO'],
    ['fsync', 'EIO'],
    ['ftruncate', 'EIO'],
    ['openat', 'EIO'],
    ['close', 'EIO'],
  ] as const)
    it(`${error} from ${call}: nothing acknowledged is lost, and nothing is tried again`, async () => {
      for (const when of whens(call)) {
        const { file, log, trace, program } = await inject(call, `error=${error}:when=${when}`);
        const hit = trace.findIndex((line) => line.includes('(INJECTED)'));
        assert.ok(hit >= 0, `never called: ${trace.join('\n')}\n${log}`);
        assert.match(log, /^DURABLE_(WRITE|RECOVERY)_FAILED$/m);
        const after = trace
          .slice(hit + 1)
          .filter((line) => /(write|pwrite64|fdatasync|fsync|ftruncate)\(/.test(line));
        assert.deepEqual(after, [], 'nothing is written or synced after it');
        await check(file, Math.max(1, acknowledged(log)));
        await program.close();
      }
    });

  it('a write that says it took three bytes, and took none, is noticed before anything is acknowledged', async () => {
    const { file, log, trace, program } = await inject('write', 'retval=3:when=2');
    assert.ok(trace.some((line) => line.includes('(INJECTED)')));
    assert.match(log, /^DURABLE_OTHER_WRITER$/m);
    await recoverTail(file, { isWhole: (line) => /^\d+ x*;$/.test(line.toString()) });
    // a first group in two writes had nothing acknowledged before the second: then the lines of before are what must be there
    const last = Math.max(1, acknowledged(log));
    assert.ok(
      readFileSync(file, 'utf8')
        .split('\n')
        .some((line) => line.startsWith(`${last} `)),
    );
    await program.close();
  });

  for (const call of CALLS)
    it(`kill -9 in ${call}: the next start finds everything acknowledged`, async () => {
      for (const when of whens(call)) {
        const { file, log, program } = await inject(call, `signal=KILL:when=${when}`);
        await check(file, Math.max(1, acknowledged(log)));
        await program.close();
      }
    });
});

describe('a disk that is full', () => {
  let disk: SmallDisk | null = null;
  after(() => disk?.unmount());

  it('says so, keeps what was acknowledged, and takes more once there is room', async function () {
    disk = smallDisk(this, 256);
    const { folder } = disk;
    const file = join(folder, 'log');
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(100_000));
    let out = await AppendFile.open(file);
    let last = -1;
    let failure: LiveError | null = null;
    while (!failure)
      await out.append(Buffer.from(`${last + 1} ${'x'.repeat(3000)};\n`)).then(
        () => (last += 1),
        (error: LiveError) => (failure = error),
      );
    assert.equal((failure as LiveError).code, 'DURABLE_WRITE_FAILED');
    assert.match((failure as LiveError).message, /the disk is full/);
    assert.ok(last > 20);
    const rewriteFrom = out.durableSize;
    await assert.rejects(out.close(), { code: 'DURABLE_WRITE_FAILED' });
    // still full: the torn end may find no room beside the file, and then it stays where it is
    await recoverTail(file, { rewriteFrom }).catch((error: LiveError) =>
      assert.match(error.message, /the disk is full/),
    );
    rmSync(ballast);
    const { next, size } = await check(file, last);
    out = await AppendFile.open(file, { expectedSize: size });
    await out.append(Buffer.from(`${next} ;\n`));
    await out.close();
    await check(file, next);
  });
});
