import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { readAmf, writeAmf, type Amf } from './amf';
import { ChunkReader, chunksOf, TYPE } from './chunks';

/** Where to, and as whom. */
export interface PublishTo {
  host: string;
  port: number;
  app: string;
  /** with its key, as OBS has it: `id?key=secret` */
  streamKey: string;
  secure?: boolean;
}

/** One message of a stream. */
export interface Piece {
  kind: 'audio' | 'video' | 'data';
  timestampMs: number;
  payload: Buffer;
}

/** A key frame in one piece. */
const CHUNK_SIZE = 131_072;
/** As long as OBS waits for a connection. */
const OPEN_MS = 10_000;
const HANDSHAKE = 1_536;
const GOODBYE_MS = 500;
const CHUNK_STREAM = { control: 2, command: 3, audio: 4, data: 5, video: 6 } as const;
const PING = 6;
const PONG = 7;

/** Whoever does not let us publish, in his own word: `NetStream.Publish.BadName`. */
export class Refused extends Error {}

/**
 * Publish over RTMP, as OBS does. Resolves when the server has let us in; rejects with `Refused` where it does not, and with another error
 * where it cannot be reached. No error holds the key.
 */
export async function publish(to: PublishTo): Promise<RtmpPublisher> {
  const { host, port } = to;
  const at = host.replace(/^\[|\]$/g, '');
  const socket = to.secure
    ? connectSecurely({ host: at, port, servername: at })
    : connect({ host: at, port });
  const publisher = new RtmpPublisher(socket, to);
  await publisher.opened;
  return publisher;
}

/** One connection that publishes one stream. */
export class RtmpPublisher {
  /** settles once */
  readonly opened: Promise<void>;
  private readonly reader = new ChunkReader();
  private readonly said: string;
  private settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  private hello: Buffer = Buffer.alloc(0);
  private isShaken = false;
  private chunkSize = 128;
  private stream = 1;
  private ends = new Set<() => void>();

  constructor(
    private readonly socket: Socket,
    private readonly to: PublishTo,
  ) {
    this.said = `${to.host}:${to.port}`;
    this.opened = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    const timer = setTimeout(() => this.fail(new Error(`${this.said} did not answer in time`)), OPEN_MS);
    timer.unref();
    this.opened.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
    socket.setNoDelay(true);
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.fail(new Error(`${this.said} cannot be reached (${error.code ?? error.message})`)),
    );
    socket.on('close', () => {
      this.fail(new Error(`${this.said} closed the connection`));
      for (const end of [...this.ends]) end();
      this.ends.clear();
    });
    socket.on('data', (bytes: Buffer) => this.hear(bytes));
    socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(HANDSHAKE)]));
  }

  /** Bytes that wait to be taken. */
  get waiting(): number {
    return this.socket.writableLength;
  }

  /** Once, when the connection is gone. */
  onEnd(listener: () => void): void {
    if (this.socket.destroyed) listener();
    else this.ends.add(listener);
  }

  /** All of them in one write. */
  send(pieces: readonly Piece[]): void {
    this.socket.cork();
    for (const { kind, timestampMs, payload } of pieces)
      this.write(CHUNK_STREAM[kind], TYPE[kind], timestampMs, payload, this.stream);
    this.socket.uncork();
  }

  /** Leave with a word, so that nobody waits for us. */
  async end(): Promise<void> {
    if (this.socket.destroyed) return;
    const name = this.to.streamKey.split('?')[0] ?? '';
    this.command(0, 'FCUnpublish', 6, null, name);
    this.command(0, 'deleteStream', 7, null, this.stream);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.drop(), GOODBYE_MS);
      timer.unref();
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.end();
    });
  }

  /** Be gone without a word, as when a network breaks. */
  drop(): void {
    this.socket.destroy();
  }

  private fail(error: Error): void {
    this.settle?.reject(error);
    this.settle = null;
    this.socket.destroy();
  }

  private hear(bytes: Buffer): void {
    try {
      if (this.isShaken) return this.reader.read(bytes, (message) => this.told(message));
      this.hello = Buffer.concat([this.hello, bytes]);
      if (this.hello.length < 1 + 2 * HANDSHAKE) return;
      this.isShaken = true;
      this.socket.write(this.hello.subarray(1, 1 + HANDSHAKE));
      this.askIn();
      this.reader.read(this.hello.subarray(1 + 2 * HANDSHAKE), (message) => this.told(message));
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private askIn(): void {
    const { host, port, app, secure } = this.to;
    const tcUrl = `${secure ? 'rtmps' : 'rtmp'}://${host}:${port}/${app}`;
    this.command(0, 'connect', 1, { app, type: 'nonprivate', flashVer: 'FMLE/3.0', tcUrl });
    const size = Buffer.alloc(4);
    size.writeUInt32BE(CHUNK_SIZE, 0);
    this.write(CHUNK_STREAM.control, TYPE.setChunkSize, 0, size);
    this.chunkSize = CHUNK_SIZE;
  }

  private told({ type, payload }: { type: number; payload: Buffer }): void {
    if (type === TYPE.userControl && payload.length >= 6 && payload.readUInt16BE(0) === PING) {
      const pong = Buffer.from(payload.subarray(0, 6));
      pong.writeUInt16BE(PONG, 0);
      return this.write(CHUNK_STREAM.control, TYPE.userControl, 0, pong);
    }
    if (type !== TYPE.command) return;
    const [name, transaction, , info] = readAmf(payload);
    const code = typeof info === 'object' ? info?.code : null;
    if (name === '_error') this.fail(new Refused(typeof code === 'string' ? code : 'refused'));
    else if (name === '_result' && transaction === 1) {
      this.command(0, 'releaseStream', 2, null, this.to.streamKey);
      this.command(0, 'FCPublish', 3, null, this.to.streamKey);
      this.command(0, 'createStream', 4, null);
    } else if (name === '_result' && transaction === 4) {
      if (typeof info === 'number') this.stream = info;
      this.command(this.stream, 'publish', 5, null, this.to.streamKey, 'live');
    } else if (name === 'onStatus' && code === 'NetStream.Publish.Start') {
      this.settle?.resolve();
      this.settle = null;
    } else if (name === 'onStatus' && typeof code === 'string' && /Bad|Denied|Fail|Reject/.test(code))
      this.fail(new Refused(code));
  }

  private command(stream: number, ...values: Amf[]): void {
    this.write(CHUNK_STREAM.command, TYPE.command, 0, writeAmf(...values), stream);
  }

  private write(chunkStream: number, type: number, timestampMs: number, payload: Buffer, stream = 0): void {
    if (!this.socket.destroyed)
      this.socket.write(chunksOf(chunkStream, { type, stream, timestampMs, payload }, this.chunkSize));
  }
}
