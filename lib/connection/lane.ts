/** Who goes first: a stop before an action before a poll. */
export type Priority = 'stop' | 'action' | 'poll';

const ORDER: readonly Priority[] = ['stop', 'action', 'poll'];

interface Entry {
  owner: object;
  run: () => Promise<void>;
  drop: (error: Error) => void;
}

/**
 * A serial lane: one piece of work at a time, in order within a priority. An OBS runs the requests it gets in
 * parallel and out of order, so whoever wants an order must send one after the other.
 */
export class Lane {
  private readonly waiting: Record<Priority, Entry[]> = { stop: [], action: [], poll: [] };
  private busy = false;

  constructor(readonly limit = 200) {}

  /** How many wait, the running one not counted. */
  get length(): number {
    return this.waiting.stop.length + this.waiting.action.length + this.waiting.poll.length;
  }

  /**
   * Queue `work`. Rejects with `full()` beyond the limit. A poll is answered null when one is already waiting
   * (it would only ask the same again).
   */
  run<T>(owner: object, priority: Priority, work: () => Promise<T>, full: () => Error): Promise<T>;
  run<T>(owner: object, priority: 'poll', work: () => Promise<T>, full: () => Error): Promise<T | null>;
  run<T>(owner: object, priority: Priority, work: () => Promise<T>, full: () => Error): Promise<T | null> {
    if (priority === 'poll' && this.waiting.poll.some((entry) => entry.owner === owner))
      return Promise.resolve(null);
    if (this.length >= this.limit && priority !== 'stop') return Promise.reject(full());
    return new Promise<T>((resolve, reject) => {
      this.waiting[priority].push({
        owner,
        drop: reject,
        run: () => Promise.resolve().then(work).then(resolve, reject),
      });
      this.next();
    });
  }

  /** Reject everything of `owner` that still waits, because its socket has gone. */
  drop(owner: object, error: () => Error): void {
    for (const priority of ORDER) {
      const mine = this.waiting[priority].filter((entry) => entry.owner === owner);
      if (!mine.length) continue;
      this.waiting[priority] = this.waiting[priority].filter((entry) => entry.owner !== owner);
      for (const entry of mine) entry.drop(error());
    }
  }

  private next(): void {
    if (this.busy) return;
    const { stop, action, poll } = this.waiting;
    const entry = stop.shift() ?? action.shift() ?? poll.shift();
    if (!entry) return;
    this.busy = true;
    void entry.run().finally(() => {
      this.busy = false;
      this.next();
    });
  }
}
