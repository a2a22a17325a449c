import type { ServerResponse } from 'node:http';
import type { PublicQueue, You } from './view';

export interface ListenersOptions {
  /** browsers that listen at once, in all and from one address (a hall shares one) */
  most?: number;
  mostFromOne?: number;
  /** how often everybody gets the whole queue anew: keeps the connection open, and times right */
  heartbeatMs?: number;
  /** one that takes nothing for so long is cut off */
  slowMs?: number;
  /** at least so long between two news */
  gapMs?: number;
  /** any clock that never goes back, in ms */
  now?: () => number;
}

interface Listener {
  response: ServerResponse;
  from: string;
  you: () => You | null;
  lastYou: string;
  /** since when it has not taken what it was sent; null: it has */
  fullSinceMs: number | null;
  /** something newer is there for when it has */
  missed: boolean;
}

/** Why nobody more can listen. */
export type NoRoom = 'many' | 'many-from-one';

const USUAL = {
  most: 500,
  mostFromOne: 100,
  heartbeatMs: 15_000,
  slowMs: 20_000,
  gapMs: 200,
  now: () => performance.now(),
};

/**
 * Browsers that hear of the queue by server-sent events. Each event is the whole queue, so whoever is slow misses some, gets the newest later, and
 * is cut off when he takes nothing at all: nothing piles up for him.
 */
export class Listeners {
  private readonly all = new Set<Listener>();
  private readonly options: Required<ListenersOptions>;
  private readonly heartbeat: NodeJS.Timeout;
  private soon: NodeJS.Timeout | null = null;
  private lastToldMs = Number.NEGATIVE_INFINITY;

  /** `queue` gives what is shown now; null while the queue is not there */
  constructor(
    private readonly queue: () => PublicQueue | null,
    options: ListenersOptions = {},
  ) {
    this.options = { ...USUAL, ...options };
    this.heartbeat = setInterval(() => this.beat(), this.options.heartbeatMs);
    this.heartbeat.unref();
  }

  get size(): number {
    return this.all.size;
  }

  /** Whether one more from this address may listen. */
  room(from: string): NoRoom | null {
    if (this.all.size >= this.options.most) return 'many';
    let count = 0;
    for (const listener of this.all) if (listener.from === from) count++;
    return count >= this.options.mostFromOne ? 'many-from-one' : null;
  }

  /** Begin to tell; the head of the answer is written already. `you` gives what this browser's owner is told of himself. */
  add(response: ServerResponse, from: string, you: () => You | null): void {
    const listener: Listener = { response, from, you, lastYou: '', fullSinceMs: null, missed: false };
    this.all.add(listener);
    response.on('close', () => this.all.delete(listener));
    response.on('error', () => this.all.delete(listener));
    response.on('drain', () => {
      listener.fullSinceMs = null;
      if (listener.missed) this.send(listener, this.frame());
    });
    this.send(listener, `retry: 2000\n\n${this.frame()}`);
  }

  /** Something changed: everybody hears of it, a moment later if it comes in a burst. */
  tell(): void {
    if (this.soon || this.all.size === 0) return;
    const { gapMs, now } = this.options;
    const inMs = Math.max(0, this.lastToldMs + gapMs - now());
    this.soon = setTimeout(() => {
      this.soon = null;
      this.tellNow();
    }, inMs);
    this.soon.unref();
  }

  /** End all of them; their browsers come back by themselves. */
  close(): void {
    clearInterval(this.heartbeat);
    if (this.soon) clearTimeout(this.soon);
    for (const { response } of [...this.all]) response.end();
    this.all.clear();
  }

  private beat(): void {
    const { slowMs, now } = this.options;
    for (const { response, fullSinceMs } of [...this.all])
      if (fullSinceMs !== null && now() - fullSinceMs > slowMs) response.destroy();
    this.tellNow();
  }

  private tellNow(): void {
    this.lastToldMs = this.options.now();
    const frame = this.frame();
    for (const listener of [...this.all]) this.send(listener, frame);
  }

  private frame(): string {
    return `event: queue\ndata: ${JSON.stringify(this.queue())}\n\n`;
  }

  private send(listener: Listener, frame: string): void {
    if (listener.fullSinceMs !== null) {
      listener.missed = true;
      return;
    }
    const you = JSON.stringify(listener.you());
    const mine = you === listener.lastYou ? '' : `event: you\ndata: ${you}\n\n`;
    listener.lastYou = you;
    listener.missed = false;
    if (!listener.response.write(mine + frame)) listener.fullSinceMs = this.options.now();
  }
}
