import type { SourcePlace } from '../production/switching';
import type { RequestData } from './session';
import { number, text } from './values';

/** What OBS tells and does not take back: sizes of the source, and what it has computed from them. */
const COMPUTED = ['sourceWidth', 'sourceHeight', 'width', 'height'];
/** Sides are equal within this part; encoders round a picture to even numbers. */
const SAME_SHAPE = 0.01;
const CROPS = ['cropLeft', 'cropRight', 'cropTop', 'cropBottom'] as const;

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/**
 * The transform that puts a new source where an old one is, as `SetSceneItemTransform` takes it. A source of another size fills the same
 * rectangle: scaled where its shape is the same, else fitted into it. OBS refuses its own transform back as it stands: bounds below 1 and what it
 * computed must go (measured).
 * @param old as `GetSceneItemTransform` has it
 * @param fresh the new source's size; zeros where nobody knows
 */
export function inheritedTransform(old: RequestData, fresh: Size): RequestData {
  const wanted: RequestData = Object.fromEntries(
    Object.entries(old).filter(([key, value]) => !COMPUTED.includes(key) && isSettable(key, value)),
  );
  const before = { width: number(old.sourceWidth) ?? 0, height: number(old.sourceHeight) ?? 0 };
  const known = before.width >= 1 && before.height >= 1 && fresh.width >= 1 && fresh.height >= 1;
  if (!known || (before.width === fresh.width && before.height === fresh.height)) return wanted;
  const by = { x: fresh.width / before.width, y: fresh.height / before.height };
  for (const side of CROPS) {
    const pixels = number(old[side]) ?? 0;
    if (pixels > 0)
      wanted[side] = Math.round(pixels * (side === 'cropLeft' || side === 'cropRight' ? by.x : by.y));
  }
  // bounds hold whatever is in them
  if (text(old.boundsType) !== 'OBS_BOUNDS_NONE') return wanted;
  const scale = { x: number(old.scaleX) ?? 1, y: number(old.scaleY) ?? 1 };
  const shown = { width: number(old.width) ?? 0, height: number(old.height) ?? 0 };
  if (Math.abs(by.x / by.y - 1) <= SAME_SHAPE || shown.width < 1 || shown.height < 1 || isFlipped(scale)) {
    wanted.scaleX = scale.x / by.x;
    wanted.scaleY = scale.y / by.y;
    return wanted;
  }
  return { ...wanted, ...within(shown), boundsAlignment: 0 };
}

/** The first source of a place: the whole canvas, as OBS's own "fit to screen". */
export function wholeCanvas(canvas: Size): RequestData {
  return { positionX: 0, positionY: 0, rotation: 0, alignment: 5, boundsAlignment: 0, ...within(canvas) };
}

function within({ width, height }: Size): RequestData {
  return { boundsType: 'OBS_BOUNDS_SCALE_INNER', boundsWidth: width, boundsHeight: height };
}

function isFlipped({ x, y }: { x: number; y: number }): boolean {
  return x < 0 || y < 0;
}

function isSettable(key: string, value: unknown): boolean {
  if (key === 'boundsWidth' || key === 'boundsHeight') return (number(value) ?? 0) >= 1;
  // OBS 29 can send null where a number belongs
  return text(value) !== null || number(value) !== null || typeof value === 'boolean';
}

/**
 * The index for a new source among the items of its scene, 0 at the bottom: right below the old one, or with `fromTop` items above it once the
 * old one is gone, below the old one where that is the same.
 * @param ids of all items from the bottom up, the new one among them
 */
export function indexFor(
  ids: readonly number[],
  fresh: number,
  old: number | null,
  place: SourcePlace,
): number {
  const others = ids.filter((id) => id !== fresh);
  const oldAt = old === null ? -1 : others.indexOf(old);
  if (place.where === 'old' && oldAt >= 0) return oldAt;
  const staying = others.filter((id) => id !== old);
  const below = Math.max(0, staying.length - Math.max(0, Math.floor(place.fromTop)));
  const under = staying[below - 1];
  return under === undefined ? 0 : others.indexOf(under) + 1;
}
