/** An RTMP output holds this much back before it drops; its congestion is the part of it that is full. Source: rtmp-stream.c. */
const BACKLOG_MS = 700;

/** How much of what is streamed arrives. All changes count at once. */
export class Uplink {
  private sent = 1;
  private encoded = 1;
  private lost = 0;
  private told: number | null = null;
  private since = performance.now();
  private readonly listeners: { before: () => void; after: () => void }[] = [];

  constructor(private readonly speed: number) {}

  /** The counters of an output settle before a change, and it may act on it afterwards. */
  onChange(before: () => void, after: () => void): void {
    this.listeners.push({ before, after });
  }

  /** 0 to 1: so much of the encoder's bitrate goes through. */
  get share(): number {
    return this.sent;
  }

  set(change: { share?: number; encoded?: number; lost?: number; congestion?: number | null }): void {
    for (const { before } of this.listeners) before();
    if (change.share !== undefined && change.share !== this.sent) this.since = performance.now();
    this.sent = change.share ?? this.sent;
    this.encoded = change.encoded ?? this.encoded;
    this.lost = change.lost ?? this.lost;
    if (change.congestion !== undefined) this.told = change.congestion;
    for (const { after } of this.listeners) after();
  }

  /** Part of the set bitrate that is counted as sent; an output other than RTMP counts what it gave away. */
  delivered(rtmp: boolean): number {
    return this.encoded * (rtmp ? this.sent * (1 - this.lost) : 1);
  }

  /** Part of the frames that was dropped in a stretch of time without a change, by performance.now(). */
  dropped(fromMs: number, toMs: number): number {
    const whole = toMs - fromMs;
    if (whole <= 0) return 0;
    const dropping = Math.max(0, toMs - Math.max(fromMs, this.fullAt));
    return this.lost + (1 - this.lost) * (1 - this.sent) * (dropping / whole);
  }

  get congestion(): number {
    if (this.told !== null) return this.told;
    if (this.sent >= 1) return 0;
    const fillMs = this.fullAt - this.since;
    return Math.min(1, (performance.now() - this.since) / fillMs);
  }

  /** When the backlog is full and frames begin to be dropped. */
  private get fullAt(): number {
    return this.since + BACKLOG_MS / Math.max(0.001, 1 - this.sent) / this.speed;
  }
}
