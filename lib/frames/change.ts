import type { ChangeSettings, ChangeVerdict, Frame, Mask } from './types';
import { GRID_HEIGHT, GRID_WIDTH } from './types';

/**
 * Two cells that differ by more than 12 are another picture: of nine kinds of test pictures encoded live, noise of a camera and of the encoder stays below
 * 5, and a lower third makes more than a hundred (measured).
 */
export const DEFAULT_CHANGE: ChangeSettings = { cells: 2, delta: 12, masks: [], keepAliveMs: null };

/** What a picture is compared with: the last one that was kept. */
export interface LastKept {
  at: number;
  grid: Buffer | null;
  videoWidth: number;
  videoHeight: number;
}

/** Which cells of the grid are looked at: 1 for each that no mask touches. */
export function lookedAt(masks: readonly Mask[]): Uint8Array {
  const cells = new Uint8Array(GRID_WIDTH * GRID_HEIGHT).fill(1);
  for (const { left, top, width, height } of masks) {
    if (!(width > 0 && height > 0)) continue;
    const [x0, x1] = span(left, width, GRID_WIDTH);
    const [y0, y1] = span(top, height, GRID_HEIGHT);
    for (let y = y0; y < y1; y++) cells.fill(0, y * GRID_WIDTH + x0, y * GRID_WIDTH + Math.max(x0, x1));
  }
  return cells;
}

/** A part in hundredths as cells, those included that it only touches. */
function span(from: number, length: number, cells: number): [number, number] {
  const cell = (percent: number): number => Math.min(100, Math.max(0, percent)) * (cells / 100);
  return [Math.floor(cell(from)), Math.ceil(cell(from + length))];
}

/** How many of the cells that are looked at differ by more than `delta` of 255, and how many are looked at. */
export function cellsChanged(
  one: Uint8Array,
  other: Uint8Array,
  delta: number,
  looked: Uint8Array,
): { changed: number; of: number } {
  let changed = 0;
  let of = 0;
  for (let i = 0; i < looked.length; i++) {
    if (!looked[i]) continue;
    of++;
    if (Math.abs((one[i] ?? 0) - (other[i] ?? 0)) > delta) changed++;
  }
  return { changed, of };
}

/**
 * Whether a picture is kept. It is compared with the last KEPT one, not with the one before: so a slow fade is seen too.
 * @param looked as `lookedAt` made it of the masks
 */
export function judge(
  last: LastKept | null,
  frame: Pick<Frame, 'at' | 'grid' | 'videoWidth' | 'videoHeight'>,
  settings: ChangeSettings,
  looked: Uint8Array,
): ChangeVerdict {
  if (!last?.grid) return { keep: true, why: 'first', changedPercent: null };
  const { changed, of } = cellsChanged(last.grid, frame.grid, settings.delta, looked);
  const changedPercent = of === 0 ? 0 : Math.round((changed / of) * 10_000) / 100;
  const keep = (why: NonNullable<ChangeVerdict['why']>): ChangeVerdict => ({
    keep: true,
    why,
    changedPercent,
  });
  if (frame.videoWidth !== last.videoWidth || frame.videoHeight !== last.videoHeight)
    return keep('resolution');
  if (changed >= Math.max(1, settings.cells)) return keep('changed');
  if (settings.keepAliveMs !== null && frame.at - last.at >= settings.keepAliveMs) return keep('keep-alive');
  return { keep: false, why: null, changedPercent };
}
