import type { Pool } from 'undici';
import { isLoopback, runsInContainer } from '../connection/this-machine';
import { fail, LiveError } from '../errors';
import type { MediaServerKind } from './types';

/** A page of a thousand streams has a tenth of this. */
export const LARGEST_ANSWER_BYTES = 8 * 1024 * 1024;
/** Lists, a kick and a test at once; none waits behind one that hangs. */
const MOST_CONNECTIONS = 6;
const MOST_HEADER_BYTES = 32 * 1024;

/** How each kind of media server is called in a sentence. */
export const CALLED: Readonly<Record<MediaServerKind, string>> = {
  srs: 'SRS',
  oryx: 'Oryx',
  'nginx-rtmp': 'nginx-rtmp',
  mediamtx: 'MediaMTX',
  rehearsal: 'the simulated SRS',
};

export interface ApiOptions {
  kind: MediaServerKind;
  /** its origin: `http://host:1985` */
  origin: string;
  user: string | null;
  password: string | null;
  timeoutMs: number;
}

/** What came back: any status below 400, and 404 where `absent` allows it. */
export interface ApiAnswer {
  status: number;
  body: string;
  /** the server's own clock by its Date header, in milliseconds since 1970; null where it sends none */
  dateMs: number | null;
}

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  /** with its query; what of it is secret is in no error */
  path: string;
  /** what is done, as the sentence of a fault says it: `the list of its streams` */
  action: string;
  json?: unknown;
  /** 404 means that what was asked for is not there, rather than that this is another program */
  absent?: boolean;
}

const UNREACHABLE = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'EHOSTDOWN'],
  ...['EACCES', 'EPERM', 'EINVAL', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** The HTTP interface of one media server: nothing is asked before the first call, and every call ends within its deadline. */
export class Api {
  private pool: Pool | null = null;
  private readonly pending = new Set<AbortController>();
  private closed = false;
  /** how people are told of it; never with user or password */
  readonly where: string;

  constructor(private readonly options: ApiOptions) {
    this.where = options.origin.replace(/^https?:\/\//, '');
  }

  /**
   * One request. Rejects with MEDIA_SERVER_REFUSED, _UNREACHABLE, _TIMEOUT, _LOGIN, _UNFIT (another program, or an answer that is none),
   * _FAILED (it said no), _CLOSED.
   */
  async ask({ method = 'GET', path, action, json, absent = false }: ApiRequest): Promise<ApiAnswer> {
    // before the clock runs: loading the library takes a quarter of a second
    const pool = this.open();
    if (this.closed) throw fail('MEDIA_SERVER_CLOSED', { action });
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), this.options.timeoutMs);
    timer.unref();
    this.pending.add(ending);
    try {
      const answer = await pool.request({
        path,
        method,
        signal: ending.signal,
        headers: { ...this.login(), ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      const pieces: Buffer[] = [];
      let bytes = 0;
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > LARGEST_ANSWER_BYTES) throw this.unfit('it is larger than 8 MB');
        pieces.push(piece);
      }
      const body = Buffer.concat(pieces).toString('utf8');
      this.mustBeGood(answer.statusCode, body, action, absent);
      return { status: answer.statusCode, body, dateMs: dateOf(answer.headers.date) };
    } catch (error) {
      if (this.closed) throw fail('MEDIA_SERVER_CLOSED', { action });
      if (ending.signal.aborted) throw this.late(action);
      throw this.faultOf(error, action);
    } finally {
      clearTimeout(timer);
      this.pending.delete(ending);
    }
  }

  /** The answer is not one of this kind of server. `reason` quotes nothing of it. */
  unfit(reason: string): LiveError {
    return fail('MEDIA_SERVER_UNFIT', { where: this.where, kind: CALLED[this.options.kind], reason });
  }

  /** The server said no to `action`. */
  failed(action: string, reason: string): LiveError {
    return fail('MEDIA_SERVER_FAILED', { where: this.where, action, reason });
  }

  /** It wants another login. */
  refusedLogin(): LiveError {
    return fail('MEDIA_SERVER_LOGIN', { where: this.where });
  }

  /** End at once: what is under way is rejected. */
  async close(): Promise<void> {
    this.closed = true;
    for (const one of this.pending) one.abort();
    await this.pool?.destroy().catch(() => undefined);
    this.pool = null;
  }

  private mustBeGood(status: number, body: string, action: string, absent: boolean): void {
    if (status === 401 || status === 403) throw this.refusedLogin();
    // Oryx tells a wrong token as an error of its own
    if (
      status >= 500 &&
      this.options.kind === 'oryx' &&
      /authenticat|token|bearer/i.test(body.slice(0, 2000))
    )
      throw this.refusedLogin();
    if (status >= 500) throw this.failed(action, `HTTP status ${status}`);
    if (status === 404 && absent) return;
    if (status < 200 || status >= 300) throw this.unfit(`it answers with HTTP status ${status}`);
  }

  private late(action: string): LiveError {
    return fail('MEDIA_SERVER_TIMEOUT', {
      where: this.where,
      action,
      seconds: this.options.timeoutMs / 1000,
    });
  }

  private faultOf(thrown: unknown, action: string): LiveError {
    if (thrown instanceof LiveError) return thrown;
    const { where } = this;
    const code = codeOf(thrown);
    if (code === 'ECONNREFUSED') {
      const host = new URL(this.options.origin).hostname;
      const container = isLoopback(host) && runsInContainer();
      const advice = container
        ? ' Node-RED runs in a container, and this address is the container itself.'
        : '';
      return fail('MEDIA_SERVER_REFUSED', { where, advice });
    }
    if (code !== null && UNREACHABLE.has(code))
      return fail('MEDIA_SERVER_UNREACHABLE', { where, reason: code });
    if (code !== null && /TIMEOUT/.test(code)) return this.late(action);
    if (code?.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
      return this.unfit('it does not answer as a web server');
    const broken = code === null || ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code);
    const reason = broken ? 'it broke the connection off' : code;
    return fail('MEDIA_SERVER_UNREACHABLE', { where, reason });
  }

  /** User and password, or a password alone as a token. */
  private login(): Record<string, string> {
    const { user, password } = this.options;
    if (!password && !user) return {};
    if (!user) return { authorization: `Bearer ${password}` };
    return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` };
  }

  /** The library is loaded with the first request: every start of Node-RED would wait for it. */
  private open(): Pool {
    if (this.pool) return this.pool;
    const { Pool: Connections } = require('undici') as typeof import('undici');
    const { origin, timeoutMs } = this.options;
    this.pool = new Connections(origin, {
      connections: MOST_CONNECTIONS,
      // a server that was started again has closed what was kept
      pipelining: 0,
      keepAliveTimeout: 1,
      keepAliveMaxTimeout: 1,
      maxHeaderSize: MOST_HEADER_BYTES,
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    return this.pool;
  }
}

function dateOf(header: string | string[] | undefined): number | null {
  const ms = typeof header === 'string' ? Date.parse(header) : NaN;
  return Number.isFinite(ms) ? ms : null;
}

/** `localhost` gives one error for each address family, wrapped; any of them tells. */
function codeOf(thrown: unknown): string | null {
  const { code, errors, cause } = Object(thrown) as { code?: unknown; errors?: unknown[]; cause?: unknown };
  if (typeof code === 'string') return code;
  const inner = errors?.[0] ?? cause;
  return inner === undefined ? null : codeOf(inner);
}
