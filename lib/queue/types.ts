/** Where an entry of the queue stands. */
export const ENTRY_STATES = ['admitted', 'waiting', 'promoting', 'live', 'grace', 'leaving'] as const;
/**
 * `admitted`: let in, not seen to publish yet. `waiting`: publishes and waits. `promoting`: his switch is under way, another may still be
 * on air. `live`: on air. `grace`: was on air and dropped; his place is kept for a while. `leaving`: he is being kicked, and the server may
 * have him still: no place in the queue any more.
 */
export type EntryState = (typeof ENTRY_STATES)[number];

/** Somebody in the queue. Times are of the monotonic clock, in milliseconds. */
export interface Entry {
  /** of this very stay in the queue; unique, never used again */
  turn: string;
  app: string;
  /** the published name: a public id */
  stream: string;
  /** the server's connection; null until it is known */
  clientId: string | null;
  /** since when he has this connection */
  boundAtMs: number;
  /** what people read */
  name: string;
  state: EntryState;
  joinedAtMs: number;
  /** orders what waits: higher priority first, then lower rank */
  rank: number;
  priority: number;
  /** the operator holds him back: he is passed over */
  held: boolean;
  /** his own length of a turn; null: the queue's */
  limitMs: number | null;
  /** what the operator added to this turn */
  extraMs: number;
  /** the operator ended his turn: he goes as soon as somebody else is on air */
  ending: boolean;
  /** time on air that counts, up to `countedAtMs` */
  usedMs: number;
  countedAtMs: number | null;
  /** when he came on air in this turn */
  liveAtMs: number | null;
  /** when the state began */
  sinceMs: number;
  /** which warnings of this turn were given, in seconds before the end */
  warned: number[];
  /** failed switches to him in a row */
  failures: number;
  /** how often in a row the server's list did not have him */
  misses: number;
  /** switches to him in a row that something else than he made fail; without it: none */
  faults?: number;
  /** he is back from a drop that began then, and the server's list has not had him since; null, or without: it has */
  droppedAtMs?: number | null;
}

export interface Ban {
  stream: string;
  name: string;
  /** monotonic; null: for good */
  untilMs: number | null;
  reason: string | null;
}

export interface QueuePolicy {
  /** how many may be in the queue, the one on air included */
  mostEntries: number;
  /** a turn's length; null: no limit */
  limitMs: number | null;
  /** time counts only while somebody could follow */
  onlyIfWaiting: boolean;
  /** in seconds before the end */
  warnAtS: readonly number[];
  /** how long a dropped lead keeps his place */
  graceMs: number;
  /** let in and never seen to publish for so long: out */
  admitMs: number;
  /** another connection publishes a name that is in the queue already: as SRS and nginx-rtmp do, or as MediaMTX does */
  secondPublisher: 'reject' | 'takeover';
  /** what becomes of him whose turn is over, and whom the operator skips */
  afterTurn: 'kick' | 'tail';
  /** a switch that was asked for and never answered */
  switchMs: number;
  /** so many failed switches in a row, and the next one gets his turn */
  mostFailures: number;
  /** so many lists in a row without him, and an entry is gone */
  missesToLeave: number;
  /** so long after a kick the same name may not come back; 0: at once */
  rejoinMs: number;
}

/** The whole queue: plain data, fit for JSON. */
export interface QueueState {
  v: 1;
  entries: Entry[];
  bans: Ban[];
  /** names that may not come back yet */
  cooling: { stream: string; untilMs: number }[];
  /** the operator stopped the queue: who is on air stays, nobody follows */
  onHold: boolean;
  /** what the operator set instead of the policy's (`ms` null: no limit); null: nothing */
  limit: { ms: number | null } | null;
  nextRank: number;
  /** counts the orders to switch, so that what comes late can be told from what is meant now; that of who is promoting is the present one */
  generation: number;
  /** whose the present order is, also when he has left since; without one: nobody's */
  orderedTurn?: string | null;
  /** another's picture is on air, who has left: when the lead is ordered on air again; null, or without: it is his own */
  putBackAtMs?: number | null;
  /** the server could not be asked lately */
  degraded: boolean;
}

/** What a media server's gate saw. */
export interface Joining {
  app: string;
  stream: string;
  clientId: string | null;
  name: string;
  limitMs: number | null;
  priority: number;
}

export type JoinRefusal = 'banned' | 'cooling' | 'full' | 'taken';
export type JoinVerdict = { allow: true; turn: string; again: boolean } | { allow: false; why: JoinRefusal };

/** Somebody the server's list has. */
export interface Seen {
  app: string;
  stream: string;
  clientId: string | null;
  /** null: the list does not tell */
  bytesIn: number | null;
  sinceMs: number | null;
}

/** What an operator, or a flow, can ask for. `who` is a turn, a stream name, or `lead`. */
export type QueueCommand =
  | { action: 'skip' }
  | { action: 'kick'; who: string }
  | { action: 'ban'; who: string; forMs: number | null; reason: string | null }
  | { action: 'unban'; who: string }
  /** 1 is next on air */
  | { action: 'move'; who: string; to: number }
  /** without `who`: the whole queue */
  | { action: 'hold'; who: string | null }
  | { action: 'resume'; who: string | null }
  | { action: 'extend'; byMs: number }
  /** the time on air begins anew */
  | { action: 'reset' }
  /** null: no limit; `again`: the present turn begins anew as well */
  | { action: 'limit'; limitMs: number | null; again: boolean }
  | { action: 'clear' };

/** What the queue wants done, in this order. */
export type QueueEffect =
  | { do: 'switch'; turn: string; generation: number; app: string; stream: string; name: string }
  /** `turn`: whose; the one that is on air stays there until the switch is done */
  | { do: 'kick'; turn: string; app: string; stream: string; clientId: string | null; why: string }
  | { do: 'tell'; event: QueueEvent };

export interface QueueEvent {
  event:
    | 'publisher_waiting'
    | 'publisher_live'
    | 'publisher_left'
    | 'publisher_denied'
    | 'publisher_kicked'
    | 'publisher_banned'
    | 'turn_warning';
  stream: string;
  name: string;
  turn: string | null;
  /** true when anyone asked for it, false when nobody did, null where nobody can know */
  expected: boolean | null;
  /** what is worth saying beside: place, secondsLeft, reason … */
  more: Record<string, unknown>;
}

/** One entry as people see it. Nothing in it is secret. */
export interface EntryView {
  turn: string;
  stream: string;
  name: string;
  state: EntryState;
  /** 0 is on air (or about to be), 1 the next */
  place: number;
  held: boolean;
  joinedAt: string;
  liveAt: string | null;
  usedMs: number;
  limitMs: number | null;
  /** null: no limit, or his time does not run and has not begun */
  remainingMs: number | null;
  /** whether his time runs now */
  counting: boolean;
}

/** The queue as people see it. */
export interface QueueView {
  lead: EntryView | null;
  /** in the order of their turns */
  waiting: EntryView[];
  bans: { stream: string; name: string; until: string | null; reason: string | null }[];
  onHold: boolean;
  limitMs: number | null;
  /** false: the media server cannot be asked, so what is shown may be old; null: none can be asked at all */
  serverReachable: boolean | null;
  at: string;
}
