import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whom a token is for: people with a link to the page's own port, or somebody who is in the editor. */
export type Audience = 'page' | 'editor';

/**
 * What a token is good for. `link`: in an address that somebody was sent, exchanged for a session as often as he opens it; `ticket`: the same, once,
 * from the editor to a new tab; `session`: in a cookie, to look at pictures.
 */
export type TokenKind = 'link' | 'ticket' | 'session';

/** What a token says. Nothing in it is secret; only its signature makes it worth something. */
export interface Claims {
  audience: Audience;
  kind: TokenKind;
  /** id of the frame store */
  store: string;
  /** null: all of them, those that come too */
  streams: readonly string[] | null;
  /** UTC in milliseconds; from then on it opens nothing */
  until: number;
  /** tells one ticket from another */
  nonce: string;
}

/** Larger ones are none of ours; a cookie may have 4,096 bytes with its name. */
const LONGEST = 3_000;
/** No other signature made with the same secret is ever one of these. */
const PURPOSE = 'live-production timeline v1\n';

/** A token that says this: the claims, and an HMAC-SHA256 over them. */
export function signToken(secret: Buffer, claims: Claims): string {
  const { audience, kind, store, streams, until, nonce } = claims;
  const said = Buffer.from(JSON.stringify([audience, kind, store, streams, until, nonce])).toString(
    'base64url',
  );
  return `${said}.${macOf(secret, said).toString('base64url')}`;
}

/** What a token says, where its signature is right; null for any other text. Whether it has expired, and what it opens, is the caller's to ask. */
export function readToken(secret: Buffer, token: string): Claims | null {
  if (token.length > LONGEST || !/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/.test(token)) return null;
  const dot = token.indexOf('.');
  const said = token.slice(0, dot);
  const mac = Buffer.from(token.slice(dot + 1), 'base64url');
  const right = macOf(secret, said);
  if (mac.length !== right.length || !timingSafeEqual(mac, right)) return null;
  // signed by us, so it is what we wrote; looked at all the same
  try {
    const [audience, kind, store, streams, until, nonce] = JSON.parse(
      Buffer.from(said, 'base64url').toString(),
    ) as [Audience, TokenKind, string, string[] | null, number, string];
    return { audience, kind, store, streams, until, nonce };
  } catch {
    return null;
  }
}

/** Whether streams fit into one token. */
export function fitsToken(streams: readonly string[] | null): boolean {
  return streams === null || JSON.stringify(streams).length <= 1_800;
}

function macOf(secret: Buffer, said: string): Buffer {
  return createHmac('sha256', secret).update(PURPOSE).update(said).digest();
}
