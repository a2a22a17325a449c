/** The picture files of a store: written so that they survive, and read so that only what was kept is given. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { type Files, codeOf, makeFolder, writeAll } from '../../durable/files';
import { fail } from '../../errors';
import { readPlain } from './hour';
import { INDEX, hourFolder, pictureName } from './layout';
import type { KeptFrame } from './types';

/** More than any JPEG of 8K. */
const LARGEST = 64 * 1024 * 1024;

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
   * Write a picture, its name too, to the disk.
   * @throws the file system's error; EEXIST where one of this name is there
   */
  async write({ at, seq }: { at: number; seq: number }, hour: number, jpeg: Uint8Array): Promise<void> {
    const folder = hourFolder(this.root, this.stream, hour);
    const sync = await this.folder(hour, folder);
    const path = join(folder, pictureName(at, seq));
    const file = await this.files.open(path, 'create', 0o600);
    try {
      try {
        await writeAll(file, jpeg, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await sync.sync();
    } catch (error) {
      await this.files.unlink(path).catch(() => undefined);
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

  /** Remove a picture that no line tells of. Never rejects. */
  async remove({ at, seq }: { at: number; seq: number }, hour: number): Promise<void> {
    const path = join(hourFolder(this.root, this.stream, hour), pictureName(at, seq));
    await this.files.unlink(path).catch(() => undefined);
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
  let jpeg: Buffer;
  try {
    jpeg = await readPlain(path, LARGEST);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw fail('FRAMES_UNKNOWN', { id }, error);
    // a link, a folder, or something huge in its place
    if (code === 'ELOOP' || code === 'EISDIR' || code === 'EFBIG')
      throw fail('FRAMES_CHANGED', { id }, error);
    throw error;
  }
  if (jpeg.length !== bytes || hash('sha256', jpeg, 'hex') !== sha256) throw fail('FRAMES_CHANGED', { id });
  return jpeg;
}
