import { EARLY_MS } from './arguments';
import type { Plan } from './sampler';

/**
 * What a decoder was given, by presentation time, until it gives a picture of it or of something later. Where the decoder itself picks, what lies too near
 * behind its last picture is not remembered: it will not be picked, and at one picture an hour it would be a hundred thousand.
 */
export class Fed<T> {
  private readonly all = new Map<number, T>();
  private picked = -Infinity;
  private readonly leastMs: number;

  constructor({ mode, everyMs }: Pick<Plan, 'mode' | 'everyMs'>) {
    this.leastMs = mode === 'all' ? everyMs - EARLY_MS : 1;
  }

  get size(): number {
    return this.all.size;
  }

  add(ptsMs: number, value: T): void {
    if (ptsMs - this.picked >= this.leastMs) this.all.set(ptsMs, value);
  }

  /** It gave this picture; undefined: nobody gave it one of this time. */
  take(ptsMs: number): T | undefined {
    const found = this.all.get(ptsMs);
    this.picked = ptsMs;
    for (const pts of this.all.keys()) if (pts - ptsMs < this.leastMs) this.all.delete(pts);
    return found;
  }
}
