import { basename, dirname, join } from 'node:path';
import type { Files } from '../../durable/files';
import { codeOf } from '../../durable/files';
import { CHECKPOINT_FILE, HISTORY_FILE, segmentStart } from '../format';

/** The folder in which the log goes on for the `number`th time. */
function numbered(base: string, number: number): string {
  return number === 1 ? base : `${base}.${number}`;
}

/** The folders of a log and of those that go on from it. */
export interface Line {
  /** the newest that holds a log; the first one where none does */
  newest: string;
  /** where the next one goes */
  next: string;
}

/**
 * Where the log that belongs into `base` has got to: `base` itself, `base.2`, `base.3` …
 * @throws the file system's error
 */
export async function lineOf(base: string, files: Files): Promise<Line> {
  const numbers = [1];
  const prefix = `${basename(base)}.`;
  for (const name of await namesIn(dirname(base), files)) {
    const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^(?:[2-9]|[1-9][0-9]{1,5})$/.test(digits)) numbers.push(Number(digits));
  }
  for (const number of numbers.sort((a, b) => b - a)) {
    if (number > 1 && !(await holdsLog(numbered(base, number), files))) continue;
    return { newest: numbered(base, number), next: numbered(base, number + 1) };
  }
  return { newest: base, next: numbered(base, 2) };
}

/** Whether a folder has anything of a log in it. @throws the file system's error */
export async function holdsLog(folder: string, files: Files): Promise<boolean> {
  for (const name of await namesIn(folder, files)) {
    if (name === CHECKPOINT_FILE || name === HISTORY_FILE) return true;
    const start = segmentStart(name);
    if (start === null) continue;
    // an empty file says nothing of any log
    if (start > 0 || (await files.stat(join(folder, name))).size > 0) return true;
  }
  return false;
}

async function namesIn(folder: string, files: Files): Promise<string[]> {
  try {
    return await files.readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
