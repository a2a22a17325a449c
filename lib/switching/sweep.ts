import type { OwnedSource, SourceReading } from './port';

/** Which source of a place stays, and which go. */
export interface Kept {
  /** the one on air, or the one that was and is hidden now; null: none */
  live: OwnedSource | null;
  remove: OwnedSource[];
}

/**
 * Of the owned sources of one place: the visible one stays, of several the newest that is ready, of none visible the one that was on air
 * last. Everything else is a leftover.
 * @param readings of `owned`, in their order; null: not known
 */
export function keepOf(owned: readonly OwnedSource[], readings: readonly SourceReading[] | null): Kept {
  const isReady = (one: OwnedSource) => {
    const reading = readings?.[owned.indexOf(one)];
    return !!reading && reading.width > 0 && reading.height > 0 && reading.state === 'playing';
  };
  const newestFirst = [...owned].sort((a, b) => b.madeAtMs - a.madeAtMs);
  const visible = newestFirst.filter((one) => one.enabled);
  const live = visible.find(isReady) ?? visible[0] ?? newestFirst.find((one) => one.wasLive) ?? null;
  return { live, remove: newestFirst.filter((one) => one !== live) };
}
