import { isUtf8 } from 'node:buffer';

/** What a line says beside its data, and where its data stands. */
export interface ScannedEntry {
  seq: number;
  t: string;
  mono: number;
  type: string;
  prev: string;
  /** `data`, as places in the bytes that were scanned */
  dataStart: number;
  dataEnd: number;
}

/** Deeper goes the slow way. */
const DEEPEST = 64;
/** So many digits are a number that has no shorter form and is exact. */
const EXACT_DIGITS = 15;
const LONGEST_SOURCE = 256;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Kinds of bytes, as bits. */
const IN_TEXT = 1;
const IN_NAME = 2;
const ESCAPED = 4;
const DIGIT = 8;
const IN_NUMBER = 16;
const HEX = 32;
const TYPE_FIRST = 64;
const IN_TYPE = 128;
const kinds = new Uint8Array(256);
for (let byte = 0x20; byte < 256; byte++) {
  if (byte === QUOTE || byte === BACKSLASH) continue;
  kinds[byte]! |= IN_TEXT;
  // the order of names beyond ASCII is not that of their bytes
  if (byte < 0x80) kinds[byte]! |= IN_NAME;
}
mark('"\\bfnrt', ESCAPED);
mark('0123456789', DIGIT | IN_NUMBER | HEX | IN_TYPE);
mark('.eE+-', IN_NUMBER);
mark('abcdef', HEX);
mark('abcdefghijklmnopqrstuvwxyz', TYPE_FIRST | IN_TYPE);
mark('_.:-', IN_TYPE);

function mark(characters: string, kind: number): void {
  for (const byte of Buffer.from(characters)) kinds[byte]! |= kind;
}

const DATA = Buffer.from('{"data":');
const MONO = Buffer.from(',"mono":');
const PREV = Buffer.from(',"prev":"');
const SEQ = Buffer.from('","seq":');
const SRC = Buffer.from(',"src":{');
const T = Buffer.from(',"t":"');
const TYPE = Buffer.from('","type":"');
const END = Buffer.from('","v":1}');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
/** What stands between the digits of a time. */
const SIGNS = Buffer.from('0000-00-00T00:00:00.000Z');
const TIME_LENGTH = SIGNS.length;
const HASH_LENGTH = 64;
const LONGEST_TYPE = 64;
const SOURCE_MEMBERS = ['"flow":"', '"name":"', '"node":"'].map((text) => Buffer.from(text));

/** What the functions below give where they cannot tell; else they give the place behind what they read. */
const LOST = -1;

/**
 * Read an entry's line without making values of its data: several times as fast as parsing it, and as strict. null says only that this way cannot tell:
 * a line that is in order may still need `parseEntry` (escapes like `\u001f`, names beyond ASCII), and that knows what is wrong with one that is not.
 * @param from where the line begins in `line`
 * @param to where it ends, without its line break
 */
export function scanEntry(line: Buffer, from = 0, to = line.length): ScannedEntry | null {
  if (!isUtf8(from === 0 && to === line.length ? line : line.subarray(from, to))) return null;
  const dataStart = skip(line, from, DATA);
  const dataEnd = value(line, dataStart, 0);
  const monoStart = skip(line, dataEnd, MONO);
  const monoEnd = digits(line, monoStart);
  const prevStart = skip(line, monoEnd, PREV);
  const seqStart = skip(line, prevStart === LOST ? LOST : prevStart + HASH_LENGTH, SEQ);
  const seqEnd = digits(line, seqStart);
  const timeStart = skip(line, source(line, skip(line, seqEnd, SRC)), T);
  const typeStart = skip(line, timeStart === LOST ? LOST : timeStart + TIME_LENGTH, TYPE);
  const typeEnd = run(line, typeStart, IN_TYPE);
  if (skip(line, typeEnd, END) !== to) return null;
  if (run(line, prevStart, HEX) !== prevStart + HASH_LENGTH || !isTime(line, timeStart)) return null;
  if (typeEnd - typeStart > LONGEST_TYPE || (kinds[line[typeStart]!]! & TYPE_FIRST) === 0) return null;
  return {
    seq: numberAt(line, seqStart, seqEnd),
    t: line.toString('latin1', timeStart, timeStart + TIME_LENGTH),
    mono: numberAt(line, monoStart, monoEnd),
    type: line.toString('latin1', typeStart, typeEnd),
    prev: line.toString('latin1', prevStart, prevStart + HASH_LENGTH),
    dataStart,
    dataEnd,
  };
}

// Nothing below looks whether the line has ended: a line break, as the end of the bytes, is none of what may come next, and
// `scanEntry` asks in the end whether it came out exactly where the line ends.

/** Past exactly these bytes. */
function skip(line: Buffer, at: number, wanted: Buffer): number {
  if (at === LOST) return LOST;
  const length = wanted.length;
  for (let index = 0; index < length; index++) if (line[at + index] !== wanted[index]) return LOST;
  return at + length;
}

/** Past bytes of one kind. */
function run(line: Buffer, at: number, kind: number): number {
  if (at === LOST) return LOST;
  while ((kinds[line[at]!]! & kind) !== 0) at++;
  return at;
}

/** Past a whole number that is not negative, and has so few digits that it is exact. */
function digits(line: Buffer, at: number): number {
  const end = run(line, at, DIGIT);
  const length = end - at;
  return at === LOST || length === 0 || length > EXACT_DIGITS || (length > 1 && line[at] === ZERO)
    ? LOST
    : end;
}

function numberAt(line: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + line[at]! - ZERO;
  return value;
}

/** Whether there is a time whose day every month has. */
function isTime(line: Buffer, start: number): boolean {
  for (let index = 0; index < TIME_LENGTH; index++) {
    const byte = line[start + index]!;
    const sign = SIGNS[index]!;
    if (sign === ZERO ? (kinds[byte]! & DIGIT) === 0 : byte !== sign) return false;
  }
  const month = numberAt(line, start + 5, start + 7);
  const day = numberAt(line, start + 8, start + 10);
  if (month < 1 || month > 12 || day < 1 || day > 28) return false;
  return (
    numberAt(line, start + 11, start + 13) < 24 &&
    numberAt(line, start + 14, start + 16) < 60 &&
    numberAt(line, start + 17, start + 19) < 60
  );
}

/** Past the members of the source, each at most once and in their order. */
function source(line: Buffer, at: number): number {
  if (at === LOST || line[at] === CLOSE_OBJECT) return at === LOST ? LOST : at + 1;
  let first = true;
  for (const member of SOURCE_MEMBERS) {
    const start = skip(line, first ? at : line[at] === COMMA ? at + 1 : LOST, member);
    if (start === LOST) continue;
    first = false;
    at = run(line, start, IN_TEXT);
    // never fewer bytes than characters
    if (line[at] !== QUOTE || at === start || at - start > LONGEST_SOURCE) return LOST;
    at++;
    if (line[at] === CLOSE_OBJECT) return at + 1;
  }
  return LOST;
}

function value(line: Buffer, at: number, depth: number): number {
  if (at === LOST) return LOST;
  const byte = line[at]!;
  if (byte === QUOTE) return text(line, at + 1);
  if (byte === OPEN_OBJECT) return object(line, at + 1, depth);
  if (byte === OPEN_LIST) return list(line, at + 1, depth);
  if (byte === 0x74) return skip(line, at, TRUE);
  if (byte === 0x66) return skip(line, at, FALSE);
  if (byte === 0x6e) return skip(line, at, NULL);
  return number(line, at);
}

/** Past a text whose quote has been read. */
function text(line: Buffer, at: number): number {
  for (;;) {
    while ((kinds[line[at]!]! & IN_TEXT) !== 0) at++;
    if (line[at] === QUOTE) return at + 1;
    if (line[at] !== BACKSLASH || (kinds[line[at + 1]!]! & ESCAPED) === 0) return LOST;
    at += 2;
  }
}

function number(line: Buffer, start: number): number {
  const first = line[start] === MINUS ? start + 1 : start;
  const end = run(line, first, IN_NUMBER);
  const whole = run(line, first, DIGIT) === end;
  if (whole && end > first && end - first <= EXACT_DIGITS && line[first] !== ZERO) return end;
  const token = line.toString('latin1', start, end);
  return `${Number(token)}` === token ? end : LOST;
}

function list(line: Buffer, at: number, depth: number): number {
  if (line[at] === CLOSE_LIST) return at + 1;
  if (depth >= DEEPEST) return LOST;
  for (;;) {
    at = value(line, at, depth + 1);
    if (at === LOST) return LOST;
    if (line[at] === CLOSE_LIST) return at + 1;
    if (line[at] !== COMMA) return LOST;
    at++;
  }
}

function object(line: Buffer, at: number, depth: number): number {
  if (line[at] === CLOSE_OBJECT) return at + 1;
  if (depth >= DEEPEST) return LOST;
  let before = LOST;
  for (;;) {
    if (line[at] !== QUOTE) return LOST;
    const name = at + 1;
    at = name;
    while ((kinds[line[at]!]! & IN_NAME) !== 0) at++;
    if (line[at] !== QUOTE || line[at + 1] !== COLON) return LOST;
    if (before !== LOST && !isBefore(line, before, name)) return LOST;
    before = name;
    at = value(line, at + 2, depth + 1);
    if (at === LOST) return LOST;
    if (line[at] === CLOSE_OBJECT) return at + 1;
    if (line[at] !== COMMA) return LOST;
    at++;
  }
}

/** Whether the one name comes before the other, and is not the same. A quote, which ends them, is in neither. */
function isBefore(line: Buffer, one: number, other: number): boolean {
  while (line[one] === line[other] && line[one] !== QUOTE) {
    one++;
    other++;
  }
  if (line[one] === QUOTE) return line[other] !== QUOTE;
  return line[other] !== QUOTE && line[one]! < line[other]!;
}
