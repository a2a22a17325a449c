import type { CodeTable } from './tables';

const FAST_BITS = 9;

/** A code table made ready: what the next bits stand for, found at once where the code is short. */
export class Codes {
  /** by the next 9 bits: length * 256 + symbol; 0 where the code is longer */
  private readonly fast = new Uint16Array(1 << FAST_BITS);
  private readonly largest = new Int32Array(18).fill(-1);
  private readonly offset = new Int32Array(18);

  constructor(private readonly table: CodeTable) {
    let code = 0;
    let index = 0;
    for (let length = 1; length <= 16; length++) {
      const count = table.counts[length - 1]!;
      this.offset[length] = index - code;
      for (let i = 0; i < count; i++, index++, code++) {
        if (length > FAST_BITS) continue;
        const from = code << (FAST_BITS - length);
        const entry = (length << 8) | table.symbols[index]!;
        this.fast.fill(entry, from, from + (1 << (FAST_BITS - length)));
      }
      if (count > 0) this.largest[length] = code - 1;
      code <<= 1;
    }
  }

  /** The next symbol. Bits that stand for nothing are 0, so that whatever comes is read to its end. */
  next(bits: BitReader): number {
    const entry = this.fast[bits.peek(FAST_BITS)]!;
    if (entry !== 0) {
      bits.drop(entry >> 8);
      return entry & 255;
    }
    for (let length = FAST_BITS + 1; length <= 16; length++) {
      const code = bits.peek(length);
      if (code > this.largest[length]!) continue;
      bits.drop(length);
      return this.table.symbols[this.offset[length]! + code] ?? 0;
    }
    bits.drop(16);
    return 0;
  }
}

/** The bits of a scan: a 0 that follows FF is no data, any other marker ends them, and behind the end come zeros. */
export class BitReader {
  private held = 0;
  private count = 0;
  /** how many bits were made up behind the end */
  madeUp = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  /** The next bits, 1 to 16, without taking them. */
  peek(length: number): number {
    if (this.count < length) this.fill();
    return (this.held >>> (this.count - length)) & ((1 << length) - 1);
  }

  drop(length: number): void {
    if (this.count < length) this.fill();
    this.count -= length;
  }

  /** A number of so many bits, as JPEG writes it: those that begin with 0 are negative. */
  signed(length: number): number {
    if (length === 0) return 0;
    const value = this.peek(length);
    this.count -= length;
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  /** Go on behind the next restart marker; false: there is none. */
  restart(): boolean {
    this.count = 0;
    while (this.at < this.bytes.length - 1) {
      if (this.bytes[this.at] === 0xff) {
        const marker = this.bytes[this.at + 1]!;
        if (marker >= 0xd0 && marker <= 0xd7) {
          this.at += 2;
          return true;
        }
        if (marker !== 0 && marker !== 0xff) return false;
      }
      this.at++;
    }
    return false;
  }

  /** Have 25 bits or more. What is pushed out at the left was taken long ago. */
  private fill(): void {
    const { bytes } = this;
    while (this.count <= 24) {
      let byte = this.at < bytes.length ? bytes[this.at]! : 0xff;
      if (byte !== 0xff) this.at++;
      else if (bytes[this.at + 1] === 0) this.at += 2;
      else {
        byte = 0;
        this.madeUp += 8;
      }
      this.held = (this.held << 8) | byte;
      this.count += 8;
    }
  }
}
