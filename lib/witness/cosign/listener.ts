import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { codeOf } from '../../durable/files';
import { fail } from '../../errors';
import type { Kept } from '../../connection/lease';
import { MOST_REQUEST_BYTES } from './request';
import type { CosignAnswer, CosignerService } from './service';

/** Some dozens of logs with a connection each; who comes beyond is cut off, and comes again with its next checkpoint. */
const MOST_CONNECTIONS = 64;
const MOST_HEADER_BYTES = 8_192;
const MOST_HEADERS = 50;
/** For the headers, and for the whole request (ms): one packet each from anybody who means it. */
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const IDLE_MS = 20_000;
/** How often the two above are looked after. */
const LOOK_MS = 500;
/** Answers on their way have this long when it closes. */
const CLOSE_MS = 400;
const CHECKPOINT = /\/([0-9a-f]{64})\/checkpoint$/;

export interface CosignListenerOptions {
  port: number;
  /** default: this computer only; a proxy with TLS belongs in front of anything else */
  host?: string;
  /** shorter ones for tests */
  headersMs?: number;
  requestMs?: number;
}

/**
 * A port of its own for a cosigner: `POST …/add-checkpoint`, `GET …/<hash of an origin>/checkpoint`, and at `/` a page that says
 * what this is. Bounded in every direction; it knows nothing of Node-RED.
 */
export class CosignListener implements Kept {
  private ended: Promise<void> | null = null;

  private constructor(
    private readonly server: Server,
    private readonly service: CosignerService,
  ) {}

  /**
   * Listen. From now on the service belongs to it, and is closed with it; where it cannot listen, at once.
   * @throws LiveError WITNESS_COSIGN_PORT
   */
  static async open(service: CosignerService, options: CosignListenerOptions): Promise<CosignListener> {
    const { port, host = '127.0.0.1', headersMs = HEADERS_MS, requestMs = REQUEST_MS } = options;
    const server = createServer(
      {
        maxHeaderSize: MOST_HEADER_BYTES,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: Math.min(LOOK_MS, headersMs),
      },
      (request, response) => void serve(service, request, response),
    );
    server.maxConnections = MOST_CONNECTIONS;
    server.maxHeadersCount = MOST_HEADERS;
    // one that reads no answer, or says nothing between two requests
    server.setTimeout(IDLE_MS);
    try {
      await listen(server, port, host);
    } catch (error) {
      await service.close();
      const reason = REASONS[codeOf(error)] ?? (codeOf(error) || 'of an unknown cause');
      throw fail('WITNESS_COSIGN_PORT', { host, port, reason }, error);
    }
    server.on('error', () => undefined);
    return new CosignListener(server, service);
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Let the port go, and the service's folder. Answers on their way have a moment; never rejects, within a second and a half. */
  close(): Promise<void> {
    return (this.ended ??= this.end());
  }

  private async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const cut = setTimeout(() => this.server.closeAllConnections(), CLOSE_MS);
    await this.service.close();
    await closed;
    clearTimeout(cut);
  }
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program does already',
  EACCES: 'Node-RED may not use that port',
  EADDRNOTAVAIL: 'this computer does not have that address',
  ENOTFOUND: 'there is no such address',
  ERR_SOCKET_BAD_PORT: 'there is no such port',
};

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function serve(
  service: CosignerService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // whoever leaves early is no error of ours
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const reading = request.method === 'GET' || request.method === 'HEAD';
  const [, hash] = CHECKPOINT.exec(path) ?? [];
  if (path.endsWith('/add-checkpoint')) {
    if (request.method !== 'POST')
      return say(request, response, refused(405, 'POST only'), { Allow: 'POST' });
    const body = await bodyOf(request);
    if (body === 'cut') return void response.destroy();
    if (body === 'long') return say(request, response, refused(413, `more than ${MOST_REQUEST_BYTES} bytes`));
    return say(request, response, await service.handle(body));
  }
  if (!reading && (path === '/' || hash))
    return say(request, response, refused(405, 'GET only'), { Allow: 'GET, HEAD' });
  const note = hash ? service.checkpointOf(hash) : null;
  if (note) return say(request, response, { ...refused(200, ''), body: note });
  if (path === '/') return say(request, response, { ...refused(200, ''), body: pageOf(service) });
  return say(request, response, refused(404, 'nothing here: POST …/add-checkpoint'));
}

function refused(status: number, sentence: string): CosignAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${sentence}\n` };
}

function pageOf(service: CosignerService): string {
  return [
    'This countersigns checkpoints of witness logs (c2sp.org/tlog-witness).',
    'POST …/add-checkpoint    GET …/<sha256 of the origin>/checkpoint',
    '',
    'Its key:',
    service.vkey,
    '',
  ].join('\n');
}

function say(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body }: CosignAnswer,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // what was not read is not waited for
    ...(request.complete ? {} : { Connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
  if (!request.complete) request.resume();
}

/** The body of a request, at most as long as the longest there may be. */
function bodyOf(request: IncomingMessage): Promise<Buffer | 'long' | 'cut'> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_REQUEST_BYTES) return Promise.resolve('long');
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= MOST_REQUEST_BYTES) return void parts.push(part);
      parts.length = 0;
      resolve('long');
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('close', () => resolve('cut'));
  });
}
