import type { Section } from './layout';

/** One place of the sheet: section, stream, and which picture of it there. */
export interface Spot {
  section: number;
  column: number;
  n: number;
}

type Counted = Pick<Section, 'counts'>;

/**
 * From a place by one picture, or by one line, of the same stream; at an edge of a section into the next one that has any, and the same place where
 * there is none. Pure.
 */
export function stepFrom(
  sections: readonly Counted[],
  perLine: number,
  spot: Spot,
  by: number,
  lines: number,
): Spot {
  const { section, column } = spot;
  const countOf = (at: number) => sections[at]?.counts[column] ?? 0;
  const count = countOf(section);
  const n = spot.n + by + lines * perLine;
  if (n >= 0 && n < count) return { section, column, n };
  // the last line may be shorter than where we stand
  const lineOf = (at: number) => Math.floor(at / perLine);
  if (lines > 0 && lineOf(spot.n) < lineOf(count - 1)) return { section, column, n: count - 1 };
  const way = by + lines < 0 ? -1 : 1;
  let to = section + way;
  while (to >= 0 && to < sections.length && countOf(to) === 0) to += way;
  const there = countOf(to);
  if (there === 0) return spot;
  if (lines === 0) return { section: to, column, n: way < 0 ? there - 1 : 0 };
  const line = way < 0 ? lineOf(there - 1) : 0;
  return { section: to, column, n: Math.min(there - 1, line * perLine + (spot.n % perLine)) };
}

/** The first and the last picture of a stream. Pure. */
export function edgesOf(
  sections: readonly Counted[],
  column: number,
): { first: Spot | null; last: Spot | null } {
  const has = ({ counts }: Counted) => (counts[column] ?? 0) > 0;
  const first = sections.findIndex(has);
  let last = sections.length - 1;
  while (last >= 0 && !has(sections[last]!)) last--;
  return {
    first: first < 0 ? null : { section: first, column, n: 0 },
    last: last < 0 ? null : { section: last, column, n: sections[last]!.counts[column]! - 1 },
  };
}
