import { dirname } from 'node:path';
import { LiveError, fail } from '../errors';
import { type Files, type OpenFile, codeOf, nodeFiles, reasonOf, writeAll } from './files';
import { Group } from './group';

/** One sync: everything up to this that waits is made durable together. */
const GROUP_BYTES = 1024 * 1024;
/** What may wait for the disk; a second of 10,000 messages, or a few large ones. */
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;
const NOTHING = new Uint8Array(0);
/** A card in its worst moment takes some seconds; what takes longer than this hangs. */
const PATIENCE_MS = 10_000;
/** Counted in so many parts, each heard by itself: a process that was busy elsewhere blames no disk. */
const PARTS = 10;

export interface AppendOptions {
  files?: Files;
  /** the bytes that have to be there already; without it, those that are */
  expectedSize?: number;
  /** permissions of a new file, less the process's umask; default 0o666 */
  mode?: number;
  /** what may wait; default 10,000 entries, 32 MiB */
  most?: { entries: number; bytes: number };
  /** told once, when nothing more will be written, with the number of entries that are rejected right after */
  onFailure?: (error: LiveError, rejected: number) => void;
  /** how long the disk may take for what is written together, ms; default 10 s */
  patienceMs?: number;
}

/**
 * A file that only grows. What is handed over while the disk is busy is written and synced together (group commit), so that
 * a thousand small entries cost a few syncs, and each is acknowledged only when it is on the disk.
 *
 * It trusts nobody. Before each group and behind it the file must have the size this writer gave it: another writer is noticed,
 * and since every write goes behind the end, neither overwrites the other. After the first error of a write or a sync nothing more is written
 * or acknowledged (`failed`), and a sync is never tried again: the system may have dropped the bytes and would then
 * say all is well. A disk that does not answer is one that failed. The way on is `close`, `recoverTail` with `rewriteFrom: durableSize`, and a new `open`.
 *
 * The bytes handed over are not copied: leave them as they are, also where the promise was rejected. Those that go to the disk together share
 * one promise.
 */
export class AppendFile {
  /** why nothing more is written, or null */
  failed: LiveError | null = null;

  private queue: Group[] = [];
  /** at the disk */
  private group: Group | null = null;
  private waitingEntries = 0;
  private waitingBytes = 0;
  private parts = 0;
  private handedOver: number;
  private end: number;
  private synced: number;
  private dirty: boolean;
  private running = false;
  private closing: Promise<void> | null = null;

  private constructor(
    private readonly path: string,
    private readonly file: OpenFile,
    size: number,
    /** false on the rare file system that counts no links */
    private readonly countsLinks: boolean,
    private readonly most: { entries: number; bytes: number },
    private readonly onFailure: (error: LiveError, rejected: number) => void,
    private readonly patienceMs: number,
  ) {
    this.handedOver = this.end = this.synced = size;
    this.dirty = size > 0;
  }

  /**
   * Open a file to append to, made where it is missing; its name survives a power cut then. A tail torn by a crash is not looked at:
   * call `recoverTail` before.
   * @throws LiveError DURABLE_OTHER_WRITER where it has not `expectedSize`, DURABLE_WRITE_FAILED
   */
  static async open(path: string, options: AppendOptions = {}): Promise<AppendFile> {
    const { files = nodeFiles, expectedSize, mode = 0o666 } = options;
    const { most = { entries: MOST_ENTRIES, bytes: MOST_BYTES }, onFailure = () => undefined } = options;
    const { patienceMs = PATIENCE_MS } = options;
    let file: OpenFile | null = null;
    try {
      // a file that should have something in it and is gone is not made anew: that would hide the loss
      file = expectedSize ? await files.open(path, 'append') : await openOrCreate(path, mode, files);
      await files.syncFolder(dirname(path));
      const { size, links } = await file.stat();
      if (expectedSize !== undefined && size !== expectedSize)
        throw fail('DURABLE_OTHER_WRITER', { path, expected: expectedSize, found: size });
      return new AppendFile(path, file, size, links > 0, most, onFailure, patienceMs);
    } catch (error) {
      await file?.close().catch(() => undefined);
      throw writeFault(error, path);
    }
  }

  /** Bytes, those that wait included: where the next entry begins. */
  get size(): number {
    return this.handedOver;
  }

  /** Bytes that are known to be on the disk. */
  get durableSize(): number {
    return this.synced;
  }

  /** Entries that are not acknowledged yet. */
  get waiting(): number {
    return this.waitingEntries;
  }

  /** Bytes that are not acknowledged yet. */
  get bytesWaiting(): number {
    return this.waitingBytes;
  }

  /**
   * Put `bytes` behind everything handed over before; resolves when they are on the disk.
   * @throws (rejects) LiveError DURABLE_FULL: too much waits, these bytes were not taken; DURABLE_CLOSED; what `failed` says
   */
  append(bytes: Uint8Array): Promise<void> {
    return this.take(bytes, true);
  }

  /**
   * The same, resolved when the system has the bytes: a crash of this process loses nothing, a power cut may lose the last seconds.
   * @throws (rejects) as `append`
   */
  written(bytes: Uint8Array): Promise<void> {
    return this.take(bytes, false);
  }

  /** Resolves when everything handed over so far is on the disk; rejects with what `failed` says. */
  flush(): Promise<void> {
    if (this.closing) return this.closing;
    return this.push(NOTHING, true);
  }

  /**
   * Take nothing more, make durable what waits, and close. Resolves only if everything is on the disk and the file is
   * as this writer left it; rejects with the reason otherwise, closed all the same.
   */
  close(): Promise<void> {
    this.closing ??= this.finish(this.push(NOTHING, true));
    return this.closing;
  }

  private async finish(last: Promise<void>): Promise<void> {
    try {
      await last;
    } catch (error) {
      await this.file.close().catch(() => undefined);
      throw error;
    }
    try {
      await this.file.close();
    } catch (error) {
      throw (this.failed ??= writeFault(error, this.path));
    }
  }

  private take(bytes: Uint8Array, durable: boolean): Promise<void> {
    if (this.closing) return refused(fail('DURABLE_CLOSED', { path: this.path }));
    const { entries, bytes: most } = this.most;
    if (!this.failed && (this.waitingEntries >= entries || this.waitingBytes + bytes.length > most)) {
      const limit = `${entries} entries or ${most / 2 ** 20} MiB`;
      return refused(fail('DURABLE_FULL', { path: this.path, limit }));
    }
    return this.push(bytes, durable);
  }

  private push(bytes: Uint8Array, durable: boolean): Promise<void> {
    if (this.failed) return refused(this.failed);
    this.waitingEntries += 1;
    this.waitingBytes += bytes.length;
    this.handedOver += bytes.length;
    let group = this.queue.at(-1);
    if (!group || (group.bytes > 0 && group.bytes + bytes.length > GROUP_BYTES))
      this.queue.push((group = new Group()));
    if (!this.running) {
      this.running = true;
      // what comes in the same turn goes to the disk together
      queueMicrotask(() => void this.run());
    }
    return group.add(bytes, durable);
  }

  /** The one writer. */
  private async run(): Promise<void> {
    const watch = setInterval(() => this.passed(), this.patienceMs / PARTS).unref();
    try {
      for (let group = this.queue.shift(); group; group = this.queue.shift()) {
        this.parts = 0;
        this.group = group;
        await this.commit(group);
        this.group = null;
      }
    } catch (error) {
      this.stop(writeFault(error, this.path));
    }
    clearInterval(watch);
    this.running = false;
  }

  /** A part of the time that the disk has for a group is over. */
  private passed(): void {
    if (++this.parts < PARTS) return;
    const reason = `the disk has not answered for ${this.patienceMs / 1000} s`;
    this.stop(fail('DURABLE_WRITE_FAILED', { path: this.path, reason }));
  }

  private async commit(group: Group): Promise<void> {
    await this.mustBeOurs();
    for (const bytes of group.portions()) {
      this.dirty = true;
      await writeAll(this.file, bytes, null);
      this.end += bytes.length;
      // it was given up meanwhile
      if (this.failed) throw this.failed;
    }
    this.acknowledge(group, 'written');
    if (!group.durable) return;
    // looked at while the disk works: what another writer put between the look and our write is not acknowledged
    const looked = this.mustBeOurs();
    const [synced, ours] = await Promise.allSettled([this.dirty ? this.file.datasync() : undefined, looked]);
    if (synced.status === 'rejected') throw synced.reason;
    if (ours.status === 'rejected') throw ours.reason;
    this.synced = this.end;
    this.dirty = false;
    this.acknowledge(group, 'durable');
  }

  private acknowledge(group: Group, which: 'written' | 'durable'): void {
    const waiters = group[which];
    if (!waiters || this.failed) return;
    group[which] = null;
    this.waitingEntries -= waiters.count;
    this.waitingBytes -= waiters.bytes;
    waiters.done();
  }

  private async mustBeOurs(): Promise<void> {
    const { size, links } = await this.file.stat();
    if (links === 0 && this.countsLinks) throw fail('DURABLE_REMOVED', { path: this.path });
    if (size !== this.end)
      throw fail('DURABLE_OTHER_WRITER', { path: this.path, expected: this.end, found: size });
  }

  private stop(error: LiveError): void {
    if (this.failed) return;
    this.failed = error;
    const groups = this.group ? [this.group, ...this.queue] : this.queue;
    const lost = groups.flatMap(({ written, durable }) => [written, durable]).filter((one) => one !== null);
    const entries = lost.reduce((sum, one) => sum + one.entries, 0);
    this.group = null;
    this.queue = [];
    this.waitingEntries = this.waitingBytes = 0;
    try {
      this.onFailure(error, entries);
    } catch {
      // whoever hears it may fail, too; those who wait are told all the same
    }
    for (const { failed } of lost) failed(error);
  }
}

/** Rejected, and harmless to whoever does not listen. */
function refused(error: LiveError): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
}

async function openOrCreate(path: string, mode: number, files: Files): Promise<OpenFile> {
  try {
    return await files.open(path, 'append');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    await (await files.open(path, 'create', mode)).close();
  } catch (error) {
    // another one was quicker: the size check decides
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return await files.open(path, 'append');
}

function writeFault(error: unknown, path: string): LiveError {
  if (error instanceof LiveError) return error;
  return fail('DURABLE_WRITE_FAILED', { path, reason: reasonOf(error) }, error);
}
