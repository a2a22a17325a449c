import { withDeadline } from '../connection/deadline';
import { asLiveError, fail, type LiveError } from '../errors';
import type { MediaServerClient, PublisherList } from '../media-servers/types';
import type { Cause } from '../production/vocabulary';
import { absent, seen, tick, type Moment, type Step } from './machine';
import { nextRun } from './server-run';
import { Strangers } from './strangers';
import type { QueueEffect, QueueState } from './types';

/** How often the server is asked, ms. */
export interface RoundTimes {
  /** usually */
  roundMs: number;
  /** while somebody is not seen yet, missing, or being kicked */
  unsettledMs: number;
  /** after somebody came, or is doubted */
  soonMs: number;
}

const TIMES: RoundTimes = { roundMs: 5_000, unsettledMs: 1_000, soonMs: 300 };
/** A server has so long for a list or a kick, s; its client gives up before. */
const SERVER_S = 12;
/** So many faults of kicks are remembered, to tell each once. */
const MOST_FAULTS = 1_000;

/** What is asked; null: no server can be asked, and only its hooks tell. */
export type QueueServer = Pick<MediaServerClient, 'list' | 'kick'>;

/** The queue as the rounds need it. */
export interface RoundsOf {
  state(): QueueState;
  at(): Moment;
  take(step: Step, cause: Cause): void;
  tell(what: LiveError | string): void;
  /** what the list before said of the server's start */
  serverRun: string | null;
}

const late = (action: string) => () =>
  fail('MEDIA_SERVER_TIMEOUT', { where: 'its API', action, seconds: SERVER_S });

/** Asks the media server who publishes, again and again, and ends connections there. */
export class Rounds {
  /** the server was asked once, whatever came of it */
  asked = false;
  /** why the last list could not be had; null where it could */
  fault: string | null = null;
  private readonly strangers = new Strangers();
  /** stays that the server has told the end of, without saying of which connection */
  private doubted = new Set<string>();
  private asking = false;
  private soon = false;
  private timer: NodeJS.Timeout | undefined;
  private stopped = true;
  private readonly kicking = new Set<string>();
  private readonly kickFaults = new Map<string, string>();
  private readonly times: RoundTimes;

  constructor(
    private readonly queue: RoundsOf,
    public server: QueueServer | null,
    public apps: readonly string[],
    times: Partial<RoundTimes> = {},
  ) {
    this.times = { ...TIMES, ...times };
  }

  /** Begin, with a first round now. */
  start(): void {
    this.stopped = false;
    void this.round();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** This connection has ended, as the server told. */
  left(connection: { app: string; stream: string; clientId: string | null }): void {
    this.strangers.left(connection, this.queue.at().nowMs);
  }

  /** This connection was let in. */
  came(connection: { app: string; stream: string; clientId: string | null }): void {
    this.strangers.came(connection);
    this.askSoon();
  }

  /** This stay may have ended: the next list alone decides. */
  doubt(turn: string): void {
    this.doubted.add(turn);
    this.askSoon();
  }

  /** Somebody is to be looked for. */
  askSoon(): void {
    if (this.soon || this.stopped) return;
    this.soon = true;
    if (!this.asking) this.schedule();
  }

  /** End a connection, unless it is gone already. What fails is tried again after the next list, for as long as he is leaving. */
  async kick({ turn, app, stream, clientId }: Extract<QueueEffect, { do: 'kick' }>): Promise<void> {
    const { server, queue } = this;
    if (!server || this.stopped || this.kicking.has(turn)) return;
    this.kicking.add(turn);
    try {
      const work = server.kick({ app, stream, clientId });
      const outcome = await withDeadline(work, SERVER_S * 1000, late('a kick'));
      this.kickFaults.delete(turn);
      if (outcome === 'absent') queue.take(absent(queue.state(), turn, queue.at()), 'event');
      this.askSoon();
    } catch (error) {
      const fault = asLiveError(error);
      if (this.kickFaults.get(turn) !== fault.code) queue.tell(fault);
      if (this.kickFaults.size >= MOST_FAULTS) this.kickFaults.clear();
      this.kickFaults.set(turn, fault.code);
    } finally {
      this.kicking.delete(turn);
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const { roundMs, unsettledMs, soonMs } = this.times;
    const unsettled = this.queue
      .state()
      .entries.some(({ state, misses }) => state === 'admitted' || state === 'leaving' || misses > 0);
    const usual = this.fault === null && unsettled ? unsettledMs : roundMs;
    this.timer = setTimeout(() => void this.round(), this.soon ? soonMs : usual);
    this.timer.unref();
  }

  private async round(): Promise<void> {
    if (this.asking || this.stopped) return;
    this.asking = true;
    this.soon = false;
    const { server, queue, doubted } = this;
    this.doubted = new Set();
    const askedAtMs = queue.at().nowMs;
    let list: PublisherList | null = null;
    try {
      if (server) list = await withDeadline(server.list(0), SERVER_S * 1000, late('who publishes'));
      if (list && this.fault !== null) queue.tell('the media server can be asked again who publishes');
      if (list) this.fault = null;
    } catch (error) {
      const fault = asLiveError(error);
      if (this.fault !== fault.code) queue.tell(fault);
      this.fault = fault.code;
    }
    this.asking = false;
    if (this.stopped) return;
    if (list) this.compare(list, askedAtMs, doubted);
    else {
      for (const turn of doubted) this.doubted.add(turn);
      this.asked = true;
      queue.take(seen(queue.state(), null, queue.at()), 'poll');
    }
    queue.take(tick(queue.state(), queue.at()), 'poll');
    this.schedule();
  }

  private compare(list: PublisherList, askedAtMs: number, doubted: ReadonlySet<string>): void {
    const { queue, apps } = this;
    const first = !this.asked;
    this.asked = true;
    const { serverRun } = list;
    const { run, isNew: newRun } = nextRun(queue.serverRun, serverRun);
    queue.serverRun = run;
    const at = queue.at();
    const guests = list.publishers
      .filter(({ app }) => apps.length === 0 || apps.includes(app))
      .map(({ app, stream, clientId, bytesIn, sinceMs }) => ({ app, stream, clientId, bytesIn, sinceMs }));
    const { publishers, adopt } = this.strangers.take(guests, newRun, at.nowMs);
    const cause = newRun ? 'resync' : first ? 'startup' : 'poll';
    queue.take(seen(queue.state(), { publishers, askedAtMs, newRun, adopt, doubted }, at), cause);
  }
}
