import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as SecureOptions } from 'node:https';
import type { Socket } from 'node:net';
import { Emitter } from '../connection/emitter';
import type { Kept } from '../connection/lease';
import { fail, type LiveError } from '../errors';
import type { Release } from '../production/application';
import { plainAddress } from './addresses';
import { rateKey } from './client-address';
import { Mounts, type MountOptions } from './mounts';
import type { ListenAddress, WebHandler } from './types';

/** The whole head of a request must be there by then, counted from the connection: who sends a byte a second holds nothing up. */
const HEADERS_MS = 5_000;
/** The same with the body. */
const REQUEST_MS = 10_000;
/** How late the two above may be noticed. */
const CHECK_MS = 1_000;
/** Longer than common clients keep an idle connection, so that none is cut in the moment its next request is sent. */
const KEEP_ALIVE_MS = 65_000;
const MOST_HEADER_BYTES = 16_384;
const MOST_HEADERS = 100;
/** As listeners have it that are not made for the whole world; each open one costs some 10 kB. */
const MOST_CONNECTIONS = 1_000;
/** So much of them is for whoever comes from where nobody is expected, and for any one address (or household of IPv6): the rest stays free for a media server. */
const SHARE = 0.5;
/** A port that another program has may be free in a moment: the one before us ends, a deploy moves on. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000];
/** What is being answered when the listener closes has so long to get through. */
const CLOSING_MS = 500;

export interface ListenerOptions {
  /** connections at once; more are cut before a byte is read. 1,000, where nobody says otherwise */
  mostConnections?: number;
  /** the same from one address; half of them */
  mostFromOne?: number;
  /** certificate and key: the listener speaks TLS; one that does not fit throws at once */
  tls?: Pick<SecureOptions, 'key' | 'cert' | 'ca' | 'passphrase'>;
  /** hears what a handler threw; nobody outside does */
  onError?: (error: unknown) => void;
}

/** One HTTP server for a host and port, which several share by path. It listens until it is closed, and tries again where it could not. */
export class WebListener implements Kept {
  /** why nothing listens; null while it does, or has not tried yet */
  fault: LiveError | null = null;
  private readonly mounts = new Mounts();
  private readonly server: Server;
  private readonly states = new Emitter<void>();
  private readonly fromOne = new Map<string, number>();
  private connections = 0;
  private tries = 0;
  private timer: NodeJS.Timeout | null = null;
  private closing: Promise<void> | null = null;

  constructor(
    readonly address: ListenAddress,
    private readonly options: ListenerOptions = {},
  ) {
    const limits = {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
      insecureHTTPParser: false,
    };
    const take = (request: IncomingMessage, response: ServerResponse) => this.take(request, response);
    this.server = options.tls
      ? createSecureServer({ ...limits, ...options.tls, handshakeTimeout: HEADERS_MS }, take)
      : createServer(limits, take);
    // who speaks no TLS, or breaks off, is no fault of ours
    this.server.on('tlsClientError', (_error: Error, socket: Socket) => void socket.destroy());
    this.server.maxHeadersCount = MOST_HEADERS;
    this.server.on('connection', (socket) => this.count(socket));
    this.server.on('listening', () => this.stateIs(null));
    this.server.on('error', (error: NodeJS.ErrnoException) => {
      if (this.server.listening) options.onError?.(error);
      else this.failed(error);
    });
    this.listen();
  }

  get listening(): boolean {
    return this.server.listening;
  }

  /** What it listens at, as people write it. */
  get where(): string {
    const { host, port } = this.address;
    return `${host.includes(':') ? `[${host}]` : host}:${this.port ?? port}`;
  }

  /** The port it has; null while it has none. */
  get port(): number | null {
    const at = this.server.address();
    return typeof at === 'object' && at ? at.port : null;
  }

  /** Told when it listens, and when it cannot. */
  onState(listener: () => void): Release {
    return this.states.add(listener);
  }

  /** Resolves once it listens. Rejects with LISTEN_FAILED after the first try that failed; it goes on trying. */
  whenListening(): Promise<void> {
    return new Promise((resolve, reject) => {
      let release: Release = () => undefined;
      const look = () => {
        if (this.listening) resolve();
        else if (this.fault) reject(this.fault);
        else if (this.closing) reject(fail('LISTEN_FAILED', { where: this.where, reason: 'it was closed' }));
        else return;
        release();
      };
      release = this.states.add(look);
      look();
    });
  }

  isMounted(path: string): boolean {
    return this.mounts.has(path);
  }

  /**
   * Take every request below `path` (`/hooks/a`: with a slash in front, none behind; `/`: all that nobody else takes). Release with
   * `true` when nobody comes after: then nothing waits there.
   * @throws when somebody has this very path: ask `isMounted` before
   */
  mount(path: string, handler: WebHandler, options?: MountOptions): (forGood?: boolean) => void {
    return this.mounts.add(path, handler, options);
  }

  /** Ends within a second, whatever is open. */
  close(): Promise<void> {
    return (this.closing ??= new Promise((resolve) => {
      if (this.timer) clearTimeout(this.timer);
      this.mounts.clear();
      const cut = setTimeout(() => this.server.closeAllConnections(), CLOSING_MS);
      cut.unref();
      this.server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      this.server.closeIdleConnections();
      this.states.tell();
    }));
  }

  private listen(): void {
    this.timer = null;
    if (this.closing) return;
    this.server.listen({ host: this.address.host, port: this.address.port });
  }

  private failed(error: NodeJS.ErrnoException): void {
    this.timer = setTimeout(() => this.listen(), RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]);
    this.timer.unref();
    const reason = REASONS[error.code ?? ''] ?? error.code ?? 'unknown reason';
    this.stateIs(fail('LISTEN_FAILED', { where: this.where, reason }, error));
  }

  private stateIs(fault: LiveError | null): void {
    // the same again is no news
    const same = fault !== null && this.fault?.message === fault.message;
    this.fault = fault;
    if (!fault) this.tries = 0;
    if (!same) this.states.tell();
  }

  private count(socket: Socket): void {
    // what breaks off is no fault of ours
    socket.on('error', () => undefined);
    const { mostConnections = MOST_CONNECTIONS, mostFromOne = mostConnections * SHARE } = this.options;
    const address = plainAddress(socket.remoteAddress ?? '');
    const from = rateKey(address);
    const open = (this.fromOne.get(from) ?? 0) + 1;
    const isFull = this.connections >= mostConnections;
    if (isFull || open > mostFromOne || (this.isCrowded && !this.mounts.expects(address)))
      return void socket.destroy();
    this.connections++;
    this.fromOne.set(from, open);
    socket.once('close', () => {
      this.connections--;
      const left = (this.fromOne.get(from) ?? 1) - 1;
      if (left > 0) this.fromOne.set(from, left);
      else this.fromOne.delete(from);
    });
  }

  private get isCrowded(): boolean {
    return this.connections >= (this.options.mostConnections ?? MOST_CONNECTIONS) * SHARE;
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    // who has nothing to ask makes room for who has: few addresses could hold every place otherwise
    if (this.isCrowded) response.shouldKeepAlive = false;
    const path = pathOf(request.url ?? '');
    const found = this.mounts.find(path);
    if (!found) return refuse(response);
    if ('handler' in found) return this.run(found.handler, request, response, found.rest);
    void this.mounts.whenMounted(found.wait).then(() => {
      if (response.destroyed) return;
      const again = this.mounts.find(path);
      if (again && 'handler' in again) this.run(again.handler, request, response, again.rest);
      else if (found.late) this.run(found.late.handler, request, response, found.late.rest);
      else refuse(response);
    });
  }

  private run(handler: WebHandler, request: IncomingMessage, response: ServerResponse, rest: string): void {
    try {
      handler(request, response, rest);
    } catch (error) {
      this.options.onError?.(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'Content-Length': 0, Connection: 'close' }).end();
    }
  }
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program has this port',
  EACCES: 'no right to use this port; those below 1024 are for the system',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'nobody knows this host name',
  EAI_AGAIN: 'this host name cannot be looked up',
};

/** What an unknown path is answered with, and whatever shall look like one. */
export function refuse(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Length': 0, Connection: 'close' }).end();
}

/** The path as it was sent: nothing is decoded or tidied, so there is one spelling of each. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
