import { redactText } from '../secrets';

const TYPE = /^[a-z][a-z0-9_.:-]{0,63}$/;
/** What the log says about itself. */
const OWN = 'log.';
const OTHERWISE = 'message';

/** Whether a text can be the type of an entry: `[a-z][a-z0-9_.:-]{0,63}`. */
export function isEntryType(type: string): boolean {
  return TYPE.test(type);
}

/** Whether the log itself writes entries of this type. */
export function isOwnType(type: string): boolean {
  return type.startsWith(OWN);
}

/**
 * The type of the entry for a message: `live.event`, else `live.action`, else the topic, the first that fits; else
 * `message`. Never one that is the log's own, and never one with a secret in it.
 */
export function entryTypeOf(msg: unknown): string {
  const live = read(msg, 'live');
  for (const type of [read(live, 'event'), read(live, 'action'), read(msg, 'topic')])
    if (typeof type === 'string' && isEntryType(type) && !isOwnType(type) && redactText(type) === type)
      return type;
  return OTHERWISE;
}

/** Counts one more of this type, which may have the name of something every object has. */
export function addOne(counts: Record<string, number>, type: string): void {
  counts[type] = (Object.hasOwn(counts, type) ? counts[type]! : 0) + 1;
}

/** A property of anything; undefined where a getter throws. */
function read(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  try {
    return (holder as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
