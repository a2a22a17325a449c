import { GRID_HEIGHT, GRID_WIDTH } from './types';

/** A row of nine cells gives eight comparisons; eight rows of them give 64 bits. */
const ACROSS = 9;
const DOWN = 8;

/** Borders of `parts` equal pieces of `length` cells, in cells. */
function borders(length: number, parts: number): number[] {
  return Array.from({ length: parts + 1 }, (_, part) => (part * length) / parts);
}

const LEFT = borders(GRID_WIDTH, ACROSS);
const TOP = borders(GRID_HEIGHT, DOWN);

/** How much of cell `cell` lies between `from` and `to`, 0 to 1. */
function share(cell: number, from: number, to: number): number {
  return Math.max(0, Math.min(cell + 1, to) - Math.max(cell, from));
}

/** Mean luma of the grid between the borders; a cell that a border cuts counts with its part. */
function mean(grid: Uint8Array, left: number, right: number, top: number, bottom: number): number {
  let sum = 0;
  for (let y = Math.floor(top); y < bottom; y++) {
    const height = share(y, top, bottom);
    for (let x = Math.floor(left); x < right; x++)
      sum += grid[y * GRID_WIDTH + x]! * height * share(x, left, right);
  }
  return sum / ((right - left) * (bottom - top));
}

/**
 * The difference hash of a picture, of its luma grid: 64 bits that say whether each ninth of a row is brighter than the one right of it.
 * Pictures that look alike differ in a few bits. 16 hexadecimal digits, the first bit in front.
 * @param grid GRID_WIDTH x GRID_HEIGHT luma; one of another size gives zeros
 */
export function dhash(grid: Uint8Array): string {
  if (grid.length !== GRID_WIDTH * GRID_HEIGHT) return '0'.repeat(16);
  let text = '';
  for (let row = 0; row < DOWN; row++) {
    const cells = Array.from({ length: ACROSS }, (_, column) =>
      mean(grid, LEFT[column]!, LEFT[column + 1]!, TOP[row]!, TOP[row + 1]!),
    );
    let bits = 0;
    for (let column = 0; column < DOWN; column++)
      bits = (bits << 1) | (cells[column]! > cells[column + 1]! ? 1 : 0);
    text += bits.toString(16).padStart(2, '0');
  }
  return text;
}

const HASH = /^[0-9a-f]{16}$/;

/** Whether a text is a difference hash as `dhash` gives it. */
export function isDhash(text: unknown): text is string {
  return typeof text === 'string' && HASH.test(text);
}

function ones(bits: number): number {
  // counts in pairs, nibbles and bytes at once: Hacker's Delight, 5-1
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return (((count + (count >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** A difference hash in two halves, for many comparisons. */
export function halves(hash: string): [number, number] {
  return [parseInt(hash.slice(0, 8), 16) | 0, parseInt(hash.slice(8), 16) | 0];
}

/** In how many of 64 bits two difference hashes differ. */
export function differingBits(hash: string, [high, low]: readonly [number, number]): number {
  const [mine, rest] = halves(hash);
  return ones(mine ^ high) + ones(rest ^ low);
}
