import type { Pool } from 'undici';
import { unlessAborted, withDeadline } from '../connection/deadline';
import { Lane, type Priority } from '../connection/lane';
import { fail, LiveError } from '../errors';
import { LARGEST_DOCUMENT_BYTES } from './document';
import { requestFault, statusFault, type Attempt } from './faults';
import { findFunction, OLDEST_LIST } from './functions';
import { didYouMean, mustBeAllowed } from './functions/guard';
import { functionQuery, type FunctionCall } from './functions/query';
import { parseState } from './state';
import type { VmixState } from './state-types';

/** All in milliseconds. */
export interface HttpTimings {
  connect: number;
  /** from asking to the last byte */
  call: number;
}
export const HTTP_TIMINGS: HttpTimings = { connect: 10_000, call: 10_000 };

export interface VmixHttpOptions {
  host: string;
  port: number;
  /** HTTP Basic, which vMix 23 and newer may want; nothing is sent where both are empty */
  user?: string;
  password?: string;
  /** finds the address anew for each request, where it is not known beforehand (a rehearsal's simulator) */
  locate?: () => Promise<{ host: string; port: number }>;
  /** how people are told of the address; host and port by default */
  where?: string;
  /** functions that run code on the vMix machine may be called; default false */
  allowScripts?: boolean;
  timings?: Partial<HttpTimings>;
}

/** A state with what it cost to get it. */
export interface StateAnswer {
  state: VmixState;
  /** `performance.now()` when it was asked for: nothing that happened later need be in it */
  askedAt: number;
  /** until the last byte */
  tookMs: number;
  parseMs: number;
  bytes: number;
}

/** A function waits no longer for its turn than this many others. */
const MOST_WAITING = 200;
/** Enough for the longest text that is no document. */
const LARGEST_REPLY_BYTES = 64 * 1024;
const BROWSER = /browser script access/i;

/**
 * The web controller of one vMix. At most one state request at a time; functions go one after the other. vMix closes each
 * connection, so none is kept. Nothing is asked before the first call.
 */
export class VmixHttp {
  private readonly timings: HttpTimings;
  /** what is under way; one signal for all would gather listeners for ever */
  private readonly pending = new Set<AbortController>();
  private closed = false;
  private readonly lane = new Lane(MOST_WAITING);
  private pool: Pool | null = null;
  private origin = '';
  private asking: Promise<StateAnswer> | null = null;
  private next: Promise<StateAnswer> | null = null;
  /** state requests sent so far */
  requests = 0;

  constructor(private readonly options: VmixHttpOptions) {
    this.timings = { ...HTTP_TIMINGS, ...options.timings };
  }

  get where(): string {
    return this.options.where ?? `${this.options.host}:${this.options.port}`;
  }

  /** Whether a state request is under way. */
  get busy(): boolean {
    return this.asking !== null;
  }

  /**
   * The state as it is from now on: one that was asked for before does not count, and everybody who waits for the next
   * shares it. Rejects with a coded error that names the fault.
   */
  state(): Promise<StateAnswer> {
    if (!this.asking && !this.next) return this.ask();
    this.next ??= this.asking!.catch(() => undefined).then(() => {
      this.next = null;
      return this.ask();
    });
    return this.next;
  }

  /**
   * Send a function. Resolves when vMix has accepted it, which is not done. Rejects with VMIX_FUNCTION_UNKNOWN, INPUT_INVALID,
   * VMIX_SCRIPTS_FORBIDDEN, or what `state` rejects with; after VMIX_TIMEOUT and VMIX_DISCONNECTED nobody knows whether it was
   * done. `unless` is looked at when its turn comes; what it throws is the answer, and nothing is sent. `past` waits for no turn: in
   * an emergency the one before may hang.
   */
  async call(
    call: FunctionCall,
    options: { priority?: Priority; unless?: () => void; past?: boolean } = {},
  ): Promise<void> {
    const query = functionQuery(call);
    mustBeAllowed(call.name, this.where, this.options.allowScripts === true);
    const name = findFunction(call.name)?.name ?? call.name.trim();
    if (options.past) {
      options.unless?.();
      return await this.send(name, query);
    }
    const full = () => fail('VMIX_QUEUE_FULL', { where: this.where, limit: MOST_WAITING });
    await this.lane.run(
      this,
      options.priority ?? 'action',
      async () => {
        options.unless?.();
        await this.send(name, query);
      },
      full,
    );
  }

  /** End at once: what is under way is rejected. */
  async close(): Promise<void> {
    this.closed = true;
    for (const one of this.pending) one.abort();
    this.lane.drop(this, () => fail('VMIX_CLOSED', { action: 'the request' }));
    await this.pool?.destroy().catch(() => undefined);
    this.pool = null;
  }

  private async ask(): Promise<StateAnswer> {
    this.requests++;
    const asking = this.fetchState();
    this.asking = asking;
    try {
      return await asking;
    } finally {
      this.asking = null;
    }
  }

  private async fetchState(): Promise<StateAnswer> {
    const askedAt = performance.now();
    const { status, body } = await this.get('/api/', 'the request for its state', LARGEST_DOCUMENT_BYTES);
    const gotAt = performance.now();
    if (status !== 200) throw this.refused(status, 'the request for its state');
    const state = parseState(body, this.where);
    return {
      state,
      askedAt,
      tookMs: gotAt - askedAt,
      parseMs: performance.now() - gotAt,
      bytes: body.length,
    };
  }

  private async send(name: string, query: string): Promise<void> {
    const { status, body } = await this.get(`/api/?${query}`, name, LARGEST_REPLY_BYTES);
    const known = findFunction(name);
    // one that every version has is refused for another reason
    if (status === 500 && known?.since !== OLDEST_LIST) {
      const advice = known ? `It came with vMix ${known.since}.` : didYouMean(name);
      throw fail('VMIX_FUNCTION_UNKNOWN', { where: this.where, name, advice });
    }
    if (status !== 200) throw this.refused(status, name);
    // the one answer with status 200 that means no
    if (BROWSER.test(body.subarray(0, 200).toString('latin1')))
      throw fail('VMIX_BROWSER_REFUSED', { where: this.where });
  }

  private refused(status: number, action: string): LiveError {
    const { user, password } = this.options;
    return statusFault(status, this.attempt(action), Boolean(user) || Boolean(password));
  }

  private attempt(action: string): Attempt {
    return {
      where: this.where,
      host: this.options.host,
      action,
      port: 'http',
      seconds: this.timings.call / 1000,
    };
  }

  /** One request, its deadline and its limit; the query, which can hold secrets, is in no error. */
  private async get(path: string, action: string, limit: number): Promise<{ status: number; body: Buffer }> {
    const attempt = this.attempt(action);
    const at = await this.locate(action);
    // before the clock runs: loading the library takes a quarter of a second
    const pool = this.open(at.host, at.port);
    if (this.closed) throw fail('VMIX_CLOSED', { action });
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), this.timings.call);
    timer.unref();
    this.pending.add(ending);
    const received: Buffer[] = [];
    let bytes = 0;
    let answering = false;
    try {
      const answer = await pool.request({
        path,
        method: 'GET',
        headers: this.headers(),
        signal: ending.signal,
      });
      answering = answer.statusCode === 200;
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > limit) throw this.tooLarge(limit);
        received.push(piece);
      }
      return { status: answer.statusCode, body: Buffer.concat(received) };
    } catch (error) {
      if (this.closed) throw fail('VMIX_CLOSED', { action });
      if (ending.signal.aborted)
        throw fail('VMIX_TIMEOUT', { where: this.where, action, seconds: attempt.seconds });
      // it began to answer, and broke off
      if (answering && limit === LARGEST_DOCUMENT_BYTES && !(error instanceof LiveError))
        throw fail('VMIX_DOCUMENT_TRUNCATED', { where: this.where });
      throw requestFault(error, attempt);
    } finally {
      clearTimeout(timer);
      this.pending.delete(ending);
    }
  }

  /** The address; where finding it takes too long, or the connection is closed meanwhile, a fault. */
  private async locate(action: string): Promise<{ host: string; port: number }> {
    const { locate } = this.options;
    if (!locate) return this.options;
    const ending = new AbortController();
    this.pending.add(ending);
    const late = () => fail('VMIX_UNREACHABLE', { where: this.where, reason: 'its address is not known' });
    try {
      return await withDeadline(
        unlessAborted(locate(), ending.signal, () => fail('VMIX_CLOSED', { action })),
        this.timings.connect,
        late,
      );
    } finally {
      this.pending.delete(ending);
    }
  }

  private tooLarge(limit: number): LiveError {
    const { where } = this;
    return limit === LARGEST_DOCUMENT_BYTES
      ? fail('VMIX_DOCUMENT_TOO_LARGE', { where, limit: limit / 1024 / 1024 })
      : fail('VMIX_NOT_VMIX', { where, reason: 'it answers a function with a whole page' });
  }

  private headers(): Record<string, string> {
    const { user = '', password = '' } = this.options;
    if (user === '' && password === '') return {};
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }

  /** The library is loaded with the first request: every start of Node-RED would wait for it. */
  private open(host: string, port: number): Pool {
    const plain = host.replace(/^\[|\]$/g, '');
    const origin = `http://${plain.includes(':') ? `[${plain}]` : plain}:${port}`;
    if (this.pool && this.origin === origin) return this.pool;
    void this.pool?.destroy().catch(() => undefined);
    const { Pool: Connections } = require('undici') as typeof import('undici');
    this.origin = origin;
    this.pool = new Connections(origin, {
      // a stop must not wait behind a state request that hangs
      connections: 4,
      // vMix keeps no connection; after a request that was given up the library opens the next one before it is needed
      pipelining: 0,
      keepAliveTimeout: 1,
      keepAliveMaxTimeout: 1,
      connect: { timeout: this.timings.connect },
      headersTimeout: this.timings.call,
      bodyTimeout: this.timings.call,
    });
    return this.pool;
  }
}
