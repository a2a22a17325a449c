import { jpegSize, readScaled } from './read';
import { writeJpeg } from './write';

/** Points across that a small picture has at least, where the picture has them: what a cell of a contact sheet shows. */
export const SMALL_WIDTH = 150;
const QUALITY = 72;

/**
 * A picture for contact sheets, an eighth, a quarter or half as wide as it was, and never under 150 points where it was wider: 160 of
 * 1280. Null where it is small as it is, or no JPEG that can be read so; then the picture itself has to do. Pure and total.
 * @param leastWidth for other uses than a contact sheet: points across that it keeps
 */
export function smallJpeg(jpeg: Uint8Array, leastWidth = SMALL_WIDTH): Buffer | null {
  const size = jpegSize(jpeg);
  if (!size) return null;
  const eighths = ([1, 2, 4] as const).find((one) => (size.width * one) / 8 >= leastWidth);
  const planes = eighths && readScaled(jpeg, eighths);
  return planes ? writeJpeg(planes, QUALITY) : null;
}
