import type { Message } from './types';

/** What a message is given on its way: a property and its value. */
export interface Mark {
  property: string;
  value: unknown;
}

/** What becomes of a message: it goes on with a mark, or stops with an error. */
export type Outcome = { mark: Mark } | { error: unknown };

/** A message on its way through a node. */
export interface Passing {
  msg: Message;
  send: (msg: Message) => void;
  done: (error?: Error) => void;
}

/** How long a message waits, ms, and what becomes of it then. */
export interface Patience {
  ms: number;
  outcome: () => Promise<Mark>;
}

interface Waiting {
  passing: Passing;
  /** when it came, ms */
  atMs: number;
  outcome: Outcome | null;
}

/** Once one has waited in vain, those behind it do not wait as long, until something settles again. */
const BEHIND_MS = 100;
/** How often the oldest is looked at. */
const LOOK_MS = 100;
/** What has passed is thrown away in portions. */
const PORTION = 1024;

/** Messages that pass one after the other, in the order in which they came, however long each takes; none for longer than patience lasts. */
export class Passage {
  private queue: Waiting[] = [];
  private head = 0;
  private behind = false;
  private timer: NodeJS.Timeout | null = null;
  private whenThrough: (() => void) | null = null;

  constructor(
    private readonly pass: (passing: Passing, outcome: Outcome) => void,
    private readonly patience: Patience,
  ) {}

  /** A message came; `taken` says what becomes of it. */
  enter(passing: Passing, taken: Promise<Mark>): void {
    const waiting: Waiting = { passing, atMs: performance.now(), outcome: null };
    this.queue.push(waiting);
    this.timer ??= this.look();
    const settled = (outcome: Outcome) => {
      this.behind = false;
      this.settle(waiting, outcome);
    };
    taken.then(
      (mark) => settled({ mark }),
      (error: unknown) => settled({ error }),
    );
  }

  /** Resolves when all that are in it are through. */
  through(): Promise<void> {
    if (this.queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => (this.whenThrough = resolve));
  }

  private settle(waiting: Waiting, outcome: Outcome): void {
    if (waiting.outcome) return;
    waiting.outcome = outcome;
    for (let first = this.queue[this.head]; first?.outcome; first = this.queue[this.head]) {
      this.head++;
      this.pass(first.passing, first.outcome);
    }
    if (this.head < this.queue.length) {
      if (this.head < PORTION) return;
      this.queue = this.queue.slice(this.head);
      this.head = 0;
      return;
    }
    this.queue = [];
    this.head = 0;
    this.whenThrough?.();
  }

  private look(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timer = null;
      const latestMs = performance.now() - (this.behind ? BEHIND_MS : this.patience.ms);
      for (const waiting of this.queue.slice(this.head)) {
        if (waiting.atMs > latestMs) break;
        if (!waiting.outcome) this.giveUp(waiting);
      }
      if (this.queue.length) this.timer ??= this.look();
    }, LOOK_MS);
    timer.unref();
    return timer;
  }

  private giveUp(waiting: Waiting): void {
    this.behind = true;
    this.patience.outcome().then(
      (mark) => this.settle(waiting, { mark }),
      (error: unknown) => this.settle(waiting, { error }),
    );
  }
}
