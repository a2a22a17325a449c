import { hash } from 'node:crypto';
import { fail } from '../../errors';
import { NO_HASH, roomForEntry, writeEntry } from '../entry';
import { Slabs } from './slabs';

/** A log with more types than this tells no counts any more: they would not fit into an entry. */
const MOST_TYPES = 500;
/** The last millisecond with a year of four digits. */
const LAST_MS = 253_402_300_799_999;

/** An entry as bytes for the file, with its line break. */
export interface Link {
  seq: number;
  hash: string;
  bytes: Buffer;
}

/** What is remembered of an entry until it was read back from the file. */
export interface Unread {
  hash: string;
  t: string;
  /** the log's own, not one of a message */
  own: boolean;
}

/** How many entries there are of each type; null once there are too many types. */
export class Counts {
  private counts: Map<string, number> | null = new Map();

  add(type: string): void {
    if (!this.counts) return;
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    if (this.counts.size > MOST_TYPES) this.counts = null;
  }

  /** As the `data` of `log.stats` has them. */
  get all(): Record<string, number> | null {
    return this.counts && Object.fromEntries(this.counts);
  }
}

/** Where a chain begins: behind the entries that are there. */
export interface ChainStart {
  size: number;
  /** hash of the last entry, in hexadecimal */
  last: string;
  counts: Counts;
}

/** The chain of an empty log. */
export function emptyChain(): ChainStart {
  return { size: 0, last: NO_HASH, counts: new Counts() };
}

/**
 * Puts each entry behind the one before: number, time, link and hash. It knows no disk; what it makes has to be written in
 * this order.
 */
export class Chain {
  readonly counts: Counts;
  /** entries that were made and not read back yet; the first has the number `readBack` */
  unread: Unread[] = [];
  readBack: number;
  private count: number;
  private last: string;
  private readonly begun: number;
  private lastMs = NaN;
  private lastText = '';
  private readonly slabs = new Slabs();

  /**
   * @param now ms since 1970; may jump, or be no number
   * @param monotonic ms that only rise
   */
  constructor(
    start: ChainStart,
    private readonly now: () => number,
    private readonly monotonic: () => number,
  ) {
    this.count = this.readBack = start.size;
    this.last = start.last;
    this.counts = start.counts;
    this.begun = monotonic();
  }

  /** Entries so far: the number of the next one. */
  get size(): number {
    return this.count;
  }

  /** The next entry. @throws LiveError WITNESS_TOO_LARGE: nothing was made; RangeError for a type or text that is none */
  next(type: string, data: string, src: string, own = false): Link {
    const seq = this.count;
    const t = this.time();
    const mono = Math.max(0, Math.floor((this.monotonic() - this.begun) * 1000)) || 0;
    const length = write({ seq, t, mono, type, src, data, prev: this.last });
    const leaf = hash('sha256', line.subarray(0, 1 + length), 'hex');
    line[1 + length] = 0x0a;
    this.unread.push({ hash: leaf, t, own });
    this.counts.add(type);
    this.count = seq + 1;
    this.last = leaf;
    return { seq, hash: leaf, bytes: this.slabs.keep(line, 1, 2 + length) };
  }

  /** The time now as an entry has it. */
  time(): string {
    const ms = this.wallMs();
    // a burst asks for the same millisecond again and again
    if (ms !== this.lastMs) {
      this.lastMs = ms;
      this.lastText = new Date(ms).toISOString();
    }
    return this.lastText;
  }

  /** The hash of an entry that was not read back yet; undefined for others. */
  hashOf(seq: number): string | undefined {
    return this.unread[seq - this.readBack]?.hash;
  }

  /** Forget the entries before `size`, which were read back. */
  forget(size: number): void {
    this.unread.splice(0, size - this.readBack);
    this.readBack = size;
  }

  /** A clock that says nothing sensible is answered with the time this process knows otherwise. */
  private wallMs(): number {
    for (const said of [this.now(), performance.timeOrigin + performance.now()]) {
      const ms = Math.trunc(said);
      if (ms >= 0 && ms <= LAST_MS) return ms;
    }
    return 0;
  }
}

/** The line that is just made, behind the byte that a leaf of the tree begins with. */
const line = roomForEntry(1);

function write(entry: Parameters<typeof writeEntry>[0]): number {
  try {
    return writeEntry(entry, line, 1);
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith('the line has'))
      throw fail('WITNESS_TOO_LARGE', { reason: error.message }, error);
    throw error;
  }
}
