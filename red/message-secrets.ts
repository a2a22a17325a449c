import { carriesSecret, isSecretName } from '../lib/secrets';
import type { Work } from './on-input';
import type { Message, NodeAPI } from './types';

/** Shorter ones stand in harmless texts too. */
const SHORTEST_PART = 4;
/** What an HTTP In node hangs on its messages: not ours, and large. */
const NOT_OURS = new Set(['req', 'res']);

/** A secret that a typed input read from a message must not go on with it: forget whatever told it. */
export function forgetSecrets(RED: NodeAPI, work: Work, msg: Message, read: { found: unknown; value: string; type: string }): void {
  const { found, value, type } = read;
  if (!carriesSecret(found)) return;
  const texts = typeof found === 'string' ? new Set([found]) : secretTexts(found);
  work.forget(() => dropTexts(msg, texts));
  if (type === 'msg') work.forget(() => void RED.util.setMessageProperty(msg, value, undefined));
}

/** Every text in `value` under a name that says it is secret. */
function secretTexts(value: unknown): Set<string> {
  const found = new Set<string>();
  visit(value, (holder, name) => {
    const inner = holder[name];
    if (typeof inner === 'string' && inner !== '' && isSecretName(name)) found.add(inner);
  });
  return found;
}

/** Take off a message whatever property holds one of these texts, however the node came to read it. */
function dropTexts(msg: Message, texts: ReadonlySet<string>): void {
  if (!texts.size) return;
  const tells = (inner: string) => [...texts].some((text) => inner === text || (text.length >= SHORTEST_PART && inner.includes(text)));
  visit(msg, (holder, name) => {
    const inner = holder[name];
    if (typeof inner === 'string' && tells(inner)) delete holder[name];
  });
}

function visit(value: unknown, look: (holder: Record<string, unknown>, name: string) => void, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || seen.has(value)) return;
  seen.add(value);
  const holder = value as Record<string, unknown>;
  for (const name of Object.keys(holder)) {
    if (NOT_OURS.has(name)) continue;
    look(holder, name);
    visit(holder[name], look, seen);
  }
}
