import { join, resolve } from 'node:path';
import { now } from '../connection/clock';
import { withDeadline } from '../connection/deadline';
import { replaceFile } from '../durable/replace';
import { fail, type LiveError } from '../errors';
import type { PictureFormat } from './pictures';

const HERE = 'the computer Node-RED runs on';
/** A network drive that is gone lets a write hang for ever. */
const WRITE_MS = 20_000;
/** File systems take 255 bytes for a name; date, time and ending need 35 of them. */
const LONGEST_SOURCE = 120;
const MOST_OF_ONE_NAME = 100;
/** The name of a file that is a picture; anything else is a folder. */
const PICTURE_FILE = /[^\\/]\.(jpe?g|png)$/i;

const REASONS: Record<string, string> = {
  EACCES: 'Node-RED may not write there',
  EPERM: 'Node-RED may not write there',
  EROFS: 'this disk can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  EISDIR: 'there is a folder of this name',
};

let lastStampMs = 0;

/** A time for a file's name, in milliseconds: never the same one twice. */
function stamp(): number {
  lastStampMs = Math.max(Math.trunc(now()), lastStampMs + 1);
  return lastStampMs;
}

/** Local date and time as it may stand in a file's name on any system. */
export function timeText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}-${two(at.getMilliseconds(), 3)}`;
  return `${date} ${time}`;
}

/** A name of something in the application as part of a file's name: nothing in it leads to another folder. */
export function safeName(name: string): string {
  const clean = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(/[<>:"/\\|?*]/g, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  let kept = '';
  for (const letter of clean) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(letter) > LONGEST_SOURCE) break;
    kept += letter;
  }
  return kept.trim() || 'picture';
}

/** A file name for a picture of `source` at `atMs` (milliseconds since 1970), in local time. */
export function pictureName(source: string, format: PictureFormat, atMs = stamp()): string {
  return `${timeText(atMs)} ${safeName(source)}.${format}`;
}

/** Whether a path names a file; throws INPUT_INVALID where that file would be of another format. */
function isFile(path: string, format: PictureFormat): boolean {
  const ending = PICTURE_FILE.exec(path)?.[1]?.toLowerCase();
  if (ending !== undefined && (ending === 'png') !== (format === 'png'))
    throw fail('INPUT_INVALID', {
      field: 'path',
      reason: `a ${format} belongs in a file that ends with .${format}, not .${ending}`,
    });
  return ending !== undefined;
}

/**
 * Write a picture on this computer, whole or not at all: `path` is a file where it ends as a picture does, else a folder,
 * in which it gets a name of its own. The answer is the path. Rejects with PICTURE_FOLDER_MISSING, PICTURE_FILE_EXISTS
 * and PICTURE_NOT_SAVED.
 */
export async function writePicture(
  path: string,
  picture: { data: Buffer; source: string; format: PictureFormat },
  overwrite: boolean,
): Promise<string> {
  const whole = resolve(path);
  const named = isFile(path, picture.format);
  for (let attempt = 1; ; attempt++) {
    const file = named ? whole : join(whole, pictureName(picture.source, picture.format));
    try {
      await withDeadline(replaceFile(file, picture.data, { overwrite: named && overwrite }), WRITE_MS, () =>
        fail('PICTURE_NOT_SAVED', { path: file, reason: `it took longer than ${WRITE_MS / 1000} s` }),
      );
      return file;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // another Node-RED may have put a picture of the same millisecond there
      if (code === 'EEXIST' && !named && attempt < MOST_OF_ONE_NAME) continue;
      throw writeFault(error, file, named ? resolve(whole, '..') : whole);
    }
  }
}

/** Throws what `writePicture` would say of this path and format whatever the disk says. */
export function checkPath(path: string, format: PictureFormat): void {
  isFile(path, format);
}

function writeFault(error: unknown, path: string, folder: string): LiveError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'PICTURE_NOT_SAVED') return error as LiveError;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return fail('PICTURE_FOLDER_MISSING', { folder, machine: HERE }, error);
  if (code === 'EEXIST') return fail('PICTURE_FILE_EXISTS', { path }, error);
  return fail('PICTURE_NOT_SAVED', { path, reason: REASONS[code ?? ''] ?? code ?? message }, error);
}

/**
 * The file on the application's own machine for each source. Its disk cannot be looked at from here, so a file name is
 * taken only where a file that is there may be replaced. Throws INPUT_INVALID.
 */
export function pathThere(
  path: string,
  format: PictureFormat,
  overwrite: boolean,
  application: string,
): (source: string) => string {
  const windows = /^([A-Za-z]:[\\/]|\\\\)/.test(path);
  if (!windows && !path.startsWith('/'))
    throw fail('INPUT_INVALID', {
      field: 'path',
      reason: `"${path}" does not begin at the root of the ${application} computer, as /srv/pictures or C:\\pictures does, and would end up wherever ${application} was started`,
    });
  if (isFile(path, format)) {
    if (!overwrite)
      throw fail('INPUT_INVALID', {
        field: 'path',
        reason: `${application} replaces a file without asking. Allow the node to overwrite files, or give a folder, in which every picture gets a name of its own`,
      });
    return () => path;
  }
  const folder = path.replace(windows ? /[\\/]+$/ : /\/+$/, '');
  return (source) => `${folder}${windows ? '\\' : '/'}${pictureName(source, format)}`;
}
