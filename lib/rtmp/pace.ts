/** How long more than allowed may come: a key frame is many times an average picture, and a network sends in gusts. */
const GUST_MS = 5_000;
const GUST_BYTES = 1_048_576;
const TAGS_GUST_MS = 10_000;

/** What a player says: now and then that something arrived. */
export const PLAYER_PACE = { maxKbps: 64, mostTagsPerSecond: 50 };

/** Watches how much one connection sends. Pure: the time is given. */
export class Pace {
  private bytes = 0;
  private tags = 0;
  private lastMs: number;

  constructor(
    private readonly limits: { maxKbps: number | null; mostTagsPerSecond: number },
    nowMs: number,
  ) {
    this.lastMs = nowMs;
  }

  /** Bytes came; null, or in words why that is too much. */
  came(bytes: number, tags: number, nowMs: number): string | null {
    const { maxKbps, mostTagsPerSecond } = this.limits;
    const passedMs = Math.max(0, nowMs - this.lastMs);
    this.lastMs = nowMs;
    this.tags = Math.max(0, this.tags - (passedMs * mostTagsPerSecond) / 1_000) + tags;
    if (this.tags > (TAGS_GUST_MS * mostTagsPerSecond) / 1_000) return 'too many messages a second';
    if (maxKbps === null) return null;
    // kbit/s are bits a millisecond
    this.bytes = Math.max(0, this.bytes - (passedMs * maxKbps) / 8) + bytes;
    return this.bytes > GUST_BYTES + (GUST_MS * maxKbps) / 8 ? `more than ${maxKbps} kbit/s` : null;
  }
}
