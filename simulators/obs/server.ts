import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

/** websocketpp's input limit, which OBS keeps */
const MAX_MESSAGE = 32 * 1024 * 1024;

/** The port: takes TCP connections, upgrades them to WebSockets, and can freeze as a stopped process does. */
export class Port {
  private readonly http = createHttpServer();
  private readonly webSockets: WebSocketServer;
  private readonly tcp: Server;
  private readonly sockets = new Set<Socket>();
  private waiting: Socket[] = [];
  private frozen = false;
  /** how many TCP connections came in */
  taken = 0;

  constructor(onClient: (socket: WebSocket) => void) {
    this.webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE,
      perMessageDeflate: false,
      handleProtocols: (protocols) => (protocols.has('obswebsocket.json') ? 'obswebsocket.json' : false),
    });
    this.http.on('request', (_request, response) => {
      // websocketpp's answer to a plain web request
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
      response.end();
    });
    this.http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const wanted = request.headers['sec-websocket-protocol'] ?? '';
      if (wanted.includes('obswebsocket.msgpack') && !wanted.includes('obswebsocket.json')) {
        socket.end(
          'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\nThe simulator speaks obswebsocket.json only.',
        );
        return;
      }
      this.webSockets.handleUpgrade(request, socket, head, onClient);
    });
    this.http.on('clientError', (_error, socket) => socket.destroy());
    this.tcp = createServer((socket) => {
      this.taken += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
      if (this.frozen) this.waiting.push(socket);
      else this.http.emit('connection', socket);
    });
  }

  get listening(): boolean {
    return this.tcp.listening;
  }

  /** Resolves with the port taken; rejects where it cannot be had. */
  open(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.tcp.once('error', reject);
      this.tcp.listen(port, host, () => {
        this.tcp.off('error', reject);
        this.tcp.on('error', () => undefined);
        resolve((this.tcp.address() as AddressInfo).port);
      });
    });
  }

  /** Cut every connection without a word and close the port. */
  async shut(): Promise<void> {
    this.waiting = [];
    for (const socket of this.sockets) socket.destroy();
    this.webSockets.close();
    if (!this.tcp.listening) return;
    await new Promise<void>((resolve) => this.tcp.close(() => resolve()));
  }

  /** Take no new connections; those there stay. */
  stopListening(): void {
    if (this.tcp.listening) this.tcp.close();
  }

  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    this.frozen = false;
    const waiting = this.waiting;
    this.waiting = [];
    for (const socket of this.sockets) if (!waiting.includes(socket)) socket.resume();
    for (const socket of waiting) if (!socket.destroyed) this.http.emit('connection', socket);
  }
}
