import type { PublicQueue, You } from '../../lib/web/guest-page/view';
import { nowMs } from './time';

/** The server tells something every 15 s; two that are missing are a lost connection. */
const SILENT_MS = 40_000;
/** Short breaks are nobody's concern. */
const TELL_AFTER_MS = 3_000;
const FIRST_AGAIN_MS = 2_000;
const LAST_AGAIN_MS = 30_000;
const LOOK_MS = 1_000;
const POLL_MS = 5_000;

export interface News {
  queue(queue: PublicQueue | null): void;
  you(you: You | null): void;
  connected(is: boolean): void;
}

/** The way to the server: opens by itself, and again whenever it broke, for as long as the page is there. */
export class Link {
  private source: EventSource | null = null;
  private lastMs = nowMs();
  private againMs = FIRST_AGAIN_MS;
  private openAtMs = 0;
  private told = true;

  constructor(private readonly news: News) {
    this.open();
    setInterval(() => this.look(), LOOK_MS);
    // a phone that was asleep has missed things, and may not have noticed that the connection is gone
    for (const event of ['online', 'pageshow']) addEventListener(event, () => this.wake());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.wake();
    });
  }

  /** Open anew now: who asks has changed, or somebody looks again. */
  open(): void {
    this.source?.close();
    const source = (this.source = new EventSource('events'));
    this.openAtMs = Infinity;
    const hear = (name: 'queue' | 'you') =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (this.source !== source) return;
        this.againMs = FIRST_AGAIN_MS;
        this.heard();
        if (name === 'queue') this.news.queue(JSON.parse(data) as PublicQueue | null);
        else this.news.you(JSON.parse(data) as You | null);
      });
    hear('queue');
    hear('you');
    source.onerror = () => {
      if (this.source === source) this.lost();
    };
  }

  private lost(): void {
    this.source?.close();
    this.source = null;
    // not all at the same moment, when the server was away for everybody
    this.openAtMs = nowMs() + this.againMs * (0.5 + Math.random() / 2);
    this.againMs = Math.min(this.againMs * 1.6, LAST_AGAIN_MS);
    void this.poll();
  }

  /** Where events do not come through (too many listen, a proxy holds them back), asking does. */
  private async poll(): Promise<void> {
    try {
      const response = await fetch('queue', { cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) });
      if (!response.ok) return;
      const { queue, you } = (await response.json()) as { queue: PublicQueue | null; you: You | null };
      if (this.source !== null && this.openAtMs === Infinity && nowMs() - this.lastMs < POLL_MS) return;
      this.heard();
      this.news.you(you);
      this.news.queue(queue);
    } catch {
      // the next try says more
    }
  }

  private heard(): void {
    this.lastMs = nowMs();
    this.tell(true);
  }

  private wake(): void {
    if (this.source === null || nowMs() - this.lastMs > SILENT_MS / 2) this.open();
  }

  private look(): void {
    const silentMs = nowMs() - this.lastMs;
    if (this.source === null ? silentMs > TELL_AFTER_MS : silentMs > SILENT_MS) this.tell(false);
    if (this.source === null && nowMs() >= this.openAtMs) this.open();
    else if (this.source !== null && silentMs > SILENT_MS && this.openAtMs === Infinity) this.lost();
  }

  private tell(is: boolean): void {
    if (is === this.told) return;
    this.told = is;
    this.news.connected(is);
  }
}
