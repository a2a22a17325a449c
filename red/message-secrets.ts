import { carriesSecret, isSecretName, SECRET_MARKER } from '../lib/secrets';
import type { Work } from './on-input';
import type { Message, NodeAPI } from './types';

/** Shorter ones stand in harmless texts too. */
const SHORTEST_PART = 8;
/** Deeper than this nothing is looked for; what is read there is not passed on either. */
const DEEPEST = 40;
/** What an HTTP In node hangs on its messages: not ours, and large. */
const NOT_OURS = new Set(['req', 'res']);

/** A secret that a typed input read from a message must not go on with it: forget whatever told it. */
export function forgetSecrets(
  RED: NodeAPI,
  work: Work,
  msg: Message,
  read: { found: unknown; value: string; type: string },
): void {
  const { found, value, type } = read;
  if (!carriesSecret(found)) return;
  const texts = typeof found === 'string' ? new Set([found]) : secretTexts(found);
  work.forget(() => dropTexts(msg, texts));
  if (type === 'msg') work.forget(() => void RED.util.setMessageProperty(msg, value, undefined));
}

/** The same for texts that are known to be secret, wherever in the message they stand. */
export function forgetTexts(work: Pick<Work, 'forget'>, msg: Message, texts: readonly string[]): void {
  if (texts.length > 0) work.forget(() => dropTexts(msg, new Set(texts)));
}

/** Every text in `value` under a name that says it is secret. */
function secretTexts(value: unknown, depth = 0, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || depth > DEEPEST) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && inner !== '' && isSecretName(name)) found.add(inner);
    secretTexts(inner, depth + 1, found);
  }
  return found;
}

/** Take off a message whatever property tells one of these texts, however the node came to read it. */
function dropTexts(msg: Message, texts: ReadonlySet<string>): void {
  if (!texts.size) return;
  for (const name of Object.keys(msg)) {
    if (NOT_OURS.has(name)) continue;
    const clean = without(msg[name], texts, 0);
    if (clean === undefined) delete msg[name];
    else msg[name] = clean;
  }
}

/** The value without the texts: itself where it holds none, otherwise a copy, since it may live in a context store too. */
function without(value: unknown, texts: ReadonlySet<string>, depth: number): unknown {
  if (typeof value === 'string') return withoutText(value, texts);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || depth > DEEPEST) return value;
  const inner = Object.entries(value).map(
    ([name, held]) => [name, held, without(held, texts, depth + 1)] as const,
  );
  if (inner.every(([, held, clean]) => held === clean)) return value;
  if (Array.isArray(value)) return inner.map(([, , clean]) => clean ?? SECRET_MARKER);
  return Object.fromEntries(inner.flatMap(([name, , clean]) => (clean === undefined ? [] : [[name, clean]])));
}

function withoutText(value: string, texts: ReadonlySet<string>): string | undefined {
  if (texts.has(value)) return undefined;
  let clean = value;
  for (const text of texts) if (text.length >= SHORTEST_PART) clean = clean.replaceAll(text, SECRET_MARKER);
  return clean;
}
