// What a frame store removes, and what of its lines and pictures somebody else changed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, nodeFiles } from '../../lib/durable/files';
import { hourFolder } from '../../lib/frames/store/layout';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { StoreSettings, VerifyAnswer } from '../../lib/frames/store/types';
import { tempDir, waitFor } from '../support';
import { CHANGED, SHOW_STARTS, fillStore, frameOf, jpegOf, smallOf } from '../support/frames';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function bytesBelow(path: string): number {
  return statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
    : statSync(path).size;
}

/** Of the files that no figure tells of. */
function uncounted(path: string): number {
  if (statSync(path).isDirectory())
    return readdirSync(path).reduce((sum, name) => sum + uncounted(join(path, name)), 0);
  return /(summary\.json|chain\.json|~lock)$/.test(path) ? statSync(path).size : 0;
}

describe('keeping a frame store', () => {
  const open: FolderFrameStore[] = [];
  const storeIn = (
    folder: string,
    limits: Partial<StoreSettings> = {},
    free: () => Promise<number | null> = () => Promise.resolve(null),
  ): FolderFrameStore => {
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null, ...limits };
    const store = new FolderFrameStore(settings, {
      free,
      // Parquet comes into the folders a while after
      duck: () => Promise.reject(new Error('none here')),
      warn: (error) => assert.fail(String(error)),
    });
    open.push(store);
    return store;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  /** Two streams, ten hours, a picture every minute: 600 each. */
  const tenHours = (): { folder: string; from: number; to: number } => {
    const folder = tempDir('frames-keeping');
    return fillStore(folder, { frames: 1200, streams: ['anna', 'bob'], everyMs: 60_000, seenMs: 5000 });
  };
  const faults = ({ faults: found }: VerifyAnswer): string[] => found.map(({ what }) => what);

  it('removes what is older than it may be, and frees the bytes', async () => {
    const { folder, from } = tenHours();
    const store = storeIn(folder, { keepDays: 1 });
    const before = bytesBelow(folder);
    const freed = await store.retain(from + DAY + 3 * HOUR);
    const { streams } = await store.use();
    assert.deepEqual(
      streams.map(({ stream, first, frames }) => [stream, first, frames]),
      [
        ['anna', from + 3 * HOUR, 420],
        ['bob', from + 3 * HOUR, 420],
      ],
    );
    // what a summary and a note of the chain take is little beside it
    assert.ok(Math.abs(before - freed - bytesBelow(folder)) < 20_000, `${before} - ${freed}`);
    assert.equal(existsSync(hourFolder(folder, 'anna', from)), false);
    assert.deepEqual((await store.verify('anna')).faults, [], 'what retention removed is no fault');
    await store.close();
    assert.deepEqual((await storeIn(folder).verify('anna')).faults, []);
  });

  it('removes the oldest hours of all streams until the rest is small enough', async () => {
    const { folder, from, to } = tenHours();
    const store = storeIn(folder);
    const { bytes } = await store.use();
    store.renew({ folder, keepDays: null, mostBytes: Math.ceil(bytes * 0.55), leastFreeBytes: null });
    await store.retain(to + DAY);
    const { streams, bytes: left } = await store.use();
    assert.ok(left <= bytes * 0.55 && left > bytes / 3, `${left} of ${bytes}`);
    assert.deepEqual(
      streams.map(({ first }) => first),
      [from + 5 * HOUR, from + 5 * HOUR],
    );
  });

  it('removes while too little of the disk is free, and never the hour that grows', async () => {
    const { folder, to } = tenHours();
    const store = storeIn(folder, { leastFreeBytes: 1000 }, () => Promise.resolve(10));
    await store.put(frameOf('anna', to + 1000, 0), CHANGED);
    await store.retain(to + 180_000);
    const { frames, streams } = await store.use();
    assert.deepEqual([frames, streams.map(({ stream }) => stream)], [1, ['anna']]);
    await store.put(frameOf('bob', to + 3000, 0), CHANGED);
    for (const stream of ['anna', 'bob']) assert.deepEqual((await store.verify(stream)).faults, []);
    await store.close();
    const again = storeIn(folder);
    await again.put(frameOf('bob', to + 4000, 1), CHANGED);
    assert.deepEqual((await again.verify('bob')).faults, []);
  });

  it('counts small pictures too, while an hour grows, once it is closed and after a restart, and frees them with it', async () => {
    const folder = tempDir('frames-keeping');
    const put = async (store: FolderFrameStore, hour: number, seq: number): Promise<void> => {
      const small = seq % 3 === 0 ? null : smallOf(seq);
      await store.put(frameOf('anna', SHOW_STARTS + hour * HOUR + seq, seq, { small }), CHANGED);
    };
    let store = storeIn(folder);
    // the summary and the note of the chain are not counted: they are the same for any pictures
    const own = () => bytesBelow(folder) - uncounted(folder);
    const isWhole = async (what: string): Promise<void> =>
      assert.equal((await store.use()).bytes, own(), what);
    for (let seq = 0; seq < 7; seq++) await put(store, 0, seq);
    await isWhole('while it grows');
    await Promise.all([7, 8, 9, 10].map((seq) => put(store, 0, seq)));
    await isWhole('some at once');
    await store.close();
    store = storeIn(folder);
    await isWhole('after a restart');
    await put(store, 0, 11);
    await isWhole('and on');
    await put(store, 1, 12);
    await store.close();
    store = storeIn(folder);
    await isWhole('once the first hour is closed');
    await store.retain(SHOW_STARTS + 2 * HOUR);
    const was = bytesBelow(folder);
    store.renew({ folder, keepDays: null, mostBytes: 1, leastFreeBytes: null });
    const freed = await store.retain(SHOW_STARTS + DAY);
    assert.deepEqual([(await store.use()).bytes, own()], [0, 0]);
    assert.ok(freed > 5000 && Math.abs(was - freed - bytesBelow(folder)) < 2000, `${was} - ${freed}`);
    assert.equal(existsSync(hourFolder(folder, 'anna', SHOW_STARTS)), false);
    assert.deepEqual((await store.verify('anna')).faults, []);
  });

  it('removes one stream, and begins anew under its name', async () => {
    const { folder, from } = tenHours();
    const store = storeIn(folder);
    assert.ok((await store.remove('anna')) > 100_000);
    assert.deepEqual(
      readdirSync(folder)
        .filter((name) => !name.startsWith('~model'))
        .sort(),
      ['bob', '~lock'],
    );
    await store.put(frameOf('anna', from, 7), CHANGED);
    const { faults: none, lines } = await store.verify('anna');
    assert.deepEqual([none, lines], [[], 1]);
  });

  it('finds every kind of change that somebody made', async () => {
    const { folder, from } = tenHours();
    const hour = hourFolder(folder, 'anna', from + HOUR);
    const index = join(hour, 'index.ndjson');
    const was = readFileSync(index, 'utf8');
    const lines = was.trimEnd().split('\n');
    const write = (some: string[]): void => writeFileSync(index, some.map((line) => `${line}\n`).join(''));
    const check = async (): Promise<string[]> => {
      const store = storeIn(folder);
      const found = faults(await store.verify('anna'));
      await store.close();
      return found;
    };
    assert.deepEqual(await check(), []);
    write(lines.filter((_, at) => at !== 10));
    assert.deepEqual(await check(), ['missing line']);
    write(lines.filter((_, at) => at !== 11));
    assert.deepEqual(await check(), ['missing line']);
    write(lines.map((line, at) => (at === 20 ? line.replace('"mediaMs":', '"mediaMs":1') : line)));
    assert.deepEqual(await check(), ['line']);
    write(lines.map((line, at) => (at === 119 ? line.replace('"samples":6', '"samples":9') : line)));
    assert.deepEqual(await check(), ['line'], 'the last of its hour');
    write([...lines.slice(0, 4), ...lines.slice(6, 8), ...lines.slice(4, 6), ...lines.slice(8)]);
    assert.ok((await check()).includes('line'), 'two swapped');
    write(lines.slice(0, -1));
    assert.deepEqual(await check(), ['missing line'], 'the last of an hour');
    write(lines.map((line, at) => (at === 30 ? 'nonsense' : line)));
    assert.ok((await check()).every((what) => what === 'line'));
    writeFileSync(index, was);
    assert.deepEqual(await check(), []);
    const [one, other] = readdirSync(hour).filter((name) => name.endsWith('.jpg'));
    // a link to a model: not written into, replaced
    const kept = readFileSync(join(hour, one!));
    rmSync(join(hour, one!));
    assert.deepEqual(await check(), ['missing picture']);
    writeFileSync(join(hour, one!), jpegOf(77));
    assert.deepEqual(await check(), ['picture']);
    writeFileSync(join(hour, one!), kept);
    rmSync(join(hour, other!));
    assert.deepEqual(await check(), ['missing picture']);
    rmSync(hour, { recursive: true });
    assert.deepEqual(await check(), ['missing line']);
  });

  it('says that a picture is not kept while the disk is full, and goes on in a whole chain afterwards', async () => {
    const folder = tempDir('frames-keeping');
    let full: RegExp | null = null;
    const files: Files = {
      ...nodeFiles,
      open: async (path, use, mode) => {
        const file = await nodeFiles.open(path, use, mode);
        const fails = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
        return {
          ...file,
          write: (bytes, position) => (full?.test(path) ? fails() : file.write(bytes, position)),
        };
      },
    };
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
    const store = new FolderFrameStore(settings, { files });
    open.push(store);
    let seq = 0;
    const put = () => store.put(frameOf('anna', SHOW_STARTS + seq * 1000, seq++), CHANGED);
    await put();
    for (const where of [/jpg$/, /ndjson$/]) {
      full = where;
      await assert.rejects(put(), { code: 'FRAMES_NOT_WRITTEN', message: /the disk is full/ });
      const burst = await Promise.allSettled([put(), put(), put()]);
      assert.ok(burst.every(({ status }) => status === 'rejected'));
      full = null;
      await waitFor(
        () =>
          put().then(
            () => true,
            () => false,
          ),
        { timeoutMs: 15_000 },
      );
    }
    const { faults: none, pictures } = await store.verify('anna');
    assert.deepEqual([none, pictures], [[], 3]);
    const left = readdirSync(hourFolder(folder, 'anna', SHOW_STARTS)).filter((name) => name.endsWith('.jpg'));
    assert.equal(left.length, 3, 'no picture is left that no line tells of');
  });

  it('has one chain where a picture is seen while its hour is being closed', async () => {
    const store = storeIn(tempDir('frames-keeping'));
    for (let hour = 0; hour < 5; hour++) {
      const kept = store.put(frameOf('anna', SHOW_STARTS + hour * HOUR, hour), CHANGED);
      for (let turn = 0, done = false; !done; turn++) {
        store.seen('anna', SHOW_STARTS + hour * HOUR + turn);
        done = await Promise.race([
          kept.then(() => true),
          new Promise<false>((resolve) => setImmediate(() => resolve(false))),
        ]);
      }
    }
    assert.deepEqual((await store.verify('anna')).faults, []);
    assert.deepEqual((await store.find({})).unreadable, []);
  });

  it('has one chain also where the clock was set back and forth', async () => {
    const folder = tempDir('frames-keeping');
    let store = storeIn(folder);
    let seq = 0;
    for (const at of [
      5 * HOUR,
      5 * HOUR + 1000,
      2 * HOUR,
      2 * HOUR + 1000,
      5 * HOUR + 2000,
      HOUR,
      7 * HOUR,
      2 * HOUR + 9,
    ]) {
      await store.put(frameOf('anna', SHOW_STARTS + at, seq++), CHANGED);
      store.seen('anna', SHOW_STARTS + at + 500);
      if (seq % 3 !== 0) continue;
      await store.close();
      store = storeIn(folder);
    }
    const { faults: none, lines } = await store.verify('anna');
    assert.deepEqual(none, []);
    assert.equal(lines, 15);
    const { frames } = await store.find({});
    assert.equal(frames.length, 8);
    await store.close();
    const later = storeIn(folder, { keepDays: 1 });
    assert.ok((await later.retain(SHOW_STARTS + DAY + 4 * HOUR)) > 0);
    assert.equal((await later.find({})).frames.length, 4);
    assert.deepEqual((await later.verify('anna')).faults, []);
    await later.put(frameOf('anna', SHOW_STARTS + 2 * HOUR, 99), CHANGED);
    assert.deepEqual((await later.verify('anna')).faults, []);
  });
});
