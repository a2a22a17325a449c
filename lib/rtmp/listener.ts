import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { fail } from '../errors';
import { Emitter } from '../connection/emitter';
import type { Release } from '../production/application';
import type { IngestSettings } from './types';

/** A port that another program has may be free in a moment: the one before us ends, a deploy moves on. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000];
const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program has this port',
  EACCES: 'no right to use this port; those below 1024 are for the system',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'nobody knows this host name',
  EAI_AGAIN: 'this host name cannot be looked up',
};

/** Listens for RTMP or RTMPS until it is closed, and tries again where it cannot. */
export class RtmpListener {
  /** why nothing listens; null while it does, or has not tried yet */
  fault: Error | null = null;
  private server: Server | null = null;
  private readonly changes = new Emitter<void>();
  private tries = 0;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  /** @param take gets every connection that speaks TLS, where that is asked for */
  constructor(
    private readonly settings: Pick<IngestSettings, 'host' | 'port' | 'tls'>,
    private readonly limits: { handshakeMs: number },
    private readonly take: (socket: Socket) => void,
    /** whether one more may come, from this address; asked before a byte is read */
    private readonly mayCome: (socket: Socket) => boolean,
  ) {}

  get listening(): boolean {
    return this.server?.listening === true;
  }

  /** The port it has; null while it has none. */
  get port(): number | null {
    const at = this.server?.address();
    return typeof at === 'object' && at ? at.port : null;
  }

  onChange(listener: () => void): Release {
    return this.changes.add(listener);
  }

  /** Begin. Nothing is thrown: `fault` tells. */
  open(): void {
    this.timer = null;
    if (this.closed) return;
    const { host, port, tls } = this.settings;
    try {
      this.server ??= tls ? this.secureServer(tls) : this.plainServer();
    } catch (error) {
      // a certificate or key that cannot be used: no later try would change that
      const reason = error instanceof Error ? error.message : String(error);
      const field = 'certificate of the ingest';
      return this.failed(fail('CONFIG_INVALID', { field, reason: `it cannot be used (${reason})` }, error));
    }
    this.server.listen({ host, port });
  }

  close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    this.changes.clear();
    const { server } = this;
    return new Promise((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
  }

  private plainServer(): Server {
    const server = createServer({ noDelay: true }, (socket) => this.take(socket));
    return this.prepared(server);
  }

  private secureServer(tls: NonNullable<IngestSettings['tls']>): Server {
    const options = { ...tls, noDelay: true, handshakeTimeout: this.limits.handshakeMs };
    const server = createSecureServer(options, (socket) => this.take(socket));
    // who speaks no TLS, or breaks off, is no fault of ours
    server.on('tlsClientError', (_error, socket) => void socket.destroy());
    return this.prepared(server);
  }

  private prepared<T extends Server>(server: T): T {
    server.prependListener('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      if (!this.mayCome(socket)) socket.destroy();
    });
    server.on('listening', () => {
      this.tries = 0;
      this.fault = null;
      this.changes.tell();
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (server.listening || this.closed) return;
      this.timer = setTimeout(() => this.open(), RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]);
      this.timer.unref();
      const { host, port } = this.settings;
      const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const reason = REASONS[error.code ?? ''] ?? error.code ?? 'unknown reason';
      this.failed(fail('INGEST_LISTEN', { where, reason }, error));
    });
    return server;
  }

  private failed(fault: Error): void {
    // the same again is no news
    const same = this.fault?.message === fault.message;
    this.fault = fault;
    if (!same) this.changes.tell();
  }
}
