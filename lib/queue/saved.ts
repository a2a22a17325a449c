import { ENTRY_STATES, type Ban, type Entry, type QueueState } from './types';

/** The queue as it lies in its file. */
export interface Saved {
  v: 1;
  /** this start of the machine, whose monotonic clock all times are of; null where the system has no name for it */
  boot: string | null;
  /** when it was written: monotonic, and by the wall clock, ms */
  atMs: number;
  wallMs: number;
  /** the server's name of its own start */
  serverRun: string | null;
  queue: QueueState;
}

/** Nothing we write is longer. */
const MOST_ENTRIES = 100_000;

type Check = (value: unknown) => boolean;
type Checks<T> = { [name in keyof T]-?: Check };

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Not in files of before. */
const orNone =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= MOST_ENTRIES && value.every(check);
function shape<T>(checks: Checks<T>): Check {
  const all = Object.entries<Check>(checks);
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    all.every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

const ENTRY = shape<Entry>({
  turn: (value) => typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value),
  app: text,
  stream: text,
  clientId: orNull(text),
  boundAtMs: number,
  name: text,
  state: (value) => ENTRY_STATES.some((state) => state === value),
  joinedAtMs: number,
  rank: count,
  priority: number,
  held: flag,
  limitMs: orNull(number),
  extraMs: number,
  ending: flag,
  usedMs: number,
  countedAtMs: orNull(number),
  liveAtMs: orNull(number),
  sinceMs: number,
  warned: listOf(number),
  failures: count,
  misses: count,
  faults: (value) => value === undefined || count(value),
  droppedAtMs: orNone(number),
});
const BAN = shape<Ban>({ stream: text, name: text, untilMs: orNull(number), reason: orNull(text) });
const QUEUE = shape<QueueState>({
  v: (value) => value === 1,
  entries: listOf(ENTRY),
  bans: listOf(BAN),
  cooling: listOf(shape<QueueState['cooling'][number]>({ stream: text, untilMs: number })),
  onHold: flag,
  limit: orNull(shape<{ ms: number | null }>({ ms: orNull(number) })),
  nextRank: count,
  generation: count,
  orderedTurn: orNone(text),
  putBackAtMs: orNone(number),
  degraded: flag,
});
const SAVED = shape<Saved>({
  v: (value) => value === 1,
  boot: orNull(text),
  atMs: number,
  wallMs: number,
  serverRun: orNull(text),
  queue: QUEUE,
});

/**
 * Read a queue's file. Whatever does not stand in it as we write it makes the whole of it unreadable: half a queue would be a wrong one.
 * @returns why it cannot be read, where it cannot
 */
export function parseSaved(content: string): { saved: Saved } | { reason: string } {
  let read: unknown;
  try {
    read = JSON.parse(content);
  } catch {
    return { reason: content.trim() === '' ? 'it is empty' : 'it is no JSON' };
  }
  if (!SAVED(read)) return { reason: 'it does not hold a queue' };
  const saved = read as Saved;
  const { entries, nextRank } = saved.queue;
  const alone = (keys: string[]) => new Set(keys).size === keys.length;
  const most = (states: string[]) => entries.filter(({ state }) => states.includes(state)).length <= 1;
  const sound =
    alone(entries.map(({ turn }) => turn)) &&
    alone(entries.map(({ app, stream }) => `${app}/${stream}`)) &&
    entries.every(({ rank }) => rank < nextRank) &&
    most(['live', 'grace']) &&
    most(['promoting']);
  return sound ? { saved } : { reason: 'it holds a queue that cannot be' };
}

/** The clock and the start of the machine that a saved queue goes on under. */
export interface Now {
  boot: string | null;
  nowMs: number;
  wallMs: number;
}

/**
 * Let a saved queue go on. On the same start of the machine the clock has gone on, and so has who is on air. After another the time between does
 * not count for anybody; only bans end by the wall clock. What waits for an answer waits from now on.
 */
export function goOn({ queue, boot, atMs, wallMs }: Saved, now: Now): QueueState {
  const same = boot !== null && boot === now.boot && now.nowMs >= atMs;
  const by = same ? 0 : now.nowMs - atMs;
  // a wall clock that was set back meanwhile gives nobody a longer ban
  const down = same ? 0 : Math.max(0, now.wallMs - wallMs);
  const moved = (ms: number | null) => (ms === null ? null : ms + by);
  return {
    ...queue,
    ...(queue.putBackAtMs != null && { putBackAtMs: now.nowMs }),
    entries: queue.entries.map((entry) => ({
      ...entry,
      joinedAtMs: entry.joinedAtMs + by,
      boundAtMs: entry.boundAtMs + by,
      countedAtMs: moved(entry.countedAtMs),
      liveAtMs: moved(entry.liveAtMs),
      ...(entry.droppedAtMs != null && { droppedAtMs: entry.droppedAtMs + by }),
      sinceMs: WAITS_FOR.has(entry.state) ? now.nowMs : entry.sinceMs + by,
      misses: 0,
    })),
    bans: queue.bans.map((ban) => ({
      ...ban,
      untilMs: ban.untilMs === null ? null : ban.untilMs + by - down,
    })),
    cooling: queue.cooling.map((one) => ({ ...one, untilMs: one.untilMs + by - down })),
  };
}

const WAITS_FOR = new Set(['admitted', 'promoting', 'grace']);
