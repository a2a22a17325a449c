import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseCheckpoint } from './checkpoint';
import { MOST_LINE_BYTES } from './entry';
import { CHECKPOINT_FILE } from './format';
import { parseNote } from './note';
import { CompactRange, leafHash, subtreesOf } from './tree';

/** Hashes in a tile, entries in a bundle. Source: C2SP tlog-tiles. */
export const TILE_WIDTH = 256;
const LENGTH_BYTES = 2;

/** The number of a tile as a path: three digits a folder, an x before all but the last. */
function numberPath(index: number): string {
  const digits = String(index);
  const parts = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!;
  return parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join('/');
}

/**
 * Where a tile lies, as a path below the log's address.
 * @param level 0 holds the hashes of entries, each further one those of whole tiles below; or the entries themselves
 * @param width how many it holds; fewer than 256 is a partial tile
 */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  return `tile/${level}/${numberPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** A file of the tiles of a log. */
export interface Tile {
  path: string;
  bytes: Buffer;
}

/**
 * Cuts a log into tiles, entry by entry: memory for one bundle of entries and one tile of each level.
 * Every file comes once, as soon as it is full; `end` gives the partial ones.
 */
export class TileCutter {
  private bundle: Buffer[] = [];
  private readonly levels: { hashes: Buffer[]; full: number }[] = [];
  private readonly range = new CompactRange();

  get size(): number {
    return this.range.size;
  }

  /** Over all entries so far. */
  root(): Buffer {
    return this.range.root();
  }

  /** The next entry; returns the files that are full with it. Throws RangeError for one longer than a tile's entry can be. */
  push(entry: Buffer): Tile[] {
    if (entry.length > MOST_LINE_BYTES) throw new RangeError(`an entry of ${entry.length} bytes`);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(entry.length);
    this.bundle.push(length, entry);
    const leaf = leafHash(entry);
    this.range.push(leaf);
    const full: Tile[] = [];
    if (this.size % TILE_WIDTH === 0) full.push(this.cutBundle(TILE_WIDTH));
    this.add(0, leaf, full);
    return full;
  }

  /** The partial files of the end, and the next call begins nothing new. */
  end(): Tile[] {
    const tiles: Tile[] = [];
    const width = this.size % TILE_WIDTH;
    if (width > 0) tiles.push(this.cutBundle(width));
    this.levels.forEach(({ hashes, full }, level) => {
      if (hashes.length > 0)
        tiles.push({ path: tilePath(level, full, hashes.length), bytes: Buffer.concat(hashes) });
    });
    return tiles;
  }

  private add(level: number, hash: Buffer, out: Tile[]): void {
    const tile = (this.levels[level] ??= { hashes: [], full: 0 });
    tile.hashes.push(hash);
    if (tile.hashes.length < TILE_WIDTH) return;
    out.push({ path: tilePath(level, tile.full, TILE_WIDTH), bytes: Buffer.concat(tile.hashes) });
    const above = subtreesOf(tile.hashes)(0, TILE_WIDTH);
    tile.full++;
    tile.hashes = [];
    this.add(level + 1, above, out);
  }

  private cutBundle(width: number): Tile {
    const index = Math.floor((this.size - 1) / TILE_WIDTH);
    const bytes = Buffer.concat(this.bundle);
    this.bundle = [];
    return { path: tilePath('entries', index, width), bytes };
  }
}

/**
 * Write a log as tiles, for the tools of public transparency logs: each file once, the checkpoint last, so that an
 * export that was cut off has none.
 * @param lines of the log from its first entry on; read up to the checkpoint's size
 * @param folder new or empty
 * @returns how many files, the checkpoint among them
 * @throws RangeError where the lines are not those the checkpoint was signed over, or the folder holds something
 */
export async function exportTiles(
  lines: AsyncIterable<{ line: Buffer }>,
  note: string,
  folder: string,
): Promise<{ files: number; size: number }> {
  const parsed = parseNote(note);
  const checkpoint = parsed && parseCheckpoint(parsed.text);
  if (!checkpoint) throw new RangeError('this is no checkpoint');
  const { size, root } = checkpoint;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new RangeError('the folder for the tiles is not empty');
  const cutter = new TileCutter();
  const made = new Set<string>();
  let files = 0;
  const write = async (tiles: readonly Tile[]): Promise<void> => {
    for (const { path, bytes } of tiles) {
      const file = join(folder, path);
      if (!made.has(dirname(file))) await mkdir(dirname(file), { recursive: true });
      made.add(dirname(file));
      await writeFile(file, bytes, { flag: 'wx' });
      files++;
    }
  };
  if (size > 0)
    for await (const { line } of lines) {
      await write(cutter.push(line));
      if (cutter.size === size) break;
    }
  if (cutter.size < size) throw new RangeError(`the log has ${cutter.size} of ${size} signed entries`);
  if (!cutter.root().equals(root)) throw new RangeError('the log is not what its checkpoint was signed over');
  await write(cutter.end());
  await writeFile(join(folder, CHECKPOINT_FILE), note, { flag: 'wx' });
  return { files: files + 1, size };
}
