import { lstat, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, makeFolder } from '../../durable/files';
import { removeLeftovers } from '../../durable/replace';
import { type Head, joined } from './chain';
import { GrowingHour, type StreamHooks } from './growing';
import { type HourContent, addFrame, emptyHour, frameAt, noteFrame, noteSeen } from './hour';
import { loadHour } from './hour-file';
import { PARQUET, hourOf } from './layout';
import { frameLine, seenLine } from './line';
import { type OpenedStream, openStream, vanish } from './opening';
import { PictureWriter } from './pictures';
import { lastUntil, readSummary } from './summary';
import type { KeptFrame } from './types';

/** After a disk has failed it is asked again so long later, ms. */
const AGAIN_MS = 1000;

/**
 * The lines and pictures of one stream, and the only writer of them. All changes are made one after the other (`turn`); pictures are
 * written beside, and lines wait for the disk together.
 */
export class StreamFiles extends GrowingHour {
  grid: Buffer | null = null;
  private readonly pictures: PictureWriter;
  private unsaid = false;
  /** the newest picture's hour is being closed: a newer one is about to take its place */
  private leaving = false;
  constructor(root: string, stream: string, found: OpenedStream, hooks: StreamHooks) {
    super(root, stream, found, hooks);
    this.pictures = new PictureWriter(root, stream, hooks.files);
    for (const hour of found.unclosed) void this.inTurn(() => this.seal(hour)).catch(hooks.warn);
  }

  /** Open a stream from its folder, which may be missing. @throws the file system's error, LiveError DURABLE_RECOVERY_FAILED */
  static async open(root: string, stream: string, hooks: StreamHooks): Promise<StreamFiles> {
    await makeFolder(join(root, stream), 0o700, hooks.files);
    return new StreamFiles(root, stream, await openStream(root, stream, hooks.files), hooks);
  }

  /** Keep a picture; on the disk when this resolves. @throws the file system's error, LiveError DURABLE_* */
  async put(
    frame: KeptFrame,
    { jpeg, small, grid }: { jpeg: Buffer; small: Buffer | null; grid: Buffer | null },
  ): Promise<void> {
    const hour = hourOf(frame.at);
    const picture = this.picture(frame, hour, jpeg, small);
    picture.catch(() => undefined);
    const { done, mine } = await this.inTurn(async () => {
      let beside = await picture;
      this.leaving = this.content !== null && this.content.hour !== hour;
      try {
        const before = this.content;
        await this.growing(hour);
        // read anew, small ones counted: this one is among them
        if (this.content !== before) beside = 0;
        // a retention or a mending came between the two
        if (!(await this.pictures.isThere(frame, hour)))
          beside = await this.picture(frame, hour, jpeg, small);
        if (this.unsaid && !this.leaving) void this.say();
        this.unsaid = false;
        const mine = this.content!;
        const done = this.append((place) => frameLine(place, frame));
        noteFrame(mine, frame);
        mine.small = (mine.small ?? 0) + beside;
        this.last = frame;
        this.grid = grid;
        return { done, mine };
      } finally {
        this.leaving = false;
      }
    });
    await done;
    addFrame(mine.frames, frame);
    this.hooks.changed(hour);
  }

  /** The newest picture is still what the stream shows. */
  seen(at: number): void {
    if (!this.last || this.leaving) return;
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

  /** Whether an hour is closed, can be read whole, and has no Parquet that its summary tells of. Never rejects. */
  async lacksCache(hour: number): Promise<boolean> {
    if (this.content?.hour === hour && !this.summaries.has(hour)) return false;
    const folder = this.folder(hour);
    const known = this.summaries.get(hour) ?? (await readSummary(folder));
    if (!known?.frames) return false;
    if (known.parquet === null) return true;
    const size = await lstat(join(folder, PARQUET)).then(
      (found) => (found.isFile() ? found.size : null),
      () => null,
    );
    return size !== known.parquet;
  }

  /**
   * Make what a closed hour has besides its lines once more; its writer had nothing to make it with.
   * @returns whether it was made, or nothing is to be made any more
   * @throws the file system's error
   */
  async cache(hour: number): Promise<boolean> {
    return await this.inTurn(async () => {
      // by now it may be gone, or growing again
      if (this.over || !this.hours.has(hour) || (this.file && this.content?.hour === hour)) return true;
      await removeLeftovers(this.folder(hour), this.hooks.files);
      await this.seal(hour);
      return typeof this.summaries.get(hour)?.parquet === 'number';
    });
  }

  /** How far all is on the disk now, in the lines and in the chain. */
  snapshot(): Promise<{
    hours: number[];
    growing: { hour: number; size: number } | null;
    head: Head | null;
  }> {
    return this.inTurn(async () => {
      await this.file?.flush().catch(() => undefined);
      const { content, durable } = this;
      // where a line could not be written, all that is on the disk is looked at
      const isWell = !this.failure && !this.file?.failed;
      const growing = isWell && content ? { hour: content.hour, size: content.size } : null;
      return { hours: [...this.hours].sort((a, b) => a - b), growing, head: durable };
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
    await this.inTurn(async () => {
      this.over = true;
      await this.release();
      // so that a line that is taken away from the end is missed
      if (this.durable && this.durable.n !== this.noted?.n)
        await this.note({ head: this.durable, removed: this.removed }).catch(this.hooks.warn);
    });
  }

  /** Gives the bytes of the small one. */
  private async picture(frame: KeptFrame, hour: number, jpeg: Buffer, small: Buffer | null): Promise<number> {
    try {
      return await this.pictures.write(frame, hour, jpeg, small);
    } catch (error) {
      const lost = codeOf(error) === 'ENOENT';
      const orphan = codeOf(error) === 'EEXIST' && this.content?.hour === hour && !this.knows(frame);
      if (!lost && !orphan) throw error;
      // a line could not be written for it, or its folder was removed
      if (orphan) await this.pictures.remove(frame, hour);
      else this.pictures.forget();
      return await this.pictures.write(frame, hour, jpeg, small);
    }
  }

  private knows({ id, at, seq }: KeptFrame): boolean {
    return this.last?.id === id || !!frameAt(this.content?.frames ?? [], at, seq);
  }

  /** Make this hour the one that grows. */
  private async growing(hour: number): Promise<void> {
    if (this.file?.failed) await this.release().catch(() => undefined);
    if (this.file && this.content?.hour === hour) return;
    if (this.failure && performance.now() - this.failedAt < AGAIN_MS) throw this.failure;
    const before = this.content;
    if (before && before.hour !== hour) await this.leave(before);
    await this.open(hour);
  }

  private async leave(before: HourContent): Promise<void> {
    if (this.unsaid && this.last && hourOf(this.last.at) === before.hour) {
      if (!this.file) await this.open(before.hour);
      void this.say();
    }
    await this.release();
    void this.inTurn(() => this.seal(before.hour, before)).catch(this.hooks.warn);
  }

  private say(): Promise<void> {
    this.unsaid = false;
    const last = this.last!;
    const said = this.append((place) => seenLine(place, last));
    noteSeen(this.content!, last);
    said.catch(() => (this.unsaid = true));
    return said;
  }

  private async removeHour(hour: number): Promise<void> {
    if (this.over || !this.hours.has(hour)) return;
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
