import { readFileSync, statSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Backoff } from '../connection/backoff';
import { pause, withDeadline } from '../connection/deadline';
import { codeOf, makeFolder, nodeFiles, reasonOf, type Files } from '../durable/files';
import { lockFolder, type FolderLock } from '../durable/lock';
import { removeLeftovers, replaceFile } from '../durable/replace';
import { LiveError, fail } from '../errors';
import { fileText, peopleIn, Unfit, type Kept } from './file';

/** The one that used this folder before has so long to close; Node-RED itself gives a node 15 s. */
const BEFORE_MS = 15_000;
/** A change waits so long for the first try to open the file. */
const OPENING_MS = 10_000;
/** 10,000 people with all their metadata are less. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface KeyFileOptions {
  /** the file; its folder is for nothing else */
  path: string;
  /** hears what somebody should know: kept aside, not readable, in use elsewhere; each fault once */
  warn?: (error: LiveError) => void;
  files?: Files;
  backoff?: Backoff;
}

type People = Map<string, Kept>;
interface Wanted {
  apply: (people: People) => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/** Folders that are just being given back: the next one waits. */
const closing = new Map<string, Promise<void>>();

/**
 * The file of a key store: read, locked, and written whole, one change after the other. `adopt` gets the people whenever the disk has
 * others than before.
 */
export class KeyFile {
  fault: LiveError | null = null;
  private people: ReadonlyMap<string, Kept> = new Map();
  private lock: FolderLock | null = null;
  private waiting: Wanted[] = [];
  private working: Promise<void> | null = null;
  /** how the file looked when we last had it in hands; null: not there, or not known */
  private left: string | null = null;
  private readonly stop = new AbortController();
  private readonly opening: Promise<void>;
  private firstTry!: () => void;
  private readonly tried = new Promise<void>((resolve) => (this.firstTry = resolve));
  private closed: Promise<void> | null = null;
  private readonly files: Files;
  private readonly backoff: Backoff;

  constructor(
    private readonly options: KeyFileOptions,
    private readonly adopt: (people: ReadonlyMap<string, Kept>) => void,
  ) {
    this.files = options.files ?? nodeFiles;
    this.backoff = options.backoff ?? new Backoff();
    this.look();
    this.opening = this.keepOpening();
  }

  /** Resolves after the first try to open the file for changes. */
  opened(): Promise<void> {
    return this.tried;
  }

  /**
   * Change the people: `apply` works on a copy, and may throw; null says that there was nothing to change. Resolves when the change is on
   * the disk.
   * @throws what `apply` throws; KEYS_NOT_WRITTEN, KEYS_NOT_READ, DURABLE_LOCKED
   */
  async change<T>(apply: (people: People) => T): Promise<T> {
    if (this.closed) throw this.notWritten('the stream keys were closed by a deploy');
    if (!this.lock && !this.fault)
      await withDeadline(this.tried, OPENING_MS, () => this.notWritten('the disk does not answer'));
    if (!this.lock) throw this.fault ?? this.notWritten('the stream keys were closed by a deploy');
    return await new Promise<T>((resolve, reject) => {
      this.waiting.push({ apply, resolve, reject });
      this.working ??= this.work().finally(() => (this.working = null));
    });
  }

  /** Write what waits, and let others at the folder. Never rejects; safe to call twice. */
  close(): Promise<void> {
    if (this.closed) return this.closed;
    this.stop.abort();
    this.closed = this.finish();
    const { closed, folder } = this;
    const before = closing.get(folder);
    const all = Promise.all([before, closed]).then(() => {
      if (closing.get(folder) === all) closing.delete(folder);
    });
    closing.set(folder, all);
    return closed;
  }

  private get folder(): string {
    return dirname(this.options.path);
  }

  private async finish(): Promise<void> {
    await this.opening;
    await this.working;
    await this.lock?.release();
    this.lock = null;
  }

  private async keepOpening(): Promise<void> {
    const before = closing.get(this.folder);
    if (before) await withDeadline(before, BEFORE_MS, () => new Error('late')).catch(() => undefined);
    while (!this.stop.signal.aborted) {
      try {
        await this.open();
        this.fault = null;
        this.firstTry();
        return;
      } catch (error) {
        await this.lock?.release();
        this.lock = null;
        this.failed(error instanceof LiveError ? error : this.notRead(reasonOf(error), error));
        this.firstTry();
        // somebody else may be changing it: checks shall know
        this.look();
      }
      await pause(this.backoff.next(), this.stop.signal);
    }
    this.firstTry();
  }

  private async open(): Promise<void> {
    await makeFolder(this.folder, 0o700, this.files);
    this.lock = await lockFolder(this.folder);
    await removeLeftovers(this.folder, this.files);
    // once more: whoever had the folder until now may have changed it
    const putAside = await this.readOrPutAside();
    if (putAside && this.people.size > 0) await this.write(this.people);
  }

  /** What is there already is good for checks; whatever is wrong with it, opening finds out and tells. */
  private look(): void {
    try {
      this.have(this.read());
    } catch {
      // told by `open`
    }
  }

  private failed(fault: LiveError): void {
    const isNew = this.fault?.code !== fault.code;
    this.fault = fault;
    if (isNew) this.options.warn?.(fault);
  }

  private have(people: ReadonlyMap<string, Kept>): void {
    this.people = people;
    this.adopt(people);
  }

  private read(): People {
    const { path } = this.options;
    if (statSync(path).size > MOST_BYTES) throw new Unfit('it is too large');
    return peopleIn(readFileSync(path, 'utf8'));
  }

  /**
   * Read the file; true when it could not be understood and was put aside. Those known by then stay: before anything was read that is
   * nobody.
   */
  private async readOrPutAside(): Promise<boolean> {
    const looks = await this.looks();
    this.left = null;
    if (looks === null) return false;
    try {
      this.have(this.read());
      this.left = looks;
      return false;
    } catch (error) {
      if (!(error instanceof Unfit) || error.newer)
        throw this.notRead(error instanceof Unfit ? error.message : reasonOf(error), error);
      const aside = this.aside();
      await rename(this.options.path, aside);
      await this.files.syncFolder(this.folder);
      const then =
        this.people.size > 0
          ? 'The people known to this Node-RED are written anew.'
          : 'Nobody can publish by key until people are made anew, or the file is put back.';
      this.options.warn?.(fail('KEYS_UNREADABLE', { reason: error.message, aside, then }));
      return true;
    }
  }

  private aside(): string {
    const { path } = this.options;
    const ending = extname(path);
    const stamp = new Date().toISOString().replace(/[-:.]/g, '');
    return `${path.slice(0, path.length - ending.length)}-unreadable-${stamp}${ending}`;
  }

  /** What changes when somebody else writes the file or puts another in its place; null: there is none. */
  private async looks(): Promise<string | null> {
    try {
      const { ino, size, mtimeNs } = await stat(this.options.path, { bigint: true });
      return `${ino}:${size}:${mtimeNs}`;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw this.notRead(reasonOf(error), error);
    }
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      try {
        await this.carryOut(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }

  private async carryOut(batch: readonly Wanted[]): Promise<void> {
    const looks = await this.looks();
    // a file that was put back while we run is what counts; one that is gone is written again
    let changed = looks !== null && looks !== this.left && (await this.readOrPutAside());
    const people = new Map(this.people);
    const answers: (() => void)[] = [];
    for (const { apply, resolve, reject } of batch) {
      try {
        const value = apply(people);
        changed ||= value !== null;
        answers.push(() => resolve(value as never));
      } catch (error) {
        answers.push(() => reject(error));
      }
    }
    if (changed) await this.write(people);
    for (const answer of answers) answer();
  }

  private async write(people: ReadonlyMap<string, Kept>): Promise<void> {
    const { path } = this.options;
    try {
      await replaceFile(path, fileText(people.values()), { mode: 0o600, files: this.files });
    } catch (error) {
      // it may have got its name before the disk failed: then what is there is not what we say there is
      await replaceFile(path, fileText(this.people.values()), { mode: 0o600, files: this.files }).catch(
        () => undefined,
      );
      this.left = await this.looks().catch(() => this.left);
      throw this.notWritten(reasonOf(error), error);
    }
    this.have(people);
    this.left = await this.looks().catch(() => null);
  }

  private notWritten(reason: string, cause?: unknown): LiveError {
    return fail('KEYS_NOT_WRITTEN', { path: this.options.path, reason }, cause);
  }

  private notRead(reason: string, cause?: unknown): LiveError {
    return fail('KEYS_NOT_READ', { path: this.options.path, reason }, cause);
  }
}
