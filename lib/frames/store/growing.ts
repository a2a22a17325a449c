import { hash } from 'node:crypto';
import { join } from 'node:path';
import { AppendFile } from '../../durable/append';
import { type Files, makeFolder } from '../../durable/files';
import { type ChainNote, type Head, type Run, addLine, endsOf, newest } from './chain';
import type { HourContent } from './hour';
import { loadHour } from './hour-file';
import { INDEX, PARQUET, SUMMARY, hourFolder } from './layout';
import { NO_HASH } from './line';
import { type OpenedStream, recoverHour } from './opening';
import { smallBytesIn } from './pictures';
import { type Summary, stateOf, summaryOf, writeChain, writeSummary } from './summary';
import type { KeptFrame } from './types';

/** What a stream tells its store. */
export interface StreamHooks {
  files: Files;
  /** makes what an hour has besides its lines, and gives its bytes; null: nothing */
  parquet: (content: HourContent, folder: string) => Promise<number | null>;
  /** an hour's lines changed, or are gone */
  changed: (hour: number) => void;
  /** what went wrong beside: nobody waits for it */
  warn: (error: unknown) => void;
}

/** The lines of one stream's hours, and the only writer of them: one of the hours grows. */
export class GrowingHour {
  hours: Set<number>;
  /** the newest kept picture */
  last: KeptFrame | null;
  /** the hour that grows: its lines as they are in the file */
  content: HourContent | null;
  readonly summaries = new Map<number, Summary>();
  /** the newest line that is on the disk */
  durable: Head | null;
  removed: Run[];

  /** the newest line that the chain note tells of */
  protected noted: Head | null;
  protected head: Head | null;
  protected file: AppendFile | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  protected failedAt = -Infinity;
  protected failure: Error | null = null;
  /** closed: the folder may be another's by now */
  protected over = false;

  constructor(
    readonly root: string,
    readonly stream: string,
    found: OpenedStream,
    protected readonly hooks: StreamHooks,
  ) {
    this.hours = new Set(found.hours);
    this.head = this.durable = found.head;
    this.noted = found.chain?.head ?? null;
    this.removed = found.chain?.removed ?? [];
    this.content = found.newest;
    this.last = found.newest?.frames.at(-1) ?? null;
  }

  folder(hour: number): string {
    return hourFolder(this.root, this.stream, hour);
  }

  /** One change after the other, whether or not the one before went well. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(change);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Make the lines of this hour the ones that grow, the hour before released. In turn only. @throws the file system's error, LiveError DURABLE_* */
  protected async open(hour: number): Promise<void> {
    if (this.over) throw new Error('the store was closed');
    const { files } = this.hooks;
    const folder = this.folder(hour);
    try {
      await makeFolder(folder, 0o700, files);
      // an hour that grows has no summary: whoever opens the store after a kill reads it
      for (const name of [SUMMARY, PARQUET]) await files.unlink(join(folder, name)).catch(() => undefined);
      this.summaries.delete(hour);
      if (this.failure || this.content?.hour !== hour) await this.reread(hour);
      const content = this.content!;
      this.file = await AppendFile.open(join(folder, INDEX), {
        files,
        mode: 0o600,
        expectedSize: content.size,
        onFailure: (error) => this.failed(error),
      });
      this.hours.add(hour);
      this.failure = null;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** The lines of an hour as the disk has them, and what is known beyond them: until when they were seen. */
  private async reread(hour: number): Promise<void> {
    const known = new Map(this.content?.frames.map((frame) => [frame.id, frame]));
    const found = await recoverHour(
      this.root,
      this.stream,
      hour,
      this.hooks.files,
      this.failure ? 0 : undefined,
    );
    found.frames = found.frames.map((frame) => known.get(frame.id) ?? frame);
    found.small = await smallBytesIn(this.folder(hour));
    const same = this.content?.hour === hour;
    this.content = found;
    if (same && this.last && !found.frames.includes(this.last)) this.last = found.frames.at(-1) ?? null;
    if (this.failure) this.head = this.durable;
    this.head = this.durable = newest([this.head, ...endsOf(found.runs)]);
  }

  private failed(error: unknown): void {
    this.failure = error instanceof Error ? error : new Error(String(error));
    this.failedAt = performance.now();
  }

  /** Hand a line to the disk, in the chain behind the one before. */
  protected append(line: (place: { n: number; prev: string }) => string): Promise<void> {
    const n = (this.head?.n ?? -1) + 1;
    const prev = this.head?.hash ?? NO_HASH;
    const bytes = Buffer.from(line({ n, prev }));
    const head = { n, hash: hash('sha256', bytes.subarray(0, -1), 'hex') };
    const content = this.content!;
    const done = this.file!.append(bytes);
    this.head = head;
    content.lines++;
    content.size += bytes.length;
    addLine(content.runs, n, prev, head.hash);
    return done.then(() => void (this.durable = head));
  }

  /** Close the file that grows. Its lines stay known. */
  protected async release(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.close();
  }

  /** Note down what an hour has, since nothing more comes to it. In turn only. */
  protected async seal(hour: number, known: HourContent | null = null): Promise<void> {
    if (this.over || !this.hours.has(hour) || (this.file && this.content?.hour === hour)) return;
    const { files, parquet } = this.hooks;
    const folder = this.folder(hour);
    const content = known ?? (await loadHour(this.root, this.stream, hour, true));
    content.small ??= await smallBytesIn(folder);
    await this.note({ head: this.durable, removed: this.removed });
    const { changedMs } = await stateOf(folder);
    const made = content.badLines > 0 ? null : await parquet(content, folder);
    const summary = summaryOf(content, changedMs, made);
    if (!summary) return;
    await writeSummary(folder, summary, files);
    this.summaries.set(hour, summary);
    this.hooks.changed(hour);
  }

  protected async note(chain: ChainNote): Promise<void> {
    await writeChain(join(this.root, this.stream), chain, this.hooks.files);
    this.noted = chain.head;
  }
}
