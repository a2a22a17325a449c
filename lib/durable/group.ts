import type { LiveError } from '../errors';

/** One write: what a kill in the middle of it can tear stays small. */
const WRITE_BYTES = 256 * 1024;

/** Those of a group that wait for the same: one promise for all of them, since they are acknowledged together. */
class Waiters {
  readonly promise: Promise<void>;
  /** how many, and how many of them brought bytes */
  count = 0;
  entries = 0;
  bytes = 0;
  done!: () => void;
  failed!: (error: LiveError) => void;

  constructor() {
    this.promise = new Promise((done, failed) => {
      this.done = done;
      this.failed = failed;
    });
    // whoever does not listen must not end the process with it
    this.promise.catch(() => undefined);
  }
}

/** Entries that are written and synced together. */
export class Group {
  bytes = 0;
  /** acknowledged when the system has them · when they are on the disk */
  written: Waiters | null = null;
  durable: Waiters | null = null;
  private readonly parts: Uint8Array[] = [];

  /** Put bytes behind the others; resolves with all that wait for the same. */
  add(bytes: Uint8Array, durable: boolean): Promise<void> {
    const waiters = durable ? (this.durable ??= new Waiters()) : (this.written ??= new Waiters());
    waiters.count += 1;
    if (bytes.length > 0) {
      waiters.entries += 1;
      waiters.bytes += bytes.length;
      this.bytes += bytes.length;
      this.parts.push(bytes);
    }
    return waiters.promise;
  }

  /** All bytes, joined for writes of a sensible size. */
  *portions(): Generator<Uint8Array> {
    let pieces: Uint8Array[] = [];
    let size = 0;
    for (const piece of this.pieces()) {
      if (size && size + piece.length > WRITE_BYTES) {
        yield joined(pieces, size);
        pieces = [];
        size = 0;
      }
      pieces.push(piece);
      size += piece.length;
    }
    if (size) yield joined(pieces, size);
  }

  /** What lies side by side in the same memory is one piece already, without being copied. */
  private *pieces(): Generator<Uint8Array> {
    let first: Uint8Array | null = null;
    let length = 0;
    for (const part of this.parts) {
      const follows =
        first !== null &&
        first.buffer === part.buffer &&
        first.byteOffset + length === part.byteOffset &&
        length + part.length <= WRITE_BYTES;
      if (follows) length += part.length;
      else {
        if (first) yield whole(first, length);
        first = part;
        length = part.length;
      }
    }
    if (first) yield whole(first, length);
  }
}

function whole(first: Uint8Array, length: number): Uint8Array {
  return length === first.length ? first : Buffer.from(first.buffer, first.byteOffset, length);
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, size);
}
