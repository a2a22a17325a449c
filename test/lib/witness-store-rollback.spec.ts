// A witness log that was set back, changed, removed, or whose key is another one: it is left as it is, and the next one says why.
// And everything an honest day may bring, which must look like none of these.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ownData, type Continued } from '../../lib/witness/format';
import { signerOf } from '../../lib/witness/keys';
import { WitnessLog } from '../../lib/witness/store/log';
import { tempDir, waitFor } from '../support';
import {
  ORIGIN,
  assertHonest,
  contentsOf,
  entriesIn,
  keptOptions,
  put,
  verifyKept,
} from '../support/kept-log';

describe('a witness log that was changed behind its back', () => {
  let place: string;
  let folder: string;
  let state: string;
  const logs: WitnessLog[] = [];
  const open = async (options: Parameters<typeof keptOptions>[1] = {}): Promise<WitnessLog> => {
    const log = await WitnessLog.open(folder, keptOptions(state, options));
    logs.push(log);
    return log;
  };
  /** One start of Node-RED: so many entries, signed and closed. */
  const day = async (count: number, options: Parameters<typeof keptOptions>[1] = {}): Promise<WitnessLog> => {
    const log = await open(options);
    for (let at = 0; at < count; at++) await put(log, at).done;
    await log.close();
    return log;
  };
  const genesisOf = (where: string) => ownData(entriesIn(contentsOf(where))[0]!, 'log.genesis')!;
  const codesOf = (log: WitnessLog): string[] => log.state().notices.map(({ code }) => code);
  /** Every file of a folder with its content, except for the lock. */
  const picture = (where: string): [string, string][] =>
    [...contentsOf(where)].map(([name, bytes]) => [name, bytes.toString('base64')]);

  /** The log is not touched, and goes on in a folder that says so. Gives its genesis's `continues`. */
  async function assertLeft(
    reason: Continued['reason'],
    code: string,
    options: Parameters<typeof keptOptions>[1] = {},
    next = `${folder}.2`,
  ): Promise<Continued> {
    const before = picture(folder);
    const log = await open(options);
    assert.equal(log.folder, next);
    assert.deepEqual(codesOf(log), [code]);
    assert.ok(log.state().notices[0]!.message.includes(next), 'it says where it goes on');
    await put(log, 'on').done;
    await log.close();
    assert.deepEqual(picture(folder), before);
    const continues = genesisOf(next).continues!;
    assert.equal(continues.reason, reason);
    const again = await open(options);
    assert.equal(again.folder, next, 'the next start goes on there');
    assert.deepEqual(codesOf(again), []);
    await again.close();
    return continues;
  }

  beforeEach(() => {
    place = tempDir('rollback');
    folder = join(place, 'log');
    state = join(place, 'state');
  });
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close().catch(() => undefined);
  });

  it('an older copy put back is not extended: the log goes on in the next folder, and says so', async () => {
    const first = await day(20);
    cpSync(folder, join(place, 'copy'), { recursive: true });
    const later = await day(100);
    const signed = later.state().signedSize;
    rmSync(folder, { recursive: true });
    cpSync(join(place, 'copy'), folder, { recursive: true });
    const continues = await assertLeft('rollback', 'WITNESS_ROLLED_BACK');
    assert.equal(continues.size, signed);
    assert.equal(continues.logId, first.state().logId);
    const rollback = entriesIn(contentsOf(`${folder}.2`)).find(({ type }) => type === 'log.rollback')!;
    assert.deepEqual(rollback.data, {
      expectedSize: signed,
      foundSize: entriesIn(contentsOf(folder)).length,
    });
    await assertHonest(contentsOf(`${folder}.2`));
    assert.equal(
      (await verifyKept(contentsOf(folder))).verdict,
      'valid',
      'alone, the old copy is a whole log',
    );
  });

  it('the same, when it happens again to the one that goes on', async () => {
    await day(5);
    cpSync(folder, join(place, 'copy'), { recursive: true });
    await day(5);
    rmSync(folder, { recursive: true });
    cpSync(join(place, 'copy'), folder, { recursive: true });
    await assertLeft('rollback', 'WITNESS_ROLLED_BACK');
    cpSync(`${folder}.2`, join(place, 'copy2'), { recursive: true });
    await day(5);
    rmSync(`${folder}.2`, { recursive: true });
    cpSync(join(place, 'copy2'), `${folder}.2`, { recursive: true });
    const log = await day(1);
    assert.equal(log.folder, `${folder}.3`);
    assert.equal(genesisOf(`${folder}.3`).continues!.logId, genesisOf(`${folder}.2`).logId);
    await assertHonest(contentsOf(`${folder}.3`));
  });

  it('entries cut off its end, at a line or inside one, with the checkpoint left or taken along', async () => {
    for (const [cut, keeps] of [
      [0, true],
      [0, false],
      [17, true],
      [17, false],
    ] as const) {
      folder = join(place, `cut-${cut}-${keeps}`);
      await day(20);
      const path = join(folder, '000000000000.jsonl');
      const lines = readFileSync(path, 'utf8').split('\n');
      truncateSync(path, Buffer.byteLength(lines.slice(0, 10).join('\n')) + 1 - cut);
      if (!keeps) for (const name of ['checkpoint', 'checkpoints']) rmSync(join(folder, name));
      await assertLeft('rollback', 'WITNESS_ROLLED_BACK');
    }
  });

  it('everything deleted but the checkpoint, or but an empty file', async () => {
    await day(5);
    rmSync(join(folder, '000000000000.jsonl'));
    await assertLeft('damaged', 'WITNESS_LEFT_DAMAGED');
    folder = join(place, 'emptied');
    await day(5);
    writeFileSync(join(folder, '000000000000.jsonl'), '');
    await assertLeft('damaged', 'WITNESS_LEFT_DAMAGED');
  });

  it('a changed byte where it was signed: in a line, in its end, in the first one; a missing file', async () => {
    for (const where of ['first', 'middle', 'newline'] as const) {
      folder = join(place, where);
      await day(20);
      const path = join(folder, '000000000000.jsonl');
      const bytes = readFileSync(path);
      const at =
        where === 'first' ? 12 : where === 'middle' ? bytes.indexOf('"seq":9,') : bytes.indexOf('\n', 2000);
      bytes[at] = bytes[at]! ^ 1;
      writeFileSync(path, bytes);
      await assertLeft('damaged', 'WITNESS_LEFT_DAMAGED');
    }
    folder = join(place, 'missing');
    await day(40, { segmentBytes: 3000 });
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    rmSync(join(folder, names[1]!));
    await assertLeft('damaged', 'WITNESS_LEFT_DAMAGED');
  });

  it('entries rewritten with the same key in the same number, while the second location remembers', async () => {
    await day(5);
    const real = place;
    place = tempDir('forger');
    const forged = { folder: join(place, 'log'), state: join(place, 'state') };
    // whoever has the key writes another log of the same id: that of an older day, with another evening
    cpSync(folder, forged.folder, { recursive: true });
    await day(10);
    const forger = await WitnessLog.open(forged.folder, keptOptions(forged.state));
    for (let at = 0; at < 10; at++) put(forger, `forged ${at}`);
    await forger.close();
    rmSync(folder, { recursive: true });
    cpSync(forged.folder, folder, { recursive: true });
    place = real;
    const continues = await assertLeft('rollback', 'WITNESS_ROLLED_BACK');
    assert.equal(continues.reason, 'rollback');
  });

  it('the folder removed: a new log begins in its place, and names the one that is gone', async () => {
    const gone = await day(7);
    rmSync(folder, { recursive: true });
    const log = await open();
    assert.equal(log.folder, folder);
    assert.deepEqual(codesOf(log), ['WITNESS_REMOVED']);
    await log.close();
    const { continues } = genesisOf(folder);
    assert.equal(continues?.reason, 'removed');
    assert.equal(continues?.logId, gone.state().logId);
    assert.equal(continues?.size, gone.state().signedSize);
    await assertHonest(contentsOf(folder));
    const again = await open();
    assert.deepEqual(codesOf(again), [], 'told once');
    await again.close();
    rmSync(folder, { recursive: true });
    const third = await open();
    assert.equal(genesisOf(folder).continues?.logId, log.state().logId, 'the last one of them');
    await third.close();
  });

  it('the folder removed after the log went on in the next one: nothing is forgotten', async () => {
    await day(5);
    truncateSync(join(folder, '000000000000.jsonl'), 900);
    const second = await day(5);
    assert.equal(second.folder, `${folder}.2`);
    rmSync(`${folder}.2`, { recursive: true });
    const third = await day(5);
    assert.equal(third.folder, `${folder}.2`);
    assert.equal(genesisOf(`${folder}.2`).continues?.logId, second.state().logId);
  });

  it('a fresh log of somebody else put in its place, with another key or without a trace', async () => {
    const mine = await day(5);
    rmSync(folder, { recursive: true });
    const other = await WitnessLog.open(folder, {
      ...keptOptions(join(place, 'other')),
      signer: signerOf(ORIGIN, Buffer.alloc(32, 9)),
    });
    await other.close();
    const continues = await assertLeft('removed', 'WITNESS_REMOVED');
    assert.equal(continues.logId, mine.state().logId);
  });

  it('another key: the old log is left to the old key', async () => {
    const old = await day(5);
    const signer = signerOf(ORIGIN, Buffer.alloc(32, 9));
    const continues = await assertLeft('key', 'WITNESS_KEY_CHANGED', { signer });
    assert.equal(continues.size, old.state().signedSize);
    // and back again: the one in between is not forgotten either
    const log = await day(1);
    assert.equal(log.folder, `${folder}.3`);
    assert.equal(genesisOf(`${folder}.3`).continues?.logId, genesisOf(`${folder}.2`).logId);
  });

  it('a second program that signs with the same key is noticed before anything is signed', async () => {
    const log = await open();
    put(log, 1);
    await log.checkpoint();
    // the folder as it is, open elsewhere with the same second location: what a copied container does
    cpSync(folder, join(place, 'twin'), { recursive: true });
    rmSync(join(place, 'twin', 'lock'));
    const twin = await WitnessLog.open(join(place, 'twin'), keptOptions(state));
    put(twin, 'twin');
    await twin.checkpoint();
    put(log, 2);
    await assert.rejects(log.checkpoint(), { code: 'WITNESS_FORKED' });
    assert.throws(() => put(log, 3), { code: 'WITNESS_FORKED' });
    assert.equal(log.state().state, 'failed');
    await twin.close();
  });
});

describe('an honest witness log is never taken for a changed one', () => {
  let place: string;
  let folder: string;
  let state: string;
  beforeEach(() => {
    place = tempDir('honest');
    folder = join(place, 'log');
    state = join(place, 'state');
  });
  const start = async (where = folder, options = keptOptions(state)): Promise<WitnessLog> => {
    const log = await WitnessLog.open(where, options);
    put(log, 'x');
    await log.close();
    assert.deepEqual(log.state().notices, [], log.state().notices.join());
    return log;
  };

  it('without its second location, or with that of an earlier day', async () => {
    await start();
    cpSync(state, join(place, 'old'), { recursive: true });
    await start();
    rmSync(state, { recursive: true });
    await start();
    rmSync(state, { recursive: true });
    cpSync(join(place, 'old'), state, { recursive: true });
    assert.equal((await start()).folder, folder);
    await assertHonest(contentsOf(folder));
  });

  it('with a second location that cannot be read, or is somebody else’s', async () => {
    const log = await start();
    const file = join(state, `${log.state().logId}.json`);
    for (const content of [
      '',
      '{',
      '[]',
      '{"logId":1}',
      readFileSync(file, 'utf8').replace(/"note": "/, '"note": "x'),
    ]) {
      writeFileSync(file, content);
      assert.equal((await start()).folder, folder);
    }
    await assertHonest(contentsOf(folder));
  });

  it('without its checkpoint files, and with a history that breaks off', async () => {
    await start();
    rmSync(join(folder, 'checkpoint'));
    await start();
    rmSync(join(folder, 'checkpoints'));
    await start();
    for (const cut of [1, 2, 3, 40, 90, 130, 200]) {
      const path = join(folder, 'checkpoints');
      truncateSync(path, Math.max(0, statSync(path).size - cut));
      await start();
      await assertHonest(contentsOf(folder));
    }
    // one of which the beginning was never written
    const path = join(folder, 'checkpoints');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text}${text.slice(text.lastIndexOf(`${ORIGIN}\n`) + 3)}`);
    await start();
    await assertHonest(contentsOf(folder));
  });

  it('moved to another place, and another log begun where it was', async () => {
    const log = await start();
    renameSync(folder, join(place, 'moved'));
    const moved = await start(join(place, 'moved'));
    assert.equal(moved.state().logId, log.state().logId);
    const other = await start();
    assert.equal(other.folder, folder);
    assert.equal(genesisContinues(folder), undefined);
  });

  it('two logs with one second location', async () => {
    await start();
    const other = signerOf('other', Buffer.alloc(32, 3));
    await start(join(place, 'other'), { ...keptOptions(state), origin: 'other', signer: other });
    await start();
    assert.equal(readdirSync(state).length, 2);
  });

  it('beside another log whose name ends in a number', async () => {
    await start();
    const origin = 'studio.example/live-witness/main.2';
    const other = { ...keptOptions(state), origin, signer: signerOf(origin, Buffer.alloc(32, 3)) };
    assert.equal((await start(`${folder}.2`, other)).folder, `${folder}.2`);
    assert.equal((await start()).folder, folder);
    assert.equal((await start(`${folder}.2`, other)).folder, `${folder}.2`);
  });

  it('in a folder that is there and empty, holds other files, or a numbered folder of somebody else beside it', async () => {
    mkdirSync(folder);
    mkdirSync(`${folder}.2`);
    writeFileSync(join(`${folder}.2`, 'holiday.jpg'), 'x');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    assert.equal((await start()).folder, folder);
    assert.equal((await start()).folder, folder);
  });

  it('with torn bytes at its end: they are kept aside, told, and nothing else is said', async () => {
    await start();
    const path = join(folder, '000000000000.jsonl');
    const tails = [
      '{"data":',
      '\n',
      '\0'.repeat(4096),
      '{}\n',
      'x'.repeat(70_000),
      `${'x'.repeat(70_000)}\n`,
    ];
    for (const tail of tails) {
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from(tail)]));
      const log = await WitnessLog.open(folder, keptOptions(state));
      assert.deepEqual(
        log.state().notices.map(({ code }) => code),
        ['WITNESS_RECOVERED'],
      );
      await log.close();
      await assertHonest(contentsOf(folder));
    }
  });

  it('when a kill came between a new file and its first entry', async () => {
    const log = await start();
    const size = log.state().size;
    writeFileSync(join(folder, `${String(size).padStart(12, '0')}.jsonl`), '');
    await assertHonest(contentsOf(folder));
    await start();
    const { problems } = await assertHonest(contentsOf(folder));
    assert.deepEqual(problems, []);
  });

  it('when its folder is removed while it runs: it begins anew there, and tells what is missing', async () => {
    const log = await WitnessLog.open(folder, keptOptions(state));
    put(log, 1);
    await log.checkpoint();
    const { logId, signedSize } = log.state();
    rmSync(folder, { recursive: true });
    await assert.rejects(put(log, 2).done, { code: 'DURABLE_REMOVED' });
    assert.throws(() => put(log, 3), { code: 'WITNESS_NOT_WRITABLE' });
    await waitFor(() => log.state().state === 'open');
    await put(log, 4).done;
    await log.close();
    assert.ok(existsSync(folder));
    const [genesis, ...entries] = entriesIn(contentsOf(folder));
    const continues = ownData(genesis!, 'log.genesis')!.continues!;
    assert.deepEqual([continues.logId, continues.size, continues.reason], [logId, signedSize, 'removed']);
    const gap = entries.find(({ type }) => type === 'log.gap');
    assert.equal((gap!.data as { count: number }).count, 2);
    await assertHonest(contentsOf(folder));
  });

  const genesisContinues = (where: string) =>
    ownData(entriesIn(contentsOf(where))[0]!, 'log.genesis')!.continues;
});
