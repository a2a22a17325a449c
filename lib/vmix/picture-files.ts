import { constants } from 'node:fs';
import { lstat, open, realpath, unlink } from 'node:fs/promises';
import { dirname, relative, isAbsolute, sep } from 'node:path';
import { pause, withDeadline } from '../connection/deadline';
import { pictureFormat, pictureIsWhole, pictureSize } from '../production/picture-size';
import type { PictureFormat } from '../production/pictures';

/** A picture that was read from a file. */
export interface ReadPicture {
  data: Buffer;
  /** as its bytes say, whatever its name */
  format: PictureFormat;
  width: number;
  height: number;
}

export type Fault =
  /** nothing new came there in time */
  | 'late'
  /** its folder does not exist */
  | 'folder'
  /** nor does the folder that is shared */
  | 'root'
  /** it may be there, and cannot be looked at */
  | 'unreadable';

/** Why a file could not be had. */
export class FileFault extends Error {
  constructor(
    readonly fault: Fault,
    reason: string,
  ) {
    super(reason);
  }
}

/** vMix writes after its OK, within tenths of a second; a busy machine and a slow share may take some more. */
const PICTURE_MS = 10_000;
const LOOK_MS = 100;
/** A file that has a beginning and an end, and did not grow this long, is written. */
const STABLE_MS = 250;
/** The same where the end is not that of a picture: some programs write more behind it. */
const STILL_MS = 2_000;
/** A 4K picture without loss is about half of it. */
const MOST_BYTES = 64 * 1024 * 1024;
/** A share that is gone lets a question hang for ever. */
const DISK_MS = 3_000;
/** Neither a link nor something that never ends is opened; Windows has neither flag, and few links. */
const SAFELY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

const MAY_PASS = new Set(['EBUSY', 'ETXTBSY', 'EAGAIN', 'EACCES', 'EPERM', 'ENOENT']);

const REASONS: Record<string, string> = {
  EACCES: 'Node-RED may not read it',
  EPERM: 'Node-RED may not read it',
  EBUSY: 'another program holds it',
  ETXTBSY: 'another program holds it',
  ELOOP: 'it is a link',
  ENOTDIR: 'a part of its path is no folder',
};

/**
 * Files that another machine writes into a folder which Node-RED can read. Every question has a deadline; while one hangs, no
 * other is asked, since Node.js can have only a few of them under way.
 */
export class PictureFiles {
  private hanging = 0;

  constructor(private readonly ms = PICTURE_MS) {}

  /** What is there under this path now, to tell a new file from it; null: nothing. Rejects with a FileFault. */
  async before(path: string, within: string): Promise<string | null> {
    await this.inside(path, within);
    return (await this.mark(path))?.text ?? null;
  }

  /**
   * The picture, once a file is there that was not there `before` and is written to its end. `within` is the folder it has to
   * lie in, links and all. Rejects with a FileFault.
   */
  async read(path: string, within: string, before: string | null): Promise<ReadPicture> {
    const began = performance.now();
    let last = before;
    let since = began;
    let why = new FileFault('late', 'there is no new file');
    while (performance.now() - began < this.ms) {
      await pause(LOOK_MS);
      const mark = await this.mark(path);
      if (mark === null || mark.text === before) continue;
      if (mark.text !== last) {
        last = mark.text;
        since = performance.now();
        continue;
      }
      if (mark.size > MOST_BYTES)
        throw new FileFault('unreadable', `it is larger than ${MOST_BYTES / 1024 / 1024} MB`);
      const still = performance.now() - since;
      if (mark.size === 0 || still < STABLE_MS) continue;
      await this.inside(path, within);
      const found = await this.contents(path);
      if (found instanceof FileFault) why = found;
      else if (still >= STILL_MS || pictureIsWhole(found.data)) return found;
      else why = new FileFault('late', 'it is not written to its end');
    }
    throw new FileFault(why.fault, `after ${this.ms / 1000} s ${why.message}`);
  }

  /** Remove a file; whether one was there and is gone now. Never rejects. */
  remove(path: string): Promise<boolean> {
    return this.ask(() => unlink(path)).then(
      () => true,
      () => false,
    );
  }

  private async mark(path: string): Promise<{ text: string; size: number } | null> {
    try {
      const is = await this.ask(() => lstat(path));
      if (!is.isFile()) throw new FileFault('unreadable', 'it is no file');
      return { text: [is.size, is.mtimeMs, is.ino].join(' '), size: is.size };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw faultOf(error);
    }
  }

  /** No link in between may lead out of the folder. */
  private async inside(path: string, within: string): Promise<void> {
    const root = await this.real(within, 'root');
    const way = relative(root, await this.real(dirname(path), 'folder'));
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
      throw new FileFault('unreadable', 'a link leads out of the picture folder');
  }

  private async real(folder: string, missing: Fault): Promise<string> {
    try {
      return await this.ask(() => realpath(folder));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new FileFault(missing, `${folder} does not exist`);
      throw faultOf(error);
    }
  }

  /** What is in it; a fault where that can still change: Windows lets nobody in while a program writes. */
  private async contents(path: string): Promise<ReadPicture | FileFault> {
    try {
      const data = await this.ask(() => readRegular(path));
      const format = pictureFormat(data);
      const size = pictureSize(data);
      return format && size
        ? { data, format, ...size }
        : new FileFault('late', 'what is there is no picture');
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (MAY_PASS.has(code)) return faultOf(error);
      throw faultOf(error);
    }
  }

  private async ask<T>(work: () => Promise<T>): Promise<T> {
    if (this.hanging > 0) throw new FileFault('unreadable', 'the folder does not answer');
    const asked = work();
    let late = false;
    const settled = () => void (late && this.hanging--);
    asked.then(settled, settled);
    return withDeadline(asked, DISK_MS, () => {
      late = true;
      this.hanging++;
      return new FileFault('unreadable', `the folder did not answer within ${DISK_MS / 1000} s`);
    });
  }
}

/** The bytes of a plain file, MOST_BYTES of them at most. */
async function readRegular(path: string): Promise<Buffer> {
  const file = await open(path, SAFELY);
  try {
    const is = await file.stat();
    if (!is.isFile()) throw new FileFault('unreadable', 'it is no file');
    const data = Buffer.alloc(Math.min(is.size, MOST_BYTES));
    let had = 0;
    while (had < data.length) {
      const { bytesRead } = await file.read(data, had, data.length - had, had);
      if (bytesRead === 0) break;
      had += bytesRead;
    }
    return data.subarray(0, had);
  } finally {
    await file.close();
  }
}

function faultOf(error: unknown): FileFault {
  if (error instanceof FileFault) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new FileFault('unreadable', REASONS[code ?? ''] ?? code ?? message);
}
