/** One colour as red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

/** Bits into bytes; after 0xff JPEG wants a zero, or it would begin a marker. */
class Bits {
  private readonly bytes: number[] = [];
  private kept = 0;
  private count = 0;

  put(value: number, length: number): void {
    for (let at = length - 1; at >= 0; at -= 1) {
      this.kept = (this.kept << 1) | ((value >> at) & 1);
      this.count += 1;
      if (this.count < 8) continue;
      this.bytes.push(this.kept);
      if (this.kept === 0xff) this.bytes.push(0);
      this.kept = 0;
      this.count = 0;
    }
  }

  end(): Buffer {
    while (this.count > 0) this.put(1, 1);
    return Buffer.from(this.bytes);
  }
}

function segment(marker: number, ...bytes: number[]): Buffer {
  const length = bytes.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...bytes]);
}

/** Luma and the two colour differences, each from -128 to 127. */
function levels([red, green, blue]: Colour): number[] {
  return [
    0.299 * red + 0.587 * green + 0.114 * blue - 128,
    -0.1687 * red - 0.3313 * green + 0.5 * blue,
    0.5 * red - 0.4187 * green - 0.0813 * blue,
  ].map((value) => Math.max(-128, Math.min(127, Math.round(value))));
}

/**
 * A valid baseline JPEG of one colour in any size. The tables are the least that will do: nine categories for a block's
 * level, four bits each, and `nothing more in this block` in one bit. The level is quantized by 8, so that it is the colour's own.
 */
export function flatJpeg(width: number, height: number, colour: Colour): Buffer {
  const scan = new Bits();
  for (const level of levels(colour)) {
    const size = level === 0 ? 0 : Math.floor(Math.log2(Math.abs(level))) + 1;
    scan.put(size, 4);
    scan.put(level < 0 ? level + (1 << size) - 1 : level, size);
    scan.put(0, 1);
  }
  // every other block is as the one before: no difference, and nothing more
  const more = Math.ceil(width / 8) * Math.ceil(height / 8) - 1;
  for (let block = 0; block < more; block += 1) scan.put(0, 15);
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, ...Buffer.from('JFIF\0', 'latin1'), 1, 1, 0, 0, 1, 0, 1, 0, 0),
    segment(0xdb, 0, ...Array.from({ length: 64 }, () => 8)),
    segment(0xc0, 8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0),
    segment(0xc4, 0x00, 0, 0, 0, 9, ...Array.from({ length: 12 }, () => 0), 0, 1, 2, 3, 4, 5, 6, 7, 8),
    segment(0xc4, 0x10, 1, ...Array.from({ length: 15 }, () => 0), 0),
    segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0),
    scan.end(),
    Buffer.from([0xff, 0xd9]),
  ]);
}
