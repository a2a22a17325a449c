import type { Moment } from './draft';
import type { Entry, QueuePolicy, QueueState } from './types';

/** A switch that failed is tried again after so long, ms; twice as long after each further one, up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Where it was not the guest's failing the pauses grow as those of every connection of the package: it may last, and OBS is not asked in vain. */
const FAULT_FACTOR = 1.6;

/** Who is on air, or was and may come back; null where nobody is. */
export function leadOf({ entries }: Readonly<QueueState>): Entry | null {
  return entries.find(({ state }) => state === 'live' || state === 'grace') ?? null;
}

/** Whose switch is under way. */
export function promotingOf({ entries }: Readonly<QueueState>): Entry | null {
  return entries.find(({ state }) => state === 'promoting') ?? null;
}

/** He who has this name in the queue. A name is there once. */
export function entryOf(state: Readonly<QueueState>, app: string, stream: string): Entry | null {
  return state.entries.find((one) => one.stream === stream && one.app === app) ?? null;
}

/** Higher priority first, then who came first. */
export function inOrder(one: Entry, other: Entry): number {
  return other.priority - one.priority || one.rank - other.rank;
}

/** Everybody whose turn is still to come, in order; the one who is being put on air is not among them. */
export function waitingOf({ entries }: Readonly<QueueState>): Entry[] {
  return entries.filter(({ state }) => state === 'admitted' || state === 'waiting').sort(inOrder);
}

/** Whether he can be put on air: he publishes as far as anybody can know, and is not held back. */
function canFollow({ state, held }: Entry, { degraded }: Readonly<QueueState>): boolean {
  return !held && (state === 'waiting' || (state === 'admitted' && degraded));
}

/** Whether anybody could follow who is on air. */
export function somebodyFollows(state: Readonly<QueueState>): boolean {
  return !state.onHold && state.entries.some((one) => one.state === 'promoting' || canFollow(one, state));
}

/** When a switch to him may be tried again; -Infinity where none has failed. */
function againAtMs({ failures, faults = 0, sinceMs }: Entry): number {
  const pause = (times: number, factor: number) =>
    times === 0 ? -Infinity : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * factor ** Math.min(times - 1, 20));
  return sinceMs + Math.max(pause(failures, 2), pause(faults, FAULT_FACTOR));
}

/**
 * Who is put on air next, and from when on. He whose switch failed keeps his place through his tries; when he has had them he holds nobody up.
 * @returns null where nobody can follow; `fromMs` Infinity: another list has to come before
 */
export function nextOf(
  state: Readonly<QueueState>,
  { policy, nowMs }: Pick<Moment, 'policy' | 'nowMs'>,
): { entry: Entry; fromMs: number } | null {
  let best: Entry | null = null;
  let later: { entry: Entry; fromMs: number } | null = null;
  for (const entry of state.entries) {
    if (!canFollow(entry, state)) continue;
    const fromMs = againAtMs(entry);
    if (fromMs > nowMs && entry.failures >= policy.mostFailures) {
      if (!later || fromMs < later.fromMs) later = { entry, fromMs };
    } else if (!best || inOrder(entry, best) < 0) best = entry;
  }
  if (!best) return later;
  // the last list did not have him: the next ones tell whether he is gone, and nobody overtakes him meanwhile
  const missing = best.misses > 0 && !state.degraded;
  return { entry: best, fromMs: missing ? Infinity : againAtMs(best) };
}

/** How long his turn is with what was added to it, ms; null: no limit. */
export function allowedMs(
  entry: Entry,
  { limit }: Readonly<QueueState>,
  policy: Pick<QueuePolicy, 'limitMs'>,
): number | null {
  const own = entry.limitMs ?? (limit ? limit.ms : policy.limitMs);
  return own === null ? null : Math.max(0, own + entry.extraMs);
}

/** Time on air that counts, until now, ms. */
export function usedMs({ usedMs: before, countedAtMs }: Entry, nowMs: number): number {
  return before + (countedAtMs === null ? 0 : Math.max(0, nowMs - countedAtMs));
}

/** What is left of his turn, ms, below zero where it is over; null: no limit. */
export function remainingMs(
  entry: Entry,
  state: Readonly<QueueState>,
  { policy, nowMs }: Pick<Moment, 'policy' | 'nowMs'>,
): number | null {
  const allowed = allowedMs(entry, state, policy);
  return allowed === null ? null : allowed - usedMs(entry, nowMs);
}

/** Whether he has to go as soon as somebody else is on air. */
export function isOver(lead: Entry, state: Readonly<QueueState>, at: Moment): boolean {
  return lead.ending || (remainingMs(lead, state, at) ?? 1) <= 0;
}
