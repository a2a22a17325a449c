import type { Startable } from './application';

/** Remembers which starts a stop has made unwanted, for those that still wait for something. */
export class WantedStarts {
  private readonly stops = new Map<string, number>();

  /** Starts of this kind, or of some of several streams or outputs, are not wanted any more. */
  cancel(what: Startable | 'everything', channels?: readonly number[]): void {
    for (const kind of what === 'everything' ? (['stream', 'recording', 'srt'] as const) : [what])
      for (const key of keysOf(kind, channels)) this.stops.set(key, this.count(key) + 1);
  }

  /** A question to ask later: whether a start asked for now is still wanted. */
  wanted(what: Startable, channels?: readonly number[]): () => boolean {
    const keys = [what, ...(channels ? keysOf(what, channels) : [])];
    const sum = () => keys.reduce((total, key) => total + this.count(key), 0);
    const before = sum();
    return () => sum() === before;
  }

  private count(key: string): number {
    return this.stops.get(key) ?? 0;
  }
}

function keysOf(what: Startable, channels: readonly number[] | undefined): string[] {
  return what !== 'recording' && channels ? channels.map((channel) => `${what}${channel}`) : [what];
}
