import { join } from 'node:path';
import { AppendFile } from '../../durable/append';
import { type Files, codeOf, readAll } from '../../durable/files';
import { recoverTail } from '../../durable/recover';
import { replaceFile } from '../../durable/replace';
import { CHECKPOINT_FILE, HISTORY_FILE, historyItem } from '../format';
import { parseNote } from '../note';
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
  /** bytes of it that are whole notes */
  size: number;
  /** the last of them, unverified; null where there is none */
  note: string | null;
  /** something is behind them */
  torn: boolean;
}

/** Look at the end of a folder's history; nothing is changed. @throws the file system's error */
export async function readHistoryEnd(folder: string, files: Files): Promise<HistoryEnd> {
  let file;
  try {
    file = await files.open(join(folder, HISTORY_FILE), 'read');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { size: 0, note: null, torn: false };
    throw error;
  }
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const tail = (await readAll(file, from, size - from)).toString('latin1');
    const [end, note] = lastItem(tail);
    return { size: end === 0 && from > 0 ? size : from + end, note, torn: end < tail.length };
  } finally {
    await file.close();
  }
}

/** Where the last whole item of a history's tail ends, and its note. `tail` is one character a byte, for it may begin within one. */
function lastItem(tail: string): [number, string | null] {
  let [before, end] = [0, 0];
  for (const match of tail.matchAll(ITEM_END)) {
    before = end;
    end = match.index + match[0].length;
  }
  const note = Buffer.from(tail.slice(before, Math.max(before, end - 1)), 'latin1').toString();
  // what comes before the first item of this piece may be the rest of another one
  return [end, parseNote(note) ? note : null];
}

/** What is published in the log's own folder: the newest checkpoint, and the history of all. */
export class Published {
  /** whether the history ends with another note than this writer knows of */
  private doubtful = true;

  private constructor(
    private readonly folder: string,
    private readonly files: Files,
    private history: AppendFile,
  ) {}

  /**
   * For the one who holds the lock. A note that a kill left unfinished is cut from the history and kept in a quarantine file.
   * @throws LiveError DURABLE_*, the file system's error
   */
  static async open(folder: string, files: Files): Promise<Published> {
    return new Published(folder, files, await openHistory(folder, files));
  }

  /** First into the history, then as the newest. The same note again changes nothing. @throws LiveError DURABLE_*, the file system's error */
  async publish(note: string): Promise<void> {
    if (this.history.failed) {
      await this.history.close().catch(() => undefined);
      this.history = await openHistory(this.folder, this.files);
    }
    // it may have been tried before, and have got there all the same
    const there = this.doubtful && (await readHistoryEnd(this.folder, this.files)).note === note;
    this.doubtful = true;
    if (!there) await this.history.append(Buffer.from(historyItem(note)));
    await replaceFile(join(this.folder, CHECKPOINT_FILE), note, { files: this.files });
    this.doubtful = false;
  }

  /** @throws (rejects) LiveError DURABLE_*; closed all the same */
  close(): Promise<void> {
    return this.history.close();
  }
}

async function openHistory(folder: string, files: Files): Promise<AppendFile> {
  const path = join(folder, HISTORY_FILE);
  const { size, torn } = await readHistoryEnd(folder, files);
  if (torn) await recoverTail(path, { files, from: size, isWhole: () => false });
  return AppendFile.open(path, { files, expectedSize: size });
}
