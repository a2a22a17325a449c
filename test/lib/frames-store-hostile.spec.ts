// Index lines that somebody else wrote: whatever stands in them, what can be read is answered, the rest is told, and nothing outside the folder is read.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHour } from '../../lib/frames/store/hour-lines';
import { hourFolder, hourIn, placeOf } from '../../lib/frames/store/layout';
import { readLine } from '../../lib/frames/store/line';
import { FolderFrameStore } from '../../lib/frames/store/store';
import { loops, tempDir } from '../support';
import { CHANGED, SHOW_STARTS, fillStore, frameOf, randomOf } from '../support/frames';

const NASTY: unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.5,
  2 ** 53,
  '',
  '../../../etc/passwd',
  '..\\..\\windows',
  '/etc/passwd',
  'a\0b',
  '__proto__',
  'x'.repeat(100_000),
  [],
  {},
  { __proto__: { stream: 'anna' } },
  ['anna'],
];

describe('hostile index lines', () => {
  const open: FolderFrameStore[] = [];
  const storeIn = (folder: string): FolderFrameStore => {
    const store = new FolderFrameStore({ folder, keepDays: null, mostBytes: null, leastFreeBytes: null });
    open.push(store);
    return store;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  it('are told, and never thrown', () => {
    const folder = tempDir('frames-hostile');
    fillStore(folder, { frames: 20, streams: ['anna'], seenMs: 500, pictures: false });
    const good = readFileSync(join(hourFolder(folder, 'anna', SHOW_STARTS), 'index.ndjson'));
    const lines = good.toString().trimEnd().split('\n');
    const random = randomOf(11);
    const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    for (let round = 0; round < loops(100_000); round++) {
      const row = JSON.parse(any(lines)) as Record<string, unknown>;
      for (let change = 0; change < 1 + random() * 2; change++)
        row[any([...Object.keys(row), '__proto__', 'constructor', 'seen'])] = any(NASTY);
      let text = JSON.stringify(row);
      if (random() < 0.3) {
        const at = Math.floor(random() * text.length);
        text =
          text.slice(0, at) + any(['', '}', '"', '\\', '\u0000', '999999999999999999']) + text.slice(at + 1);
      }
      const line = readLine(text, 'anna', SHOW_STARTS);
      if (typeof line === 'string') {
        assert.ok(line.length < 60, 'it quotes nothing');
        continue;
      }
      if (line.kind === 'frame')
        assert.match(line.frame.id, /^anna\/\d+-\d+$/, 'nothing in a line leads out of its folder');
    }
    for (let round = 0; round < loops(2000); round++) {
      const bytes = Buffer.from(good);
      for (let change = 0; change < 5; change++)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const { frames, badLines } = readHour(bytes, 'anna', SHOW_STARTS, true);
      assert.ok(frames.length + badLines >= 20 - 6);
    }
    assert.equal(({} as { stream?: string }).stream, undefined);
  });

  it('leave the others of their hour to be found', async () => {
    const folder = tempDir('frames-hostile');
    const { from } = fillStore(folder, { frames: 30, streams: ['anna'], everyMs: 240_000 });
    const index = join(hourFolder(folder, 'anna', from), 'index.ndjson');
    const text = readFileSync(index, 'utf8').trimEnd().split('\n');
    text[3] = '{"n":3,"__proto__":{"stream":"anna"},"at":1e999}';
    text[5] = text[6]!;
    writeFileSync(index, `${text.join('\n')}\nnot the end`);
    const store = storeIn(folder);
    const { frames, unreadable } = await store.find({});
    assert.equal(frames.length, 28);
    assert.deepEqual(
      unreadable.map(({ stream, hour }) => [stream, hour]),
      [['anna', '2026-03-29T00']],
    );
    assert.match(unreadable[0]!.reason, /^line 4 is none of this store's \(.+\), and 1 more$/);
    await store.put(frameOf('anna', from + 8_000_000, 99), CHANGED);
    assert.equal((await store.find({})).frames.length, 29);
  });

  it('and links lead nowhere', async function () {
    if (process.platform === 'win32') this.skip();
    const secret = tempDir('frames-secret');
    const folder = tempDir('frames-hostile');
    const { from } = fillStore(secret, { frames: 10, streams: ['bob'] });
    fillStore(folder, { frames: 10, streams: ['anna', 'cleo'] });
    const hour = hourFolder(folder, 'anna', from);
    const [picture] = readdirSync(hour);
    rmSync(join(hour, picture!));
    symlinkSync(join(secret, 'bob', '2026-03-29', '00', 'index.ndjson'), join(hour, picture!));
    rmSync(join(hourFolder(folder, 'cleo', from), 'index.ndjson'));
    symlinkSync(
      join(secret, 'bob', '2026-03-29', '00', 'index.ndjson'),
      join(hourFolder(folder, 'cleo', from), 'index.ndjson'),
    );
    symlinkSync(join(secret, 'bob'), join(folder, 'bob'));
    mkdirSync(join(folder, 'anna', '2026-03-29', '99'));
    const store = storeIn(folder);
    const { frames } = await store.find({});
    assert.deepEqual([...new Set(frames.map(({ stream }) => stream))], ['anna']);
    await assert.rejects(store.picture(`anna/${picture!.slice(0, -4)}`), { code: 'FRAMES_CHANGED' });
    assert.deepEqual(
      (await store.verify('anna')).faults.map(({ what }) => what),
      ['picture'],
    );
    assert.equal(
      readdirSync(join(secret, 'bob', '2026-03-29', '00')).length,
      11,
      'nothing behind a link was touched',
    );
  });

  it('names that are no ids and no hours are none', () => {
    for (const id of [
      '',
      'anna',
      'anna/1',
      'anna/1-2/3',
      '../1-2',
      '/1-2',
      'anna/01-2',
      'anna/1-2.jpg',
      './1-2',
      'a b/1-2',
      7,
      null,
    ])
      assert.equal(placeOf(id), null, String(id));
    assert.deepEqual(placeOf('anna/1-2'), { stream: 'anna', at: 1, seq: 2 });
    for (const [day, hour] of [
      ['2026-02-30', '01'],
      ['2026-02-03', '24'],
      ['2026-2-3', '01'],
      ['..', '01'],
    ] as const)
      assert.equal(hourIn(day, hour), null);
  });
});
