import { fail } from '../errors';
import { isEntryType, isOwnType } from './entry-type';
import type { LogFolder } from './folder';
import { entryOfLine, readLines, type LogEntry } from './read';

/** Which entries are wanted. What is left out does not restrict. */
export interface EntryFilter {
  /** each a type, or the beginning of one with `*` behind it */
  types?: readonly string[];
  /** the first and the last moment, both included: ISO 8601 or ms since 1970; compared with what the clock said at each entry */
  from?: string | number;
  to?: string | number;
  /** only entries behind this number */
  after?: number;
  /** so many at most */
  limit?: number;
  /** with what the log says of itself (`log.…`); asking for such a type has them too */
  own?: boolean;
}

/** Moment with a time zone, or a day, which begins at midnight UTC. */
const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** A filter that was checked. */
interface Wanted {
  type: (type: string) => boolean;
  from: number;
  to: number;
  after: number;
  limit: number;
}

/**
 * The entries of a log that pass a filter, in their order. Memory does not grow with the log. Hashes and signatures are not looked at: that is
 * what `verifyFolder` does.
 * @throws LiveError WITNESS_FILTER_INVALID, WITNESS_NO_LOG, WITNESS_UNREADABLE; WITNESS_DAMAGED at the first line that is no entry
 */
export async function* readEntries(
  folder: string | LogFolder,
  filter: EntryFilter = {},
): AsyncGenerator<LogEntry> {
  const { type, from, to, after, limit } = checkFilter(filter);
  let left = limit;
  if (left === 0) return;
  for await (const line of readLines(folder, { from: after + 1 })) {
    const found = entryOfLine(line);
    const { entry } = found;
    if (!type(entry.type)) continue;
    const t = Date.parse(entry.t);
    if (t < from || t > to) continue;
    yield found;
    if (--left === 0) return;
  }
}

/**
 * Read a filter, which may come from a message.
 * @throws LiveError WITNESS_FILTER_INVALID naming the field
 */
export function checkFilter(filter: EntryFilter): Wanted {
  const { own } = filter;
  if (own !== undefined && typeof own !== 'boolean') throw wrong('own', 'it is true or false');
  return {
    type: wantedTypes(filter.types, own),
    from: moment('from', filter.from) ?? -Infinity,
    to: moment('to', filter.to) ?? Infinity,
    after: count('after', filter.after) ?? -1,
    limit: count('limit', filter.limit) ?? Infinity,
  };
}

function wantedTypes(types: unknown, own = false): (type: string) => boolean {
  if (types === undefined) return (type) => own || !isOwnType(type);
  if (!Array.isArray(types)) throw wrong('types', 'it is a list of texts');
  const whole = new Set<string>();
  const begins: string[] = [];
  for (const type of types as unknown[]) {
    const begin = typeof type === 'string' && type.endsWith('*') ? type.slice(0, -1) : null;
    if (begin !== null && (begin === '' || isEntryType(begin))) begins.push(begin);
    else if (typeof type === 'string' && isEntryType(type)) whole.add(type);
    else throw wrong('types', `${String(JSON.stringify(type)).slice(0, 80)} is no type of an entry`);
  }
  return (type) => {
    if (whole.has(type)) return true;
    const hidden = isOwnType(type) && !own;
    return begins.some((begin) => type.startsWith(begin) && (!hidden || isOwnType(begin)));
  };
}

function moment(field: string, value: unknown): number | null {
  if (value === undefined) return null;
  const ms = typeof value === 'string' && ISO.test(value) ? Date.parse(value) : value;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  throw wrong(field, 'it is a moment like 2026-11-20T19:00:00Z, or a number of milliseconds since 1970');
}

function count(field: string, value: unknown): number | null {
  if (value === undefined) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= (field === 'after' ? -1 : 0))
    return value;
  throw wrong(field, 'it is a whole number');
}

function wrong(field: string, reason: string): Error {
  return fail('WITNESS_FILTER_INVALID', { field, reason });
}
