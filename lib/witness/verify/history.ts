import type { LogFile, LogFolder } from '../folder';
import { HISTORY_FILE } from '../format';
import { utf8Text } from '../text';
import { MOST_NOTE_BYTES } from './signed';

const CHUNK_BYTES = 64 * 1024;
/** Two line breaks end the text of a note, and two more the note. */
const PAUSE = '\n\n';

/** The beginning of a note and the empty line behind it, as it may break off anywhere; one character a byte. */
const BEGINNING =
  /^[^\n]*(?:\n[0-9]*(?:\n[A-Za-z0-9+/]*=?(?:\n(?:\n(?:\xe2\x80\x94 [^ \n]+ [A-Za-z0-9+/]+={0,2}\n)*(?:\xe2(?:\x80(?:\x94(?: (?:[^ \n]+(?: [A-Za-z0-9+/]*={0,2})?)?)?)?)?)?)?)?)?)?$/;

/** A checkpoint as it stands in the history. */
export interface HistoryItem {
  note: string;
  /** bytes from the start of the file */
  offset: number;
  /** the file ends inside it, as a crash leaves it */
  torn: boolean;
}

/** The history of a log's checkpoints, one at a time, as it was when it was opened. */
export class History {
  private text = Buffer.alloc(0);
  private position = 0;
  /** of `text` in the file */
  private offset = 0;

  private constructor(
    private readonly file: LogFile,
    private readonly end: number,
  ) {}

  /** null where there is none. */
  static async open(folder: LogFolder): Promise<History | null> {
    const file = await folder.open(HISTORY_FILE);
    return file && new History(file, await file.size());
  }

  /** The next one; null after the last. What is longer than any checkpoint is cut: it is none anyway. */
  async next(): Promise<HistoryItem | null> {
    for (;;) {
      const pause = this.text.indexOf(PAUSE);
      const end = pause < 0 ? -1 : this.text.indexOf(PAUSE, pause + PAUSE.length);
      if (end >= 0) return this.take(end + PAUSE.length, 'whole');
      if (this.text.length > MOST_NOTE_BYTES) return this.take(this.text.length, 'wrong');
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, this.end - this.position));
      const count = chunk.length === 0 ? 0 : await this.file.read(chunk, this.position);
      if (count === 0) {
        if (this.text.length === 0) return null;
        return this.take(this.text.length, BEGINNING.test(this.text.toString('latin1')) ? 'torn' : 'wrong');
      }
      this.position += count;
      this.text = Buffer.concat([this.text, chunk.subarray(0, count)]);
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private take(length: number, how: 'whole' | 'torn' | 'wrong'): HistoryItem {
    const { offset } = this;
    // the empty line behind a note is not its own
    const note = utf8Text(this.text.subarray(0, how === 'whole' ? length - 1 : length));
    this.text = this.text.subarray(length);
    this.offset += length;
    return { note, offset, torn: how === 'torn' };
  }
}
