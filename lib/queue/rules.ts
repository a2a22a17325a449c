import type { Draft } from './draft';
import { isOver, leadOf, nextOf, promotingOf, somebodyFollows, usedMs, waitingOf } from './turns';
import type { Entry } from './types';

/** A new stay in the queue. */
export function newEntry(
  draft: Draft,
  about: Pick<Entry, 'app' | 'stream' | 'clientId' | 'name' | 'limitMs' | 'priority' | 'state'>,
): Entry {
  const { nowMs, chance } = draft.at;
  const rank = draft.rank();
  // the rank makes it unique as long as the file lives, chance beyond that
  const dice = Math.floor(Math.min(chance(), 0.999999) * 36 ** 6);
  return {
    ...about,
    turn: `${rank.toString(36)}-${dice.toString(36).padStart(6, '0')}`,
    joinedAtMs: nowMs,
    boundAtMs: nowMs,
    rank,
    held: false,
    extraMs: 0,
    ending: false,
    usedMs: 0,
    countedAtMs: null,
    liveAtMs: null,
    sinceMs: nowMs,
    warned: [],
    failures: 0,
    misses: 0,
  };
}

/** Tell that somebody waits, and at which place: 1 is next. */
export function tellWaiting(draft: Draft, { turn }: Entry, more: Record<string, unknown> = {}): void {
  const waiting = waitingOf(draft.state);
  const index = waiting.findIndex((one) => one.turn === turn);
  if (waiting[index]) draft.tell('publisher_waiting', waiting[index], null, { place: index + 1, ...more });
}

/** He goes and nothing of him is left in the queue. */
export function letGo(draft: Draft, entry: Entry, reason: string): void {
  draft.remove(entry);
  draft.tell('publisher_left', entry, entry.state === 'leaving' ? true : null, { reason });
}

/**
 * He does not publish any more: who is on air keeps his place for the time of grace, everybody else is gone. Nothing happens to him who is in
 * grace already.
 */
export function dropped(draft: Draft, entry: Entry, reason: string): void {
  const { policy, nowMs } = draft.at;
  if (entry.state === 'grace') return;
  if (entry.state !== 'live' || policy.graceMs <= 0) return letGo(draft, entry, reason);
  // a connection that the server refused, or that ended at once, is no return: his time goes on from the drop before
  const { droppedAtMs = null } = entry;
  const sinceMs = droppedAtMs !== null && nowMs - entry.sinceMs < policy.graceMs ? droppedAtMs : nowMs;
  draft.change(entry, { ...stopped(entry, nowMs), state: 'grace', sinceMs, droppedAtMs: null, misses: 0 });
}

/**
 * He is back on his place, under this connection: on air again where he was.
 * @param isListed the server itself has him
 */
export function back(draft: Draft, entry: Entry, clientId: string | null, isListed = false): Entry {
  const { nowMs } = draft.at;
  const again =
    entry.state === 'grace' ? ({ state: 'live', sinceMs: nowMs, droppedAtMs: entry.sinceMs } as const) : {};
  const seen = isListed && (entry.droppedAtMs ?? again.droppedAtMs) != null ? { droppedAtMs: null } : {};
  const boundAtMs = clientId === entry.clientId ? entry.boundAtMs : nowMs;
  return draft.change(entry, { ...again, ...seen, clientId, boundAtMs, misses: 0 });
}

/**
 * End his connection. He stays in the list as leaving until the server has him no more, so that he is not taken for somebody new.
 * @param cool he may not come back for a while
 */
export function sendAway(draft: Draft, entry: Entry, why: string, cool = true): void {
  const { policy, nowMs } = draft.at;
  const { app, stream, turn, clientId } = entry;
  if (cool && policy.rejoinMs > 0) {
    const others = draft.state.cooling.filter((one) => one.stream !== stream);
    draft.set({ cooling: [...others, { stream, untilMs: nowMs + policy.rejoinMs }] });
  }
  if (entry.state === 'grace') draft.remove(entry);
  else {
    draft.change(entry, { ...stopped(entry, nowMs), state: 'leaving', sinceMs: nowMs, misses: 0 });
    draft.effects.push({ do: 'kick', turn, app, stream, clientId, why });
  }
  draft.tell('publisher_kicked', entry, true, { reason: why });
}

/** Behind everybody else: also behind those of lower priority, who would never have their turn otherwise. */
export function toTail(draft: Draft, entry: Entry): Entry {
  const lowest = Math.min(entry.priority, ...waitingOf(draft.state).map(({ priority }) => priority));
  return draft.change(entry, { rank: draft.rank(), priority: lowest });
}

/** Somebody else is on air now. */
export function retire(draft: Draft, lead: Entry): void {
  const { policy, nowMs } = draft.at;
  const why = lead.ending ? 'skipped' : 'turn over';
  if (lead.state === 'grace') return letGo(draft, lead, why);
  if (policy.afterTurn === 'kick') return sendAway(draft, lead, why);
  const anew = { state: 'waiting', sinceMs: nowMs, usedMs: 0, countedAtMs: null, liveAtMs: null } as const;
  const waits = draft.change(lead, {
    ...anew,
    extraMs: 0,
    ending: false,
    warned: [],
    misses: 0,
    failures: 0,
  });
  tellWaiting(draft, toTail(draft, waits), { reason: why });
}

/** What follows of itself from how everything stands: whose time runs, and who is put on air. At the end of every step. */
export function settle(draft: Draft): void {
  const { at } = draft;
  countTime(draft);
  const { state } = draft;
  if (!at.mayPromote || promotingOf(state)) return;
  const lead = leadOf(state);
  const next = state.onHold || (lead && !isOver(lead, state, at)) ? null : nextOf(state, at);
  if (next && next.fromMs <= at.nowMs) {
    order(draft, draft.change(next.entry, { state: 'promoting', sinceMs: at.nowMs }));
    countTime(draft);
  } else if (lead?.state === 'live' && (state.putBackAtMs ?? Infinity) <= at.nowMs) {
    order(draft, lead);
    draft.set({ putBackAtMs: at.nowMs + at.policy.switchMs });
  }
}

function order(draft: Draft, { turn, app, stream, name }: Entry): void {
  const generation = draft.state.generation + 1;
  draft.set({ generation, orderedTurn: turn });
  draft.effects.push({ do: 'switch', turn, generation, app, stream, name });
}

/** The time that counts stands still, with what it is until now. */
function stopped(entry: Entry, nowMs: number): Pick<Entry, 'usedMs' | 'countedAtMs'> {
  return { usedMs: usedMs(entry, nowMs), countedAtMs: null };
}

function countTime(draft: Draft): void {
  const { policy, nowMs } = draft.at;
  const lead = leadOf(draft.state);
  if (lead?.state !== 'live') return;
  const counts = !policy.onlyIfWaiting || somebodyFollows(draft.state);
  if (counts === (lead.countedAtMs !== null)) return;
  draft.change(lead, counts ? { countedAtMs: nowMs } : stopped(lead, nowMs));
}
