import { constants, type Stats } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** More files than vMix ever leaves there: another folder was named. */
const MOST_FILES = 5_000;

export interface LogFile {
  name: string;
  size: number;
  modifiedMs: number;
  /** tells a file from another that took its name */
  identity: string;
}

export interface LogPiece {
  text: string;
  /** where the piece begins and ends in the file */
  from: number;
  to: number;
  size: number;
  identity: string;
}

/** A folder of logs, as it is read. Everything rejects with the fault of the system. */
export interface LogFolder {
  files(): Promise<LogFile[]>;
  /** At most `most` bytes from `from` on; where there are more, the last of them. From the beginning where the file is shorter. */
  piece(name: string, from: number, most: number): Promise<LogPiece>;
}

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

/** A folder on this machine or on a share. Only regular files in it, never what a link points to. */
export class DiskFolder implements LogFolder {
  constructor(private readonly path: string) {}

  async files(): Promise<LogFile[]> {
    const found: LogFile[] = [];
    let seen = 0;
    for await (const entry of await opendir(this.path)) {
      if (++seen > MOST_FILES) throw new Error(`it holds more than ${MOST_FILES} files`);
      if (!entry.isFile()) continue;
      const stats = await lstat(join(this.path, entry.name)).catch(() => null);
      // it may be gone, or something else by now
      if (!stats?.isFile()) continue;
      const { size, mtimeMs: modifiedMs } = stats;
      found.push({ name: entry.name, size, modifiedMs, identity: identityOf(stats) });
    }
    return found;
  }

  async piece(name: string, from: number, most: number): Promise<LogPiece> {
    const path = join(this.path, name);
    // a pipe would be waited for, a link would lead out of the folder; Windows knows neither flag
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants as Partial<typeof constants>;
    if (O_NOFOLLOW === undefined && !(await lstat(path)).isFile()) throw new Error('it is no file');
    const file = await open(path, (O_RDONLY ?? 0) | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new Error('it is no file');
      const begin = Math.max(stats.size < from ? 0 : from, stats.size - most);
      const buffer = Buffer.alloc(Math.min(most, stats.size - begin));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, begin);
      return {
        // nothing but ASCII matters here; a text of two bytes a letter becomes one of one
        text: buffer.toString('latin1', 0, bytesRead).replaceAll('\0', ''),
        from: begin,
        to: begin + bytesRead,
        size: stats.size,
        identity: identityOf(stats),
      };
    } finally {
      await file.close();
    }
  }
}
