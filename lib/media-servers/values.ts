/** Values out of a media server's answer: what is not as it should be is null. Pure and total. */

type Fields = Readonly<Record<string, unknown>>;
const MOST_DEPTH = 100;
const NAME = /^[^\p{Cc}\p{Surrogate}\u2028\u2029]{1,512}$/u;

/** JSON, or undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of an object, its own only: `{}` has no `constructor` here. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path.slice(0, MOST_DEPTH)) {
    if (!isObject(here) || !Object.hasOwn(here, name)) return undefined;
    here = here[name];
  }
  return here;
}

/** A list; empty for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A name of 1 to 512 characters without control characters, else null. A number is no name. */
export function nameOf(value: unknown): string | null {
  return typeof value === 'string' && NAME.test(value) ? value : null;
}

/** A number from 0, finite, else null. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** A whole number from 0 written in figures, as XML has them, else null. */
export function figuresOf(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
