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
  /** what the editor's own request for a ticket carried as `Authorization`; null: it stands for itself, or is a link's */
  login: string | null;
}

/** Between the press of a button and the new tab. */
const TICKET_MS = 60_000;
/** As long as an evening; then the page is opened anew from the editor. */
export const EDITOR_SESSION_MS = 12 * 3600_000;
/** What stays open for somebody of the editor ends where Node-RED has not let him in for so long; the page asks twice as often. */
const LOGIN_MS = 10 * 60_000;
/** Tickets are taken back by themselves; more than this many within a minute are no person's. */
const MOST_TICKETS = 1_000;
const MOST_LOGINS = 500;
const LONGEST_LINK_MS = 366 * 86_400_000;

/**
 * Who may look at the pictures of one store, by signed tokens: nothing is kept of those that are out, and all of them end with the
 * secret they were signed with.
 */
export class Doorkeeper {
  private readonly usedTickets = new Map<string, number>();
  /** by the ticket that brought it: until when it may be used, and when Node-RED last let it in */
  private readonly logins = new Map<string, { login: string; until: number; inMs: number }>();

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

  /**
   * A token that opens the page once, within a minute. `login`: what its request carried as `Authorization`. It stays here, and whatever the session asks is
   * asked of Node-RED with it, so that the session ends with the login.
   */
  ticket(login: string | null = null): string {
    const until = this.now() + TICKET_MS;
    const nonce = newNonce();
    if (login !== null) this.keepLogin(nonce, { login, until, inMs: this.now() });
    return this.sign('ticket', null, until, nonce);
  }

  /** Node-RED has let somebody in with this session. */
  wasLetIn(session: string): void {
    const login = this.logins.get(this.read(session)?.nonce ?? '');
    if (login) login.inMs = this.now();
  }

  /** What a link or a ticket is exchanged for; null where it opens nothing (any more). */
  redeem(token: string): { session: string; until: number; streams: readonly string[] | null } | null {
    const claims = this.read(token);
    if (!claims || claims.kind === 'session') return null;
    const { kind, streams, nonce } = claims;
    if (kind === 'ticket' && !this.useUp(nonce, claims.until)) return null;
    const until = kind === 'ticket' ? this.now() + EDITOR_SESSION_MS : claims.until;
    const login = this.logins.get(nonce);
    if (login) login.until = until;
    return { session: this.sign('session', streams, until, login ? nonce : newNonce()), until, streams };
  }

  /** What a session opens; null: nothing. */
  access(session: string | null): Access | null {
    if (session === null) return null;
    const claims = this.read(session);
    if (claims?.kind !== 'session') return null;
    const { streams, until, nonce } = claims;
    const known = this.logins.get(nonce);
    const isValid = () => this.read(session) !== null && (!known || this.now() - known.inMs < LOGIN_MS);
    return { streams, until, isValid, login: known?.login ?? null };
  }

  private sign(
    kind: 'link' | 'ticket' | 'session',
    streams: readonly string[] | null,
    until: number,
    nonce = newNonce(),
  ): string {
    const { audience, store } = this;
    return signToken(this.secret(), { audience, kind, store, streams, until, nonce });
  }

  private read(token: string) {
    const claims = readToken(this.secret(), token);
    const good = claims?.audience === this.audience && claims.store === this.store;
    return claims && good && claims.until > this.now() ? claims : null;
  }

  private keepLogin(nonce: string, login: { login: string; until: number; inMs: number }): void {
    for (const [one, { until }] of this.logins) if (until <= this.now()) this.logins.delete(one);
    this.logins.set(nonce, login);
    // whoever came longest ago opens the page anew
    for (const one of this.logins.keys()) if (this.logins.size > MOST_LOGINS) this.logins.delete(one);
  }

  private useUp(nonce: string, until: number): boolean {
    const nowMs = this.now();
    for (const [one, end] of this.usedTickets) if (end <= nowMs) this.usedTickets.delete(one);
    if (this.usedTickets.has(nonce) || this.usedTickets.size >= MOST_TICKETS) return false;
    this.usedTickets.set(nonce, until);
    return true;
  }
}

function newNonce(): string {
  return randomBytes(12).toString('base64url');
}
