import type { Moment } from './types';

/** A moment while the log is read, in ms since 1970. */
export interface Mark {
  ms: number | null;
  reason: string | null;
  notBefore: number | null;
  notAfter: number | null;
}

/** From a time to another, ms. */
export interface Interval {
  from: number;
  to: number;
}

export function known(ms: number): Mark {
  return { ms, reason: null, notBefore: null, notAfter: null };
}

/** A moment that was not recorded: why, and between what it was. */
export function missing(reason: string, bounds: { notBefore?: number; notAfter?: number } = {}): Mark {
  return { ms: null, reason, notBefore: bounds.notBefore ?? null, notAfter: bounds.notAfter ?? null };
}

/** A moment as it is given out. */
export function momentOf({ ms, reason, notBefore, notAfter }: Mark): Moment {
  return { at: iso(ms), reason, notBefore: iso(notBefore), notAfter: iso(notAfter) };
}

/** ISO 8601 UTC with milliseconds. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(Math.round(ms)).toISOString();
}

/** ms from one to the other; null where one is not known, or the clock was set back between them. */
export function between(begin: Mark, end: Mark): number | null {
  if (begin.ms === null || end.ms === null || end.ms < begin.ms) return null;
  return Math.round(end.ms - begin.ms);
}

/** When it certainly went on: from the latest begin to the earliest end there may have been. */
export function certain(begin: Mark, end: Mark): Interval {
  const from = begin.ms ?? begin.notAfter ?? end.ms ?? end.notBefore ?? 0;
  return { from, to: Math.max(from, end.ms ?? end.notBefore ?? from) };
}

/** Intervals in order, none touching another. */
export function merged(intervals: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  for (const { from, to } of intervals.filter((one) => one.to > one.from).sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else out.push({ from, to });
  }
  return out;
}

/** How much of an interval others cover, ms. `others` are merged. */
export function overlapMs({ from, to }: Interval, others: readonly Interval[]): number {
  let [low, high] = [0, others.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (others[middle]!.to <= from) low = middle + 1;
    else high = middle;
  }
  let sum = 0;
  for (let at = low; at < others.length && others[at]!.from < to; at++)
    sum += Math.min(to, others[at]!.to) - Math.max(from, others[at]!.from);
  return sum;
}

/** What is left of intervals without others. Both are merged. */
export function without(intervals: readonly Interval[], others: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  let first = 0;
  for (const { from, to } of intervals) {
    let begin = from;
    while (first < others.length && others[first]!.to <= from) first++;
    for (let at = first; at < others.length && others[at]!.from < to; at++) {
      if (others[at]!.from > begin) out.push({ from: begin, to: others[at]!.from });
      begin = Math.max(begin, others[at]!.to);
    }
    if (begin < to) out.push({ from: begin, to });
  }
  return out;
}

/** How long intervals are together, ms. */
export function totalMs(intervals: readonly Interval[]): number {
  return Math.round(intervals.reduce((sum, { from, to }) => sum + (to - from), 0));
}
