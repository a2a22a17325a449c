import { Draft, type Moment, type Step } from './draft';
import { letGo, settle } from './rules';
import { failed } from './switching';
import { allowedMs, isOver, leadOf, nextOf, promotingOf, remainingMs } from './turns';
import type { QueueState } from './types';

/** What time alone brings about: warnings, ends of turns, of grace, of bans, and what never came. Late or twice does no harm. */
export function tick(state: QueueState, at: Moment): Step {
  const draft = new Draft(state, at);
  const { policy, nowMs } = at;
  const bans = state.bans.filter(({ untilMs }) => untilMs === null || untilMs > nowMs);
  if (bans.length < state.bans.length) draft.set({ bans });
  const cooling = state.cooling.filter(({ untilMs }) => untilMs > nowMs);
  if (cooling.length < state.cooling.length) draft.set({ cooling });
  for (const entry of state.entries) {
    const age = nowMs - entry.sinceMs;
    if (entry.state === 'grace' && age >= policy.graceMs) letGo(draft, entry, 'did not come back');
    // nobody can say that he does not publish while the server cannot be asked
    if (entry.state === 'admitted' && !state.degraded && age >= policy.admitMs)
      letGo(draft, entry, 'never seen to publish');
    if (entry.state === 'promoting' && age >= policy.switchMs)
      failed(draft, entry, 'the switch did not answer');
  }
  warn(draft);
  settle(draft);
  return draft.done();
}

/** When time alone changes something next, of the same clock; null: never. */
export function nextDueMs(state: Readonly<QueueState>, at: Moment): number | null {
  const { policy, nowMs } = at;
  const due: number[] = [];
  for (const { untilMs } of [...state.bans, ...state.cooling]) if (untilMs !== null) due.push(untilMs);
  for (const { state: stands, sinceMs } of state.entries) {
    if (stands === 'grace') due.push(sinceMs + policy.graceMs);
    if (stands === 'admitted' && !state.degraded) due.push(sinceMs + policy.admitMs);
    if (stands === 'promoting') due.push(sinceMs + policy.switchMs);
  }
  const lead = leadOf(state);
  const left = lead && remainingMs(lead, state, at);
  if (lead?.countedAtMs != null && left !== null && !lead.ending) {
    for (const s of policy.warnAtS) if (!lead.warned.includes(s)) due.push(nowMs + left - s * 1000);
    if (left > 0) due.push(nowMs + left);
  }
  const isBack = state.putBackAtMs == null || !at.mayPromote || promotingOf(state) || lead?.state !== 'live';
  if (!isBack) due.push(Math.max(nowMs, state.putBackAtMs));
  const wanted = at.mayPromote && !state.onHold && !promotingOf(state) && (!lead || isOver(lead, state, at));
  const next = wanted ? nextOf(state, at) : null;
  if (next && next.fromMs < Infinity) due.push(Math.max(nowMs, next.fromMs));
  // no loop over thousands of arguments
  return due.length ? due.reduce((one, other) => Math.min(one, other)) : null;
}

/** Tell how long is left, each of the warnings once for each end that a turn had in sight. */
function warn(draft: Draft): void {
  const { state, at } = draft;
  const { policy } = at;
  const lead = leadOf(state);
  const left = lead && remainingMs(lead, state, at);
  if (lead?.countedAtMs == null || left === null || lead.ending) return;
  const due = policy.warnAtS.filter((s) => left <= s * 1000 && !lead.warned.includes(s));
  if (due.length === 0) return;
  draft.change(lead, { warned: [...lead.warned, ...due] });
  // a turn that was never so long is not warned of its own beginning
  const allowed = allowedMs(lead, state, policy) ?? 0;
  if (left > 0 && due.some((s) => s * 1000 < allowed))
    draft.tell('turn_warning', lead, null, { secondsLeft: Math.ceil(left / 1000) });
}
