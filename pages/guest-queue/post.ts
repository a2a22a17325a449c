import type { Refusal } from '../../lib/web/guest-page/answers';
import { TEXTS } from './texts';

/** What a guest gets with a key. */
export interface WithKey {
  me: { id: string; name: string };
  server: string;
  streamKey: string;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; why: Refusal | null; sentence: string };

/** Longer than the server ever takes. */
const DEADLINE_MS = 15_000;

/** Ask the server to change something. Never rejects: what went wrong comes back in words. */
export async function post<T>(path: string, body: object): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const answer = (await response.json()) as { ok: boolean; why?: Refusal; waitS?: number };
    if (answer.ok) return { ok: true, value: answer as unknown as T };
    const sentence = answer.why ? TEXTS.refused[answer.why] : TEXTS.refused.failed;
    const again = answer.waitS === undefined ? '' : ` ${TEXTS.again(answer.waitS)}`;
    return { ok: false, why: answer.why ?? null, sentence: sentence + again };
  } catch {
    return { ok: false, why: null, sentence: TEXTS.noAnswer };
  }
}
