/** The ways a known secret shows up on its way out, and a search for all of them at once. For `lib/secrets` only. */

/** Shorter than this and a secret is hidden only where it stands alone: otherwise `a` would blank every sentence. */
const SHORTEST_SUBSTRING = 4;
/** Fewer characters of base64 than this stand in any picture by chance. */
const SHORTEST_BASE64 = 6;
/** Two characters choose a place in the table of shifts. */
const TABLE = 1 << 14;
const FURTHEST = 255;

export interface Found {
  from: number;
  to: number;
}

/**
 * Finds any of many texts in time that hardly grows with their number. Looks at two characters, and mostly learns
 * from them that it may jump over as many as the shortest text is long. Source: Wu and Manber, TR 94-17.
 */
export class TextSearch {
  private readonly window: number;
  private readonly shifts = new Uint8Array(TABLE);
  private readonly byStart = new Map<string, string[]>();

  /** `texts` are at least two characters long each. */
  constructor(texts: readonly string[]) {
    this.window = Math.min(FURTHEST, ...texts.map((text) => text.length));
    this.shifts.fill(this.window - 1);
    for (const text of texts) {
      for (let at = 1; at < this.window; at++) {
        const place = ((text.charCodeAt(at - 1) << 5) ^ text.charCodeAt(at)) & (TABLE - 1);
        this.shifts[place] = Math.min(this.shifts[place]!, this.window - 1 - at);
      }
      const start = text.slice(0, this.window);
      this.byStart.set(start, [...(this.byStart.get(start) ?? []), text]);
    }
    for (const same of this.byStart.values()) same.sort((a, b) => b.length - a.length);
  }

  /** The first place from `from` on where one of the texts stands, the longest of those that start there. */
  find(text: string, from = 0): Found | null {
    const { shifts, window } = this;
    const length = text.length;
    let at = from + window - 1;
    while (at < length) {
      const shift = shifts[((text.charCodeAt(at - 1) << 5) ^ text.charCodeAt(at)) & (TABLE - 1)]!;
      if (shift > 0) {
        at += shift;
        continue;
      }
      const start = at - window + 1;
      const same = this.byStart.get(text.slice(start, at + 1));
      const found = same?.find((one) => text.startsWith(one, start));
      if (found !== undefined) return { from: start, to: start + found.length };
      at++;
    }
    return null;
  }

  /** `text` with the marker in place of everything found; the same text where there is nothing. */
  hide(text: string, marker: string): string {
    let found = this.find(text);
    if (!found) return text;
    let out = '';
    let from = 0;
    for (; found; found = this.find(text, from)) {
      out += text.slice(from, found.from) + marker;
      from = found.to;
    }
    return out + text.slice(from);
  }
}

/** What is known of the held secrets, ready for search; a part is null where there is nothing of its kind. */
export interface HeldForms {
  /** below this length no text can hold one */
  shortest: number;
  long: TextSearch | null;
  /** secrets of up to three characters, where they stand alone */
  alone: RegExp | null;
  /** those that stand in a picture's base64 only where somebody put them */
  inBase64: TextSearch | null;
  /** the same as `long` in UTF-8 and UTF-16, each byte a character, for text in Buffers */
  inBytes: TextSearch | null;
}

export function formsOfAll(secrets: Iterable<string>): HeldForms | null {
  const long = new Set<string>();
  const alone = new Set<string>();
  const bytes = new Set<string>();
  for (const secret of secrets)
    for (const form of formsOf(secret)) {
      (form.length < SHORTEST_SUBSTRING ? alone : long).add(form);
      if (form.length < SHORTEST_SUBSTRING) continue;
      bytes.add(Buffer.from(form, 'utf8').toString('latin1'));
      bytes.add(Buffer.from(form, 'utf16le').toString('latin1'));
    }
  if (!long.size && !alone.size) return null;
  const search = (texts: readonly string[]) => (texts.length ? new TextSearch(texts) : null);
  return {
    shortest: Math.min(...[...long, ...alone].map((form) => form.length)),
    long: search([...long]),
    alone: alone.size ? standingAlone([...alone]) : null,
    inBase64: search([...long].filter((form) => /^[A-Za-z0-9+/]{8,}$/.test(form))),
    inBytes: search([...bytes]),
  };
}

function standingAlone(forms: readonly string[]): RegExp {
  const parts = forms.map((form) => `(?<![\\p{L}\\p{N}_])${escape(form)}(?![\\p{L}\\p{N}_])`);
  return new RegExp(parts.join('|'), 'gu');
}

/** Plain, in a JSON string, in an address, in XML, in base64 at any alignment, in hexadecimal. */
function formsOf(secret: string): Set<string> {
  const inUrl = encodeURIComponent(safe(secret));
  const inJson = inner(secret);
  const forms = new Set([
    secret,
    inJson,
    inner(inJson),
    asciiJson(inJson),
    asciiJson(inJson).replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
    inUrl,
    encodeURI(safe(secret)),
    inUrl.replace(/%20/g, '+'),
    inUrl.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURIComponent(inUrl),
    inXml(secret),
    inXml(secret).replace(/"/g, '&quot;').replace(/'/g, '&apos;'),
    inXml(secret).replace(/"/g, '&quot;').replace(/'/g, '&#39;'),
  ]);
  if (secret.length >= SHORTEST_SUBSTRING) for (const form of encodedForms(secret)) forms.add(form);
  forms.delete('');
  return forms;
}

function* encodedForms(secret: string): Iterable<string> {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  yield hex;
  yield hex.toUpperCase();
  // as Node.js prints a Buffer
  yield hex.replace(/..(?!$)/g, '$& ');
  for (let shift = 0; shift < 3; shift++) {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // the first characters mix with what stood before the secret, the last with what follows
    const firstOwn = shift === 0 ? 0 : shift + 1;
    const tail = (shift + bytes.length) % 3 === 0 ? 0 : 1;
    let core = text.slice(firstOwn, text.length - tail);
    // nothing but the secret itself: all of it is its own
    if (core.length < SHORTEST_BASE64 && shift === 0) core = text;
    if (core.length < SHORTEST_BASE64) continue;
    yield core;
    yield core.replace(/\+/g, '-').replace(/\//g, '_');
    yield encodeURIComponent(core);
  }
}

function inner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As writers of plain ASCII put it, Python's among them. */
function asciiJson(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function inXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** Lone surrogates have no URL encoding. */
function safe(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/** Only what is syntax: with the flag `u` an escaped hyphen is an error. */
function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
