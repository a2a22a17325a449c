/** What is secret by its name or its looks, known to nobody before. For `lib/secrets` only. */

/** Stands where a secret was; a request that carries it is refused, or it would overwrite the real one. */
export const SECRET_MARKER = '[hidden]';

/** Names that say secret as they are. */
const WHOLE_NAME =
  /^(key|pass|auth|authentication|bearer_?token|webhook_?url|srt_?passphrase|user_?name|ff_?url|sid|session_?(id|key))$/i;
/** And those that say it with their last words, written `like_this`. */
const LAST_WORDS =
  /(?:^|_)(?:pass(?:word|phrase|wd|code)?|pwd|(?:user|proxy)_pw|psk|secret|token|cookies?|credentials?|auth|authorization|webhook|bearer|private_?key|stream_?key|stream_?id|api_?key)$/;
const LAST_WORD_KEY = /(?:^|_)key$/;
/** Keys that open nothing: of keyboards, pictures, tables and lists. */
const HARMLESS_KEY =
  /(?:^|_)(?:hot|short_?cut|arrow|modifier|colou?r|chroma|luma|lin|primary|foreign|sort|group|partition|row|column|cache|map|object|item|dictionary|translation|locale|i18n|label|message|idempotency|public|verifier|vmix|input)_key$/;

/** Whether a property of this name carries a secret by convention: `streamKey`, `x-api-key`, `obs_password`. */
export function saysSecret(name: string): boolean {
  if (WHOLE_NAME.test(name)) return true;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-. ]/g, '_')
    .toLowerCase();
  return LAST_WORDS.test(words) || (LAST_WORD_KEY.test(words) && !HARMLESS_KEY.test(words));
}

/** Names in a query, where even a short one is meant. */
const QUERY_NAME =
  '(?:(?:[a-z0-9_.-]{0,32}[_.-])?(?:key|pass|pwd|auth|sig)|[a-z0-9_.-]{0,32}(?:stream_?key|api_?key|password|passphrase|passwd|secret|token|signature))';
/** Names that say secret in any text. */
const STRONG_NAME =
  '[a-z0-9_.-]{0,32}(?:stream[_-]?key|api[_-]?key|private[_-]?key|password|passphrase|passwd|(?:user|proxy)-pw|secret|token|stream_?id)';
/** In quotes (an apostrophe in them as shells and ffmpeg write it: `'\\''`), in quotes that are escaped themselves, or bare; the quotes stay. */
const VALUE = `(?:(")(?:[^"\\\\]|\\\\[^])*|(')(?:[^'\\\\]|\\\\[^]|'\\\\'')*|(\\\\+["'])[^"']*|[^&;#\\s"'<>]+)`;

const SECRET_QUERY = new RegExp(`([?&;]${QUERY_NAME}=)[^&;#\\s"'<>]+`, 'gi');
/** The id of an SRT stream has a syntax of its own: `#!::r=name,s=secret`. */
const STREAM_ID = /([?&;]stream_?id=)[^&\s"'<>]+/gi;
const ASSIGNED = new RegExp('((?:^|[\\s,(|`{\\["\'])' + `${STRONG_NAME}=)${VALUE}`, 'gi');
const ENCODED_QUERY = new RegExp(
  `(%(?:25){0,4}(?:3F|26|3B)(?:${QUERY_NAME}|stream_?id)%(?:25){0,4}3D)(?:(?!%(?:25){0,4}26)[^&;#\\s"'<>])+`,
  'gi',
);
const ENCODED_ADDRESS = /[a-z][a-z0-9+.-]{0,15}%(?:25){0,4}3A%(?:25){0,4}2F%(?:25){0,4}2F[^\s"'<>&;,]*/gi;
const USER_INFO = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,15}:\/\/)[^/\s"'<>]+@/gi;
/** rtmp://host/app/key: what follows the application is the key. */
const RTMP_KEY = /(\brtmp(?:s|t|e|te|ts)?:\/\/[^/\s"'<>]+\/[^/\s"'<>?]+\/)[^\s"'<>]+/gi;
/** Who knows the address of a webhook may use it. */
const WEBHOOK =
  /(\bhttps?:\/\/(?:hooks\.slack\.com\/[a-z]{1,20}\/|api\.telegram\.org\/(?:file\/)?bot|[^\s"'<>]{1,256}?\/webhooks?(?:b2)?\/))[^\s"'<>]+/gi;
const HEADER =
  /(\b(?:(?:proxy-)?authorization|x-[a-z-]{0,32}(?:key|token|secret))\s{0,4}:\s{0,4}|\b(?:set-)?cookie\s{0,4}:\s{0,4}(?=[^\s=]{1,64}=))[^\r\n"'<>]+/gi;
/** authorization, key, token, secret, cookie */
const HEADER_END = 'nyteNYTE';
const SPACE = 32;
const BEARER = /(\bbearer\s{1,4})(?:(?=[a-z]{0,64}\d)[\w.~+/=-]{8,}|[\w.~+/=-]{16,})/gi;
const ARGUMENT = new RegExp(`(--${STRONG_NAME}\\s{1,4})${VALUE}`, 'gi');
const ELEMENT = /(<(?:[a-z0-9]{1,32}:)?([a-z0-9_.-]{1,64})(?:\s[^<>]{0,256})?>)[^<]+(?=<\/)/gi;
const JSON_NAME = /(?<!\\)(\\{0,31})"([\w .-]{1,64})\1"\s{0,16}:\s{0,16}/g;
const JSON_WORD = /[^\s,}\]"\\]+/y;
/** Keys of Twitch, Facebook and YouTube, web tokens, and private keys as files and notes have them. */
const TWITCH = /(?<!\w)live_\d{5,}_\w{10,}/g;
const FACEBOOK = /(?<!\w)FB-\d{6,}-\d-[\w-]{6,}/g;
const YOUTUBE = /(?<![\w-])(?=[a-z-]{0,24}\d)[a-z0-9]{4}(?:-[a-z0-9]{4}){4}(?![\w-])/g;
const WEB_TOKEN = /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g;
const NOTE_KEY = /(PRIVATE\+KEY\+[^\s+]{1,256}\+)[^\s"'<>]+/g;

/** Shorter than this nothing has a syntax that tells. */
const SHORTEST = 6;
const KEPT = `$1${SECRET_MARKER}`;
const KEPT_QUOTED = `$1$2$3$4${SECRET_MARKER}`;

/** The shortest text that a pattern matches without any of the characters below: `bearer` and eight more. */
const SHORTEST_KEY = 15;
/** What kinds of characters a text has, as far as they tell which patterns cannot match. `ANY`: not looked at. */
export const KIND = {
  colon: 1,
  equals: 2,
  percent: 4,
  hyphen: 8,
  space: 16,
  token: 32,
  escape: 64,
  any: 127,
};
/** By code up to 255: the kind of a character. Of `token` are those that only some keys have; of `escape` those that JSON escapes. */
export const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  const kinds: Record<string, number> = {
    ':': KIND.colon,
    '=': KIND.equals,
    '%': KIND.percent,
    '-': KIND.hyphen,
    ' ': KIND.space,
    _: KIND.token,
    J: KIND.token,
    '+': KIND.token,
    '<': KIND.token,
  };
  return kinds[char] ?? (code < 32 || char === '"' || char === '\\' ? KIND.escape : 0);
});

/** By code: 1 where a character needs no escape in JSON and none of the patterns needs it. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 32 && code < 127 && !'"\\:=%+<>`|'.includes(String.fromCharCode(code)) ? 1 : 0,
);
const HYPHEN = 45;

/** Whether no pattern can match a text, and JSON has it as it stands. For short ones, without looking twice. */
export function isPlainShort(text: string): boolean {
  if (text.length >= SHORTEST_KEY) return false;
  let before = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (PLAIN[code] !== 1 || (code === HYPHEN && before === HYPHEN)) return false;
    before = code;
  }
  return true;
}

/**
 * Text without what addresses, queries, headers, JSON and well-known forms of keys show.
 * @param kinds of the characters in it, by `KINDS`: what needs others is not looked for
 */
export function hideShapes(text: string, kinds = KIND.any): string {
  if (text.length < SHORTEST) return text;
  // what is not there needs no search: most texts are names, and every event brings some
  let out = text;
  if (kinds & KIND.colon && text.includes(':')) out = hideAfterColons(out);
  if (kinds & KIND.equals && text.includes('=')) {
    out = out.replace(SECRET_QUERY, KEPT).replace(STREAM_ID, KEPT).replace(ASSIGNED, KEPT_QUOTED);
  }
  if (kinds & KIND.percent && text.includes('%')) out = hideEncoded(out);
  // what was hidden may have left other characters
  return text.length < 2 * SHORTEST ? out : hideTokens(out, out === text ? kinds : KIND.any);
}

function hideAfterColons(text: string): string {
  let out = text;
  if (out.includes('://')) out = hideInAddresses(out);
  if (out.includes('":')) out = hideInJson(out);
  return mayHaveHeader(out) ? out.replace(HEADER, KEPT) : out;
}

function hideInAddresses(text: string): string {
  let out = text;
  if (out.includes('@')) out = out.replace(USER_INFO, `${KEPT}@`);
  const small = out.toLowerCase();
  if (small.includes('rtmp')) out = out.replace(RTMP_KEY, KEPT);
  if (small.includes('hook') || small.includes('telegram')) out = out.replace(WEBHOOK, KEPT);
  return out;
}

/** Whether any colon follows the last letter of a header that tells: the colons of times and addresses do not. */
function mayHaveHeader(text: string): boolean {
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    let last = at - 1;
    while (last >= 0 && last >= at - 4 && text.charCodeAt(last) === SPACE) last--;
    if (last >= 0 && HEADER_END.includes(text[last]!)) return true;
  }
  return false;
}

/** Whether hyphens stand as in a key of YouTube: five apart, four times. */
function mayHaveGroups(text: string): boolean {
  for (let at = text.indexOf('-', 4); at >= 0; at = text.indexOf('-', at + 1))
    if (text[at + 5] === '-' && text[at + 10] === '-' && text[at + 15] === '-') return true;
  return false;
}

/** An address inside an address, as vMix wants it; however often it was encoded. */
function hideEncoded(text: string): string {
  return text
    .replace(ENCODED_ADDRESS, (address) => {
      try {
        const decoded = decodeURIComponent(address);
        const hidden = hideShapes(decoded);
        if (hidden === decoded) return address;
        return hidden.split(SECRET_MARKER).map(encodeURIComponent).join(SECRET_MARKER);
      } catch {
        // not an address after all; the next pattern looks at it as it stands
        return address;
      }
    })
    .replace(ENCODED_QUERY, KEPT);
}

function hideTokens(text: string, kinds: number): string {
  let out = text;
  if (kinds & KIND.hyphen && out.includes('-')) {
    if (mayHaveGroups(out)) out = out.replace(YOUTUBE, SECRET_MARKER);
    if (out.includes('FB-')) out = out.replace(FACEBOOK, SECRET_MARKER);
    if (out.includes('--')) out = out.replace(PRIVATE_KEY, SECRET_MARKER).replace(ARGUMENT, KEPT_QUOTED);
  }
  if (kinds & KIND.token) {
    if (out.includes('live_')) out = out.replace(TWITCH, SECRET_MARKER);
    if (out.includes('eyJ')) out = out.replace(WEB_TOKEN, SECRET_MARKER);
    if (out.includes('+KEY+')) out = out.replace(NOTE_KEY, KEPT);
  }
  if (kinds & KIND.space && (out.includes('earer ') || out.includes('EARER ')))
    out = out.replace(BEARER, KEPT);
  if (kinds & KIND.token && out.includes('</'))
    out = out.replace(ELEMENT, (all, tag: string, name: string) =>
      saysSecret(name) ? `${tag}${SECRET_MARKER}` : all,
    );
  return out;
}

/** Values below a secret name in JSON text, also where that text is a string in JSON itself, and so on. */
function hideInJson(text: string): string {
  let out = '';
  let from = 0;
  JSON_NAME.lastIndex = 0;
  for (let match = JSON_NAME.exec(text); match; match = JSON_NAME.exec(text)) {
    const [, escapes = '', name = ''] = match;
    if (!saysSecret(name)) {
      // its closing quote may open what is the next name: {"a":"b":…
      continue;
    }
    const start = JSON_NAME.lastIndex;
    const end = endOfValue(text, start, escapes.length);
    const value = text.slice(start, end);
    if (value === '' || /^(?:true|false|null|\\*"\\*")$/.test(value)) continue;
    out += `${text.slice(from, start)}${escapes}"${SECRET_MARKER}${escapes}"`;
    from = end;
    JSON_NAME.lastIndex = end;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** Where the value that starts here ends; one that does not end goes on to the end of the text. */
function endOfValue(text: string, start: number, escapes: number): number {
  if (text[start + escapes] === '"') {
    for (let at = text.indexOf('"', start + escapes + 1); at >= 0; at = text.indexOf('"', at + 1)) {
      let first = at;
      while (first > start + escapes + 1 && text[first - 1] === '\\') first--;
      if (at - first <= escapes) return at - first === escapes ? at + 1 : first;
    }
    return text.length;
  }
  if (text[start] === '[' || text[start] === '{') return endOfBrackets(text, start);
  JSON_WORD.lastIndex = start;
  return JSON_WORD.test(text) ? JSON_WORD.lastIndex : start;
}

/** Brackets in texts are counted too: rather too much is hidden than too little. */
function endOfBrackets(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const c = text[at];
    if (c === '[' || c === '{') open++;
    else if ((c === ']' || c === '}') && --open === 0) return at + 1;
  }
  return text.length;
}
