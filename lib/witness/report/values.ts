// What entries carry is anybody's: every value is looked at before it is used.

export type Values = Readonly<Record<string, unknown>>;

const NONE: Values = {};
/** As an ISO 8601 text begins; Date.parse alone takes "1". */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
/** Longer texts are cut: a name on a page, not a document. */
const LONGEST = 300;
const LONGEST_MS = 10 * 366 * 86_400_000;

/** An object's members; nothing where it is none. */
export function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : NONE;
}

/** A text that says something, cut at 300 characters; null otherwise. */
export function textOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

/** A count or measure that can be one: not negative, and no more than can be counted; null otherwise. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null;
}

/** ms that something may have taken: ten years at most; null otherwise. */
export function durationOf(value: unknown): number | null {
  const ms = countOf(value);
  return ms === null || ms > LONGEST_MS ? null : ms;
}

export function flagOf(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

/** ISO 8601 as ms; null for anything else. */
export function timeOf(value: unknown): number | null {
  if (typeof value !== 'string' || !ISO.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}
