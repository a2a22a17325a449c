import { isIPv6 } from 'node:net';
import { fail } from '../errors';
import { isSecretName } from '../secrets';

export const SOURCE_SCHEMES = ['rtmp', 'rtmps', 'srt', 'rtsp', 'rtsps', 'http', 'https', 'file'] as const;
export type SourceScheme = (typeof SOURCE_SCHEMES)[number];

/** A checked address. Holds secrets: only `shown` may be let out. */
export interface SourceAddress {
  scheme: SourceScheme;
  /** as it was given, without the spaces around it; of a file a `file://` address, percent-encoded */
  text: string;
  /** of a file, its path on the application's machine, as it is called there */
  path: string | null;
  /** what people may see of it: no user, key, path of a stream, or query */
  shown: string;
  /** what is secret in it, to be held as long as somebody might say it */
  secrets: string[];
}

/** In characters. Source: ours; above what nginx, SRS and MediaMTX take for an address. */
export const LONGEST_ADDRESS = 2048;

/** Text that could end a quoted value of a pipeline, start an element, or be read differently by the two plugins. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\p{C}/u, 'it holds a control character'],
  [/["'`]/, 'it holds a quotation mark'],
  [/\\/, 'it holds a backslash'],
  [/\p{Z}/u, 'it holds a space (in an address a space is written %20)'],
  [/!/, 'it holds an exclamation mark (in an address it is written %21)'],
  [/[<>{}|^]/, 'it holds one of < > { } | ^, which no address has'],
];

/** What an OBS on Linux would read there never ends, waits for ever, or tells of the computer; Windows knows the names in any folder. */
const DEVICE = /^\/+(?:dev|proc|sys)\//i;
const WINDOWS_DEVICE = /\/(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:\/|$)/i;

/** Shorter query values are switches and numbers; keys are longer. */
const SHORTEST_KEY = 8;

/**
 * Check an address that somebody may have chosen who is not to be trusted, such as a publisher's stream name. Throws
 * SOURCE_ADDRESS_INVALID, whose text holds nothing of the address but its scheme.
 */
export function parseSourceAddress(given: string): SourceAddress {
  const text = given.trim();
  if (text === '') throw wrong('it is empty');
  if (text.length > LONGEST_ADDRESS) throw wrong(`it has more than ${LONGEST_ADDRESS} characters`);
  if (isPath(text)) return fileAt(text);
  refuse(text, FORBIDDEN);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) throw wrong(`it starts with none of ${known()}, and is no whole path of a file`);
  const found = SOURCE_SCHEMES.find((one) => one === scheme);
  // what is no word may be a key that was pasted in the wrong place
  if (!found) throw wrong(`${/^[a-z]{2,10}$/.test(scheme) ? scheme : 'its scheme'} is none of ${known()}`);
  if (found === 'file') return fileAt(pathOfFile(text));
  return networkAt(found, text);
}

function networkAt(scheme: Exclude<SourceScheme, 'file'>, text: string): SourceAddress {
  const [, authority, path = '', query = '', fragment = ''] =
    /^[a-z0-9+.-]+:\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/i.exec(text) ?? [];
  if (authority === undefined) throw wrong('two slashes are missing behind the colon');
  const at = authority.lastIndexOf('@');
  const where = authority.slice(at + 1);
  checkPlace(scheme, where, new URLSearchParams(query));
  const segments = path.split('/').slice(1);
  if (isRtmp(scheme) && (!segments[0] || !segments[1]))
    throw wrong('an RTMP address needs an application and a stream name, as in rtmp://host/live/name');
  const secrets = new Set([
    text,
    ...ofUser(authority.slice(0, Math.max(0, at))),
    ...ofQuery(scheme, query),
    ...ofQuery(scheme, fragment),
  ]);
  if (fragment.length >= SHORTEST_KEY) addBoth(secrets, fragment);
  if (isRtmp(scheme)) {
    const tail = text.slice(text.indexOf(path) + segments[0]!.length + 2);
    for (const key of [tail, ...segments.slice(1)]) if (looksLikeKey(key)) addBoth(secrets, key);
  } else
    for (const segment of segments)
      if (looksLikeKey(segment) && /\d/.test(segment)) addBoth(secrets, segment);
  const shown = `${scheme}://${where}${isRtmp(scheme) ? `/${segments[0]}` : ''}`;
  return { scheme, text, path: null, shown, secrets: [...secrets] };
}

/** Host and port. A listener of SRT has no host but its own. */
function checkPlace(scheme: SourceScheme, where: string, options: URLSearchParams): void {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(where) ?? [];
  const listens = scheme === 'srt' && options.get('mode') === 'listener';
  if (host === '' && !listens)
    throw wrong(where.includes(':') && !where.startsWith(':') ? 'its port is no number' : 'it names no host');
  const isHost = host.startsWith('[') ? isIPv6(host.slice(1, -1)) : /^[\p{L}\p{M}\p{N}._-]*$/u.test(host);
  if (!isHost) throw wrong('its host is neither a name nor an address');
  if (port === undefined && scheme === 'srt') throw wrong('SRT needs a port, as in srt://host:9000');
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535))
    throw wrong('its port is no number from 1 to 65535');
}

/** A password; a user who has none may be a token. */
function ofUser(user: string): string[] {
  const [, name = '', password] = /^([^:]*)(?::(.*))?$/.exec(user) ?? [];
  if (password) return both(password);
  return name.length >= SHORTEST_KEY && /\d/.test(name) ? both(name) : [];
}

/** Values under a name that says secret, and whatever else is long enough to be a token. */
function ofQuery(scheme: SourceScheme, query: string): string[] {
  return query.split('&').flatMap((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (value === '') return [];
    const named = isSecretName(name) || /(?:key|pass|pwd|auth|sig|token|secret)$/i.test(name);
    const harmless = /^\d+$/.test(value) || (scheme === 'srt' && /^(?:mode|transtype)$/.test(name));
    return named || (value.length >= SHORTEST_KEY && !harmless) ? both(value) : [];
  });
}

/** Words such as `stream` or `test` are no keys, and holding them would blank every sentence with such a word. */
function looksLikeKey(text: string): boolean {
  return text.length >= SHORTEST_KEY || (text.length >= 4 && /\d/.test(text));
}

/** As it stands in the address, and as a server reads it. */
function both(text: string): string[] {
  try {
    return [...new Set([text, decodeURIComponent(text)])];
  } catch {
    return [text];
  }
}

function addBoth(secrets: Set<string>, text: string): void {
  for (const one of both(text)) secrets.add(one);
}

/** `/home/…`, `C:\…`, `C:/…`, `\\server\…` */
function isPath(text: string): boolean {
  return /^(?:\/|[a-z]:[\\/]|\\\\[^\\])/i.test(text);
}

/** A file goes into a pipeline as an address, in which nothing stands as it is but letters, digits and a few harmless marks. */
function fileAt(given: string): SourceAddress {
  refuse(given, [FORBIDDEN[0]!, [/"/, FORBIDDEN[1]![1]]]);
  const windows = !given.startsWith('/');
  // on Windows it could begin the name of another computer
  if (!windows && given.includes('\\')) throw wrong('it holds a backslash');
  const path = windows ? given.replaceAll('\\', '/') : given;
  if (path.endsWith('/')) throw wrong('it is a folder, not a file');
  if (path.startsWith('//') && !/^\/\/[\p{L}\p{N}_-][\p{L}\p{N}._-]*\/./u.test(path))
    throw wrong('a file in the network looks like \\\\computer\\folder\\name.mp4');
  if (path.split('/').some((part) => part === '.' || part === '..'))
    throw wrong('it holds . or .., which are no folder');
  if (DEVICE.test(path) || (windows && WINDOWS_DEVICE.test(path)))
    throw wrong('it is a device of the computer, not a file');
  const encoded = path
    .split('/')
    .map((part, index) => (windows && index === 0 ? part : encodePart(part)))
    .join('/');
  const root = path.startsWith('//') ? 'file:' : windows ? 'file:///' : 'file://';
  const text = `${root}${encoded}`;
  if (text.length > LONGEST_ADDRESS) throw wrong(`it has more than ${LONGEST_ADDRESS} characters`);
  return { scheme: 'file', text, path, shown: path, secrets: [] };
}

function encodePart(part: string): string {
  try {
    return encodeURIComponent(part).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  } catch {
    throw wrong('it holds half a character');
  }
}

/** The path of a `file:` address, as the application's machine has it. */
function pathOfFile(text: string): string {
  const [, host = '', path = ''] = /^file:\/\/([^/?#]*)(\/[^?#]*)$/i.exec(text) ?? [];
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw wrong('a percent sign in it is followed by something else than two hexadecimal digits');
  }
  if (decoded === '') throw wrong('a file address looks like file:///folder/name.mp4');
  if (host !== '' && host.toLowerCase() !== 'localhost') return `\\\\${host}${decoded}`;
  return /^\/[a-z]:\//i.test(decoded) ? decoded.slice(1) : decoded.replace(/^\/+/, '/');
}

function refuse(text: string, rules: typeof FORBIDDEN): void {
  for (const [pattern, reason] of rules) if (pattern.test(text)) throw wrong(reason);
}

function isRtmp(scheme: SourceScheme): boolean {
  return scheme === 'rtmp' || scheme === 'rtmps';
}

function known(): string {
  return SOURCE_SCHEMES.join(', ');
}

function wrong(reason: string) {
  return fail('SOURCE_ADDRESS_INVALID', { reason });
}
