import { Backoff } from '../connection/backoff';
import { now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import type { Priority } from '../connection/lane';
import { untilReady } from '../connection/until-ready';
import { asLiveError, fail, type LiveError } from '../errors';
import type { ConnectionState, ConnectionStatus, Release } from '../production/application';
import type { Hint, HintAbout } from './activators';
import { AskedBook, askedBy } from './asked';
import { CallPasswords } from './call-passwords';
import { changesOf, wasRestarted } from './changes';
import { Claims } from './claims';
import type { StateNews, VmixClientOptions } from './client-types';
import { isFinal, isUnanswered } from './faults';
import type { FunctionCall } from './functions/query';
import { VmixHttp, type StateAnswer } from './http';
import { NewsCause } from './news-cause';
import { Poller } from './poller';
import type { VmixState } from './state-types';
import { VmixTcp } from './tcp';
import type { Thing } from './things';
import { stateOrWhyNot } from './web-controller';

export type { StateNews, VmixClientOptions } from './client-types';

/** Hints that can be news of ours; volumes and previews change all the time. */
const MATTERS: ReadonlySet<HintAbout> = new Set<HintAbout>([
  'recording',
  'streaming',
  'external',
  'multiCorder',
  'fullscreen',
  'fadeToBlack',
  'program',
  'call',
]);
/** Nothing listens there: no second look is needed. Any other fault counts when it comes twice. */
const AT_ONCE = new Set([
  'VMIX_REFUSED',
  'VMIX_CONTAINER_LOOPBACK',
  'VMIX_WEB_CONTROLLER_OFF',
  'VMIX_UNREACHABLE',
  'VMIX_PORTS_SWAPPED',
]);
const SECOND_LOOK_MS = 1_000;

/**
 * A connection to one vMix: its state by polling, sooner where the TCP port hints at news, what changed between two states, and
 * functions. It reconnects for ever, except after a wrong password. A lost TCP port is only told, never a lost connection.
 */
export class VmixClient {
  readonly http: VmixHttp;
  readonly tcp: VmixTcp | null;
  private readonly poller: Poller;
  private readonly backoff: Backoff;
  private readonly statuses: Emitter<ConnectionStatus>;
  private readonly news: Emitter<StateNews>;
  private readonly misses: Emitter<LiveError>;
  private readonly asked = new AskedBook();
  private readonly claims = new Claims(() => this.poller.hint());
  private readonly passwords = new CallPasswords();
  private current: ConnectionStatus = { state: 'connecting', fault: null };
  private last: VmixState | null = null;
  private readonly why = new NewsCause();
  private onAir = '';
  private wasReady = false;

  constructor(private readonly options: VmixClientOptions) {
    const { tcpPort, timings, locate, log } = options;
    const newBackoff = options.backoff ?? (() => new Backoff());
    this.backoff = newBackoff();
    const complain = (error: unknown) => log?.('warn', `a listener failed: ${asLiveError(error).message}`);
    this.statuses = new Emitter(complain);
    this.news = new Emitter(complain);
    this.misses = new Emitter(complain);
    this.http = new VmixHttp({ ...options, timings: timings?.http });
    this.tcp =
      tcpPort === null
        ? null
        : new VmixTcp({
            host: options.host,
            port: tcpPort,
            allowScripts: options.allowScripts,
            locate: locate && (() => locate().then((at) => ({ host: at.host, port: at.tcpPort }))),
            timings: timings?.tcp,
            backoff: newBackoff(),
            log,
          });
    this.poller = new Poller(() => stateOrWhyNot(this.http, this.tcp), {
      everyMs: options.pollMs,
      afterFailure: () => (this.current.state === 'ready' ? SECOND_LOOK_MS : this.backoff.next()),
      onState: (answer) => this.onState(answer),
      onFault: (fault, failures) => this.onFault(fault, failures),
    });
  }

  get where(): string {
    return this.http.where;
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  /** The state as read last; null while it is not connected. */
  get state(): VmixState | null {
    return this.current.state === 'ready' ? this.last : null;
  }

  onStatus(listener: (status: ConnectionStatus) => void): Release {
    return this.statuses.add(listener);
  }

  /** Hear every state that is read, with what changed. */
  onNews(listener: (news: StateNews) => void): Release {
    return this.news.add(listener);
  }

  /** Hear each poll that came to nothing; one alone is no lost connection yet. */
  onMiss(listener: (fault: LiveError) => void): Release {
    return this.misses.add(listener);
  }

  /** Hear the events of the TCP port as they come. */
  onHint(listener: (hint: Hint) => void): Release {
    return this.tcp?.onHint(listener) ?? (() => undefined);
  }

  /** Begin to connect; goes on until `close`, or until a person must act. */
  start(): this {
    this.tcp?.onHint((hint) => this.onOwnHint(hint));
    this.tcp?.onStatus(({ state }) => {
      // it may be back before the next poll: what ran may not be
      if (state === 'disconnected') this.why.lose(performance.now());
      this.poller.hint();
    });
    this.tcp?.start();
    this.poller.start();
    return this;
  }

  /** Resolves when ready. With 0 it fails at once, otherwise after `waitMs`, and at once when no retry can help. */
  whenReady(waitMs: number): Promise<void> {
    return untilReady(this, waitMs, () => this.notReady());
  }

  /**
   * Send a function; its effect will be told as expected. Resolves when vMix accepted it, which is not done: see `until`. Rejects
   * as `VmixHttp.call` does, and with the connection's fault while it is not connected; `past` waits for no turn, and tries even so.
   */
  async call(
    call: FunctionCall,
    options: { priority?: Priority; unless?: () => void; past?: boolean } = {},
  ): Promise<void> {
    if (this.current.state !== 'ready' && !options.past) throw this.notReady();
    let forget = () => {};
    const unless = () => {
      options.unless?.();
      forget = this.asked.note(askedBy(call, this.last), now(), this.last);
    };
    try {
      await this.http.call(call, { ...options, unless });
    } catch (error) {
      // what was certainly not done is not what happens later
      if (!isUnanswered(error)) forget();
      throw error;
    }
    this.poller.hint();
  }

  /** What was asked to start lately and was not seen to. */
  get starting(): ReadonlySet<Thing> {
    return this.asked.current(now()).starts;
  }

  /** The caller tells of this thing's start until it releases: see `changesOf`. */
  confirming(thing: Thing): Release {
    return this.asked.confirm(thing);
  }

  /**
   * Resolves with what `look` finds in a state that is read from now on, with null after `ms`; asks more often meanwhile. Rejects
   * with the connection's fault when that is lost. `look` may throw to end the wait. `soon`: the first look does not wait for the
   * rest that a slow vMix is given.
   */
  async until<T>(
    look: (state: VmixState) => T | undefined,
    ms: number,
    { soon = false } = {},
  ): Promise<T | null> {
    if (this.current.state !== 'ready') throw this.notReady();
    const since = performance.now();
    const releases = [this.poller.hurry()];
    if (soon) this.poller.hint();
    try {
      return await new Promise<T | null>((resolve, reject) => {
        const timer = setTimeout(() => resolve(null), ms);
        timer.unref();
        releases.push(
          () => clearTimeout(timer),
          this.onStatus(({ state }) => {
            if (state !== 'ready') reject(this.notReady());
          }),
          this.onNews(({ state, answer }) => {
            if (answer.askedAt < since) return;
            try {
              const found = look(state);
              if (found !== undefined) resolve(found);
            } catch (error) {
              reject(asLiveError(error));
            }
          }),
        );
      });
    } finally {
      for (const release of releases) release();
    }
  }

  /** End for good: everything in flight is rejected, every timer and listener goes. */
  async close(): Promise<void> {
    if (this.current.state === 'closed') return;
    this.setStatus('closed', null);
    this.claims.clear();
    const stopped = this.poller.stop();
    await Promise.all([this.http.close(), this.tcp?.close(), stopped]);
    this.passwords.clear();
    this.statuses.clear();
    this.news.clear();
    this.misses.clear();
  }

  private onState(answer: StateAnswer): void {
    const { state } = answer;
    const previous = this.last;
    const { cause, lost } = this.why;
    const restarted = previous !== null && wasRestarted(previous, state, lost);
    const changes = changesOf(previous, state, this.asked.current(now()), { cause, restarted });
    this.asked.seen(changes, state, performance.timeOrigin + answer.askedAt);
    this.last = state;
    this.claims.see(state);
    this.why.read(answer.askedAt, this.claims.waiting);
    this.passwords.see(state);
    this.backoff.reset();
    this.wasReady = true;
    this.setStatus('ready', null);
    this.news.tell({ state, previous, changes, restarted, answer });
  }

  private onFault(fault: LiveError, failures: number): void {
    if (this.current.state === 'closed') return;
    this.misses.tell(fault);
    this.claims.clear();
    if (isFinal(fault)) {
      this.setStatus('refused', fault);
      // not waited for: this is called from within
      void this.poller.stop();
      return;
    }
    if (this.current.state === 'ready' && failures < 2 && !AT_ONCE.has(fault.code)) return;
    this.why.lose(performance.now());
    this.setStatus(this.wasReady ? 'disconnected' : 'waiting', fault);
  }

  private onOwnHint(hint: Hint): void {
    if (hint.kind === 'tally') {
      const onAir = hint.inputs.flatMap((one, at) => (one === 'program' ? [at] : [])).join();
      if (onAir === this.onAir) return;
      this.onAir = onAir;
    } else if (!MATTERS.has(hint.about)) return;
    else this.claims.hear(hint);
    this.why.hint(performance.now());
    this.poller.hint();
  }

  private notReady(): LiveError {
    const { state, fault } = this.current;
    return fault ? asLiveError(fault) : fail('VMIX_NOT_CONNECTED', { where: this.where, state });
  }

  private setStatus(state: ConnectionState, fault: LiveError | null): void {
    const was = this.current;
    if (was.state === 'closed') return;
    this.current = { state, fault };
    if (was.state === state && (was.fault as LiveError | null)?.code === fault?.code) return;
    if (state === 'ready')
      this.options.log?.('info', `connected to vMix ${this.last?.version.text ?? ''} at ${this.where}`);
    else if (fault && state !== 'closed') this.options.log?.('warn', fault.toString());
    this.statuses.tell(this.current);
  }
}
