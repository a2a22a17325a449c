import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { HttpFault } from './faults';
import type { Outcome } from './functions';

/** What the web controller needs to know of the vMix behind it. */
export interface WebHost {
  user: string | null;
  password: string | null;
  document(): string;
  run(name: string, parameters: Record<string, string>): Outcome;
  fault(kind: 'state' | 'function'): HttpFault | null;
  asked(name: string, parameters: Record<string, string>): void;
}

/** Word for word what vMix answers to what is no request. */
const BAD_REQUEST = 'The request was invalid and could be processed.';
const PAGE =
  '<!DOCTYPE html><html><head><title>vMix</title></head><body><h1>Web Controller</h1></body></html>';
const PIECES = 8;

/** The web controller: one answer for each connection, no compression, no CORS. */
export class Web {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private held: (() => void)[] = [];

  constructor(private readonly host: WebHost) {
    this.server = createServer((request, response) => {
      if (this.frozen) this.held.push(() => this.answer(request, response));
      else this.answer(request, response);
    });
    this.server.on('clientError', (_error, socket) => {
      socket.end(
        `HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Length: ${BAD_REQUEST.length}\r\n\r\n${BAD_REQUEST}`,
      );
    });
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  get listening(): boolean {
    return this.server.listening;
  }

  /** Resolves with the port taken; rejects where it cannot be had. */
  open(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        this.server.on('error', () => undefined);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  async shut(): Promise<void> {
    this.held = [];
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
    for (const answer of this.held.splice(0)) answer();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => undefined);
    response.sendDate = false;
    response.setHeader('Connection', 'close');
    const url = new URL(request.url ?? '/', 'http://vmix');
    if (!this.admitted(request.headers.authorization)) {
      response.setHeader('WWW-Authenticate', 'Basic realm="vMix"');
      return send(response, 401, 'text/plain', '');
    }
    if (!/^\/api\/?$/i.test(url.pathname))
      return url.pathname === '/'
        ? send(response, 200, 'text/html', PAGE)
        : send(response, 404, 'text/plain', '');
    const parameters: Record<string, string> = {};
    // what is told twice keeps its first value: nothing here takes two mixes
    for (const [key, value] of url.searchParams) parameters[key.toLowerCase()] ??= value;
    const name = parameters.function ?? '';
    this.host.asked(name || 'state', parameters);
    const fault = this.host.fault(name === '' ? 'state' : 'function');
    if (fault !== null) return this.fail(fault, response);
    if (name === '') return send(response, 200, 'text/xml', this.host.document());
    const { known } = this.host.run(name, parameters);
    if (known) send(response, 200, 'text/plain', 'Function completed successfully.');
    else send(response, 500, 'text/plain', '');
  }

  private fail(fault: HttpFault, response: ServerResponse): void {
    const document = Buffer.from(this.host.document());
    switch (fault) {
      case 'error':
        return send(response, 500, 'text/plain', '');
      case 'html':
        return send(response, 200, 'text/html', PAGE);
      case 'browser':
        return send(response, 200, 'text/plain', 'Browser script access not permitted');
      case 'refuse':
        return void response.socket?.destroy();
      case 'large':
        return send(
          response,
          200,
          'text/xml',
          `<vmix><preset>${'x'.repeat(9 * 1024 * 1024)}</preset></vmix>`,
        );
      case 'hang':
        return;
      case 'truncated':
        // it says how much is to come, and less comes
        response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': document.length });
        return void response.write(document.subarray(0, Math.floor(document.length / 2)), () =>
          response.socket?.destroy(),
        );
      case 'slow':
        return this.drip(document, response);
    }
  }

  /** A piece each second. */
  private drip(document: Buffer, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': document.length });
    const size = Math.ceil(document.length / PIECES);
    let at = 0;
    const next = () => {
      response.write(document.subarray(at, at + size));
      at += size;
      if (at < document.length && !response.destroyed) return;
      clearInterval(timer);
      response.end();
    };
    const timer = setInterval(next, 1000);
    timer.unref();
    response.on('close', () => clearInterval(timer));
    next();
  }

  private admitted(header: string | undefined): boolean {
    const { user, password } = this.host;
    if (password === null) return true;
    const wanted = `Basic ${Buffer.from(`${user ?? ''}:${password}`).toString('base64')}`;
    return header === wanted;
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
