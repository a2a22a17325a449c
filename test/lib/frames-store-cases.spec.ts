// What becomes of a store when somebody lays hands on its files, when its disk is full, and when another version has written it.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hourFolder } from '../../lib/frames/store/layout';
import { loadDuckdb } from '../../lib/frames/store/duckdb';
import { FolderFrameStore, type StoreOptions } from '../../lib/frames/store/store';
import { smallDisk, startProgram, tempDir, waitFor } from '../support';
import { CHANGED, SHOW_STARTS, fillStore, frameOf, jpegOf } from '../support/frames';

const HOUR = 3_600_000;
const none = () => Promise.reject(new Error('none here'));

describe('a frame store that somebody laid hands on', () => {
  const open: FolderFrameStore[] = [];
  const storeIn = (folder: string, options: StoreOptions = {}): FolderFrameStore => {
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
    const store = new FolderFrameStore(settings, { duck: none, ...options });
    open.push(store);
    return store;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  };
  afterEach(closeAll);

  /** Nine pictures in three hours, written by a store that was then closed. */
  const nine = async (): Promise<string> => {
    const folder = tempDir('frames-cases');
    const store = storeIn(folder);
    for (let seq = 0; seq < 9; seq++)
      await store.put(frameOf('anna', SHOW_STARTS + Math.floor(seq / 3) * HOUR + seq * 1000, seq), CHANGED);
    await closeAll();
    return folder;
  };
  const indexOf = (folder: string, hour: number): string =>
    join(hourFolder(folder, 'anna', SHOW_STARTS + hour * HOUR), 'index.ndjson');
  const faultsOf = async (folder: string): Promise<string[]> => {
    const { faults } = await storeIn(folder).verify('anna');
    await closeAll();
    return faults.map(({ what }) => what);
  };

  for (const hour of [0, 1, 2])
    for (const line of [0, 1, 2])
      it(`misses line ${line + 1} of 3 in hour ${hour + 1} of 3`, async () => {
        const folder = await nine();
        const index = indexOf(folder, hour);
        const lines = readFileSync(index, 'utf8').trimEnd().split('\n');
        writeFileSync(
          index,
          lines
            .filter((_, at) => at !== line)
            .map((text) => `${text}\n`)
            .join(''),
        );
        assert.deepEqual(await faultsOf(folder), ['missing line']);
        // and goes on being missed when pictures came behind
        const store = storeIn(folder);
        await store.put(frameOf('anna', SHOW_STARTS + 2 * HOUR + 60_000, 20), CHANGED);
        assert.deepEqual(
          (await store.verify('anna')).faults.map(({ what }) => what),
          ['missing line'],
        );
      });

  it('misses an hour, the last one too, and the end of an index that was cut within a line', async () => {
    for (const hour of [0, 2]) {
      const folder = await nine();
      rmSync(hourFolder(folder, 'anna', SHOW_STARTS + hour * HOUR), { recursive: true });
      assert.deepEqual(await faultsOf(folder), ['missing line']);
    }
    for (const hour of [1, 2]) {
      const folder = await nine();
      truncateSync(indexOf(folder, hour), readFileSync(indexOf(folder, hour)).length - 100);
      assert.deepEqual(await faultsOf(folder), ['missing line'], `hour ${hour}`);
      const { frames } = await storeIn(folder).find({});
      assert.equal(frames.length, 8);
      await closeAll();
    }
  });

  it('sees what a foreign hand has added, while it is open and after, and goes on keeping pictures', async () => {
    const folder = await nine();
    const store = storeIn(folder);
    const at = SHOW_STARTS + 2 * HOUR + 60_000;
    await store.put(frameOf('anna', at, 20), CHANGED);
    appendFileSync(indexOf(folder, 2), '{"foreign":1}\n');
    const kept = await Promise.allSettled([
      store.put(frameOf('anna', at + 1000, 21), CHANGED),
      store.put(frameOf('anna', at + 2000, 22), CHANGED),
    ]);
    assert.ok((await store.verify('anna')).faults.length > 0);
    await closeAll();
    const again = storeIn(folder);
    const { frames, unreadable } = await again.find({});
    const promised = kept.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(frames.length >= 10 + promised, `${frames.length} of ${10 + promised}`);
    assert.equal(unreadable.length, 1);
    assert.ok((await again.verify('anna')).faults.some(({ what }) => what === 'line'));
  });

  it('tells a picture of the same length from the one that was kept, and pictures that are gone', async () => {
    const folder = await nine();
    const hour = hourFolder(folder, 'anna', SHOW_STARTS + HOUR);
    const [one, two] = readdirSync(hour).filter((name) => name.endsWith('.jpg')) as [string, string];
    const was = readFileSync(join(hour, one));
    // the comment of another picture makes it as long as this one
    const other = jpegOf(77);
    const gap = was.length - other.length;
    const filler = Buffer.alloc(Math.max(0, gap), 0x20);
    if (gap >= 4) filler.writeUInt32BE((0xfffe << 16) | (gap - 2));
    const same =
      gap >= 4
        ? Buffer.concat([other.subarray(0, 2), filler, other.subarray(2)])
        : Buffer.from(was).fill(0x55, 300, 310);
    assert.equal(same.length, was.length);
    writeFileSync(join(hour, one), same);
    rmSync(join(hour, two));
    assert.deepEqual((await faultsOf(folder)).sort(), ['missing picture', 'picture']);
    const store = storeIn(folder);
    await assert.rejects(store.picture(`anna/${one.slice(0, -4)}`), { code: 'FRAMES_CHANGED' });
    await assert.rejects(store.picture(`anna/${two.slice(0, -4)}`), { code: 'FRAMES_UNKNOWN' });
    assert.equal((await store.find({})).frames.length, 9, 'their lines are there');
  });

  it('leaves alone what a newer version has written, and says so', async () => {
    const folder = await nine();
    for (const hour of [1, 2]) {
      const index = indexOf(folder, hour);
      writeFileSync(index, readFileSync(index, 'utf8').replaceAll('{"n":', '{"v":2,"n":'));
    }
    const was = [1, 2].map((hour) => readFileSync(indexOf(folder, hour), 'utf8'));
    const pictures = () =>
      readdirSync(hourFolder(folder, 'anna', SHOW_STARTS + 2 * HOUR)).filter((name) => name.endsWith('.jpg'));
    const store = storeIn(folder);
    const { frames, unreadable } = await store.find({});
    assert.equal(frames.length, 3);
    assert.match(unreadable[0]!.reason, /written by a newer version/);
    await store.put(frameOf('anna', SHOW_STARTS + 2 * HOUR + 60_000, 20), CHANGED);
    await store.retain(SHOW_STARTS + 3 * HOUR);
    await closeAll();
    for (const [at, hour] of [1, 2].entries())
      assert.ok(readFileSync(indexOf(folder, hour), 'utf8').startsWith(was[at]!));
    assert.equal(pictures().length, 4);
  });

  it('keeps streams apart whose names differ in a dot or in the size of a letter', async () => {
    const folder = tempDir('frames-cases');
    const store = storeIn(folder);
    const names = ['anna', 'an.na', 'anna.', '.anna', 'Anna', 'a..b'];
    const kept = await Promise.allSettled(
      names.map((stream, seq) => store.put(frameOf(stream, SHOW_STARTS + seq, seq), CHANGED)),
    );
    const there = names.filter((_, at) => kept[at]!.status === 'fulfilled');
    assert.ok(there.length >= 4, there.join());
    for (const stream of there) {
      assert.equal((await store.find({ stream })).frames.length, 1, stream);
      assert.deepEqual((await store.verify(stream)).faults, []);
    }
  });
});

describe('a frame store on a disk that is full', () => {
  it('loses nothing that it promised, says why, and goes on once there is room', async function () {
    this.timeout(60_000);
    const disk = smallDisk(this, 2000);
    const settings = {
      folder: join(disk.folder, 'store'),
      keepDays: null,
      mostBytes: null,
      leastFreeBytes: null,
    };
    const store = new FolderFrameStore(settings, { duck: none });
    try {
      const filler = join(disk.folder, 'filler');
      writeFileSync(filler, Buffer.alloc(1_500_000));
      const promised: string[] = [];
      let failed: unknown = null;
      const jpeg = (seq: number) => Buffer.concat([jpegOf(seq), Buffer.alloc(20_000, seq)]);
      const put = async (seq: number): Promise<void> => {
        const frame = { ...frameOf('anna', SHOW_STARTS + seq * 1000, seq), jpeg: jpeg(seq) };
        promised.push((await store.put(frame, CHANGED)).id);
      };
      for (let seq = 0; seq < 100 && !failed; seq++)
        await put(seq).catch((error: unknown) => (failed = error));
      assert.match(String(failed), /FRAMES_NOT_WRITTEN|the disk is full/);
      assert.ok(promised.length > 3, `${promised.length}`);
      rmSync(filler);
      let seq = 200;
      await waitFor(
        () =>
          put(seq++).then(
            () => true,
            () => false,
          ),
        { timeoutMs: 20_000 },
      );
      await put(seq++);
      await store.close();
      const again = new FolderFrameStore(settings, { duck: none });
      for (const id of promised) await again.picture(id);
      assert.deepEqual((await again.verify('anna')).faults, []);
      await again.close();
    } finally {
      await store.close();
      disk.unmount();
    }
  });
});

describe('a process that is killed while it makes Parquet', () => {
  it('leaves a store that answers, and nothing behind', async function () {
    this.timeout(120_000);
    const folder = tempDir('frames-cases');
    fillStore(folder, { frames: 6 * 720, everyMs: 5000, pictures: false });
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
    const path = JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'frames', 'store', 'store.js'));
    const hours = Array.from({ length: 6 }, (_, hour) =>
      hourFolder(folder, 'cam-1', SHOW_STARTS + hour * HOUR),
    );
    const program = await startProgram('node', [
      '-e',
      `const { FolderFrameStore } = require(${path}); new FolderFrameStore(${JSON.stringify(settings)}).opened(); setInterval(() => 0, 1000);`,
    ]);
    const temporary = () =>
      hours.flatMap((hour) => readdirSync(hour).filter((name) => name.endsWith('.tmp')));
    try {
      await waitFor(() => temporary().length > 0, { timeoutMs: 60_000, intervalMs: 1 });
    } finally {
      program.kill('SIGKILL');
      await program.waitExit();
      await program.close();
    }
    const store = new FolderFrameStore(settings, { duck: () => loadDuckdb() });
    assert.equal((await store.find({ limit: 1000, from: SHOW_STARTS + 5 * HOUR })).frames.length, 720);
    const whole = () => hours.slice(0, 5).every((hour) => existsSync(join(hour, 'index.parquet')));
    await waitFor(whole, {
      timeoutMs: 60_000,
      message: () => hours.map((hour) => readdirSync(hour).join()).join('; '),
    });
    await store.close();
    assert.deepEqual(temporary(), []);
  });
});
