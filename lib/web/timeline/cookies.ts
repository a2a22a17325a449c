import { createHash } from 'node:crypto';
import type { Audience } from './tokens';

/** Cookies know no ports: each store and each door has a name of its own. */
function nameOf(store: string, audience: Audience): string {
  const print = createHash('sha256').update(store).digest('hex').slice(0, 12);
  return `live_frames_${audience}_${print}`;
}

/** Browsers take a cookie of this name only over TLS, for this very host and its whole path. */
const HOST_PREFIX = '__Host-';

/**
 * The session that a browser sends; null where it sends none. `secure`: TLS ends here, so on a port of its own the plain name does not count; in the
 * editor it is the only one.
 */
export function sessionIn(
  cookies: string | undefined,
  store: string,
  audience: Audience,
  secure: boolean,
): string | null {
  const name = nameOf(store, audience);
  const all = new Map<string, string>();
  for (const part of (cookies ?? '').slice(0, 16_384).split(';')) {
    const at = part.indexOf('=');
    // the first of a name is the one of the longest path
    const key = part.slice(0, at).trim();
    if (at > 0 && !all.has(key)) all.set(key, part.slice(at + 1).trim());
  }
  if (audience === 'editor') return all.get(name) ?? null;
  return all.get(HOST_PREFIX + name) ?? (secure ? undefined : all.get(name)) ?? null;
}

/**
 * What sets it: unreadable to scripts, sent to nobody else. In the editor it is for the page's own folder, which is where a cookie without a path belongs
 * whatever a proxy in front makes of the address; on a port of its own it is for all of it.
 */
export function sessionCookie(
  session: string,
  about: { store: string; audience: Audience; secure: boolean; maxAgeS: number },
): string {
  const { store, audience, secure, maxAgeS } = about;
  const own = audience === 'page';
  const name = `${own && secure ? HOST_PREFIX : ''}${nameOf(store, audience)}`;
  return `${name}=${session}; ${own ? 'Path=/; ' : ''}HttpOnly; SameSite=Strict; Max-Age=${Math.max(0, Math.floor(maxAgeS))}${secure ? '; Secure' : ''}`;
}
