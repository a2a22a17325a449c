// Pictures for a frame store, and stores that are full of them.
import { createHash, hash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dhash } from '../../lib/frames/dhash';
import { INDEX, frameId, hourFolder, hourOf, pictureName } from '../../lib/frames/store/layout';
import { NO_HASH, frameLine, readLine, seenLine } from '../../lib/frames/store/line';
import type { KeptFrame } from '../../lib/frames/store/types';
import { type ChangeVerdict, type Frame, GRID_HEIGHT, GRID_WIDTH } from '../../lib/frames/types';
import { blockJpeg } from './jpeg';

/** The hour that examples of stores begin at. */
export const SHOW_STARTS = Date.parse('2026-03-29T00:00:00.000Z');
export const CHANGED: ChangeVerdict = { keep: true, why: 'changed', changedPercent: 12.5 };

/** A small number generator with a seed (mulberry32), 0 to 1. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A luma grid of a look: equal looks give equal grids. */
export function gridOf(look: number): Buffer {
  const random = randomOf(look);
  const blocks = Array.from({ length: 72 }, () => Math.floor(random() * 256));
  const grid = Buffer.alloc(GRID_WIDTH * GRID_HEIGHT);
  for (let y = 0; y < GRID_HEIGHT; y++)
    for (let x = 0; x < GRID_WIDTH; x++)
      grid[y * GRID_WIDTH + x] =
        blocks[Math.floor((y * 8) / GRID_HEIGHT) * 9 + Math.floor((x * 9) / GRID_WIDTH)]!;
  return grid;
}

/** The small one of a look, 48 x 27. */
export function smallOf(look: number): Buffer {
  const [red, green, blue] = [look * 37, look * 71, look * 113].map((value) => value % 256) as [
    number,
    number,
    number,
  ];
  return blockJpeg(48, 27, () => [red, green, blue]);
}

/** A JPEG of a look, 160 x 90. */
export function jpegOf(look: number): Buffer {
  const random = randomOf(look);
  const colours = Array.from({ length: 20 }, () => [random() * 255, random() * 255, random() * 255] as const);
  return blockJpeg(
    160,
    90,
    (column, row) => colours[(Math.floor(column / 4) + 5 * Math.floor(row / 3)) % 20]!,
  );
}

/** A decoded picture, as the decoder gives it. */
export function frameOf(
  stream: string,
  at: number,
  seq: number,
  more: Partial<Frame> & { look?: number } = {},
): Frame {
  const { look = seq, ...rest } = more;
  return {
    stream,
    connectionId: 'c1',
    seq,
    at,
    mediaMs: seq * 1000,
    width: 160,
    height: 90,
    videoWidth: 1920,
    videoHeight: 1080,
    keyframe: true,
    jpeg: jpegOf(look),
    small: null,
    grid: gridOf(look),
    arrivedMs: at,
    ...rest,
  };
}

export interface FilledStore {
  folder: string;
  streams: string[];
  frames: number;
  /** UTC in milliseconds; `to` lies behind the last */
  from: number;
  to: number;
}

/**
 * Fill the folder of a store that nobody has open, as if it had been written long ago: index lines with their chain and, as links to a few
 * files, pictures. Not on the disk for sure, and so 100,000 in some seconds.
 * @param options.everyMs between two pictures of a stream
 * @param options.looks how many different pictures there are; a scene lasts about ten of them
 * @param options.pictures false: lines only
 * @param options.seenMs how long a picture is still seen, in a line of its own; 0: no such lines
 */
export function fillStore(
  folder: string,
  options: {
    frames: number;
    streams?: number | string[];
    everyMs?: number;
    from?: number;
    looks?: number;
    pictures?: boolean;
    seenMs?: number;
    /** whether every eleventh picture was asked for, which is no change */
    asked?: boolean;
    seed?: number;
  },
): FilledStore {
  const { frames, streams = 1, everyMs = 1000, from = SHOW_STARTS, looks = 24 } = options;
  const { pictures = true, seenMs = 0, asked = false, seed = 1 } = options;
  const names =
    typeof streams === 'number' ? Array.from({ length: streams }, (_, index) => `cam-${index + 1}`) : streams;
  const random = randomOf(seed);
  const made = Array.from({ length: looks }, (_, look) => {
    const jpeg = jpegOf(look);
    const sha256 = createHash('sha256').update(jpeg).digest('hex');
    return { jpeg, bytes: jpeg.length, sha256, dhash: dhash(gridOf(look)) };
  });
  const each = Math.ceil(frames / names.length);
  for (const stream of names) {
    let n = 0;
    let prev = NO_HASH;
    let look = 0;
    let hour = NaN;
    let lines: string[] = [];
    const place = (): { n: number; prev: string } => ({ n: n++, prev });
    const add = (line: string): void => {
      prev = hash('sha256', line.slice(0, -1), 'hex');
      lines.push(line);
    };
    const writeOut = (): void => {
      if (!Number.isNaN(hour))
        writeFileSync(join(hourFolder(folder, stream, hour), INDEX), lines.join(''), { mode: 0o600 });
      lines = [];
    };
    for (let seq = 0; seq < each; seq++) {
      const at = from + seq * everyMs;
      if (hourOf(at) !== hour) {
        writeOut();
        hour = hourOf(at);
        mkdirSync(hourFolder(folder, stream, hour), { recursive: true, mode: 0o700 });
      }
      const changed = seq === 0 || random() < 0.1;
      if (changed) look = Math.floor(random() * looks);
      const picture = made[look]!;
      const frame: KeptFrame = {
        id: frameId({ stream, at, seq }),
        stream,
        at,
        until: at + seenMs,
        samples: 1 + Math.floor(seenMs / 1000),
        mediaMs: seq * everyMs,
        connectionId: 'c1',
        seq,
        why: seq === 0 ? 'first' : changed ? 'changed' : asked && seq % 11 === 5 ? 'asked' : 'keep-alive',
        changedPercent: seq === 0 ? null : changed ? 40 : 0,
        width: 160,
        height: 90,
        videoWidth: 1920,
        videoHeight: 1080,
        bytes: picture.bytes,
        sha256: picture.sha256,
        dhash: picture.dhash,
      };
      add(frameLine(place(), frame));
      if (seenMs > 0) add(seenLine(place(), frame));
      if (pictures)
        putPicture(folder, look, picture.jpeg, join(hourFolder(folder, stream, hour), pictureName(at, seq)));
    }
    writeOut();
  }
  return { folder, streams: names, frames: each * names.length, from, to: from + each * everyMs };
}

/** So many names a file may have on every file system. */
const MOST_LINKS = 1000;
let given = 0;

function putPicture(folder: string, look: number, jpeg: Buffer, path: string): void {
  const model = join(folder, `~model-${look}-${Math.floor(given++ / MOST_LINKS)}`);
  if (!existsSync(model)) writeFileSync(model, jpeg, { mode: 0o600 });
  linkSync(model, path);
}

/** The pictures that stand in an hour's index. */
export function linesOf(folder: string, stream: string, hour: number): string[] {
  const text = readFileSync(join(hourFolder(folder, stream, hour), INDEX), 'utf8');
  return text.split('\n').filter((line) => typeof readLine(line, stream, hour) !== 'string');
}
