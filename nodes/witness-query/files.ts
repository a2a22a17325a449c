import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { NodeAPI } from '../../red/types';
import { codeOf, reasonOf } from '../../lib/durable/files';
import { replaceFile } from '../../lib/durable/replace';
import { fail } from '../../lib/errors';
import { timeText } from '../../lib/production/picture-files';

/**
 * Write a text to a file, whole or not at all; a folder, whose last sign is a slash or that is there already, gets a file with the date in its name.
 * @throws LiveError WITNESS_FILE_EXISTS, WITNESS_FILE_NOT_SAVED
 */
export async function writeText(
  path: string,
  what: { name: string; ending: string },
  pieces: AsyncIterable<string>,
  overwrite: boolean,
  atMs: number,
): Promise<string> {
  const file = (await isFolder(path)) ? join(path, `${timeText(atMs)} ${what.name}.${what.ending}`) : path;
  try {
    await replaceFile(file, bytesOf(pieces), { overwrite });
    return file;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fail('WITNESS_FILE_EXISTS', { path: file }, error);
    if (codeOf(error) === '') throw error;
    throw fail('WITNESS_FILE_NOT_SAVED', { what: what.name, path: file, reason: reasonOf(error) }, error);
  }
}

/** A path as the file nodes have it: the folder of the settings file counts for one that does not begin at the root. */
export function wholePath(RED: NodeAPI, path: string): string {
  const { fileWorkingDirectory: folder } = RED.settings as { fileWorkingDirectory?: unknown };
  if (isAbsolute(path)) return path;
  // a slash at its end says that it is a folder
  return `${resolve(typeof folder === 'string' && folder ? folder : '.', path)}${/[\\/]$/.test(path) ? sep : ''}`;
}

/**
 * Nothing is written among the files of these folders, whatever links lead there.
 * @throws (rejects) LiveError INPUT_INVALID
 */
export async function mustBeOutside(path: string, folders: readonly string[]): Promise<void> {
  const wanted = await realPath(path);
  for (const folder of folders)
    if (`${wanted}${sep}`.startsWith(`${await realPath(folder)}${sep}`))
      throw fail('INPUT_INVALID', {
        field: 'path',
        reason: 'it is inside a folder of the witness log, which nothing else may change',
      });
}

/** Where a path really leads, with what of it is not there yet as it is written. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch {
    const above = dirname(whole);
    return above === whole ? whole : join(await realPath(above), basename(whole));
  }
}

async function isFolder(path: string): Promise<boolean> {
  if (/[\\/]$/.test(path)) {
    await mkdir(path, { recursive: true }).catch(() => undefined);
    return true;
  }
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function* bytesOf(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let waiting = '';
  for await (const piece of pieces) {
    waiting += piece;
    if (waiting.length < 65_536) continue;
    yield Buffer.from(waiting);
    waiting = '';
  }
  if (waiting) yield Buffer.from(waiting);
}
