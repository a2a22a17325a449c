import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Kept } from '../../connection/lease';
import type { SmallAnswer, SmallAsk } from './worker';

/** Some 10,000 pictures: a show of three hours can be looked through twice without making one anew. */
const MOST_KEPT_BYTES = 32 * 1024 * 1024;
/** Somebody who scrolls asks for six at once; more than this are sent the picture as it is. */
const MOST_WAITING = 200;
/** A thread that nobody needs takes 10 MB. */
const IDLE_MS = 60_000;
/** One takes 2 to 10 ms; a thread that does not answer is ended. */
const DEADLINE_MS = 5_000;

export interface SmallOptions {
  mostKeptBytes?: number;
  mostWaiting?: number;
  idleMs?: number;
}

interface Waiting {
  resolve(small: Buffer | null): void;
  timer: NodeJS.Timeout;
}

/**
 * Small pictures for contact sheets, made when somebody looks and kept in memory. They are made in a thread of their own, so that scrolling through
 * a show never holds up the flows of one that runs; a show that nobody looks at costs nothing, neither time nor disk. Browsers keep what they got.
 */
export class SmallPictures implements Kept {
  private readonly kept = new Map<string, Buffer>();
  private keptBytes = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly made = new Map<string, Promise<Buffer>>();
  private worker: Worker | null = null;
  private idle: NodeJS.Timeout | null = null;
  private asks = 0;
  private closed = false;
  private readonly options: Required<SmallOptions>;

  constructor(options: SmallOptions = {}) {
    this.options = { mostKeptBytes: MOST_KEPT_BYTES, mostWaiting: MOST_WAITING, idleMs: IDLE_MS, ...options };
  }

  /**
   * The small one of a picture; the picture itself where none can be made. `key` stands for these very bytes (their hash). Rejects with what
   * `picture` rejects with, and with nothing else.
   */
  get(key: string, picture: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.kept.get(key);
    if (known) {
      // who was asked for lately is forgotten last
      this.kept.delete(key);
      this.kept.set(key, known);
      return Promise.resolve(known);
    }
    let made = this.made.get(key);
    if (!made) {
      made = this.make(key, picture).finally(() => this.made.delete(key));
      this.made.set(key, made);
    }
    return made;
  }

  /** How many bytes are kept. */
  get bytes(): number {
    return this.keptBytes;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.kept.clear();
    this.keptBytes = 0;
    await this.end();
  }

  private async make(key: string, picture: () => Promise<Buffer>): Promise<Buffer> {
    const jpeg = await picture();
    const small = (await this.ask(jpeg)) ?? jpeg;
    this.keep(key, small);
    return small;
  }

  private keep(key: string, small: Buffer): void {
    // one that is not small has the browser's memory only
    if (this.closed || small.length > this.options.mostKeptBytes / 100 || this.kept.has(key)) return;
    this.kept.set(key, small);
    this.keptBytes += small.length;
    for (const [oldest, bytes] of this.kept) {
      if (this.keptBytes <= this.options.mostKeptBytes) return;
      this.kept.delete(oldest);
      this.keptBytes -= bytes.length;
    }
  }

  private ask(jpeg: Buffer): Promise<Buffer | null> {
    if (this.closed || this.waiting.size >= this.options.mostWaiting) return Promise.resolve(null);
    const worker = this.thread();
    if (!worker) return Promise.resolve(null);
    const ask = ++this.asks;
    // a copy of its own, which the thread gets without another
    const bytes = new Uint8Array(jpeg);
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.end(), DEADLINE_MS);
      timer.unref();
      this.waiting.set(ask, { resolve, timer });
      worker.postMessage({ ask, jpeg: bytes } satisfies SmallAsk, [bytes.buffer]);
    });
  }

  private thread(): Worker | null {
    if (this.idle) clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.end(), this.options.idleMs);
    this.idle.unref();
    if (this.worker) return this.worker;
    try {
      const worker = new Worker(join(__dirname, 'worker.js'), {
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: 256 },
      });
      worker.unref();
      worker.on('message', ({ ask, small }: SmallAnswer) => this.answered(ask, small && Buffer.from(small)));
      const gone = () => {
        if (this.worker === worker) void this.end();
      };
      worker.on('error', gone);
      worker.on('exit', gone);
      return (this.worker = worker);
    } catch {
      // a machine that gives no more threads: pictures go out as they are
      return null;
    }
  }

  private answered(ask: number, small: Buffer | null): void {
    const one = this.waiting.get(ask);
    if (!one) return;
    clearTimeout(one.timer);
    this.waiting.delete(ask);
    one.resolve(small);
  }

  private async end(): Promise<void> {
    const { worker } = this;
    this.worker = null;
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    for (const ask of [...this.waiting.keys()]) this.answered(ask, null);
    await worker?.terminate();
  }
}
