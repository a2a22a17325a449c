import { RtmpFault, type RtmpMessage } from './messages';

/** What RTMP begins with. Source: RTMP 1.0, 5.4.1. */
export const FIRST_CHUNK_SIZE = 128;
/** Messages are shorter than this anyway, and nobody's memory depends on it: a message grows as its bytes come. */
export const MOST_CHUNK_SIZE = 1_048_576;
/** Encoders use three or four. */
export const MOST_CHUNK_STREAMS = 16;
/** All messages of a connection that are under way, together: one of the largest, and what comes between its pieces. */
const MOST_UNDER_WAY = 12 * 1_048_576;
/** So much is set aside for a message before its bytes are here; then twice as much, and so on. */
const FIRST_ROOM = 16_384;
const NO_BYTES = Buffer.alloc(0);
/** The longest header: three bytes of the chunk stream, eleven of the message, four of a late time. */
const LONGEST_HEADER = 18;
/** Bytes of the message header by its kind: all; no stream; time only; nothing. */
const HEADER_SIZES = [11, 7, 3, 0] as const;
const EXTENDED = 0xff_ffff;

interface ChunkStream {
  timestamp: number;
  /** what a header of the last kind adds */
  delta: number;
  extended: boolean;
  length: number;
  type: number;
  messageStream: number;
  /** of the message that is under way; null between two */
  room: Buffer | null;
  filled: number;
}

export interface ChunkLimits {
  /** bytes of a message of this type at most; throws RtmpFault where one may not come now at all */
  mostBytes(type: number): number;
}

/** Puts messages together from chunks, whatever pieces they come in. Pure, and bounded by its limits. Source: RTMP 1.0, 5.3. */
export class ChunkReader {
  private chunkSize = FIRST_CHUNK_SIZE;
  private readonly streams = new Map<number, ChunkStream>();
  private readonly head = Buffer.alloc(LONGEST_HEADER);
  private headLength = 0;
  /** the chunk that is under way, and how much of it is still to come */
  private current: ChunkStream | null = null;
  private currentId = 0;
  private left = 0;
  /** bytes set aside for messages that are not whole */
  private underWay = 0;

  constructor(private readonly limits: ChunkLimits) {}

  /** @throws RtmpFault for a size that is none, or beyond the limit */
  setChunkSize(bytes: number): void {
    if (bytes < 1 || bytes > MOST_CHUNK_SIZE)
      throw new RtmpFault(`a chunk size of ${bytes}, and 1 to ${MOST_CHUNK_SIZE} are taken`);
    this.chunkSize = bytes;
  }

  /** What of a message was there already is thrown away. */
  abort(chunkStream: number): void {
    const stream = this.streams.get(chunkStream);
    if (stream) this.drop(stream);
  }

  /**
   * Take bytes.
   * @param take gets each message as it is whole; with `false` nothing more is read now
   * @returns where it stopped: the length of `data`, or what was left when `take` said so
   * @throws RtmpFault for what breaks the protocol or a limit; the reader is of no use afterwards
   */
  read(data: Buffer, from: number, take: (message: RtmpMessage) => boolean): number {
    let at = from;
    while (at < data.length || (this.current && this.left === 0)) {
      if (!this.current) {
        this.head[this.headLength++] = data[at++]!;
        if (this.headLength >= this.needed()) this.begin();
      } else {
        at += this.fill(this.current, data, at);
        if (this.left > 0) continue;
        const stream = this.current;
        this.current = null;
        if (stream.filled < stream.length) continue;
        const payload = stream.room!.subarray(0, stream.length);
        this.drop(stream);
        const { type, timestamp, messageStream } = stream;
        if (!take({ chunkStream: this.currentId, type, timestamp, messageStream, payload })) return at;
      }
    }
    return at;
  }

  /** How many bytes the header has, as far as can be told from those that are here. */
  private needed(): number {
    const { head, headLength } = this;
    const low = head[0]! & 63;
    const basic = low === 0 ? 2 : low === 1 ? 3 : 1;
    if (headLength < basic) return basic;
    const kind = head[0]! >> 6;
    const plain = basic + HEADER_SIZES[kind]!;
    if (headLength < plain) return plain;
    const extended =
      kind < 3 ? head.readUIntBE(basic, 3) === EXTENDED : this.streams.get(this.idOf())?.extended === true;
    return plain + (extended ? 4 : 0);
  }

  private idOf(): number {
    const { head } = this;
    const low = head[0]! & 63;
    return low === 0 ? 64 + head[1]! : low === 1 ? 64 + head[1]! + 256 * head[2]! : low;
  }

  /** A header is whole. */
  private begin(): void {
    const { head } = this;
    const kind = head[0]! >> 6;
    const low = head[0]! & 63;
    const at = low === 0 ? 2 : low === 1 ? 3 : 1;
    const id = this.idOf();
    this.headLength = 0;
    const known = this.streams.get(id);
    // librtmp begins with the second kind here and there: all but the stream is in it
    if (!known && kind > 1) throw new RtmpFault('a chunk that goes on with nothing');
    const stream = known ?? this.open(id);
    if (stream.room && kind !== 3) throw new RtmpFault('a message began within another of its chunk stream');
    if (kind < 3) this.readHeader(stream, kind, at);
    else if (!stream.room) stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    if (!stream.room) {
      const most = this.limits.mostBytes(stream.type);
      if (stream.length > most)
        throw new RtmpFault(`a message of ${stream.length} bytes (type ${stream.type})`);
      stream.room = stream.length ? this.roomOf(Math.min(stream.length, FIRST_ROOM)) : NO_BYTES;
      stream.filled = 0;
    }
    this.current = stream;
    this.currentId = id;
    this.left = Math.min(this.chunkSize, stream.length - stream.filled);
  }

  private readHeader(stream: ChunkStream, kind: number, at: number): void {
    const { head } = this;
    const short = head.readUIntBE(at, 3);
    stream.extended = short === EXTENDED;
    const time = stream.extended ? head.readUInt32BE(at + HEADER_SIZES[kind]!) : short;
    // a header without any time behind one with all adds the time itself again: so the specification has it, and ffmpeg
    stream.delta = time;
    stream.timestamp = kind === 0 ? time : (stream.timestamp + time) >>> 0;
    if (kind === 2) return;
    stream.length = head.readUIntBE(at + 3, 3);
    stream.type = head[at + 6]!;
    if (kind === 0) stream.messageStream = head.readUInt32LE(at + 7);
  }

  private open(id: number): ChunkStream {
    if (this.streams.size >= MOST_CHUNK_STREAMS) throw new RtmpFault('too many chunk streams');
    const none = { timestamp: 0, delta: 0, extended: false, length: 0, type: 0, messageStream: 0 };
    const stream: ChunkStream = { ...none, room: null, filled: 0 };
    this.streams.set(id, stream);
    return stream;
  }

  private fill(stream: ChunkStream, data: Buffer, at: number): number {
    const bytes = Math.min(this.left, data.length - at);
    if (stream.filled + bytes > stream.room!.length) {
      const room = this.roomOf(
        Math.min(stream.length, Math.max(2 * stream.room!.length, stream.filled + bytes)),
      );
      stream.room!.copy(room, 0, 0, stream.filled);
      this.underWay -= stream.room!.length;
      stream.room = room;
    }
    data.copy(stream.room!, stream.filled, at, at + bytes);
    stream.filled += bytes;
    this.left -= bytes;
    return bytes;
  }

  private roomOf(bytes: number): Buffer {
    this.underWay += bytes;
    if (this.underWay > MOST_UNDER_WAY) throw new RtmpFault('too much at once that is not whole');
    return Buffer.allocUnsafe(bytes);
  }

  private drop(stream: ChunkStream): void {
    this.underWay -= stream.room?.length ?? 0;
    stream.room = null;
    stream.filled = 0;
    if (this.current === stream && this.left === 0) this.current = null;
  }
}
