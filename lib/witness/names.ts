import { isSecretName, redactText, secretsGeneration } from '../secrets';
import { sortNames } from './canonical';
import { digest } from './digest';
import { isWellFormed } from './text';

/** How a property's name is written. */
export interface WrittenName {
  name: string;
  shown: string;
  /** with quotes and colon */
  json: string;
  /** the same, a byte for each character; null where some need more */
  bytes: Uint8Array | null;
  /** its value is secret */
  secret: boolean;
}

/** The names of an object, in the order in which they are read. */
export interface Shape {
  names: readonly WrittenName[];
  /** they are written in that order too, and none twice; else they have to be put in order by what is shown */
  ordered: boolean;
  /** it may be `{name: 'password', value: …}`, of which one says what the other is */
  pair: boolean;
  /** it may be `{type: 'Buffer', data: [...]}`, which a Buffer becomes on its way through JSON */
  bytes: boolean;
}

/** Objects come again with every message; the limits are for those that somebody makes up. */
const MOST_KNOWN = 2000;
const LONGEST_KNOWN = 64;
const MOST_NAMES_KNOWN = 64;
/** Shapes of as many names that start with the same one. */
const MOST_ALIKE = 8;
const LONGEST = 256;
/** Of longer names only the length is written. */
const LONGEST_HASHED = 8192;

interface KnownShape extends Shape {
  given: readonly string[];
}
const known = new Map<string, KnownShape[]>();
let knownCount = 0;
let knownSince = secretsGeneration();

/** In a flat list of names and values, as HTTP clients give headers, the value comes next. */
const HEADER = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)$/i;

/** Whether an item of a list is the name of a header whose value, the next item, is secret. */
export function isHeaderName(item: unknown): boolean {
  return typeof item === 'string' && HEADER.test(item);
}

/** Whether `{name, value}` is a secret by what its name says. */
export function isSecretPair(holder: object): boolean {
  try {
    const { name, key, header } = holder as { name?: unknown; key?: unknown; header?: unknown };
    return [name, key, header].some((said) => typeof said === 'string' && isSecretName(said));
  } catch {
    // who hides a name may hide more
    return true;
  }
}

/** The names of an object as the witness writes them: no secret in them, and no mark of ours, which start with one `$`. */
export function shapeOf(names: readonly string[]): Shape {
  // a secret held since may stand in a name that was harmless
  if (knownSince !== secretsGeneration() || knownCount > MOST_KNOWN) {
    known.clear();
    knownCount = 0;
    knownSince = secretsGeneration();
  }
  const { length } = names;
  if (length === 0 || length > MOST_NAMES_KNOWN) return make(names);
  const alike = known.get(names[0]!);
  if (alike) for (const shape of alike) if (same(shape.given, names)) return shape;
  const shape = make(names);
  if (names.some((name) => name.length > LONGEST_KNOWN)) return shape;
  const kept = { ...shape, given: names };
  knownCount++;
  if (!alike) known.set(names[0]!, [kept]);
  else if (alike.push(kept) > MOST_ALIKE) alike.shift();
  return shape;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function make(names: readonly string[]): Shape {
  const written = sortNames([...names]).map(write);
  return {
    names: written,
    ordered: written.every(({ shown }, at) => at === 0 || written[at - 1]!.shown < shown),
    pair: names.includes('value') && ['name', 'key', 'header'].some((name) => names.includes(name)),
    bytes: names.length === 2 && names.includes('type') && names.includes('data'),
  };
}

function write(name: string): WrittenName {
  const shown = shownName(name);
  const json = `${JSON.stringify(shown)}:`;
  const bytes = /^[\x20-\xff]*$/.test(json) ? Buffer.from(json, 'latin1') : null;
  return { name, shown, json, bytes, secret: isSecretName(name) };
}

function shownName(name: string): string {
  if (name.length > LONGEST_HASHED) return `$cut:${name.length}`;
  const clean = redactText(name);
  if (clean.length > LONGEST) return `$cut:${clean.length}:${digest(JSON.stringify(clean))}`;
  if (!isWellFormed(clean)) return `$text:${JSON.stringify(clean).slice(1, -1)}`;
  return clean.startsWith('$') ? `$${clean}` : clean;
}

/** Members of which some names were changed: in order again, and no name twice. */
export function inOrder(members: readonly { shown: string; text: string }[]): string {
  const taken = new Set(members.map(({ shown }) => shown));
  const counts = new Map<string, number>();
  const named = members.map(({ shown, text }) => {
    let count = (counts.get(shown) ?? 0) + 1;
    let own = shown;
    if (count > 1) while (taken.has((own = `${shown} (${count})`))) count++;
    taken.add(own);
    counts.set(shown, count);
    return { own, text };
  });
  named.sort((a, b) => (a.own < b.own ? -1 : 1));
  return named.map(({ own, text }) => `${JSON.stringify(own)}:${text}`).join(',');
}
