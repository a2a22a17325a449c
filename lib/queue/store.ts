import { isoTime } from '../connection/clock';
import type { Files } from '../durable/files';
import { fail, type LiveError } from '../errors';
import type { QueueClock } from './clock';
import { QueueFile } from './file';
import { emptyQueue } from './machine';
import { goOn, parseSaved, type Saved } from './saved';
import type { QueueState } from './types';

/** The time on air is written so often, ms: more of it than this is never given again after a power cut. */
const BEAT_MS = 30_000;

export interface QueueStoreOptions {
  folder: string;
  files?: Files;
  clock: QueueClock;
  tell: (what: LiveError | string) => void;
  /** the queue as it is now */
  queue: () => QueueState;
  /** another process had the folder until now, and left this */
  reopened: (queue: QueueState) => void;
}

/** A queue on the disk: what was there goes on, and what nobody can read is kept aside. */
export class QueueStore {
  /** how the queue was left; an empty one where there was none, or none that can be read */
  readonly found: QueueState;
  /** the server's name of its own start, as the last list had it */
  serverRun: string | null = null;
  private readonly file: QueueFile;
  /** why the file could not be read; null where it could */
  private unreadable: string | null = null;
  private writtenAtMs = 0;

  constructor(private readonly options: QueueStoreOptions) {
    const { folder, files, tell } = options;
    const content = () => this.content();
    const reserved = () => this.reserved();
    this.file = new QueueFile({ folder, tell, content, reserved, ...(files && { files }) });
    this.found = this.load(this.file.found);
  }

  /** Resolves when the folder is ours, or nobody can have it. Never rejects. */
  async reserve(): Promise<void> {
    await this.file.reserve();
  }

  /** Something changed: it is written soon. */
  changed(): void {
    this.file.changed();
  }

  /** Time passes that counts: it is written now and then. */
  beat(): void {
    if (this.options.clock.nowMs() - this.writtenAtMs >= BEAT_MS) this.file.changed();
  }

  /** Resolves when everything is on the disk, or cannot be brought there. */
  saved(): Promise<void> {
    return this.file.saved();
  }

  /** Write what is not written, and let others have the folder. Never rejects. */
  close(): Promise<void> {
    return this.file.close();
  }

  private async reserved(): Promise<void> {
    const { tell, clock, reopened } = this.options;
    const now = this.file.read();
    if (now !== this.file.found) reopened(this.load(now));
    if (this.unreadable === null) return;
    const aside = await this.file.setAside(isoTime(clock.wallMs()).replace(/\D/g, ''));
    tell(fail('QUEUE_UNREADABLE', { reason: this.unreadable, aside }));
    this.unreadable = null;
    this.file.changed();
  }

  private load(content: string | null): QueueState {
    this.unreadable = null;
    if (content === null) return emptyQueue();
    const read = parseSaved(content);
    if ('reason' in read) {
      this.unreadable = read.reason;
      return emptyQueue();
    }
    const { clock } = this.options;
    this.serverRun = read.saved.serverRun;
    return goOn(read.saved, { boot: clock.boot, nowMs: clock.nowMs(), wallMs: clock.wallMs() });
  }

  private content(): string {
    const { clock, queue } = this.options;
    const [atMs, wallMs] = [clock.nowMs(), clock.wallMs()];
    this.writtenAtMs = atMs;
    const { boot } = clock;
    const saved: Saved = { v: 1, boot, atMs, wallMs, serverRun: this.serverRun, queue: queue() };
    return `${JSON.stringify(saved)}\n`;
  }
}
