/**
 * Reads bits of a header that somebody else wrote. Never throws and never reads past the end: there it gives zeros, and `over` says so,
 * as it does where a number is longer than H.264 has any.
 */
export class BitReader {
  /** in bits from the start */
  at = 0;
  over = false;

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return Math.max(0, this.bytes.length * 8 - this.at);
  }

  bit(): number {
    const byte = this.bytes[this.at >> 3];
    if (byte === undefined) {
      this.over = true;
      return 0;
    }
    const bit = (byte >> (7 - (this.at & 7))) & 1;
    this.at++;
    return bit;
  }

  /** `count` bits, at most 32, as a number without sign. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    if (count > this.left) {
      this.over = true;
      this.at = this.bytes.length * 8;
    } else this.at += count;
  }

  /** ue(v), ITU-T H.264 9.1. */
  ue(): number {
    let zeros = 0;
    while (!this.over && this.bit() === 0) if (++zeros > 32) this.over = true;
    return this.over ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v), ITU-T H.264 9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Writes bits, for a header that is made anew. */
export class BitWriter {
  private readonly bytes: number[] = [];
  private count = 0;

  bit(value: number): void {
    if ((this.count & 7) === 0) this.bytes.push(0);
    if (value) this.bytes[this.count >> 3]! |= 0x80 >> (this.count & 7);
    this.count++;
  }

  bits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.bit(Math.floor(value / 2 ** i) % 2);
  }

  ue(value: number): void {
    const length = Math.floor(Math.log2(value + 1));
    this.bits(0, length);
    this.bits(value + 1, length + 1);
  }

  /** The bits of another header from where its reader stands up to `to`. */
  copy(reader: BitReader, to: number): void {
    while (reader.at < to && !reader.over) this.bit(reader.bit());
  }

  /** The stop bit and the zeros up to a whole byte, ITU-T H.264 7.3.2.11. */
  finish(): Buffer {
    this.bit(1);
    return Buffer.from(this.bytes);
  }
}

/** What a NAL unit holds, without the bytes that keep start codes out of it (ITU-T H.264 7.4.1). */
export function withoutEmulation(nal: Buffer): Buffer {
  const out = Buffer.allocUnsafe(nal.length);
  let length = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    out[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, length);
}

/** The other way: no two zeros are followed by a byte under four. */
export function withEmulation(payload: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}
