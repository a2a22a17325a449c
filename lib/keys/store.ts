import { randomBytes } from 'node:crypto';
import { isoTime } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Kept as KeptOpen } from '../connection/lease';
import { fail, type LiveError } from '../errors';
import type { Release } from '../production/application';
import type { Kept } from './file';
import { fitLimit, fitMetadata, fitName, fitPriority } from './fit';
import { KeyFile, type KeyFileOptions } from './key-file';
import { idFromName, isPersonId, parsePublished } from './names';
import {
  FreshSecrets,
  KeyCheck,
  hashKey,
  newKey,
  randomText,
  storedKey,
  type HashKey,
  type RandomBytes,
} from './secret';
import type { Created, KeyStore, KeyVerdict, NewPerson, Person } from './types';

/** More than this many make every change slow: each writes the whole file. */
export const MOST_PEOPLE = 10_000;

export interface KeyStoreOptions extends KeyFileOptions {
  /** how many there may be */
  mostPeople: number;
  /** ms since 1970 */
  clock?: () => number;
  random?: RandomBytes;
  hash?: HashKey;
}

type Change = Partial<Pick<Person, 'name' | 'active' | 'limitMs' | 'priority'>>;

/**
 * The people and their keys, in one file. Checks are answered out of memory. A change is made on a copy, which becomes the present state when it is on
 * the disk; changes that come together are written together.
 */
export class StoredKeys implements KeyStore, KeptOpen {
  private people: ReadonlyMap<string, Kept>;
  private readonly file: KeyFile;
  private readonly changes = new Emitter<string>();
  private readonly fresh = new FreshSecrets();
  private readonly keyCheck: KeyCheck;
  private readonly clock: () => number;
  private readonly random: RandomBytes;
  private readonly hash: HashKey;
  private readonly mostPeople: number;

  /** Reads the file at once, so that checks are right from now on; the lock of its folder, which changes need, comes behind. */
  constructor(options: KeyStoreOptions) {
    this.clock = options.clock ?? Date.now;
    this.random = options.random ?? randomBytes;
    this.hash = options.hash ?? hashKey;
    this.mostPeople = options.mostPeople;
    this.keyCheck = new KeyCheck(this.hash);
    this.people = new Map();
    this.file = new KeyFile(options, (people) => this.replace(people));
  }

  /** why nothing can be changed now, or null */
  get fault(): LiveError | null {
    return this.file.fault;
  }

  /** Resolves when the file was read for good, or could not be: `fault` says so. */
  opened(): Promise<void> {
    return this.file.opened();
  }

  /** Take in what somebody put in the file's place. */
  refresh(): Promise<void> {
    return this.file.change(() => null).then(() => undefined);
  }

  check(streamName: string, key: string | null): KeyVerdict {
    const { name, args } = parsePublished(streamName);
    const given = (key ?? args.get('key') ?? '').trim();
    const kept = this.people.get(name) ?? null;
    // before anything is known of either: the work is the same whoever asks
    const right = this.keyCheck.isRight(kept?.key ?? null, given);
    if (given === '') return { ok: false, why: 'no-key' };
    if (!kept) return { ok: false, why: 'unknown' };
    if (!right) return { ok: false, why: 'wrong-key' };
    return kept.person.active ? { ok: true, person: { ...kept.person } } : { ok: false, why: 'inactive' };
  }

  list(): Person[] {
    return [...this.people.values()].map(({ person }) => ({ ...person }));
  }

  get(id: string): Person | null {
    const kept = this.people.get(id);
    return kept ? { ...kept.person } : null;
  }

  async create(wish: NewPerson): Promise<Created> {
    const { origin = 'flow', active = true, id = null } = wish;
    const said = {
      name: fitName(wish.name),
      limitMs: fitLimit(wish.limitMs),
      priority: fitPriority(wish.priority),
      metadata: fitMetadata(wish.metadata),
    };
    if (id !== null && !isPersonId(id))
      throw fail('INPUT_INVALID', {
        field: 'id',
        reason: 'it needs 1 to 32 of a-z, 0-9 and hyphens, and must be no word such as lead or list',
      });
    return await this.withKey((people, at) => {
      if (people.size >= this.mostPeople) throw fail('KEYS_FULL', { most: this.mostPeople });
      if (id !== null && people.has(id)) throw fail('KEYS_TAKEN', { id });
      const tail = (length: number) => randomText(length, this.random);
      const own = id ?? idFromName(said.name, (taken) => people.has(taken), tail);
      return { id: own, ...said, createdAt: at, keyChangedAt: at, active, origin };
    });
  }

  rotate(id: string): Promise<Created> {
    return this.withKey((people, at) => ({ ...known(people, id).person, keyChangedAt: at }));
  }

  async change(id: string, change: Change): Promise<Person> {
    const said: Change = {
      ...(change.name === undefined ? {} : { name: fitName(change.name) }),
      ...(change.active === undefined ? {} : { active: change.active }),
      ...(change.limitMs === undefined ? {} : { limitMs: fitLimit(change.limitMs) }),
      ...(change.priority === undefined ? {} : { priority: fitPriority(change.priority) }),
    };
    const person = await this.file.change((people) => {
      const kept = known(people, id);
      const person = { ...kept.person, ...said };
      if (same(person, kept.person)) return null;
      people.set(id, { ...kept, person });
      return person;
    });
    if (!person) return this.get(id) ?? { ...known(this.people, id).person };
    this.changes.tell(id);
    return { ...person };
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.file.change((people) => people.delete(id) || null);
    if (!removed) return false;
    this.fresh.forget(id);
    this.changes.tell(id);
    return true;
  }

  onChange(listener: (id: string) => void): Release {
    return this.changes.add(listener);
  }

  /** Lets nobody hear anything any more, writes what waits, and gives the folder back. Never rejects. */
  async close(): Promise<void> {
    this.changes.clear();
    await this.file.close();
    this.fresh.clear();
  }

  /** A person with a new key, on the disk; only this answer ever shows the key. */
  private async withKey(
    personOf: (people: ReadonlyMap<string, Kept>, at: string) => Person,
  ): Promise<Created> {
    const key = newKey(this.random);
    const stored = storedKey(key, this.random, this.hash);
    const person = await this.file.change((people) => {
      const made = personOf(people, isoTime(this.clock()));
      people.set(made.id, { person: made, key: stored });
      return made;
    });
    this.fresh.hold(person.id, key);
    this.changes.tell(person.id);
    return { person: { ...person }, streamKey: `${person.id}?key=${key}` };
  }

  /** The people that the disk has now. */
  private replace(people: ReadonlyMap<string, Kept>): void {
    this.people = people;
  }
}

function known(people: ReadonlyMap<string, Kept>, id: string): Kept {
  const kept = people.get(id);
  if (!kept) throw fail('KEYS_UNKNOWN', { id: id.slice(0, 100) });
  return kept;
}

function same(one: Person, other: Person): boolean {
  return (['name', 'active', 'limitMs', 'priority'] as const).every((field) => one[field] === other[field]);
}
