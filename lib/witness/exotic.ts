import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { isSecretName, redactText } from '../secrets';
import type { Projection } from './project';
import { wellFormed } from './text';

const LONGEST_TYPE = 64;
/** A longer list of numbers is taken as what it is. */
const MOST_JSON_BYTES = 1_048_576;
/** As the language has them: an object can hide its own. */
const mapSize = getter(Map.prototype, 'size');
const setSize = getter(Set.prototype, 'size');
const viewType = getter(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag);

/** Whether an object is one as JSON makes them, also one from the sandbox of a function node. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return true;
  // Object.prototype of another realm; our own has no such copy
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}

/** The bytes of `{type: 'Buffer', data: [...]}`, which a Buffer becomes on its way through JSON; null for anything else. */
export function jsonBytes(value: object): Buffer | null {
  const { type, data } = value as { type?: unknown; data?: unknown };
  if (type !== 'Buffer' || !Array.isArray(data) || data.length > MOST_JSON_BYTES) return null;
  const bytes = Buffer.alloc(data.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte: unknown = data[at];
    if (typeof byte !== 'number' || (byte & 255) !== byte || Object.is(byte, -0)) return null;
    bytes[at] = byte;
  }
  return bytes;
}

/** Everything that is neither a list nor a plain object, as a mark with its type. May throw what reading it throws. */
export function exotic(projection: Projection, value: object, depth: number): string {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return bytes(projection, value);
  if (types.isDate(value)) return date(value);
  if (types.isMap(value)) return map(projection, value, depth);
  if (types.isSet(value)) return set(projection, value, depth);
  if (types.isNativeError(value) || value instanceof Error) return error(projection, value, depth);
  if (types.isRegExp(value)) return tagged('RegExp', member('value', projection.value(`${value}`, depth)));
  if (types.isBoxedPrimitive(value)) return boxed(projection, value, depth);
  const type = typeOf(value);
  // machinery: a socket's neighbours are half of Node.js
  if (value instanceof EventEmitter || typeof (value as { pipe?: unknown }).pipe === 'function')
    return tagged(type);
  return tagged(type, member('fields', projection.named(value, Object.keys(value), depth)));
}

/** `members` are in the order of their names, which all come after `$type`. */
function tagged(type: string, ...members: string[]): string {
  return `{${[`"$type":${JSON.stringify(type)}`, ...members].join(',')}}`;
}

function member(name: string, text: string): string {
  return `"${name}":${text}`;
}

function bytes(projection: Projection, value: ArrayBufferView | ArrayBufferLike): string {
  if (Buffer.isBuffer(value)) return projection.content.bytes(value);
  if (!ArrayBuffer.isView(value))
    return projection.content.bytes(
      Buffer.from(value),
      types.isSharedArrayBuffer(value) ? 'SharedArrayBuffer' : 'ArrayBuffer',
    );
  const { buffer, byteOffset, byteLength } = value;
  const type = types.isTypedArray(value) ? String(viewType.call(value)) : 'DataView';
  return projection.content.bytes(Buffer.from(buffer, byteOffset, byteLength), type);
}

function date(value: Date): string {
  const ms = Date.prototype.getTime.call(value);
  return `{"$date":"${Number.isNaN(ms) ? 'invalid' : new Date(ms).toISOString()}"}`;
}

function map(projection: Projection, value: Map<unknown, unknown>, depth: number): string {
  const size = Number(mapSize.call(value));
  const entries = projection.items(size, 'entries', 2, function* () {
    for (const [name, inner] of Map.prototype.entries.call(value)) {
      const secret = typeof name === 'string' && isSecretName(name);
      yield `[${projection.value(name, depth + 1)},${projection.secretly(secret, inner, depth + 1)}]`;
    }
  });
  return tagged('Map', member('entries', entries));
}

function set(projection: Projection, value: Set<unknown>, depth: number): string {
  const values = projection.items(Number(setSize.call(value)), 'entries', 1, function* () {
    for (const inner of Set.prototype.values.call(value)) yield projection.value(inner, depth + 1);
  });
  return tagged('Set', member('values', values));
}

function error(projection: Projection, value: Error, depth: number): string {
  const members: string[] = [];
  if (Object.hasOwn(value, 'cause'))
    members.push(member('cause', projection.read(value, 'cause', depth + 1)));
  // these two are told anyway
  const names = Object.keys(value).filter((name) => !['name', 'message', 'cause', 'stack'].includes(name));
  if (names.length) members.push(member('fields', projection.named(value, names, depth)));
  members.push(member('message', projection.read(value, 'message', depth + 1)));
  members.push(member('name', projection.read(value, 'name', depth + 1)));
  return tagged('Error', ...members);
}

function boxed(projection: Projection, value: object, depth: number): string {
  let inner: unknown;
  if (types.isStringObject(value)) inner = String.prototype.valueOf.call(value);
  else if (types.isNumberObject(value)) inner = Number.prototype.valueOf.call(value);
  else if (types.isBooleanObject(value)) inner = Boolean.prototype.valueOf.call(value);
  else if (types.isBigIntObject(value)) inner = BigInt.prototype.valueOf.call(value);
  else inner = Symbol.prototype.valueOf.call(value);
  const type = { string: 'String', number: 'Number', boolean: 'Boolean', bigint: 'BigInt' };
  const name = (type as Record<string, string>)[typeof inner] ?? 'Symbol';
  return tagged(name, member('value', projection.value(inner, depth)));
}

/** The name of an object's class, as far as it tells one. */
function typeOf(value: object): string {
  try {
    const { constructor } = value as { constructor?: unknown };
    if (typeof constructor !== 'function' || typeof constructor.name !== 'string') return 'Object';
    return wellFormed(redactText(constructor.name).slice(0, LONGEST_TYPE)) || 'Object';
  } catch {
    return 'Object';
  }
}

function getter(prototype: object, name: PropertyKey): { call(holder: object): unknown } {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- to be called on objects that may hide theirs
  const { get } = Object.getOwnPropertyDescriptor(prototype, name)!;
  return { call: (holder) => get!.call(holder) as unknown };
}
