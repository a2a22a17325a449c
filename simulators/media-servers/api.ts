import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiFault } from './faults';

/** A request to an API, its body read. */
export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** the header, as it came */
  authorization: string | null;
  body: string;
}

export interface ApiAnswer {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

export interface ApiHost {
  answer(request: ApiRequest): ApiAnswer;
  fault(): ApiFault | null;
  asked(): void;
}

const MOST_BODY = 65_536;
const PAGE = '<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>';

/** An answer in JSON. */
export function json(value: unknown, status = 200): ApiAnswer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

/** Whether an Authorization header is this user and password. */
export function isBasic(header: string | null, user: string | null, password: string): boolean {
  return header === `Basic ${Buffer.from(`${user ?? ''}:${password}`).toString('base64')}`;
}

/** The HTTP port of a simulated server: opens, closes and opens again on the same port, and fails as it is told. */
export class ApiPort {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly host: ApiHost) {}

  get listening(): boolean {
    return this.server?.listening ?? false;
  }

  /** Resolves with the port taken; rejects where it cannot be had. */
  open(port: number, host: string): Promise<number> {
    const server = createServer((request, response) => this.read(request, response));
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        server.on('error', () => undefined);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  async shut(): Promise<void> {
    const { server } = this;
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    if (!server?.listening) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private read(request: IncomingMessage, response: ServerResponse): void {
    const pieces: Buffer[] = [];
    let size = 0;
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    request.on('data', (data: Buffer) => {
      size += data.length;
      if (size > MOST_BODY) request.destroy();
      else pieces.push(data);
    });
    request.on('end', () => {
      this.host.asked();
      const fault = this.host.fault();
      if (fault === 'error' || fault === 'html') return fail(response, fault);
      const url = new URL(request.url ?? '/', 'http://server');
      const answer = this.host.answer({
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        authorization: request.headers.authorization ?? null,
        body: Buffer.concat(pieces).toString('utf8'),
      });
      send(response, answer, fault);
    });
  }
}

/** What fails before anything is done. */
function fail(response: ServerResponse, fault: 'error' | 'html'): void {
  const [status, text] = fault === 'error' ? [500, 'Internal Server Error'] : [200, PAGE];
  response.writeHead(status, { 'Content-Type': 'text/html' }).end(text);
}

/** `fault`: how the answer gets lost on its way, when what was asked for is done already. */
function send(
  response: ServerResponse,
  answer: ApiAnswer,
  fault: Exclude<ApiFault, 'error' | 'html'> | null,
): void {
  const body = Buffer.from(answer.body);
  const head = { ...answer.headers, 'Content-Type': answer.type };
  switch (fault) {
    case 'hang':
      return;
    case 'reset':
      return void response.socket?.resetAndDestroy();
    case 'blank':
      return void response.writeHead(200, { ...head, 'Content-Length': 0 }).end();
    case 'truncated':
      // it says how much is to come, and less comes
      response.writeHead(answer.status, { ...head, 'Content-Length': body.length + 1 });
      return void response.write(body.subarray(0, Math.floor(body.length / 2)), () =>
        response.socket?.destroy(),
      );
    case null:
      return void response.writeHead(answer.status, { ...head, 'Content-Length': body.length }).end(body);
  }
}
