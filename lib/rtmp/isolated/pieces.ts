import type { TagKind } from '../types';

/** What runs between both processes: a length of 4 bytes, a kind, and so many bytes. Words are JSON; tags are bytes as they came. */
const HEAD = 5;
const WORD = 0;
const TAG_HEAD = 8;
const TYPES: Record<TagKind, number> = { audio: 8, video: 9, data: 18 };
const KINDS: Record<number, TagKind> = { 8: 'audio', 9: 'video', 18: 'data' };
/** as the session lets in; anything longer was not made by our own hand */
const MOST_PAYLOAD = 8_388_608;

/** The other side breaks what both agreed on. */
export class LinkFault extends Error {}

/** A tag of a connection: its number, what it is, and its time of 32 bits in ms. */
export interface LinkTag {
  number: number;
  kind: TagKind;
  timestamp: number;
  payload: Buffer;
}

/** The bytes of a word. */
export function wordPiece(word: object): Buffer {
  const text = Buffer.from(JSON.stringify(word), 'utf8');
  const out = Buffer.allocUnsafe(HEAD + text.length);
  out.writeUInt32BE(text.length, 0);
  out[4] = WORD;
  text.copy(out, HEAD);
  return out;
}

/** The bytes of a tag; its payload is not copied. */
export function tagPieces({ number, kind, timestamp, payload }: LinkTag): [Buffer, Buffer] {
  const head = Buffer.allocUnsafe(HEAD + TAG_HEAD);
  head.writeUInt32BE(TAG_HEAD + payload.length, 0);
  head[4] = TYPES[kind];
  head.writeUInt32BE(number, HEAD);
  head.writeUInt32BE(timestamp >>> 0, HEAD + 4);
  return [head, payload];
}

export interface PieceTaker {
  word(word: unknown): void;
  tag(tag: LinkTag): void;
}

/** Reads pieces as they come. Holds one at most, and no more of it than the limits allow: Node's own channel has none. */
export class PieceReader {
  private readonly head = Buffer.alloc(HEAD);
  private filling: Buffer = this.head;
  private filled = 0;

  constructor(
    private readonly taker: PieceTaker,
    private readonly mostWordBytes: number,
  ) {}

  /** @throws LinkFault for what is no piece, or too large, and whatever a taker throws */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(this.filling.length - this.filled, chunk.length - at);
      chunk.copy(this.filling, this.filled, at, at + count);
      this.filled += count;
      at += count;
      if (this.filled === this.filling.length) this.full();
    }
  }

  private full(): void {
    const { filling, head } = this;
    this.filled = 0;
    if (filling === head) {
      const length = head.readUInt32BE(0);
      const isWord = head[4] === WORD;
      const [least, most] = isWord ? [2, this.mostWordBytes] : [TAG_HEAD + 1, TAG_HEAD + MOST_PAYLOAD];
      if (!isWord && !(head[4]! in KINDS)) throw new LinkFault('a piece of no kind');
      if (length < least || length > most) throw new LinkFault(`a piece of ${length} bytes`);
      this.filling = Buffer.allocUnsafe(length);
      return;
    }
    this.filling = head;
    const kind = KINDS[head[4]!];
    if (!kind) return this.taker.word(wordOf(filling));
    this.taker.tag({
      number: filling.readUInt32BE(0),
      kind,
      timestamp: filling.readUInt32BE(4),
      payload: filling.subarray(TAG_HEAD),
    });
  }
}

function wordOf(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw new LinkFault('a word that is no JSON');
  }
}
