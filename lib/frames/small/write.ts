import type { Plane, Planes } from './read';
import {
  AC_CHROMA,
  AC_LUMA,
  DC_CHROMA,
  DC_LUMA,
  QUANT_CHROMA,
  QUANT_LUMA,
  ZIGZAG,
  type CodeTable,
} from './tables';

/** By symbol: code and length. */
type Codebook = { code: Uint16Array; length: Uint8Array };

const BOOKS = [
  { dc: bookOf(DC_LUMA), ac: bookOf(AC_LUMA) },
  { dc: bookOf(DC_CHROMA), ac: bookOf(AC_CHROMA) },
] as const;

/** cos((2x+1)uπ/16) with the standard's weights: `WAVES[u * 8 + x]`. */
const WAVES = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return Math.cos(((2 * x + 1) * u * Math.PI) / 16) * (u === 0 ? Math.SQRT1_2 : 1) * 0.5;
});

/**
 * Planes as a baseline JPEG with the standard's own tables.
 * @param quality 1 to 100, as everybody counts it
 */
export function writeJpeg({ width, height, planes }: Planes, quality: number): Buffer {
  const share = quality < 50 ? 50 / quality : 2 - quality / 50;
  const quants = [QUANT_LUMA, QUANT_CHROMA].map((table) =>
    Uint8Array.from(table, (one) => Math.min(255, Math.max(1, Math.round(one * share)))),
  ) as [Uint8Array, Uint8Array];
  const out = new BitWriter(width * height);
  out.bytes(head(width, height, planes, quants));
  const hMost = Math.max(...planes.map(({ h }) => h));
  const vMost = Math.max(...planes.map(({ v }) => v));
  const across = Math.ceil(width / (8 * hMost));
  const down = Math.ceil(height / (8 * vMost));
  const before = new Int32Array(planes.length);
  const [block, half] = [new Float64Array(64), new Float64Array(64)];
  for (let row = 0; row < down; row++)
    for (let column = 0; column < across; column++)
      planes.forEach((plane, index) => {
        const kind = index === 0 ? 0 : 1;
        const shownWidth = Math.ceil((width * plane.h) / hMost);
        const shownHeight = Math.ceil((height * plane.v) / vMost);
        for (let y = 0; y < plane.v; y++)
          for (let x = 0; x < plane.h; x++) {
            const left = (column * plane.h + x) * 8;
            const top = (row * plane.v + y) * 8;
            takeBlock(plane, left, top, shownWidth, shownHeight, block);
            transform(block, half);
            before[index] = writeBlock(out, block, quants[kind], BOOKS[kind], before[index]!);
          }
      });
  out.end();
  return out.whole();
}

/** A block of points around zero; what lies beyond the picture is as its edge. */
function takeBlock(
  { points, stride }: Plane,
  left: number,
  top: number,
  width: number,
  height: number,
  into: Float64Array,
): void {
  for (let y = 0; y < 8; y++) {
    const line = Math.min(top + y, height - 1) * stride;
    for (let x = 0; x < 8; x++) into[y * 8 + x] = points[line + Math.min(left + x, width - 1)]! - 128;
  }
}

function transform(block: Float64Array, half: Float64Array): void {
  for (let y = 0; y < 8; y++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += block[y * 8 + x]! * WAVES[u * 8 + x]!;
      half[y * 8 + u] = sum;
    }
  for (let v = 0; v < 8; v++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += half[y * 8 + u]! * WAVES[v * 8 + y]!;
      block[v * 8 + u] = sum;
    }
}

/** Write one block; gives its first coefficient, from which the next one's is counted. */
function writeBlock(
  out: BitWriter,
  block: Float64Array,
  quant: Uint8Array,
  { dc, ac }: { dc: Codebook; ac: Codebook },
  before: number,
): number {
  const first = Math.round(block[0]! / quant[0]!);
  const difference = first - before;
  const size = sizeOf(difference);
  out.bits(dc.code[size]!, dc.length[size]!);
  out.number(difference, size);
  let zeros = 0;
  for (let k = 1; k < 64; k++) {
    const place = ZIGZAG[k]!;
    const value = Math.round(block[place]! / quant[place]!);
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) out.bits(ac.code[0xf0]!, ac.length[0xf0]!);
    const symbol = (zeros << 4) | sizeOf(value);
    out.bits(ac.code[symbol]!, ac.length[symbol]!);
    out.number(value, symbol & 15);
    zeros = 0;
  }
  if (zeros > 0) out.bits(ac.code[0]!, ac.length[0]!);
  return first;
}

function sizeOf(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

function bookOf({ counts, symbols }: CodeTable): Codebook {
  const book = { code: new Uint16Array(256), length: new Uint8Array(256) };
  let code = 0;
  let index = 0;
  counts.forEach((count, i) => {
    for (let n = 0; n < count; n++, code++, index++) {
      book.code[symbols[index]!] = code;
      book.length[symbols[index]!] = i + 1;
    }
    code <<= 1;
  });
  return book;
}

function head(width: number, height: number, planes: Plane[], quants: [Uint8Array, Uint8Array]): number[] {
  const part = (marker: number, bytes: number[]) => [
    0xff,
    marker,
    (bytes.length + 2) >> 8,
    (bytes.length + 2) & 255,
    ...bytes,
  ];
  const quant = quants.flatMap((table, id) => [id, ...Array.from(ZIGZAG, (place) => table[place]!)]);
  const sizes = [height >> 8, height & 255, width >> 8, width & 255];
  const components = planes.flatMap(({ h, v }, index) => [index + 1, (h << 4) | v, index === 0 ? 0 : 1]);
  const codes = [
    [0x00, DC_LUMA],
    [0x10, AC_LUMA],
    [0x01, DC_CHROMA],
    [0x11, AC_CHROMA],
  ] as const;
  return [
    0xff,
    0xd8,
    ...part(0xdb, quant),
    ...part(0xc0, [8, ...sizes, planes.length, ...components]),
    ...part(
      0xc4,
      codes.flatMap(([id, { counts, symbols }]) => [id, ...counts, ...symbols]),
    ),
    ...part(0xda, [
      planes.length,
      ...planes.flatMap((_, index) => [index + 1, index === 0 ? 0x00 : 0x11]),
      0,
      63,
      0,
    ]),
  ];
}

class BitWriter {
  private out: Buffer;
  private size = 0;
  private held = 0;
  private count = 0;

  constructor(room: number) {
    this.out = Buffer.allocUnsafe(Math.max(1024, room));
  }

  bytes(bytes: number[]): void {
    for (const byte of bytes) this.push(byte);
  }

  bits(code: number, length: number): void {
    this.held = (this.held << length) | (code & ((1 << length) - 1));
    this.count += length;
    while (this.count >= 8) {
      this.count -= 8;
      const byte = (this.held >> this.count) & 255;
      this.push(byte);
      if (byte === 0xff) this.push(0);
    }
    this.held &= (1 << this.count) - 1;
  }

  number(value: number, size: number): void {
    if (size > 0) this.bits(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  /** The last byte is filled with ones, as the standard wants it. */
  end(): void {
    if (this.count > 0) this.bits(0xff, 8 - this.count);
    this.push(0xff);
    this.push(0xd9);
  }

  whole(): Buffer {
    return Buffer.from(this.out.subarray(0, this.size));
  }

  private push(byte: number): void {
    if (this.size === this.out.length) this.out = Buffer.concat([this.out, Buffer.allocUnsafe(this.size)]);
    this.out[this.size++] = byte;
  }
}
