import { join } from 'node:path';
import { type Files, makeFolder, nodeFiles, reasonOf } from '../../durable/files';
import type { FolderLock } from '../../durable/lock';
import { LiveError, fail } from '../../errors';
import { isStreamName } from '../../keys/names';
import type { Release } from '../../production/application';
import type { ChangeVerdict, Frame } from '../types';
import { Catalog, whyNot } from './catalog';
import { type Engine, countFrames, findFrames } from './asking';
import { type Duck, duckdb, whyNoDuckdb } from './duckdb';
import { nearestInHours } from './find';
import { House } from './house';
import { writeCache } from './parquet';
import { frameAt } from './hour';
import { hourFolder, hourOf, isTime, pictureName, placeOf } from './layout';
import { keptOf } from './kept';
import { finishVanishing, lockStore, streamsIn } from './opening';
import { readPicture, readSmall } from './pictures';
import { cursorOf, mustBeTime, wantedOf, wantedStream } from './query';
import { freeBytes, removeStream, retain, useOf } from './retain';
import { StreamFiles } from './stream';
import type {
  FrameAnswer,
  FrameBucket,
  FrameQuery,
  FrameStore,
  KeptFrame,
  StoreSettings,
  StoreUse,
  VerifyAnswer,
} from './types';
import { nothingToVerify, verifyStream } from './verify';

/** Bytes of pictures that may wait for the disk. */
const MOST_WAITING = 128 * 1024 * 1024;
/** So many lines are read as quickly as DuckDB plans its work and hands over what it found: half a day of a stream with a picture a second. */
const LONG_LINES = 40_000;
/** An hour that nothing came to for so long, ms, is closed. */
const REST_MS = 10 * 60_000;
/** A folder that another process has is asked for again so long later, ms. */
const AGAIN_MS = 1000;

export interface StoreOptions {
  files?: Files;
  /** bytes that are free on the disk of a folder; null where nobody knows */
  free?: (folder: string) => Promise<number | null>;
  /** gives DuckDB, or says why there is none */
  duck?: () => Promise<Duck>;
  /** lines to be read from which on a question is put to DuckDB */
  longLines?: number;
  /** UTC in milliseconds */
  now?: () => number;
  /** hears of what nobody waits for */
  warn?: (error: unknown) => void;
}

/** The frame store of a folder. It is opened by its first use, and again where that failed. */
export class FolderFrameStore implements FrameStore {
  settings: StoreSettings;
  private readonly catalog = new Catalog();
  private readonly listeners = new Set<(frame: KeptFrame) => void>();
  private readonly files: Files;
  private readonly warn: (error: unknown) => void;
  private readonly free: (folder: string) => Promise<number | null>;
  private readonly house: House;
  private lock: FolderLock | null = null;
  private opening: Promise<void> | null = null;
  private readonly engine: Engine;
  private readonly loadDuck: () => Promise<Duck>;
  private toldDuck = false;
  private waiting = 0;
  private closed = false;

  constructor(
    settings: StoreSettings,
    {
      files = nodeFiles,
      free = freeBytes,
      now = Date.now,
      duck = duckdb,
      longLines = LONG_LINES,
      warn,
    }: StoreOptions = {},
  ) {
    this.settings = settings;
    this.files = files;
    this.free = free;
    this.warn = warn ?? (() => undefined);
    this.loadDuck = duck;
    this.engine = {
      duck: () => duck().catch(() => null),
      leastLines: longLines,
      failed: (error) => this.duckFailed(error),
    };
    this.house = new House(this.catalog, {
      isOpen: () => this.lock !== null,
      retain: () => this.retain(now()),
      cachesHours: async () => (await this.engine.duck()) !== null,
      warn: this.warn,
    });
  }

  /** Resolves when the folder is ours and its streams are known. @throws LiveError FRAMES_BUSY, FRAMES_NOT_WRITTEN */
  opened(): Promise<void> {
    if (this.opening) return this.opening;
    const opening = this.open();
    this.opening = opening;
    opening.catch(() => {
      setTimeout(() => {
        if (this.opening === opening && !this.closed) this.opening = null;
      }, AGAIN_MS).unref();
    });
    return opening;
  }

  async put(frame: Frame, verdict: ChangeVerdict): Promise<KeptFrame> {
    await this.opened();
    const { stream, jpeg } = frame;
    const at = Math.round(frame.at);
    if (!isStreamName(stream)) throw this.notWritten('the stream has a name that no folder may have');
    if (!isTime(at)) throw this.notWritten('the time of the picture is none');
    if (this.waiting + jpeg.length > MOST_WAITING) throw this.notWritten('the disk is too slow, or hangs');
    const kept = keptOf(frame, at, verdict);
    this.waiting += jpeg.length;
    try {
      const files = this.catalog.all.get(stream) ?? (await this.newStream(stream));
      await files.put(kept, frame);
    } catch (error) {
      throw this.notWritten(whyNot(error, reasonOf), error);
    } finally {
      this.waiting -= jpeg.length;
    }
    for (const listener of this.listeners) listener({ ...kept });
    return { ...kept };
  }

  seen(stream: string, at: number): void {
    if (isTime(Math.round(at))) this.catalog.all.get(stream)?.seen(Math.round(at));
  }

  async last(stream: string): Promise<{ frame: KeptFrame; grid: Buffer | null } | null> {
    await this.opened();
    const files = this.catalog.all.get(stream);
    return files?.last ? { frame: { ...files.last }, grid: files.grid } : null;
  }

  async find(query: FrameQuery): Promise<FrameAnswer> {
    await this.opened();
    const began = performance.now();
    const wanted = await wantedOf(query, async (id) => (await this.frame(id)).dhash);
    const asked = () => findFrames(this.catalog, this.engine, wanted);
    const { found, by, unreadable } = await this.house.question(asked);
    const frames = found.slice(0, wanted.limit).map((frame) => ({ ...frame }));
    const cursor = found.length > wanted.limit ? cursorOf(frames.at(-1)!, wanted.order) : null;
    return { frames, cursor, by, tookMs: performance.now() - began, unreadable };
  }

  async nearest(stream: string, at: number): Promise<KeptFrame | null> {
    await this.opened();
    const { hours } = this.catalog.reading();
    const found = await nearestInHours(hours, this.named(stream), mustBeTime(at, 'at'));
    return found && { ...found };
  }

  async buckets(query: {
    stream?: string | null;
    from: number;
    to: number;
    everyMs: number;
  }): Promise<FrameBucket[]> {
    await this.opened();
    const stream = wantedStream(query.stream);
    const [from, to] = [mustBeTime(query.from, 'from'), mustBeTime(query.to, 'to')];
    const { everyMs } = query;
    if (!Number.isInteger(everyMs) || everyMs < 1)
      throw fail('FRAMES_QUERY_INVALID', { reason: 'everyMs is no whole number of milliseconds' });
    const asked = { stream, from, to, everyMs };
    const found = await this.house.question(() => countFrames(this.catalog, this.engine, asked));
    return found.map((bucket) => ({ ...bucket, first: { ...bucket.first } }));
  }

  async picture(id: string): Promise<{ frame: KeptFrame; jpeg: Buffer }> {
    await this.opened();
    const frame = await this.frame(id);
    return { frame: { ...frame }, jpeg: await readPicture(this.settings.folder, frame, hourOf(frame.at)) };
  }

  async small(id: string): Promise<Buffer | null> {
    await this.opened();
    const frame = await this.frame(id);
    return await readSmall(this.settings.folder, frame, hourOf(frame.at));
  }

  pathOf(id: string): string {
    const place = placeOf(id);
    if (!place) throw fail('FRAMES_UNKNOWN', { id: String(id).slice(0, 150) });
    const folder = hourFolder(this.settings.folder, place.stream, hourOf(place.at));
    return join(folder, pictureName(place.at, place.seq));
  }

  onKept(listener: (frame: KeptFrame) => void): Release {
    const mine = (frame: KeptFrame): void => listener(frame);
    this.listeners.add(mine);
    return () => void this.listeners.delete(mine);
  }

  async use(): Promise<StoreUse> {
    await this.opened();
    const reason = await this.loadDuck().then(
      () => null,
      (error: unknown) => whyNoDuckdb(error),
    );
    return useOf(this.catalog, this.settings.folder, { available: reason === null, reason });
  }

  async retain(nowMs: number): Promise<number> {
    await this.opened();
    for (const files of this.catalog.all.values()) await files.rest(nowMs - REST_MS).catch(this.warn);
    return await retain(this.catalog, this.settings, nowMs, () => this.free(this.settings.folder));
  }

  async verify(stream: string): Promise<VerifyAnswer> {
    await this.opened();
    const files = this.catalog.all.get(this.named(stream));
    return files ? await verifyStream(files) : nothingToVerify(stream);
  }

  async remove(stream: string): Promise<number> {
    await this.opened();
    return await removeStream(this.catalog, this.named(stream));
  }

  renew(settings: StoreSettings): void {
    this.settings = { ...settings, folder: this.settings.folder };
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.house.close();
    await this.opening?.catch(() => undefined);
    this.opening = Promise.reject(
      fail('FRAMES_NOT_WRITTEN', { path: this.settings.folder, reason: 'the store was closed' }),
    );
    this.opening.catch(() => undefined);
    // a stream whose first picture is on its way is one of them
    await Promise.allSettled(this.making.values());
    try {
      await Promise.all([...this.catalog.all.values()].map((files) => files.close().catch(this.warn)));
    } finally {
      await this.lock?.release();
      this.lock = null;
    }
  }

  private async open(): Promise<void> {
    const { folder } = this.settings;
    try {
      await makeFolder(folder, 0o700, this.files);
      this.lock = await lockStore(folder);
      await finishVanishing(folder);
      const names = await streamsIn(folder);
      await Promise.all(names.map((name) => this.newStream(name)));
      this.house.opened();
    } catch (error) {
      await this.lock?.release();
      this.lock = null;
      this.catalog.all.clear();
      if (error instanceof LiveError && error.code === 'DURABLE_LOCKED')
        throw fail('FRAMES_BUSY', { path: folder }, error);
      throw this.notWritten(whyNot(error, reasonOf), error);
    }
  }

  private readonly making = new Map<string, Promise<StreamFiles>>();

  private newStream(stream: string): Promise<StreamFiles> {
    const making = this.making.get(stream);
    if (making) return making;
    const made = StreamFiles.open(this.settings.folder, stream, {
      files: this.files,
      parquet: async (content, folder) =>
        await writeCache(await this.engine.duck(), content, folder, this.warn),
      changed: (hour) => this.catalog.forget(stream, hour),
      warn: this.warn,
    })
      .then((files) => {
        this.catalog.all.set(stream, files);
        return files;
      })
      .finally(() => this.making.delete(stream));
    this.making.set(stream, made);
    return made;
  }

  /** The line of a picture. @throws LiveError FRAMES_UNKNOWN */
  private async frame(id: string): Promise<KeptFrame> {
    const place = placeOf(id);
    const content = place && (await this.catalog.content(place.stream, hourOf(place.at)).catch(() => null));
    const frame = content && frameAt(content.frames, place.at, place.seq);
    if (!frame) throw fail('FRAMES_UNKNOWN', { id: String(id).slice(0, 150) });
    return frame;
  }

  /** The name of one stream. @throws LiveError FRAMES_QUERY_INVALID */
  private named(stream: string): string {
    const name = wantedStream(stream);
    if (name === null) throw fail('FRAMES_QUERY_INVALID', { reason: 'no stream is named' });
    return name;
  }

  /** Told once: the same files fail at every question. */
  private duckFailed(error: unknown): void {
    if (!this.toldDuck) this.warn(error);
    this.toldDuck = true;
  }

  private notWritten(reason: string, cause?: unknown): LiveError {
    return fail('FRAMES_NOT_WRITTEN', { path: this.settings.folder, reason }, cause);
  }
}
