import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Files, type OpenFile, codeOf, nodeFiles, writeAll } from './files';

export interface ReplaceOptions {
  /** take the place of a file that is there already; default true */
  overwrite?: boolean;
  /** permissions of the new file, less the process's umask; default 0o666 */
  mode?: number;
  files?: Files;
}

/** File systems without hard links (FAT, many network drives) say one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES']);
const BESIDE = /^\.[0-9a-f]{16}\.tmp$/;

/** A name that nothing else has, for a file on its way: of its own, since that of the file may be as long as names can be. */
export function nameBeside(folder: string): string {
  return join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Put a whole file in its place, or change nothing: the bytes go to a file beside it and reach the disk before they take
 * the name. Whoever reads `path` finds the old content or the new, never a part. When it fails nothing is left behind.
 * Resolves when the new name is on the disk too, where the file system can say so.
 * @throws the file system's own error: ENOENT without the folder, EEXIST where the file is there and may not be replaced
 */
export async function replaceFile(
  path: string,
  data: Uint8Array | string | AsyncIterable<Uint8Array>,
  options: ReplaceOptions = {},
): Promise<void> {
  const { overwrite = true, mode = 0o666, files = nodeFiles } = options;
  const folder = dirname(path);
  const beside = nameBeside(folder);
  try {
    await write(await files.open(beside, 'create', mode), data);
    if (overwrite) await files.rename(beside, path);
    else await takeName(beside, path, mode, files);
  } catch (error) {
    await files.unlink(beside).catch(() => undefined);
    throw error;
  }
  await files.syncFolder(folder);
}

/**
 * Remove what a process that was killed in the middle of `replaceFile` left in a folder. Only for the one who holds the folder's lock:
 * others may be at work there.
 * @throws the file system's error
 */
export async function removeLeftovers(folder: string, files: Files = nodeFiles): Promise<void> {
  for (const name of await files.readdir(folder)) {
    if (!BESIDE.test(name)) continue;
    await files.unlink(join(folder, name)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
}

async function write(file: OpenFile, data: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<void> {
  try {
    let position = 0;
    const parts = typeof data === 'string' ? [Buffer.from(data)] : data instanceof Uint8Array ? [data] : data;
    for await (const part of parts) {
      await writeAll(file, part, position);
      position += part.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Give a finished file a name that must be free: a link fails where the name is taken, a rename would not. */
async function takeName(beside: string, path: string, mode: number, files: Files): Promise<void> {
  try {
    await files.link(beside, path);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error;
    // without links the name is taken by an empty file first, which the finished one then replaces
    await (await files.open(path, 'create', mode)).close();
    try {
      await files.rename(beside, path);
    } catch (failed) {
      await files.unlink(path).catch(() => undefined);
      throw failed;
    }
    return;
  }
  await files.unlink(beside);
}
