import { Draft, type Moment, type Step } from './draft';
import { retire, settle, tellWaiting, toTail } from './rules';
import { leadOf, promotingOf } from './turns';
import type { Entry, QueueState } from './types';

/** A lead who could not be put back is tried again after so long, ms. */
const PUT_BACK_AGAIN_MS = 5_000;

/** Which order a switch's report is about. */
export interface Order {
  turn: string;
  generation: number;
}

/** The order as stream-queue and the switch pass it on: `<turn>.<generation>`. */
export function orderText({ turn, generation }: Order): string {
  return `${turn}.${generation}`;
}

/** Read it back; null for a text that is none. */
export function parseOrder(text: string): Order | null {
  const match = /^([a-z0-9-]{1,64})\.(\d{1,15})$/.exec(text);
  return match ? { turn: match[1]!, generation: Number(match[2]) } : null;
}

/** Whose order this is, where it is the present one; null for what comes late. */
export function ordered(state: Readonly<QueueState>, { turn, generation }: Order): Entry | null {
  const entry = promotingOf(state);
  return entry?.turn === turn && state.generation === generation ? entry : null;
}

/** Whether an order is still to be carried out: of who is being put on air, or of the lead whose picture another's has taken. */
export function isWanted(state: Readonly<QueueState>, order: Order): boolean {
  return ordered(state, order) !== null || (state.putBackAtMs != null && isOfLead(state, order));
}

/** Whether it is the present order, and no other is under way. */
function isLast(state: Readonly<QueueState>, { turn, generation }: Order): boolean {
  return state.generation === generation && state.orderedTurn === turn && !promotingOf(state);
}

function isOfLead(state: Readonly<QueueState>, order: Order): boolean {
  return isLast(state, order) && leadOf(state)?.turn === order.turn;
}

/**
 * A switch is done that nobody waits for any more. Where nothing was ordered since, the picture on air is that of one who has left or was
 * given up, and the lead has to be put back.
 */
function lateSwitched(draft: Draft, order: Order): void {
  const { state, at } = draft;
  if (isOfLead(state, order)) {
    if (state.putBackAtMs != null) draft.set({ putBackAtMs: null });
    return;
  }
  if (!isLast(state, order) || !leadOf(state)) return;
  // who is here still and was only too slow is tried again soon, and need not leave the air for that
  const isHere = state.entries.some((one) => one.turn === order.turn && one.state === 'waiting');
  draft.set({ putBackAtMs: at.nowMs + (isHere ? PUT_BACK_AGAIN_MS : 0) });
  settle(draft);
}

/** The switch is done: he is on air, and who was before him goes. A report that comes late puts nobody on air. */
export function switched(state: QueueState, order: Order, at: Moment): Step {
  const draft = new Draft(state, at);
  const entry = ordered(state, order);
  if (!entry) {
    lateSwitched(draft, order);
    return draft.done();
  }
  draft.set({ putBackAtMs: null });
  const { nowMs } = at;
  const before = leadOf(state);
  const anew = {
    usedMs: 0,
    countedAtMs: null,
    extraMs: 0,
    ending: false,
    warned: [],
    failures: 0,
    faults: 0,
  };
  const live = draft.change(entry, { ...anew, state: 'live', sinceMs: nowMs, liveAtMs: nowMs, held: false });
  if (before) retire(draft, before);
  draft.tell('publisher_live', live, true, { previous: before?.stream ?? null });
  settle(draft);
  return draft.done();
}

/** The switch did not succeed. He is tried again, and after `mostFailures` in a row the next gets his turn. */
export function switchFailed(state: QueueState, order: Order, why: string, at: Moment, isHis = true): Step {
  const draft = new Draft(state, at);
  const entry = ordered(state, order);
  if (!entry) {
    if (isWanted(state, order)) draft.set({ putBackAtMs: at.nowMs + PUT_BACK_AGAIN_MS });
    return draft.done();
  }
  // his place is not lost by what another program did: he is tried again and again, in his order
  if (isHis) failed(draft, entry, why);
  else draft.change(entry, { state: 'waiting', sinceMs: at.nowMs, faults: (entry.faults ?? 0) + 1 });
  settle(draft);
  return draft.done();
}

/** What made switches fail is over, as far as anybody can see: nobody waits any longer who waited for nothing else. */
export function tryAgain(state: QueueState, at: Moment): Step {
  const draft = new Draft(state, at);
  for (const entry of state.entries) if (entry.faults) draft.change(entry, { faults: 0 });
  // longer than that, and it is under way
  const pauseMs = (state.putBackAtMs ?? 0) - at.nowMs;
  if (pauseMs > 0 && pauseMs <= PUT_BACK_AGAIN_MS) draft.set({ putBackAtMs: at.nowMs });
  settle(draft);
  return draft.done();
}

/** One failed switch more. He is never lost: behind all others he waits for another try. */
export function failed(draft: Draft, entry: Entry, why: string): void {
  const { policy, nowMs } = draft.at;
  const failures = entry.failures + 1;
  const waits = draft.change(entry, { state: 'waiting', sinceMs: nowMs, failures });
  if (failures % Math.max(1, policy.mostFailures) !== 0) return;
  tellWaiting(draft, toTail(draft, waits), { reason: `not put on air: ${why}`, failures });
}
