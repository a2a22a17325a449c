// The index of an hour, read as far as it is wanted: quickly, piece by piece, and with the same answers as when all of it is read.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byTime } from '../../lib/frames/store/hour';
import { HourFile } from '../../lib/frames/store/hour-file';
import { HourLines, readHour } from '../../lib/frames/store/hour-lines';
import { hourFolder } from '../../lib/frames/store/layout';
import { readLine } from '../../lib/frames/store/line';
import { quickLine } from '../../lib/frames/store/quick-line';
import { FolderFrameStore } from '../../lib/frames/store/store';
import type { FrameQuery, KeptFrame } from '../../lib/frames/store/types';
import { loops, tempDir, waitFor } from '../support';
import { CHANGED, SHOW_STARTS, fillStore, frameOf, randomOf } from '../support/frames';

const HOUR = 3_600_000;
const random = randomOf(11);
const any = <T>(...list: T[]): T => list[Math.floor(random() * list.length)]!;

/** One hour of one stream: 1,200 pictures, each seen again. */
const hourIndex = (): { folder: string; bytes: Buffer; path: string } => {
  const folder = tempDir('frames-reading');
  fillStore(folder, { frames: 1200, everyMs: 3000, seenMs: 2000, asked: true, pictures: false });
  const path = join(hourFolder(folder, 'cam-1', SHOW_STARTS), 'index.ndjson');
  return { folder, bytes: readFileSync(path), path };
};

describe('reading the index of an hour', () => {
  it('is quick for lines as the store writes them, and says the same as JSON of every line', () => {
    const { bytes } = hourIndex();
    const lines = bytes.toString().trimEnd().split('\n');
    const quick = (text: string) => {
      const whole = Buffer.from(`${text}\n`);
      return quickLine(whole, whole.toString('latin1'), 0, 'cam-1', SHOW_STARTS);
    };
    for (const text of lines) {
      const found = quick(text);
      assert.deepEqual(found?.line, readLine(text, 'cam-1', SHOW_STARTS));
      assert.equal(found?.next, text.length + 1);
    }
    let same = 0;
    const pieces =
      '0 1 9 00 -1 1e3 .5 1.25 100.5 null " \\ \\" \\u0041 é , : { } [ ] ,"at":7 cam-2 first true'.split(' ');
    for (let turn = 0; turn < loops(200_000, 20_000); turn++) {
      const text = any(...lines.slice(0, 50));
      const at = Math.floor(random() * text.length);
      const changed = text.slice(0, at) + any(...pieces) + text.slice(at + Math.floor(random() * 4));
      const found = quick(changed);
      if (!found) continue;
      same++;
      assert.deepEqual(found.line, readLine(changed, 'cam-1', SHOW_STARTS), changed);
    }
    assert.ok(same > loops(1000, 100), `${same} were still lines`);
  });

  it('gives the same in pieces of any size, also where lines stand in another order', () => {
    const { bytes } = hourIndex();
    const lines = bytes.toString().trimEnd().split('\n');
    const mixed = Buffer.from(
      [...lines.slice(600), 'nonsense', ...lines.slice(0, 600), ...lines.slice(3, 5), '{"torn'].join('\n'),
    );
    for (const [all, ordered] of [
      [bytes, true],
      [mixed, false],
    ] as const) {
      const whole = readHour(all, 'cam-1', SHOW_STARTS, true);
      assert.equal(whole.ordered, ordered);
      assert.equal(whole.frames.length, 1200);
      assert.deepEqual(whole.frames, [...whole.frames].sort(byTime));
      assert.ok(whole.frames.every(({ at, until, samples }) => until === at + 2000 && samples === 3));
      for (let turn = 0; turn < loops(50, 5); turn++) {
        const reader = new HourLines('cam-1', SHOW_STARTS, true);
        for (let at = 0; at < all.length;) {
          const size = any(1, 40, 500, 5000, 100_000);
          reader.add(all.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(reader.content, whole);
      }
    }
    assert.equal(
      readHour(mixed, 'cam-1', SHOW_STARTS).badLines,
      2,
      'nonsense, and a picture that is there twice',
    );
  });

  it('ends where nobody wants more, unless somebody else has put lines into another order', async () => {
    const { path, bytes } = hourIndex();
    const some = new HourFile(path, 'cam-1', SHOW_STARTS, { ordered: true });
    await Promise.all([some.more(), some.more()]);
    assert.ok(!some.done && some.content.size < bytes.length / 3, `${some.content.size} of ${bytes.length}`);
    assert.deepEqual(await some.whole(), readHour(bytes, 'cam-1', SHOW_STARTS));
    const lines = bytes.toString().trimEnd().split('\n');
    writeFileSync(path, `${[...lines.slice(2, 60), ...lines.slice(0, 2), ...lines.slice(60)].join('\n')}\n`);
    const mixed = new HourFile(path, 'cam-1', SHOW_STARTS, { ordered: true });
    await mixed.more();
    assert.ok(mixed.done && !mixed.content.ordered);
    assert.equal(mixed.content.frames.length, 1200);
  });
});

describe('a question for a time of several streams', () => {
  it('is answered as if every line had been read, page by page, also where the clock was set back', async function () {
    this.timeout(120_000);
    const folder = tempDir('frames-reading');
    const streams = ['anna', 'bob', 'cleo.2'];
    const { from, to } = fillStore(folder, {
      frames: 3 * 2400,
      streams,
      everyMs: 4000,
      seenMs: 1000,
      pictures: false,
    });
    const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };
    const options = {
      duck: () => Promise.reject(new Error('none here')),
      warn: (error: unknown) => assert.fail(String(error)),
    };
    let store = new FolderFrameStore(settings, options);
    // an hour that is written to once more, its clock behind
    for (const [seq, at] of [5, HOUR + 7, 9, HOUR - 5, 2 * HOUR + 3].entries())
      await store.put(frameOf('bob', from + at, 9000 + seq), CHANGED);
    const hours = [0, 1, 2].flatMap((hour) => streams.map((name) => [name, from + hour * HOUR] as const));
    const closed = () =>
      hours.filter(([name, hour]) => existsSync(join(hourFolder(folder, name, hour), 'summary.json')));
    await waitFor(() => closed().length >= hours.length - 3, {
      timeoutMs: 60_000,
      message: () => closed().join(),
    });
    await store.close();
    store = new FolderFrameStore(settings, options);
    const all: KeptFrame[] = [];
    for (const [name, hour] of hours)
      all.push(
        ...readHour(readFileSync(join(hourFolder(folder, name, hour), 'index.ndjson')), name, hour).frames,
      );
    all.sort(byTime);
    for (let turn = 0; turn < loops(300, 40); turn++) {
      const begin = any(null, from + Math.floor(random() * (to - from)));
      const query: FrameQuery = {
        stream: any(null, null, 'bob'),
        from: begin,
        to: any(null, (begin ?? from) + any(1, 60_000, HOUR)),
        changedOnly: any(false, false, true),
        limit: any(1, 10, 400, 1000),
        order: any('oldest', 'oldest', 'newest'),
      };
      const wanted = all.filter(
        ({ stream, at, why }) =>
          (query.stream === null || stream === query.stream) &&
          at >= (query.from ?? 0) &&
          at < (query.to ?? Infinity) &&
          (!query.changedOnly || why !== 'keep-alive'),
      );
      if (query.order === 'newest') wanted.reverse();
      let cursor: string | null = null;
      for (let page = 0; page < 4; page++) {
        const answer: Awaited<ReturnType<FolderFrameStore['find']>> = await store.find({ ...query, cursor });
        const [begins, ends] = [page * query.limit!, (page + 1) * query.limit!];
        assert.deepEqual(answer.frames, wanted.slice(begins, ends), JSON.stringify({ ...query, page }));
        assert.deepEqual(answer.unreadable, []);
        assert.equal(answer.cursor === null, ends >= wanted.length);
        if ((cursor = answer.cursor) === null) break;
      }
    }
    // what is remembered of a file is not taken for another one of the same size and time
    const index = join(hourFolder(folder, 'anna', from), 'index.ndjson');
    const { atime, mtime } = statSync(index);
    const text = readFileSync(index, 'utf8');
    await store.find({ stream: 'anna', from, to: from + 60_000 });
    writeFileSync(index, text.replace('"mediaMs":0,', '"mediaMs":7,'));
    utimesSync(index, atime, mtime);
    const [first] = (await store.find({ stream: 'anna', from, to: from + 60_000 })).frames;
    assert.equal(first!.mediaMs, 7);
    await store.close();
  });
});
