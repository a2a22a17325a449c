/** Signed permissions to publish one stream until a moment: for programs that make them without asking us. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail } from '../errors';
import { isStreamName } from './names';

/** Seconds since 1970 in base 36, a dot, 32 bytes in base64url. */
const TOKEN = /^([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/;
const NO_TOKEN = '0'.repeat(43);
/** Characters of a secret; of one that chance made this is 96 bits. */
export const SHORTEST_TOKEN_SECRET = 16;
/** A year: what is valid longer is a key. */
export const LONGEST_TOKEN_MS = 366 * 24 * 3_600_000;

export type TokenVerdict =
  | { ok: true; expiresAtMs: number }
  /** `wrong`: another stream, another secret, or no token at all; `expired` only of one that was right */
  | { ok: false; why: 'no-token' | 'wrong' | 'expired' };

/** A token as it was made. */
export interface MadeToken {
  token: string;
  /** ms since 1970 */
  expiresAtMs: number;
  /** what is pasted into an encoder: `stream?token=…` */
  streamKey: string;
}

/** Makes and checks tokens with one secret, which nobody gets out of it. Times are ms since 1970. */
export interface Tokens {
  /** @throws INPUT_INVALID: a name that no stream may have, or a time that is none */
  make(stream: string, validMs: number, nowMs: number): MadeToken;
  /** The same work whatever comes in; nothing is thrown. */
  check(stream: string, token: string | null, nowMs: number): TokenVerdict;
}

/**
 * Tokens of one secret. The recipe for other programs: `expires` is the end in whole seconds since 1970, in base 36, small letters;
 * `mac` is HMAC-SHA256 with the secret (its UTF-8 bytes) over the text `<stream>?<expires>`, in base64url without padding;
 * the token is `<expires>.<mac>`.
 * @throws CONFIG_INVALID where the secret is too short
 */
export function tokensOf(secret: string): Tokens {
  if (secret.length < SHORTEST_TOKEN_SECRET)
    throw fail('CONFIG_INVALID', {
      field: 'token secret',
      reason: `it needs ${SHORTEST_TOKEN_SECRET} characters at least, best made by chance`,
    });
  const macOf = (stream: string, expires: string) =>
    createHmac('sha256', secret).update(`${stream}?${expires}`, 'utf8').digest('base64url');
  return {
    make(stream, validMs, nowMs) {
      if (!isStreamName(stream))
        throw fail('INPUT_INVALID', {
          field: 'stream',
          reason: 'its name needs 1 to 100 letters, digits, dots, hyphens or underscores',
        });
      if (!(validMs >= 1000 && validMs <= LONGEST_TOKEN_MS))
        throw fail('INPUT_INVALID', {
          field: 'valid',
          reason: 'a token is valid for a second to 366 days',
        });
      const seconds = Math.floor((nowMs + validMs) / 1000);
      const expires = seconds.toString(36);
      const token = `${expires}.${macOf(stream, expires)}`;
      return { token, expiresAtMs: seconds * 1000, streamKey: `${stream}?token=${token}` };
    },
    check(stream, token, nowMs) {
      const [, expires = '0', mac = NO_TOKEN] = TOKEN.exec(token ?? '') ?? [];
      const right = timingSafeEqual(Buffer.from(macOf(stream.slice(0, 256), expires)), Buffer.from(mac));
      if (token === null || token === '') return { ok: false, why: 'no-token' };
      if (!right || !isStreamName(stream)) return { ok: false, why: 'wrong' };
      const expiresAtMs = parseInt(expires, 36) * 1000;
      return nowMs < expiresAtMs ? { ok: true, expiresAtMs } : { ok: false, why: 'expired' };
    },
  };
}
