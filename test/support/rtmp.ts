// RTMP as the other side speaks it, byte by byte: for publishers and players that no real program would be.
import { connect, type Socket } from 'node:net';
import { readAmf, writeAmf, type AmfValue, type AmfWritable } from '../../lib/rtmp/amf0';
import { ChunkReader } from '../../lib/rtmp/chunk-reader';
import { MESSAGE, type RtmpMessage } from '../../lib/rtmp/messages';
import type { IngestSettings } from '../../lib/rtmp/types';
import { waitFor } from './wait';

/** What an ingest of a test is set to, unless it says otherwise. */
export function ingestSettings(more: Partial<IngestSettings> = {}): IngestSettings {
  const limits = { mostPublishers: 10, graceMs: 10_000, maxWidth: 7680, maxHeight: 4320, maxKbps: null };
  const place = { host: '127.0.0.1', port: 0, app: 'live', tls: null };
  const play = { allowFrom: [], token: null };
  return { ...place, ...limits, duplicates: 'reject', play, ...more };
}

interface Sent {
  timestamp: number;
  length: number;
  type: number;
  messageStream: number;
  delta: number | null;
}

export interface ChunkChoice {
  chunkStream: number;
  type: number;
  timestamp: number;
  messageStream?: number;
  payload: Buffer;
  /** the kind of the first header; the shortest that will do where nothing is said */
  kind?: 0 | 1 | 2 | 3;
}

/** Writes chunks with every kind of header, as encoders do. */
export class TestWriter {
  chunkSize = 128;
  private readonly last = new Map<number, Sent>();

  /** The chunks of one message, to be sent one after the other or between those of another chunk stream. */
  chunks(choice: ChunkChoice): Buffer[] {
    const { chunkStream, type, timestamp, messageStream = 1, payload, kind } = choice;
    const before = this.last.get(chunkStream);
    const delta = before ? timestamp - before.timestamp : 0;
    const shortest =
      !before || before.messageStream !== messageStream || delta < 0
        ? 0
        : before.type !== type || before.length !== payload.length
          ? 1
          : before.delta !== delta
            ? 2
            : 3;
    const used = kind ?? shortest;
    const time = used === 0 ? timestamp : delta;
    const extended = time >= 0xff_ffff;
    const head = Buffer.alloc([11, 7, 3, 0][used]!);
    if (used < 3) head.writeUIntBE(extended ? 0xff_ffff : time, 0, 3);
    if (used < 2) {
      head.writeUIntBE(payload.length, 3, 3);
      head[6] = type;
    }
    if (used === 0) head.writeUInt32LE(messageStream, 7);
    const late = Buffer.alloc(extended ? 4 : 0);
    if (extended) late.writeUInt32BE(time >>> 0, 0);
    const parts = [
      Buffer.concat([basic(used, chunkStream), head, late, payload.subarray(0, this.chunkSize)]),
    ];
    for (let at = this.chunkSize; at < payload.length; at += this.chunkSize)
      parts.push(Buffer.concat([basic(3, chunkStream), late, payload.subarray(at, at + this.chunkSize)]));
    this.last.set(chunkStream, { timestamp, length: payload.length, type, messageStream, delta: time });
    return parts;
  }

  message(choice: ChunkChoice): Buffer {
    return Buffer.concat(this.chunks(choice));
  }

  command(messageStream: number, ...values: AmfWritable[]): Buffer {
    const kind = { chunkStream: 3, type: MESSAGE.command, timestamp: 0, kind: 0 } as const;
    return this.message({ ...kind, messageStream, payload: writeAmf(...values) });
  }

  control(type: number, value: number): Buffer {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(value, 0);
    return this.message({ chunkStream: 2, type, timestamp: 0, messageStream: 0, payload, kind: 0 });
  }

  setChunkSize(bytes: number): Buffer {
    const sent = this.control(MESSAGE.setChunkSize, bytes);
    this.chunkSize = bytes;
    return sent;
  }
}

function basic(kind: number, id: number): Buffer {
  if (id < 64) return Buffer.from([(kind << 6) | id]);
  if (id < 320) return Buffer.from([kind << 6, id - 64]);
  return Buffer.from([(kind << 6) | 1, (id - 64) & 255, (id - 64) >> 8]);
}

/** The client's side of the handshake: its first part, and its second, which nobody looks at. */
export const HELLO = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 7)]);
export const HELLO_AGAIN = Buffer.alloc(1536, 9);

/** The commands of a publisher up to `publish`, as OBS sends them. */
export function publishCommands(
  writer: TestWriter,
  stream: string,
  more: { app?: string; tcUrl?: string; properties?: Record<string, AmfWritable> } = {},
): Buffer[] {
  const { app = 'live', tcUrl = `rtmp://127.0.0.1/${app}`, properties = {} } = more;
  return [
    writer.command(0, 'connect', 1, { app, type: 'nonprivate', flashVer: 'FMLE/3.0', tcUrl, ...properties }),
    writer.setChunkSize(4096),
    writer.command(0, 'releaseStream', 2, null, stream),
    writer.command(0, 'FCPublish', 3, null, stream),
    writer.command(0, 'createStream', 4, null),
    writer.command(1, 'publish', 5, null, stream, 'live'),
  ];
}

/** `avc` of 320 x 180, baseline, as x264 writes it. */
const SPS = Buffer.from('6742c00dda05067e7c0440000003004000000f03c50aa8', 'hex');
const PPS = Buffer.from('68ce0fc8', 'hex');

/** The header of pictures: 320 x 180, or with this sequence header. */
export function videoHeader(sps = SPS): Buffer {
  const record = [Buffer.from([1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1, 0, sps.length]), sps];
  return Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), ...record, Buffer.from([1, 0, PPS.length]), PPS]);
}

/** A picture's tag: one NAL unit of so many bytes, each of them `fill`. */
export function picture(keyframe: boolean, bytes = 200, fill = 1): Buffer {
  const nal = Buffer.alloc(bytes, fill);
  nal[0] = keyframe ? 0x65 : 0x41;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes, 0);
  return Buffer.concat([Buffer.from([keyframe ? 0x17 : 0x27, 1, 0, 0, 0]), length, nal]);
}

export const AUDIO_HEADER = Buffer.from([0xaf, 0, 0x12, 0x10]);
export const sound = (bytes = 100): Buffer => Buffer.concat([Buffer.from([0xaf, 1]), Buffer.alloc(bytes, 5)]);

/** A connection of a test's own, which remembers what it was told. */
export class TestCaller {
  readonly writer = new TestWriter();
  readonly told: RtmpMessage[] = [];
  readonly bytes: Buffer[] = [];
  closed = false;
  /** the connection was reset, and not ended */
  reset = false;
  private shaken = 0;
  private reader = new ChunkReader({ mostBytes: () => 16_777_216 });

  constructor(readonly socket: Socket) {
    socket.on('error', () => (this.reset = true));
    socket.on('close', () => (this.closed = true));
    socket.on('data', (data: Buffer) => this.hear(data));
  }

  private hear(data: Buffer): void {
    this.bytes.push(data);
    const skip = Math.min(data.length, 3073 - this.shaken);
    this.shaken += skip;
    this.reader.read(data, skip, (message) => {
      if (message.type === MESSAGE.setChunkSize) this.reader.setChunkSize(message.payload.readUInt32BE(0));
      this.told.push(message);
      return true;
    });
  }

  write(...bytes: Buffer[]): void {
    for (const part of bytes) this.socket.write(part);
  }

  commands(): AmfValue[][] {
    return this.told
      .filter(({ type }) => type === MESSAGE.command)
      .map(({ payload }) => readAmf(payload).values);
  }

  /** The codes of all states it was told. */
  codes(): string[] {
    return this.commands()
      .filter(([name]) => name === 'onStatus')
      .map(([, , , info]) => (info as Map<string, string>).get('code')!);
  }

  tags(): RtmpMessage[] {
    return this.told.filter(({ type }) => type === 8 || type === 9 || type === 18);
  }

  async code(wanted: string): Promise<void> {
    await waitFor(() => this.codes().includes(wanted), {
      message: () => `${wanted}; it was told ${this.codes().join(', ') || 'nothing'}`,
    });
  }

  async gone(): Promise<void> {
    await waitFor(() => this.closed, { message: 'the connection to be closed' });
  }

  video(timestamp: number, payload: Buffer): void {
    this.write(this.writer.message({ chunkStream: 6, type: MESSAGE.video, timestamp, payload }));
  }

  audio(timestamp: number, payload: Buffer): void {
    this.write(this.writer.message({ chunkStream: 4, type: MESSAGE.audio, timestamp, payload }));
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Connects, and nothing more. */
export async function caller(port: number, localAddress = '127.0.0.1'): Promise<TestCaller> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const made = new TestCaller(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return made;
}

/** Connects and asks to publish; whether it may is not waited for. */
export async function publishing(port: number, stream: string, localAddress?: string): Promise<TestCaller> {
  const made = await caller(port, localAddress);
  made.write(HELLO, HELLO_AGAIN, ...publishCommands(made.writer, stream));
  return made;
}

/** Connects and asks to play. */
export async function playing(port: number, stream: string): Promise<TestCaller> {
  const made = await caller(port);
  const { writer } = made;
  made.write(HELLO, HELLO_AGAIN);
  made.write(writer.command(0, 'connect', 1, { app: 'live', tcUrl: 'rtmp://127.0.0.1/live' }));
  made.write(writer.command(0, 'createStream', 2, null), writer.command(1, 'play', 3, null, stream, -2_000));
  return made;
}
