import type { Release } from '../production/application';

/**
 * Somebody who may publish: the public id that is his stream name, and what is stored of his key. Only a salted hash of the key is kept:
 * it can be checked and replaced, and never told again.
 */
export interface Person {
  /** public: `[a-z0-9-]`, at most 32 characters; the name of the published stream */
  id: string;
  /** what people read; at most 80 characters */
  name: string;
  /** ISO 8601 UTC */
  createdAt: string;
  keyChangedAt: string;
  /** false: the key is right, and he may not publish now (seed 002: `stop`, before `start`) */
  active: boolean;
  /** turns of his own length, in milliseconds; null: as the queue has it */
  limitMs: number | null;
  /** higher goes first; 0 for everybody */
  priority: number;
  /** whatever was given with him: plain JSON, at most 4 KiB */
  metadata: Readonly<Record<string, unknown>>;
  /** how he came: by a flow, or by himself with an invitation */
  origin: 'flow' | 'invited';
}

/** The one reply that shows a key. `streamKey` is what is pasted into OBS: `<id>?key=<secret>`. */
export interface Created {
  person: Person;
  streamKey: string;
}

export type KeyVerdict =
  { ok: true; person: Person } | { ok: false; why: 'unknown' | 'wrong-key' | 'no-key' | 'inactive' };

/** What may be said of a new person. */
export interface NewPerson {
  /** null: made from the name and chance */
  id?: string | null;
  name: string;
  active?: boolean;
  limitMs?: number | null;
  priority?: number;
  metadata?: Record<string, unknown>;
  origin?: Person['origin'];
}

/** The one key store of the package. Changes are on the disk when they resolve; a check asks nobody and takes the same time whoever asks. */
export interface KeyStore {
  /** Also for an id that nobody has a hash is computed and compared. `streamName` may carry its key behind a question mark. */
  check(streamName: string, key: string | null): KeyVerdict;
  list(): Person[];
  get(id: string): Person | null;
  /** @throws KEYS_* : taken, too many, not fit, not written */
  create(wish: NewPerson): Promise<Created>;
  rotate(id: string): Promise<Created>;
  change(
    id: string,
    change: Partial<Pick<Person, 'name' | 'active' | 'limitMs' | 'priority'>>,
  ): Promise<Person>;
  /** false: nobody had this id */
  remove(id: string): Promise<boolean>;
  /** after each change, with the person's id */
  onChange(listener: (id: string) => void): Release;
  close(): Promise<void>;
}
