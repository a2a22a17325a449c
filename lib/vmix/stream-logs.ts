import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { DiskFolder, type LogFile, type LogFolder } from './log-folder';
import { LogTail, type StreamFigures } from './log-tail';

export type { StreamFigures } from './log-tail';

/** How long the log of a live stream may be silent: ffmpeg writes twice a second. */
const SILENT_MS = 5_000;
/** Looking for a log costs as much as there are files: so often while there is none, */
const LIST_MS = 1_000;
/** and so often when the one there is does not grow, since another may have followed it. */
const LIST_AGAIN_MS = 3_000;

/**
 * The newest streaming log of a vMix, followed while a stream is live. One look at a time: a share that hangs holds back no reading
 * and piles up nothing. It never rejects; what is wrong is told as a reason, which quotes no line and no path.
 */
export class StreamLogs {
  private tail: LogTail | null = null;
  /** what was in the folder when it was looked at last */
  private known: Map<string, LogFile> | null = null;
  private under: Promise<void> | null = null;
  private underSinceMs = 0;
  private listedAtMs = Number.NEGATIVE_INFINITY;
  private fault: string | null = null;
  private live = false;

  constructor(
    private readonly folder: LogFolder,
    private readonly clock: () => number = now,
  ) {}

  /** The logs in a folder; null where none is named. */
  static in(path: string | null): StreamLogs | null {
    return path === null ? null : new StreamLogs(new DiskFolder(path));
  }

  /** Read what was added. `live`: a stream is. Resolves when that is done, after `ms` at the latest. */
  async look(live: boolean, ms: number): Promise<void> {
    if (live && !this.live) this.forget();
    this.live = live;
    if (this.under) return;
    this.underSinceMs = this.clock();
    this.under = this.visit()
      .then(() => (this.fault = null))
      .catch((error: unknown) => (this.fault = `the streaming logs cannot be read: ${wordOf(error)}`))
      .then(() => void (this.under = null));
    const done = new AbortController();
    await Promise.race([this.under.finally(() => done.abort()), pause(ms, done.signal)]);
  }

  /** Remember what is there, so that what is added is known to be new. */
  async prepare(ms: number): Promise<void> {
    if (this.known === null) await this.look(false, ms);
  }

  /** What the log says by now, or why it says nothing. */
  read(atMs: number): { figures: StreamFigures; fault: null } | { figures: null; fault: string } {
    const nothing = (fault: string) => ({ figures: null, fault });
    const waitedMs = this.under ? atMs - this.underSinceMs : 0;
    if (waitedMs > SILENT_MS)
      return nothing(
        `the folder of the streaming logs has not answered for ${Math.round(waitedMs / 1000)} s`,
      );
    if (this.fault !== null) return nothing(this.fault);
    const said = this.tail?.figures ?? null;
    if (!this.tail || said === null) return nothing('no streaming log has grown yet');
    const silentMs = atMs - this.tail.saidAtMs;
    if (silentMs > SILENT_MS)
      return nothing(`vMix has written nothing into its streaming log for ${Math.round(silentMs / 1000)} s`);
    return { figures: said, fault: null };
  }

  /** Why the stream has ended, in a sentence; null where its log does not say. */
  get end(): string | null {
    switch (this.tail?.ending) {
      case 'rejected':
        return 'The log of vMix says that the server refused it: the address or the key is wrong.';
      case 'disconnected':
        return 'The log of vMix says that the way to the server broke.';
      default:
        return null;
    }
  }

  /** Another stream begins: what the log of the one before says is over. */
  private forget(): void {
    const { tail, known } = this;
    const listed = tail && known?.get(tail.name);
    // what it has told already is no news of the next
    if (listed) known?.set(tail.name, { ...listed, identity: tail.identity, size: tail.offset });
    this.tail = null;
    this.listedAtMs = Number.NEGATIVE_INFINITY;
  }

  private async visit(): Promise<void> {
    const atMs = this.clock();
    const stands = !this.tail || atMs - this.tail.grewAtMs >= LIST_AGAIN_MS;
    if (stands && atMs - this.listedAtMs >= (this.tail ? LIST_AGAIN_MS : LIST_MS)) {
      this.listedAtMs = atMs;
      await this.choose(atMs);
    }
    await this.tail?.advance(this.folder, this.clock());
  }

  /** Take the newest of those that are new, or have grown since the last look. */
  private async choose(atMs: number): Promise<void> {
    const files = await this.folder.files();
    const { known } = this;
    this.known = new Map(files.map((file) => [file.name, file]));
    // what was there before the first look may be of any stream
    if (known === null) return;
    let newest: LogFile | null = null;
    for (const file of files) {
      const before = known.get(file.name);
      const grew = before?.identity !== file.identity || file.size !== before.size;
      if (grew && (newest === null || file.modifiedMs > newest.modifiedMs)) newest = file;
    }
    if (newest === null || newest.name === this.tail?.name) return;
    const before = known.get(newest.name);
    const isSame = before?.identity === newest.identity && before.size <= newest.size;
    this.tail = new LogTail(newest.name, newest.identity, isSame ? before.size : 0, atMs);
  }
}

/** What a system says of a fault, without the path. */
function wordOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOENT') return 'there is no such folder or file';
  if (code === 'EACCES' || code === 'EPERM') return 'Node-RED may not read them';
  if (code === 'EBUSY') return 'another program keeps them to itself';
  if (typeof code === 'string') return code;
  return error instanceof Error && error.message.startsWith('it ') ? error.message : 'an unknown fault';
}
