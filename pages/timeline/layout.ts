import type { IndexEntry, PageIndex } from '../../lib/web/timeline/view';
import { DAY_MS, HOUR_MS, MINUTE_MS, floorLocal } from './time';

/** How closely pictures are shown; `Infinity` of `stepMs` would be one, 0 is every one. */
export const LEVELS = [
  { stepMs: HOUR_MS, sectionMs: DAY_MS },
  { stepMs: 10 * MINUTE_MS, sectionMs: HOUR_MS },
  { stepMs: MINUTE_MS, sectionMs: HOUR_MS },
  { stepMs: 0, sectionMs: 0 },
] as const;
export const EVERY = LEVELS.length - 1;

/** A picture that stands for a piece of time. */
export interface Stand {
  at: number;
  id: string;
}

/** A piece of time with a heading. */
export interface Section {
  at: number;
  to: number;
  /** for each stream that is shown: how many pictures */
  counts: number[];
  /** for each: those that are known without asking; null: they have to be asked for */
  stands: (Stand[] | null)[];
  top: number;
  height: number;
}

export interface Sizes {
  /** px of all streams together */
  width: number;
  columnWidth: number;
  /** cells in one line of a column */
  perLine: number;
  cellWidth: number;
  lineHeight: number;
}

export const HEADING = 34;
const GAP = 6;
/** px of a cell: three in a row on a phone */
const LEAST = 112;
const USUAL = 168;

/** How wide cells are where `streams` stand side by side. */
export function sizesOf(width: number, streams: number): Sizes {
  const columnWidth = Math.floor(width / Math.max(1, streams));
  const least = width < 640 ? LEAST : USUAL;
  const perLine = Math.max(1, Math.floor((columnWidth - GAP) / least));
  const cellWidth = Math.floor((columnWidth - GAP) / perLine) - GAP;
  return { width, columnWidth, perLine, cellWidth, lineHeight: Math.round((cellWidth * 9) / 16) + GAP };
}

/** Where a cell of a section stands, in px. */
export function placeOf(section: Section, column: number, n: number, sizes: Sizes): { x: number; y: number } {
  const line = Math.floor(n / sizes.perLine);
  return {
    x: column * sizes.columnWidth + GAP + (n % sizes.perLine) * (sizes.cellWidth + GAP),
    y: section.top + HEADING + line * sizes.lineHeight,
  };
}

/** The index cut into sections, for the streams that are shown. Pure. */
export function sectionsOf(
  index: PageIndex,
  shown: readonly string[],
  level: number,
  sizes: Sizes,
): Section[] {
  const columnOf = index.streams.map((stream) => shown.indexOf(stream));
  const entries = index.entries.filter(([stream]) => columnOf[stream]! >= 0);
  const { stepMs, sectionMs } = LEVELS[level]!;
  const wide = sectionMs || spanFor(entries, shown.length, sizes.perLine);
  const sections: Section[] = [];
  let section: Section | undefined;
  for (const [stream, at, frames, , name] of entries) {
    const begin = floorLocal(at, wide);
    if (section?.at !== begin)
      sections.push(
        (section = {
          at: begin,
          to: wide === DAY_MS ? floorLocal(begin + 1.5 * DAY_MS, DAY_MS) : begin + wide,
          counts: shown.map(() => 0),
          stands: shown.map(() => (stepMs ? [] : null)),
          top: 0,
          height: 0,
        }),
      );
    const column = columnOf[stream]!;
    const stands = section.stands[column];
    if (!stands) section.counts[column]! += frames;
    else {
      const last = stands.at(-1);
      if (last && floorLocal(last.at, stepMs) === floorLocal(at, stepMs)) continue;
      stands.push({ at: timeOf(name), id: `${index.streams[stream]}/${name}` });
      section.counts[column]!++;
    }
  }
  let top = 0;
  for (const one of sections) {
    one.top = top;
    const lines = Math.max(...one.counts.map((count) => Math.ceil(count / sizes.perLine)));
    one.height = HEADING + lines * sizes.lineHeight + GAP;
    top += one.height;
  }
  return sections;
}

/** A minute where that fills a line, else ten minutes or an hour: headings shall not outnumber pictures. */
function spanFor(entries: readonly IndexEntry[], streams: number, perLine: number): number {
  for (const wide of [MINUTE_MS, 10 * MINUTE_MS]) {
    const pieces = new Set(entries.map(([, at]) => Math.floor(at / wide))).size;
    const frames = entries.reduce((sum, [, , count]) => sum + count, 0);
    if (frames / Math.max(1, pieces * streams) >= perLine) return wide;
  }
  return HOUR_MS;
}

/** The time that stands in a picture's name, UTC in milliseconds. */
export function timeOf(name: string): number {
  return Number(name.slice(name.indexOf('/') + 1).split('-', 1)[0]);
}

/** The place of the last that begins at or before `value`; 0 where none does. `by` gives where each begins. */
export function lastBefore<T>(all: readonly T[], value: number, by: (one: T) => number): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (by(all[middle]!) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** A new picture enters the index; true: it did not belong to a piece that was there. */
export function addTo(index: PageIndex, stream: string, at: number, id: string, changed: boolean): void {
  let place = index.streams.indexOf(stream);
  if (place < 0) place = index.streams.push(stream) - 1;
  const piece = Math.floor(at / index.everyMs) * index.everyMs;
  for (let n = index.entries.length - 1; n >= 0 && index.entries[n]![1] >= piece; n--) {
    const entry = index.entries[n]!;
    if (entry[1] !== piece || entry[0] !== place) continue;
    entry[2]++;
    if (changed) entry[3]++;
    return;
  }
  index.entries.push([place, piece, 1, changed ? 1 : 0, id.slice(id.indexOf('/') + 1)]);
  index.entries.sort((one, other) => one[1] - other[1] || one[0] - other[0]);
}
