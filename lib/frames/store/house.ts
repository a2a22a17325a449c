/** What a store does by itself: it writes down until when pictures were seen, removes what may not stay, and makes Parquet of hours that have none. */
import type { Catalog } from './catalog';

/** What was seen is written down so often, ms. */
const SEEN_MS = 10_000;
/** What is too old or too much is looked for so often, ms. */
const RETAIN_MS = 60_000;
/** Hours without Parquet are looked for so long after the store was opened, ms, and so often afterwards. */
const [CACHE_AFTER_MS, CACHE_MS] = [2000, 10 * 60_000];
/** Between two hours that get theirs, ms: a month of ten streams is done in an hour, beside a show. */
const CACHE_PAUSE_MS = 500;

interface Lacking {
  stream: string;
  hour: number;
}

function nameOf({ stream, hour }: Lacking): string {
  return `${stream}/${hour}`;
}

export interface Housework {
  /** whether the store is open */
  isOpen: () => boolean;
  retain: () => Promise<unknown>;
  /** whether hours can have Parquet */
  cachesHours: () => Promise<boolean>;
  warn: (error: unknown) => void;
}

/** Keeps the house of a store until it is closed. Its timers keep no process alive. */
export class House {
  private readonly timers: NodeJS.Timeout[];
  private next: NodeJS.Timeout | null = null;
  private questions = 0;
  private working: Promise<void> = Promise.resolve();
  private over = false;
  /** hours that could not get Parquet: asked again only when the store is opened anew */
  private readonly refused = new Set<string>();
  private readonly lacking: Lacking[] = [];

  constructor(
    private readonly catalog: Catalog,
    private readonly work: Housework,
  ) {
    this.timers = [
      setInterval(() => void this.flush(), SEEN_MS).unref(),
      // a store that nobody has used yet is not opened for this
      setInterval(() => void (work.isOpen() && work.retain().catch(work.warn)), RETAIN_MS).unref(),
    ];
  }

  /** The store is open. */
  opened(): void {
    this.later(CACHE_AFTER_MS);
  }

  /** Somebody asks: nothing else is put to DuckDB until he has his answer. */
  async question<T>(answer: () => Promise<T>): Promise<T> {
    this.questions++;
    try {
      return await answer();
    } finally {
      this.questions--;
    }
  }

  /** Nothing more is begun; resolves when what was begun is done. */
  async close(): Promise<void> {
    this.over = true;
    for (const timer of this.timers) clearInterval(timer);
    if (this.next) clearTimeout(this.next);
    await this.working;
  }

  private later(ms: number): void {
    if (this.over) return;
    this.next = setTimeout(() => {
      this.working = this.cacheOne().then(
        (more) => this.later(more ? CACHE_PAUSE_MS : CACHE_MS),
        (error: unknown) => {
          this.work.warn(error);
          this.later(CACHE_MS);
        },
      );
    }, ms).unref();
  }

  /** Make the Parquet of one hour. @returns whether there are more of them */
  private async cacheOne(): Promise<boolean> {
    if (this.over || !this.work.isOpen() || !(await this.work.cachesHours())) return false;
    if (this.questions > 0) return true;
    if (this.lacking.length === 0) await this.look();
    const one = this.lacking.pop();
    const files = one && this.catalog.all.get(one.stream);
    if (files && (await files.lacksCache(one.hour)) && !this.isBusy() && !(await files.cache(one.hour)))
      this.refused.add(nameOf(one));
    return one !== undefined;
  }

  private isBusy(): boolean {
    return this.over || this.questions > 0;
  }

  /** All hours without Parquet, the newest last: it is made first. */
  private async look(): Promise<void> {
    for (const [stream, files] of this.catalog.all)
      for (const hour of [...files.hours]) {
        if (this.over) return;
        const one = { stream, hour };
        if (!this.refused.has(nameOf(one)) && (await files.lacksCache(hour))) this.lacking.push(one);
      }
    this.lacking.sort((a, b) => a.hour - b.hour);
  }

  private async flush(): Promise<void> {
    for (const files of this.catalog.all.values()) await files.flush().catch(this.work.warn);
  }
}
