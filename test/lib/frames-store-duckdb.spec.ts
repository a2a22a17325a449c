// The same answers with DuckDB and without, over random questions; and what becomes of a store whose Parquet is stale, missing or broken.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duckdb } from '../../lib/frames/store/duckdb';
import { hourFolder } from '../../lib/frames/store/layout';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { FrameQuery } from '../../lib/frames/store/types';
import { loops, tempDir, waitFor } from '../support';
import { CHANGED, fillStore, frameOf, gridOf, randomOf } from '../support/frames';
import { dhash } from '../../lib/frames/dhash';

const HOUR = 3_600_000;

describe('a frame store with DuckDB', () => {
  const open: FolderFrameStore[] = [];
  const warned: unknown[] = [];
  const storeIn = (
    folder: string,
    more: ConstructorParameters<typeof FolderFrameStore>[1] = {},
  ): FolderFrameStore => {
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
    const store = new FolderFrameStore(settings, {
      longLines: 1,
      warn: (error) => warned.push(error),
      ...more,
    });
    open.push(store);
    return store;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  };
  afterEach(closeAll);
  const none = () => Promise.reject(Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' }));

  /** A store whose closed hours have Parquet: three streams, eight hours, and one hour that grows. */
  const filled = async (): Promise<{ folder: string; from: number; to: number }> => {
    const folder = tempDir('frames-duck');
    const { from, to } = fillStore(folder, {
      frames: 3 * 8 * 240,
      streams: ['anna', 'bob', 'cleo.2'],
      everyMs: 15_000,
      seenMs: 9000,
      asked: true,
      pictures: false,
    });
    const store = storeIn(folder);
    for (let seq = 0; seq < 6; seq++) await store.put(frameOf('anna', to + seq * 1000, seq), CHANGED);
    const missing = () =>
      ['anna', 'bob', 'cleo.2']
        .flatMap((stream) =>
          Array.from({ length: stream === 'anna' ? 8 : 7 }, (_, hour) =>
            hourFolder(folder, stream, from + hour * HOUR),
          ),
        )
        .filter(
          (hour) =>
            !readdirSync(hour).includes('summary.json') || !readdirSync(hour).includes('index.parquet'),
        );
    await waitFor(() => missing().length === 0, {
      timeoutMs: 60_000,
      message: () => `${missing().join()} ${warned.join()}`,
    });
    await closeAll();
    return { folder, from, to };
  };

  it('gives the same answers as without', async function () {
    this.timeout(300_000);
    warned.length = 0;
    const { folder, from, to } = await filled();
    const random = randomOf(7);
    const any = <T>(...list: T[]): T => list[Math.floor(random() * list.length)]!;
    const time = () =>
      any<number | null>(
        null,
        from + Math.floor(random() * (to - from + HOUR)),
        from + Math.floor(random() * 9) * HOUR,
      );
    const queries = Array.from({ length: loops(400, 40) }, (): FrameQuery => ({
      stream: any(null, 'anna', 'bob', 'cleo.2', 'nobody'),
      from: time(),
      to: time(),
      changedOnly: any(false, false, true),
      everyMs: any(null, null, 60_000, 7000, 45 * 60_000, 2 * HOUR, 100 * 60_000),
      similarTo: any(null, null, { dhash: dhash(gridOf(Math.floor(random() * 24))) }),
      mostBits: any(0, 8, 20, 30),
      limit: any(1, 7, 100, 1000),
      order: any('oldest', 'newest'),
    }));
    const pages = async (store: FolderFrameStore, query: FrameQuery) => {
      const first = await store.find(query);
      const second = first.cursor ? await store.find({ ...query, cursor: first.cursor }) : null;
      return {
        by: first.by,
        said: [first.frames, first.cursor, second?.frames ?? [], second?.cursor ?? null],
      };
    };
    const bucketQueries = queries.slice(0, loops(100, 15)).map(({ stream = null }) => {
      const begin = from + Math.floor(random() * 4 * HOUR);
      return {
        stream,
        from: begin,
        to: begin + Math.floor(random() * 5 * HOUR),
        everyMs: any(60_000, 777_777, 2 * HOUR),
      };
    });
    const plain = storeIn(folder, { duck: none });
    assert.equal((await plain.use()).duckdb.reason, 'the npm package @duckdb/node-api is not installed');
    const without = [];
    for (const query of queries) without.push(await pages(plain, query));
    const counted = [];
    for (const query of bucketQueries) counted.push(await plain.buckets(query));
    await closeAll();
    const quick = storeIn(folder);
    let byDuck = 0;
    for (const [index, query] of queries.entries()) {
      const { by, said } = await pages(quick, query);
      if (by === 'duckdb') byDuck++;
      assert.deepEqual(said, without[index]!.said, JSON.stringify(query));
    }
    for (const [index, query] of bucketQueries.entries())
      assert.deepEqual(await quick.buckets(query), counted[index], JSON.stringify(query));
    assert.deepEqual(warned, []);
    assert.ok(byDuck > queries.length / 3, `${byDuck} by DuckDB`);
    assert.ok(without.every(({ by }) => by === 'ndjson'));
    assert.equal((await quick.use()).duckdb.available, true);
  });

  it('believes the lines where the Parquet does not fit them, and where it is broken', async function () {
    this.timeout(120_000);
    const { folder, from } = await filled();
    const hour = hourFolder(folder, 'bob', from + HOUR);
    const query = { stream: 'bob', from, to: from + 4 * HOUR, limit: 1000 };
    const ask = async () => {
      const store = storeIn(folder);
      const { frames, by, unreadable } = await store.find(query);
      await closeAll();
      return { count: frames.length, by, unreadable: unreadable.length };
    };
    assert.deepEqual(await ask(), { count: 960, by: 'duckdb', unreadable: 0 });
    // a line more than the Parquet has
    const index = join(hour, 'index.ndjson');
    appendFileSync(index, 'nonsense\n');
    assert.deepEqual(await ask(), { count: 960, by: 'duckdb', unreadable: 1 });
    const parquet = join(hourFolder(folder, 'bob', from), 'index.parquet');
    const { size } = statSync(parquet);
    writeFileSync(parquet, Buffer.alloc(size, 7));
    warned.length = 0;
    assert.deepEqual(await ask(), { count: 960, by: 'ndjson', unreadable: 1 });
    assert.equal(warned.length, 1);
    rmSync(parquet);
    assert.deepEqual(await ask(), { count: 960, by: 'duckdb', unreadable: 1 });
  });

  it('makes the Parquet of hours that closed without it, and of none that is being removed', async function () {
    this.timeout(120_000);
    const folder = tempDir('frames-duck');
    const streams = ['anna', 'bob'];
    const { from } = fillStore(folder, { frames: 2 * 6 * 60, streams, everyMs: 60_000, pictures: false });
    const hours = streams.flatMap((name) =>
      Array.from({ length: 5 }, (_, hour) => hourFolder(folder, name, from + hour * HOUR)),
    );
    const having = (name: string) => hours.filter((hour) => existsSync(join(hour, name))).length;
    const closed = storeIn(folder, { duck: none });
    await closed.use();
    await waitFor(() => having('summary.json') === hours.length, { timeoutMs: 30_000 });
    await closeAll();
    assert.equal(having('index.parquet'), 0);
    warned.length = 0;
    const store = storeIn(folder);
    await store.use();
    const whole = { limit: 1000 };
    const was = await store.find(whole);
    assert.equal(was.by, 'ndjson');
    await waitFor(() => having('index.parquet') > 0, { timeoutMs: 60_000 });
    // retention at the same time
    await store.remove('bob');
    const left = () => hours.slice(0, 5).every((hour) => existsSync(join(hour, 'index.parquet')));
    await waitFor(left, { timeoutMs: 60_000 });
    const answer = await store.find(whole);
    assert.equal(answer.by, 'duckdb');
    assert.deepEqual(
      answer.frames,
      was.frames.filter(({ stream }) => stream === 'anna'),
    );
    assert.deepEqual(warned, []);
    const { faults } = await store.verify('anna');
    assert.ok(faults.every(({ what }) => what === 'missing picture'));
    assert.equal(existsSync(join(folder, 'bob')), false);
  });

  it('is the real one', async () => {
    const [row] = await (await duckdb()).rows('SELECT 1 AS one');
    assert.deepEqual(row, { one: 1 });
  });
});
