import { isHarmless, redactBytes, redactText } from '../secrets';
import { cutMark, digest } from './digest';
import { isWellFormed } from './text';

/** Bytes of one message that are hashed: 8 MiB keep the event loop 30 ms. */
const MOST_BYTES = 8_388_608;
/** Characters of one message that are looked through for secrets to be hashed, as texts or small Buffers. */
const MOST_TEXT = 1_048_576;
/** The beginning of something is hashed only if it is long: a short one could be the hash of half a secret. */
const SHORTEST_PART = 65_536;
/** In Buffers up to this size `redactBytes` looks for all it knows, which takes time. */
const SMALL_BYTES = 65_536;
/** Beyond this many characters nothing fits anyway, and every text but the shortest is cut at once. */
const MOST_WRITTEN = 262_144;
const ALWAYS_WRITTEN = 64;
/** Digits of a whole number that are written. */
const LONGEST_NUMBER = 1000;

/** Texts, bytes and large numbers of one message, written or as their hash, without their secrets and in bounded time. */
export class Content {
  private bytesLeft = MOST_BYTES;
  private textLeft = MOST_TEXT;
  private writtenLeft = MOST_WRITTEN;

  constructor(private readonly longest: number) {}

  text(text: string): string {
    const { length } = text;
    if (length > this.longest || (this.writtenLeft < length && length > ALWAYS_WRITTEN))
      return this.cutText(text);
    this.writtenLeft -= length;
    return isHarmless(text) ? `"${text}"` : quoted(redactText(text));
  }

  bytes(bytes: Buffer, type?: string): string {
    const { length } = bytes;
    const hashed = Math.min(length, this.bytesLeft, length > SMALL_BYTES ? Infinity : this.textLeft);
    if (hashed < length && hashed < SHORTEST_PART) return bytesMark({ length, type });
    this.bytesLeft -= hashed;
    if (length <= SMALL_BYTES) this.textLeft -= hashed;
    const part = hashed < length ? bytes.subarray(0, hashed) : bytes;
    const clean = redactBytes(part);
    const sha256 = digest(clean);
    const hidden = clean !== part;
    if (hashed < length) return bytesMark({ length, type, hidden, sha256, hashed });
    return bytesMark({ length: clean.length, type, hidden, sha256 });
  }

  bigint(value: bigint): string {
    // the decimal text of a huge one takes seconds
    const hex = value.toString(16);
    if (hex.length <= LONGEST_NUMBER) return `{"$bigint":${quoted(redactText(`${value}`))}}`;
    return `{"$bigint":${cutMark({ what: 'text', length: hex.length, sha256: digest(hex) })}}`;
  }

  private cutText(text: string): string {
    const { length } = text;
    const hashed = Math.min(length, this.textLeft);
    if (hashed < length && hashed < SHORTEST_PART) return cutMark({ what: 'text', length });
    this.textLeft -= hashed;
    const clean = redactText(hashed < length ? text.slice(0, hashed) : text);
    const sha256 = digest(isWellFormed(clean) ? clean : JSON.stringify(clean));
    return hashed < length
      ? cutMark({ what: 'text', length, sha256, hashed })
      : cutMark({ what: 'text', length: clean.length, sha256 });
  }
}

/** A text in quotes; one with half a surrogate pair, which has no UTF-8, as its JSON form inside a mark. */
export function quoted(text: string): string {
  const json = JSON.stringify(text);
  // only what needs an escape can be half a pair
  if (json.length === text.length + 2 || isWellFormed(text)) return json;
  return `{"$text":${JSON.stringify(json.slice(1, -1))}}`;
}

function bytesMark(mark: {
  length: number;
  type?: string | undefined;
  hidden?: boolean;
  sha256?: string;
  hashed?: number;
}): string {
  const members = [
    mark.hashed === undefined ? '' : `"hashed":${mark.hashed},`,
    mark.hidden ? '"hidden":true,' : '',
    `"length":${mark.length}`,
    mark.sha256 === undefined ? '' : `,"sha256":"${mark.sha256}"`,
    mark.type === undefined ? '' : `,"type":"${mark.type}"`,
  ];
  return `{"$bytes":{${members.join('')}}}`;
}
