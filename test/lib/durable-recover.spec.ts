// A file of lines after a crash: the whole lines stay, the torn end is kept aside, nothing is thrown away.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { makeFolder } from '../../lib/durable/files';
import { recoverTail } from '../../lib/durable/recover';
import { removeLeftovers, replaceFile } from '../../lib/durable/replace';
import type { LiveError } from '../../lib/errors';
import { type Fault, FaultyDisk, type Survives, loops, tempDir } from '../support';

const FILE = '/log.jsonl';
const FAULTS: Fault[] = ['fails', 'persists', 'short', 'full', 'dies', 'dies after'];
const SURVIVES: (Survives | undefined)[] = [undefined, 'nothing', 'something', 'everything'];
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const LINES = Buffer.from('{"a":1}\n{"b":22}\n\n{"c":"ü"}\n');

/** Every call with every fault, and every way to start again after it. */
async function everyFault(
  work: (disk: FaultyDisk) => Promise<unknown>,
  prepare: (disk: FaultyDisk) => void,
  check: (disk: FaultyDisk, result: { failed: boolean; power: boolean }) => Promise<void>,
): Promise<number> {
  const honest = new FaultyDisk();
  prepare(honest);
  await work(honest);
  for (let call = 0; call < honest.calls.length; call++)
    for (const fault of FAULTS)
      for (const survives of SURVIVES) {
        const disk = new FaultyDisk();
        prepare(disk);
        disk.plan = (one) => (one === call ? fault : null);
        const failed = await work(disk).then(
          () => false,
          () => true,
        );
        disk.restart(survives);
        await check(disk, { failed, power: survives !== undefined }).catch((error: unknown) => {
          const where = `${fault} at call ${call} (${honest.calls[call]}), then ${survives ?? 'killed'}`;
          throw new Error(`${where}: ${String(error)}`, { cause: error });
        });
      }
  return honest.calls.length;
}

describe('recovery of a file of lines', () => {
  it('finds the last whole line after a cut at any byte, and keeps the rest aside', async () => {
    const folder = tempDir('recover');
    for (let size = 0; size <= LINES.length; size++) {
      const path = join(folder, `${size}.jsonl`);
      const before = LINES.subarray(0, size);
      writeFileSync(path, before);
      const found = await recoverTail(path);
      const end = before.lastIndexOf(0x0a) + 1;
      assert.equal(found.size, end);
      assert.equal(found.lines, before.toString().split('\n').length - 1);
      assert.deepEqual(readFileSync(path), before.subarray(0, end));
      const torn = before.subarray(end);
      if (torn.length === 0) assert.equal(found.quarantined, null);
      else {
        assert.equal(found.quarantined?.bytes, torn.length);
        assert.equal(found.quarantined.sha256, sha256(torn));
        assert.deepEqual(readFileSync(found.quarantined.file), torn);
      }
      assert.deepEqual(await recoverTail(path), { ...found, quarantined: null }, 'twice is once');
    }
    assert.deepEqual(
      readdirSync(folder).filter(
        (name) => !/^(\d+\.jsonl|quarantine-\d+\.jsonl-\d+-[0-9a-f]{12}\.bin)$/.test(name),
      ),
      [],
    );
  });

  it('asks whether a line is whole, in order, and only behind what is known', async () => {
    const path = join(tempDir('recover'), 'log');
    writeFileSync(path, 'bad\ngood 1\ngood 2\nbad\ngood 3\nend');
    const asked: string[] = [];
    const isWhole = (line: Buffer): boolean => {
      asked.push(line.toString());
      return line.toString().startsWith('good');
    };
    const { size, lines, quarantined } = await recoverTail(path, { from: 4, isWhole });
    assert.deepEqual({ size, lines }, { size: 18, lines: 2 });
    assert.deepEqual(asked, ['good 1', 'good 2', 'bad']);
    assert.equal(readFileSync(path, 'utf8'), 'bad\ngood 1\ngood 2\n');
    assert.equal(readFileSync(quarantined?.file ?? '', 'utf8'), 'bad\ngood 3\nend');
    const short = await recoverTail(path, { from: 19 }).catch((error: LiveError) => error);
    assert.ok(short instanceof Error && short.code === 'DURABLE_RECOVERY_FAILED');
    assert.match(short.message, /18 bytes where at least 19/);
  });

  it('makes no file where there is none, and says where one is missing', async () => {
    const folder = tempDir('recover');
    const nothing = { size: 0, lines: 0, quarantined: null };
    assert.deepEqual(await recoverTail(join(folder, 'none')), nothing);
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(recoverTail(join(folder, 'none'), { from: 1 }), { code: 'DURABLE_RECOVERY_FAILED' });
  });

  it('holds no endless line in memory, and reads lines longer than one piece', async () => {
    const path = join(tempDir('recover'), 'log');
    const long = Buffer.alloc(2_500_000, 'x');
    writeFileSync(
      path,
      Buffer.concat([long, Buffer.from('\n'), long, Buffer.from('\n'), Buffer.alloc(20_000_000)]),
    );
    const { size, lines, quarantined } = await recoverTail(path);
    assert.deepEqual({ size, lines }, { size: 5_000_002, lines: 2 });
    assert.equal(quarantined?.bytes, 20_000_000);
  });

  it('comes to the same end when it is killed, or the power goes, or a call fails, anywhere', async () => {
    const torn = Buffer.from('{"half":');
    const calls = await everyFault(
      (disk) => recoverTail(FILE, { files: disk, rewriteFrom: 8 }),
      (disk) => disk.put(FILE, Buffer.concat([LINES, torn])),
      async (disk) => {
        // nothing is thrown away: what the file has lost is in the quarantine
        const kept = disk.look(FILE) ?? Buffer.alloc(0);
        const aside = disk.list().find((name) => name.startsWith('/quarantine-'));
        if (kept.length < LINES.length + torn.length) assert.deepEqual(aside && disk.look(aside), torn);
        const { size, lines } = await recoverTail(FILE, { files: disk });
        assert.deepEqual({ size, lines }, { size: LINES.length, lines: 4 });
        // a failed sync may have dropped the cut, which nobody can see before the power goes
        disk.restart('nothing');
        await recoverTail(FILE, { files: disk });
        await removeLeftovers('/', disk);
        assert.deepEqual(disk.look(FILE), LINES);
        const all = disk.list();
        assert.equal(all.length, 2, all.join());
        assert.deepEqual(disk.look(all.find((name) => name !== FILE) ?? ''), torn);
      },
    );
    assert.ok(calls >= 12, `${calls} calls`);
  });

  it('keeps every byte of any file, in the file or aside', async () => {
    const line = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(Uint8Array.from(Buffer.from('ok'))));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.nat(), fc.nat(3), async (parts, cut, modulus) => {
        const whole = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
        const before = whole.subarray(0, whole.length ? cut % (whole.length + 1) : 0);
        const disk = new FaultyDisk();
        disk.put(FILE, before);
        const isWhole = ({ length }: Buffer): boolean => modulus === 0 || length % (modulus + 1) === 0;
        const { size, quarantined } = await recoverTail(FILE, { files: disk, isWhole });
        const after = disk.look(FILE) ?? Buffer.alloc(0);
        const aside = (quarantined && disk.look(quarantined.file)) ?? Buffer.alloc(0);
        assert.deepEqual(Buffer.concat([after, aside]), before);
        assert.equal(size, after.length);
        const rest = aside.indexOf(0x0a);
        assert.ok(rest < 0 || !isWhole(aside.subarray(0, rest)), 'a whole line was put aside');
      }),
      { numRuns: loops(1000, 100) },
    );
  });
});

describe('an atomic replace on a disk that fails', () => {
  for (const overwrite of [true, false])
    it(`leaves the old or the new, whole, whatever goes wrong${overwrite ? '' : '; also for a new name'}`, async () => {
      const old = overwrite ? Buffer.from('the old content') : null;
      const fresh = Buffer.alloc(5000, 'n');
      await everyFault(
        (disk) => replaceFile('/state', fresh, { files: disk, overwrite }),
        (disk) => {
          if (old) disk.put('/state', old);
        },
        async (disk, { failed }) => {
          const now = disk.look('/state');
          if (!failed) assert.deepEqual(now, fresh, 'it was said to be there');
          else
            assert.ok(now?.equals(fresh) || (old ? now?.equals(old) : now === null), 'a part, or a mixture');
          await removeLeftovers('/', disk);
          assert.ok(disk.list().length <= 1, disk.list().join());
        },
      );
    });

  it('makes folders that a power cut leaves, and is content with those that are there', async () => {
    const folder = tempDir('folders');
    await makeFolder(join(folder, 'a', 'b', 'c'), 0o700);
    await makeFolder(join(folder, 'a', 'b', 'c'));
    assert.deepEqual(readdirSync(join(folder, 'a', 'b')), ['c']);
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(makeFolder(join(folder, 'file', 'below')), { code: 'ENOTDIR' });
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    await assert.rejects(makeFolder(join(folder, 'link', 'below')), { code: 'ENOENT' });
  });
});
