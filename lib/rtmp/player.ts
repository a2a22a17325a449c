import { chunksOf } from './chunk-writer';
import { roleOf, type Group } from './group';
import { MESSAGE } from './messages';
import { OUR_CHUNK_SIZE } from './session';
import type { StreamHeaders, Tag, TagKind } from './types';

const TYPES: Record<TagKind, number> = { audio: MESSAGE.audio, video: MESSAGE.video, data: MESSAGE.data };
const CHUNK_STREAMS: Record<TagKind, number> = { audio: 4, video: 6, data: 5 };
/** So much of what may wait has to be gone before he is given pictures again. */
const AGAIN = 0.5;

/** Where a player's bytes go: his socket. */
export interface PlayerSocket {
  /** bytes that were given to it and are not on their way yet */
  readonly waiting: number;
  send(parts: readonly Buffer[]): void;
}

/**
 * A tag as the bytes of an RTMP message in message stream 1. The parts are not copied, and the same for every player; so they are made once
 * for each tag and kept with it.
 */
export function tagParts(tag: Tag): Buffer[] {
  let parts = made.get(tag);
  if (!parts) {
    const { kind, timestampMs, payload } = tag;
    const timestamp = Math.trunc(timestampMs) % 2 ** 32;
    const message = { chunkStream: CHUNK_STREAMS[kind], type: TYPES[kind], messageStream: 1 };
    made.set(tag, (parts = chunksOf({ ...message, timestamp, payload }, OUR_CHUNK_SIZE)));
  }
  return parts;
}

const made = new WeakMap<Tag, Buffer[]>();

/** One who plays: he is given what he can take, whole from a key frame on, and never holds up anybody. */
export class Player {
  /** what was left out for him, so far */
  dropped = 0;
  private isBehind = true;
  private readonly sent = new Set<Tag>();

  constructor(
    private readonly socket: PlayerSocket,
    private readonly mostBytes: number,
  ) {}

  /** Begin: the headers, and everything since the newest key frame; with the next one where there is none. */
  begin(headers: StreamHeaders, group: Group): void {
    this.sendHeaders(headers);
    const tags = group.all();
    if (tags.length === 0) {
      // sound alone has no key frames to wait for
      this.isBehind = headers.video !== null || headers.audio === null;
      return;
    }
    this.isBehind = false;
    for (const tag of tags) this.socket.send(tagParts(tag));
  }

  /** A new tag came. */
  take(tag: Tag, headers: StreamHeaders): void {
    const role = roleOf(tag);
    if (this.isBehind) {
      const canBegin = role === 'keyframe' || (tag.kind === 'audio' && headers.video === null);
      if (!canBegin || this.socket.waiting > this.mostBytes * AGAIN) {
        this.dropped++;
        return;
      }
      this.isBehind = false;
      this.sendHeaders(headers);
    }
    if (this.socket.waiting + tag.payload.length > this.mostBytes) {
      this.isBehind = true;
      this.dropped++;
      return;
    }
    if (role === 'header') this.sent.add(tag);
    this.socket.send(tagParts(tag));
  }

  /** Those that he does not have yet. */
  private sendHeaders({ metadata, video, audio }: StreamHeaders): void {
    for (const tag of [metadata, video, audio]) {
      if (!tag || this.sent.has(tag)) continue;
      this.socket.send(tagParts(tag));
    }
    this.sent.clear();
    for (const tag of [metadata, video, audio]) if (tag) this.sent.add(tag);
  }
}
