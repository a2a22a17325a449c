/** The one place that knows what is secret and hides it. */

/** Stands where a secret was; a request that carries it is refused, or it would overwrite the real one. */
export const SECRET_MARKER = '[hidden]';

const SECRET_NAME =
  /^(key|stream_?key|password|pass|passwd|passphrase|srt_?passphrase|secret|token|bearer_?token|access_?token|refresh_?token|auth|authorization|authentication|credentials?|api_?key|webhook|webhook_?url|private_?key|streamid|stream_?id|pwd|psk|user_?name|ff_?url)$/i;
const SECRET_QUERY =
  /([?&;](?:key|stream_?key|pass(?:word|phrase|wd)?|pwd|secret|token|bearer_?token|access_?token|auth|streamid|sig|signature)=)[^&;#\s"'<>]+/gi;
const USER_INFO = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,15}:\/\/)[^/\s@\"'<>]+@/gi;
/** rtmp://host/app/key: what follows the application is the key. */
const RTMP_KEY = /(\brtmp(?:s|t|e|te|ts)?:\/\/[^/\s"'<>]+\/[^/\s"'<>?]+\/)[^\s"'<>]+/gi;

/** Shorter than this and a secret is hidden only where it stands alone: otherwise `a` would blank every sentence. */
const SHORTEST_SUBSTRING = 4;
const DEEPEST = 40;
const DEEPEST_CAUSE = 5;
/** A picture: no text of ours, and a short secret is in every large one by chance. */
const PICTURE = /^data:image\/[a-z0-9.+-]+;base64,/;

/** Names come again with every event; the limits are for those that somebody makes up. */
const MOST_NAMES = 2000;
const LONGEST_NAME = 64;
const knownNames = new Map<string, boolean>();
const held = new Map<string, number>();
/** The pattern of every held form, and the length below which no text can hold one. */
interface HeldForms {
  pattern: RegExp;
  shortest: number;
}
let cachedForms: HeldForms | null | undefined;

/**
 * Keep a secret hidden wherever text passes this page, until the returned function is called.
 * Empty strings are ignored. The same secret may be held many times.
 */
export function hold(secret: string | null | undefined): () => void {
  if (!secret) return () => undefined;
  held.set(secret, (held.get(secret) ?? 0) + 1);
  cachedForms = undefined;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    const count = (held.get(secret) ?? 1) - 1;
    if (count > 0) held.set(secret, count);
    else held.delete(secret);
    cachedForms = undefined;
  };
}

/** Whether a property of this name carries a secret by convention. */
export function isSecretName(name: string): boolean {
  let is = knownNames.get(name);
  if (is === undefined) {
    is = SECRET_NAME.test(name);
    if (name.length > LONGEST_NAME) return is;
    if (knownNames.size >= MOST_NAMES) knownNames.clear();
    knownNames.set(name, is);
  }
  return is;
}

/** Text with every secret hidden: held ones in any encoding, and what addresses and queries show. */
export function redactText(text: string): string {
  if (PICTURE.test(text)) return text;
  let out = text;
  const forms = heldForms();
  if (forms && text.length >= forms.shortest) out = out.replace(forms.pattern, SECRET_MARKER);
  // what is not there needs no search: most texts are names, and every event brings some
  if (!out.includes('://') && !out.includes('=')) return out;
  return out
    .replace(USER_INFO, `$1${SECRET_MARKER}@`)
    .replace(SECRET_QUERY, `$1${SECRET_MARKER}`)
    .replace(RTMP_KEY, `$1${SECRET_MARKER}`);
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
  if (cachedForms !== undefined) return cachedForms;
  const long = new Set<string>();
  const short = new Set<string>();
  for (const secret of held.keys())
    for (const form of formsOf(secret)) (form.length < SHORTEST_SUBSTRING ? short : long).add(form);
  const parts = [...long].sort((a, b) => b.length - a.length).map(escape);
  for (const form of short) parts.push(`(?<![\\p{L}\\p{N}_])${escape(form)}(?![\\p{L}\\p{N}_])`);
  const shortest = Math.min(...[...long, ...short].map((form) => form.length));
  cachedForms = parts.length ? { pattern: new RegExp(parts.join('|'), 'gu'), shortest } : null;
  return cachedForms;
}

/** The ways a secret shows up on its way out: plain, in a JSON string, in an address, in base64 at any alignment. */
function formsOf(secret: string): string[] {
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(safe(secret)),
    encodeURI(safe(secret)),
  ];
  forms.push(encodeURIComponent(safe(secret)).replace(/%20/g, '+'));
  forms.push(encodeURIComponent(safe(secret)).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  if (secret.length >= SHORTEST_SUBSTRING) {
    const bytes = Buffer.from(secret, 'utf8');
    for (let shift = 0; shift < 3; shift++) {
      const text = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replace(/=+$/, '');
      // the first characters mix with what stood before the secret, the last with what follows
      const firstOwn = shift === 0 ? 0 : shift + 1;
      const tail = (shift + bytes.length) % 3 === 0 ? 0 : 1;
      const core = text.slice(firstOwn, text.length - tail);
      if (core.length >= 6) forms.push(core, core.replace(/\+/g, '-').replace(/\//g, '_'));
    }
  }
  return forms.filter((form) => form.length > 0);
}

/** Lone surrogates have no URL encoding. */
function safe(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** Only what is syntax: with the flag `u` an escaped hyphen is an error. */
function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
