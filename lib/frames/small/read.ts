import { BitReader, Codes } from './bits';
import { ZIGZAG } from './tables';

/** One part of a picture: brightness, or one of its colours. */
export interface Plane {
  /** how many of its points stand for the picture's widest and highest: 1, 2 or 4 */
  h: number;
  v: number;
  /** of a row in `points`; at least what is shown */
  stride: number;
  points: Uint8Array;
}

/** A picture in planes, as JPEG has it. */
export interface Planes {
  width: number;
  height: number;
  planes: Plane[];
}

interface Component {
  id: number;
  h: number;
  v: number;
  quant: number;
  dc: Codes | null;
  ac: Codes | null;
}

/** No picture of ours is larger: 8K, upright or not. */
const LARGEST = 8192;
/** Zeros behind the end of a file that breaks off: more than a block's worth, and it is not read further. */
const MOST_MADE_UP = 4096;

/** What stands in front of the scan. */
interface Head {
  width: number;
  height: number;
  components: Component[];
  quants: (Uint16Array | undefined)[];
  restartEvery: number;
  scanAt: number;
}

/**
 * A JPEG at `eighths` eighths of its size (1, 2, 4), straight from the lowest coefficients of its blocks: no other
 * work is done than reading the codes, so a large picture costs about as many nanoseconds as it has bits.
 * Null for what is no baseline JPEG of 8 bits in one scan. Total: any bytes give planes or null.
 */
export function readScaled(jpeg: Uint8Array, eighths: 1 | 2 | 4): Planes | null {
  const head = readHead(jpeg);
  if (!head) return null;
  const { width, height, components } = head;
  const [hMost, vMost] = [
    Math.max(...components.map(({ h }) => h)),
    Math.max(...components.map(({ v }) => v)),
  ];
  const across = Math.ceil(width / (8 * hMost));
  const down = Math.ceil(height / (8 * vMost));
  const planes = components.map(({ h, v }): Plane => {
    const stride = across * h * eighths;
    return { h, v, stride, points: new Uint8Array(stride * down * v * eighths) };
  });
  const bits = new BitReader(jpeg, head.scanAt);
  const before = new Int32Array(components.length);
  const block = new Float64Array(16);
  let left = head.restartEvery;
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      if (head.restartEvery > 0 && left-- === 0) {
        if (!bits.restart()) return null;
        before.fill(0);
        left = head.restartEvery - 1;
      }
      for (let index = 0; index < components.length; index++) {
        const component = components[index]!;
        const { h, v } = component;
        const plane = planes[index]!;
        const quant = head.quants[component.quant]!;
        for (let y = 0; y < v; y++)
          for (let x = 0; x < h; x++) {
            before[index]! += readBlock(bits, component, quant, eighths, before[index]!, block);
            const at = ((row * v + y) * plane.stride + (column * h + x)) * eighths;
            putBlock(block, eighths, plane, at);
          }
      }
      if (bits.madeUp > MOST_MADE_UP) return null;
    }
  }
  return { width: Math.ceil((width * eighths) / 8), height: Math.ceil((height * eighths) / 8), planes };
}

/** The size of a JPEG that `readScaled` reads; null for others. */
export function jpegSize(jpeg: Uint8Array): { width: number; height: number } | null {
  const head = readHead(jpeg);
  return head && { width: head.width, height: head.height };
}

/** Read one block's lowest coefficients into `into`, row by row; gives by how much the first differs from the block before. */
function readBlock(
  bits: BitReader,
  { dc, ac }: Component,
  quant: Uint16Array,
  eighths: number,
  before: number,
  into: Float64Array,
): number {
  const difference = bits.signed(Math.min(dc!.next(bits), 15));
  into.fill(0);
  into[0] = (before + difference) * quant[0]!;
  for (let k = 1; k < 64; k++) {
    const symbol = ac!.next(bits);
    const size = symbol & 15;
    if (size === 0) {
      if (symbol !== 0xf0) break;
      k += 15;
      continue;
    }
    k += symbol >> 4;
    const place = ZIGZAG[k & 63]!;
    const u = place & 7;
    const v = place >> 3;
    if (u < eighths && v < eighths) into[v * eighths + u] = bits.signed(size) * quant[k & 63]!;
    else bits.drop(size);
  }
  return difference;
}

/** cos((2x+1)uπ/2n) with the weights that make a block of n x n from the lowest coefficients of one of 8 x 8. */
const WAVES = new Map([2, 4].map((n) => [n, wavesOf(n)]));

function wavesOf(n: number): Float64Array {
  const waves = new Float64Array(n * n);
  for (let x = 0; x < n; x++)
    for (let u = 0; u < n; u++)
      waves[x * n + u] =
        Math.cos(((2 * x + 1) * u * Math.PI) / (2 * n)) * Math.sqrt((u === 0 ? 1 : 2) / n) * Math.sqrt(n / 8);
  return waves;
}

function putBlock(block: Float64Array, n: number, { points, stride }: Plane, at: number): void {
  if (n === 1) {
    points[at] = clamp(block[0]! / 8 + 128);
    return;
  }
  const waves = WAVES.get(n)!;
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      let sum = 0;
      for (let v = 0; v < n; v++)
        for (let u = 0; u < n; u++) sum += block[v * n + u]! * waves[y * n + v]! * waves[x * n + u]!;
      points[at + y * stride + x] = clamp(sum + 128);
    }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
}

function readHead(jpeg: Uint8Array): Head | null {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return null;
  const quants: (Uint16Array | undefined)[] = [];
  const codes = { dc: [] as (Codes | undefined)[], ac: [] as (Codes | undefined)[] };
  let frame: Pick<Head, 'width' | 'height' | 'components'> | null = null;
  let restartEvery = 0;
  for (let at = 2; at + 4 <= jpeg.length;) {
    if (jpeg[at] !== 0xff) return null;
    const marker = jpeg[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = (jpeg[at + 2]! << 8) | jpeg[at + 3]!;
    const part = jpeg.subarray(at + 4, at + 2 + length);
    if (length < 2 || part.length !== length - 2) return null;
    at += 2 + length;
    if (marker === 0xdb && !readQuants(part, quants)) return null;
    else if (marker === 0xc4 && !readCodes(part, codes)) return null;
    else if (marker === 0xdd) restartEvery = part.length < 2 ? 0 : (part[0]! << 8) | part[1]!;
    else if (marker === 0xc0 || marker === 0xc1) {
      frame = readFrame(part);
      if (!frame) return null;
    } else if (marker === 0xda) {
      if (!frame || !readScan(part, frame.components, codes, quants)) return null;
      return { ...frame, quants, restartEvery, scanAt: at };
      // progressive, arithmetic, lossless: not what a decoder of ours writes
    } else if (marker > 0xc1 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc && marker !== 0xc4)
      return null;
  }
  return null;
}

function readQuants(part: Uint8Array, quants: (Uint16Array | undefined)[]): boolean {
  for (let at = 0; at < part.length;) {
    const wide = part[at]! >> 4 === 1;
    const id = part[at]! & 15;
    const size = wide ? 128 : 64;
    if (id > 3 || at + 1 + size > part.length) return false;
    const values = new Uint16Array(64);
    for (let i = 0; i < 64; i++)
      values[i] = wide ? (part[at + 1 + 2 * i]! << 8) | part[at + 2 + 2 * i]! : part[at + 1 + i]!;
    quants[id] = values;
    at += 1 + size;
  }
  return true;
}

function readCodes(
  part: Uint8Array,
  codes: { dc: (Codes | undefined)[]; ac: (Codes | undefined)[] },
): boolean {
  for (let at = 0; at < part.length;) {
    const kind = part[at]! >> 4;
    const id = part[at]! & 15;
    const counts = part.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, one) => sum + one, 0);
    if (kind > 1 || id > 3 || counts.length < 16 || total > 256 || at + 17 + total > part.length)
      return false;
    // more codes of a length than there can be
    let room = 1;
    for (const count of counts) if ((room = room * 2 - count) < 0) return false;
    const symbols = part.subarray(at + 17, at + 17 + total);
    codes[kind === 0 ? 'dc' : 'ac'][id] = new Codes({ counts, symbols });
    at += 17 + total;
  }
  return true;
}

function readFrame(part: Uint8Array): Pick<Head, 'width' | 'height' | 'components'> | null {
  const [depth = 0, h1 = 0, h2 = 0, w1 = 0, w2 = 0, count = 0] = part;
  const [width, height] = [(w1 << 8) | w2, (h1 << 8) | h2];
  if (depth !== 8 || width < 1 || height < 1 || width > LARGEST || height > LARGEST) return null;
  if ((count !== 1 && count !== 3) || part.length < 6 + 3 * count) return null;
  const components = Array.from({ length: count }, (_, index): Component => {
    const [id = 0, sampling = 0, quant = 0] = part.subarray(6 + 3 * index);
    // a picture of one part has its blocks one by one, whatever it says
    const [h, v] = count === 1 ? [1, 1] : [sampling >> 4, sampling & 15];
    return { id, h, v, quant, dc: null, ac: null };
  });
  const fits = (one: number) => one === 1 || one === 2 || one === 4;
  return components.every(({ h, v, quant }) => fits(h) && fits(v) && quant <= 3)
    ? { width, height, components }
    : null;
}

function readScan(
  part: Uint8Array,
  components: Component[],
  codes: { dc: (Codes | undefined)[]; ac: (Codes | undefined)[] },
  quants: (Uint16Array | undefined)[],
): boolean {
  if (part[0] !== components.length || part.length < 4 + 2 * components.length) return false;
  return components.every((component, index) => {
    const chosen = part[2 + 2 * index]!;
    if (part[1 + 2 * index] !== component.id) return false;
    component.dc = codes.dc[chosen >> 4] ?? null;
    component.ac = codes.ac[chosen & 15] ?? null;
    return component.dc !== null && component.ac !== null && quants[component.quant] !== undefined;
  });
}
