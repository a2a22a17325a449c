/** Names of published streams: which may be, how one is made of a person's name, and what stands behind its question mark. Pure. */

/** A stream that a gate lets in may be called so: it stands in addresses for players and in calls that disconnect. */
const STREAM_NAME = /^[A-Za-z0-9._-]{1,100}$/;
/** A step to another folder in any address, the command's word for whoever is on air, and parts of every object. */
const NO_STREAM = /^(?:\.+|lead|__proto__|constructor)$/;
const ID = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const LONGEST_ID = 32;
const TAIL = 4;
/** Words that commands and addresses use beside ids, and one that no object can do without. */
const RESERVED = new Set(['lead', 'create', 'list', 'status', 'constructor']);
/** More than any encoder sends. */
const LONGEST_TEXT = 2048;
const MOST_ARGS = 32;

/** Letters that no decomposition makes plain. */
const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** Whether a gate may let a stream of this name in. */
export function isStreamName(name: string): boolean {
  return STREAM_NAME.test(name) && !NO_STREAM.test(name);
}

/** Whether a person may have this id: `[a-z0-9-]`, at most 32, no hyphen at an end, no word that commands use. */
export function isPersonId(id: string): boolean {
  return ID.test(id) && !RESERVED.has(id);
}

/**
 * A free id made of a person's name: `Anna & Bö` is `anna-bo`; a name that is taken, or has no letter of ours, gets a short tail by chance.
 * @param tail gives so many characters of `[a-z0-9]`
 */
export function idFromName(
  name: string,
  isTaken: (id: string) => boolean,
  tail: (length: number) => string,
): string {
  const plain = name
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter]!)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-');
  const base = cut(plain, LONGEST_ID);
  if (isPersonId(base) && !isTaken(base)) return base;
  const begin = base === '' ? 'guest' : base;
  // longer tails where all short ones should be taken
  for (let length = TAIL; ; length++) {
    const end = tail(Math.min(length, LONGEST_ID - 2));
    const id = `${cut(begin, LONGEST_ID - 1 - end.length)}-${end}`.replace(/^-/, '');
    if (isPersonId(id) && !isTaken(id)) return id;
  }
}

function cut(text: string, most: number): string {
  return text.replace(/^-+/, '').slice(0, Math.max(0, most)).replace(/-+$/, '');
}

/** What an encoder publishes: the name, and what was appended to it. */
export interface PublishedName {
  name: string;
  /** decoded, without space at the ends; the first of those that come twice */
  args: ReadonlyMap<string, string>;
}

/**
 * Take a stream name and its arguments apart: `anna?key=secret&x=1`. A second question mark, which some encoders append with arguments of their own, begins
 * the next argument. The name itself is taken as it stands: the media server lists the stream under just this name.
 */
export function parsePublished(text: string): PublishedName {
  const whole = text.slice(0, LONGEST_TEXT);
  const mark = whole.indexOf('?');
  const args = new Map<string, string>();
  if (mark < 0) return { name: whole, args };
  for (const part of whole.slice(mark + 1).split(/[?&;]/, MOST_ARGS)) {
    const equals = part.indexOf('=');
    if (equals < 1) continue;
    const name = decoded(part.slice(0, equals)).trim();
    if (name !== '' && !args.has(name)) args.set(name, decoded(part.slice(equals + 1)).trim());
  }
  return { name: whole.slice(0, mark), args };
}

/** What is no proper encoding stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
