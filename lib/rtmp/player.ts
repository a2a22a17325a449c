import { chunksOf } from './chunk-writer';
import type { TagRole } from './group';
import { MESSAGE } from './messages';
import { OUR_CHUNK_SIZE } from './session';
import type { StreamHeaders, Tag, TagKind } from './types';

const TYPES: Record<TagKind, number> = { audio: MESSAGE.audio, video: MESSAGE.video, data: MESSAGE.data };
const CHUNK_STREAMS: Record<TagKind, number> = { audio: 4, video: 6, data: 5 };
/** So much of what may wait at most, before he is given pictures again. */
const AGAIN = 0.5;

/** Where a player's bytes go: his socket. */
export interface PlayerSocket {
  /** bytes that were given to it and are not on their way yet */
  readonly waiting: number;
  send(parts: readonly Buffer[]): void;
}

const made = new WeakMap<Tag, Buffer[]>();

/**
 * A tag as the bytes of an RTMP message in message stream 1. The parts are the same for every player, so they are made once for each tag; its
 * payload is not copied.
 */
export function tagParts(tag: Tag): Buffer[] {
  let parts = made.get(tag);
  if (!parts) {
    const { kind, timestampMs, payload } = tag;
    const timestamp = (Math.trunc(timestampMs) % 2 ** 32) >>> 0;
    const message = { chunkStream: CHUNK_STREAMS[kind], type: TYPES[kind], messageStream: 1 };
    made.set(tag, (parts = chunksOf({ ...message, timestamp, payload }, OUR_CHUNK_SIZE)));
  }
  return parts;
}

/** One who plays: he is given what he can take, whole from a key frame on, and never holds up anybody. */
export class Player {
  /** tags that were left out for him, so far */
  dropped = 0;
  private isBehind = true;
  private sent: readonly (Tag | null)[] = [];

  constructor(
    private readonly socket: PlayerSocket,
    private readonly mostBytes: number,
    private readonly parts: (tag: Tag) => Buffer[] = tagParts,
  ) {}

  /** Begin with whatever comes next: it is there from the first tag on. */
  beginAtOnce(): void {
    this.isBehind = false;
  }

  /** Begin with the headers and everything since the newest key frame; where there is none, with the next one. */
  begin(headers: StreamHeaders, group: readonly Tag[]): void {
    this.sendHeaders(headers);
    // sound alone has no key frames to wait for
    this.isBehind = group.length === 0 && (headers.video !== null || headers.audio === null);
    for (const tag of group) this.socket.send(this.parts(tag));
  }

  /** A new tag came; `headers` are those of the stream with it. */
  take(tag: Tag, { header, keyframe }: TagRole, headers: () => StreamHeaders): void {
    const { waiting } = this.socket;
    if (this.isBehind) {
      const isBeginning = keyframe || (tag.kind === 'audio' && headers().video === null);
      if (!isBeginning || waiting > this.mostBytes * AGAIN) return void this.dropped++;
      this.isBehind = false;
      this.sendHeaders(headers());
      if (header) return;
    } else if (waiting + tag.payload.length > this.mostBytes) {
      this.isBehind = true;
      return void this.dropped++;
    } else if (header || tag.kind === 'data') {
      const { metadata, video, audio } = headers();
      this.sent = [metadata, video, audio];
    }
    this.socket.send(this.parts(tag));
  }

  /** Those that he does not have yet. */
  private sendHeaders({ metadata, video, audio }: StreamHeaders): void {
    const all = [metadata, video, audio];
    for (const tag of all) if (tag && !this.sent.includes(tag)) this.socket.send(this.parts(tag));
    this.sent = all;
  }
}
