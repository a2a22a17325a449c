// A frame store: what is put into it, what it answers, and that all of it is on the disk.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../../lib/durable/lock';
import { LOCK } from '../../lib/frames/store/layout';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { KeptFrame, StoreSettings } from '../../lib/frames/store/types';
import { tempDir } from '../support';
import { CHANGED, SHOW_STARTS, fillStore, frameOf, jpegOf, smallOf } from '../support/frames';

const settings = (folder: string): StoreSettings => ({
  folder,
  keepDays: null,
  mostBytes: null,
  leastFreeBytes: null,
});

describe('a frame store', () => {
  const open: FolderFrameStore[] = [];
  const storeIn = (folder: string): FolderFrameStore => {
    const store = new FolderFrameStore(settings(folder), { warn: (error) => assert.fail(String(error)) });
    open.push(store);
    return store;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  it('keeps pictures as files beside an index, for nobody else to read, and gives them back', async () => {
    const folder = join(tempDir('frames'), 'deep', 'store');
    const store = storeIn(folder);
    const told: KeptFrame[] = [];
    store.onKept((frame) => told.push(frame));
    const first = await store.put(frameOf('anna', SHOW_STARTS + 5, 0), {
      keep: true,
      why: 'first',
      changedPercent: null,
    });
    const second = await store.put(frameOf('anna', SHOW_STARTS + 1005, 1), CHANGED);
    assert.equal(first.id, `anna/${SHOW_STARTS + 5}-0`);
    const hour = join(folder, 'anna', '2026-03-29', '00');
    assert.deepEqual(readdirSync(hour).sort(), [
      `${SHOW_STARTS + 5}-0.jpg`,
      `${SHOW_STARTS + 1005}-1.jpg`,
      'index.ndjson',
    ]);
    assert.equal(readFileSync(join(hour, 'index.ndjson'), 'utf8').split('\n').length, 3);
    if (process.platform !== 'win32') {
      for (const part of ['', 'anna', 'anna/2026-03-29', 'anna/2026-03-29/00'])
        assert.equal(statSync(join(folder, part)).mode & 0o777, 0o700, part);
      for (const name of readdirSync(hour))
        assert.equal(statSync(join(hour, name)).mode & 0o777, 0o600, name);
    }
    assert.deepEqual(told, [first, second]);
    assert.deepEqual((await store.find({})).frames, [first, second]);
    assert.deepEqual((await store.picture(second.id)).jpeg, jpegOf(1));
    assert.deepEqual((await store.last('anna'))?.frame, second);
  });

  it('writes nothing once it is closed, and has all that it promised before', async () => {
    const folder = tempDir('frames');
    const one = storeIn(folder);
    await one.put(frameOf('anna', SHOW_STARTS, 0), CHANGED);
    // the first picture of a stream, and one more of another, on their way while it closes
    const puts = [frameOf('bob', SHOW_STARTS, 0), frameOf('anna', SHOW_STARTS + 1000, 1)].map((frame) =>
      one.put(frame, CHANGED).then(
        () => frame.stream,
        () => null,
      ),
    );
    await one.close();
    const two = storeIn(folder);
    const kept = await Promise.all(puts);
    assert.deepEqual(kept, ['bob', 'anna']);
    const mine = await two.put(frameOf('bob', SHOW_STARTS + 2000, 2), CHANGED);
    assert.deepEqual((await two.find({})).frames.filter(({ stream }) => stream === 'bob').at(-1), mine);
    for (const stream of ['anna', 'bob']) assert.deepEqual((await two.verify(stream)).faults, [], stream);
    assert.equal((await two.find({})).frames.length, 4);
  });

  it('goes on after it was closed and opened, in the same chain', async () => {
    const folder = tempDir('frames');
    const one = storeIn(folder);
    await one.put(frameOf('anna', SHOW_STARTS, 0), CHANGED);
    one.seen('anna', SHOW_STARTS + 900);
    await one.close();
    const two = storeIn(folder);
    const { frame, grid } = (await two.last('anna'))!;
    assert.deepEqual([frame.until, frame.samples, grid], [SHOW_STARTS + 900, 2, null]);
    await two.put(frameOf('anna', SHOW_STARTS + 1000, 1), CHANGED);
    const index = join(folder, 'anna', '2026-03-29', '00', 'index.ndjson');
    const lines = readFileSync(index, 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { n: number }).n),
      [0, 1, 2],
    );
  });

  it('is for one process, and one store in it', async () => {
    const folder = tempDir('frames');
    await storeIn(folder).opened();
    await assert.rejects(storeIn(folder).find({}), { code: 'FRAMES_BUSY' });
  });

  it('waits for the store of before that is still closing', async () => {
    const folder = tempDir('frames');
    await storeIn(folder).close();
    const held = await lockFolder(folder, LOCK);
    const found = storeIn(folder).find({});
    setTimeout(() => void held.release(), 200);
    assert.deepEqual((await found).frames, []);
  });

  it('finds by time with from included and to not, and goes on behind a cursor while new pictures come', async () => {
    const folder = tempDir('frames');
    const { from } = fillStore(folder, { frames: 3000, streams: 2, everyMs: 10_000, pictures: false });
    const store = storeIn(folder);
    const { frames } = await store.find({ stream: 'cam-1', from: from + 10_000, to: from + 40_000 });
    assert.deepEqual(
      frames.map(({ at }) => at - from),
      [10_000, 20_000, 30_000],
    );
    for (const order of ['oldest', 'newest'] as const) {
      const ids: string[] = [];
      let cursor: string | null = null;
      let pages = 0;
      do {
        const answer = await store.find({ order, limit: 700, cursor });
        ids.push(...answer.frames.map(({ id }) => id));
        ({ cursor } = answer);
        await store.put(
          frameOf('new', from + 86_400_000 + (order === 'newest' ? 1000 : 0) + pages, pages++),
          CHANGED,
        );
      } while (cursor);
      const old = ids.filter((id) => !id.startsWith('new'));
      assert.equal(new Set(old).size, 3000, order);
      assert.equal(old.length, 3000);
    }
  });

  it('refuses what is no query', async () => {
    const store = storeIn(tempDir('frames'));
    const no = { code: 'FRAMES_QUERY_INVALID' };
    await assert.rejects(store.find({ limit: 1001 }), no);
    await assert.rejects(store.find({ stream: '../etc' }), no);
    await assert.rejects(store.find({ cursor: 'AAAA' }), no);
    await assert.rejects(store.find({ from: NaN }), no);
    await assert.rejects(store.find({ similarTo: { dhash: 'x' } }), no);
    await assert.rejects(store.buckets({ from: 0, to: 1, everyMs: 0 }), no);
    await assert.rejects(store.picture('anna/../../etc/passwd'), { code: 'FRAMES_UNKNOWN' });
    await assert.rejects(store.put(frameOf('..', SHOW_STARTS, 0), CHANGED), { code: 'FRAMES_NOT_WRITTEN' });
  });

  it('counts by pieces of time, and gives the first of each', async () => {
    const folder = tempDir('frames');
    const { from, to } = fillStore(folder, { frames: 7200, streams: 2, pictures: false });
    const store = storeIn(folder);
    const buckets = await store.buckets({ from, to, everyMs: 60_000 });
    assert.equal(buckets.length, 120);
    assert.equal(
      buckets.reduce((sum, { frames }) => sum + frames, 0),
      7200,
    );
    assert.deepEqual([buckets[0]!.first.at, buckets[0]!.frames], [from, 60]);
    await assert.rejects(store.buckets({ from, to, everyMs: 1000 }), { code: 'FRAMES_QUERY_INVALID' });
  });

  it('gives the picture that was on air at a time, else the nearest', async () => {
    const store = storeIn(tempDir('frames'));
    await store.put(frameOf('anna', SHOW_STARTS + 1000, 0), CHANGED);
    store.seen('anna', SHOW_STARTS + 5000);
    await store.put(frameOf('anna', SHOW_STARTS + 10_000, 1), CHANGED);
    const at = async (ms: number) => (await store.nearest('anna', SHOW_STARTS + ms))?.seq;
    assert.deepEqual(
      await Promise.all([0, 1000, 5000, 7000, 8000, 10_000, 99_999_999].map(at)),
      [0, 0, 0, 0, 1, 1, 1],
    );
    assert.equal(await store.nearest('bob', SHOW_STARTS), null);
  });

  it('keeps the small picture beside the picture, which may be missing', async () => {
    const folder = tempDir('frames');
    const store = storeIn(folder);
    const heard: Promise<Buffer | null>[] = [];
    store.onKept(({ id }) => heard.push(store.small(id)));
    const put = (seq: number, small: Buffer | null) =>
      store.put(frameOf('anna', SHOW_STARTS + seq, seq, { small }), CHANGED);
    const [one, two] = [await put(0, smallOf(3)), await put(1, null)];
    assert.deepEqual(await Promise.all(heard), [smallOf(3), null], 'there as soon as somebody hears of it');
    const hour = join(folder, 'anna', '2026-03-29', '00');
    const path = join(hour, `${SHOW_STARTS}-0.small.jpg`);
    assert.deepEqual(readdirSync(hour).sort(), [
      `${SHOW_STARTS}-0.jpg`,
      `${SHOW_STARTS}-0.small.jpg`,
      `${SHOW_STARTS + 1}-1.jpg`,
      'index.ndjson',
    ]);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    await store.close();

    const again = storeIn(folder);
    assert.deepEqual(await again.small(one.id), smallOf(3));
    assert.ok(existsSync(path), 'opening takes it for no orphan');
    // torn by a power cut, or something else
    for (const bytes of [smallOf(3).subarray(0, -9), Buffer.alloc(smallOf(3).length), Buffer.alloc(0)]) {
      writeFileSync(path, bytes);
      assert.equal(await again.small(one.id), null);
    }
    rmSync(path);
    assert.equal(await again.small(one.id), null);
    assert.deepEqual((await again.picture(one.id)).jpeg, jpegOf(0));
    assert.deepEqual((await again.verify('anna')).faults, [], 'a missing one is no fault');
    await assert.rejects(again.small('anna/1-1'), { code: 'FRAMES_UNKNOWN' });
    await assert.rejects(again.small('anna/../x'), { code: 'FRAMES_UNKNOWN' });
    await assert.rejects(again.small(`${two.id}.small`), { code: 'FRAMES_UNKNOWN' });
  });

  it('gives no small picture where the picture is gone or of another length', async () => {
    const folder = tempDir('frames');
    const store = storeIn(folder);
    const { id } = await store.put(frameOf('anna', SHOW_STARTS, 0, { small: smallOf(0) }), CHANGED);
    const file = join(folder, 'anna', '2026-03-29', '00', `${SHOW_STARTS}-0.jpg`);
    writeFileSync(file, Buffer.concat([jpegOf(0), Buffer.from('x')]));
    await assert.rejects(store.small(id), { code: 'FRAMES_CHANGED' });
    rmSync(file);
    await assert.rejects(store.small(id), { code: 'FRAMES_UNKNOWN' });
  });

  it('removes a small picture that no line tells of, with its picture', async () => {
    const folder = tempDir('frames');
    const store = storeIn(folder);
    await store.put(frameOf('anna', SHOW_STARTS, 0, { small: smallOf(0) }), CHANGED);
    await store.close();
    const hour = join(folder, 'anna', '2026-03-29', '00');
    writeFileSync(join(hour, `${SHOW_STARTS + 1}-1.jpg`), jpegOf(1));
    for (const seq of [1, 2]) writeFileSync(join(hour, `${SHOW_STARTS + 1}-${seq}.small.jpg`), smallOf(1));
    const again = storeIn(folder);
    await again.opened();
    assert.deepEqual(readdirSync(hour).sort(), [
      `${SHOW_STARTS}-0.jpg`,
      `${SHOW_STARTS}-0.small.jpg`,
      'index.ndjson',
    ]);
  });

  it('gives no picture that somebody changed', async () => {
    const folder = tempDir('frames');
    const store = storeIn(folder);
    const { id } = await store.put(frameOf('anna', SHOW_STARTS, 0), CHANGED);
    const file = join(folder, 'anna', '2026-03-29', '00', `${SHOW_STARTS}-0.jpg`);
    assert.ok(existsSync(file));
    writeFileSync(file, jpegOf(99));
    await assert.rejects(store.picture(id), { code: 'FRAMES_CHANGED' });
    rmSync(file);
    await assert.rejects(store.picture(id), { code: 'FRAMES_UNKNOWN' });
  });
});
