import type { SourceReading } from './port';

/**
 * What a reading shows beside the one before: `moved` there was a new picture; `back` it began anew; `stood` no new picture in between, which is
 * also how two looks within one frame are; `first` nothing to compare with; `no-picture` it has no size or no time.
 */
export type Motion = 'moved' | 'back' | 'stood' | 'first' | 'no-picture';

/** Whether a source has ever had a picture: OBS gives its size with the first frame. Source: measured, reference §1. */
export function hasPicture({ width, height }: SourceReading): boolean {
  return width > 0 && height > 0;
}

/**
 * Compares two readings of one source. The state is left out on purpose: ffmpeg_source says "playing" at once for any address, and of
 * gstreamer-source any element's state counts as its own.
 */
export function motion(before: SourceReading | null, now: SourceReading): Motion {
  const { cursorMs } = now;
  if (!hasPicture(now) || cursorMs === null || !Number.isFinite(cursorMs)) return 'no-picture';
  const from = before && hasPicture(before) ? before.cursorMs : null;
  if (from === null || !Number.isFinite(from)) return 'first';
  if (cursorMs === from) return 'stood';
  return cursorMs > from ? 'moved' : 'back';
}
