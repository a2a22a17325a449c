import type { RtmpMessage } from './messages';

const EXTENDED = 0xff_ffff;

/**
 * A message as chunks, each header in full, so that it can be read by whoever has read none before. The payload is not copied.
 * @param message its chunk stream is 2 to 63, where one byte is enough
 * @param chunkSize what was told to whoever reads this
 */
export function chunksOf(message: RtmpMessage, chunkSize: number): Buffer[] {
  const { chunkStream, payload, timestamp } = message;
  const extended = timestamp >= EXTENDED;
  const head = Buffer.allocUnsafe(extended ? 16 : 12);
  head[0] = chunkStream;
  head.writeUIntBE(extended ? EXTENDED : timestamp, 1, 3);
  head.writeUIntBE(payload.length, 4, 3);
  head[7] = message.type;
  head.writeUInt32LE(message.messageStream, 8);
  if (extended) head.writeUInt32BE(timestamp, 12);
  const parts = [head, payload.subarray(0, chunkSize)];
  if (payload.length <= chunkSize) return parts;
  const next = Buffer.allocUnsafe(extended ? 5 : 1);
  next[0] = 0xc0 | chunkStream;
  if (extended) next.writeUInt32BE(timestamp, 1);
  for (let at = chunkSize; at < payload.length; at += chunkSize)
    parts.push(next, payload.subarray(at, at + chunkSize));
  return parts;
}
