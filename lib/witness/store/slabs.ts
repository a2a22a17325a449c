/** One write of the file's, so that lines of one turn go to the disk as they lie here. */
const SLAB_BYTES = 256 * 1024;

/**
 * Copies of many small pieces of bytes, one behind the other in few large pieces of memory: a thousand lines are four things for
 * the garbage collector instead of a thousand. A slab is given back when nobody holds any of its pieces any more.
 */
export class Slabs {
  private slab: Buffer | null = null;
  private used = 0;

  /** A copy of the bytes from `start` up to and without `end`. */
  keep(bytes: Buffer, start: number, end: number): Buffer {
    const length = end - start;
    if (length > SLAB_BYTES) return Buffer.from(bytes.subarray(start, end));
    if (!this.slab || this.used + length > SLAB_BYTES) {
      this.slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.used = 0;
    }
    const from = this.used;
    this.used += length;
    bytes.copy(this.slab, from, start, end);
    return this.slab.subarray(from, this.used);
  }
}
