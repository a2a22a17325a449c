/** The one place that knows what is secret and hides it. */

import { formsOfAll, type HeldForms } from './secret-forms';
import { KIND, KINDS, SECRET_MARKER, hideShapes, isPlainShort, saysSecret } from './secret-patterns';

export { KIND, KINDS, SECRET_MARKER };

const DEEPEST = 40;
const DEEPEST_CAUSE = 5;
/** A picture: no text of ours, and a short secret is in every large one by chance. */
const PICTURE = /^data:image\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]*={0,2}$/;
/** Bytes up to this many are looked at as text; in more, only what is known is searched. */
const MOST_TEXT_BYTES = 65_536;

/** Names come again with every event; the limits are for those that somebody makes up. */
const MOST_NAMES = 2000;
const LONGEST_NAME = 64;
const knownNames = new Map<string, boolean>();
const held = new Map<string, number>();
let cachedForms: HeldForms | null | undefined;
let cachedNumber: boolean | undefined;
let generation = 0;

/**
 * Keep a secret hidden wherever text passes this page, until the returned function is called.
 * Empty strings are ignored. The same secret may be held many times.
 */
export function hold(secret: string | null | undefined): () => void {
  if (!secret) return () => undefined;
  held.set(secret, (held.get(secret) ?? 0) + 1);
  forget();
  let released = false;
  return () => {
    if (released) return;
    released = true;
    const count = (held.get(secret) ?? 1) - 1;
    if (count > 0) held.set(secret, count);
    else held.delete(secret);
    forget();
  };
}

/** Whether just this text is held. */
export function isHeld(text: string): boolean {
  return held.size > 0 && held.has(text);
}

/** Whether the text of any number is held; false spares whoever writes many numbers the question for each. */
export function holdsNumber(): boolean {
  if (cachedNumber === undefined) cachedNumber = [...held.keys()].some((text) => `${Number(text)}` === text);
  return cachedNumber;
}

/** Whether nothing is secret in a short text of plain characters; false says only that `redactText` has to look. */
export function isHarmless(text: string): boolean {
  if (!isPlainShort(text)) return false;
  const forms = heldForms();
  return !forms || text.length < forms.shortest || (!forms.alone && !forms.long?.find(text));
}

function forget(): void {
  cachedForms = undefined;
  cachedNumber = undefined;
  generation++;
}

/** Counts up whenever a secret is held or let go: what was found to be harmless before may be secret now. */
export function secretsGeneration(): number {
  return generation;
}

/** Whether a property of this name carries a secret by convention. */
export function isSecretName(name: string): boolean {
  let is = knownNames.get(name);
  if (is === undefined) {
    if (name.length > LONGEST_NAME) return saysSecret(name.slice(-LONGEST_NAME));
    is = saysSecret(name);
    if (knownNames.size >= MOST_NAMES) knownNames.clear();
    knownNames.set(name, is);
  }
  return is;
}

/**
 * Text with every secret hidden: held ones in any encoding, and what addresses, queries and the like show.
 * @param kinds of the characters in it, by `KINDS`, for whoever has looked at each of them anyway
 */
export function redactText(text: string, kinds: number = KIND.any): string {
  const forms = heldForms();
  if (kinds & KIND.colon && text.length > 30 && text.startsWith('data:image/') && PICTURE.test(text))
    return forms?.inBase64 ? forms.inBase64.hide(text, SECRET_MARKER) : text;
  let out = text;
  if (forms && text.length >= forms.shortest) {
    if (forms.long) out = forms.long.hide(out, SECRET_MARKER);
    if (forms.alone) out = out.replace(forms.alone, SECRET_MARKER);
  }
  return hideShapes(out, out === text ? kinds : KIND.any);
}

/**
 * Bytes with every secret hidden that stands in them as text; the same object where there is none. Up to 64 KiB
 * everything that `redactText` knows is hidden, in more what is held.
 */
export function redactBytes(bytes: Buffer): Buffer {
  const forms = heldForms();
  const small = bytes.length <= MOST_TEXT_BYTES;
  if (!small && !forms?.inBytes) return bytes;
  const text = bytes.toString('latin1');
  let out = forms?.inBytes ? forms.inBytes.hide(text, SECRET_MARKER) : text;
  if (small) {
    if (forms?.alone) out = out.replace(forms.alone, SECRET_MARKER);
    out = hideShapes(out);
  }
  return out === text ? bytes : Buffer.from(out, 'latin1');
}

/**
 * A copy of any value with every secret hidden, by name and by content. Buffers are passed as they are,
 * cycles and depths beyond 40 become the marker's neighbours `[circular]` and `[too deep]`.
 */
export function redact<T>(value: T): T {
  return walk(value, [], 0) as T;
}

/** Whether the marker stands anywhere in the value, as it does in what was redacted before. */
export function containsMarker(value: unknown): boolean {
  return some(
    value,
    (text) => text.includes(SECRET_MARKER),
    () => false,
    new Set(),
  );
}

/** Whether the value carries anything secret: a property named like one, or a held secret. */
export function carriesSecret(value: unknown): boolean {
  return some(
    value,
    (text) => redactText(text) !== text,
    (name, inner) => isSecretName(name) && inner !== '' && inner !== null && inner !== undefined,
    new Set(),
  );
}

/** An error whose message and stack show no secret; the same object, changed in place. */
export function redactError<E extends Error>(error: E): E {
  error.message = redactText(error.message);
  if (error.stack) error.stack = redactText(error.stack);
  const details = (error as { details?: Record<string, unknown> }).details;
  if (details) for (const [name, value] of Object.entries(details)) details[name] = redact(value);
  if (error.cause !== undefined) error.cause = told(error.cause, 0);
  return error;
}

/** A cause as it may be shown: its words and code in an error of our own, since a foreign one can hold anything anywhere. */
function told(cause: unknown, depth: number): unknown {
  if (!(cause instanceof Error)) return redact(cause);
  const copy = new Error(redactText(cause.message));
  copy.stack = redactText(`${cause.name}: ${cause.message}`);
  copy.name = cause.name;
  const { code } = cause as { code?: unknown };
  if (typeof code === 'string' || typeof code === 'number') Object.assign(copy, { code });
  if (cause.cause !== undefined && depth < DEEPEST_CAUSE) copy.cause = told(cause.cause, depth + 1);
  return copy;
}

function walk(value: unknown, above: object[], depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value) || value instanceof Date) return value;
  if (above.includes(value)) return '[circular]';
  if (depth > DEEPEST) return '[too deep]';
  above.push(value);
  const copy: unknown = Array.isArray(value)
    ? value.map((item) => walk(item, above, depth + 1))
    : walkObject(value, above, depth);
  above.pop();
  return copy;
}

function walkObject(value: object, above: object[], depth: number): object {
  // copied whole and then changed where needed: less work, and a smaller copy, than property by property
  const copy = { ...value } as Record<PropertyKey, unknown>;
  for (const symbol of Object.getOwnPropertySymbols(copy)) delete copy[symbol];
  for (const name of Object.keys(copy)) {
    const inner = copy[name];
    const hidden = hideNamed(name, inner, above, depth);
    if (hidden !== inner) copy[name] = hidden;
  }
  return copy;
}

function hideNamed(name: string, inner: unknown, above: object[], depth: number): unknown {
  if (
    typeof inner === 'boolean' ||
    inner === null ||
    inner === undefined ||
    inner === '' ||
    !isSecretName(name)
  )
    return walk(inner, above, depth + 1);
  return SECRET_MARKER;
}

function some(
  value: unknown,
  text: (value: string) => boolean,
  named: (name: string, value: unknown) => boolean,
  above: Set<object>,
): boolean {
  if (typeof value === 'string') return text(value);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || above.has(value)) return false;
  above.add(value);
  const found = Object.entries(value).some(
    ([name, inner]) => named(name, inner) || (above.size < DEEPEST && some(inner, text, named, above)),
  );
  above.delete(value);
  return found;
}

function heldForms(): HeldForms | null {
  if (cachedForms === undefined) cachedForms = formsOfAll(held.keys());
  return cachedForms;
}
