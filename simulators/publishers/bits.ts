/** Writes bits as H.264 and AAC have them: the highest first. */
export class BitWriter {
  private readonly bytes: number[] = [];
  private current = 0;
  private filled = 0;

  /** So many bits of a number. */
  bits(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) {
      this.current = (this.current << 1) | ((value >>> i) & 1);
      if (++this.filled < 8) continue;
      this.bytes.push(this.current);
      this.current = this.filled = 0;
    }
    return this;
  }

  /** Exp-Golomb, as H.264 9.1 has it. */
  ue(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.bits(0, length - 1).bits(value + 1, length);
  }

  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** Zeros up to the next whole byte. */
  align(): this {
    return this.filled === 0 ? this : this.bits(0, 8 - this.filled);
  }

  /** The one and the zeros that end a piece of H.264. */
  end(): this {
    return this.bits(1, 1).align();
  }

  /** What was written; the last byte is whole after `align` or `end`. */
  get written(): Buffer {
    return Buffer.from(this.bytes);
  }
}
