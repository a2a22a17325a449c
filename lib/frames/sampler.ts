import type { FrameWish } from './types';

/** Key frames serve an interval up to this much shorter than their own distance. */
const STRETCH = 1.5;
/** An encoder that changes its mind must not change the decoder each time: so many distances are looked at. */
const LOOK_AT = 3;

export type Mode = 'keyframes' | 'all';

/** What one decoder does for all who want pictures of its stream. */
export interface Plan {
  mode: Mode;
  everyMs: number;
  width: number;
  quality: number;
}

/** Measures how far apart the key frames are, in milliseconds of media time. Pure. */
export class KeyframeDistance {
  private last: number | null = null;
  private distances: number[] = [];

  /** @param known what somebody measured before */
  constructor(known: number | null = null) {
    if (known !== null) this.distances = [known];
  }

  /** The longest of the last three; null while there is none. Infinite where one of them cannot be decoded alone. */
  get longestMs(): number | null {
    return this.distances.length === 0 ? null : Math.max(...this.distances);
  }

  /** @param isWhole it can be decoded without any other picture */
  keyframe(mediaMs: number, isWhole = true): void {
    const distance = !isWhole ? Infinity : this.last === null ? null : mediaMs - this.last;
    this.last = mediaMs;
    if (distance !== null && distance > 0) this.distances = [...this.distances, distance].slice(-LOOK_AT);
  }
}

/**
 * The widest of several wishes. `auto` means key frames only where they come often enough; as long as nobody has seen how often, every picture, so
 * that a stream with a key frame in 8 s has no hole at its start. Where key frames cannot be decoded alone, everybody gets every picture. Null where nobody wants anything.
 */
export function planFor(wishes: readonly FrameWish[], keyframeMs: number | null): Plan | null {
  if (wishes.length === 0) return null;
  const wantsAll = ({ sampling, everyMs }: FrameWish): boolean =>
    sampling === 'all' ||
    keyframeMs === Infinity ||
    (sampling === 'auto' && (keyframeMs === null || keyframeMs > STRETCH * everyMs));
  return {
    mode: wishes.some(wantsAll) ? 'all' : 'keyframes',
    everyMs: Math.min(...wishes.map((wish) => wish.everyMs)),
    width: Math.max(...wishes.map((wish) => wish.width)),
    quality: Math.max(...wishes.map((wish) => wish.quality)),
  };
}

export function samePlan(one: Plan | null, other: Plan | null): boolean {
  if (!one || !other) return one === other;
  // in key frame mode the interval is kept here, and not by the decoder
  const sameEvery = one.mode === 'keyframes' || one.everyMs === other.everyMs;
  return one.mode === other.mode && sameEvery && one.width === other.width && one.quality === other.quality;
}

/** Lets one through in `everyMs` of media time. Key frames a little early count: their distance is never exact. */
export class Interval {
  private last: number | null = null;

  due(mediaMs: number, everyMs: number, mostEarlyMs = 50): boolean {
    const early = Math.min(mostEarlyMs, everyMs * 0.05);
    // a time that went back begins anew
    if (this.last !== null && mediaMs >= this.last && mediaMs - this.last < everyMs - early) return false;
    this.last = mediaMs;
    return true;
  }
}
