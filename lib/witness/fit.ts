import { canonicalJson, sortNames, type JsonValue } from './canonical';
import { cutMark, cutValue, digest } from './digest';

/** No mark of a cut is longer. */
const MARK_BYTES = 160;

type Container = Extract<JsonValue, object>;

/**
 * Canonical text of at most `room` bytes. In what is longer, the largest parts are replaced by marks with their length
 * and hash: as few as it takes, and always the same ones for the same text.
 */
export function fit(text: string, room: number): string {
  if (text.length * 3 <= room || Buffer.byteLength(text) <= room) return text;
  return new Fitting().fitted(JSON.parse(text) as JsonValue, room);
}

class Fitting {
  private readonly sizes = new Map<Container, number>();

  fitted(value: JsonValue, room: number): string {
    const size = this.size(value);
    if (size <= room) return canonicalJson(value);
    if (typeof value === 'string')
      return cutMark({ what: 'text', length: value.length, sha256: digest(value) });
    if (typeof value !== 'object' || value === null) return canonicalJson(value);
    const names = Array.isArray(value) ? null : sortNames(Object.keys(value));
    const inner = Array.isArray(value) ? value : names!.map((name) => value[name]!);
    const texts = this.fewer(inner, size, room);
    if (!texts) return cutValue(canonicalJson(value));
    if (!names) return `[${texts.join(',')}]`;
    return `{${texts.map((text, at) => `${JSON.stringify(names[at])}:${text}`).join(',')}}`;
  }

  /** The parts of something of this size, cut until it fits, the largest first; null where that is not enough. */
  private fewer(parts: readonly JsonValue[], size: number, room: number): string[] | null {
    const texts: string[] = [];
    const byLength = parts
      .map((part, at) => ({ at, size: this.size(part) }))
      .filter((part) => part.size > MARK_BYTES)
      .sort((a, b) => b.size - a.size);
    let total = size;
    for (const { at, size } of byLength) {
      if (total <= room) break;
      texts[at] = this.fitted(parts[at]!, Math.max(MARK_BYTES, room - (total - size)));
      total += Buffer.byteLength(texts[at]) - size;
    }
    return total <= room ? parts.map((part, at) => texts[at] ?? canonicalJson(part)) : null;
  }

  /** Bytes of canonical text. */
  private size(value: JsonValue): number {
    if (typeof value !== 'object' || value === null) return Buffer.byteLength(JSON.stringify(value));
    let size = this.sizes.get(value);
    if (size === undefined) {
      const inner = Object.values(value);
      size = 2 + Math.max(0, inner.length - 1) + inner.reduce<number>((sum, one) => sum + this.size(one), 0);
      if (!Array.isArray(value))
        for (const name of Object.keys(value)) size += Buffer.byteLength(JSON.stringify(name)) + 1;
      this.sizes.set(value, size);
    }
    return size;
  }
}
