import type { Cause } from '../production/vocabulary';

/**
 * Why the next state may bring news: an event of the TCP port, or a loss of the connection. Both count until a state is read that was
 * asked for after them, since one that was under way may not show them yet. Pure: the caller passes the time of `performance.now()`.
 */
export class NewsCause {
  private hintedAt: number | null = null;
  private lostAt: number | null = null;

  get lost(): boolean {
    return this.lostAt !== null;
  }

  get cause(): Cause {
    return this.lost ? 'resync' : this.hintedAt !== null ? 'event' : 'poll';
  }

  hint(atMs: number): void {
    this.hintedAt = atMs;
  }

  lose(atMs: number): void {
    this.lostAt = atMs;
  }

  /** A state was read. `open`: it does not show yet what an event has said. */
  read(askedAtMs: number, open: boolean): void {
    if (this.lostAt !== null && this.lostAt <= askedAtMs) this.lostAt = null;
    if (this.hintedAt !== null && this.hintedAt <= askedAtMs && !open) this.hintedAt = null;
  }
}
