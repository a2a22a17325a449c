import { constants } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, reasonOf } from '../durable/files';
import { fail } from '../errors';

/** What stands under a name. Nothing but `file` is ever opened. */
export type ItemKind = 'file' | 'folder' | 'link' | 'other';

/** An open file, for reading. */
export interface LogFile {
  /** bytes, now */
  size(): Promise<number>;
  /** fills `into` from `position` (bytes); gives how many bytes were had, 0 at the end */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A folder of a log as its readers see it: nothing in it is ever changed. */
export interface LogFolder {
  /** where it is, for sentences */
  readonly path: string;
  /** names, in no order; null where there is no such folder */
  list(): Promise<AsyncIterable<{ name: string; kind: ItemKind }> | null>;
  /** null where there is no such name, or no plain file under it */
  open(name: string): Promise<LogFile | null>;
  /** the folder of another name beside this one; without it there is none */
  beside?(name: string): LogFolder;
}

/** Never wait for the other end of a pipe, never follow a link. Windows has neither. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK', 'ENXIO', 'EISDIR']);

/**
 * A folder on this computer.
 * @throws from its calls: LiveError WITNESS_UNREADABLE
 */
export function folderAt(path: string): LogFolder {
  const unreadable = (error: unknown, name: string) =>
    fail('WITNESS_UNREADABLE', { path: name ? join(path, name) : path, reason: reasonOf(error) }, error);
  return {
    path,
    beside: (name) => folderAt(join(dirname(resolve(path)), name)),
    list: async () => {
      try {
        return namesIn(await opendir(path), (error) => unreadable(error, ''));
      } catch (error) {
        if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
        throw unreadable(error, '');
      }
    },
    open: async (name) => {
      try {
        const file = await open(join(path, name), READ_ONLY);
        if (!(await file.stat()).isFile()) {
          await file.close();
          return null;
        }
        const told = async <T>(work: Promise<T>): Promise<T> => {
          try {
            return await work;
          } catch (error) {
            throw unreadable(error, name);
          }
        };
        return {
          size: async () => (await told(file.stat())).size,
          read: async (into, position) => (await told(file.read(into, 0, into.length, position))).bytesRead,
          close: () => file.close(),
        };
      } catch (error) {
        if (NO_FILE.has(codeOf(error))) return null;
        throw unreadable(error, name);
      }
    },
  };
}

async function* namesIn(
  folder: Awaited<ReturnType<typeof opendir>>,
  unreadable: (error: unknown) => Error,
): AsyncGenerator<{ name: string; kind: ItemKind }> {
  try {
    for await (const item of folder) {
      const kind = item.isFile()
        ? 'file'
        : item.isDirectory()
          ? 'folder'
          : item.isSymbolicLink()
            ? 'link'
            : 'other';
      yield { name: item.name, kind };
    }
  } catch (error) {
    throw unreadable(error);
  }
}

/**
 * A folder in memory: what tests and uploads verify.
 * @param files name to content
 */
export function folderOf(files: ReadonlyMap<string, Uint8Array>, path = 'memory'): LogFolder {
  return {
    path,
    list: () => Promise.resolve(namesOf(files)),
    open: (name) => {
      const bytes = files.get(name);
      if (!bytes) return Promise.resolve(null);
      return Promise.resolve({
        size: () => Promise.resolve(bytes.length),
        read: (into, position) => {
          const part = bytes.subarray(position, position + into.length);
          into.set(part);
          return Promise.resolve(part.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a folder on the disk gives them
async function* namesOf(
  files: ReadonlyMap<string, Uint8Array>,
): AsyncGenerator<{ name: string; kind: ItemKind }> {
  for (const name of files.keys()) yield { name, kind: 'file' };
}

/**
 * The whole content of a small file.
 * @param most bytes; of a larger file its beginning comes, one byte more than this
 * @returns null where there is no such file
 */
export async function contentOf(folder: LogFolder, name: string, most: number): Promise<Buffer | null> {
  const file = await folder.open(name);
  if (!file) return null;
  try {
    const bytes = Buffer.alloc(Math.min(most, await file.size()) + 1);
    let had = 0;
    for (let count = 1; count > 0 && had < bytes.length; had += count)
      count = await file.read(bytes.subarray(had), had);
    return bytes.subarray(0, had);
  } finally {
    await file.close();
  }
}
