/**
 * AMF0: the values that commands and metadata are made of. Reading is total: what is malformed, too deep or too much is a fault, never a
 * throw. Source: "Action Message Format AMF 0", Adobe 2007.
 */

/** Objects come as maps: a name such as `__proto__` is a name. */
export type AmfValue = number | boolean | string | null | undefined | AmfValue[] | AmfObject;
export type AmfObject = Map<string, AmfValue>;

/** Deeper than any encoder nests; `connect` of enhanced RTMP needs three. */
export const DEEPEST_AMF = 16;
/** Values in one message: the richest metadata of known encoders have some sixty. */
export const MOST_AMF_VALUES = 1_000;

export interface AmfReading {
  /** what could be read before the fault */
  values: AmfValue[];
  fault: string | null;
}

class AmfFault extends Error {}

const END = Symbol('end of an object');

class Reader {
  private count = 0;

  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  value(depth: number): AmfValue | typeof END {
    if (++this.count > MOST_AMF_VALUES) throw new AmfFault('too many values');
    if (depth > DEEPEST_AMF) throw new AmfFault('nested too deep');
    const marker = this.uint(1);
    switch (marker) {
      case 0:
        return this.take(8).readDoubleBE(0);
      case 1:
        return this.uint(1) !== 0;
      case 2:
        return this.text(2);
      case 3:
        return this.members(depth);
      case 5:
        return null;
      case 6:
      case 13:
        return undefined;
      case 8:
        // the number of members is a hint only, and often wrong
        this.uint(4);
        return this.members(depth);
      case 9:
        return END;
      case 10:
        return this.list(depth);
      case 11: {
        const ms = this.take(8).readDoubleBE(0);
        this.uint(2);
        return ms;
      }
      case 12:
      case 15:
        return this.text(4);
      case 16:
        this.text(2);
        return this.members(depth);
      default:
        throw new AmfFault(`a value of an unknown kind (${marker})`);
    }
  }

  private members(depth: number): AmfObject {
    const object: AmfObject = new Map();
    for (;;) {
      const name = this.text(2);
      const value = this.value(depth + 1);
      // the end is an empty name and the marker; some encoders leave out neither, and a name before the marker is nobody's
      if (value === END) return object;
      object.set(name, value);
    }
  }

  private list(depth: number): AmfValue[] {
    const length = this.uint(4);
    if (length > MOST_AMF_VALUES) throw new AmfFault('too many values');
    const list: AmfValue[] = [];
    for (let i = 0; i < length; i++) {
      const value = this.value(depth + 1);
      if (value === END) throw new AmfFault('an object ends where none began');
      list.push(value);
    }
    return list;
  }

  private text(sizeBytes: 2 | 4): string {
    return this.take(this.uint(sizeBytes)).toString('utf8');
  }

  private uint(bytes: number): number {
    return this.take(bytes).readUIntBE(0, bytes);
  }

  private take(bytes: number): Buffer {
    if (this.at + bytes > this.bytes.length) throw new AmfFault('it is cut off');
    return this.bytes.subarray(this.at, (this.at += bytes));
  }
}

/** Reads every value of a message, from byte `at` on. Never throws. */
export function readAmf(bytes: Buffer, at = 0): AmfReading {
  const reader = new Reader(bytes, at);
  const values: AmfValue[] = [];
  try {
    while (reader.at < bytes.length) {
      const value = reader.value(1);
      if (value === END) throw new AmfFault('an object ends where none began');
      values.push(value);
    }
    return { values, fault: null };
  } catch (error) {
    if (error instanceof AmfFault) return { values, fault: error.message };
    throw error;
  }
}

/** What is written; objects as plain records, since their names are ours. */
export type AmfWritable =
  number | boolean | string | null | undefined | readonly AmfWritable[] | { [name: string]: AmfWritable };

/** Writes values one behind the other. Throws RangeError for a text of 64 kB, which none of ours is. */
export function writeAmf(...values: AmfWritable[]): Buffer {
  const parts: Buffer[] = [];
  for (const value of values) write(parts, value);
  return Buffer.concat(parts);
}

function write(parts: Buffer[], value: AmfWritable): void {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    parts.push(bytes);
  } else if (typeof value === 'boolean') parts.push(Buffer.from([1, value ? 1 : 0]));
  else if (typeof value === 'string') parts.push(Buffer.from([2]), shortText(value));
  else if (value === null) parts.push(Buffer.from([5]));
  else if (value === undefined) parts.push(Buffer.from([6]));
  else if (Array.isArray(value)) {
    const head = Buffer.alloc(5);
    head[0] = 10;
    head.writeUInt32BE(value.length, 1);
    parts.push(head);
    for (const item of value as readonly AmfWritable[]) write(parts, item);
  } else {
    parts.push(Buffer.from([3]));
    for (const [name, member] of Object.entries(value)) {
      parts.push(shortText(name));
      write(parts, member);
    }
    parts.push(Buffer.from([0, 0, 9]));
  }
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
}
