import { dirname } from 'node:path';
import { LiveError, fail } from '../errors';
import { type Files, type OpenFile, codeOf, nodeFiles, reasonOf, writeAll } from './files';

/** One write: what a kill in the middle of it can tear stays small. */
const WRITE_BYTES = 256 * 1024;
/** One sync: everything up to this that waits is made durable together. */
const GROUP_BYTES = 1024 * 1024;
/** What may wait for the disk; a second of 10,000 messages, or a few large ones. */
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

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
}

interface Entry {
  bytes: Uint8Array;
  /** acknowledged when it is on the disk; false: when the system has it */
  durable: boolean;
  done: () => void;
  failed: (error: LiveError) => void;
}

/**
 * A file that only grows. What is handed over while the disk is busy is written and synced together (group commit), so that
 * a thousand small entries cost a few syncs, and each is acknowledged only when it is on the disk.
 *
 * It trusts nobody. Before each group and behind it the file must have the size this writer gave it: another writer is noticed,
 * and since every write goes behind the end, neither overwrites the other. After the first error of a write or a sync nothing more is written
 * or acknowledged (`failed`), and a sync is never tried again: the system may have dropped the bytes and would then
 * say all is well. The way on is `close`, `recoverTail` with `rewriteFrom: durableSize`, and a new `open`.
 *
 * The bytes handed over are not copied: leave them as they are until the promise settles.
 */
export class AppendFile {
  /** why nothing more is written, or null */
  failed: LiveError | null = null;

  private queue: Entry[] = [];
  private head = 0;
  private group: Entry[] = [];
  private waitingBytes = 0;
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
    let file: OpenFile | null = null;
    try {
      // a file that should have something in it and is gone is not made anew: that would hide the loss
      file = expectedSize ? await files.open(path, 'append') : await openOrCreate(path, mode, files);
      await files.syncFolder(dirname(path));
      const { size, links } = await file.stat();
      if (expectedSize !== undefined && size !== expectedSize)
        throw fail('DURABLE_OTHER_WRITER', { path, expected: expectedSize, found: size });
      return new AppendFile(path, file, size, links > 0, most, onFailure);
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
    return this.queue.length - this.head + this.group.length;
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
    if (this.closing) return Promise.reject(fail('DURABLE_CLOSED', { path: this.path }));
    const { entries, bytes: most } = this.most;
    if (!this.failed && (this.waiting >= entries || this.waitingBytes + bytes.length > most)) {
      const limit = `${entries} entries or ${most / 2 ** 20} MiB`;
      return Promise.reject(fail('DURABLE_FULL', { path: this.path, limit }));
    }
    return this.push(bytes, durable);
  }

  private push(bytes: Uint8Array, durable: boolean): Promise<void> {
    if (this.failed) return Promise.reject(this.failed);
    this.waitingBytes += bytes.length;
    this.handedOver += bytes.length;
    return new Promise((done, failed) => {
      this.queue.push({ bytes, durable, done, failed });
      if (this.running) return;
      this.running = true;
      // what comes in the same turn goes to the disk together
      queueMicrotask(() => void this.run());
    });
  }

  /** The one writer. */
  private async run(): Promise<void> {
    try {
      while (this.head < this.queue.length) {
        this.nextGroup();
        await this.commit();
      }
    } catch (error) {
      this.stop(writeFault(error, this.path));
    }
    this.running = false;
  }

  /** Move from the queue what fits into one group: one entry at least. */
  private nextGroup(): void {
    let bytes = 0;
    let end = this.head;
    for (; end < this.queue.length; end++) {
      bytes += this.queue[end]?.bytes.length ?? 0;
      if (bytes > GROUP_BYTES && end > this.head) break;
    }
    this.group = this.queue.slice(this.head, end);
    this.head = end;
    if (this.head < this.queue.length) return;
    this.queue = [];
    this.head = 0;
  }

  private async commit(): Promise<void> {
    await this.mustBeOurs();
    for (const bytes of portions(this.group)) {
      this.dirty = true;
      await writeAll(this.file, bytes, null);
      this.end += bytes.length;
    }
    this.acknowledge((entry) => !entry.durable);
    if (this.group.length) {
      // looked at while the disk works: what another writer put between the look and our write is not acknowledged
      const looked = this.mustBeOurs();
      const [synced, ours] = await Promise.allSettled([
        this.dirty ? this.file.datasync() : undefined,
        looked,
      ]);
      if (synced.status === 'rejected') throw synced.reason;
      if (ours.status === 'rejected') throw ours.reason;
      this.synced = this.end;
      this.dirty = false;
    }
    this.acknowledge(() => true);
  }

  private acknowledge(which: (entry: Entry) => boolean): void {
    const left: Entry[] = [];
    for (const entry of this.group) {
      if (!which(entry)) left.push(entry);
      else {
        this.waitingBytes -= entry.bytes.length;
        entry.done();
      }
    }
    this.group = left;
  }

  private async mustBeOurs(): Promise<void> {
    const { size, links } = await this.file.stat();
    if (links === 0 && this.countsLinks) throw fail('DURABLE_REMOVED', { path: this.path });
    if (size !== this.end)
      throw fail('DURABLE_OTHER_WRITER', { path: this.path, expected: this.end, found: size });
  }

  private stop(error: LiveError): void {
    this.failed = error;
    const lost = [...this.group, ...this.queue.slice(this.head)];
    this.group = [];
    this.queue = [];
    this.head = 0;
    this.waitingBytes = 0;
    this.onFailure(error, lost.filter(({ bytes }) => bytes.length > 0).length);
    for (const entry of lost) entry.failed(error);
  }
}

/** The bytes of a group, joined for writes of a sensible size. */
function* portions(group: readonly Entry[]): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const { bytes } of group) {
    if (size && size + bytes.length > WRITE_BYTES) {
      yield Buffer.concat(parts, size);
      parts = [];
      size = 0;
    }
    parts.push(bytes);
    size += bytes.length;
  }
  if (size) yield parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, size);
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
