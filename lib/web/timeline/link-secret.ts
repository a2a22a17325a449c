import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, reasonOf } from '../../durable/files';
import { replaceFile } from '../../durable/replace';

const BYTES = 32;

/**
 * What the links of one store are signed with, kept in a file of its own so that they outlive a restart. Another one, and no link opens anything. It belongs to
 * one folder of pictures: a store that shows another one since has given nobody a link to it.
 */
export class LinkSecret {
  /** Resolves once what is new is on the disk, or cannot be. */
  written: Promise<void> = Promise.resolve();
  private secret: Buffer;
  private readonly print: string;

  /** `folder`: of the pictures; `warn` hears when the file cannot be read or written: then links end with the process. */
  constructor(
    private readonly path: string,
    folder: string,
    private readonly warn: (sentence: string) => void,
  ) {
    this.print = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    const kept = this.read();
    this.secret = kept ?? randomBytes(BYTES);
    if (!kept) void this.save();
  }

  get(): Buffer {
    return this.secret;
  }

  /** All links that are out end now. Resolves once a restart cannot bring them back, or the disk does not let us. */
  async renew(): Promise<void> {
    this.secret = randomBytes(BYTES);
    await this.save();
  }

  /** One after the other: a write that began before must not end after. */
  private save(): Promise<void> {
    return (this.written = this.written.then(() => this.write()));
  }

  private read(): Buffer | null {
    try {
      const { v, folder, secret } = Object(JSON.parse(readFileSync(this.path, 'utf8'))) as Record<
        string,
        unknown
      >;
      const bytes = v === 1 && typeof secret === 'string' ? Buffer.from(secret, 'base64url') : null;
      if (bytes?.length === BYTES) return folder === this.print ? bytes : null;
      this.warn(`${this.path} is no secret of ours: links that were given out open nothing any more.`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT')
        this.warn(
          `${this.path} cannot be read (${reasonOf(error)}): links that were given out open nothing now.`,
        );
    }
    return null;
  }

  private async write(): Promise<void> {
    const text = JSON.stringify({ v: 1, folder: this.print, secret: this.secret.toString('base64url') });
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await replaceFile(this.path, text, { mode: 0o600 });
    } catch (error) {
      this.warn(`${this.path} cannot be written (${reasonOf(error)}): links end when Node-RED does.`);
    }
  }
}
