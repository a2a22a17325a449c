import type { OwnedSource, SourceReading } from './port';

/** Why a place is put in order. */
export type SweepReason = 'start' | 'reconnect' | 'collection' | 'leftover';

/** Which source of a place stays, and which go. */
export interface Kept {
  /** the one on air, or the one that was and is hidden now; null: none */
  live: OwnedSource | null;
  remove: OwnedSource[];
}

/** What is remembered of the source that was confirmed on air last. */
export interface Remembered {
  name: string;
  /** somebody hid it in the application since: what a person does counts */
  hiddenByPerson: boolean;
}

/**
 * Of the owned sources of one place: the visible one stays, of several the one that is known to be on air, else the newest that is ready. Of
 * none visible the one that is known, or marked, to have been on air last. Everything else is a leftover.
 * @param readings of `owned`, in their order; null: not known
 * @param known the name of the one that was confirmed on air last; null: not known
 */
export function keepOf(
  owned: readonly OwnedSource[],
  readings: readonly SourceReading[] | null,
  known: string | null,
): Kept {
  const isReady = (one: OwnedSource) => {
    const reading = readings?.[owned.indexOf(one)];
    return !!reading && reading.width > 0 && reading.height > 0 && reading.state === 'playing';
  };
  const isKnown = (one: OwnedSource) => one.name === known;
  const newestFirst = [...owned].sort((a, b) => b.madeAtMs - a.madeAtMs);
  const visible = newestFirst.filter((one) => one.enabled);
  const live =
    visible.find(isKnown) ??
    visible.find(isReady) ??
    visible[0] ??
    newestFirst.find(isKnown) ??
    newestFirst.find((one) => one.wasLive) ??
    null;
  return { live, remove: newestFirst.filter((one) => one !== live) };
}

/** What putting a place in order takes: in this order, removals one at a time. */
export interface SweepPlan extends Kept {
  /** what was on air last is not there any more, or an older state of the scene came back: switch to it again */
  restore: boolean;
}

/**
 * How a place is put in order. After an application was away its scenes may be older ones: what was confirmed on air is then missing, or hidden
 * while an older one shows. Another scene collection is somebody's wish, so nothing is restored into it.
 */
export function planSweep(
  owned: readonly OwnedSource[],
  readings: readonly SourceReading[] | null,
  remembered: Remembered | null,
  reason: SweepReason,
): SweepPlan {
  const kept = keepOf(owned, readings, remembered?.name ?? null);
  if (!remembered || remembered.hiddenByPerson || reason !== 'reconnect') return { ...kept, restore: false };
  const there = owned.find((one) => one.name === remembered.name);
  if (there?.enabled) return { ...kept, restore: false };
  // hidden with its mark: somebody hid it, or a fallback stands in; without it, it is from before it was shown
  const laterHidden = there?.wasLive && kept.live === there;
  return laterHidden ? { ...kept, restore: false } : { ...keepOf(owned, readings, null), restore: true };
}

/** Where a switch goes on that lost its application on its way: to the new source, or back to the old one. */
export type AfterLoss = 'forward' | 'back';

/**
 * What the scene shows after the application is back decides, whatever was asked of it before.
 * @param fresh whether the new source is visible; null: it is not there
 * @param old likewise
 */
export function afterLoss(fresh: boolean | null, old: boolean | null): AfterLoss {
  if (fresh === null) return 'back';
  return fresh || old === null ? 'forward' : 'back';
}
