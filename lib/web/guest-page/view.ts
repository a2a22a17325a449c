import type { EntryState, EntryView, QueueView } from '../../queue/types';
import { shownName } from './names';

/** One entry as anybody may see it. */
export interface PublicEntry {
  /** of this stay in the queue; tells his own browser which one he is */
  turn: string;
  name: string;
  /** 0 is on air (or about to be), 1 the next */
  place: number;
  state: EntryState;
  held: boolean;
  /** of his turn, now; null: no limit, or it has not begun */
  remainingMs: number | null;
  limitMs: number | null;
  /** whether the remaining time runs down now */
  counting: boolean;
  /** when his turn comes at the latest; null: nobody can know */
  startsInMs: number | null;
}

/** The queue as anybody may see it: no reasons, no bans, no stream names, no connections. */
export interface PublicQueue {
  title: string;
  /** whether people can join by this page */
  joining: boolean;
  onHold: boolean;
  limitMs: number | null;
  /** false: what is shown may be old; null: nobody knows */
  serverReachable: boolean | null;
  at: string;
  lead: PublicEntry | null;
  waiting: PublicEntry[];
}

/** What the owner of a cookie is told of himself. */
export interface You {
  id: string;
  name: string;
  /** where he publishes to, without the stream */
  server: string;
  /** null: he does not publish */
  turn: string | null;
  /** null: he is not banned. Why is nobody's business but the operator's. */
  banned: { until: string | null } | null;
}

/** What anybody sees of the queue. Pure. */
export function publicQueue(view: QueueView, about: { title: string; joining: boolean }): PublicQueue {
  const { lead, onHold, limitMs, serverReachable, at } = view;
  let startsInMs = onHold ? null : waitOf(lead);
  const waiting = view.waiting.map((entry) => {
    const shown = publicEntry(entry, entry.held ? null : startsInMs);
    if (!entry.held) startsInMs = plus(startsInMs, entry.limitMs);
    return shown;
  });
  return { ...about, onHold, limitMs, serverReachable, at, lead: lead && publicEntry(lead, null), waiting };
}

/** How long at most until the next one: null where the one on air has no end. */
function waitOf(lead: EntryView | null): number | null {
  if (!lead) return 0;
  // a turn that has not begun yet lasts as long as a turn does
  return lead.remainingMs ?? lead.limitMs;
}

function plus(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function publicEntry(entry: EntryView, startsInMs: number | null): PublicEntry {
  const { turn, place, state, held, remainingMs, limitMs, counting } = entry;
  return {
    turn,
    name: shownName(entry.name),
    place,
    state,
    held,
    remainingMs,
    limitMs,
    counting,
    startsInMs,
  };
}

/** What one person is told of himself. Pure. */
export function youIn(view: QueueView, person: { id: string; name: string }, server: string): You {
  const entries = view.lead ? [view.lead, ...view.waiting] : view.waiting;
  const ban = view.bans.find(({ stream }) => stream === person.id);
  return {
    id: person.id,
    name: shownName(person.name),
    server,
    turn: entries.find(({ stream }) => stream === person.id)?.turn ?? null,
    banned: ban ? { until: ban.until } : null,
  };
}

/** Seed 003's `queue-json`: one array, who is on air first. */
export function queueJson({ lead, waiting }: PublicQueue): PublicEntry[] {
  return lead ? [lead, ...waiting] : waiting;
}
