import { type LiveError, asLiveError } from '../../errors';
import { AppendFile } from '../../durable/append';
import type { Files } from '../../durable/files';
import { type Segment, segmentAt } from './lines';
import type { Durability } from './options';

export interface SegmentsOptions {
  files: Files;
  durability: Durability;
  segmentBytes: number;
  most: { entries: number; bytes: number };
  /** told once, when nothing more will be written */
  onFailure: (error: LiveError) => void;
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
  private held: Held[] = [];
  private heldBytes = 0;
  private turning: Promise<void> | null = null;

  private constructor(
    private readonly folder: string,
    /** all of them, the last is written to */
    readonly all: Segment[],
    private file: AppendFile,
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
    const { files, most, onFailure } = options;
    const last = all.at(-1)!;
    const file = await AppendFile.open(last.path, { files, most, onFailure, expectedSize: size });
    return new Segments(folder, all, file, before, options);
  }

  /** Bytes of all files, those that wait included. */
  get bytes(): number {
    return this.before + this.file.size + this.heldBytes;
  }

  /** Entries that are not on the disk yet. */
  get waiting(): number {
    return this.file.waiting + this.held.length;
  }

  /** Whether an entry of so many bytes would be taken. */
  hasRoom(bytes: number): boolean {
    const { entries, bytes: most } = this.options.most;
    return this.file.hasRoom(bytes) && this.held.length < entries && this.heldBytes + bytes <= most;
  }

  /** Whether an entry of so many bytes belongs into a new file. */
  isFull(bytes: number): boolean {
    return !this.turning && this.file.size > 0 && this.file.size + bytes > this.options.segmentBytes;
  }

  /** Put an entry behind all others; resolves as `durability` says. @throws (rejects) LiveError DURABLE_* */
  append(bytes: Buffer): Promise<void> {
    if (!this.turning) return this.put(bytes);
    this.heldBytes += bytes.length;
    return new Promise((done) => this.held.push({ bytes, done }));
  }

  /** Begin a new file with the entry of number `start`. */
  turn(start: number): void {
    this.turning = this.next(start)
      .catch((error: unknown) => this.options.onFailure(asLiveError(error)))
      .finally(() => {
        this.turning = null;
        const held = this.held;
        this.held = [];
        this.heldBytes = 0;
        // where it failed, the closed file refuses them
        for (const { bytes, done } of held) done(this.put(bytes));
      });
  }

  /** Resolves when everything handed over so far is on the disk. @throws (rejects) LiveError DURABLE_* */
  async flush(): Promise<void> {
    while (this.turning) await this.turning;
    await this.file.flush();
  }

  /** Make durable what waits, and close. @throws (rejects) LiveError DURABLE_*; closed all the same */
  async close(): Promise<void> {
    while (this.turning) await this.turning;
    await this.file.close();
  }

  private put(bytes: Buffer): Promise<void> {
    return this.options.durability === 'os' ? this.file.written(bytes) : this.file.append(bytes);
  }

  private async next(start: number): Promise<void> {
    const { files, most, onFailure } = this.options;
    const old = this.file;
    await old.close();
    const segment = segmentAt(this.folder, start);
    this.file = await AppendFile.open(segment.path, { files, most, onFailure, expectedSize: 0 });
    this.before += old.size;
    this.all.push(segment);
  }
}
