/** How long a channel may take to come on after vMix took its start: a handshake with a slow server. */
export const APPEAR_MS = 30_000;

/** What is known of a start by now: it holds on; it went off again; it never came on. */
export type StartVerdict = 'waiting' | 'live' | 'dropped' | 'never';

/**
 * Judges one start from looks at its channel. "On" alone is no proof: vMix does not say whether it means connected or merely
 * started, and takes a channel off again when the server refuses. So it has to stay on for `confirmMs` without a break. Pure: the
 * caller passes the time, in milliseconds.
 */
export class StartWatch {
  /** when the channel was first seen on; null while it has not been */
  onSinceMs: number | null;

  constructor(
    private readonly beganAtMs: number,
    private readonly confirmMs: number,
    /** where it was on already: since when, as far as anybody saw */
    onSinceMs: number | null = null,
    private readonly appearMs = APPEAR_MS,
  ) {
    this.onSinceMs = onSinceMs;
  }

  /** How long to look at most, from its begin. */
  get limitMs(): number {
    return this.appearMs + this.confirmMs;
  }

  look(atMs: number, on: boolean): StartVerdict {
    if (!on) {
      if (this.onSinceMs !== null) return 'dropped';
      return atMs - this.beganAtMs >= this.appearMs ? 'never' : 'waiting';
    }
    this.onSinceMs ??= atMs;
    return atMs - this.onSinceMs >= this.confirmMs ? 'live' : 'waiting';
  }
}
