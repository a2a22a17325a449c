import { now } from '../../connection/clock';
import { Emitter } from '../../connection/emitter';
import { fail } from '../../errors';
import type { Release } from '../../production/application';
import { excessOf, MeasuredFeed } from '../feed';
import { Guards, type Ruling } from '../guards';
import { InOrder } from '../in-order';
import { LIMITS, type IngestLimits } from '../limits';
import { Pace } from '../pace';
import { playCheck } from '../play-check';
import { Publishers } from '../publishers';
import type * as Rtmp from '../types';
import { HoleyMeter } from './holey-meter';
import { LinkFault, type LinkTag } from './pieces';
import { IngestProcess, type ProcessHost, type ProcessOptions } from './process';
import type { AskWord, ChildWord, DeniedWord, ListenFault, ParentWord } from './words';

export interface IsolatedDeps extends ProcessOptions {
  limits?: Partial<IngestLimits>;
  /** hears what should never happen */
  onError?: (error: unknown) => void;
}

/** An ingest in a process of its own. */
export interface IsolatedIngest extends Rtmp.Ingest {
  /** of its process; null while there is none */
  readonly pid: number | null;
}

/** A connection there, as it is known here. */
interface Remote {
  connectionId: string;
  number: number;
  meter: HoleyMeter;
}

type Asked = Pick<AskWord, 'app' | 'stream' | 'address'>;

/** Its own deadline is a little later, so that the answer from here is the one that counts. */
const CHILD_WAITS_MS = 200;
/** More are not open at once, and not one after the other without a word of what became of them. */
const MOST_QUESTIONS = 1_000;
/** More than a listener of one thread can be made to say by those who connect to it. */
const WORDS_A_SECOND = 3_000;
const ENDED = 'the process of the ingest ended';

/**
 * Open our own RTMP server in a child process, so that what strangers send is read there. Who may publish is decided here, and who publishes is known
 * here: what the child says counts only as far as it fits to that. When it ends, another one is started, and publishers have the grace to come back.
 * @throws CONFIG_INVALID for an allowed address of players that is none
 */
export function startIsolatedIngest(settings: Rtmp.IngestSettings, deps: IsolatedDeps = {}): IsolatedIngest {
  playCheck(settings.play);
  const ingest = new ParentIngest(settings, deps);
  ingest.open();
  return ingest;
}

class ParentIngest implements IsolatedIngest, ProcessHost {
  private readonly limits: IngestLimits;
  private readonly events: Emitter<Rtmp.IngestEvent>;
  private readonly story = new InOrder<Rtmp.IngestEvent>((event) => this.events.tell(event));
  private readonly states: Emitter<Rtmp.IngestStatus>;
  private readonly guards: Guards;
  private readonly publishers: Publishers<Remote, MeasuredFeed>;
  private readonly process: IngestProcess;
  private readonly byNumber = new Map<number, Remote>();
  /** whom guards were asked about, and with a name whom they let in */
  private readonly asked = new Map<string, Asked & { name: string | null }>();
  private readonly playing = new Map<string, number>();
  private state: Omit<Rtmp.IngestStatus, 'guarded'> = { listening: false, fault: null, port: null };
  /** a port that the system chose is asked for again */
  private port: number;
  private most: number;
  private pace = new Pace({ maxKbps: null, mostTagsPerSecond: WORDS_A_SECOND }, now());
  private closing: Promise<void> | null = null;

  constructor(
    public settings: Rtmp.IngestSettings,
    private readonly deps: IsolatedDeps,
  ) {
    this.limits = { ...LIMITS, ...deps.limits };
    this.port = settings.port;
    this.most = settings.mostPublishers;
    this.events = new Emitter((error) => this.broken(error));
    this.states = new Emitter((error) => this.broken(error));
    this.guards = new Guards(this.limits, now, () => this.states.tell(this.status()));
    this.publishers = new Publishers((event) => this.story.tell(event));
    this.process = new IngestProcess(this, deps);
  }

  open(): void {
    this.process.open();
  }

  get pid(): number | null {
    return this.process.pid;
  }

  status(): Rtmp.IngestStatus {
    return { ...this.state, guarded: this.guards.size > 0 };
  }

  onStatus(listener: (status: Rtmp.IngestStatus) => void): Release {
    return this.states.add(listener);
  }

  feeds(): Rtmp.Feed[] {
    return this.publishers.all().map(({ feed }) => feed);
  }

  players(stream: string): number {
    return this.playing.get(stream) ?? 0;
  }

  onEvent(listener: (event: Rtmp.IngestEvent) => void): Release {
    return this.events.add(listener);
  }

  guard(admission: Rtmp.PublishAdmission): Release {
    return this.guards.attach(admission);
  }

  /** He is out here at once, and there a moment later. */
  kick(connectionId: string, reason: string, expected = true): boolean {
    const found = this.publishers.withId(connectionId);
    if (!found) return false;
    this.process.tell({ is: 'kick', connectionId, reason });
    this.remove(found.caller, reason, expected, 0);
    return true;
  }

  renew(settings: Rtmp.IngestSettings): void {
    playCheck(settings.play);
    const { host, port, app, tls } = this.settings;
    this.settings = { ...settings, host, port, app, tls };
    this.most = Math.max(this.most, settings.mostPublishers);
    this.process.tell({ is: 'renew', settings: this.settings });
  }

  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    const closed = this.process.close();
    this.publishers.close('the ingest was closed');
    this.forget();
    this.become({ listening: false, fault: null, port: null });
    await closed;
    this.events.clear();
    this.states.clear();
  }

  // what the process tells

  opening(): ParentWord {
    this.most = this.settings.mostPublishers;
    const { verdictMs } = this.limits;
    const limits = { ...this.deps.limits, verdictMs: verdictMs + CHILD_WAITS_MS };
    return { is: 'open', settings: { ...this.settings, port: this.port }, limits };
  }

  word(word: ChildWord): void {
    if (this.pace.came(0, 1, now()) !== null) throw new LinkFault('too much');
    switch (word.is) {
      case 'beat':
        return;
      case 'state':
        return this.listens(word);
      case 'ask':
        return this.ask(word);
      case 'publishing':
        return this.publishes(word.connectionId, word.number);
      case 'left':
        return this.left(word);
      case 'denied':
        return this.denied(word);
      case 'players':
        return this.plays(word.stream, word.count);
      case 'missed':
        return this.byNumber.get(word.number)?.meter.missed(word.bytes, word.frames);
      case 'error':
        return this.broken(new Error(word.text));
    }
  }

  tag({ number, kind, timestamp, payload }: LinkTag): void {
    const remote = this.byNumber.get(number);
    const publishing = remote && this.publishers.of(remote);
    // he was put out here, and there it is not known yet
    if (!publishing) return;
    const { feed } = publishing;
    const previous = feed.video;
    const { tag, taken } = feed.take(kind, timestamp, payload);
    const excess = excessOf(feed, taken, this.settings);
    if (excess !== null) {
      const { stream, app, connectionId, address } = feed;
      const who = { stream, app, connectionId, address: address ?? '' };
      this.story.tell({ what: 'denied', why: 'size', reason: excess, ...who });
      return void this.kick(connectionId, excess, false);
    }
    if (taken.video) this.story.tell({ what: 'video', feed, video: taken.video, previous });
    if (taken.fault === null) feed.tell(tag);
  }

  gone(reason: string): void {
    // whoever comes back within the grace is back
    for (const { caller } of this.publishers.all())
      this.remove(caller, `${ENDED} (${reason})`, false, this.settings.graceMs);
    // guards that let him in hear that he is not
    for (const [connectionId, { stream, app, address, name }] of [...this.asked])
      if (name !== null)
        this.story.tell({ what: 'denied', why: 'late', reason: ENDED, stream, app, address, connectionId });
    this.forget();
    this.become({ listening: false, fault: fail('INGEST_PROCESS', { reason }), port: null });
  }

  broken(error: unknown): void {
    this.deps.onError?.(error);
  }

  private listens({ listening, port, fault }: Extract<ChildWord, { is: 'state' }>): void {
    if (listening && port !== null) this.port = port;
    // that the one before it ended is told until this one listens, or says why it does not
    const said = listening ? null : fault ? this.faultOf(fault) : this.state.fault;
    this.become({ listening, port: listening ? port : null, fault: said });
  }

  private faultOf({ code, reason }: ListenFault): Error {
    const { host } = this.settings;
    if (code === 'CONFIG_INVALID') return fail(code, { field: 'certificate of the ingest', reason });
    return fail(code, { where: `${host.includes(':') ? `[${host}]` : host}:${this.port}`, reason });
  }

  private become(state: Omit<Rtmp.IngestStatus, 'guarded'>): void {
    const { listening, port, fault } = this.state;
    if (listening === state.listening && port === state.port && fault?.message === state.fault?.message)
      return;
    this.state = state;
    this.states.tell(this.status());
  }

  private ask({ id, params, connectionId, secure, ...who }: AskWord): void {
    const isKnown = this.asked.has(connectionId) || this.publishers.withId(connectionId) !== null;
    if (isKnown || who.app !== this.settings.app) throw new LinkFault('a question that makes no sense');
    if (this.asked.size >= MOST_QUESTIONS) throw new LinkFault('too many questions');
    const { app, stream, address } = who;
    const entry = { app, stream, address, name: null as string | null };
    this.asked.set(connectionId, entry);
    const answer = (ruling: Ruling) => {
      // it may be another process by now
      if (this.asked.get(connectionId) !== entry) return;
      if (ruling.allow) entry.name = ruling.name;
      else this.asked.delete(connectionId);
      this.process.tell({ is: 'answer', id, ruling });
    };
    this.guards
      .ask({ app, stream, params: new Map(params), connectionId, address, secure })
      .then(answer)
      .catch((error: unknown) => this.broken(error));
  }

  private publishes(connectionId: string, number: number): void {
    const entry = this.asked.get(connectionId);
    if (entry?.name == null || this.byNumber.has(number)) throw new LinkFault('whom nobody let in');
    if (this.publishers.at(entry.stream)) throw new LinkFault('two under one name');
    if (this.publishers.size >= this.most) throw new LinkFault('more publishers than there are places');
    this.asked.delete(connectionId);
    const { app, stream, address, name } = entry;
    const meter = new HoleyMeter(now);
    const caller = { connectionId, number, meter };
    this.byNumber.set(number, caller);
    const feed = new MeasuredFeed({ stream, app, connectionId, address }, now, meter);
    this.publishers.add({ caller, feed, name });
  }

  private left({ connectionId, reason, expected }: Extract<ChildWord, { is: 'left' }>): void {
    const found = this.publishers.withId(connectionId);
    // who says goodbye himself, or is put out, is not waited for
    if (found) this.remove(found.caller, reason, expected, expected === null ? this.settings.graceMs : 0);
  }

  private denied({ why, reason, address, connectionId, ...said }: DeniedWord): void {
    const known = this.asked.get(connectionId) ?? this.publishers.withId(connectionId)?.feed;
    this.asked.delete(connectionId);
    const { stream, app } = known ?? said;
    this.story.tell({ what: 'denied', why, reason, stream, app, address, connectionId });
  }

  private plays(stream: string, count: number): void {
    if (count > 0 && this.publishers.at(stream)) this.playing.set(stream, count);
    else this.playing.delete(stream);
  }

  private remove(remote: Remote, reason: string, expected: boolean | null, graceMs: number): void {
    const feed = this.publishers.of(remote)?.feed;
    this.byNumber.delete(remote.number);
    if (feed) this.playing.delete(feed.stream);
    this.publishers.remove(remote, reason, expected, graceMs);
  }

  private forget(): void {
    this.byNumber.clear();
    this.asked.clear();
    this.playing.clear();
    this.pace = new Pace({ maxKbps: null, mostTagsPerSecond: WORDS_A_SECOND }, now());
  }
}
