import { join } from 'node:path';
import { codeOf, readAll, reasonOf, type Files } from '../../durable/files';
import { replaceFile } from '../../durable/replace';
import { fail } from '../../errors';
import { parseCheckpoint, type Checkpoint } from '../checkpoint';
import { historyItem } from '../format';
import type { Verifier } from '../keys';
import { parseNote } from '../note';
import { sha256 } from '../tree';
import { verifyCosignature } from './cosignature';

/** A cosigned checkpoint is a kilobyte; nothing that was written here is larger. */
const MOST_BYTES = 1_000_000;

/** The latest checkpoint of a log that was cosigned. */
export interface Cosigned extends Checkpoint {
  /** the note with the log's signatures and the cosigner's */
  note: string;
  /** seconds since 1970 */
  at: number;
}

/** How the address of a log's checkpoint at a cosigner calls the log. Source: C2SP tlog-witness, monitor retrieval. */
export function originHash(origin: string): string {
  return sha256(Buffer.from(origin)).toString('hex');
}

/**
 * What a cosigner remembers: one signed note for each log, in a file of its own that is replaced as a whole. The note carries the
 * cosigner's own signature, so that a file with a changed byte is noticed and never taken for a beginning.
 */
export class CosignerMemory {
  constructor(
    private readonly folder: string,
    private readonly own: Verifier,
    private readonly files: Files,
  ) {}

  /**
   * The latest that was cosigned; null where nothing was.
   * @throws LiveError WITNESS_COSIGN_STATE where the file cannot be read, or is not what this cosigner wrote
   */
  async load(origin: string): Promise<Cosigned | null> {
    const path = this.path(origin);
    let note: string;
    try {
      note = await this.read(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw fail('WITNESS_COSIGN_STATE', { path, reason: reasonOf(error) }, error);
    }
    const found = this.understand(note);
    if (found?.origin !== origin)
      throw fail('WITNESS_COSIGN_STATE', { path, reason: 'it is not what was written there' });
    return found;
  }

  /**
   * Put a cosigned note in the place of the one before it. On the disk when it resolves.
   * @throws the file system's error; the new one may be there all the same
   */
  async save({ origin, note }: Cosigned): Promise<void> {
    await replaceFile(this.path(origin), note, { files: this.files });
  }

  /**
   * Keep a refused checkpoint beside the one that was cosigned, as evidence against the log: both are signed by it. Of the same size they prove
   * the fork to anybody, and the first such pair stays; of other sizes the newest is kept.
   * @returns the file
   * @throws the file system's error
   */
  async accuse({ origin, size, note: known }: Cosigned, note: string, refused: number): Promise<string> {
    const path = this.path(origin, refused === size ? 'forked' : 'refused');
    const text = historyItem(known) + historyItem(note);
    await replaceFile(path, text, { files: this.files, overwrite: refused !== size }).catch(
      (error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      },
    );
    return path;
  }

  private path(origin: string, what = 'checkpoint'): string {
    // the key is part of the name: another key is another cosigner, which has promised nothing yet
    return join(this.folder, `${this.own.id.toString('hex')}-${originHash(origin)}.${what}`);
  }

  private async read(path: string): Promise<string> {
    const file = await this.files.open(path, 'read');
    try {
      const { size } = await file.stat();
      return (await readAll(file, 0, Math.min(size, MOST_BYTES))).toString('utf8');
    } finally {
      await file.close();
    }
  }

  private understand(note: string): Cosigned | null {
    const parsed = parseNote(note);
    const checkpoint = parsed && parseCheckpoint(parsed.text);
    if (!checkpoint) return null;
    for (const { name, id, signature } of parsed.signatures) {
      if (name !== this.own.name || !id.equals(this.own.id)) continue;
      const signed = verifyCosignature(this.own, parsed.text, signature);
      if (signed) return { ...checkpoint, note, at: signed.at };
    }
    return null;
  }
}
