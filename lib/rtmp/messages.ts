/** One RTMP message: what chunks are put together to. */
export interface RtmpMessage {
  chunkStream: number;
  /** `MESSAGE`, or a number that nobody knows */
  type: number;
  /** milliseconds, of 32 bits */
  timestamp: number;
  messageStream: number;
  payload: Buffer;
}

/** Message types. Source: RTMP 1.0 (Adobe 2012), 5.4 and 7.1. */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  data3: 15,
  command3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** Events of user control messages. Source: RTMP 1.0, 7.1.7. */
export const CONTROL = { streamBegin: 0, streamEof: 1, pingRequest: 6, pingResponse: 7 } as const;

/** What comes off the wire breaks the protocol, or a limit. Thrown within the pure parts only; the session turns it into a word. */
export class RtmpFault extends Error {}

/** The bytes of a control message with one number. */
export function controlBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0, 0);
  return bytes;
}

/** The bytes of a user control message. */
export function userControlBytes(event: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(event, 0);
  bytes.writeUInt32BE(value >>> 0, 2);
  return bytes;
}

/** A part of an aggregate message. */
export interface AggregatePart {
  type: number;
  timestamp: number;
  payload: Buffer;
}

/** More are in no aggregate that anybody sends: it holds some tenths of a second. */
const MOST_PARTS = 1_024;
/** Type, size, time, stream; and behind the data the size once more. */
const PART_HEAD = 11;
const PART_TAIL = 4;

/**
 * The messages within an aggregate. Their times count from the first one's, which is that of the whole. Source: RTMP 1.0, 7.1.6.
 * @throws RtmpFault where it is cut off, holds another aggregate, or too much
 */
export function readAggregate(whole: RtmpMessage): AggregatePart[] {
  const { payload } = whole;
  const parts: AggregatePart[] = [];
  let first: number | null = null;
  for (let at = 0; at < payload.length;) {
    if (at + PART_HEAD > payload.length) throw new RtmpFault('an aggregate message is cut off');
    const type = payload[at]!;
    const size = payload.readUIntBE(at + 1, 3);
    const time = (payload.readUIntBE(at + 4, 3) | (payload[at + 7]! << 24)) >>> 0;
    const begin = at + PART_HEAD;
    if (begin + size > payload.length) throw new RtmpFault('an aggregate message is cut off');
    if (type === MESSAGE.aggregate) throw new RtmpFault('an aggregate message within another');
    if (parts.length >= MOST_PARTS) throw new RtmpFault('an aggregate message of too many');
    first ??= time;
    const timestamp = (whole.timestamp + (time - first)) >>> 0;
    parts.push({ type, timestamp, payload: payload.subarray(begin, begin + size) });
    at = begin + size + PART_TAIL;
  }
  return parts;
}
