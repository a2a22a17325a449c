import { randomBytes } from 'node:crypto';

/** Browsers take a cookie named `__Host-` only over TLS, for this very host and its whole path. */
const SECURE_NAME = '__Host-live_guest';
const PLAIN_NAME = 'live_guest';
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** 256 bits of chance. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The visitor's token, or null where there is none that could be one.
 * @param secure the page is asked over TLS: then the plain name does not count, which a neighbour's page or anybody on an unprotected way can set
 */
export function tokenIn(cookies: string | undefined, secure: boolean): string | null {
  const all = new Map<string, string>();
  for (const part of (cookies ?? '').slice(0, 4096).split(';')) {
    const at = part.indexOf('=');
    if (at > 0) all.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const token = all.get(SECURE_NAME) ?? (secure ? undefined : all.get(PLAIN_NAME));
  return token !== undefined && TOKEN.test(token) ? token : null;
}

/** What sets the cookie: unreadable to scripts, sent to nobody else, and over TLS only where the page has it. */
export function setCookie(token: string, secure: boolean, maxAgeS: number): string {
  const common = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}`;
  return secure ? `${SECURE_NAME}=${token}; Secure; ${common}` : `${PLAIN_NAME}=${token}; ${common}`;
}

/** What takes it away again. */
export function clearCookies(secure: boolean): string[] {
  return secure ? [setCookie('', true, 0), setCookie('', false, 0)] : [setCookie('', false, 0)];
}
