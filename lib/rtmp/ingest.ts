import type { Socket } from 'node:net';
import { now } from '../connection/clock';
import { pause } from '../connection/deadline';
import { Emitter } from '../connection/emitter';
import { isStreamName } from '../keys/names';
import type { Release } from '../production/application';
import { Caller, type CallerHost, type CallerRole } from './caller';
import { Callers } from './callers';
import { tellable, type Ask } from './commands';
import { Failures } from './failures';
import { excessOf, LiveFeed } from './feed';
import { Guards } from './guards';
import { InOrder } from './in-order';
import { LIMITS, NO_PUBLISH, WORDS, type IngestLimits } from './limits';
import { RtmpListener } from './listener';
import { StreamMeter } from './media/meter';
import type { FeedMeter } from './media/told-feed';
import { PLAYER_PACE, Pace } from './pace';
import { playCheck, type PlayCheck } from './play-check';
import { Player } from './player';
import { Publishers } from './publishers';
import type * as Rtmp from './types';

/** What an ingest works with; tests have other clocks and smaller limits. */
export interface IngestDeps {
  now?: () => number;
  limits?: Partial<IngestLimits>;
  meter?: () => FeedMeter;
  /** somebody has begun to play this stream, or plays it no longer */
  onPlayers?: (stream: string) => void;
  /** hears what should never happen */
  onError?: (error: unknown) => void;
}

/** A publisher under the same name who has sent nothing for so long is the ghost of a broken connection. */
const GHOST_MS = 5_000;
/**
 * Open our own RTMP server. It listens until it is closed; a port that cannot be had is no error here, `status()` tells.
 * @throws CONFIG_INVALID for an allowed address of players that is none
 */
export function startIngest(settings: Rtmp.IngestSettings, deps: IngestDeps = {}): Rtmp.Ingest {
  const ingest = new RtmpIngest(settings, deps);
  ingest.open();
  return ingest;
}

class RtmpIngest implements Rtmp.Ingest, CallerHost {
  private readonly limits: IngestLimits;
  private readonly now: () => number;
  private readonly events: Emitter<Rtmp.IngestEvent>;
  private readonly story: InOrder<Rtmp.IngestEvent>;
  private readonly states: Emitter<Rtmp.IngestStatus>;
  private readonly listener: RtmpListener;
  private readonly callers: Callers;
  private readonly publishers: Publishers<Caller, LiveFeed>;
  private readonly guards: Guards;
  private readonly failures: Failures;
  private readonly paces = new Map<Caller, Pace>();
  private readonly playing = new Map<Caller, { feed: LiveFeed; player: Player; release: Release }>();
  private mayPlay: PlayCheck;
  private closing: Promise<void> | null = null;

  constructor(
    public settings: Rtmp.IngestSettings,
    private readonly deps: IngestDeps,
  ) {
    this.limits = { ...LIMITS, ...deps.limits };
    this.now = deps.now ?? now;
    this.mayPlay = playCheck(settings.play);
    this.events = new Emitter((error) => this.broken(error));
    this.states = new Emitter((error) => this.broken(error));
    this.callers = new Callers(this.limits, this.now);
    this.story = new InOrder((event) => this.events.tell(event));
    this.publishers = new Publishers((event) => this.story.tell(event));
    this.guards = new Guards(this.limits, this.now, () => this.states.tell(this.status()));
    this.failures = new Failures(this.limits);
    this.listener = new RtmpListener(
      settings,
      this.limits,
      (socket) => this.take(socket),
      (socket) => this.callers.mayCome(socket),
    );
    this.listener.onChange(() => this.states.tell(this.status()));
  }

  open(): void {
    this.listener.open();
  }

  status(): Rtmp.IngestStatus {
    const { listening, fault, port } = this.listener;
    return { listening, fault, port, guarded: this.guards.size > 0 };
  }

  onStatus(listener: (status: Rtmp.IngestStatus) => void): Release {
    return this.states.add(listener);
  }

  feeds(): Rtmp.Feed[] {
    return this.publishers.all().map(({ feed }) => feed);
  }

  players(stream: string): number {
    return this.publishers.at(stream)?.feed.players.size ?? 0;
  }

  onEvent(listener: (event: Rtmp.IngestEvent) => void): Release {
    return this.events.add(listener);
  }

  guard(admission: Rtmp.PublishAdmission): Release {
    return this.guards.attach(admission);
  }

  kick(connectionId: string, reason: string, expected = true): boolean {
    const publishing = this.publishers.withId(connectionId);
    if (publishing) this.putOut(publishing.caller, reason, expected);
    return publishing !== null;
  }

  renew(settings: Rtmp.IngestSettings): void {
    this.mayPlay = playCheck(settings.play);
    const { host, port, app, tls, play } = this.settings;
    this.settings = { ...settings, host, port, app, tls };
    // by which token somebody came is not kept: with another one all have to ask anew
    const { token } = settings.play;
    const isNew = token !== null && token !== play.token;
    for (const caller of [...this.playing.keys()])
      if (isNew || this.mayPlay(caller.address, token ?? undefined) !== 'yes')
        caller.destroy('he may play no longer');
  }

  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    const closed = this.listener.close();
    this.publishers.close('the ingest was closed');
    this.callers.close('the ingest was closed');
    this.states.tell(this.status());
    await closed;
    this.events.clear();
    this.states.clear();
  }

  private take(socket: Socket): void {
    if (this.closing || socket.destroyed) return void socket.destroy();
    this.callers.add(new Caller(socket, this, this.limits, this.now), socket);
  }

  // what callers tell

  asksToPublish(caller: Caller, ask: Ask): void {
    this.settle(caller, this.admit(caller, ask));
  }

  message(caller: Caller): void {
    this.paced(caller, 0, 1);
  }

  asksToPlay(caller: Caller, ask: Ask): void {
    this.settle(caller, this.admitPlayer(caller, ask));
  }

  bytes(caller: Caller, count: number): void {
    this.paced(caller, count, 0);
  }

  tag(caller: Caller, kind: Rtmp.TagKind, timestamp: number, payload: Buffer): void {
    const publishing = this.publishers.of(caller);
    if (!publishing || !this.paced(caller, 0, 1) || payload.length === 0) return;
    const { feed } = publishing;
    const previous = feed.video;
    const { tag, taken } = feed.take(kind, timestamp, payload);
    const excess = excessOf(feed, taken, this.settings);
    if (excess !== null) return this.deny(caller, feed, 'size', excess, true);
    if (taken.video) this.story.tell({ what: 'video', feed, video: taken.video, previous });
    // one that is broken by itself is for no decoder, and the next one may be well
    if (taken.fault === null) feed.pass(tag, taken);
  }

  ended(caller: Caller, was: CallerRole, reason: string, inOrder: boolean): void {
    this.paces.delete(caller);
    this.playing.get(caller)?.release();
    this.playing.delete(caller);
    if (was === 'publisher')
      // who says goodbye himself is neither waited for nor missed
      this.publishers.remove(caller, reason, inOrder || null, inOrder ? 0 : this.settings.graceMs);
  }

  closed(caller: Caller): void {
    this.callers.delete(caller);
  }

  broken(error: unknown): void {
    this.deps.onError?.(error);
  }

  private settle(caller: Caller, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.broken(error);
      caller.destroy('something unexpected');
    });
  }

  // who may come in

  private async admit(caller: Caller, ask: Ask): Promise<void> {
    const { app, stream, params } = ask;
    const { connectionId, address, secure } = caller;
    await this.patience(address);
    if (app !== this.settings.app) return this.deny(caller, ask, 'app', 'no app of this ingest');
    if (!isStreamName(stream)) return this.deny(caller, ask, 'name', 'no name that a stream may have');
    if (caller.isGone) return;
    const ruling = await this.guards.ask({ app, stream, params, connectionId, address, secure });
    if (!ruling.allow) return this.deny(caller, ask, ruling.why, ruling.reason, false, ruling.isGuess);
    // guards that let him in hear that he is not
    if (caller.isGone) return this.deny(caller, ask, 'late', 'he had gone', true);
    const { mostPublishers, duplicates, graceMs } = this.settings;
    const other = this.publishers.at(stream);
    const isGhost = other !== null && this.now() - other.caller.aliveMs >= GHOST_MS;
    if (other && duplicates === 'reject' && !isGhost)
      return this.deny(caller, ask, 'busy', 'somebody publishes under this name already', true);
    if (!other && this.publishers.size >= mostPublishers)
      return this.deny(caller, ask, 'full', `${mostPublishers} publish already`, true);
    if (other) {
      this.publishers.remove(other.caller, 'another connection came in his name', null, graceMs);
      other.caller.destroy('another connection came in his name');
      // whoever heard that may have closed the ingest
      if (caller.isGone) return;
    }
    const { now, limits } = this;
    const meter = this.deps.meter?.() ?? new StreamMeter();
    const feed = new LiveFeed({ stream, app, connectionId, address }, { meter, now, limits });
    const { maxKbps } = this.settings;
    this.paces.set(caller, new Pace({ maxKbps, mostTagsPerSecond: limits.mostTagsPerSecond }, now()));
    this.publishers.add({ caller, feed, name: ruling.name });
    caller.startPublishing();
  }

  private async admitPlayer(caller: Caller, ask: Ask): Promise<void> {
    const { address } = caller;
    await this.patience(address);
    if (caller.isGone) return;
    const answer = this.mayPlay(address, ask.params.get('token'));
    if (answer === 'token') this.failures.failed(address, this.now());
    if (answer !== 'yes' || this.callers.players >= this.limits.mostPlayers)
      return caller.deny('NetStream.Play.Failed', 'Not allowed');
    const feed = ask.app === this.settings.app ? this.publishers.at(ask.stream)?.feed : undefined;
    if (!feed) return caller.deny('NetStream.Play.StreamNotFound', 'No such stream');
    this.paces.set(caller, new Pace(PLAYER_PACE, this.now()));
    caller.startPlaying();
    const player = new Player(caller, this.limits.mostPlayerBytes);
    const leave = feed.onEnd(() => caller.endPlaying());
    const release = () => {
      leave();
      feed.players.delete(player);
      this.deps.onPlayers?.(feed.stream);
    };
    this.playing.set(caller, { feed, player, release });
    feed.join(player);
    this.deps.onPlayers?.(feed.stream);
  }

  /** Whoever was turned away again and again waits; and nobody is answered while he is still speaking. */
  private async patience(address: string): Promise<void> {
    await pause(this.failures.delayMs(address, this.now()));
  }

  private deny(
    caller: Caller,
    { stream, app }: { stream: string; app: string },
    why: Rtmp.Denial,
    reason: string,
    isKnown = false,
    isGuess = !isKnown,
  ): void {
    const { address, connectionId } = caller;
    // also without a key: each time is an event. But whoever is told "not now" must not slow down others behind his address
    if (isGuess) this.failures.failed(address, this.now());
    const told = isKnown ? { stream, app } : { stream: tellable(stream), app: tellable(app) };
    this.story.tell({ what: 'denied', why, reason, ...told, address, connectionId });
    // nobody asked for it: whoever watches the stream has to hear of it
    if (caller.role === 'publisher') this.putOut(caller, reason, false);
    else caller.deny(NO_PUBLISH, WORDS[why] ?? 'Not allowed');
  }

  /** Whoever is put out is not waited for. */
  private putOut(caller: Caller, reason: string, expected: boolean): void {
    this.publishers.remove(caller, reason, expected, 0);
    caller.destroy(reason);
  }

  /** Whether he still may go on. */
  private paced(caller: Caller, bytes: number, tags: number): boolean {
    const excess = this.paces.get(caller)?.came(bytes, tags, this.now()) ?? null;
    if (excess === null) return true;
    const publishing = this.publishers.of(caller);
    if (publishing) this.deny(caller, publishing.feed, 'bitrate', excess, true);
    else caller.destroy(excess);
    return false;
  }
}
