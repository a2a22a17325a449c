import { basename, resolve } from 'node:path';
import { MOST_LINE_BYTES, parseEntry } from '../entry';
import { contentOf, type LogFolder } from '../folder';
import { segmentName } from '../format';
import { readGenesis } from './genesis';

/** Folders beside a log that are looked at. */
const MOST = 100;

/**
 * The name of the folder beside a log where it goes on.
 * @returns null where none says that it does; what cannot be read says nothing
 */
export async function continuedIn(folder: LogFolder, logId: string): Promise<string | null> {
  const [, base = '', number = '1'] =
    /^(.*?)(?:\.([2-9]|[1-9][0-9]{1,5}))?$/s.exec(basename(resolve(folder.path))) ?? [];
  for (let next = Number(number) + 1; next <= Number(number) + MOST; next++) {
    const name = `${base}.${next}`;
    const beside = folder.beside?.(name);
    if (!beside) return null;
    const begin = await contentOf(beside, segmentName(0), MOST_LINE_BYTES).catch(() => null);
    if (!begin) return null;
    const { entry } = parseEntry(begin.subarray(0, begin.indexOf('\n')));
    const genesis = entry && readGenesis(entry);
    if (genesis?.data?.continues?.logId === logId) return name;
  }
  return null;
}
