import { setMaxListeners } from 'node:events';
import { pause } from '../../connection/deadline';
import { LateError } from './late';
import { asLiveError, type ErrorCode, type LiveError } from '../../errors';
import { mergeCosignatures } from './cosignature';
import type { CosignerClient } from './types';

/** So long (ms) one is waited for that has not answered yet, or not the last time: enough for a try over the internet. */
const TRY_MS = 1_000;

/** How it stands with one cosigner. */
export interface CosignerStanding {
  name: string;
  /** null: not asked yet */
  ok: boolean | null;
  /** why it has not signed the latest checkpoint; null where it has */
  reason: string | null;
  /** its code, where it is an error's */
  code: string | null;
  /** since when it stands so, ms since 1970; null: not asked yet */
  since: number | null;
}

/** What an honest log never hears, unless an older copy of it was put back. */
const ALARMS = new Set<string>(['WITNESS_COSIGNER_REFUSED', 'WITNESS_COSIGNER_AHEAD'] satisfies ErrorCode[]);

/** Whether a cosigner that gives this error has seen another log of this name and key: no matter of patience. */
export function isAlarm(code: string | null): boolean {
  return code !== null && ALARMS.has(code);
}

/** What came of asking all of them about one checkpoint. */
export interface Round {
  /** the note with the cosignatures that came in time */
  note: string;
  cosignedBy: string[];
  missing: string[];
}

export interface AskOptions {
  note: string;
  /** entries under it */
  size: number;
  /** as a `CosignerClient` wants it; asked several times for the same size it is worked out once */
  proofFrom: (oldSize: number) => Promise<Buffer[]>;
  /** how long (ms) all of them together have; those that did not sign the last time hold it up for a second at most */
  waitMs: number;
}

interface Asking {
  note: string;
  size: number;
  proofFrom: (oldSize: number) => Promise<Buffer[]>;
  signal: AbortSignal;
  settle(line: string | null): void;
}

interface Seat {
  client: CosignerClient;
  standing: CosignerStanding;
  busy: boolean;
  /** the newest checkpoint that waits for its turn */
  next: Asking | null;
}

/**
 * The cosigners of one log. Each has one checkpoint at a time and the newest of those that wait: a slow one gets fewer of them, and
 * neither the others nor the log wait for it.
 */
export class Cosigners {
  private readonly seats: Seat[];
  private readonly limits = new Set<AbortController>();
  private readonly rounds = new Set<Promise<Round>>();
  private ended = false;

  /**
   * @param now ms since 1970
   * @param onChange when one of them stands otherwise than before
   * @param onAlarm when one begins to say that this is not the log it has signed before
   */
  constructor(
    clients: readonly CosignerClient[],
    private readonly now: () => number = Date.now,
    private readonly onChange: () => void = () => undefined,
    private readonly onAlarm: (error: LiveError) => void = () => undefined,
  ) {
    this.seats = clients.map((client) => ({
      client,
      standing: { name: client.name, ok: null, reason: null, code: null, since: null },
      busy: false,
      next: null,
    }));
  }

  /** In the order they were given. */
  standings(): CosignerStanding[] {
    return this.seats.map(({ standing }) => standing);
  }

  /** Have a checkpoint countersigned by all of them at once. Never rejects, and resolves within `waitMs`, sooner when all have answered. */
  async ask({ note, size, proofFrom, waitMs }: AskOptions): Promise<Round> {
    const limit = new AbortController();
    const { signal } = limit;
    const timer = setTimeout(() => limit.abort(new LateError()), waitMs);
    timer.unref();
    this.limits.add(limit);
    // each cosigner listens, at several places
    setMaxListeners(0, signal);
    if (this.ended) limit.abort();
    const proofs = new Map<number, Promise<Buffer[]>>();
    const once = (old: number): Promise<Buffer[]> => {
      const known = proofs.get(old) ?? Promise.resolve(old).then(proofFrom);
      proofs.set(old, known);
      return known;
    };
    const all: Promise<unknown>[] = [];
    const round = Promise.all(
      this.seats.map((seat) => {
        const patience = seat.standing.ok ? null : seat.busy ? 0 : TRY_MS;
        const answer = new Promise<string | null>((settle) => {
          this.take(seat, { note, size, proofFrom: once, signal, settle });
        });
        all.push(answer);
        if (patience === null) return answer;
        return Promise.race([answer, pause(patience, signal).then(() => null)]);
      }),
    ).then((lines) => this.round(note, lines));
    this.rounds.add(round);
    void Promise.all(all).then(() => {
      clearTimeout(timer);
      this.limits.delete(limit);
    });
    return await round.finally(() => this.rounds.delete(round));
  }

  /** Whether a round is under way. */
  get busy(): boolean {
    return this.rounds.size > 0;
  }

  /** Wait for the rounds that are under way, so long (ms) at most; then ask no more. */
  async finish(ms: number): Promise<void> {
    await Promise.race([Promise.all(this.rounds), pause(ms)]);
    this.close();
    await Promise.all(this.rounds);
  }

  /** Ask no more: every round that is under way ends at once, with what it has. */
  close(): void {
    this.ended = true;
    for (const limit of this.limits) limit.abort();
  }

  private round(note: string, lines: readonly (string | null)[]): Round {
    const round: Round = { note, cosignedBy: [], missing: [] };
    lines.forEach((line, at) => {
      const { name } = this.seats[at]!.client;
      const merged = line === null ? null : put(round.note, line);
      round.note = merged ?? round.note;
      (merged === null ? round.missing : round.cosignedBy).push(name);
    });
    return round;
  }

  private take(seat: Seat, asking: Asking): void {
    // a moment later, so that one that gives up in time is heard first
    const stop = (): unknown => setImmediate(() => asking.settle(null));
    if (asking.signal.aborted) stop();
    else asking.signal.addEventListener('abort', stop, { once: true });
    this.turn(seat, asking);
  }

  private turn(seat: Seat, asking: Asking): void {
    if (seat.busy) {
      // overtaken before its turn came: the newer checkpoint says all that this one does
      seat.next?.settle(null);
      seat.next = asking;
      return;
    }
    seat.busy = true;
    void this.put(seat, asking).then((line) => {
      asking.settle(line);
      seat.busy = false;
      const { next } = seat;
      seat.next = null;
      if (next && !next.signal.aborted) this.turn(seat, next);
    });
  }

  private async put(seat: Seat, { note, size, proofFrom, signal }: Asking): Promise<string | null> {
    const { client } = seat;
    try {
      const line = await client.cosign(note, size, proofFrom, signal);
      if (put(note, line) === null) throw new Error('what it gave is no signature');
      this.stands(seat, true, null, null);
      return line;
    } catch (error) {
      if (this.ended) return null;
      const fault = asLiveError(error);
      const isNew = seat.standing.code !== fault.code;
      this.stands(seat, false, fault.message, fault.code);
      if (isNew && isAlarm(fault.code)) this.onAlarm(fault);
      return null;
    }
  }

  private stands(seat: Seat, ok: boolean, reason: string | null, code: string | null): void {
    const { name, ...before } = seat.standing;
    const since = before.ok === ok ? before.since : this.now();
    seat.standing = { name, ok, reason, code, since };
    if (before.ok !== ok || before.code !== code) this.onChange();
  }
}

/** The note with these signatures below it; null where they do not fit there. */
function put(note: string, lines: string): string | null {
  try {
    return mergeCosignatures(note, lines);
  } catch {
    return null;
  }
}
