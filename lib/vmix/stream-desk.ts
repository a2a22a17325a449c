import { addressKey } from '../connection/shared';
import { asLiveError } from '../errors';
import type { Release, StartedStream, StoppedStream } from '../production/application';

/** What a channel was set to by this process: vMix never says where a channel streams to. */
export interface SetHere {
  /** a digest of address, key and login; null where the target says "as set in vMix" */
  print: string | null;
  target: string | null;
  service: string | null;
  /** without any key */
  server: string | null;
}

/** A start of one channel that is under way. */
export interface Starting {
  /** equal ones join */
  readonly key: string;
  /** the target in words */
  readonly label: string;
  readonly cancelling: AbortController;
  /** something was sent: until then, what runs there is not ours */
  begun: boolean;
  /** the client that does it */
  readonly owner: object;
  result: Promise<StartedStream>;
}

/** A stop of one channel that is under way. */
export interface Stopping {
  readonly owner: object;
  readonly result: Promise<StoppedStream>;
}

const GONE = new Set(['VMIX_CLOSED', 'VMIX_NOT_CONNECTED', 'VMIX_DISCONNECTED']);

/** The same as that which another connection does, which is done anew from here where that connection goes meanwhile. */
export async function joined<T>(
  { owner, result }: { owner: object; result: Promise<T> },
  client: object,
  anew: () => Promise<T>,
): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (owner === client || !GONE.has(asLiveError(error).code)) throw error;
    return await anew();
  }
}

/** A stop that shows no effect within this long had none; what happens later, somebody else did. */
const STOP_COUNTS_MS = 30_000;

/**
 * What all connections of this process to one vMix know of its streaming channels together, so that two of them neither start one
 * channel at the same time nor take each other's streams for somebody else's. By channel, from 1.
 */
export class StreamDesk {
  readonly starting = new Map<number, Starting>();
  readonly stopping = new Map<number, Stopping>();
  private readonly settled = new Map<number, number>();
  private readonly set = new Map<number, SetHere>();
  private readonly stops = new Map<number, number>();
  /** channels that got a login from here: the next target without one takes it off again */
  private readonly logins = new Set<number>();

  /**
   * Whether somebody here starts or stops it, or did when a state was asked for at `askedAt` (`performance.now()`): what that shows
   * may be over. A start that has sent nothing yet changes nothing.
   */
  isBusy(channel: number, askedAt: number): boolean {
    if (this.stopping.has(channel) || this.starting.get(channel)?.begun) return true;
    return askedAt < (this.settled.get(channel) ?? Number.NEGATIVE_INFINITY);
  }

  /** Its start or its stop is over, at `at` (`performance.now()`). */
  over(what: 'starting' | 'stopping', channel: number, at: number): void {
    this[what].delete(channel);
    this.settled.set(channel, at);
  }

  /** What the channel was set to by a start from here, while it runs; null: nobody here knows. */
  setHere(channel: number): SetHere | null {
    return this.set.get(channel) ?? null;
  }

  remember(channel: number, set: SetHere): void {
    this.set.set(channel, set);
    this.stops.delete(channel);
  }

  /** It was seen off: whoever starts it next may have set it to anything. A start under way looks after itself. */
  wentOff(channel: number): void {
    if (!this.starting.has(channel)) this.set.delete(channel);
  }

  /** A stop of this channel was asked for here; the other connections see its effect with their own next look. */
  noteStop(channel: number, atMs: number): void {
    this.stops.set(channel, atMs);
  }

  /** Whether a channel that is seen to end now was stopped from here. */
  wasStopped(channel: number, atMs: number): boolean {
    return atMs - (this.stops.get(channel) ?? Number.NEGATIVE_INFINITY) < STOP_COUNTS_MS;
  }

  forget(channel: number): void {
    this.set.delete(channel);
  }

  hasLogin(channel: number): boolean {
    return this.logins.has(channel);
  }

  gotLogin(channel: number, has: boolean): void {
    if (has) this.logins.add(channel);
    else this.logins.delete(channel);
  }

  /** Starts of these channels, or of all, are not wanted any more. */
  cancel(channels?: readonly number[]): void {
    for (const [channel, { cancelling }] of this.starting)
      if (!channels || channels.includes(channel)) cancelling.abort();
  }
}

/** The same, whose rejection is no stray one where nobody waits for it yet. */
export function heard<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

const desks = new Map<string, { desk: StreamDesk; users: number }>();

/** The desk of an address; `release` when the connection closes. */
export function deskOf(host: string, port: number): { desk: StreamDesk; release: Release } {
  const key = addressKey(host, port);
  const entry = desks.get(key) ?? { desk: new StreamDesk(), users: 0 };
  desks.set(key, entry);
  entry.users++;
  let released = false;
  return {
    desk: entry.desk,
    release: () => {
      if (released) return;
      released = true;
      entry.users--;
      // with nobody looking, what runs may be somebody else's by the next look
      if (entry.users === 0 && desks.get(key) === entry) desks.delete(key);
    },
  };
}
