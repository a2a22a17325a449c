// JPEG pictures made of plain 8 x 8 blocks, by nothing but arithmetic: baseline, every picture viewer shows them.

/** Codes of the DC table of the standard (ITU-T T.81, table K.3): how many of each length, and their symbols. */
const DC_LENGTHS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_SYMBOLS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/** The only code of the AC table, one bit, is "nothing more in this block". */
const AC_LENGTHS = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

const DC_CODES: [code: number, length: number][] = [];
{
  let code = 0;
  for (const [index, count] of DC_LENGTHS.entries()) {
    for (let one = 0; one < count; one++) DC_CODES.push([code++, index + 1]);
    code <<= 1;
  }
}

const segment = (marker: number, bytes: number[]): number[] => [
  0xff,
  marker,
  (bytes.length + 2) >> 8,
  (bytes.length + 2) & 255,
  ...bytes,
];

type Colour = readonly [red: number, green: number, blue: number];

/**
 * A JPEG of so many points in which each block of 8 x 8 has one colour.
 * @param colour of the block in this column and row
 */
export function blockJpeg(
  width: number,
  height: number,
  colour: (column: number, row: number) => Colour,
): Buffer {
  const out: number[] = [0xff, 0xd8];
  out.push(...segment(0xdb, [0, ...Array<number>(64).fill(8)]));
  const parts = [1, 2, 3];
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  out.push(...segment(0xc0, [8, ...size, 3, ...parts.flatMap((part) => [part, 0x11, 0])]));
  out.push(
    ...segment(0xc4, [0x00, ...DC_LENGTHS, ...DC_SYMBOLS]),
    ...segment(0xc4, [0x10, ...AC_LENGTHS, 0]),
  );
  out.push(...segment(0xda, [3, ...parts.flatMap((part) => [part, 0]), 0, 63, 0]));

  let bits = 0;
  let count = 0;
  const put = (value: number, length: number): void => {
    for (let at = length - 1; at >= 0; at--) {
      bits = (bits << 1) | ((value >> at) & 1);
      if (++count < 8) continue;
      out.push(bits);
      if (bits === 0xff) out.push(0);
      bits = count = 0;
    }
  };
  const before = [0, 0, 0];
  for (let row = 0; row < Math.ceil(height / 8); row++)
    for (let column = 0; column < Math.ceil(width / 8); column++) {
      const [red, green, blue] = colour(column, row);
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
      // a block of one value v has the DC coefficient 8 (v - 128), and the table divides by 8
      const levels = [luma - 128, 0.564 * (blue - luma), 0.713 * (red - luma)].map(Math.round);
      for (const [part, level] of levels.entries()) {
        const difference = level - before[part]!;
        before[part] = level;
        const length = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
        put(...DC_CODES[length]!);
        put(difference > 0 ? difference : difference + 2 ** length - 1, length);
        put(0, 1);
      }
    }
  while (count > 0) put(1, 1);
  out.push(0xff, 0xd9);
  return Buffer.from(out);
}
