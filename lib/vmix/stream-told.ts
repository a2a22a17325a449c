import type { EventHub } from '../production/event-hub';
import type { Cause, EventName } from '../production/vocabulary';
import type { VmixChange } from './changes';
import type { VmixState } from './state-types';
import type { StreamBook } from './stream-book';
import type { StreamDesk } from './stream-desk';
import { channelOf, streamThing } from './things';

type Told = 'idle' | 'starting' | 'live';

/** What this process knows of a channel beside what was told of it; see `StreamDesk`. */
export type ChannelsKnown = Pick<StreamDesk, 'isBusy' | 'wasStopped' | 'setHere'>;

/** When a state was asked for, by `performance.now()`, and the time now, in milliseconds since 1970. */
export interface ReadAt {
  askedAt: number;
  atMs: number;
}

/**
 * What one connection has told of each channel, so that each change is told exactly once, whoever saw it first: the document, the
 * start that confirmed it or the stop that ended it. A start comes after an end only, an end after a start only, and in the end
 * what was told is what the document shows.
 */
export class ToldStreams {
  private readonly told = new Map<number, Told>();
  /** starts that nobody wants any more: their end is no failure */
  private readonly cancelled = new Set<number>();
  /** what came on while somebody here was at it */
  private readonly held = new Map<number, Cause>();

  constructor(private readonly known: ChannelsKnown) {}

  /**
   * The changes that a state brings, with what is left to be told: a start whose end nobody saw (the connection went meanwhile), or
   * that was called off. What is being started or stopped from here waits for whoever does it.
   */
  read(changes: readonly VmixChange[], { streaming }: VmixState, { askedAt, atMs }: ReadAt): VmixChange[] {
    const isBusy = (channel: number) => this.known.isBusy(channel, askedAt);
    const out = changes.flatMap((change) => {
      const channel = change.output === null ? null : channelOf(change.output);
      if (channel === null) return [change];
      if (change.event !== 'stream_started' || !isBusy(channel)) return this.pass(change);
      // another connection confirms it, or it came on although it was called off, and is being stopped
      this.held.set(channel, change.cause);
      return [];
    });
    for (const [name, on] of Object.entries(streaming.channels)) {
      const channel = Number(name);
      const was = this.told.get(channel);
      if (on === false) this.held.delete(channel);
      if (on === null || was === (on ? 'live' : 'idle')) continue;
      // what the first document shows, nobody has seen happen
      if (was === undefined) this.told.set(channel, on ? 'live' : 'idle');
      else if (!isBusy(channel)) out.push(...this.pass(this.missed(channel, on, atMs)));
    }
    return out;
  }

  /** What is to be told of this change: nothing where it was told before, and with what was told last as `previous`. */
  pass(change: VmixChange): VmixChange[] {
    const channel = change.output === null ? null : channelOf(change.output);
    if (channel === null) return [change];
    const was = this.told.get(channel) ?? 'idle';
    switch (change.event) {
      case 'stream_starting': {
        const left = was === 'idle' ? [] : this.pass(this.missed(channel, false, 0));
        this.told.set(channel, 'starting');
        return [...left, change];
      }
      case 'stream_started':
        if (was === 'live') return [];
        this.set(channel, 'live');
        return [{ ...change, previous: was, expected: was === 'starting' ? true : change.expected }];
      case 'stream_stopped':
      case 'stream_failed': {
        if (was === 'idle') return [];
        const wanted = change.expected === true || this.cancelled.has(channel);
        this.set(channel, 'idle');
        if (was === 'live') return [{ ...change, event: 'stream_stopped', previous: was }];
        const event = wanted ? 'stream_stopped' : 'stream_failed';
        return [{ ...change, event, previous: was, expected: wanted }];
      }
      default:
        return [change];
    }
  }

  /** The start of this channel is not wanted any more; how it ends is told by its stop or by the next state. */
  cancel(channel: number): void {
    if (this.told.get(channel) === 'starting') this.cancelled.add(channel);
  }

  private set(channel: number, told: Told): void {
    this.told.set(channel, told);
    this.cancelled.delete(channel);
    this.held.delete(channel);
  }

  private missed(channel: number, on: boolean, atMs: number): VmixChange {
    const asked = on
      ? this.known.setHere(channel) !== null
      : this.cancelled.has(channel) || this.known.wasStopped(channel, atMs);
    const cause = on ? (this.held.get(channel) ?? 'resync') : asked ? 'poll' : 'resync';
    return {
      event: on ? 'stream_started' : 'stream_stopped',
      cause,
      expected: asked ? true : null,
      output: streamThing(channel),
      state: on ? 'live' : 'idle',
      previous: null,
      payload: { channel },
    };
  }
}

/** What an action tells of its channel, where that was not told yet. */
export function tellStream(
  { told, hub, book }: { told: ToldStreams; hub: EventHub; book: StreamBook },
  event: EventName,
  channel: number,
  more: { expected: boolean; previous: string; state: string },
): void {
  const change: VmixChange = { event, cause: 'event', output: streamThing(channel), payload: {}, ...more };
  for (const one of told.pass(change))
    hub.tell(one.event === 'stream_starting' ? { ...one, payload: book.about(channel) } : book.describe(one));
}
