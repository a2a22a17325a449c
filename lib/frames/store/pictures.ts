/** The picture files of a store: written so that they survive, and read so that only what was kept is given. */
import { hash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Files, codeOf, makeFolder, writeAll } from '../../durable/files';
import { fail } from '../../errors';
import { readPlain } from './hour-file';
import { INDEX, hourFolder, pictureIn, pictureName, smallName } from './layout';
import type { KeptFrame } from './types';

/** More than any JPEG of 8K. */
const LARGEST = 64 * 1024 * 1024;
/** More than any that is 160 points wide. */
const LARGEST_SMALL = 1024 * 1024;
const [BEGINS, ENDS] = [0xffd8, 0xffd9];

/** Makes the names in one folder durable; those that come while the disk is busy share the next turn. */
class FolderSync {
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;

  constructor(
    private readonly folder: string,
    private readonly files: Files,
  ) {}

  sync(): Promise<void> {
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.running = this.next!;
        this.next = null;
        return this.files.syncFolder(this.folder);
      });
    return this.next;
  }
}

/** Writes the pictures of one stream. */
export class PictureWriter {
  private hour = NaN;
  private ready: Promise<FolderSync> | null = null;

  constructor(
    private readonly root: string,
    private readonly stream: string,
    private readonly files: Files,
  ) {}

  /** The folders are made anew for the next picture: they were removed. */
  forget(): void {
    this.ready = null;
  }

  /**
   * Write a picture, its name too, to the disk; and the small one beside it, which nobody waits for the disk with.
   * @returns bytes of the small one, 0 where there is none: that is no fault
   * @throws the file system's error; EEXIST where one of this name is there
   */
  async write(
    { at, seq }: { at: number; seq: number },
    hour: number,
    jpeg: Uint8Array,
    small: Uint8Array | null,
  ): Promise<number> {
    const folder = hourFolder(this.root, this.stream, hour);
    const sync = await this.folder(hour, folder);
    const path = join(folder, pictureName(at, seq));
    const file = await this.files.open(path, 'create', 0o600);
    // in the time that the disk takes for the picture
    const beside = small ? this.writeSmall(join(folder, smallName(at, seq)), small) : Promise.resolve(0);
    try {
      try {
        await writeAll(file, jpeg, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      const bytes = await beside;
      await sync.sync();
      return bytes;
    } catch (error) {
      await beside;
      await this.remove({ at, seq }, hour);
      throw error;
    }
  }

  /** Whether the file of a picture is there. Never rejects. */
  async isThere({ at, seq }: { at: number; seq: number }, hour: number): Promise<boolean> {
    const path = join(hourFolder(this.root, this.stream, hour), pictureName(at, seq));
    return await this.files.stat(path).then(
      () => true,
      () => false,
    );
  }

  /** Remove a picture that no line tells of, and its small one. Never rejects. */
  async remove({ at, seq }: { at: number; seq: number }, hour: number): Promise<void> {
    const folder = hourFolder(this.root, this.stream, hour);
    for (const name of [smallName(at, seq), pictureName(at, seq)])
      await this.files.unlink(join(folder, name)).catch(() => undefined);
  }

  /** A torn one is seen when it is read, so that it need not be flushed. Never rejects. */
  private async writeSmall(path: string, small: Uint8Array): Promise<number> {
    const create = () => this.files.open(path, 'create', 0o600);
    try {
      const file = await create().catch(async () => {
        // left behind by a mending that took its picture away
        await this.files.unlink(path);
        return await create();
      });
      try {
        await writeAll(file, small, 0);
      } finally {
        await file.close();
      }
      return small.length;
    } catch {
      await this.files.unlink(path).catch(() => undefined);
      return 0;
    }
  }

  private folder(hour: number, folder: string): Promise<FolderSync> {
    if (this.ready && this.hour === hour) return this.ready;
    this.hour = hour;
    const ready = this.make(folder);
    ready.catch(() => {
      if (this.ready === ready) this.ready = null;
    });
    return (this.ready = ready);
  }

  /** The index comes before the first picture: a folder of pictures without one is nothing that a kill could leave. */
  private async make(folder: string): Promise<FolderSync> {
    await makeFolder(folder, 0o700, this.files);
    try {
      await (await this.files.open(join(folder, INDEX), 'create', 0o600)).close();
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return new FolderSync(folder, this.files);
  }
}

/**
 * The bytes of a kept picture, checked against its hash.
 * @throws LiveError FRAMES_UNKNOWN: its file is gone; FRAMES_CHANGED: it is another one
 */
export async function readPicture(root: string, frame: KeptFrame, hour: number): Promise<Buffer> {
  const { id, stream, at, seq, bytes, sha256 } = frame;
  const path = join(hourFolder(root, stream, hour), pictureName(at, seq));
  const jpeg = await readPlain(path, LARGEST).catch((error: unknown) => {
    throw whatIsWrong(error, id);
  });
  if (jpeg.length !== bytes || hash('sha256', jpeg, 'hex') !== sha256) throw fail('FRAMES_CHANGED', { id });
  return jpeg;
}

/**
 * The small one of a kept picture; null where there is none that is whole. Given only where the picture itself is there with as many bytes as
 * its line says. Its hash is not worked out for this: that would read everything that a screen full of small ones is to spare.
 * @throws LiveError FRAMES_UNKNOWN: the file of the picture is gone; FRAMES_CHANGED: it is another one
 */
export async function readSmall(root: string, frame: KeptFrame, hour: number): Promise<Buffer | null> {
  const { id, stream, at, seq, bytes } = frame;
  const folder = hourFolder(root, stream, hour);
  const picture = await lstat(join(folder, pictureName(at, seq))).catch((error: unknown) => {
    throw whatIsWrong(error, id);
  });
  if (!picture.isFile() || picture.size !== bytes) throw fail('FRAMES_CHANGED', { id });
  const small = await readPlain(join(folder, smallName(at, seq)), LARGEST_SMALL).catch(() => null);
  const whole =
    small &&
    small.length > 4 &&
    small.readUInt16BE(0) === BEGINS &&
    small.readUInt16BE(small.length - 2) === ENDS;
  return whole ? small : null;
}

/** What a file that cannot be read as a picture says of it. */
function whatIsWrong(error: unknown, id: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return fail('FRAMES_UNKNOWN', { id }, error);
  // a link, a folder, or something huge in its place
  if (code === 'ELOOP' || code === 'EISDIR' || code === 'EFBIG') return fail('FRAMES_CHANGED', { id }, error);
  return error;
}

/** Bytes of the small pictures in an hour's folder. Never rejects. */
export async function smallBytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder).catch(() => []))
    if (pictureIn(name)?.small)
      sum += await lstat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      );
  return sum;
}
