/** How often something may be done: `burst` times at once, and once more every `everyMs`. */
export interface Rate {
  burst: number;
  everyMs: number;
}

/** Addresses that are remembered; the one that asked longest ago is forgotten first. */
const MOST_KEYS = 10_000;

/** Counts for each key how often it did something. Pure: the time is given, in milliseconds of any clock that never goes back. */
export class Buckets {
  private readonly levels = new Map<string, { level: number; atMs: number }>();

  constructor(
    private readonly rate: Rate,
    private readonly mostKeys = MOST_KEYS,
  ) {}

  /** 0 when it may be done now, and it counts as done; else in how many milliseconds it may be tried again. */
  take(key: string, nowMs: number): number {
    const { burst, everyMs } = this.rate;
    const known = this.levels.get(key);
    const level = known ? Math.max(0, known.level - (nowMs - known.atMs) / everyMs) : 0;
    // last in the order of the map: who came lately is forgotten last
    this.levels.delete(key);
    const full = level + 1 > burst;
    this.levels.set(key, { level: full ? level : level + 1, atMs: nowMs });
    if (this.levels.size > this.mostKeys) this.levels.delete(this.levels.keys().next().value!);
    return full ? Math.max(1, Math.ceil((level + 1 - burst) * everyMs)) : 0;
  }
}
