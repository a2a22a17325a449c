import type { Release } from '../../lib/production/application';

/** Takes over the release of what is held of an address. */
export type Keep = (release: Release) => void;

/**
 * Of messages that have their answer: the address on air, one that is prepared, and one before each. What OBS was given is hidden by its
 * connection as well, for as long as the source is there or may be brought back.
 */
const ANSWERED_HELD = 4;

/** What one node holds of addresses, so that no text shows a key: of each message until its answer, and of the latest for a while longer. */
export class HeldAddresses {
  private readonly answered: Release[] = [];
  private closed = false;

  /** Do `work`. What it gives to `keep` stays held at least until its promise is settled, however many wait meanwhile. */
  async during<T>(work: (keep: Keep) => Promise<T>): Promise<T> {
    const mine: Release[] = [];
    try {
      return await work((release) => void mine.push(release));
    } finally {
      this.answered.push(...mine);
      // what rejected is still to be told, with nothing secret in it; many may reject in one moment
      setImmediate(() => this.letGo(this.closed ? 0 : ANSWERED_HELD)).unref();
    }
  }

  /** Hold nothing any more of messages that have their answer, but of the latest `but`. */
  letGo(but = 0): void {
    for (const release of this.answered.splice(0, Math.max(0, this.answered.length - but))) release();
  }

  /** The node is gone: what is still waited for is let go with its answer. */
  close(): void {
    this.closed = true;
    this.letGo();
  }
}
