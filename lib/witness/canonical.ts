import { isWellFormed } from './text';

/** A value as JSON knows it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

/** Deeper than any entry of ours goes; a line of opening brackets only must not fill the stack. */
const DEEPEST = 512;
/** Up to this many names, moving each to its place is faster than the sort of the language. */
const FEW = 24;

/**
 * The one text of a value. Source: RFC 8785. Throws TypeError for what is no JSON (undefined, NaN, half a surrogate
 * pair …) and RangeError for more than 512 levels.
 */
export function canonicalJson(value: JsonValue): string {
  return written(value, 0);
}

function written(value: JsonValue, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
      return `${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= DEEPEST) throw new RangeError(`more than ${DEEPEST} levels`);
      return Array.isArray(value) ? writtenArray(value, depth) : writtenObject(value, depth);
    default:
      throw new TypeError(`JSON has no ${typeof value}`);
  }
}

function writtenArray(items: JsonValue[], depth: number): string {
  let out = '';
  // by index, since holes have to be seen
  for (let at = 0; at < items.length; at++)
    out += (at === 0 ? '' : ',') + written(items[at] as JsonValue, depth + 1);
  return `[${out}]`;
}

function writtenObject(value: { [name: string]: JsonValue }, depth: number): string {
  let out = '';
  for (const name of sortNames(Object.keys(value)))
    out += `${out === '' ? '' : ','}${quoted(name)}:${written(value[name] as JsonValue, depth + 1)}`;
  return `{${out}}`;
}

function quoted(text: string): string {
  const json = JSON.stringify(text);
  // only what needs an escape can be half a pair
  if (json.length !== text.length + 2 && !isWellFormed(text)) throw new TypeError('half a surrogate pair');
  return json;
}

/** The same array in the order of UTF-16 code units. */
export function sortNames(names: string[]): string[] {
  if (names.length > FEW) return names.sort();
  for (let at = 1; at < names.length; at++) {
    const name = names[at]!;
    let to = at;
    for (; to > 0 && names[to - 1]! > name; to--) names[to] = names[to - 1]!;
    names[to] = name;
  }
  return names;
}

/** Whether `text`, of which `value` was parsed, is the one text of it. */
export function isCanonical(text: string, value: JsonValue): boolean {
  try {
    // an escape can hide half a surrogate pair, and that alone passes the short way
    if (!text.includes('\\u') && JSON.stringify(value) === text && inOrder(value, 0)) return true;
    return canonicalJson(value) === text;
  } catch {
    return false;
  }
}

/** Names that are whole numbers come first and in order of their size in JavaScript: those take the long way. */
function inOrder(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= DEEPEST) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!inOrder(item, depth + 1)) return false;
    return true;
  }
  let before: string | undefined;
  // what JSON.parse made has nothing inherited
  for (const name in value) {
    if (before !== undefined && before >= name) return false;
    before = name;
    const inner = value[name]!;
    if (typeof inner === 'object' && !inOrder(inner, depth + 1)) return false;
  }
  return true;
}
