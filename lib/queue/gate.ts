import { Draft, type Moment, type Step } from './draft';
import { back, dropped, letGo, newEntry, settle, tellWaiting } from './rules';
import { entryOf } from './turns';
import type { Ban, Joining, JoinVerdict, QueueState } from './types';

/** The ban of this name that holds now; null where there is none. */
export function banOf(state: Readonly<QueueState>, stream: string, nowMs: number): Ban | null {
  return (
    state.bans.find((ban) => ban.stream === stream && (ban.untilMs === null || ban.untilMs > nowMs)) ?? null
  );
}

/** Whether this name was kicked just now. */
export function isCooling(state: Readonly<QueueState>, stream: string, nowMs: number): boolean {
  return state.cooling.some((one) => one.stream === stream && one.untilMs > nowMs);
}

/**
 * Somebody wants to publish. Who is in the queue already under this connection is let in again and nothing changes; under another one he
 * comes back to his place where it is kept for him, or where the policy says so.
 */
export function join(state: QueueState, joining: Joining, at: Moment): Step & { verdict: JoinVerdict } {
  const draft = new Draft(state, at);
  const verdict = judge(draft, joining);
  if (verdict.allow) settle(draft);
  return { ...draft.done(), verdict };
}

function judge(draft: Draft, joining: Joining): JoinVerdict {
  const { policy, nowMs } = draft.at;
  const { app, stream, clientId } = joining;
  if (banOf(draft.state, stream, nowMs)) return { allow: false, why: 'banned' };
  const entry = entryOf(draft.state, app, stream);
  if (entry && entry.state !== 'leaving') {
    const known = entry.clientId !== null && clientId !== null;
    if (entry.state === 'grace' || (!known && clientId !== null)) back(draft, entry, clientId);
    else if (known && entry.clientId !== clientId) {
      if (policy.secondPublisher === 'reject') return { allow: false, why: 'taken' };
      back(draft, entry, clientId);
    }
    return { allow: true, turn: entry.turn, again: true };
  }
  if (isCooling(draft.state, stream, nowMs)) return { allow: false, why: 'cooling' };
  if (entry) {
    // the server has his old connection still, and would refuse the new one; or it puts the new one in its place
    if (policy.secondPublisher === 'reject' || entry.clientId === clientId)
      return { allow: false, why: 'taken' };
    letGo(draft, entry, 'kicked');
  }
  if (draft.state.entries.filter((one) => one.state !== 'leaving').length >= policy.mostEntries)
    return { allow: false, why: 'full' };
  const { name } = joining;
  // from a flow anything may come, and what is no number would make every later comparison wrong
  const limitMs = Number.isFinite(joining.limitMs) ? Math.max(0, joining.limitMs!) : null;
  const priority = Number.isFinite(joining.priority) ? joining.priority : 0;
  const made = newEntry(draft, { app, stream, clientId, name, limitMs, priority, state: 'admitted' });
  tellWaiting(draft, draft.add(made));
  return { allow: true, turn: made.turn, again: false };
}

/**
 * Somebody publishes no longer. Only the very connection that is in the queue can end his stay: servers tell of intruders whom they refused in
 * the same words. Without a client id nothing is known, and nothing happens: the server's list has to be asked.
 */
export function leave(
  state: QueueState,
  left: { app: string; stream: string; clientId: string | null },
  at: Moment,
): Step {
  const draft = new Draft(state, at);
  const entry = entryOf(state, left.app, left.stream);
  if (!entry || left.clientId === null || entry.clientId !== left.clientId) return draft.done();
  dropped(draft, entry, entry.state === 'leaving' ? 'kicked' : 'left');
  settle(draft);
  return draft.done();
}

/** A kick found nobody there: who was being kicked is gone. Nothing happens where he is not leaving any more. */
export function absent(state: QueueState, turn: string, at: Moment): Step {
  const draft = new Draft(state, at);
  const entry = state.entries.find((one) => one.turn === turn);
  if (entry?.state !== 'leaving') return draft.done();
  letGo(draft, entry, 'kicked');
  settle(draft);
  return draft.done();
}
