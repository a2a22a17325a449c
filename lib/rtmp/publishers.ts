import type { ToldFeed } from './media/told-feed';
import type { IngestEvent } from './types';

/** One who publishes: his connection, and what he sends. */
export interface Publishing<Caller extends Connected, Fed extends ToldFeed> {
  caller: Caller;
  feed: Fed;
  /** what people read */
  name: string;
}

interface Connected {
  readonly connectionId: string;
}

/** Where everybody may publish under any name, whoever comes and goes at once is not waited for any more. */
const MOST_AWAY = 200;

/** Who publishes, and who has dropped out a moment ago and may come back. */
export class Publishers<Caller extends Connected, Fed extends ToldFeed> {
  private readonly live = new Map<string, Publishing<Caller, Fed>>();
  private readonly byCaller = new Map<Caller, Publishing<Caller, Fed>>();
  private readonly away = new Map<string, { feed: Fed; timer: NodeJS.Timeout }>();
  private closed = false;

  constructor(private readonly tell: (event: IngestEvent) => void) {}

  get size(): number {
    return this.live.size;
  }

  all(): Publishing<Caller, Fed>[] {
    return [...this.live.values()];
  }

  at(stream: string): Publishing<Caller, Fed> | null {
    return this.live.get(stream) ?? null;
  }

  of(caller: Caller): Publishing<Caller, Fed> | null {
    return this.byCaller.get(caller) ?? null;
  }

  withId(connectionId: string): Publishing<Caller, Fed> | null {
    return this.all().find(({ caller }) => caller.connectionId === connectionId) ?? null;
  }

  add(publishing: Publishing<Caller, Fed>): void {
    const { feed, caller, name } = publishing;
    const before = this.away.get(feed.stream);
    if (before) clearTimeout(before.timer);
    this.away.delete(feed.stream);
    this.live.set(feed.stream, publishing);
    this.byCaller.set(caller, publishing);
    this.tell({ what: 'publishing', feed, name, back: before !== undefined });
  }

  /**
   * He publishes no more.
   * @param expected null: nobody knows
   * @param graceMs how long he may take to come back; 0: he has left
   */
  remove(caller: Caller, reason: string, expected: boolean | null, graceMs: number): void {
    const publishing = this.byCaller.get(caller);
    if (!publishing) return;
    const { feed } = publishing;
    this.byCaller.delete(caller);
    if (this.live.get(feed.stream) === publishing) this.live.delete(feed.stream);
    const isAwaited = graceMs > 0 && !this.closed && this.away.size < MOST_AWAY;
    if (isAwaited) {
      const timer = setTimeout(() => {
        this.away.delete(feed.stream);
        this.tell({ what: 'left', feed, reason, expected });
      }, graceMs);
      timer.unref();
      this.away.set(feed.stream, { feed, timer });
    }
    feed.end(reason);
    if (!isAwaited) this.tell({ what: 'left', feed, reason, expected });
    // whoever heard the end may have closed everything
    else if (this.away.get(feed.stream)?.feed === feed)
      this.tell({ what: 'away', feed, reason, expected: expected === true });
  }

  /** Nobody is waited for any more. */
  close(reason: string): void {
    this.closed = true;
    for (const { caller } of this.all()) this.remove(caller, reason, true, 0);
    const away = [...this.away.values()];
    this.away.clear();
    for (const { feed, timer } of away) {
      clearTimeout(timer);
      this.tell({ what: 'left', feed, reason, expected: true });
    }
  }
}
