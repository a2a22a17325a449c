import { hash } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppendFile } from '../../durable/append';
import { type Files, codeOf, makeFolder } from '../../durable/files';
import { type ChainNote, type Head, type Run, addLine, endsOf, joined, newest } from './chain';
import { type HourContent, addFrame, emptyHour, loadHour } from './hour';
import { INDEX, PARQUET, SUMMARY, hourFolder, hourOf } from './layout';
import { NO_HASH, frameLine, seenLine } from './line';
import { type OpenedStream, openStream, recoverHour, vanish } from './opening';
import { PictureWriter } from './pictures';
import {
  type Summary,
  lastUntil,
  readSummary,
  stateOf,
  summaryOf,
  writeChain,
  writeSummary,
} from './summary';
import type { KeptFrame } from './types';

/** After a disk has failed it is asked again so long later, ms. */
const AGAIN_MS = 1000;

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

/**
 * The lines and pictures of one stream, and the only writer of them. All changes are made one after the other (`turn`); pictures are
 * written beside, and lines wait for the disk together.
 */
export class StreamFiles {
  hours: Set<number>;
  /** the newest kept picture */
  last: KeptFrame | null;
  grid: Buffer | null = null;
  /** the hour that grows: its lines as they are in the file */
  content: HourContent | null;
  readonly summaries = new Map<number, Summary>();
  /** the newest line that is on the disk */
  durable: Head | null;
  removed: Run[];

  private head: Head | null;
  private file: AppendFile | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly pictures: PictureWriter;
  private unsaid = false;
  private failedAt = -Infinity;
  private failure: Error | null = null;

  constructor(
    readonly root: string,
    readonly stream: string,
    found: OpenedStream,
    private readonly hooks: StreamHooks,
  ) {
    this.hours = new Set(found.hours);
    this.head = this.durable = found.head;
    this.removed = found.chain?.removed ?? [];
    this.content = found.newest;
    this.last = found.newest?.frames.at(-1) ?? null;
    this.pictures = new PictureWriter(root, stream, hooks.files);
    for (const hour of found.unclosed) void this.inTurn(() => this.seal(hour)).catch(hooks.warn);
  }

  /** Open a stream from its folder, which may be missing. @throws the file system's error, LiveError DURABLE_RECOVERY_FAILED */
  static async open(root: string, stream: string, hooks: StreamHooks): Promise<StreamFiles> {
    await makeFolder(join(root, stream), 0o700, hooks.files);
    return new StreamFiles(root, stream, await openStream(root, stream, hooks.files), hooks);
  }

  folder(hour: number): string {
    return hourFolder(this.root, this.stream, hour);
  }

  /** Keep a picture; on the disk when this resolves. @throws the file system's error, LiveError DURABLE_* */
  async put(frame: KeptFrame, jpeg: Buffer, grid: Buffer | null): Promise<void> {
    const hour = hourOf(frame.at);
    const picture = this.picture(frame, hour, jpeg);
    picture.catch(() => undefined);
    const { done, mine } = await this.inTurn(async () => {
      await picture;
      await this.growing(hour);
      // a retention or a mending came between the two
      if (!(await this.pictures.isThere(frame, hour))) await this.picture(frame, hour, jpeg);
      if (this.unsaid) void this.say();
      const mine = this.content!;
      const done = this.append((place) => frameLine(place, frame));
      this.last = frame;
      this.grid = grid;
      return { done, mine };
    });
    await done;
    addFrame(mine.frames, frame);
    this.hooks.changed(hour);
  }

  /** The newest picture is still what the stream shows. */
  seen(at: number): void {
    if (!this.last) return;
    this.last.until = Math.max(this.last.until, at);
    this.last.samples++;
    this.unsaid = true;
  }

  /** Write down until when the newest picture was seen. */
  async flush(): Promise<void> {
    if (!this.unsaid || !this.last) return;
    const done = await this.inTurn(async () => {
      if (!this.unsaid || !this.last) return null;
      await this.growing(hourOf(this.last.at));
      return { done: this.say() };
    });
    await done?.done;
    if (done && this.last) this.hooks.changed(hourOf(this.last.at));
  }

  /** Close the hour that grows where nothing came to it for so long: it has ended before `ms`, UTC. */
  async rest(ms: number): Promise<void> {
    const { content } = this;
    const over = content && content.hour + 3_600_000 < ms && (lastUntil(content.frames) ?? 0) < ms;
    if (!over || this.summaries.has(content.hour)) return;
    await this.inTurn(async () => {
      if (this.content !== content) return;
      await this.release();
      await this.seal(content.hour);
    });
  }

  /** Remove whole hours, those that are gone already too. */
  async removeHours(hours: readonly number[]): Promise<void> {
    await this.inTurn(async () => {
      for (const hour of hours) await this.removeHour(hour);
    });
  }

  /** Remove everything, the chain too: a stream of this name begins anew. */
  async removeAll(): Promise<void> {
    await this.inTurn(async () => {
      await this.release().catch(() => undefined);
      this.pictures.forget();
      await vanish(join(this.root, this.stream), this.root, this.hooks.files);
      const hours = [...this.hours];
      this.hours.clear();
      this.summaries.clear();
      this.head = this.durable = this.last = this.grid = this.content = null;
      this.removed = [];
      this.unsaid = false;
      for (const hour of hours) this.hooks.changed(hour);
    });
  }

  /** Nothing more will be written; what waits is on the disk when this resolves. */
  async close(): Promise<void> {
    await this.flush().catch(this.hooks.warn);
    await this.inTurn(() => this.release());
  }

  /** One change after the other, whether or not the one before went well. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(change);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async picture(frame: KeptFrame, hour: number, jpeg: Buffer): Promise<void> {
    try {
      await this.pictures.write(frame, hour, jpeg);
    } catch (error) {
      const lost = codeOf(error) === 'ENOENT';
      const orphan = codeOf(error) === 'EEXIST' && this.content?.hour === hour && !this.knows(frame);
      if (!lost && !orphan) throw error;
      // a line could not be written for it, or its folder was removed
      if (orphan) await this.pictures.remove(frame, hour);
      else this.pictures.forget();
      await this.pictures.write(frame, hour, jpeg);
    }
  }

  private knows({ id }: KeptFrame): boolean {
    return this.last?.id === id || !!this.content?.frames.some((frame) => frame.id === id);
  }

  /** Make this hour the one that grows. */
  private async growing(hour: number): Promise<void> {
    if (this.file?.failed) await this.release().catch(() => undefined);
    if (this.file && this.content?.hour === hour) return;
    if (this.failure && performance.now() - this.failedAt < AGAIN_MS) throw this.failure;
    const before = this.content;
    if (before && before.hour !== hour) {
      if (this.unsaid && this.last && hourOf(this.last.at) === before.hour) {
        if (!this.file) await this.open(before.hour);
        void this.say();
      }
      await this.release();
      void this.inTurn(() => this.seal(before.hour, before)).catch(this.hooks.warn);
    }
    await this.open(hour);
  }

  private async open(hour: number): Promise<void> {
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
  private append(line: (place: { n: number; prev: string }) => string): Promise<void> {
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

  private say(): Promise<void> {
    this.unsaid = false;
    const said = this.append((place) => seenLine(place, this.last!));
    said.catch(() => (this.unsaid = true));
    return said;
  }

  /** Close the file that grows. Its lines stay known. */
  private async release(): Promise<void> {
    const { file } = this;
    this.file = null;
    await file?.close();
  }

  /** Note down what an hour has, since nothing more comes to it. In turn only. */
  private async seal(hour: number, known: HourContent | null = null): Promise<void> {
    if (!this.hours.has(hour) || (this.file && this.content?.hour === hour)) return;
    const { files, parquet } = this.hooks;
    const folder = this.folder(hour);
    const content = known ?? (await loadHour(this.root, this.stream, hour, true));
    await this.note({ head: this.durable, removed: this.removed });
    const { changedMs } = await stateOf(folder);
    const made = content.badLines > 0 ? null : await parquet(content, folder);
    const summary = summaryOf(content, changedMs, made);
    if (!summary) return;
    await writeSummary(folder, summary, files);
    this.summaries.set(hour, summary);
    this.hooks.changed(hour);
  }

  private note(chain: ChainNote): Promise<void> {
    return writeChain(join(this.root, this.stream), chain, this.hooks.files);
  }

  private async removeHour(hour: number): Promise<void> {
    if (!this.hours.has(hour)) return;
    const growing = this.content?.hour === hour;
    if (growing) await this.release().catch(() => undefined);
    const folder = this.folder(hour);
    const runs =
      (growing && this.content?.runs) ||
      (this.summaries.get(hour) ?? (await readSummary(folder)))?.runs ||
      (await loadHour(this.root, this.stream, hour, true).catch(() => emptyHour(this.stream, hour))).runs;
    this.removed = joined([...this.removed, ...runs]);
    await this.note({ head: this.durable, removed: this.removed });
    this.hours.delete(hour);
    this.summaries.delete(hour);
    this.pictures.forget();
    if (growing) {
      this.content = this.last = this.grid = null;
      this.unsaid = false;
    }
    this.hooks.changed(hour);
    await vanish(folder, join(this.root, this.stream), this.hooks.files);
    await rmdir(dirname(folder)).catch(() => undefined);
  }
}
