import { Draft, type Moment, type Step } from './draft';
import { banOf, isCooling } from './gate';
import { back, dropped, letGo, newEntry, sendAway, settle, tellWaiting } from './rules';
import type { Entry, QueueState, Seen } from './types';

/** The server's own list, and what is known about it. */
export interface Listed {
  publishers: readonly Seen[];
  /** when it was asked for, monotonic ms: what changed since is not in it */
  askedAtMs: number;
  /** the server was started anew since the list before: no connection of before is left */
  newRun: boolean;
  /** whoever is on it and in no queue joins; false: for now he is left alone */
  adopt: (seen: Seen) => boolean;
  /** turns that this one list is enough for, since the server has told that they ended */
  doubted: ReadonlySet<string>;
}

const place = ({ app, stream }: { app: string; stream: string }): string => `${app}/${stream}`;

/**
 * Make the queue agree with the server's list, both ways. A list that could not be had (null) says nothing about anybody: only that the
 * server cannot be asked.
 */
export function seen(state: QueueState, list: Listed | null, at: Moment): Step {
  const draft = new Draft(state, at);
  if (!list) {
    if (!state.degraded) draft.set({ degraded: true });
    for (const entry of state.entries) if (entry.state === 'leaving') kickAgain(draft, entry);
    settle(draft);
    return draft.done();
  }
  if (state.degraded) {
    draft.set({ degraded: false });
    // whoever came meanwhile has the usual time from now on to be seen
    for (const entry of state.entries)
      if (entry.state === 'admitted') draft.change(entry, { sinceMs: at.nowMs });
  }
  const listed = new Map(list.publishers.map((one) => [place(one), one]));
  for (const entry of draft.state.entries) {
    // the list is older than what he did last
    if (Math.max(entry.sinceMs, entry.boundAtMs) > list.askedAtMs) continue;
    const found = listed.get(place(entry)) ?? null;
    if (list.newRun) afterRestart(draft, entry, found);
    else compare(draft, entry, found, list);
  }
  adopt(draft, list);
  settle(draft);
  return draft.done();
}

function compare(draft: Draft, entry: Entry, found: Seen | null, list: Listed): void {
  const { policy } = draft.at;
  if (found && isHis(entry, found)) return present(draft, entry, found);
  if (found && entry.state === 'grace') return void back(draft, entry, found.clientId, true);
  // he was kicked, and is gone; who came under his name since is told apart below
  if (entry.state === 'leaving') return letGo(draft, entry, 'kicked');
  // these have a time of their own, and a list that lags behind shall not shorten it
  if (entry.state === 'admitted' || entry.state === 'grace') return;
  const misses = entry.misses + 1;
  if (misses < policy.missesToLeave && !list.doubted.has(entry.turn))
    return void draft.change(entry, { misses });
  // a connection that is gone, and another with the same name and a right key: it is he, and keeps his place
  if (found) return void back(draft, entry, found.clientId, true);
  dropped(draft, entry, 'not there any more');
}

/** The server was started anew: nobody's connection is left, and whoever comes back in time keeps his place. */
function afterRestart(draft: Draft, entry: Entry, found: Seen | null): void {
  const { nowMs } = draft.at;
  if (entry.state === 'leaving') return letGo(draft, entry, 'kicked');
  if (found) return present(draft, back(draft, entry, found.clientId, true), found);
  if (entry.state === 'live') dropped(draft, draft.change(entry, { clientId: null }), 'the server stopped');
  else if (entry.state !== 'grace')
    draft.change(entry, { state: 'admitted', clientId: null, sinceMs: nowMs, misses: 0 });
}

function isHis({ clientId }: Entry, found: Seen): boolean {
  return clientId === null || found.clientId === null || clientId === found.clientId;
}

function kickAgain(draft: Draft, entry: Entry, clientId: string | null = null): void {
  const { turn, app, stream } = entry;
  draft.effects.push({ do: 'kick', turn, app, stream, clientId: entry.clientId ?? clientId, why: 'again' });
}

/** He is on the list. */
function present(draft: Draft, entry: Entry, { clientId, bytesIn }: Seen): void {
  if (entry.state === 'leaving') return kickAgain(draft, entry, clientId);
  const known = back(draft, entry, clientId ?? entry.clientId, true);
  // a connection that sends nothing publishes nothing yet
  if (known.state !== 'admitted' || bytesIn === 0) return;
  draft.change(known, { state: 'waiting', sinceMs: draft.at.nowMs });
}

/** Whoever publishes and is in no queue joins at the tail, in the order of their ages; who may not be there is kicked. */
function adopt(draft: Draft, list: Listed): void {
  const { nowMs } = draft.at;
  const known = new Set(draft.state.entries.map(place));
  const strangers = list.publishers.filter((one) => !known.has(place(one)) && list.adopt(one));
  strangers.sort((one, other) => (other.sinceMs ?? 0) - (one.sinceMs ?? 0));
  for (const one of strangers) {
    const { app, stream, clientId, bytesIn } = one;
    if (known.has(place(one))) continue;
    known.add(place(one));
    const made = newEntry(draft, {
      app,
      stream,
      clientId,
      name: stream,
      limitMs: null,
      priority: 0,
      state: bytesIn === 0 ? 'admitted' : 'waiting',
    });
    const entry = draft.add(made);
    if (banOf(draft.state, stream, nowMs)) sendAway(draft, entry, 'banned');
    else if (isCooling(draft.state, stream, nowMs)) sendAway(draft, entry, 'kicked before', false);
    else tellWaiting(draft, entry, { reason: 'found on the server' });
  }
}
