import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface ReplaceOptions {
  /** take the place of a file that is there already; default true */
  overwrite?: boolean;
  /** permissions of the new file, less the process's umask; default 0o666 */
  mode?: number;
}

/** File systems without hard links (FAT, many network drives) say one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES']);

/**
 * Put a whole file in its place, or change nothing: the bytes go to a file beside it and reach the disk before they take
 * the name. Whoever reads `path` finds the old content or the new, never a part. When it fails nothing is left behind.
 * @throws the file system's own error: ENOENT without the folder, EEXIST where the file is there and may not be replaced
 */
export async function replaceFile(
  path: string,
  data: Uint8Array | string,
  options: ReplaceOptions = {},
): Promise<void> {
  const { overwrite = true, mode = 0o666 } = options;
  const folder = dirname(path);
  // a name of its own: that of the file may be as long as names can be
  const beside = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await write(await open(beside, 'wx', mode), data);
    if (overwrite) await rename(beside, path);
    else await takeName(beside, path, mode);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  await flushFolder(folder);
}

async function write(file: FileHandle, data: Uint8Array | string): Promise<void> {
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Give a finished file a name that must be free: a link fails where the name is taken, a rename would not. */
async function takeName(beside: string, path: string, mode: number): Promise<void> {
  try {
    await link(beside, path);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // without links the name is taken by an empty file first, which the finished one then replaces
    await (await open(path, 'wx', mode)).close();
    try {
      await rename(beside, path);
    } catch (failed) {
      await rm(path, { force: true }).catch(() => undefined);
      throw failed;
    }
    return;
  }
  await rm(beside);
}

/** The name itself survives a power cut only once the folder is on the disk; not every system lets a folder be opened. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const opened = await open(folder, 'r');
    try {
      await opened.sync();
    } finally {
      await opened.close();
    }
  } catch {
    // the file is there and whole; this was only for the power cut
  }
}
