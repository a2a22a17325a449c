import { KIND, KINDS, SECRET_MARKER, holdsNumber, isHeld, redactText } from '../secrets';
import { quoted } from './content';
import { isPlain } from './exotic';
import { isHeaderName, isSecretPair, shapeOf, type Shape } from './names';
import type { ProjectLimits } from './project';

/** A line holds no more; what is larger goes the thorough way. */
const ROOM = 65_536;
/** Left free for numbers, words and the brackets that close. */
const MARGIN = 1024;
/** What goes deeper goes the thorough way, cycles among it. */
const DEEPEST = 160;
/** Here by itself: what another page exports is asked for anew at each use. */
const kindOf = KINDS;
const ESCAPE = KIND.escape;
/** Stands for a value that needs the thorough way. */
const NOT_QUICK = -1;

/**
 * What most messages are made of, written as `Projection` writes it, in half the time: plain objects and lists of texts,
 * numbers and switches. For everything else it gives up, and the thorough way begins anew. Each character is looked at
 * once while it is copied, and what it is decides which secrets are looked for.
 */
class QuickProjection {
  private readonly slab = Buffer.alloc(ROOM);
  private readonly end = ROOM - MARGIN;
  /** what came before the byte `from` of the slab, where a text did not fit in there as it is */
  private done = '';
  private from = 0;
  private oddLeft = 0;
  private valuesLeft = 0;
  private deepest = 0;
  private longest = 0;
  private numbersHeld = false;
  private busy = false;

  /** Fields of a message, or with `shape` null any object. Null: not quick. */
  text(holder: object, shape: Shape | null, limits: Readonly<ProjectLimits>): string | null {
    // a getter may well have come back here
    if (this.busy) return null;
    this.busy = true;
    this.from = 0;
    this.oddLeft = ROOM;
    this.valuesLeft = limits.values;
    this.deepest = Math.min(limits.depth, DEEPEST);
    this.longest = limits.text;
    this.numbersHeld = holdsNumber();
    try {
      const at = shape ? this.members(holder, shape, 0, 0) : this.object(holder, 0, 0);
      return at === NOT_QUICK ? null : this.done + this.slab.toString('latin1', this.from, at);
    } catch {
      // a getter or a proxy threw
      return null;
    } finally {
      this.done = '';
      this.busy = false;
    }
  }

  /** Each of these writes at `at` and gives where the next goes, or NOT_QUICK. */
  private value(value: unknown, at: number, depth: number): number {
    switch (typeof value) {
      case 'string':
        return this.string(value, at);
      case 'number':
        return this.number(value, at);
      case 'boolean':
        return this.plain(value ? 'true' : 'false', at);
      case 'object':
        return value === null ? this.plain('null', at) : this.object(value, at, depth);
      default:
        return NOT_QUICK;
    }
  }

  private object(value: object, at: number, depth: number): number {
    if (depth >= this.deepest) return NOT_QUICK;
    if (Array.isArray(value)) return this.list(value, at, depth);
    if (!isPlain(value)) return NOT_QUICK;
    const names = Object.keys(value);
    if (names.length === 0) return this.plain('{}', at);
    if (names.length > this.valuesLeft) return NOT_QUICK;
    const shape = shapeOf(names);
    if (shape.bytes) return NOT_QUICK;
    this.valuesLeft -= names.length;
    return this.members(value, shape, at, depth);
  }

  private members(holder: object, shape: Shape, at: number, depth: number): number {
    if (!shape.ordered || (shape.pair && isSecretPair(holder))) return NOT_QUICK;
    const { slab } = this;
    const { names } = shape;
    const first = at;
    slab[at++] = 0x7b;
    for (let count = 0; count < names.length; count++) {
      const { name, bytes, secret } = names[count]!;
      const inner = (holder as Record<string, unknown>)[name];
      if (inner === undefined) continue;
      if (!bytes || at + bytes.length > this.end) return NOT_QUICK;
      if (at > first + 1) slab[at++] = 0x2c;
      for (let from = 0; from < bytes.length; from++) slab[at++] = bytes[from]!;
      const hidden = secret && typeof inner !== 'boolean' && inner !== null && inner !== '';
      at = hidden ? this.plain(`"${SECRET_MARKER}"`, at) : this.value(inner, at, depth + 1);
      if (at === NOT_QUICK) return NOT_QUICK;
    }
    slab[at++] = 0x7d;
    return at;
  }

  private list(value: readonly unknown[], at: number, depth: number): number {
    const { length } = value;
    // a proxy may have any length
    if (length >>> 0 !== length || length > this.valuesLeft) return NOT_QUICK;
    this.valuesLeft -= length;
    const { slab } = this;
    slab[at++] = 0x5b;
    for (let count = 0; count < length; count++) {
      const item = value[count];
      if (item === undefined || at > this.end) return NOT_QUICK;
      if (count > 0) {
        if (typeof item === 'string' && isHeaderName(value[count - 1])) return NOT_QUICK;
        slab[at++] = 0x2c;
      }
      at = this.value(item, at, depth + 1);
      if (at === NOT_QUICK) return NOT_QUICK;
    }
    slab[at++] = 0x5d;
    return at;
  }

  private string(text: string, at: number): number {
    const { length } = text;
    if (length > this.longest || at + length > this.end) return NOT_QUICK;
    const { slab } = this;
    let next = at;
    let kinds = 0;
    slab[next++] = 0x22;
    for (let count = 0; count < length; count++) {
      const code = text.charCodeAt(count);
      if (code > 255) return this.odd(text, at);
      kinds |= kindOf[code]!;
      slab[next++] = code;
    }
    if (kinds & ESCAPE) return this.odd(text, at);
    const clean = redactText(text, kinds);
    if (clean !== text) return this.insert(quoted(clean), at);
    slab[next++] = 0x22;
    return next;
  }

  /** A text with characters that need an escape or a second byte. */
  private odd(text: string, at: number): number {
    this.oddLeft -= text.length;
    return this.oddLeft < 0 ? NOT_QUICK : this.insert(quoted(redactText(text)), at);
  }

  private insert(json: string, at: number): number {
    this.done += this.slab.toString('latin1', this.from, at) + json;
    this.from = at;
    return at;
  }

  private number(value: number, at: number): number {
    if (value > 0 && value <= Number.MAX_SAFE_INTEGER && !this.numbersHeld) {
      if ((value | 0) === value) return this.digits(value, at, 1);
      if (Number.isInteger(value)) {
        // times and bytes, in two parts that are small enough; the quotient may have been rounded up
        let billions = Math.floor(value / 1e9);
        let rest = value - billions * 1e9;
        if (rest < 0) {
          billions -= 1;
          rest += 1e9;
        }
        return this.digits(rest, billions > 0 ? this.digits(billions, at, 1) : at, billions > 0 ? 9 : 1);
      }
    }
    if (!Number.isFinite(value) || Object.is(value, -0)) return NOT_QUICK;
    const text = `${value}`;
    return this.numbersHeld && isHeld(text) ? NOT_QUICK : this.plain(text, at);
  }

  /** A whole number below 2^31, with zeros before it up to so many digits. */
  private digits(value: number, at: number, least: number): number {
    const { slab } = this;
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count++;
    if (count < least) count = least;
    let rest = value;
    for (let to = at + count - 1; to >= at; to--) {
      const tenth = (rest / 10) | 0;
      slab[to] = 0x30 + rest - tenth * 10;
      rest = tenth;
    }
    return at + count;
  }

  private plain(text: string, at: number): number {
    const { slab } = this;
    for (let count = 0; count < text.length; count++) slab[at++] = text.charCodeAt(count);
    return at;
  }
}

const one = new QuickProjection();

/** An object as canonical text, as `Projection` has it; null where only the thorough way knows how. */
export function quickObject(value: object, limits: Readonly<ProjectLimits>): string | null {
  return one.text(value, null, limits);
}

/** The same of fields of a message. */
export function quickFields(msg: object, shape: Shape, limits: Readonly<ProjectLimits>): string | null {
  return one.text(msg, shape, limits);
}
