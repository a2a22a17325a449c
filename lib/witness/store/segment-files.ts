import { join } from 'node:path';
import type { Files } from '../../durable/files';
import type { LogFile } from '../folder';
import { segmentName, segmentStart } from '../format';

/** A file of entries. */
export interface Segment {
  path: string;
  /** number of its first entry */
  start: number;
}

/** The files of entries in a folder, in order. @throws the file system's error */
export async function segmentsIn(folder: string, files: Files): Promise<Segment[]> {
  const found: Segment[] = [];
  for (const name of await files.readdir(folder)) {
    const start = segmentStart(name);
    if (start !== null) found.push({ path: join(folder, name), start });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** The file whose first entry is `start`. */
export function segmentAt(folder: string, start: number): Segment {
  return { path: join(folder, segmentName(start)), start };
}

/** A file to read lines from. @throws the file system's error, also from its calls */
export async function openToRead(path: string, files: Files): Promise<LogFile> {
  const file = await files.open(path, 'read');
  return {
    size: async () => (await file.stat()).size,
    read: (into, position) => file.read(into, position),
    close: () => file.close(),
  };
}
