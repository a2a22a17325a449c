/** The index of an hour from the disk, as far as it is wanted. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, reasonOf } from '../../durable/files';
import type { HourContent } from './hour';
import { HourLines } from './hour-lines';
import { INDEX, hourFolder } from './layout';

/** Of an index, bytes. An hour in which every picture of 60 a second was kept has 100 MB. */
export const LARGEST = 256 * 1024 * 1024;
/** Bytes that are read at once: at first enough for some hundred lines, and never so many that others in this process wait for it. */
const [FIRST_PIECE, LARGEST_PIECE] = [64 * 1024, 1024 * 1024];

/**
 * A file of the store, links not followed.
 * @throws the file system's error; ELOOP for a link, EISDIR for what is no file, EFBIG above `largest` bytes
 */
async function openPlain(path: string, largest: number): Promise<{ file: FileHandle; size: number }> {
  // systems without the flag (Windows) have hardly any links, and let only administrators make them
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw Object.assign(new Error('it is no file'), { code: 'EISDIR' });
    if (found.size > largest) throw Object.assign(new Error('it is too large'), { code: 'EFBIG' });
    return { file, size: found.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Bytes of a file, fewer where it ends. */
async function read(file: FileHandle, from: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let had = 0;
  while (had < size) {
    const { bytesRead } = await file.read(bytes, had, size - had, from + had);
    if (bytesRead === 0) break;
    had += bytesRead;
  }
  return bytes.subarray(0, had);
}

/**
 * A whole file of the store, links not followed.
 * @throws the file system's error; ELOOP for a link, EISDIR for what is no file, EFBIG above `largest` bytes
 */
export async function readPlain(path: string, largest: number): Promise<Buffer> {
  const { file, size } = await openPlain(path, largest);
  try {
    return await read(file, 0, size);
  } finally {
    await file.close();
  }
}

/** An hour, of which as many lines are known as somebody wanted. */
export interface HourSoFar {
  readonly content: HourContent;
  /** all lines are known */
  readonly done: boolean;
  /** Read on. @throws the file system's error */
  more(): Promise<void>;
}

/** So many of its pictures, from the first on, are as they will stay. */
export function settled({ content, done }: HourSoFar): number {
  return done ? content.frames.length : Math.max(0, content.frames.length - 1);
}

/** The index of an hour that is read piece by piece. Nothing is read before it is asked for; those who ask at the same time wait for the same. */
export class HourFile implements HourSoFar {
  done = false;
  private readonly lines: HourLines;
  private next: number;
  private reading: Promise<void> | null = null;

  /** @param options.ordered the lines are known to be in their order, so that reading may stop before the end */
  constructor(
    private readonly path: string,
    stream: string,
    hour: number,
    private readonly options: { hashes?: boolean; ordered?: boolean } = {},
  ) {
    this.lines = new HourLines(stream, hour, options.hashes);
    this.next = options.ordered ? FIRST_PIECE : LARGEST_PIECE;
  }

  get content(): HourContent {
    return this.lines.content;
  }

  more(): Promise<void> {
    if (this.done) return Promise.resolve();
    this.reading ??= this.read(this.options.ordered === true).finally(() => (this.reading = null));
    return this.reading;
  }

  /** All of it. @throws the file system's error */
  async whole(): Promise<HourContent> {
    this.next = LARGEST_PIECE;
    while (!this.done) await this.more();
    return this.content;
  }

  private async read(mayStop: boolean): Promise<void> {
    const { file, size } = await openPlain(this.path, LARGEST);
    try {
      do {
        const from = this.content.size;
        const piece = await read(file, from, Math.max(0, Math.min(this.next, size - from)));
        this.lines.add(piece);
        this.done = this.content.size >= size || piece.length === 0;
        // somebody else changed it since: what is late is found only with all others
      } while (!this.done && !(mayStop && this.content.ordered));
      this.next = Math.min(4 * this.next, LARGEST_PIECE);
    } finally {
      await file.close();
    }
  }
}

/**
 * The index of an hour from the disk.
 * @param hashes whether to work out the runs of the chain
 * @throws the file system's error
 */
export async function loadHour(
  root: string,
  stream: string,
  hour: number,
  hashes = false,
): Promise<HourContent> {
  return await new HourFile(join(hourFolder(root, stream, hour), INDEX), stream, hour, { hashes }).whole();
}

/** Why an hour cannot be read, in words. */
export function unreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'its index is missing';
  if (code === 'ELOOP') return 'its index is a link to elsewhere';
  if (code === 'EFBIG') return `its index is larger than ${LARGEST / 2 ** 20} MB`;
  return reasonOf(error);
}
