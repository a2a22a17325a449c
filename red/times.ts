import { fail } from '../lib/errors';

/** ISO 8601: a date, or a date with a time, which may have a zone. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Ms since 1970, or null where there is none: ISO 8601 (without a zone: the time of this computer; a date alone is the beginning of that day, and as `to` its end),
 * milliseconds, or a Date.
 * @param toIncluded whether what is of the very time `to` belongs to it: the end of a day is its last millisecond then, and the next day's first otherwise
 * @throws LiveError INPUT_INVALID
 */
export function timeIn(field: string, value: unknown, toIncluded = true): number | null {
  if (value === undefined || value === null || value === '') return null;
  const ms =
    value instanceof Date
      ? value.getTime()
      : typeof value === 'string'
        ? read(field, value.trim(), toIncluded)
        : value;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  throw fail('INPUT_INVALID', {
    field,
    reason: 'it must be a time such as 2026-11-20T19:00 or a number of milliseconds since 1970',
  });
}

/** NaN where it is no time. What `Date` guesses of other texts depends on the country: a wrong day is worse than none. */
function read(field: string, text: string, toIncluded: boolean): number {
  if (/^\d{9,}$/.test(text)) return Number(text);
  const [, ...parts] = TIME.exec(text) ?? [];
  if (parts.length === 0) return NaN;
  const [year, month, day] = parts.map(Number) as [number, number, number];
  // 31 February is none
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return NaN;
  if (text.length > 10) return Date.parse(text);
  const next = new Date(year, month - 1, day + 1).getTime() - (toIncluded ? 1 : 0);
  return field === 'to' ? next : new Date(year, month - 1, day).getTime();
}
