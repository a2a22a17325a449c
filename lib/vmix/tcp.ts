import { Backoff } from '../connection/backoff';
import { pause, unlessAborted, withDeadline } from '../connection/deadline';
import { Emitter } from '../connection/emitter';
import { asLiveError, fail, type LiveError } from '../errors';
import type { ConnectionStatus, Release } from '../production/application';
import { hintOf, type Hint } from './activators';
import { mustBeAllowed } from './functions/guard';
import { functionLine, type FunctionCall } from './functions/query';
import { TcpSession, TCP_TIMINGS, type Reply, type TcpTimings } from './tcp-session';

export interface VmixTcpOptions {
  host: string;
  port: number;
  /** finds the address anew for each attempt, where it is not known beforehand (a rehearsal's simulator) */
  locate?: () => Promise<{ host: string; port: number }>;
  where?: string;
  /** functions that run code on the vMix machine may be called; default false */
  allowScripts?: boolean;
  timings?: Partial<TcpTimings>;
  backoff?: Backoff;
  /** called once per change of state, never once per attempt */
  log?: (level: 'info' | 'warn', text: string) => void;
}

/** What is asked for after each connect; both only say that something changed. */
const SUBSCRIPTIONS = ['ACTS', 'TALLY'];

/**
 * The TCP port of one vMix: its events as hints, and commands. It reconnects for ever, and nothing depends on it: news comes with
 * the next poll where it is missing. Nobody is asked for a password here.
 */
export class VmixTcp {
  private readonly stopping = new AbortController();
  private readonly backoff: Backoff;
  private readonly timings: TcpTimings;
  private readonly hints: Emitter<Hint>;
  private readonly statuses: Emitter<ConnectionStatus>;
  private session: TcpSession | null = null;
  private running: Promise<void> | null = null;
  private current: ConnectionStatus = { state: 'connecting', fault: null };
  private wasReady = false;

  constructor(private readonly options: VmixTcpOptions) {
    this.backoff = options.backoff ?? new Backoff();
    this.timings = { ...TCP_TIMINGS, ...options.timings };
    const complain = (error: unknown) =>
      options.log?.('warn', `a listener failed: ${asLiveError(error).message}`);
    this.hints = new Emitter(complain);
    this.statuses = new Emitter(complain);
  }

  get where(): string {
    return this.options.where ?? `${this.options.host}:${this.options.port}`;
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  /** As the last greeting said it; another one means that vMix was started anew. */
  get version(): string | null {
    return this.session?.version ?? null;
  }

  onHint(listener: (hint: Hint) => void): Release {
    return this.hints.add(listener);
  }

  onStatus(listener: (status: ConnectionStatus) => void): Release {
    return this.statuses.add(listener);
  }

  /** Begin to connect; goes on until `close`. */
  start(): void {
    this.running ??= this.run().catch((error: unknown) => this.setStatus('disconnected', asLiveError(error)));
  }

  /**
   * Send a function. Resolves when vMix said OK, which it says to any name. Rejects with VMIX_REJECTED where it complains of the
   * arguments, with VMIX_SCRIPTS_FORBIDDEN, VMIX_TIMEOUT, VMIX_DISCONNECTED, VMIX_NOT_CONNECTED. `unless` is looked at when its
   * turn comes.
   */
  async call(call: FunctionCall, unless?: () => void): Promise<void> {
    const line = `FUNCTION ${functionLine(call)}`;
    mustBeAllowed(call.name, this.where, this.options.allowScripts === true);
    const action = call.name.trim();
    const reply = await this.command(line, action, unless);
    if (reply.kind === 'line' && !reply.ok)
      throw fail('VMIX_REJECTED', { where: this.where, action, reason: reply.text || 'it does not say why' });
  }

  /** The state document as bytes. */
  async document(): Promise<Buffer> {
    const action = 'the request for its state';
    const reply = await this.command('XML', action);
    if (reply.kind === 'body') return reply.body;
    throw fail('VMIX_REJECTED', { where: this.where, action, reason: reply.text || 'it sends none' });
  }

  /** Any other command, for whoever knows what it does; an ER is an answer too. */
  command(line: string, action: string, unless?: () => void): Promise<Reply> {
    const { session } = this;
    return session ? session.command(line, action, unless) : Promise.reject(this.notReady());
  }

  /** End for good: everything in flight is rejected, every timer and listener goes. */
  async close(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.session?.end(fail('VMIX_CLOSED', { action: 'the command' }));
    await this.running;
    this.setStatus('closed', null);
    this.hints.clear();
    this.statuses.clear();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const fault = await this.once(signal);
      if (signal.aborted) return;
      this.setStatus(this.wasReady ? 'disconnected' : 'waiting', fault);
      await pause(this.backoff.next(), signal);
    }
  }

  /** One session from its greeting to its end; the answer says why it ended. */
  private async once(signal: AbortSignal): Promise<LiveError> {
    try {
      const { host, port } = await this.locate(signal);
      const session = await TcpSession.open(
        {
          host,
          port,
          where: this.where,
          timings: this.timings,
          onEvent: (frame) => {
            const hint = hintOf(frame);
            if (hint) this.hints.tell(hint);
          },
        },
        signal,
      );
      this.session = session;
      const ended = new Promise<LiveError>((resolve) => session.onEnd(resolve));
      // a vMix that knows no such event says so, and has the others
      for (const what of SUBSCRIPTIONS)
        await session.command(`SUBSCRIBE ${what}`, 'the subscription').catch(() => undefined);
      // one that greets and hangs up was never there
      if (session.hasEnded) return await ended;
      this.wasReady = true;
      this.setStatus('ready', null);
      const since = performance.now();
      const fault = await ended;
      if (performance.now() - since >= this.timings.ping) this.backoff.reset();
      return fault;
    } catch (error) {
      return asLiveError(error);
    } finally {
      this.session = null;
    }
  }

  private async locate(signal: AbortSignal): Promise<{ host: string; port: number }> {
    const { locate } = this.options;
    if (!locate) return this.options;
    const late = () => fail('VMIX_UNREACHABLE', { where: this.where, reason: 'its address is not known' });
    const closed = () => fail('VMIX_CLOSED', { action: 'the connect' });
    return withDeadline(unlessAborted(locate(), signal, closed), this.timings.connect, late);
  }

  private notReady(): LiveError {
    const { state, fault } = this.current;
    return fault ? asLiveError(fault) : fail('VMIX_NOT_CONNECTED', { where: this.where, state });
  }

  private setStatus(state: ConnectionStatus['state'], fault: LiveError | null): void {
    const was = this.current;
    this.current = { state, fault };
    if (was.state === state && (was.fault as LiveError | null)?.code === fault?.code) return;
    if (fault && state !== 'closed') this.options.log?.('warn', fault.toString());
    this.statuses.tell(this.current);
  }
}
