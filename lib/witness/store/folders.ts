import { basename, dirname, join } from 'node:path';
import type { Files } from '../../durable/files';
import { codeOf } from '../../durable/files';
import { CHECKPOINT_FILE, HISTORY_FILE, segmentStart } from '../format';
import type { Verifier } from '../keys';
import { readGenesis } from '../verify/genesis';
import { firstEntry } from './scan';

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
 * Where the log that belongs into `base` has got to: `base` itself, `base.2`, `base.3` … What is certainly a log by itself, as of a show
 * that is called "main.2" beside "main", is passed over.
 * @throws the file system's error
 */
export async function lineOf(base: string, key: Verifier, files: Files): Promise<Line> {
  const numbers = [1];
  const prefix = `${basename(base)}.`;
  for (const name of await namesIn(dirname(base), files)) {
    const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^(?:[2-9]|[1-9][0-9]{1,5})$/.test(digits)) numbers.push(Number(digits));
  }
  let next = 2;
  for (const number of numbers.sort((a, b) => b - a)) {
    const folder = numbered(base, number);
    if (number > 1 && !(await holdsLog(folder, files))) continue;
    if (number > 1 && (await isOfAnother(folder, key, files))) {
      next = Math.max(next, number + 1);
      continue;
    }
    return { newest: folder, next: numbered(base, Math.max(next, number + 1)) };
  }
  return { newest: base, next: numbered(base, next) };
}

/** Whether the log in a folder has another name and another key, and goes on from none. */
async function isOfAnother(folder: string, key: Verifier, files: Files): Promise<boolean> {
  const first = await firstEntry(folder, files);
  const genesis = first && readGenesis(first).data;
  return !!genesis && !genesis.continues && genesis.origin !== key.name && genesis.vkey !== key.text;
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
