import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * What a file is opened for: `read` and `change` want it to be there, `create` wants it not to be there, `append` wants
 * it there and puts every write behind the end, wherever that is by then.
 */
export type OpenFor = 'read' | 'change' | 'create' | 'append';

export interface FileState {
  /** bytes */
  size: number;
  /** names that lead to it; 0 once it was removed or replaced */
  links: number;
}

/** An open file. Every call rejects with the system's own error (`code` ENOSPC, EIO …). */
export interface OpenFile {
  /** fills `into` from `position` (bytes); gives how many bytes were had, 0 at the end */
  read(into: Uint8Array, position: number): Promise<number>;
  /** gives how many bytes went in, which may be fewer than given; `position` null: behind what is there */
  write(bytes: Uint8Array, position: number | null): Promise<number>;
  /** the bytes, and the size that is needed to find them, are on the disk */
  datasync(): Promise<void>;
  /** the bytes and everything about the file are on the disk */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  stat(): Promise<FileState>;
  close(): Promise<void>;
}

/**
 * The few calls to the file system that everything durable is made of. Others may take their place: the tests play full
 * disks, failing ones and power cuts.
 */
export interface Files {
  open(path: string, use: OpenFor, mode?: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** one folder, whose parent is there */
  mkdir(path: string, mode?: number): Promise<void>;
  /** the names in a folder */
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<FileState>;
  /** the names in a folder are on the disk: a new or renamed file survives a power cut only after this */
  syncFolder(path: string): Promise<void>;
}

const FLAGS: Record<OpenFor, number | string> = {
  read: 'r',
  change: 'r+',
  create: 'wx+',
  append: constants.O_RDWR | constants.O_APPEND,
};

/** Systems that cannot flush a folder (Windows, some network drives) or let nobody open it say one of these. */
const NO_FOLDER_SYNC = new Set([
  'EISDIR',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EBADF',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

function openFile(handle: FileHandle): OpenFile {
  return {
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
    datasync: () => handle.datasync(),
    sync: () => handle.sync(),
    truncate: (size) => handle.truncate(size),
    stat: async () => {
      const { size, nlink } = await handle.stat();
      return { size, links: nlink };
    },
    close: () => handle.close(),
  };
}

/** The file system of this computer. */
export const nodeFiles: Files = {
  open: async (path, use, mode) => openFile(await open(path, FLAGS[use], mode)),
  rename: (from, to) => rename(from, to),
  link: (from, to) => link(from, to),
  unlink: (path) => unlink(path),
  mkdir: (path, mode) => mkdir(path, { mode }).then(() => undefined),
  readdir: (path) => readdir(path),
  stat: async (path) => {
    const { size, nlink } = await stat(path);
    return { size, links: nlink };
  },
  syncFolder: async (path) => {
    try {
      const folder = await open(path, 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch (error) {
      if (!NO_FOLDER_SYNC.has(codeOf(error))) throw error;
    }
  },
};

/** The system's code of an error (`ENOSPC` …), or an empty text. */
export function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  EROFS: 'this disk can only be read',
  EACCES: 'Node-RED may not write there',
  EPERM: 'Node-RED may not write there',
  ENOENT: 'the folder or file is not there',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'there is a folder of this name',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this computer has too many files open',
  ESTALE: 'the network drive is gone',
};

/** A file system's error in plain words, for a sentence of `lib/errors`. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS[code] ?? (code || (error instanceof Error ? error.message : String(error)));
}

/**
 * Write all of it, however often the system takes only a part.
 * @param position where the first byte goes; null: behind what is there
 * @throws the file system's error; some of the bytes may be in the file then
 */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number | null): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const rest = done ? bytes.subarray(done) : bytes;
    const count = await file.write(rest, position === null ? null : position + done);
    if (count <= 0) throw Object.assign(new Error('nothing could be written'), { code: 'EIO' });
    done += count;
  }
}

/**
 * Read `length` bytes from `position`, or fewer where the file ends before.
 * @throws the file system's error
 */
export async function readAll(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let had = 0;
  while (had < length) {
    const count = await file.read(had ? bytes.subarray(had) : bytes, position + had);
    if (count <= 0) break;
    had += count;
  }
  return bytes.subarray(0, had);
}

/**
 * Make a folder and those above it that are missing; each survives a power cut. A folder that is there is left as it is.
 * @param mode permissions of the folders made here, less the process's umask; default 0o777
 * @throws the file system's error
 */
export async function makeFolder(path: string, mode = 0o777, files: Files = nodeFiles): Promise<void> {
  try {
    await files.mkdir(path, mode);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path), mode, files);
      // once: below a link to nowhere, and in /proc, it is missing whatever is there
      await files.mkdir(path, mode).catch((again: unknown) => {
        if (codeOf(again) !== 'EEXIST') throw again;
      });
    } else if (codeOf(error) !== 'EEXIST') {
      // a system that refuses (Windows: EPERM for a drive) may do so for a folder that is there
      await files.stat(path).catch(() => {
        throw error;
      });
      return;
    }
  }
  // also where it was there: the one who made it may have been killed before this
  await files.syncFolder(dirname(path));
}
