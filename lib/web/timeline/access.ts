import { randomBytes } from 'node:crypto';
import { fail } from '../../errors';
import { fitsToken, readToken, signToken, type Audience } from './tokens';

/** What somebody may look at. */
export interface Access {
  /** null: every stream */
  streams: readonly string[] | null;
  /** UTC in milliseconds; null: as long as he likes */
  until: number | null;
  /** asked again while something stays open */
  isValid(): boolean;
}

/** Between the press of a button and the new tab. */
const TICKET_MS = 60_000;
/** As long as an evening; then the page is opened anew from the editor. */
export const EDITOR_SESSION_MS = 12 * 3600_000;
/** Tickets are taken back by themselves; more than this many within a minute are no person's. */
const MOST_TICKETS = 1_000;
const LONGEST_LINK_MS = 366 * 86_400_000;

/**
 * Who may look at the pictures of one store, by signed tokens: nothing is kept of those that are out, and all of them end with the
 * secret they were signed with.
 */
export class Doorkeeper {
  private readonly usedTickets = new Map<string, number>();

  /** `secret` gives the present one; `now`: UTC in milliseconds */
  constructor(
    private readonly store: string,
    private readonly audience: Audience,
    private readonly secret: () => Buffer,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * A token for an address that somebody is sent.
   * @throws CONFIG_INVALID for a time that is none, or more streams than an address holds
   */
  link(streams: readonly string[] | null, forMs: number): { token: string; until: number } {
    if (!(forMs >= 60_000 && forMs <= LONGEST_LINK_MS))
      throw fail('CONFIG_INVALID', { field: 'valid for', reason: 'a minute to a year is possible' });
    if (!fitsToken(streams) || streams?.length === 0)
      throw fail('CONFIG_INVALID', { field: 'streams', reason: 'they are too many for one link, or none' });
    const until = Math.round(this.now() + forMs);
    return { token: this.sign('link', streams, until), until };
  }

  /** A token that opens the page once, within a minute. */
  ticket(): string {
    return this.sign('ticket', null, this.now() + TICKET_MS);
  }

  /** What a link or a ticket is exchanged for; null where it opens nothing (any more). */
  redeem(token: string): { session: string; until: number; streams: readonly string[] | null } | null {
    const claims = this.read(token);
    if (!claims || claims.kind === 'session') return null;
    const { kind, streams, nonce } = claims;
    if (kind === 'ticket' && !this.useUp(nonce, claims.until)) return null;
    const until = kind === 'ticket' ? this.now() + EDITOR_SESSION_MS : claims.until;
    return { session: this.sign('session', streams, until), until, streams };
  }

  /** What a session opens; null: nothing. */
  access(session: string | null): Access | null {
    if (session === null) return null;
    const isValid = () => this.read(session)?.kind === 'session';
    const claims = this.read(session);
    return claims?.kind === 'session' ? { streams: claims.streams, until: claims.until, isValid } : null;
  }

  private sign(
    kind: 'link' | 'ticket' | 'session',
    streams: readonly string[] | null,
    until: number,
  ): string {
    const nonce = randomBytes(12).toString('base64url');
    const { audience, store } = this;
    return signToken(this.secret(), { audience, kind, store, streams, until, nonce });
  }

  private read(token: string) {
    const claims = readToken(this.secret(), token);
    const good = claims?.audience === this.audience && claims.store === this.store;
    return claims && good && claims.until > this.now() ? claims : null;
  }

  private useUp(nonce: string, until: number): boolean {
    const nowMs = this.now();
    for (const [one, end] of this.usedTickets) if (end <= nowMs) this.usedTickets.delete(one);
    if (this.usedTickets.has(nonce) || this.usedTickets.size >= MOST_TICKETS) return false;
    this.usedTickets.set(nonce, until);
    return true;
  }
}
