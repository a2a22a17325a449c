import { keyIn } from '../gate/admission';
import type { KeyStore } from '../keys/types';
import type { Release } from '../production/application';
import type { Ingest } from '../rtmp/types';

/** Whoever takes somebody's key away may end his connection himself, and say so. */
const WITHDRAW_MS = 250;

/** By connection: when the key was made that somebody came in by. Kept over deploys, in which nobody may be there to see that it is withdrawn. */
interface Known {
  store: KeyStore;
  keyOf: Map<string, string>;
}
const known = new WeakMap<Ingest, Known>();

function knownOf(ingest: Ingest, store: KeyStore): Known {
  const before = known.get(ingest);
  // other keys withdraw nothing of these
  if (before?.store === store) return before;
  const keyOf = new Map<string, string>();
  for (const { stream, connectionId } of ingest.feeds()) {
    const person = store.get(stream);
    if (person) keyOf.set(connectionId, person.keyChangedAt);
  }
  const made = { store, keyOf };
  known.set(ingest, made);
  return made;
}

/**
 * Stream keys decide who publishes to an ingest: `id?key=secret`. Whoever loses his key while he publishes is put out: it was
 * withdrawn, made anew, or he was removed.
 */
export function guardByKeys(ingest: Ingest, store: KeyStore): Release {
  const { keyOf } = knownOf(ingest, store);
  const timers = new Map<NodeJS.Timeout, string>();
  const check = (id: string) => {
    for (const { stream, connectionId } of ingest.feeds()) {
      if (stream !== id) continue;
      const why = withdrawn(store, id, keyOf.get(connectionId));
      if (why) ingest.kick(connectionId, why, true);
    }
  };
  const unguard = ingest.guard(({ stream, params, connectionId }) => {
    const verdict = store.check(stream, keyIn(params));
    if (!verdict.ok)
      return { allow: false, why: 'key', reason: verdict.why, isGuess: verdict.why !== 'inactive' };
    forget(ingest, keyOf);
    keyOf.set(connectionId, verdict.person.keyChangedAt);
    return { allow: true, name: verdict.person.name };
  });
  const checkSoon = (id: string) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      check(id);
    }, WITHDRAW_MS);
    timer.unref();
    timers.set(timer, id);
  };
  const unfollow = store.onChange(checkSoon);
  // while a deploy had taken these keys away nobody saw what became of them
  for (const { stream, connectionId } of ingest.feeds()) if (keyOf.has(connectionId)) checkSoon(stream);
  // his key may have been withdrawn while others were still asked about him
  const unhear = ingest.onEvent((event) => {
    if (event.what === 'publishing') checkSoon(event.feed.stream);
  });
  return () => {
    unguard();
    unfollow();
    unhear();
    for (const [timer, id] of timers) {
      clearTimeout(timer);
      // whoever comes after this does not know what changed before
      check(id);
    }
  };
}

/** Why he may publish no longer; null: he may. */
function withdrawn(store: KeyStore, id: string, keyChangedAt: string | undefined): string | null {
  const person = store.get(id);
  if (!person) return 'his stream key was removed';
  if (!person.active) return 'he may not publish any more';
  return keyChangedAt !== undefined && keyChangedAt !== person.keyChangedAt
    ? 'his stream key was made anew'
    : null;
}

function forget(ingest: Ingest, keyOf: Map<string, string>): void {
  const there = new Set(ingest.feeds().map(({ connectionId }) => connectionId));
  // one that is being let in is in no list yet
  if (keyOf.size > 2 * there.size + 100)
    for (const connectionId of keyOf.keys()) if (!there.has(connectionId)) keyOf.delete(connectionId);
}
