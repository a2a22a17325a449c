/** What one publisher sends. */
export interface SimulatedStream {
  /** in pixels */
  width: number;
  height: number;
  /** pictures a second */
  fps: number;
  /** from asking for it until its first picture, in milliseconds of simulated time; null: as measured for each kind of source */
  firstFrameMs: number | null;
}

/**
 * Who is at an address. `publishing`: pictures come. `nobody`: a server is there and nobody publishes. `stalled`: he is connected
 * and sends nothing any more. `refused`: nothing listens.
 */
export type Presence = 'publishing' | 'nobody' | 'stalled' | 'refused';

export interface Publisher extends SimulatedStream {
  presence: Presence;
  /** since when he publishes, by performance.now(); his pictures carry this clock */
  sinceMs: number;
}

const USUAL: SimulatedStream = { width: 1280, height: 720, fps: 30, firstFrameMs: null };

/** The host of an address as a rehearsal names it; null for a path and for what is no address. */
function hostOf(address: string): string | null {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@?#]*@)?([^/:?#]+)/i.exec(address)?.[1]?.toLowerCase() ?? null;
}

/**
 * Which network addresses play, for media sources of every kind. By itself any address plays in 1280x720, but those of host
 * `refused.invalid` (nothing listens) and `nobody.invalid` (a server, and nobody publishes there).
 */
export class SimulatedPublishers {
  private readonly known = new Map<string, Publisher>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly startedMs = performance.now();

  /** Somebody publishes at this address from now on. */
  publish(address: string, stream: Partial<SimulatedStream> = {}): void {
    this.put(address, { ...USUAL, ...stream, presence: 'publishing', sinceMs: performance.now() });
  }

  /** The publisher is gone; the server stays. Sources that play it behave as their kind does, and come back with the next `publish`. */
  stop(address: string): void {
    this.put(address, { ...this.of(address), presence: 'nobody' });
  }

  /** The publisher stays connected and sends nothing any more. */
  stall(address: string): void {
    this.put(address, { ...this.of(address), presence: 'stalled' });
  }

  /** Nothing listens at this address any more. */
  refuse(address: string): void {
    this.put(address, { ...this.of(address), presence: 'refused' });
  }

  /** The address is as it is by itself again; without one: all are. */
  forget(address?: string): void {
    const addresses = address === undefined ? [...this.known.keys()] : [address];
    for (const one of addresses) {
      this.known.delete(one);
      this.tell(one);
    }
  }

  /** The simulator asks: who is there? */
  of(address: string): Publisher {
    const known = this.known.get(address);
    if (known) return known;
    const host = hostOf(address);
    const presence =
      host === 'refused.invalid' ? 'refused' : host === 'nobody.invalid' ? 'nobody' : 'publishing';
    return { ...USUAL, presence, sinceMs: this.startedMs };
  }

  /** The simulator listens: told when this address changes, until the answer is called. */
  watch(address: string, listener: () => void): () => void {
    const listeners = this.listeners.get(address) ?? new Set();
    this.listeners.set(address, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(address) === listeners) this.listeners.delete(address);
    };
  }

  private put(address: string, publisher: Publisher): void {
    this.known.set(address, publisher);
    this.tell(address);
  }

  private tell(address: string): void {
    for (const listener of [...(this.listeners.get(address) ?? [])]) listener();
  }
}
