import type { Entry, QueueEffect, QueueEvent, QueuePolicy, QueueState } from './types';

/** What every rule is given beside the state: nothing in here asks a clock or throws a die by itself. */
export interface Moment {
  policy: QueuePolicy;
  /** of the monotonic clock that all times of the state are of */
  nowMs: number;
  /** 0 to 1, as Math.random */
  chance: () => number;
  /** false: nobody is put on air now, since nobody listens, or the server was not asked yet */
  mayPromote: boolean;
}

/** What comes of a rule: the state it was given where nothing changed, and what is to be done, in order. */
export interface Step {
  state: QueueState;
  effects: QueueEffect[];
}

/** A queue that nobody is in. */
export function emptyQueue(): QueueState {
  return {
    v: 1,
    entries: [],
    bans: [],
    cooling: [],
    onHold: false,
    limit: null,
    nextRank: 1,
    generation: 0,
    degraded: false,
  };
}

/**
 * A state on its way to the next. The one it began with is never written to, so the keeper may save it while the next is made: every
 * change replaces the entry and the list it stands in.
 */
export class Draft {
  readonly effects: QueueEffect[] = [];
  private now: QueueState;

  constructor(
    before: QueueState,
    readonly at: Moment,
  ) {
    this.now = before;
  }

  get state(): Readonly<QueueState> {
    return this.now;
  }

  done(): Step {
    return { state: this.now, effects: this.effects };
  }

  set(changes: Partial<QueueState>): void {
    this.now = { ...this.now, ...changes };
  }

  add(entry: Entry): Entry {
    this.set({ entries: [...this.now.entries, entry] });
    return entry;
  }

  /** Gives the entry as it is then; the same where nothing would change. */
  change(entry: Entry, changes: Partial<Entry>): Entry {
    const names = Object.keys(changes) as (keyof Entry)[];
    if (names.every((name) => entry[name] === changes[name])) return entry;
    const changed = { ...entry, ...changes };
    this.set({ entries: this.now.entries.map((one) => (one.turn === entry.turn ? changed : one)) });
    return changed;
  }

  remove(entry: Entry): void {
    this.set({ entries: this.now.entries.filter((one) => one.turn !== entry.turn) });
  }

  tell(
    event: QueueEvent['event'],
    entry: Pick<Entry, 'stream' | 'name'> & { turn?: string },
    expected: boolean | null,
    more: QueueEvent['more'] = {},
  ): void {
    const { stream, name, turn = null } = entry;
    this.effects.push({ do: 'tell', event: { event, stream, name, turn, expected, more } });
  }

  /** The next rank, and no other gets it. */
  rank(): number {
    const { nextRank } = this.now;
    this.set({ nextRank: nextRank + 1 });
    return nextRank;
  }
}
