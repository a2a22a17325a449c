import { withDeadline } from '../../connection/deadline';
import { type LiveError, asLiveError, fail } from '../../errors';
import { AppendFile } from '../../durable/append';
import type { Files } from '../../durable/files';
import { MOST_LINE_BYTES } from '../entry';
import { type Segment, segmentAt } from './segment-files';
import type { Durability } from './options';

/** No line with its line break is longer. */
const LONGEST = MOST_LINE_BYTES + 1;

/** One file is finished and the next one begun within this, ms. */
const TURN_MS = 20_000;

/** Hears that nothing more will be written. */
export type OnFailure = (error: LiveError, unacknowledged: number) => void;

export interface SegmentsOptions {
  files: Files;
  durability: Durability;
  segmentBytes: number;
  mostWaiting: { entries: number; bytes: number };
  /** told when nothing more will be written, with the number of entries that are not acknowledged */
  onFailure: OnFailure;
}

interface Held {
  bytes: Buffer;
  done: (written: Promise<void>) => void;
}

/**
 * The files of entries as one that only grows. One file is finished and on the disk before the next one is made, so that only the
 * last can ever be torn; what is handed over meanwhile is held.
 */
export class Segments {
  private file!: AppendFile;
  private held: Held[] = [];
  private heldBytes = 0;
  private turning: Promise<void> | null = null;
  /** the new file itself, however long it takes */
  private beginning: Promise<void> = Promise.resolve();
  /** why no new file could be begun */
  private broken: LiveError | null = null;

  private constructor(
    private readonly folder: string,
    /** all of them, the last is written to */
    readonly all: Segment[],
    /** bytes of the files before the last */
    private before: number,
    private readonly options: SegmentsOptions,
  ) {}

  /**
   * Go on behind `size` bytes of the last of these files.
   * @param before bytes of the others
   * @throws LiveError DURABLE_*
   */
  static async open(
    folder: string,
    all: Segment[],
    size: number,
    before: number,
    options: SegmentsOptions,
  ): Promise<Segments> {
    const segments = new Segments(folder, all, before, options);
    segments.file = await segments.openFile(all.at(-1)!, size);
    return segments;
  }

  /** Bytes of all files, those that wait included. */
  get bytes(): number {
    return this.before + this.file.size + this.heldBytes;
  }

  /** Entries that are not on the disk yet. */
  get waiting(): number {
    return this.file.waiting + this.held.length;
  }

  /** Whether one more entry would be taken, however long it is. */
  get hasRoom(): boolean {
    const { entries, bytes } = this.options.mostWaiting;
    return this.waiting < entries && this.bytesWaiting + LONGEST <= bytes;
  }

  /** How much of what may wait is taken, 0 to 1 and above. */
  get load(): number {
    const { entries, bytes } = this.options.mostWaiting;
    return Math.max(this.waiting / entries, this.bytesWaiting / bytes);
  }

  private get bytesWaiting(): number {
    return this.file.bytesWaiting + this.heldBytes;
  }

  /** Whether an entry of so many bytes belongs into a new file. */
  isFull(bytes: number): boolean {
    return !this.turning && this.file.size > 0 && this.file.size + bytes > this.options.segmentBytes;
  }

  /** Put an entry behind all others; resolves as `durability` says. @throws (rejects) LiveError DURABLE_* */
  append(bytes: Buffer): Promise<void> {
    if (!this.turning) return this.put(bytes);
    this.heldBytes += bytes.length;
    const written = new Promise<void>((done) => this.held.push({ bytes, done }));
    // whoever does not listen must not end the process with it
    written.catch(() => undefined);
    return written;
  }

  /** Begin a new file with the entry of number `start`. */
  turn(start: number): void {
    const { path } = segmentAt(this.folder, start);
    const reason = `the disk has not answered for ${TURN_MS / 1000} s`;
    this.beginning = this.next(start);
    const turning = withDeadline(this.beginning, TURN_MS, () =>
      fail('DURABLE_WRITE_FAILED', { path, reason }),
    );
    this.turning = turning
      .catch((error: unknown) => {
        this.broken = asLiveError(error);
        this.options.onFailure(this.broken, this.held.length);
      })
      .then(() => {
        this.turning = null;
        const held = this.held;
        this.held = [];
        this.heldBytes = 0;
        for (const { bytes, done } of held) done(this.put(bytes));
      });
  }

  /** Resolves when everything handed over so far is on the disk. @throws (rejects) LiveError DURABLE_* */
  async flush(): Promise<void> {
    while (this.turning) await this.turning;
    if (this.broken) throw this.broken;
    await this.file.flush();
  }

  /** Make durable what waits, and close. @throws (rejects) LiveError DURABLE_*; closed all the same */
  async close(): Promise<void> {
    while (this.turning) await this.turning;
    // one that was given up may still make its file, which must not happen behind the next writer's back
    await this.beginning.catch(() => undefined);
    await this.file.close();
    if (this.broken) throw this.broken;
  }

  private put(bytes: Buffer): Promise<void> {
    if (this.broken) return Promise.reject(this.broken);
    return this.options.durability === 'os' ? this.file.written(bytes) : this.file.append(bytes);
  }

  private async next(start: number): Promise<void> {
    const old = this.file;
    await old.close();
    if (this.broken) return;
    const segment = segmentAt(this.folder, start);
    const file = await this.openFile(segment, 0);
    // too late: nobody writes here any more
    if (this.broken) return await file.close();
    this.file = file;
    this.before += old.size;
    this.all.push(segment);
  }

  private openFile({ path }: Segment, expectedSize: number): Promise<AppendFile> {
    const { files, mostWaiting: most } = this.options;
    return AppendFile.open(path, {
      files,
      expectedSize,
      // the bound is kept by whoever looks at `load`; the log's own entries come on top
      most: { entries: most.entries * 2 + 1000, bytes: most.bytes * 2 + 2 ** 22 },
      onFailure: (error, rejected) => this.options.onFailure(error, rejected + this.held.length),
    });
  }
}
