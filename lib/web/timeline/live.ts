import type { ServerResponse } from 'node:http';
import type { Access } from './access';
import type { PageFrame } from './view';

export interface LiveOptions {
  /** how often something is told in any case: keeps the connection open, and ends those whose time is over */
  beatMs?: number;
  /** who takes nothing for so long is cut off */
  slowMs?: number;
  /** UTC in milliseconds */
  now?: () => number;
}

interface Listener {
  response: ServerResponse;
  access: Access;
  /** since when it has not taken what it was sent; null: it has */
  fullSinceMs: number | null;
  missed: boolean;
}

const USUAL = { beatMs: 15_000, slowMs: 30_000, now: () => Date.now() };

/** Browsers that hear of new pictures by server-sent events. Whoever is slow is told that he missed some, and asks. */
export class LiveNews {
  private readonly all = new Set<Listener>();
  private readonly options: Required<LiveOptions>;
  private beat: NodeJS.Timeout | null = null;

  constructor(options: LiveOptions = {}) {
    this.options = { ...USUAL, ...options };
  }

  get size(): number {
    return this.all.size;
  }

  /** Begin to tell; the head of the answer is written already. `gone` hears when he goes. */
  add(response: ServerResponse, access: Access, gone: () => void): void {
    const listener: Listener = { response, access, fullSinceMs: null, missed: false };
    let isGone = false;
    const leave = () => {
      if (isGone) return;
      isGone = true;
      this.all.delete(listener);
      if (this.all.size === 0 && this.beat) clearInterval(this.beat);
      if (this.all.size === 0) this.beat = null;
      gone();
    };
    response.on('close', leave);
    response.on('error', leave);
    response.on('drain', () => {
      listener.fullSinceMs = null;
      if (listener.missed) this.send(listener, 'missed', null);
      listener.missed = false;
    });
    this.all.add(listener);
    this.beat ??= this.startBeat();
    response.write('retry: 2000\n\n');
    this.send(listener, 'hello', { now: this.options.now() });
  }

  /** A picture was kept. */
  frame(frame: PageFrame): void {
    for (const listener of [...this.all]) {
      const { streams } = listener.access;
      if (streams === null || streams.includes(frame.stream)) this.send(listener, 'frame', frame);
    }
  }

  /** Something was withdrawn: whose time is over hears so now, and not with the next beat. */
  recheck(): void {
    for (const listener of [...this.all]) if (!listener.access.isValid()) this.over(listener);
  }

  /** End all of them; browsers come back by themselves. */
  close(): void {
    for (const { response } of [...this.all]) response.end();
    if (this.beat) clearInterval(this.beat);
    this.beat = null;
  }

  private startBeat(): NodeJS.Timeout {
    const timer = setInterval(() => {
      const nowMs = this.options.now();
      for (const listener of [...this.all]) {
        const { response, fullSinceMs, access } = listener;
        if (fullSinceMs !== null && nowMs - fullSinceMs > this.options.slowMs) response.destroy();
        else if (access.isValid()) this.send(listener, 'beat', { now: nowMs });
        else this.over(listener);
      }
    }, this.options.beatMs);
    timer.unref();
    return timer;
  }

  private over(listener: Listener): void {
    this.send(listener, 'over', null);
    listener.response.end();
  }

  private send(listener: Listener, event: string, data: unknown): void {
    if (listener.fullSinceMs !== null) {
      listener.missed = true;
      return;
    }
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    if (!listener.response.write(text)) listener.fullSinceMs = this.options.now();
  }
}
