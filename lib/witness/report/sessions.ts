import { byOf, UNKNOWN_BY } from './by';
import type { Fact } from './facts';
import { known, missing, type Mark } from './marks';
import type { Outages } from './outages';
import type { By } from './types';

/** Something that runs, while the log is read. */
export interface Draft {
  connection: string;
  output: string;
  begin: Mark;
  end: Mark | null;
  startedBy: By;
  stoppedBy: By;
  /** the application itself told it, not only the node that did it */
  beginTold: boolean;
  endTold: boolean;
  endExpected: boolean | null;
  /** the last sign that it ran, ms */
  seenMs: number;
  entries: number[];
}

interface Track<D> {
  open: D | null;
  last: D | null;
}

/** The application says twice when it started, by two clocks. */
const SAME_START_MS = 2_500;
/** A node waits until a start is confirmed. */
const WORD_LATER_MS = 60_000;
/** A message on its way to the log. */
const LATE_MS = 10_000;

/**
 * What ran from when to when, of one kind, for each connection and output. The same change may be told by the application and by the
 * node that asked for it, in either order: it counts once. A begin or end nobody recorded is known to be missing.
 */
export class SessionBook<D extends Draft> {
  readonly all: D[] = [];
  private readonly tracks = new Map<string, Track<D>>();

  /** @param noun what it is: "stream" … @param more what a fresh one has beside */
  constructor(
    private readonly noun: string,
    private readonly outages: Outages,
    private readonly more: () => Omit<D, keyof Draft>,
  ) {}

  track({ connection, output }: Fact): Track<D> {
    const key = `${connection}\n${output ?? this.noun}`;
    let track = this.tracks.get(key);
    if (!track) this.tracks.set(key, (track = { open: null, last: null }));
    return track;
  }

  /** The one that runs; begun with an unknown begin where nothing tells of it, since this fact says that it runs. */
  running(fact: Fact): D {
    const { open } = this.track(fact);
    const one = open ?? this.open(fact, this.unseenBegin(fact));
    this.saw(one, fact);
    return one;
  }

  /** It began. `startedMs`: when the application says it did. */
  begin(fact: Fact, startedMs: number | null): D {
    const track = this.track(fact);
    const { open, last } = track;
    const begin = this.beginMark(fact, startedMs);
    if (open && this.isSameBegin(open, fact, startedMs)) return this.joinBegin(open, fact, begin);
    if (!open && last && this.isLateBegin(last, fact, startedMs)) return this.joinBegin(last, fact, begin);
    if (open) this.endMissing(open, fact.atMs);
    const one = this.open(fact, begin);
    one.beginTold = fact.action === null;
    one.startedBy = byOf(fact);
    return one;
  }

  /** It ended; null where it is only said that nothing runs. `durationMs`: how long it ran, where that is told. */
  end(fact: Fact, durationMs: number | null): D | null {
    const track = this.track(fact);
    const { open, last } = track;
    if (fact.cause === 'startup') {
      if (open) this.endMissing(open, fact.atMs);
      return null;
    }
    if (last && this.isSameEnd(last, open, fact)) return this.joinEnd(last, fact);
    const one = open ?? this.open(fact, this.unseenBegin(fact, durationMs));
    this.saw(one, fact);
    this.close(one, this.outages.mark(fact, 'it ended'));
    one.endTold = fact.action === null;
    one.stoppedBy = byOf(fact);
    one.endExpected = fact.action === null ? fact.expected : true;
    return one;
  }

  /** All that a stop-all ended: those that run, of these outputs; and those the application has told of already. */
  stopAll(fact: Fact, outputs: ReadonlySet<string>): void {
    for (const { open, last } of [...this.tracks.values()]) {
      const one = open ?? last;
      if (one?.connection !== fact.connection || !outputs.has(one.output)) continue;
      if (open) {
        this.close(open, known(fact.atMs));
        open.endTold = false;
      } else if ((one.end?.ms ?? 0) < fact.begunMs - LATE_MS) continue;
      one.entries.push(fact.seq);
      one.endExpected = true;
      if (open || one.stoppedBy.who !== 'flow') one.stoppedBy = byOf(fact);
    }
  }

  /** The end of the record: what runs still has no end in it. `untilMs`: so long a connection would have told of one. */
  finish(untilMs: (connection: string) => number): void {
    for (const { open } of this.tracks.values()) {
      if (!open) continue;
      const notBefore = Math.max(open.seenMs, untilMs(open.connection));
      this.close(open, missing('it had not ended when the record ends', { notBefore }));
    }
  }

  saw(one: D, fact: Fact): void {
    one.seenMs = Math.max(one.seenMs, fact.atMs);
    if (one.entries.at(-1) !== fact.seq) one.entries.push(fact.seq);
  }

  /** Its end was not recorded: at `atMs` it is known to be over. */
  endMissing(one: D, atMs: number): void {
    this.close(one, missing('its end was not recorded', { notBefore: one.seenMs, notAfter: atMs }));
  }

  private open(fact: Fact, begin: Mark): D {
    const one = {
      connection: fact.connection,
      output: fact.output ?? this.noun,
      begin,
      end: null,
      startedBy: UNKNOWN_BY,
      stoppedBy: UNKNOWN_BY,
      beginTold: false,
      endTold: false,
      endExpected: null,
      seenMs: fact.atMs,
      entries: [fact.seq],
      ...this.more(),
    } as Draft as D;
    this.all.push(one);
    this.track(fact).open = one;
    return one;
  }

  private close(one: D, end: Mark): void {
    one.end = end;
    const track = this.track({ connection: one.connection, output: one.output } as Fact);
    track.open = null;
    track.last = one;
  }

  private beginMark(fact: Fact, startedMs: number | null): Mark {
    if (fact.cause === 'resync') return this.outages.mark(fact, 'it began');
    if (startedMs !== null && startedMs <= fact.atMs + LATE_MS) return known(startedMs);
    return fact.cause === 'startup' ? this.unseenBegin(fact) : known(fact.atMs);
  }

  private unseenBegin({ atMs }: Fact, durationMs: number | null = null): Mark {
    if (durationMs !== null) return known(atMs - durationMs);
    return missing('its begin was not recorded', { notAfter: atMs });
  }

  private isSameBegin(open: D, fact: Fact, startedMs: number | null): boolean {
    if (fact.cause === 'startup') return true;
    const apart = startedMs === null || open.begin.ms === null ? null : Math.abs(startedMs - open.begin.ms);
    if (fact.action !== null) return apart === null ? open.startedBy.who !== 'flow' : apart <= SAME_START_MS;
    // a node's word may be all there was so far, and later than what it tells of
    if (!open.beginTold) return apart === null || apart <= WORD_LATER_MS;
    return fact.cause !== 'resync' && (apart ?? fact.atMs - open.seenMs) <= SAME_START_MS;
  }

  /** A node's message of a start that the application has told of, and which is over. */
  private isLateBegin(last: D, { action, begunMs }: Fact, startedMs: number | null): boolean {
    if (action === null || last.startedBy.who === 'flow' || last.begin.ms === null) return false;
    return startedMs === null
      ? last.begin.ms >= begunMs - LATE_MS
      : Math.abs(startedMs - last.begin.ms) <= SAME_START_MS;
  }

  private isSameEnd(last: D, open: D | null, fact: Fact): boolean {
    const endMs = last.end?.ms ?? last.end?.notAfter ?? null;
    if (endMs === null) return false;
    if (fact.action === null)
      return !open && Math.abs(fact.atMs - endMs) <= (last.endTold ? SAME_START_MS : LATE_MS);
    if (last.stoppedBy.who === 'flow') return false;
    // what began after the stop was asked for was not ended by it
    return (!open || (open.begin.ms ?? -Infinity) > fact.begunMs) && endMs >= fact.begunMs - LATE_MS;
  }

  private joinBegin(one: D, fact: Fact, begin: Mark): D {
    this.saw(one, fact);
    if (fact.action !== null) one.startedBy = byOf(fact);
    else {
      if (one.startedBy.who === 'unknown') one.startedBy = byOf(fact);
      if (!one.beginTold && begin.ms !== null) one.begin = begin;
      one.beginTold = true;
    }
    if (one.begin.ms === null && begin.ms !== null) one.begin = begin;
    return one;
  }

  private joinEnd(one: D, fact: Fact): D {
    one.entries.push(fact.seq);
    if (fact.action !== null) {
      one.stoppedBy = byOf(fact);
      one.endExpected = true;
    } else {
      if (!one.endTold) one.end = this.outages.mark(fact, 'it ended');
      one.endTold = true;
    }
    return one;
  }
}
