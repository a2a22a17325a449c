import { join } from 'node:path';
import { AppendFile } from '../../durable/append';
import { type Files, codeOf, readAll } from '../../durable/files';
import { recoverTail } from '../../durable/recover';
import { replaceFile } from '../../durable/replace';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem } from '../format';
import type { Verifier } from '../keys';
import { type Signed, signedBy } from './notes';
import { readSmall } from './second-location';

/** The end of the history holds the last note and whatever a kill left behind it. */
const TAIL_BYTES = 64 * 1024;
/** The last line of signature, and the empty line behind the note; one character a byte. */
const ITEM_END = /^\xe2\x80\x94 [^\n]+\n\n/gm;

/** The newest checkpoint in a folder as it stands there, unverified; null without one. @throws the file system's error */
export async function readCheckpoint(folder: string, files: Files): Promise<string | null> {
  try {
    return await readSmall(join(folder, CHECKPOINT_FILE), files);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** How a history ends. */
export interface HistoryEnd {
  /** bytes up to the end of the last note that this key signed */
  size: number;
  /** that note; null where there is none */
  note: Signed | null;
}

/** Look at the end of a folder's history; nothing is changed. @throws the file system's error */
export async function readHistoryEnd(folder: string, key: Verifier, files: Files): Promise<HistoryEnd> {
  let file;
  try {
    file = await files.open(join(folder, HISTORY_FILE), 'read');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { size: 0, note: null };
    throw error;
  }
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const tail = (await readAll(file, from, size - from)).toString('latin1');
    const { end, note } = lastItem(tail, key);
    return { size: note || from === 0 ? from + end : size, note };
  } finally {
    await file.close();
  }
}

/** Where the last note of this key ends in a history's tail. `tail` is one character a byte, for it may begin within one. */
function lastItem(tail: string, key: Verifier): { end: number; note: Signed | null } {
  const ends = [0, ...[...tail.matchAll(ITEM_END)].map(({ index, 0: item }) => index + item.length)];
  for (let at = ends.length - 1; at > 0; at--) {
    const end = ends[at]!;
    const item = Buffer.from(tail.slice(ends[at - 1], end - 1), 'latin1').toString();
    const note = signedBy(key, item);
    if (note) return { end, note };
  }
  return { end: 0, note: null };
}

/** What is published in the log's own folder: the newest checkpoint, and the history of all. */
export class Published {
  /** whether the history ends with another note than this writer knows of */
  private doubtful = true;

  private constructor(
    private readonly folder: string,
    private readonly key: Verifier,
    private readonly files: Files,
    private history: AppendFile,
  ) {}

  /**
   * For the one who holds the lock. What a kill or a failing disk left behind the last note of this key is cut from the history and kept in
   * a quarantine file.
   * @throws LiveError DURABLE_*, the file system's error
   */
  static async open(folder: string, key: Verifier, files: Files): Promise<Published> {
    return new Published(folder, key, files, await openHistory(folder, key, files));
  }

  /** First into the history, then as the newest. The same note again changes nothing. @throws LiveError DURABLE_*, the file system's error */
  async publish(note: string): Promise<void> {
    if (this.history.failed) {
      await this.history.close().catch(() => undefined);
      this.history = await openHistory(this.folder, this.key, this.files);
    }
    // it may have been tried before, and have got there all the same
    const { folder, key, files } = this;
    const there = this.doubtful && (await readHistoryEnd(folder, key, files)).note?.note === note;
    this.doubtful = true;
    if (!there) await this.history.append(Buffer.from(historyItem(note)));
    await replaceFile(join(folder, CHECKPOINT_FILE), note, { files });
    this.doubtful = false;
  }

  /** @throws (rejects) LiveError DURABLE_*; closed all the same */
  close(): Promise<void> {
    return this.history.close();
  }
}

async function openHistory(folder: string, key: Verifier, files: Files): Promise<AppendFile> {
  const path = join(folder, HISTORY_FILE);
  const { size } = await readHistoryEnd(folder, key, files);
  // what is shown may be in the memory of the system only, after a sync that failed
  const rewriteFrom = Math.max(0, size - TAIL_BYTES);
  await recoverTail(path, { files, from: size, isWhole: () => false, rewriteFrom });
  return AppendFile.open(path, { files, expectedSize: size });
}
