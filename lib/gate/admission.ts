/** Who may publish: by the key store, by a signed token, or everybody. Pure; asking a flow is in asking.ts. */
import { timingSafeEqual, createHash } from 'node:crypto';
import { mayBeSecret } from '../keys/looks';
import type { Tokens } from '../keys/token';
import type { KeyStore } from '../keys/types';
import type { Hook } from '../media-servers/types';
import type { Admission, Admitted } from './types';

/** Longer, and it is no name that people gave. */
const LONGEST_TOLD = 64;

/** What a name may be told as: itself, or nothing where it may be a secret in the wrong place. */
export function tellableName(stream: string, isKnown: boolean): string {
  return isKnown || (stream.length <= LONGEST_TOLD && !mayBeSecret(stream)) ? stream : '';
}

/** The same of an app: somebody who pastes the whole of server and key where the server belongs has his key in it. */
export function tellableApp(app: string): string {
  return app.split('/').every((part) => !/[?=&]/.test(part) && tellableName(part, false) === part) ? app : '';
}

/** The key among the arguments of a publisher; null: none. */
export function keyIn(params: ReadonlyMap<string, string>): string | null {
  return params.get('key') || null;
}

/** The key a publisher sent: `id?key=…`, or as the password of a login in the name of his stream (MediaMTX); null: none. */
export function keyOf({ params, login, stream }: Hook): string | null {
  const key = keyIn(params);
  if (key !== null) return key;
  return login && login.password !== '' && (login.user === '' || login.user === stream)
    ? login.password
    : null;
}

/** Lets in whoever has the right key in the store. */
export function byKeys(store: KeyStore): Admission {
  return (hook) => {
    const verdict = store.check(hook.stream, keyOf(hook));
    // the key of one who may not publish now was right
    if (!verdict.ok) return { ok: false, why: verdict.why, isGuess: verdict.why !== 'inactive' };
    const { name, limitMs, priority } = verdict.person;
    return { ok: true, name, limitMs, priority };
  };
}

/**
 * Lets in whoever has a token for just this stream that has not expired: `stream?token=…`, or as the password of a login.
 * @param wallMs the time of day in ms since 1970: whoever made the token went by his clock
 */
export function byToken(tokens: Tokens, wallMs: () => number = Date.now): Admission {
  return (hook) => {
    const token = hook.params.get('token') ?? (hook.login?.password || null);
    const verdict = tokens.check(hook.stream, token, wallMs());
    if (verdict.ok) return inTheNameOf(hook.stream);
    const { why } = verdict;
    return { ok: false, why: why === 'wrong' ? 'wrong-token' : why, isGuess: why !== 'expired' };
  };
}

/** Lets everybody in. */
export const anyone: Admission = ({ stream }) => inTheNameOf(stream);

/** A guest of a rehearsal counts as one with the right key; if he is known, under his own name. */
export function inRehearsal(store: KeyStore | null): Admission {
  return ({ stream }) => {
    const person = store?.get(stream);
    return person
      ? { ok: true, name: person.name, limitMs: person.limitMs, priority: person.priority }
      : inTheNameOf(stream);
  };
}

function inTheNameOf(stream: string): Admitted {
  return { ok: true, name: stream, limitMs: null, priority: 0 };
}

/** Why somebody who publishes may do so no longer; null: he may. A key that was replaced or withdrawn counts, a token that has run out since does not. */
export function withdrawnBy(store: KeyStore, hook: Hook): string | null {
  const person = store.get(hook.stream);
  if (!person) return 'unknown';
  if (!person.active) return 'inactive';
  // a server that repeats no arguments cannot be asked for the key
  const key = keyOf(hook);
  return key === null || store.check(hook.stream, key).ok ? null : 'wrong-key';
}

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function sameSecret(given: string, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(hash(given), hash(secret));
}
