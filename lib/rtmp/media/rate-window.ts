const BUCKET_MS = 250;
const BUCKETS = 40;
/** Over a shorter time a rate would be a guess. */
const LEAST_MS = 1000;

const NAMES = ['bytes', 'frames', 'skew', 'skews'] as const;
type Sums = Record<(typeof NAMES)[number], number>;
const nothing = (): Sums => ({ bytes: 0, frames: 0, skew: 0, skews: 0 });

/** Sums of the last 10 s, in steps of a quarter of a second; bounded however much comes. The time is given, and does not run backwards. */
export class RateWindow {
  private readonly buckets = new Map<number, Sums>();
  private firstMs: number | null = null;
  private newest = -Infinity;

  add(atMs: number, amounts: Partial<Sums>): void {
    this.firstMs ??= atMs;
    const number = Math.max(this.newest, Math.floor(atMs / BUCKET_MS));
    if (number > this.newest) {
      this.newest = number;
      this.forget(number);
    }
    let bucket = this.buckets.get(number);
    if (!bucket) this.buckets.set(number, (bucket = nothing()));
    for (const name of NAMES) bucket[name] += amounts[name] ?? 0;
  }

  /** What came, and over how many milliseconds; 0 where it is too early to say. */
  read(nowMs: number): { sums: Sums; overMs: number } {
    const number = Math.floor(nowMs / BUCKET_MS);
    const from = number - BUCKETS + 1;
    const sums = nothing();
    for (const [at, bucket] of this.buckets)
      if (at >= from) for (const name of NAMES) sums[name] += bucket[name];
    const overMs = this.firstMs === null ? 0 : nowMs - Math.max(this.firstMs, from * BUCKET_MS);
    return { sums, overMs: overMs >= LEAST_MS ? overMs : 0 };
  }

  private forget(number: number): void {
    for (const at of this.buckets.keys()) if (at <= number - BUCKETS) this.buckets.delete(at);
  }
}
