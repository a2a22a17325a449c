// A log as tiles: laid out as the public tools want it, byte for byte as Tessera lays out the same entries.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { parseNote } from '../../lib/witness/note';
import { TileCutter, exportTiles, tilePath } from '../../lib/witness/tiles';
import { leafHash, subtreesOf } from '../../lib/witness/tree';
import { tempDir } from '../support/temp';
import { writtenLog } from '../support/written-log';

const tessera = resolve(__dirname, '..', '..', '..', 'shared', 'conformance', 'tessera', 'testdata', 'log');

async function* linesOf(lines: readonly Buffer[]) {
  for (const line of lines) yield await Promise.resolve({ line });
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

/** All files of the tiles of these entries. */
function cut(entries: readonly Buffer[]): Map<string, Buffer> {
  const cutter = new TileCutter();
  const tiles = entries.flatMap((entry) => cutter.push(entry)).concat(cutter.end());
  const files = new Map(tiles.map(({ path, bytes }) => [path, bytes]));
  assert.equal(files.size, tiles.length, 'a file comes twice');
  return files;
}

describe('a log as tiles', () => {
  it('has the paths of the specification', () => {
    assert.equal(tilePath(0, 1_234_067, 256), 'tile/0/x001/x234/067');
    assert.equal(tilePath('entries', 0, 5), 'tile/entries/000.p/5');
    assert.equal(tilePath(2, 1000, 1), 'tile/2/x001/000.p/1');
  });

  it('of 70,000 entries has the tiles that the specification counts', () => {
    const entry = Buffer.from('entry');
    const cutter = new TileCutter();
    const paths: string[] = [];
    for (let at = 0; at < 70_000; at++) for (const { path } of cutter.push(entry)) paths.push(path);
    for (const { path } of cutter.end()) paths.push(path);
    const count = (pattern: RegExp) => paths.filter((path) => pattern.test(path)).length;
    assert.equal(count(/^tile\/0\/\d{3}$/), 273);
    assert.deepEqual(
      paths.filter((path) => path.includes('.p/')),
      ['tile/entries/273.p/112', 'tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1'],
    );
    assert.equal(count(/^tile\/1\/\d{3}$/), 1);
    assert.equal(count(/^tile\/entries\/\d{3}$/), 273);
  });

  it('holds the hashes of RFC 6962: a tile of a level is made of the tiles below', () => {
    const entries = Array.from({ length: 600 }, (_, at) => Buffer.from(`entry ${at}`));
    const files = cut(entries);
    const subtree = subtreesOf(entries.map((entry) => leafHash(entry)));
    const above = files.get('tile/1/000.p/2')!;
    assert.deepEqual(above, Buffer.concat([subtree(0, 256), subtree(256, 512)]));
    assert.deepEqual([...cut(entries.slice(0, 256)).keys()].sort(), [
      'tile/0/000',
      'tile/1/000.p/1',
      'tile/entries/000',
    ]);
    assert.deepEqual([...cut([]).keys()], []);
  });

  it('is what Tessera makes of the same entries, at each of its 16 sizes', function () {
    if (!existsSync(tessera)) return this.skip();
    const bundle = readFileSync(join(tessera, 'tile/entries/000.p/15'));
    const entries: Buffer[] = [];
    for (let at = 0; at < bundle.length; at += 2 + entries.at(-1)!.length)
      entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
    assert.equal(entries.length, 15);
    const made = new Map<string, Buffer>();
    for (let size = 0; size <= entries.length; size++)
      for (const [path, bytes] of cut(entries.slice(0, size))) made.set(path, bytes);
    const theirs = filesBelow(join(tessera, 'tile'))
      .map((name) => join('tile', name))
      .sort();
    assert.deepEqual([...made.keys()].sort(), theirs);
    for (const path of theirs) assert.deepEqual(made.get(path), readFileSync(join(tessera, path)), path);
  });

  it('is written up to its checkpoint, which comes last, into a new folder only', async () => {
    const log = writtenLog(
      Array.from({ length: 300 }, (_, at) => ({ type: 'message', data: at })),
      { signedAt: [290] },
    );
    const folder = join(tempDir('tiles'), 'out');
    const told = await exportTiles(linesOf(log.lines), log.notes[0]!, folder);
    assert.equal(told.size, 290);
    const files = filesBelow(folder);
    assert.equal(files.length, told.files);
    assert.ok(files.includes('tile/entries/001.p/34'));
    const note = readFileSync(join(folder, 'checkpoint'), 'utf8');
    assert.equal(note, log.notes[0]);
    const leaves = ['tile/0/000', 'tile/0/001.p/34'].map((path) => readFileSync(join(folder, path)));
    const hashes = Buffer.concat(leaves);
    const list = Array.from({ length: 290 }, (_, at) => hashes.subarray(at * 32, at * 32 + 32));
    assert.deepEqual(subtreesOf(list)(0, 290), parseCheckpoint(parseNote(note)!.text)?.root);
    await assert.rejects(exportTiles(linesOf(log.lines), log.notes[0]!, folder), /not empty/);
  });

  it('is not written as whole where the log differs from its checkpoint', async () => {
    const log = writtenLog([{ type: 'message', data: 1 }]);
    const folder = join(tempDir('tiles'), 'out');
    const lines = [...log.lines.slice(0, -1), Buffer.from('{}')];
    await assert.rejects(exportTiles(linesOf(lines), log.notes[0]!, folder), /not what its checkpoint/);
    assert.ok(!existsSync(join(folder, 'checkpoint')));
  });
});
