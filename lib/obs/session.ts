import type { RequestBatchExecutionType } from 'obs-websocket-js/json';
import { withDeadline } from '../connection/deadline';
import { fail, type LiveError } from '../errors';
import type { Release } from '../production/application';
import { closeFault, connectFault, type Attempt } from './faults';
import { Status, reasonOf } from './status-codes';
import type { ObsWire } from './wire';

export type RequestData = Record<string, unknown>;
export interface BatchRequest {
  requestType: string;
  requestData?: RequestData;
  /** fields taken from what an earlier request of the batch answered: field to variable */
  inputVariables?: Record<string, string>;
  /** what of the answer later ones may take: variable to field */
  outputVariables?: Record<string, string>;
}
export interface BatchResult {
  requestType: string;
  requestStatus: { result: boolean; code: number; comment?: string };
  responseData?: RequestData;
}
export interface BatchOptions {
  executionType?: RequestBatchExecutionType;
  haltOnFailure?: boolean;
}

export interface SessionOptions {
  host: string;
  port: number;
  tls: boolean;
  password: string;
  mask: number;
  timings: Timings;
}

/** All in milliseconds. */
export interface Timings {
  connect: number;
  call: number;
  ping: number;
  close: number;
}
export const TIMINGS: Timings = { connect: 10_000, call: 10_000, ping: 8_000, close: 1_000 };
const PINGS_UNANSWERED = 2;

export interface Ended {
  code: number;
  /** set when no reconnect may follow by itself */
  fault: LiveError | null;
}

/** One socket to one OBS, from hello to its end. Every wait has a deadline, and everything in flight is rejected when the socket goes. */
export class ObsSession {
  private readonly pending = new Set<() => void>();
  private readonly endListeners = new Set<(ended: Ended) => void>();
  private heartbeat: NodeJS.Timeout | null = null;
  private unanswered = 0;
  private ended: Ended | null = null;
  obsWebSocketVersion = '';
  /** differs for each start of the server; null without a password */
  salt: string | null = null;

  private constructor(
    private readonly wire: ObsWire,
    private readonly attempt: Attempt,
    private readonly timings: Timings,
  ) {}

  /** Connect and identify. Rejects with a coded error that names the fault. */
  static async open(options: SessionOptions, signal?: AbortSignal): Promise<ObsSession> {
    // the libraries are loaded here, with the first connection: every start of Node-RED would wait for them
    const { ObsWire } = require('./wire') as typeof import('./wire');
    const wire = new ObsWire();
    const host =
      options.host.includes(':') && !options.host.startsWith('[') ? `[${options.host}]` : options.host;
    const where = `${host}:${options.port}`;
    const attempt: Attempt = {
      where,
      host: options.host,
      passwordSent: options.password !== '',
      socketError: null,
    };
    const session = new ObsSession(wire, attempt, options.timings);
    const abort = () => wire.terminate();
    signal?.addEventListener('abort', abort, { once: true });
    wire.once(
      'Hello',
      (hello) =>
        (session.salt = typeof hello.authentication?.salt === 'string' ? hello.authentication.salt : null),
    );
    try {
      const connecting = wire.connect(
        `${options.tls ? 'wss' : 'ws'}://${where}`,
        options.password || undefined,
        {
          eventSubscriptions: options.mask,
          rpcVersion: 1,
        },
      );
      const seconds = options.timings.connect / 1000;
      const hello = await withDeadline(connecting, options.timings.connect, () =>
        fail('OBS_NO_ANSWER', { where, seconds }),
      );
      session.obsWebSocketVersion = String(hello.obsWebSocketVersion ?? '');
      if (signal?.aborted) throw fail('OBS_CLOSED', { action: 'the connect' });
    } catch (error) {
      wire.terminate();
      attempt.socketError = wire.socketError;
      throw connectFault(error, attempt);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    session.begin();
    return session;
  }

  get where(): string {
    return this.attempt.where;
  }

  /** Send one request now. Rejects with OBS_REJECTED, OBS_TIMEOUT or OBS_DISCONNECTED. */
  async call(requestType: string, requestData?: RequestData, ms = this.timings.call): Promise<RequestData> {
    const answer = await this.guard(requestType, ms, () =>
      this.wire.call(requestType as never, requestData as never),
    );
    return answer ?? {};
  }

  /** Send a batch now; rejects as `call` does, but for the single requests, whose results tell. */
  async batch(requests: BatchRequest[], options: BatchOptions, ms: number): Promise<BatchResult[]> {
    const results = await this.guard(`a batch of ${requests.length}`, ms, () =>
      this.wire.callBatch(requests as never, options),
    );
    return results;
  }

  /** Ask for other events. */
  async reidentify(mask: number): Promise<void> {
    await this.guard('Reidentify', this.timings.call, () =>
      this.wire.reidentify({ eventSubscriptions: mask }),
    );
  }

  /** The one raw listener of an event; the client fans out. */
  hear(eventType: string, listener: (data: RequestData) => void): Release {
    const raw = (data?: RequestData) => listener(data ?? {});
    this.wire.on(eventType as never, raw);
    return () => void this.wire.off(eventType as never, raw);
  }

  onEnd(listener: (ended: Ended) => void): void {
    if (this.ended) listener(this.ended);
    else this.endListeners.add(listener);
  }

  /** Close politely within the close deadline, then without the peer. */
  async close(): Promise<void> {
    if (this.ended) return;
    const polite = this.wire.disconnect().catch(() => undefined);
    await withDeadline(polite, this.timings.close, () => fail('OBS_CLOSED', { action: 'the close' })).catch(
      () => undefined,
    );
    this.finish({ code: 1000, fault: null });
  }

  /** The peer is gone or of no use: end without it. */
  terminate(code = 1006): void {
    this.finish({ code, fault: null });
  }

  private begin(): void {
    this.wire.onSign = () => (this.unanswered = 0);
    this.wire.onEnded = (code, reason) =>
      this.finish({ code, fault: code >= 4000 ? closeFault(code, reason, this.attempt) : null });
    this.heartbeat = setInterval(() => {
      if (this.unanswered >= PINGS_UNANSWERED) return this.terminate();
      this.unanswered++;
      this.wire.ping();
    }, this.timings.ping);
    this.heartbeat.unref();
  }

  private finish(ended: Ended): void {
    if (this.ended) return;
    this.ended = ended;
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.wire.removeAllListeners();
    this.wire.terminate();
    for (const drop of [...this.pending]) drop();
    for (const listener of this.endListeners) listener(ended);
    this.endListeners.clear();
  }

  /** The library never settles a call whose socket went, nor one that is never answered. */
  private guard<T>(action: string, ms: number, send: () => Promise<T>): Promise<T> {
    const { where } = this;
    return new Promise<T>((resolve, reject) => {
      const gone = () => fail('OBS_DISCONNECTED', { where, action });
      if (this.ended) return reject(gone());
      const settle = (tell: () => void) => {
        clearTimeout(timer);
        this.pending.delete(drop);
        tell();
      };
      const drop = () => settle(() => reject(gone()));
      const timer = setTimeout(
        () => settle(() => reject(fail('OBS_TIMEOUT', { where, action, seconds: ms / 1000 }))),
        ms,
      );
      timer.unref();
      this.pending.add(drop);
      send().then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => settle(() => reject(this.asFault(action, error))),
      );
    });
  }

  private asFault(action: string, error: unknown): Error {
    const refused = this.wire.refusal(error);
    return refused
      ? fail(
          'OBS_REJECTED',
          { action, reason: reasonOf(refused.code, refused.message), status: refused.code },
          refused,
        )
      : (error as Error);
  }
}

/** The status code OBS refused a request with, or null when the error is another. */
export function statusOf(error: unknown): number | null {
  const details = (error as { code?: string; details?: { status?: unknown } }).details;
  return (error as { code?: string }).code === 'OBS_REJECTED' && typeof details?.status === 'number'
    ? details.status
    : null;
}

/** Whether OBS refused with this very status. */
export function refusedWith(error: unknown, status: (typeof Status)[keyof typeof Status]): boolean {
  return statusOf(error) === status;
}
