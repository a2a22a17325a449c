import { Backoff } from '../connection/backoff';
import { pause } from '../connection/deadline';
import { Emitter } from '../connection/emitter';
import type { Priority } from '../connection/lane';
import { shareAddress, type Shared } from '../connection/shared';
import { untilReady } from '../connection/until-ready';
import { asLiveError, fail, type LiveError } from '../errors';
import type { ConnectionState, ConnectionStatus, Release } from '../production/application';
import { sleepsMs } from './batch-sleep';
import { isFinal } from './faults';
import { whileNotReady } from './not-ready';
import {
  ObsSession,
  TIMINGS,
  type BatchOptions,
  type BatchRequest,
  type BatchResult,
  type Ended,
  type RequestData,
  type Timings,
} from './session';
import { Subscriptions } from './subscriptions';
import { text } from './values';

export interface ObsClientOptions {
  host: string;
  port: number;
  tls: boolean;
  password: string;
  /** finds the address anew for each attempt, where it is not known beforehand (a rehearsal's simulator) */
  locate?: () => Promise<{ host: string; port: number }>;
  /** how people are told of the address; host and port by default */
  where?: string;
  timings?: Partial<Timings>;
  backoff?: Backoff;
  /** called once per change of state, never once per attempt */
  log?: (level: 'info' | 'warn', text: string) => void;
}

export interface ObsVersion {
  obs: string;
  websocket: string;
  requests: ReadonlySet<string>;
  imageFormats: readonly string[];
}

export interface CallOptions {
  priority?: Priority;
  /** deadline in milliseconds; 10 000 by default */
  ms?: number;
  /** go past the lane, as stop-all may */
  past?: boolean;
  /** looked at when its turn comes; what it throws is the answer, and nothing is sent */
  unless?: () => void;
}

/** After a clean quit OBS needs a moment to come back. */
const AFTER_QUIT_MS = 3000;
/** A connection to one OBS that reconnects for ever, sends requests one at a time and never leaves one unanswered. */
export class ObsClient {
  private session: ObsSession | null = null;
  private readonly stopping = new AbortController();
  private readonly backoff: Backoff;
  private readonly timings: Timings;
  private readonly statusListeners: Emitter<ConnectionStatus>;
  private readonly subscriptions: Subscriptions;
  private readonly shared: Shared;
  private readonly unshare: () => void;
  private current: ConnectionStatus = { state: 'connecting', fault: null };
  private exiting = false;
  private wasReady = false;
  private running: Promise<void> | null = null;
  version: ObsVersion | null = null;
  /** Runs after identify and before `ready`: reads the state of OBS. */
  onConnected: () => Promise<void> = () => Promise.resolve();
  /** Runs at the end of every session, however far it came. */
  onLost: () => void = () => undefined;

  constructor(private readonly options: ObsClientOptions) {
    this.backoff = options.backoff ?? new Backoff();
    this.timings = { ...TIMINGS, ...options.timings };
    const complain = (error: unknown) => this.log('warn', `a listener failed: ${asLiveError(error).message}`);
    this.statusListeners = new Emitter(complain);
    this.subscriptions = new Subscriptions(complain);
    const { shared, release } = shareAddress(options.host, options.port);
    this.shared = shared;
    this.unshare = release;
  }

  get where(): string {
    return this.options.where ?? `${this.options.host}:${this.options.port}`;
  }

  /** The host as it was set. */
  get host(): string {
    return this.options.host;
  }

  get streamLock() {
    return this.shared.streamLock;
  }

  /** The salt of the present session's server; see `wasRestarted`. */
  get salt(): string | null {
    return this.session?.salt ?? null;
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  /** How many listeners of raw events there are. */
  get listeners(): number {
    return this.subscriptions.size;
  }

  onStatus(listener: (status: ConnectionStatus) => void): Release {
    return this.statusListeners.add(listener);
  }

  /** Hear a raw event of OBS. */
  on(eventType: string, listener: (data: RequestData) => void): Release {
    return this.subscriptions.add(eventType, listener);
  }

  /** Begin to connect; goes on until `close`, or until a person must act. */
  start(): void {
    this.on('ExitStarted', () => (this.exiting = true));
    this.running ??= this.run().catch((error: unknown) => this.setStatus('disconnected', asLiveError(error)));
  }

  /** Whether this OBS knows the request, by its own word. */
  supports(requestType: string): boolean {
    return this.version?.requests.has(requestType) ?? false;
  }

  /** Resolves when ready. With 0 it fails at once, otherwise after `waitMs`, and at once when no retry can help. */
  whenReady(waitMs: number): Promise<void> {
    return untilReady(this, waitMs, () => this.notReady());
  }

  /**
   * Send one request through the lane. Rejects with a coded error: not connected, refused, no answer in time, queue full.
   * `null` only for a poll that was dropped because one is pending.
   */
  call(requestType: string, data?: RequestData, options: CallOptions = {}): Promise<RequestData> {
    return this.send(requestType, options, (session) =>
      this.patiently(() => session.call(requestType, data, options.ms)),
    );
  }

  /** A request that only looks: dropped (null) when another one of this connection is waiting. `sent` hears when it goes. */
  poll(requests: BatchRequest[], sent: () => void = () => undefined): Promise<BatchResult[] | null> {
    return this.send('a poll', { priority: 'poll', unless: sent }, (session) =>
      session.batch(requests, {}, this.timings.call),
    );
  }

  /** Send a batch through the lane; its deadline is its own sleeps plus the ordinary one. */
  batch(
    requests: BatchRequest[],
    options: BatchOptions = {},
    call: CallOptions = {},
  ): Promise<BatchResult[]> {
    const ms = sleepsMs(requests) + (call.ms ?? this.timings.call);
    return this.send(`a batch of ${requests.length}`, call, (session) =>
      session.batch(requests, options, ms),
    );
  }

  /** End for good: everything in flight is rejected, every timer and listener goes. */
  async close(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.setStatus('closed', null);
    this.dropQueue();
    const session = this.session;
    this.session = null;
    await session?.close();
    await this.running;
    this.subscriptions.clear();
    this.statusListeners.clear();
    this.unshare();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const fault = await this.once();
      if (this.stopping.signal.aborted) return;
      if (fault && isFinal(fault)) {
        this.setStatus('refused', fault);
        return;
      }
      this.setStatus(this.wasReady ? 'disconnected' : 'waiting', fault);
      await pause(this.backoff.next(), this.stopping.signal);
    }
  }

  /** One session from connect to its end; the answer says why it ended. */
  private async once(): Promise<LiveError | null> {
    const { mask } = this.subscriptions;
    let session: ObsSession;
    try {
      const found = await this.options.locate?.();
      session = await ObsSession.open(
        { ...this.options, ...found, mask, timings: this.timings },
        this.stopping.signal,
      );
    } catch (error) {
      return asLiveError(error);
    }
    this.exiting = false;
    const ended = new Promise<Ended>((resolve) => session.onEnd(resolve));
    this.session = session;
    this.subscriptions.install(session, mask);
    let fault: LiveError | null = null;
    try {
      this.version = await this.readVersion(session);
      await this.onConnected();
      if (this.session === session && !this.stopping.signal.aborted) {
        this.backoff.reset();
        this.wasReady = true;
        this.setStatus('ready', null);
      }
    } catch (error) {
      fault = asLiveError(error);
      session.terminate();
    }
    const { code, fault: told } = await ended;
    this.subscriptions.uninstall();
    if (this.session === session) this.session = null;
    this.dropQueue();
    this.onLost();
    if (code === 1001 || this.exiting) this.backoff.reset(AFTER_QUIT_MS);
    return (
      told ?? fault ?? fail('OBS_NOT_CONNECTED', { where: this.where, state: 'the connection was lost' })
    );
  }

  private async readVersion(session: ObsSession): Promise<ObsVersion> {
    const answer = await this.patiently(() => session.call('GetVersion'));
    const strings = (value: unknown) =>
      Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
    return {
      obs: text(answer.obsVersion) ?? '',
      websocket: session.obsWebSocketVersion,
      requests: new Set(strings(answer.availableRequests)),
      imageFormats: strings(answer.supportedImageFormats),
    };
  }

  private send<T>(
    action: string,
    options: CallOptions,
    work: (session: ObsSession) => Promise<T>,
  ): Promise<T> {
    const attempt = () => {
      const session = this.session;
      if (this.exiting) return Promise.reject(fail('OBS_EXITING', { where: this.where, action }));
      if (!session) return Promise.reject(this.notReady());
      options.unless?.();
      return work(session);
    };
    if (options.past) return Promise.resolve().then(attempt);
    if (!this.session) return Promise.reject(this.notReady());
    const full = () => fail('OBS_QUEUE_FULL', { where: this.where, limit: this.shared.lane.limit });
    return this.shared.lane.run(this, options.priority ?? 'action', attempt, full);
  }

  private patiently<T>(work: () => Promise<T>): Promise<T> {
    return whileNotReady(work, () => !this.exiting, this.stopping.signal);
  }

  private dropQueue(): void {
    const closing = this.stopping.signal.aborted;
    this.shared.lane.drop(this, () =>
      closing
        ? fail('OBS_CLOSED', { action: 'the request' })
        : fail('OBS_DISCONNECTED', { where: this.where, action: 'the request' }),
    );
  }

  private notReady(): LiveError {
    const { state, fault } = this.current;
    if (fault) return asLiveError(fault);
    return fail('OBS_NOT_CONNECTED', { where: this.where, state });
  }

  private setStatus(state: ConnectionState, fault: LiveError | null): void {
    const was = this.current;
    this.current = { state, fault };
    if (was.state === state && (was.fault as LiveError | null)?.code === fault?.code) return;
    if (state === 'ready') this.log('info', `connected to OBS ${this.version?.obs ?? ''} at ${this.where}`);
    else if (fault && state !== 'closed') this.log('warn', fault.toString());
    this.statusListeners.tell(this.current);
  }

  private log(level: 'info' | 'warn', text: string): void {
    this.options.log?.(level, text);
  }
}
