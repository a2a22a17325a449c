import type { Kept } from '../connection/lease';
import { Backoff } from '../connection/backoff';
import { isoTime } from '../connection/clock';
import { pause, withDeadline } from '../connection/deadline';
import { Emitter } from '../connection/emitter';
import { asLiveError, fail, type LiveError } from '../errors';
import type { Release } from '../production/application';
import { parseCheckpoint } from './checkpoint';
import { parseNote } from './note';
import type { CheckpointTold, LogState, WitnessLog } from './store/log';
import type { Lost } from './store/losses';

/** What may wait until the log is open: recovering a large one takes seconds. */
const MOST_ENTRIES = 10_000;
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** What came first waits so long for the log to open, ms; then the show goes on without it, and the log tells how many there were. */
const OPENING_MS = 10_000;
/** The log that used this folder before has so long to close; Node-RED itself gives a node 15 s. */
const BEFORE_MS = 15_000;
/** A checkpoint is told with or without its cosigners after 10 s; and a little. */
const COSIGN_MS = 11_000;

/** Where an entry stands in the log. */
export interface Receipt {
  seq: number;
  /** hexadecimal */
  hash: string;
  /** entries of the log with this one */
  size: number;
}

export type KeptState = 'opening' | 'open' | 'failed' | 'closed';

export interface KeptStatus {
  state: KeptState;
  error: LiveError | null;
  /** of the log; null until it was open once */
  log: LogState | null;
}

interface Waiting {
  type: string;
  data: string;
  src: string;
  resolve: (receipt: Promise<Receipt>) => void;
  reject: (error: LiveError) => void;
}

/** Folders whose log is just closing: the next one on the same folder waits. */
const closing = new Map<string, Promise<void>>();

/**
 * A witness log that opens by itself, and again after a failure; what is handed over meanwhile waits, in order. One log after the other on
 * one folder: the next opens when the one before has closed.
 */
export class KeptLog implements Kept {
  private log: WitnessLog | null = null;
  private fault: LiveError | null = null;
  private waiting: Waiting[] = [];
  private waitingCharacters = 0;
  private users = 0;
  private readonly unused = new Emitter<void>();
  private readonly stopped = new AbortController();
  private readonly opening: Promise<void>;
  private closed: Promise<void> | null = null;
  private newest: CheckpointTold | null = null;
  /** what came while the log could not be opened */
  private missed = { count: 0, firstMs: 0, lastMs: 0 };
  private readonly statuses = new Emitter<KeptStatus>();
  private readonly told = new Emitter<CheckpointTold>();

  /** `folder` names the log in the queue of those that close and open; `open` opens it. */
  constructor(
    private readonly folder: string,
    private readonly open: () => Promise<WitnessLog>,
    private readonly backoff = new Backoff(Math.random, 1000, 2, 30_000, 0.1),
    private readonly openingMs = OPENING_MS,
  ) {
    this.opening = this.keepOpening();
  }

  /** Somebody uses the log, until the returned function is called. */
  use(): Release {
    this.users++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--this.users === 0) this.unused.tell();
    };
  }

  /** Resolves when nobody uses the log any more, or after `ms`. */
  async whenUnused(ms: number): Promise<void> {
    if (this.users === 0) return;
    const stop = new AbortController();
    const release = this.unused.add(() => stop.abort());
    await pause(ms, stop.signal);
    release();
  }

  /** It waits for a person: whoever deploys again shall have a new try. */
  get spent(): boolean {
    const { state, error } = this.status();
    return (
      state === 'failed' &&
      (!this.log || error?.code === 'WITNESS_STOPPED' || error?.code === 'WITNESS_FORKED')
    );
  }

  status(): KeptStatus {
    const log = this.log?.state() ?? null;
    if (this.closed) return { state: 'closed', error: null, log };
    if (log) {
      const error = log.error ?? this.fault;
      return { state: log.state === 'open' ? 'open' : 'failed', error, log };
    }
    return { state: this.fault ? 'failed' : 'opening', error: this.fault, log };
  }

  /** Hear every change of the status, from now on. */
  onStatus(hear: (status: KeptStatus) => void): Release {
    return this.statuses.add(hear);
  }

  /** Hear every checkpoint, once its cosigners have answered or were waited for. */
  onCheckpoint(hear: (told: CheckpointTold) => void): Release {
    return this.told.add(hear);
  }

  /**
   * Record one entry; the texts as `WitnessLog.append` takes them. Resolves when it is as durable as the log's settings say. Entries stand in the log in the
   * order of these calls.
   * @throws (rejects) LiveError: why it is not recorded
   */
  append(type: string, data: string, src: string): Promise<Receipt> {
    if (this.log) return write(this.log, type, data, src);
    if (this.closed) return Promise.reject(fail('WITNESS_CLOSED', { folder: this.folder }));
    if (this.fault) return Promise.reject(this.miss(this.fault));
    if (this.waiting.length >= MOST_ENTRIES || this.waitingCharacters + data.length > MOST_CHARACTERS) {
      const limit = `${MOST_ENTRIES} entries or 32 MiB`;
      return Promise.reject(this.miss(fail('WITNESS_BUSY', { folder: this.folder, limit })));
    }
    this.waitingCharacters += data.length;
    return new Promise((resolve, reject) => this.waiting.push({ type, data, src, resolve, reject }));
  }

  /** The log, once it is open. Rejects with the reason where it cannot be opened, and after `ms` with that of the first try. */
  async whenOpen(ms: number): Promise<WitnessLog> {
    if (!this.log && !this.fault && !this.closed) {
      const stop = new AbortController();
      const release = this.statuses.add(() => stop.abort());
      await pause(ms, stop.signal);
      release();
    }
    if (this.log) return this.log;
    throw this.fault ?? fail('WITNESS_CLOSED', { folder: this.folder });
  }

  /**
   * Sign what was recorded so far; with cosigners, once they have answered or were waited for. Waits `ms` for the log to open.
   * @throws LiveError: why it is not open, or cannot be signed
   */
  async checkpoint(ms: number): Promise<CheckpointTold> {
    const log = await this.whenOpen(ms);
    let heard: CheckpointTold[] = [];
    const release = this.told.add((one) => void (heard = [...heard, one]));
    try {
      const note = await log.checkpoint();
      const size = parseCheckpoint(parseNote(note)?.text ?? '')?.size ?? 0;
      const names = log.state().cosigners.map(({ name }) => name);
      const told = () => [this.newest, ...heard].find((one) => one !== null && one.size >= size) ?? null;
      if (names.length && !told()) {
        const stop = new AbortController();
        const unhear = this.told.add(({ size: its }) => its >= size && stop.abort());
        await pause(COSIGN_MS, stop.signal);
        unhear();
      }
      return told() ?? { note, size, cosignedBy: [], missing: names };
    } finally {
      release();
    }
  }

  /** Take nothing more, write what waits, close the log. Rejects with what went wrong; safe to call twice. */
  close(): Promise<void> {
    if (this.closed) return this.closed;
    this.stopped.abort();
    this.closed = this.finish();
    const over = this.closed.catch(() => undefined);
    const before = closing.get(this.folder);
    const all = before ? Promise.all([before, over]).then(() => undefined) : over;
    closing.set(this.folder, all);
    void all.then(() => {
      if (closing.get(this.folder) === all) closing.delete(this.folder);
    });
    return this.closed;
  }

  private async finish(): Promise<void> {
    await this.opening;
    this.refuse(fail('WITNESS_CLOSED', { folder: this.folder }));
    try {
      await this.log?.close();
    } finally {
      this.statuses.tell(this.status());
      this.statuses.clear();
      this.told.clear();
    }
  }

  private async keepOpening(): Promise<void> {
    const before = closing.get(this.folder);
    if (before) await withDeadline(before, BEFORE_MS, () => new Error('late')).catch(() => undefined);
    // one try even when it is to close already: what waits has to be written
    for (let tries = 0; tries === 0 || !this.stopped.signal.aborted; tries++) {
      const late = setTimeout(() => this.late(), this.openingMs).unref();
      try {
        this.opened(await this.open());
        return;
      } catch (error) {
        this.fault = asLiveError(error);
        this.refuse(this.fault);
        this.statuses.tell(this.status());
      } finally {
        clearTimeout(late);
      }
      await pause(this.backoff.next(), this.stopped.signal);
    }
  }

  /** It may still come; nobody waits for it any longer. */
  private late(): void {
    const reason = `this takes longer than ${this.openingMs / 1000} s`;
    this.fault ??= fail('WITNESS_OPEN_FAILED', { folder: this.folder, reason });
    this.refuse(this.fault);
    this.statuses.tell(this.status());
  }

  private opened(log: WitnessLog): void {
    this.log = log;
    this.fault = null;
    const { count } = this.missed;
    if (count > 0) log.missed(this.lost());
    this.missed.count = 0;
    log.onState(() => this.statuses.tell(this.status()));
    log.onCheckpoint((told) => {
      this.newest = told;
      this.told.tell(told);
    });
    for (const { type, data, src, resolve } of this.waiting.splice(0)) resolve(write(log, type, data, src));
    this.waitingCharacters = 0;
    this.statuses.tell(this.status());
  }

  /** One message is lost; the log will tell, once it is open. */
  private miss(error: LiveError): LiveError {
    const { missed } = this;
    missed.lastMs = Date.now();
    if (missed.count++ === 0) missed.firstMs = missed.lastMs;
    return error;
  }

  /** Nights of messages at a stroke: the first, and all others at the time of the last. */
  private lost(): Lost[] {
    const { count, firstMs, lastMs } = this.missed;
    const reason = 'the log could not be opened';
    const first = { t: isoTime(firstMs), reason };
    return count === 1 ? [first] : [first, { t: isoTime(lastMs), reason, count: count - 1 }];
  }

  private refuse(error: LiveError): void {
    for (const { reject } of this.waiting.splice(0)) reject(this.miss(error));
    this.waitingCharacters = 0;
  }
}

async function write(log: WitnessLog, type: string, data: string, src: string): Promise<Receipt> {
  const { seq, hash, size, done } = log.append(type, data, src);
  await done;
  return { seq, hash, size };
}
