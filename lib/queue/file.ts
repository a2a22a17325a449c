import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause, withDeadline } from '../connection/deadline';
import { codeOf, nodeFiles, reasonOf, type Files } from '../durable/files';
import { lockFolder, type FolderLock } from '../durable/lock';
import { removeLeftovers, replaceFile } from '../durable/replace';
import { asLiveError, fail, type LiveError } from '../errors';

/** Changes that come in quick succession share one write, ms. */
const GATHER_MS = 20;
/** A write that failed, or a folder that is not to be had, is tried again after so long, ms. */
const AGAIN_MS = 2_000;
/** The one who had the folder before may just be closing, ms. */
const SOON_MS = 100;
const SOON_TRIES = 20;
/** Whoever waits for the disk waits no longer than this, ms; a hanging disk is told then. */
const LONGEST_MS = 5_000;

export interface QueueFileOptions {
  folder: string;
  files?: Files;
  /** the folder is ours now, and nothing was written yet */
  reserved: () => Promise<void>;
  /** what is to be written, as it is at that moment */
  content: () => string;
  /** each fault once, and that it is over */
  tell: (what: LiveError | string) => void;
}

/**
 * The file of a queue. Every write replaces it whole, so that a process which is killed leaves the old one or the new one. A disk that fails is
 * told once and tried again; the queue goes on in memory.
 */
export class QueueFile {
  readonly path: string;
  /** what was there in the beginning; null: nothing */
  readonly found: string | null = null;
  private lock: FolderLock | null = null;
  private wanted = 0;
  private written = 0;
  private failing: string | null = null;
  private writing: Promise<void> | null = null;
  private reserving: Promise<boolean> | null = null;
  private lastFault: LiveError | null = null;
  private waiters: { version: number; done: () => void }[] = [];
  private readonly stop = new AbortController();

  constructor(private readonly options: QueueFileOptions) {
    this.path = join(options.folder, 'queue.json');
    this.found = this.read();
  }

  /**
   * Reserve the folder. Resolves when it is ours: true, or when nobody can reserve it (a disk that only reads): false; then it is tried again
   * when something is written. While another process has it this waits, and tells so.
   */
  reserve(): Promise<boolean> {
    this.reserving ??= this.keepReserving().finally(() => (this.reserving = null));
    return this.reserving;
  }

  private async keepReserving(): Promise<boolean> {
    for (let tries = 1; !this.stop.signal.aborted; tries++) {
      try {
        await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
        this.lock = await lockFolder(this.options.folder);
        await removeLeftovers(this.options.folder, this.options.files).catch(() => undefined);
        await this.options.reserved();
        this.well('the guest queue has its folder again');
        return true;
      } catch (error) {
        const fault = asLiveError(error);
        if (fault.code !== 'DURABLE_LOCKED') {
          this.told(this.notWritten(error));
          return false;
        }
        // who had it before is given time to close
        if (tries > SOON_TRIES) this.told(fail('QUEUE_BUSY', { path: this.options.folder }, error));
        await pause(tries > SOON_TRIES ? AGAIN_MS : SOON_MS, this.stop.signal);
      }
    }
    return false;
  }

  /** What is there now; null: nothing, or nothing that can be read. */
  read(): string | null {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? null : '';
    }
  }

  /** Keep a file that nobody can read beside the new one. Gives the name it has then. */
  async setAside(stamp: string): Promise<string> {
    const { files = nodeFiles } = this.options;
    const aside = `${this.path}.unreadable-${stamp}`;
    try {
      await files.rename(this.path, aside);
      return aside;
    } catch {
      return this.path;
    }
  }

  /** Something changed: it is written soon. */
  changed(): void {
    this.wanted += 1;
    this.writing ??= this.write();
  }

  /** Resolves when everything changed so far is on the disk, or cannot be brought there, which was told then. */
  async saved(): Promise<void> {
    const version = this.wanted;
    if (this.written >= version) return;
    const over = new Promise<void>((resolve) => this.waiters.push({ version, done: resolve }));
    const slow = () => fail('QUEUE_NOT_WRITTEN', { path: this.path, reason: 'the disk does not answer' });
    await withDeadline(over, LONGEST_MS, slow).catch((error: unknown) => this.told(asLiveError(error)));
  }

  /** Write what is not written yet, and let others have the folder. Never rejects. */
  async close(): Promise<void> {
    this.stop.abort();
    const over = Promise.all([this.writing, this.reserving]);
    await withDeadline(over, LONGEST_MS, () => new Error('late')).catch(() => undefined);
    await this.lock?.release();
  }

  private async write(): Promise<void> {
    while (this.written < this.wanted) {
      await pause(GATHER_MS, this.stop.signal);
      const version = this.wanted;
      try {
        // without the lock another process may be writing here
        if (!this.lock && !(await this.reserve()))
          throw this.lastFault ?? new Error('the folder is not ours');
        const { path, options } = this;
        const { files = nodeFiles } = options;
        await replaceFile(path, options.content(), { mode: 0o600, files });
        this.written = version;
        this.well(`${path} is written again`);
      } catch (error) {
        if (this.lock || !this.stop.signal.aborted) this.told(this.notWritten(error));
      }
      const over = this.waiters.filter((one) => one.version <= version);
      this.waiters = this.waiters.filter((one) => one.version > version);
      for (const { done } of over) done();
      if (this.stop.signal.aborted) break;
      if (this.written < version) await pause(AGAIN_MS, this.stop.signal);
    }
    this.writing = null;
  }

  private notWritten(error: unknown): LiveError {
    const fault = asLiveError(error);
    if (fault.code === 'QUEUE_NOT_WRITTEN') return fault;
    return fail('QUEUE_NOT_WRITTEN', { path: this.path, reason: reasonOf(error) }, error);
  }

  private told(fault: LiveError): void {
    this.lastFault = fault;
    if (this.failing === fault.code) return;
    this.failing = fault.code;
    this.options.tell(fault);
  }

  private well(sentence: string): void {
    if (this.failing !== null) this.options.tell(sentence);
    this.failing = null;
  }
}
