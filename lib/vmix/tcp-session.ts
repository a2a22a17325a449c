import { connect, type Socket } from 'node:net';
import { fail, type LiveError } from '../errors';
import { requestFault } from './faults';
import { FrameReader, type Frame } from './frames';

/** All in milliseconds. */
export interface TcpTimings {
  connect: number;
  call: number;
  /** without a greeting for this long, it is asked for: a web server then says that it is one */
  greeting: number;
  ping: number;
}
export const TCP_TIMINGS: TcpTimings = { connect: 10_000, call: 10_000, greeting: 2_000, ping: 8_000 };

export interface TcpSessionOptions {
  host: string;
  port: number;
  where: string;
  timings: TcpTimings;
  /** everything that is no answer: events, and greetings that come later */
  onEvent: (frame: Frame) => void;
}

/** What a command was answered. */
export type Reply = Extract<Frame, { kind: 'line' | 'body' }>;

interface Pending {
  command: string;
  settle: (reply: Reply) => void;
  drop: (fault: LiveError) => void;
}

/** A text for a title can be long. */
const LONGEST_LINE = 256 * 1024;
const MOST_WAITING = 200;

/**
 * One connection to the TCP port, from its greeting to its end. One command at a time, as the vMix help asks for. An answer that
 * comes too late answers nothing: after a timeout a ping clears the line first.
 */
export class TcpSession {
  /** as the greeting said it */
  version = '';
  private readonly reader = new FrameReader();
  private readonly waiting: (() => void)[] = [];
  private pending: Pending | null = null;
  private busy = false;
  private heartbeat: NodeJS.Timeout | null = null;
  private fault: LiveError | null = null;
  private greeted: ((version: string) => void) | null = null;
  private ended = false;
  private readonly endListeners = new Set<(fault: LiveError) => void>();

  private constructor(
    private readonly socket: Socket,
    private readonly options: TcpSessionOptions,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.take(piece));
    socket.on('error', (error) => this.finish(this.asFault(error)));
    socket.on('close', () =>
      this.finish(
        this.greeted
          ? fail('VMIX_NOT_VMIX', { where: options.where, reason: 'it hangs up without a greeting' })
          : this.gone('the command'),
      ),
    );
  }

  /** Connect and hear the greeting. Rejects with a coded error that names the fault. */
  static async open(options: TcpSessionOptions, signal: AbortSignal): Promise<TcpSession> {
    const { host, port, where, timings } = options;
    const seconds = timings.connect / 1000;
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port });
    const session = new TcpSession(socket, options);
    const abort = () => session.finish(fail('VMIX_CLOSED', { action: 'the connect' }));
    signal.addEventListener('abort', abort, { once: true });
    const late = setTimeout(
      () =>
        session.finish(
          socket.connecting
            ? fail('VMIX_UNREACHABLE', { where, reason: 'no answer' })
            : fail('VMIX_NO_ANSWER', { where, seconds }),
        ),
      timings.connect,
    );
    // a web server speaks only when it is spoken to
    const ask = setTimeout(() => socket.write('VERSION\r\n'), timings.greeting);
    late.unref();
    ask.unref();
    try {
      if (signal.aborted) abort();
      session.version = await new Promise<string>((resolve, reject) => {
        session.greeted = resolve;
        session.onEnd(reject);
      });
    } finally {
      clearTimeout(late);
      clearTimeout(ask);
      signal.removeEventListener('abort', abort);
    }
    session.begin();
    return session;
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  onEnd(listener: (fault: LiveError) => void): void {
    if (this.ended) listener(this.fault ?? this.gone('the command'));
    else this.endListeners.add(listener);
  }

  /**
   * Send a line and wait for its answer, one that says ER too. `action` names it in errors, where the line may hold secrets. Rejects
   * with VMIX_TIMEOUT, VMIX_DISCONNECTED, VMIX_QUEUE_FULL or what ended the session.
   */
  async command(line: string, action: string, unless: () => void = () => undefined): Promise<Reply> {
    if (/[\r\n]/.test(line) || line.length > LONGEST_LINE)
      throw fail('INPUT_INVALID', { field: 'command', reason: 'it has to be one line' });
    if (this.waiting.length >= MOST_WAITING)
      throw fail('VMIX_QUEUE_FULL', { where: this.options.where, limit: MOST_WAITING });
    await this.turn();
    try {
      if (this.ended) throw this.fault ?? this.gone(action);
      unless();
      return await this.send(line, action);
    } finally {
      this.busy = false;
      this.waiting.shift()?.();
    }
  }

  /** End now; what is under way is rejected with `fault`. */
  end(fault: LiveError): void {
    this.finish(fault);
  }

  private turn(): Promise<void> {
    if (!this.busy) {
      this.busy = true;
      return Promise.resolve();
    }
    return new Promise((resolve) =>
      this.waiting.push(() => {
        this.busy = true;
        resolve();
      }),
    );
  }

  private async send(line: string, action: string): Promise<Reply> {
    const { where, timings } = this.options;
    try {
      return await this.ask(line, action, timings.call);
    } catch (error) {
      if (!this.ended && (error as LiveError).code === 'VMIX_TIMEOUT') {
        // whatever comes before the answer to this is late
        await this.ask('PING', 'a ping', timings.call).catch(() =>
          this.finish(fail('VMIX_NO_ANSWER', { where, seconds: (2 * timings.call) / 1000 })),
        );
      }
      throw error;
    }
  }

  private ask(line: string, action: string, ms: number): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      const { where } = this.options;
      const done = () => {
        clearTimeout(timer);
        this.pending = null;
      };
      const drop = (fault: LiveError) => {
        done();
        reject(fault);
      };
      const timer = setTimeout(() => drop(fail('VMIX_TIMEOUT', { where, action, seconds: ms / 1000 })), ms);
      timer.unref();
      this.pending = {
        command: /^\S*/.exec(line)![0].toUpperCase(),
        settle: (reply) => {
          done();
          resolve(reply);
        },
        drop: () => drop(this.fault?.code === 'VMIX_DISCONNECTED' ? this.gone(action) : this.fault!),
      };
      this.socket.write(`${line}\r\n`);
    });
  }

  private begin(): void {
    const { ping } = this.options.timings;
    this.heartbeat = setInterval(() => {
      // a command under way is a sign of life or will time out itself
      if (!this.busy) this.command('PING', 'a ping').catch(() => undefined);
    }, ping);
    this.heartbeat.unref();
  }

  private take(piece: Buffer): void {
    for (const frame of this.reader.push(piece)) {
      if (this.ended) return;
      this.hear(frame);
    }
  }

  private hear(frame: Frame): void {
    const { where } = this.options;
    if (frame.kind === 'http')
      return this.finish(fail('VMIX_PORTS_SWAPPED', { where, what: 'the web controller' }));
    if (frame.kind === 'overflow')
      return this.finish(fail('VMIX_NOT_VMIX', { where, reason: 'it sends more than any vMix does' }));
    if (this.greeted) return this.greet(frame);
    if (frame.kind === 'junk') return;
    if (isEvent(frame)) this.options.onEvent(frame);
    if (this.pending?.command === frame.command) this.pending.settle(frame);
  }

  private greet(frame: Frame): void {
    if (frame.kind !== 'line' || frame.command !== 'VERSION' || !frame.ok || !/^\d/.test(frame.text))
      return this.finish(
        fail('VMIX_NOT_VMIX', { where: this.options.where, reason: 'it greets as another program' }),
      );
    const greeted = this.greeted!;
    this.greeted = null;
    greeted(frame.text);
  }

  private finish(fault: LiveError): void {
    if (this.ended) return;
    this.ended = true;
    this.fault = fault;
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.socket.destroy();
    this.pending?.drop(fault);
    for (const listener of this.endListeners) listener(fault);
    this.endListeners.clear();
  }

  private asFault(error: Error): LiveError {
    const { where, host, timings } = this.options;
    const seconds = timings.call / 1000;
    return requestFault(error, { where, host, action: 'the command', port: 'tcp', seconds });
  }

  private gone(action: string): LiveError {
    return fail('VMIX_DISCONNECTED', { where: this.options.where, action });
  }
}

function isEvent(frame: Reply): boolean {
  return frame.command === 'ACTS' || frame.command === 'TALLY' || frame.command === 'VERSION';
}
