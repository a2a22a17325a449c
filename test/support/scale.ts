/** How much of the long form a run does: 1 with `npm run test:long`, a tenth otherwise. */
export const scale = Number(process.env.LIVE_SCALE ?? '0.1') || 0.1;

/**
 * How often a test repeats itself in this run.
 * @param whole the repetitions of the long form
 * @param atLeast never fewer than this
 */
export function loops(whole: number, atLeast = 1): number {
  return Math.max(atLeast, Math.round(whole * scale));
}
