/**
 * When to sign. One signature at a time; who asks while one is being made shares the next, which covers all that is there by
 * then. Without being asked: after so many entries, or so long after the first new one.
 */
export class Signing<T> {
  private running: Promise<T> | null = null;
  private next: Promise<T> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private size = 0;
  private due: number;
  private owed = false;
  private stopped = false;

  /**
   * @param work signs what is there
   * @param every entries, or ms
   * @param wait whether signing unasked has to wait, until `free` is called
   */
  constructor(
    private readonly work: () => Promise<T>,
    private readonly every: { entries: number; ms: number },
    private readonly wait: () => boolean,
  ) {
    this.due = every.entries;
  }

  /** Sign what is there now. @throws what the work throws */
  now(): Promise<T> {
    if (!this.running) {
      this.clear();
      this.due = this.size + this.every.entries;
      const work = this.work().finally(() => (this.running = null));
      // whoever asked, it is tried again: the timer was for this one
      work.catch(() => this.grown(this.size));
      return (this.running = work);
    }
    this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = null;
        return this.now();
      });
    return this.next;
  }

  /** There are `size` entries. */
  grown(size: number): void {
    this.size = size;
    if (size >= this.due) this.soon();
    else if (!this.timer && !this.stopped) this.timer = setTimeout(() => this.soon(), this.every.ms).unref();
  }

  /** Sign without anybody waiting for it. */
  soon(): void {
    this.due = this.size + this.every.entries;
    if (this.stopped) return;
    if (this.running || this.wait()) this.owed = true;
    else
      this.now().then(
        () => this.free(),
        () => undefined,
      );
  }

  /** What had to be waited for is over. */
  free(): void {
    if (!this.owed || this.running || this.wait()) return;
    this.owed = false;
    this.soon();
  }

  /** Another log: entries are counted from here. */
  begin(size: number): void {
    this.clear();
    this.size = size;
    this.due = size + this.every.entries;
  }

  /** Sign nothing unasked any more. */
  stop(): void {
    this.stopped = true;
    this.clear();
  }

  private clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
