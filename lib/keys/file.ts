/** The file of a key store: what is written, and how strictly it is read. */
import { isPersonId } from './names';
import { fitLimit, fitMetadata, fitName, fitPriority } from './fit';
import { isStoredKey, type StoredKey } from './secret';
import type { Person } from './types';

/** Somebody and what is kept of his key. */
export interface Kept {
  person: Person;
  key: StoredKey;
}

const VERSION = 1;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The whole file as text. No key is in it, and none can be got out of it. */
export function fileText(people: Iterable<Kept>): string {
  const rows = [...people].map(({ person, key: { salt, hash } }) => ({
    ...person,
    salt: salt.toString('base64'),
    hash: hash.toString('base64'),
  }));
  return `${JSON.stringify({ v: VERSION, people: rows }, null, 1)}\n`;
}

/** Why a file is none of ours; never quotes it. */
export class Unfit extends Error {
  /** `newer`: it is ours, and this version of the package is too old for it */
  constructor(
    reason: string,
    readonly newer = false,
  ) {
    super(reason);
  }
}

/**
 * Everybody in a file, by id.
 * @throws Unfit: a part of the people is not taken for all of them
 */
export function peopleIn(text: string): Map<string, Kept> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    throw new Unfit(text.trim() === '' ? 'it is empty' : 'it is no JSON');
  }
  const { v, people } = record(whole, 'it');
  if (typeof v === 'number' && v > VERSION) throw new Unfit('a newer version of this package wrote it', true);
  if (v !== VERSION) throw new Unfit('it is another file');
  if (!Array.isArray(people)) throw new Unfit('it has no list of people');
  const found = new Map<string, Kept>();
  for (const [index, row] of (people as unknown[]).entries()) {
    const kept = keptIn(record(row, `entry ${index + 1}`), `entry ${index + 1}`);
    if (found.has(kept.person.id)) throw new Unfit(`entry ${index + 1} has the id of another`);
    found.set(kept.person.id, kept);
  }
  return found;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Unfit(`${what} is no object`);
}

function keptIn(row: Record<string, unknown>, what: string): Kept {
  const unlike = (field: string) => new Unfit(`${what} has no fitting ${field}`);
  const time = (field: string): string => {
    const value = row[field];
    if (typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value))) return value;
    throw unlike(field);
  };
  const bytes = (field: string): Buffer => {
    const value = row[field];
    if (typeof value === 'string' && BASE64.test(value)) return Buffer.from(value, 'base64');
    throw unlike(field);
  };
  const { id, active, origin } = row;
  if (typeof id !== 'string' || !isPersonId(id)) throw unlike('id');
  if (typeof active !== 'boolean') throw unlike('active');
  if (origin !== 'flow' && origin !== 'invited') throw unlike('origin');
  const key = { salt: bytes('salt'), hash: bytes('hash') };
  if (!isStoredKey(key)) throw unlike('hash');
  try {
    const person: Person = {
      id,
      name: fitName(row.name),
      createdAt: time('createdAt'),
      keyChangedAt: time('keyChangedAt'),
      active,
      limitMs: fitLimit(row.limitMs),
      priority: fitPriority(row.priority),
      metadata: fitMetadata(row.metadata),
      origin,
    };
    return { person, key };
  } catch (error) {
    if (error instanceof Unfit) throw error;
    throw unlike('name, limit, priority or metadata');
  }
}
