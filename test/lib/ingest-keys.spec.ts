// Who publishes by a key that was withdrawn is put out, whenever that was.
import assert from 'node:assert/strict';
import { guardByKeys } from '../../lib/ingest/keys';
import type { KeyStore, Person } from '../../lib/keys/types';
import type { Feed, Ingest, IngestEvent, PublishAdmission } from '../../lib/rtmp/types';
import { waitFor } from '../support';

/** An ingest and a key store on paper, with one person. */
function world() {
  const kicked: string[] = [];
  const feeds: Feed[] = [];
  let changed: (id: string) => void = () => undefined;
  let told: (event: IngestEvent) => void = () => undefined;
  let admit!: PublishAdmission;
  const person = { id: 'anna', name: 'Anna', active: true, keyChangedAt: 'first' } as Person;
  const ingest = {
    feeds: () => [...feeds],
    guard: (guard: PublishAdmission) => {
      admit = guard;
      return () => undefined;
    },
    onEvent: (listener: (event: IngestEvent) => void) => {
      told = listener;
      return () => undefined;
    },
    kick(connectionId: string, reason: string) {
      feeds.length = 0;
      return kicked.push(`${connectionId}: ${reason}`) > 0;
    },
  } as unknown as Ingest;
  const store = {
    get: (id: string) => (id === person.id ? { ...person } : null),
    check: () => ({ ok: true, person: { ...person } }),
    onChange: (listener: (id: string) => void) => {
      changed = listener;
      return () => undefined;
    },
  } as unknown as KeyStore;
  const request = { app: 'live', stream: 'anna', params: new Map<string, string>(), secure: false };
  return {
    ...{ kicked, ingest, store, person },
    ask: () => admit({ ...request, connectionId: 'c1', address: '127.0.0.1' }, 900),
    enter: () => {
      const feed = { stream: 'anna', connectionId: 'c1' } as Feed;
      feeds.push(feed);
      told({ what: 'publishing', feed, name: 'Anna', back: false });
    },
    rotate: () => {
      person.keyChangedAt = 'later';
      changed('anna');
    },
  };
}

describe('keys of an ingest', () => {
  const ANEW = ['c1: his stream key was made anew'];

  it('a key that is made anew while a deploy takes the keys away puts its person out', async () => {
    const { kicked, ingest, store, ask, enter, rotate } = world();
    const release = guardByKeys(ingest, store);
    await ask();
    enter();
    rotate();
    release();
    assert.deepEqual(kicked, ANEW);
  });

  it('a key that is made anew while others are still asked about its person puts him out', async () => {
    const { kicked, ingest, store, ask, enter, rotate } = world();
    const release = guardByKeys(ingest, store);
    await ask();
    rotate();
    // as long as it takes to find out who has lost his key
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(kicked, []);
    enter();
    await waitFor(() => kicked.length > 0);
    assert.deepEqual(kicked, ANEW);
    release();
  });

  for (const [what, change, why] of [
    ['made anew', (person: Person) => (person.keyChangedAt = 'later'), 'his stream key was made anew'],
    ['switched off', (person: Person) => (person.active = false), 'he may not publish any more'],
    ['removed', (person: Person) => (person.id = 'nobody'), 'his stream key was removed'],
  ] as const)
    it(`a key that is ${what} while nobody looks, as within a deploy, puts its person out`, async () => {
      const { kicked, ingest, store, ask, enter, person } = world();
      const release = guardByKeys(ingest, store);
      await ask();
      enter();
      release();
      change(person);
      const next = guardByKeys(ingest, store);
      await waitFor(() => kicked.length > 0);
      assert.deepEqual(kicked, [`c1: ${why}`]);
      next();
    });

  it('other keys cut off nobody who came in by those before', async () => {
    const { kicked, ingest, store, ask, enter, person } = world();
    const release = guardByKeys(ingest, store);
    await ask();
    enter();
    release();
    person.keyChangedAt = 'later';
    const next = guardByKeys(ingest, { ...store });
    await new Promise((resolve) => setTimeout(resolve, 400));
    next();
    assert.deepEqual(kicked, []);
  });
});
