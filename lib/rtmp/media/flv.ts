import type { Tag, TagKind } from '../types';
import { UnwrappedTime } from './unwrap';

const TYPES: Record<TagKind, number> = { audio: 8, video: 9, data: 18 };
const KINDS: Record<number, TagKind> = { 8: 'audio', 9: 'video', 18: 'data' };
const FILE_HEADER = 9;
const TAG_HEADER = 11;
/** An FLV file names the length of the tag before each tag. */
const BACK = 4;
const MOST_PAYLOAD = 0xffffff;

/** The beginning of an FLV file (Adobe FLV 10.1 E.2). */
export function flvHeader({ video = true, audio = true } = {}): Buffer {
  return Buffer.from([0x46, 0x4c, 0x56, 1, (audio ? 4 : 0) | (video ? 1 : 0), 0, 0, 0, 9, 0, 0, 0, 0]);
}

/**
 * One tag of an FLV file (E.4.1).
 * @param timestampMs of the file; what is above 32 bits starts over
 * @throws RangeError for a payload of 16 MiB or more, which no message of an ingest has
 */
export function flvTag(kind: TagKind, timestampMs: number, payload: Buffer): Buffer {
  if (payload.length > MOST_PAYLOAD) throw new RangeError('the tag is too large for FLV');
  const out = Buffer.allocUnsafe(TAG_HEADER + payload.length + BACK);
  const time = Math.trunc(timestampMs) >>> 0;
  out[0] = TYPES[kind];
  out.writeUIntBE(payload.length, 1, 3);
  out.writeUIntBE(time & 0xffffff, 4, 3);
  out[7] = time >>> 24;
  out.writeUIntBE(0, 8, 3);
  payload.copy(out, TAG_HEADER);
  out.writeUInt32BE(TAG_HEADER + payload.length, TAG_HEADER + payload.length);
  return out;
}

export interface FlvReaderOptions {
  onTag: (tag: Tag) => void;
  now: () => number;
  /** bytes of one tag; default 8 MiB, as the ingest takes them */
  mostPayload?: number;
}

/**
 * Reads an FLV file as it comes, in pieces of any size. Holds one tag at most. What is no FLV, or has a tag that is too large, is a `fault`:
 * from then on nothing is read any more. Never throws but what `onTag` throws.
 */
export class FlvReader {
  /** in words; null while all is well */
  fault: string | null = null;
  private readonly head = Buffer.alloc(BACK + TAG_HEADER);
  /** what is being filled now, how far, and what comes when it is full */
  private filling: Buffer;
  private filled = 0;
  private step: 'file' | 'skip' | 'head' | 'payload' = 'file';
  private skip = 0;
  private kind: TagKind | null = null;
  private timestampMs = 0;
  private readonly time = new UnwrappedTime();
  private readonly mostPayload: number;

  constructor(private readonly options: FlvReaderOptions) {
    this.filling = Buffer.alloc(FILE_HEADER);
    this.mostPayload = options.mostPayload ?? 8 * 1024 * 1024;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.fault === null;) {
      if (this.step === 'skip') {
        const count = Math.min(this.skip, chunk.length - at);
        this.skip -= count;
        at += count;
        if (this.skip === 0) this.expectHead();
        continue;
      }
      const count = Math.min(this.filling.length - this.filled, chunk.length - at);
      chunk.copy(this.filling, this.filled, at, at + count);
      this.filled += count;
      at += count;
      if (this.filled === this.filling.length) this.full();
    }
  }

  private full(): void {
    if (this.step === 'file') return this.fileHeader();
    if (this.step === 'head') return this.tagHeader();
    const { kind, timestampMs, filling: payload } = this;
    this.expectHead();
    if (kind) this.options.onTag({ kind, timestampMs, payload, atMs: this.options.now() });
  }

  private fileHeader(): void {
    const header = this.filling;
    const length = header.readUInt32BE(5);
    if (header.toString('latin1', 0, 3) !== 'FLV' || length < FILE_HEADER || length > 1024) {
      this.fault = 'it is no FLV';
      return;
    }
    this.skip = length - FILE_HEADER;
    if (this.skip > 0) this.step = 'skip';
    else this.expectHead();
  }

  private expectHead(): void {
    this.step = 'head';
    this.filling = this.head;
    this.filled = 0;
  }

  private tagHeader(): void {
    const type = this.head[BACK]!;
    const length = this.head.readUIntBE(BACK + 1, 3);
    if (length > this.mostPayload) {
      this.fault = `a tag of ${length} bytes is too large`;
      return;
    }
    this.timestampMs = this.time.next(this.head.readUIntBE(BACK + 4, 3) + this.head[BACK + 7]! * 2 ** 24);
    // what is encrypted or of no kind that there is: passed over
    this.kind = KINDS[type] ?? null;
    if (length === 0) return this.expectHead();
    this.step = 'payload';
    // no more memory than has come: who only promises 8 MiB gets them in the end, and never twice
    this.filling = Buffer.allocUnsafe(length);
    this.filled = 0;
  }
}
