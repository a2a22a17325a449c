// Entries that were acknowledged are there, whatever the disk does.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { AppendFile } from '../../lib/durable/append';
import { type Files, nodeFiles } from '../../lib/durable/files';
import { recoverTail } from '../../lib/durable/recover';
import type { LiveError } from '../../lib/errors';
import { type Fault, FaultyDisk, type Survives, loops, tempDir } from '../support';

const FILE = '/log.jsonl';
const FAULTS: Fault[] = ['fails', 'persists', 'short', 'full', 'dies', 'dies after'];
const SURVIVES: (Survives | undefined)[] = [undefined, 'nothing', 'something', 'everything'];

const sum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
const entry = (id: number, size = 20): Buffer => {
  const text = `${id} ${'x'.repeat(size)}`;
  return Buffer.from(`${text} ${sum(text)}\n`);
};
const isWhole = (line: Buffer): boolean => {
  const text = line.toString();
  const end = text.lastIndexOf(' ');
  return end > 0 && sum(text.slice(0, end)) === text.slice(end + 1);
};

/** What was handed over and acknowledged, over all starts of one file. */
class Book {
  next = 0;
  readonly durable = new Set<number>();
  readonly written = new Set<number>();
  /** of the file that failed, for the next recovery */
  rewriteFrom: number | undefined;

  constructor(private readonly disk: FaultyDisk) {}

  /** One start: recover, append groups of entries, close. Gives the failure, or null. */
  async start(groups: number[][], recoverFirst = true): Promise<LiveError | null> {
    let file: AppendFile | null = null;
    try {
      if (recoverFirst) await recoverTail(FILE, this.recovery());
      const opened = (file = await AppendFile.open(FILE, { files: this.disk }));
      for (const group of groups)
        await Promise.all(
          group.map((size, index) => {
            const id = this.next++;
            const bytes = entry(id, size);
            if (index % 4 === 3) return opened.written(bytes).then(() => void this.written.add(id));
            return opened.append(bytes).then(() => void this.durable.add(id));
          }),
        );
      await file.close();
      for (const id of this.written) this.durable.add(id);
      this.rewriteFrom = undefined;
      return null;
    } catch (error) {
      if (file) this.rewriteFrom = Math.min(file.durableSize, this.rewriteFrom ?? Infinity);
      await file?.close().catch(() => undefined);
      return error as LiveError;
    }
  }

  recovery() {
    return { files: this.disk, isWhole, rewriteFrom: this.rewriteFrom };
  }

  /** Every line is whole and in order, and nothing acknowledged is missing. */
  check(also = this.written): void {
    const lines = (this.disk.look(FILE) ?? Buffer.alloc(0)).toString().split('\n');
    assert.equal(lines.pop(), '', 'a whole last line');
    for (const line of lines) assert.ok(isWhole(Buffer.from(line)), line);
    const ids = lines.map((line) => Number(line.split(' ')[0]));
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => a - b),
      'in order',
    );
    const there = new Set(ids);
    assert.equal(there.size, ids.length, 'each once');
    for (const id of [...this.durable, ...also])
      assert.ok(there.has(id), `entry ${id} was acknowledged and is lost`);
  }

  /** The next start after a kill or a power cut: everything acknowledged is there, and it goes on. */
  async nextStart(survives: Survives | undefined): Promise<void> {
    this.disk.restart(survives);
    if (survives) {
      this.written.clear();
      // the system's memory went with the power, and its belief about what is on the disk too
      this.rewriteFrom = undefined;
    }
    await recoverTail(FILE, this.recovery());
    this.check();
    assert.equal(await this.start([[5, 5, 5, 5]], false), null);
    this.disk.restart('nothing');
    this.check(new Set());
  }
}

/** The same numbers from 0 to 1 for the same seed. */
const dice = (seed: number) => (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'no error',
    (error: LiveError) => error.code,
  );

describe('a file that only grows', () => {
  const GROUPS = [[5], [30, 5, 5, 5, 5], [2000, 5]];

  it('keeps the order of the calls, and joins what waits into few syncs', async () => {
    const path = join(tempDir('append'), 'log');
    let syncs = 0;
    const files: Files = {
      ...nodeFiles,
      open: async (...call) => {
        const file = await nodeFiles.open(...call);
        return { ...file, datasync: () => ((syncs += 1), file.datasync()) };
      },
    };
    const file = await AppendFile.open(path, { files, expectedSize: 0 });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 1000 }, (_, id) => file.append(entry(id)).then(() => order.push(id))),
    );
    assert.ok(syncs < 5, `${syncs} syncs for 1000 entries`);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.equal(order.length, 1000);
    assert.equal(readFileSync(path).length, file.size);
    assert.equal(file.durableSize, file.size);
    await file.written(entry(1000));
    assert.ok(file.durableSize < file.size, 'written is not durable');
    await file.flush();
    assert.equal(file.durableSize, file.size);
    const last = [
      file.append(entry(1001)),
      file.written(entry(1002)),
      file.append(Buffer.alloc(600_000, 'y')),
    ];
    await file.close();
    await Promise.all(last);
    assert.equal(readFileSync(path).length, file.size);
    assert.equal(await codeOf(file.append(entry(0))), 'DURABLE_CLOSED');
    await file.close();
    await file.flush();
  });

  it('takes no more than it may hold, and goes on after it', async () => {
    const path = join(tempDir('append'), 'log');
    const file = await AppendFile.open(path, { most: { entries: 3, bytes: 100 } });
    const taken = [1, 2, 3].map(() => file.append(Buffer.from('a\n')));
    assert.equal(file.waiting, 3);
    assert.equal(await codeOf(file.append(Buffer.from('too many\n'))), 'DURABLE_FULL');
    await Promise.all(taken);
    assert.equal(await codeOf(file.append(Buffer.alloc(101))), 'DURABLE_FULL');
    for (let more = 0; more < 60; more++) await file.append(Buffer.from('b\n'));
    await file.close();
    assert.equal(readFileSync(path, 'utf8'), `a\na\na\n${'b\n'.repeat(60)}`);
  });

  it('loses nothing acknowledged and shows nothing torn, whatever goes wrong in whichever call', async () => {
    const honest = new FaultyDisk();
    assert.equal(await new Book(honest).start(GROUPS), null);
    const calls = honest.calls.length;
    assert.ok(calls > 20, honest.calls.join());
    let failures = 0;
    for (let call = 0; call < calls; call++)
      for (const fault of FAULTS)
        for (const survives of SURVIVES) {
          const where = `${fault} at call ${call} (${honest.calls[call]}), then ${survives ?? 'killed'}`;
          const disk = new FaultyDisk();
          const book = new Book(disk);
          disk.plan = (one) => (one === call ? fault : null);
          try {
            if (await book.start(GROUPS)) failures += 1;
            await book.nextStart(survives);
          } catch (error) {
            throw new Error(`${where}: ${String(error)}`, { cause: error });
          }
        }
    assert.ok(failures > calls * 10, `${failures} failures in ${calls} calls`);
  });

  it('stops for good after a failed sync: no second try, nothing acknowledged', async () => {
    const disk = new FaultyDisk();
    const file = await AppendFile.open(FILE, { files: disk });
    await file.append(entry(0));
    let failed = 0;
    disk.plan = (_, what) => (what === 'sync log.jsonl' && failed++ === 0 ? 'fails' : null);
    const lost = [file.append(entry(1)), file.append(entry(2))];
    const after = lost.map((one) => codeOf(one));
    assert.deepEqual(await Promise.all(after), ['DURABLE_WRITE_FAILED', 'DURABLE_WRITE_FAILED']);
    assert.equal(file.failed?.code, 'DURABLE_WRITE_FAILED');
    assert.match(file.failed?.message ?? '', /the disk reports an error/);
    const { length } = disk.calls;
    assert.equal(await codeOf(file.append(entry(3))), 'DURABLE_WRITE_FAILED');
    assert.equal(await codeOf(file.flush()), 'DURABLE_WRITE_FAILED');
    assert.equal(await codeOf(file.close()), 'DURABLE_WRITE_FAILED');
    assert.deepEqual(disk.calls.slice(length), ['close log.jsonl'], 'no write and no sync after it');
    assert.equal(file.durableSize, entry(0).length);
  });

  it('brings to the disk what a failed sync left in memory only', async () => {
    // the lie: the system shows bytes it will not save, and a second sync says all is well
    for (const rewrite of [false, true]) {
      const disk = new FaultyDisk();
      const book = new Book(disk);
      assert.equal(await book.start([[5, 5]]), null);
      let failed = 0;
      disk.plan = (_, what) => (what === 'sync log.jsonl' && failed++ === 1 ? 'fails' : null);
      assert.equal((await book.start([[5, 5]]))?.code, 'DURABLE_WRITE_FAILED');
      if (!rewrite) book.rewriteFrom = undefined;
      assert.equal(await book.start([[5, 5]]), null);
      disk.restart('nothing');
      if (rewrite) book.check();
      else assert.throws(() => book.check(), 'a disk that does not lie tests nothing');
    }
  });

  it('notices another writer before the next group, and neither destroys what the other wrote', async () => {
    const path = join(tempDir('append'), 'log');
    const ours = await AppendFile.open(path);
    await ours.append(entry(0));
    const theirs = await AppendFile.open(path, { expectedSize: ours.size });
    await theirs.append(entry(1));
    assert.equal(await codeOf(ours.append(entry(2))), 'DURABLE_OTHER_WRITER');
    assert.equal(ours.failed?.details.found, entry(0).length + entry(1).length);
    await theirs.append(entry(3));
    await theirs.close();
    assert.equal(await codeOf(ours.close()), 'DURABLE_OTHER_WRITER');
    assert.deepEqual(readFileSync(path), Buffer.concat([entry(0), entry(1), entry(3)]));
    assert.equal(await codeOf(AppendFile.open(path, { expectedSize: 5 })), 'DURABLE_OTHER_WRITER');
  });

  it('acknowledges nothing of which it does not know the place, however two writers meet', async () => {
    const folder = tempDir('append');
    for (let round = 0; round < loops(300, 30); round++) {
      const path = join(folder, `log-${round}`);
      const acknowledged: { at: number; bytes: Buffer }[] = [];
      const write = async (first: number): Promise<void> => {
        const file = await AppendFile.open(path);
        try {
          for (let id = first; id < first + 4; id++) {
            const at = file.size;
            const bytes = entry(id);
            await file.append(bytes);
            acknowledged.push({ at, bytes });
          }
        } finally {
          await file.close();
        }
      };
      const ends = await Promise.allSettled([write(0), write(100)]);
      const there = readFileSync(path);
      for (const { at, bytes } of acknowledged)
        assert.deepEqual(there.subarray(at, at + bytes.length), bytes, 'where it was said to be');
      assert.ok(
        ends.some(({ status }) => status === 'rejected') ||
          there.length === entry(0).length * 4 + entry(100).length * 4,
      );
    }
  });

  it('says so when the file or its folder is removed, replaced or cut', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = join(tempDir('append'), 'log');
    const path = join(folder, 'log');
    const faults: [() => void, string][] = [
      [() => rmSync(folder, { recursive: true }), 'DURABLE_REMOVED'],
      [() => renameSync(`${path}-other`, path), 'DURABLE_REMOVED'],
      [() => writeFileSync(path, ''), 'DURABLE_OTHER_WRITER'],
    ];
    for (const [fault, code] of faults) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${path}-other`, entry(0));
      const file = await AppendFile.open(path);
      await file.append(entry(0));
      fault();
      assert.equal(await codeOf(file.append(entry(1))), code);
      assert.equal(await codeOf(file.close()), code);
      rmSync(folder, { recursive: true, force: true });
    }
    assert.equal(await codeOf(AppendFile.open(path)), 'DURABLE_WRITE_FAILED');
    mkdirSync(folder);
    assert.equal(await codeOf(AppendFile.open(path, { expectedSize: 9 })), 'DURABLE_WRITE_FAILED');
    assert.throws(() => readFileSync(path), 'a file that is gone is not made anew');
  });

  it('holds through any history of entries, kills, power cuts and errors', async () => {
    const group = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 12 });
    const start = fc.record({
      groups: fc.array(group, { maxLength: 4 }),
      fault: fc.constantFrom<(Fault | null)[]>(null, ...FAULTS),
      call: fc.nat(60),
      survives: fc.constantFrom(...SURVIVES),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(start, { minLength: 1, maxLength: 5 }),
        fc.integer(),
        async (starts, seed) => {
          const disk = new FaultyDisk(dice(seed));
          const book = new Book(disk);
          for (const { groups, fault, call, survives } of starts) {
            const first = disk.calls.length;
            disk.plan = (one) => (one - first === call ? fault : null);
            await book.start(groups);
            await book.nextStart(survives);
          }
        },
      ),
      { numRuns: loops(1000, 100) },
    );
  });
});
