/** A message of RTMP. */
export interface Message {
  type: number;
  stream: number;
  timestampMs: number;
  payload: Buffer;
}

export const TYPE = {
  setChunkSize: 1,
  userControl: 4,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const;

/** A message as chunks with the header in full. Source: RTMP 1.0, 5.3. */
export function chunksOf(chunkStream: number, message: Message, chunkSize: number): Buffer {
  const { type, stream, timestampMs, payload } = message;
  const isLate = timestampMs >= 0xff_ffff;
  const late = Buffer.alloc(isLate ? 4 : 0);
  if (isLate) late.writeUInt32BE(timestampMs % 2 ** 32, 0);
  const head = Buffer.alloc(12);
  head[0] = chunkStream;
  head.writeUIntBE(isLate ? 0xff_ffff : timestampMs, 1, 3);
  head.writeUIntBE(payload.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(stream, 8);
  const parts = [head, late, payload.subarray(0, chunkSize)];
  for (let at = chunkSize; at < payload.length; at += chunkSize)
    parts.push(Buffer.from([0xc0 | chunkStream]), late, payload.subarray(at, at + chunkSize));
  return Buffer.concat(parts);
}

interface Reading {
  type: number;
  stream: number;
  length: number;
  isLate: boolean;
  parts: Buffer[];
  have: number;
}

/** What servers tell publishers is short. */
const MOST_BYTES = 65_536;
const HEADER_BYTES = [11, 7, 3, 0] as const;

/** Reads what a server says. `read` throws where that is no RTMP. */
export class ChunkReader {
  chunkSize = 128;
  private left: Buffer = Buffer.alloc(0);
  private readonly streams = new Map<number, Reading>();

  read(bytes: Buffer, take: (message: Omit<Message, 'timestampMs'>) => void): void {
    this.left = this.left.length === 0 ? bytes : Buffer.concat([this.left, bytes]);
    for (;;) {
      const used = this.chunk(this.left, take);
      if (used === 0) return;
      this.left = this.left.subarray(used);
    }
  }

  /** @returns how many bytes the next chunk has; 0 where it is not whole */
  private chunk(bytes: Buffer, take: (message: Omit<Message, 'timestampMs'>) => void): number {
    if (bytes.length === 0) return 0;
    const kind = (bytes[0]! >> 6) as 0 | 1 | 2 | 3;
    const short = bytes[0]! & 63;
    const basic = short === 0 ? 2 : short === 1 ? 3 : 1;
    let at = basic + HEADER_BYTES[kind];
    if (bytes.length < at) return 0;
    const id = basic === 1 ? short : basic === 2 ? 64 + bytes[1]! : 64 + bytes.readUInt16LE(1);
    const before = this.streams.get(id);
    if (!before && kind !== 0) throw new Error('it speaks no RTMP');
    const now: Reading = before
      ? { ...before }
      : { type: 0, stream: 0, length: 0, isLate: false, parts: [], have: 0 };
    if (kind < 3) now.isLate = bytes.readUIntBE(basic, 3) === 0xff_ffff;
    if (kind < 2) {
      now.length = bytes.readUIntBE(basic + 3, 3);
      now.type = bytes[basic + 6]!;
    }
    if (kind === 0) now.stream = bytes.readUInt32LE(basic + 7);
    if (now.length > MOST_BYTES) throw new Error('it sends too much');
    if (now.isLate) at += 4;
    const size = Math.min(this.chunkSize, now.length - now.have);
    if (bytes.length < at + size) return 0;
    now.parts = [...now.parts, Buffer.from(bytes.subarray(at, at + size))];
    now.have += size;
    if (now.have === now.length) {
      const { type, stream } = now;
      const payload = Buffer.concat(now.parts);
      now.parts = [];
      now.have = 0;
      if (type === TYPE.setChunkSize && payload.length >= 4)
        this.chunkSize = Math.max(1, payload.readUInt32BE(0) & 0x7fff_ffff);
      take({ type, stream, payload });
    }
    this.streams.set(id, now);
    return at + size;
  }
}
