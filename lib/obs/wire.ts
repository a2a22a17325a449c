import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { OBSWebSocket, OBSWebSocketError, WebSocketOpCode } from 'obs-websocket-js/json';
import WebSocket from 'ws';

/** A picture of an 8K program as PNG still fits; anything beyond is not an answer of an OBS. */
const LARGEST_MESSAGE_BYTES = 100 * 1024 * 1024;

/**
 * The field's client with the three things it lacks: TLS by the system's authorities, an end that never waits for the
 * peer, and pings that notice a peer which keeps its socket open and is gone.
 */
export class ObsWire extends OBSWebSocket {
  /** Called for each pong and message: the peer lives. */
  onSign: () => void = () => undefined;
  /** Called when the socket has closed; the library's event of that name can be told by a server too. */
  onEnded: (code: number, reason: string) => void = () => undefined;
  /** The socket's own error, whose code and causes the library's event does not carry. */
  socketError: NodeJS.ErrnoException | null = null;

  protected override async createConnection(url: string) {
    const opened = this.internalEventPromise<unknown>('ConnectionOpened');
    const hello = this.internalEventPromise<Awaited<ReturnType<OBSWebSocket['createConnection']>>>('op:0');
    const socket = new WebSocket(url, 'obswebsocket.json', {
      maxPayload: LARGEST_MESSAGE_BYTES,
      perMessageDeflate: false,
      ...(url.startsWith('wss:') ? { ca: authorities() } : {}),
    });
    // the library types its socket as the browser's; ws implements that interface
    this.socket = socket as unknown as typeof this.socket;
    socket.onopen = this.onOpen.bind(this) as never;
    socket.onerror = this.onError.bind(this) as never;
    socket.onclose = this.onClose.bind(this) as never;
    socket.on('error', (error) => (this.socketError = error));
    socket.on('message', (data) => {
      this.onSign();
      this.receive((data as Buffer).toString());
    });
    socket.on('close', (code, reason) => this.onEnded(code, reason.toString('utf8')));
    socket.on('pong', () => this.onSign());
    await opened;
    if (socket.protocol !== 'obswebsocket.json') throw new WrongProtocol();
    return hello;
  }

  /**
   * The library's `onMessage` without its two promises for each message, which cost as much as the event itself does, and
   * without its debug output, which would show what the messages carry.
   */
  private receive(text: string): void {
    try {
      const { op, d } = JSON.parse(text) as {
        op?: WebSocketOpCode;
        d?: { eventType: string; eventData?: unknown; requestId: string };
      };
      if (op === undefined || d === undefined) return;
      if (op === WebSocketOpCode.Event)
        (this as { emit(name: string, data: unknown): boolean }).emit(d.eventType, d.eventData);
      else if (op === WebSocketOpCode.RequestResponse || op === WebSocketOpCode.RequestBatchResponse)
        this.internalListeners.emit(`res:${d.requestId}`, d);
      else this.internalListeners.emit(`op:${op}`, d);
    } catch {
      // what is no message of OBS is passed over, as the library does
    }
  }

  /** The error when it is OBS's own no to a request; null for any other. */
  refusal(error: unknown): OBSWebSocketError | null {
    return error instanceof OBSWebSocketError ? error : null;
  }

  /** Ask for a sign of life; answered by `onSign`. */
  ping(): void {
    const socket = this.socket as unknown as WebSocket | undefined;
    if (socket?.readyState === WebSocket.OPEN) socket.ping();
  }

  /** End the connection without waiting for the peer: `disconnect` alone takes 30 s on a frozen one. */
  terminate(): void {
    (this.socket as unknown as WebSocket | undefined)?.terminate();
  }
}

/** What answered speaks WebSocket, but not the protocol of OBS 28 and newer. */
export class WrongProtocol extends Error {
  constructor() {
    super('it offers no obs-websocket 5 protocol');
  }
}

let cachedAuthorities: string[] | undefined;

/** Node's own authorities, those of NODE_EXTRA_CA_CERTS, and the system's where this Node or the file system shows them. */
function authorities(): string[] {
  if (cachedAuthorities) return cachedAuthorities;
  const list = new Set<string>(tls.rootCertificates);
  const get = (tls as unknown as { getCACertificates?: (type: string) => string[] }).getCACertificates;
  for (const type of ['default', 'extra', 'system'])
    for (const certificate of get?.(type) ?? []) list.add(certificate);
  const files = [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/cert.pem',
  ];
  if (process.env.NODE_EXTRA_CA_CERTS) files.push(process.env.NODE_EXTRA_CA_CERTS);
  for (const file of files) for (const certificate of certificatesIn(file)) list.add(certificate);
  cachedAuthorities = [...list];
  return cachedAuthorities;
}

function certificatesIn(file: string): string[] {
  try {
    return (
      readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
    );
  } catch {
    return [];
  }
}
