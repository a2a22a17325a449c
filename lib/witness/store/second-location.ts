import { join } from 'node:path';
import { type Files, codeOf, makeFolder, readAll } from '../../durable/files';
import { replaceFile } from '../../durable/replace';

/** Larger files are none of ours. */
const MOST_BYTES = 1024 * 1024;
const LOG_ID = /^[0-9a-f]{32}$/;

/** What this computer remembers of a log, away from its folder. */
export interface Remembered {
  logId: string;
  /** where the log lies */
  folder: string;
  origin: string;
  /** the last checkpoint this computer signed */
  note: string;
  /** the log that goes on where this one ended */
  continuedBy?: string;
}

/**
 * The second location: one file for each log, in a folder of its own. Whoever sets the log's folder back to an older state (or
 * brings back an old copy) does not set this back with it, and is found out.
 */
export class SecondLocation {
  private made = false;

  constructor(
    readonly folder: string,
    private readonly files: Files,
  ) {}

  /** What is remembered of a log; null where nothing is, or nothing readable. @throws the file system's error */
  async read(logId: string): Promise<Remembered | null> {
    try {
      return parse(logId, await readSmall(this.path(logId), this.files));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** Everything remembered. @throws the file system's error */
  async all(): Promise<Remembered[]> {
    let names: string[];
    try {
      names = await this.files.readdir(this.folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
    const found: Remembered[] = [];
    for (const id of ids.filter((one) => LOG_ID.test(one)).sort()) {
      const one = await this.read(id);
      if (one) found.push(one);
    }
    return found;
  }

  /** Remember this instead of what was there; on the disk when it resolves. @throws the file system's error */
  async write(remembered: Remembered): Promise<void> {
    if (!this.made) await makeFolder(this.folder, 0o700, this.files);
    this.made = true;
    const text = `${JSON.stringify(remembered, null, 1)}\n`;
    await replaceFile(this.path(remembered.logId), text, { files: this.files, mode: 0o600 });
  }

  /**
   * Remember that another log goes on where this one ended; nothing where nothing is known of it, or it is known already. Where it cannot be
   * written now, the next opening does it.
   */
  async continued(logId: string, by: string): Promise<void> {
    try {
      const one = await this.read(logId);
      if (one && one.continuedBy !== by) await this.write({ ...one, continuedBy: by });
    } catch {
      // the new log itself says what it goes on from
    }
  }

  private path(logId: string): string {
    return join(this.folder, `${logId}.json`);
  }
}

/** The whole of a file that is known to be small, as text. @throws the file system's error */
export async function readSmall(path: string, files: Files): Promise<string> {
  const file = await files.open(path, 'read');
  try {
    return (await readAll(file, 0, MOST_BYTES)).toString();
  } finally {
    await file.close();
  }
}

function parse(id: string, text: string): Remembered | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { logId, folder, origin, note, continuedBy } = Object(value) as Record<string, unknown>;
  if (logId !== id || typeof folder !== 'string' || typeof origin !== 'string' || typeof note !== 'string')
    return null;
  return { logId: id, folder, origin, note, ...(typeof continuedBy === 'string' && { continuedBy }) };
}
