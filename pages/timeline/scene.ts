import type { PageFrame } from '../../lib/web/timeline/view';

/**
 * How much of a picture must differ from the kept one before it to be called another scene, in hundredths. Measured with 22 clips at one picture a second: cuts
 * between cameras of one stage differ by 47 to 89, of a dark one by 26 to 76, between test pictures by 87 to 98. A talking head stays below 10, noise
 * below 11, a lower third is 8; but a slow pan goes to 39, a hand-held camera to 35, a quick pan to 92, and a light show to 100. So after a picture that
 * stood still a little is enough, and in motion only what stands out from it. Of 27 cuts that finds 22, the others being slides with other text (7 to 9);
 * of 451 pictures in motion it marks 17, half of them flashes of white. At 35 for all it was 20 and 130.
 */
const AFTER_STILL_PERCENT = 25;
/** Where nobody knows whether the picture before stood still: it is not here, or was taken so long before that everything may have moved. */
const UNKNOWN_PERCENT = 35;
const SOON_MS = 2_500;
/** What stands out from motion differs so many times as much as each of the last few. */
const OUTSTANDING = 1.5;
/** Pictures before it that tell how much moves. */
export const BEFORE = 3;

type Seen = Pick<PageFrame, 'at' | 'samples' | 'why' | 'changedPercent'>;

/** Whether a picture shows another scene than the one before. `before`: what was kept before it, the newest first, as far as it is known. Pure. */
export function isSceneOf(
  { at, why, changedPercent }: Omit<Seen, 'samples'>,
  before: readonly Seen[],
): boolean {
  if (why === 'resolution') return true;
  if (why !== 'changed' || changedPercent === null) return false;
  const [previous] = before;
  if (!previous) return changedPercent >= UNKNOWN_PERCENT;
  if (previous.samples > 1) return changedPercent >= AFTER_STILL_PERCENT;
  if (at - previous.at > SOON_MS) return changedPercent >= UNKNOWN_PERCENT;
  let most = 0;
  let next = at;
  for (const one of before.slice(0, BEFORE)) {
    if (one.samples > 1 || next - one.at > SOON_MS) break;
    most = Math.max(most, one.changedPercent ?? 0);
    next = one.at;
  }
  return changedPercent >= Math.max(AFTER_STILL_PERCENT, OUTSTANDING * most);
}
