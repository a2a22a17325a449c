import { fail } from '../errors';
import { Draft, type Moment, type Step } from './draft';
import { sendAway, settle } from './rules';
import { leadOf, nextOf, promotingOf, waitingOf } from './turns';
import type { Entry, QueueCommand, QueueState } from './types';

/** No turn, ban or extension is longer, ms: a year. */
const MOST_MS = 366 * 86_400_000;
/** Of the reason of a ban, characters. */
const MOST_REASON = 500;
/** All of them are written with every change; beyond this the oldest end. */
const MOST_BANS = 10_000;
/** A name that can be banned without being in the queue. */
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * Do what an operator asks for.
 * @throws LiveError QUEUE_NOBODY, QUEUE_COMMAND_INVALID; nothing has changed then
 */
export function command(state: QueueState, wish: QueueCommand, at: Moment): Step {
  const draft = new Draft(state, at);
  perform(draft, wish);
  settle(draft);
  return draft.done();
}

function perform(draft: Draft, wish: QueueCommand): void {
  switch (wish.action) {
    case 'skip':
      return skip(draft);
    case 'kick':
      return sendAway(draft, whom(draft, wish.who), 'kicked');
    case 'ban':
      return ban(draft, wish);
    case 'unban':
      return unban(draft, wish.who);
    case 'move':
      return move(draft, whom(draft, wish.who), wish.to);
    case 'hold':
    case 'resume':
      return hold(draft, wish.who, wish.action === 'hold');
    case 'extend':
      return void prolong(draft, { extraMs: onAir(draft).extraMs + span('byMs', wish.byMs, -MOST_MS) });
    case 'reset':
      return void prolong(draft, anew(draft));
    case 'limit':
      if (wish.again && leadOf(draft.state)) mayGoOn(draft);
      draft.set({ limit: { ms: wish.limitMs === null ? null : span('limitMs', wish.limitMs, 1000) } });
      return limited(draft, wish.again);
    case 'clear':
      return clear(draft);
  }
}

/** His turn ends, and he stays on air until somebody else is: without anybody who follows that would be nothing. */
function skip(draft: Draft): void {
  const lead = onAir(draft);
  if (draft.state.onHold) throw invalid('the queue is on hold, so nobody can follow');
  if (!nextOf(draft.state, draft.at) && !promotingOf(draft.state))
    throw invalid('nobody waits who could follow; kick ends the turn all the same');
  draft.change(lead, { ending: true });
}

function ban(draft: Draft, { who, forMs, reason }: Extract<QueueCommand, { action: 'ban' }>): void {
  const { nowMs } = draft.at;
  const until = forMs === null ? null : nowMs + span('forMs', forMs, 1);
  const entry = find(draft, who);
  if (!entry && (who === 'lead' || !NAME.test(who))) throw fail('QUEUE_NOBODY', { who });
  const { stream, name } = entry ?? { stream: who, name: who };
  const others = draft.state.bans.filter((one) => one.stream !== stream);
  const said = reason?.slice(0, MOST_REASON) ?? null;
  draft.set({ bans: [...others, { stream, name, untilMs: until, reason: said }].slice(-MOST_BANS) });
  const more = { seconds: forMs === null ? null : Math.round(forMs / 1000), reason: said };
  draft.tell('publisher_banned', entry ?? { stream, name }, true, more);
  if (entry) sendAway(draft, entry, 'banned');
}

function unban(draft: Draft, who: string): void {
  const bans = draft.state.bans.filter(({ stream, name }) => stream !== who && name !== who);
  if (bans.length === draft.state.bans.length) throw fail('QUEUE_NOBODY', { who });
  draft.set({ bans });
}

/** Ranks are handed round among those who wait; he takes the priority of his new neighbours where his own would put him elsewhere. */
function move(draft: Draft, entry: Entry, to: number): void {
  if (!Number.isInteger(to) || to < 1) throw invalid('the place must be a whole number from 1');
  const before = waitingOf(draft.state);
  const others = before.filter(({ turn }) => turn !== entry.turn);
  if (others.length === before.length) throw invalid(`"${entry.stream}" does not wait`);
  const index = Math.min(to - 1, others.length);
  const least = others[index]?.priority ?? -Infinity;
  const most = others[index - 1]?.priority ?? Infinity;
  const priority = Math.max(least, Math.min(most, entry.priority));
  // who was moved is tried at once, whatever became of the tries before
  const moving = { ...entry, priority, failures: 0, faults: 0 };
  const after = [...others.slice(0, index), moving, ...others.slice(index)];
  const ranks = before.map(({ rank }) => rank).sort((one, other) => one - other);
  const moved = new Map(after.map((one, place) => [one.turn, { ...one, rank: ranks[place]! }]));
  draft.set({ entries: draft.state.entries.map((one) => moved.get(one.turn) ?? one) });
}

function hold(draft: Draft, who: string | null, held: boolean): void {
  if (who === null) return draft.set({ onHold: held });
  const entry = whom(draft, who);
  if (held && entry.state !== 'waiting' && entry.state !== 'admitted')
    throw invalid(`"${entry.stream}" is on air, or just being put there`);
  draft.change(entry, { held });
}

/** Those who wait go; who is on air stays. */
function clear(draft: Draft): void {
  const lead = leadOf(draft.state);
  const promoting = lead && promotingOf(draft.state);
  for (const entry of [...(promoting ? [promoting] : []), ...waitingOf(draft.state)])
    sendAway(draft, entry, 'queue cleared');
}

/** A new length of turns counts for who is on air too, unless the next one is being put there already. */
function limited(draft: Draft, again: boolean): void {
  if (leadOf(draft.state) && !promotingOf(draft.state)) prolong(draft, again ? anew(draft) : {});
}

/** A switch under way ends the present turn when it is done, and cannot be called back: nobody shall be told otherwise. */
function mayGoOn(draft: Draft): void {
  const next = promotingOf(draft.state);
  if (next) throw invalid(`"${next.stream}" is being put on air just now, so the present turn ends`);
}

/** Another end of the present turn is in sight: warnings of it are given anew. */
function prolong(draft: Draft, changes: Partial<Entry>): void {
  onAir(draft);
  mayGoOn(draft);
  draft.change(onAir(draft), { ...changes, ending: false, warned: [] });
}

function anew(draft: Draft): Partial<Entry> {
  const counts = onAir(draft).countedAtMs !== null;
  return { usedMs: 0, extraMs: 0, countedAtMs: counts ? draft.at.nowMs : null };
}

function onAir(draft: Draft): Entry {
  const lead = leadOf(draft.state);
  if (!lead) throw fail('QUEUE_NOBODY', { who: 'lead' });
  return lead;
}

function find({ state }: Draft, who: string): Entry | null {
  if (who === 'lead') return leadOf(state);
  const there = state.entries.filter((one) => one.state !== 'leaving');
  return there.find(({ turn }) => turn === who) ?? there.find(({ stream }) => stream === who) ?? null;
}

function whom(draft: Draft, who: string): Entry {
  const entry = find(draft, who);
  if (!entry) throw fail('QUEUE_NOBODY', { who });
  return entry;
}

function span(field: string, ms: number, least: number): number {
  if (!Number.isFinite(ms) || ms < least || ms > MOST_MS)
    throw invalid(`${field} must be a number of milliseconds${least > 0 ? ` from ${least}` : ''}`);
  return Math.round(ms);
}

const invalid = (reason: string) => fail('QUEUE_COMMAND_INVALID', { reason });
