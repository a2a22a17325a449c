import { SECRET_MARKER, isHeld } from '../secrets';
import { Content } from './content';
import { cutMark, cutValue, digest } from './digest';
import { exotic, isPlain, jsonBytes } from './exotic';
import { fit } from './fit';
import { inOrder, isHeaderName, isSecretPair, shapeOf, type Shape } from './names';
import { quickFields, quickObject } from './quick';

/** How much of a message is written before something is cut. */
export interface ProjectLimits {
  /** levels; what is deeper is cut */
  depth: number;
  /** values of all levels together; an object or list that would go beyond is cut */
  values: number;
  /** characters of one text */
  text: number;
  /** bytes of the whole */
  room: number;
}

/** `room` leaves 3.5 kB of the 65,535 bytes of a line for what stands around it. */
export const PROJECT_LIMITS: Readonly<ProjectLimits> = {
  depth: 32,
  values: 10_000,
  text: 8192,
  room: 62_000,
};
/** What is recorded of a message if nobody says otherwise. */
export const RECORDED_FIELDS: readonly string[] = ['topic', 'payload', 'live', 'alert'];
/** What HTTP and WebSocket nodes hang on their messages: machinery, and full of the visitor's secrets. */
const NEVER_RECORDED = new Set(['req', 'res', '_session', 'socket', '_socket']);

/** Values that are not written any more are still hashed down to here. */
const DEEPEST_HASHED = 160;
/** Values of one message that are hashed beyond those that are written. */
const MOST_VALUES_HASHED = 20_000;

/**
 * Any value as canonical JSON text, in one pass, with every secret hidden before anything is hashed. Never throws, never
 * calls `toJSON`. Different values give different texts, whatever the order of names; what JSON does not know is an
 * object with a name that starts with one `$` (names that do so themselves start with `$$`):
 * `$bytes`, `$date`, `$bigint`, `$number`, `$undefined`, `$text`, `$type`, `$cycle`, `$cut`, `$threw`.
 */
export function project(value: unknown, limits: Readonly<ProjectLimits> = PROJECT_LIMITS): string {
  const quick = typeof value === 'object' && value !== null ? quickObject(value, limits) : null;
  return fit(quick ?? new Projection(limits).value(value, 0), limits.room);
}

/** The same of some fields of a message. A field that is not there is left out. */
export function projectMessage(
  msg: unknown,
  fields: readonly string[] = RECORDED_FIELDS,
  limits: Readonly<ProjectLimits> = PROJECT_LIMITS,
): string {
  if (typeof msg !== 'object' || msg === null) return project(msg, limits);
  const names = recorded(fields);
  return fit(
    quickFields(msg, shapeOf(names), limits) ?? new Projection(limits).message(msg, names),
    limits.room,
  );
}

/** The fields of a node stay the same list from message to message. */
const recordedOf = new WeakMap<readonly string[], readonly string[]>();

/** Each field once, and none that is never recorded. */
function recorded(fields: readonly string[]): readonly string[] {
  let names = recordedOf.get(fields);
  if (!names) {
    names = [...new Set(fields)].filter((name) => !NEVER_RECORDED.has(name));
    recordedOf.set(fields, names);
  }
  return names;
}

/** A password of digits may come as a number. */
function numeral(value: number): string {
  const text = `${value}`;
  return text.length > 3 && isHeld(text) ? `"${SECRET_MARKER}"` : text;
}

/** One pass over one value. The parts that read foreign objects may throw what those throw; `value` never does. */
export class Projection {
  readonly content: Content;
  /** what was gone through to come here, outermost first */
  private readonly above: object[] = [];
  private valuesLeft: number;
  private hashedLeft = MOST_VALUES_HASHED;

  constructor(private readonly limits: Readonly<ProjectLimits>) {
    this.content = new Content(limits.text);
    this.valuesLeft = limits.values;
  }

  value(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return this.content.text(value);
      case 'number':
        if (value === 0 ? !Object.is(value, -0) : Number.isFinite(value)) return numeral(value);
        return `{"$number":"${value === 0 ? '-0' : value}"}`;
      case 'boolean':
        return value ? 'true' : 'false';
      case 'object':
        return value === null ? 'null' : this.object(value, depth);
      case 'undefined':
        return '{"$undefined":true}';
      case 'bigint':
        return this.content.bigint(value);
      default:
        return `{"$type":"${typeof value}"}`;
    }
  }

  /** A value below a name that says whether it is secret. Switches and nothing at all are shown as they are. */
  secretly(secret: boolean, value: unknown, depth: number): string {
    const shown = !secret || typeof value === 'boolean' || value === null || value === '';
    return shown || value === undefined ? this.value(value, depth) : `"${SECRET_MARKER}"`;
  }

  /** One property, which may be a getter that throws. */
  read(holder: object, name: string, depth: number): string {
    let inner: unknown;
    try {
      inner = (holder as Record<string, unknown>)[name];
    } catch {
      return '{"$threw":true}';
    }
    return this.value(inner, depth);
  }

  /** Fields of a message. */
  message(msg: object, names: readonly string[]): string {
    this.above.push(msg);
    return `{${this.members(msg, shapeOf(names), 0)}}`;
  }

  /** An object's members of these names, or the mark that stands for too many. */
  named(holder: object, names: readonly string[], depth: number): string {
    const { length } = names;
    // which ones are the first is known only after a sort of all
    if (length > this.valuesLeft && length > this.hashedLeft) return cutMark({ what: 'names', length });
    return this.shaped(holder, shapeOf(names), depth);
  }

  private shaped(holder: object, shape: Shape, depth: number): string {
    const { length } = shape.names;
    if (this.admit(length)) return `{${this.members(holder, shape, depth)}}`;
    this.hashedLeft -= length;
    const sha256 = digest(`{${this.members(holder, shape, depth)}}`);
    return cutMark({ what: 'names', length, sha256 });
  }

  /** A list of `length` texts as they come, or the mark that stands for too many; each is `weight` values. */
  items(length: number, what: 'items' | 'entries', weight: number, texts: () => Iterable<string>): string {
    const whole = this.admit(length * weight);
    const hashed = whole ? length : Math.min(length, Math.floor(this.hashedLeft / weight));
    if (!whole) this.hashedLeft -= hashed * weight;
    let out = '';
    let count = 0;
    if (hashed > 0)
      for (const text of texts()) {
        out += count === 0 ? text : `,${text}`;
        if (++count >= hashed) break;
      }
    if (whole) return `[${out}]`;
    if (hashed === 0) return cutMark({ what, length });
    return cutMark({ what, length, sha256: digest(`[${out}]`), ...(hashed < length && { hashed }) });
  }

  private object(value: object, depth: number): string {
    const at = this.above.lastIndexOf(value);
    if (at >= 0) return `{"$cycle":${at}}`;
    if (depth > DEEPEST_HASHED) return cutMark({ what: 'depth' });
    this.above.push(value);
    let text: string;
    try {
      if (Array.isArray(value)) text = this.list(value, depth);
      else if (isPlain(value)) text = this.plain(value, depth);
      else text = exotic(this, value, depth);
    } catch {
      text = '{"$threw":true}';
    }
    this.above.pop();
    // one hash for all levels below
    return depth === this.limits.depth ? cutValue(text) : text;
  }

  private plain(value: object, depth: number): string {
    const names = Object.keys(value);
    const { length } = names;
    if (length === 0) return '{}';
    if (length > this.valuesLeft && length > this.hashedLeft) return cutMark({ what: 'names', length });
    const shape = shapeOf(names);
    const bytes = shape.bytes ? jsonBytes(value) : null;
    return bytes ? this.content.bytes(bytes, 'JSON') : this.shaped(value, shape, depth);
  }

  private list(value: readonly unknown[], depth: number): string {
    const { length } = value;
    if (!Number.isSafeInteger(length)) return '{"$threw":true}';
    if (length > this.valuesLeft) return this.items(length, 'items', 1, () => this.each(value, depth));
    this.valuesLeft -= length;
    let out = '';
    for (let at = 0; at < length; at++)
      out += at === 0 ? this.item(value, at, depth) : `,${this.item(value, at, depth)}`;
    return `[${out}]`;
  }

  private *each(value: readonly unknown[], depth: number): Iterable<string> {
    for (let at = 0; at < value.length; at++) yield this.item(value, at, depth);
  }

  private item(value: readonly unknown[], at: number, depth: number): string {
    let item: unknown;
    let before: unknown;
    try {
      item = value[at];
      if (item === undefined && !(at in value)) return '{"$undefined":"hole"}';
      if (typeof item === 'string' && at > 0) before = value[at - 1];
    } catch {
      return '{"$threw":true}';
    }
    return this.secretly(isHeaderName(before), item, depth + 1);
  }

  private members(holder: object, { names, ordered, pair }: Shape, depth: number): string {
    const changed: { shown: string; text: string }[] = [];
    const secretPair = pair && isSecretPair(holder);
    let out = '';
    for (let at = 0; at < names.length; at++) {
      const written = names[at]!;
      let text: string;
      try {
        const inner = (holder as Record<string, unknown>)[written.name];
        if (inner === undefined) continue;
        const secret = written.secret || (secretPair && written.name === 'value');
        text = secret ? this.secretly(true, inner, depth + 1) : this.value(inner, depth + 1);
      } catch {
        text = '{"$threw":true}';
      }
      if (ordered) out += out === '' ? written.json + text : `,${written.json}${text}`;
      else changed.push({ shown: written.shown, text });
    }
    return ordered ? out : inOrder(changed);
  }

  /** Whether so many more values may be written. */
  private admit(count: number): boolean {
    if (count > this.valuesLeft) return false;
    this.valuesLeft -= count;
    return true;
  }
}
