import { type LiveError, fail } from '../../errors';

/** Somebody else is at work in the folder, or with the key: going on by itself could only make it worse. */
const FOR_GOOD = new Set(['DURABLE_OTHER_WRITER', 'WITNESS_FORKED']);
/** In few words, for `log.gap`; others have a reason of their own. */
const SHORT: Partial<Record<string, string>> = {
  WITNESS_BUSY: 'the disk was too slow',
  WITNESS_FULL: 'the limit of the log was reached',
  WITNESS_TOO_LARGE: 'an entry was too large',
  WITNESS_MISREAD: 'the disk gave back other bytes than were written',
  DURABLE_REMOVED: 'the file was removed',
};

/** Whether only a person can go on after this. */
export function isForGood(error: LiveError): boolean {
  return FOR_GOOD.has(error.code);
}

/** Why nothing more is recorded, for whoever wants to record. */
export function refusal(folder: string, error: LiveError): LiveError {
  if (error.code === 'WITNESS_FORKED') return error;
  const code = isForGood(error) ? 'WITNESS_STOPPED' : 'WITNESS_NOT_WRITABLE';
  return fail(code, { folder, reason: error.message }, error);
}

/** Why something was not recorded, in few words and without the paths of this computer. */
export function shortly(error: LiveError): string {
  const { code, details, cause } = error;
  if (code === 'WITNESS_NOT_WRITABLE' && cause) return shortly(cause as LiveError);
  return SHORT[code] ?? (typeof details.reason === 'string' ? details.reason : code);
}

/** Tries again until it works: after 1 s, 2 s, 4 s … as it is told. */
export class Retry {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<boolean> | null = null;
  private attempt = 0;
  private ended = false;

  /**
   * @param work gives whether it worked; never rejects
   * @param afterMs how long to wait before the `attempt`th try, counted from 1
   */
  constructor(
    private readonly work: () => Promise<boolean>,
    private readonly afterMs: (attempt: number) => number,
  ) {}

  /** Try after a while, and again until it works. */
  begin(): void {
    if (this.ended) return;
    this.attempt += 1;
    this.timer = setTimeout(
      () => void this.now().then((worked) => worked || this.begin()),
      this.afterMs(this.attempt),
    );
    this.timer.unref();
  }

  /** Try at once; gives whether it worked. Whoever asks meanwhile shares the try. */
  now(): Promise<boolean> {
    this.clear();
    this.running ??= this.work().then((worked) => {
      this.running = null;
      if (worked) this.attempt = 0;
      return worked;
    });
    return this.running;
  }

  /** Never again by itself, also where a try is under way. */
  stop(): void {
    this.ended = true;
    this.clear();
  }

  private clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
