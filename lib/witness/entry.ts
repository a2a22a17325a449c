import { redactText } from '../secrets';
import { isCanonical, type JsonValue } from './canonical';
import { isEntryType } from './entry-type';
import { faultOfJson, isGlued, type TextFault } from './entry-text';
import { wellFormed } from './text';

/** Bytes of a line without its line break, at most: what fits in a tile of a transparency log. */
export const MOST_LINE_BYTES = 65_535;
/** What the first entry has as `prev`. */
export const NO_HASH = '0'.repeat(64);
/** Version of the line. */
const VERSION = 1;
const MEMBERS = 'data,mono,prev,seq,src,t,type,v';
const SOURCE_MEMBERS: readonly string[] = ['flow', 'name', 'node'];
const LONGEST_SOURCE = 256;
const HASH = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d\.\d{3}Z$/;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Who recorded an entry: ids of the node and its flow, and the node's name. */
export interface EntrySource {
  node?: string;
  flow?: string;
  name?: string;
}

export interface Entry {
  v: 1;
  /** counts from 0 */
  seq: number;
  /** time of the clock, to the millisecond, in UTC */
  t: string;
  /** µs since the writer began */
  mono: number;
  type: string;
  src: EntrySource;
  data: JsonValue;
  /** hash of the entry before, in hexadecimal */
  prev: string;
}

export interface NewEntry {
  seq: number;
  t: string;
  mono: number;
  type: string;
  /** canonical text, from `sourceText` */
  src: string;
  /** canonical text, from `project` */
  data: string;
  prev: string;
}

const HEAD = '{"data":';
/** UTF-8 has three bytes at most for each of JavaScript's characters. */
const scratch = Buffer.alloc(3 * MOST_LINE_BYTES);

/** The line of an entry, without line break. Throws RangeError for what no reader would take. */
export function encodeEntry(entry: NewEntry): Buffer {
  if (!isTime(entry.t)) throw new RangeError(`t is ${entry.t}`);
  if (!HASH.test(entry.prev)) throw new RangeError('prev is no hash');
  return Buffer.from(scratch.subarray(0, writeEntry(entry, scratch, 0)));
}

/** Room for any line behind so many bytes, for `writeEntry`. */
export function roomForEntry(before: number): Buffer {
  return Buffer.alloc(before + scratch.length);
}

/**
 * The same, written at byte `at` of a buffer from `roomForEntry`, for a writer whose times and hashes are its own: they are not
 * looked at. Gives the line's length in bytes.
 */
export function writeEntry(entry: NewEntry, into: Buffer, at: number): number {
  const { seq, t, mono, type, src, data, prev } = entry;
  if (!isCount(seq)) throw new RangeError(`seq is ${seq}`);
  if (!isCount(mono)) throw new RangeError(`mono is ${mono}`);
  if (!isEntryType(type)) throw new RangeError('the type does not fit its grammar');
  const rest = `,"mono":${mono},"prev":"${prev}","seq":${seq},"src":${src},"t":"${t}","type":"${type}","v":${VERSION}}`;
  let length = HEAD.length + data.length + rest.length;
  // what is too long in characters is so in bytes, and might not fit in
  if (length <= MOST_LINE_BYTES) {
    length = into.write(HEAD, at, 'latin1');
    // by itself: joined with the rest, all of it would be copied once more
    length += into.write(data, at + length);
    length += into.write(rest, at + length);
  } else length = Buffer.byteLength(HEAD + data + rest);
  if (length > MOST_LINE_BYTES) throw new RangeError(`the line has ${length} bytes`);
  return length;
}

/** A source as canonical text, without secrets, each part at most 256 characters. */
export function sourceText(source: EntrySource): string {
  const members: string[] = [];
  for (const name of SOURCE_MEMBERS) {
    const value = source[name as keyof EntrySource];
    if (typeof value !== 'string' || value === '') continue;
    // half a pair may be left where it was cut
    const text = wellFormed(redactText(value).slice(0, LONGEST_SOURCE));
    members.push(`"${name}":${JSON.stringify(text)}`);
  }
  return `{${members.join(',')}}`;
}

export type EntryFault =
  | TextFault
  | 'empty'
  | 'too long'
  | 'byte order mark'
  | 'not UTF-8'
  | 'two lines in one'
  | 'not JSON'
  | 'members'
  | 'version'
  | 'seq'
  | 'time'
  | 'mono'
  | 'type'
  | 'src'
  | 'prev';

/** `entry` is there with a fault too where the line itself is in order and only stands in the wrong place. */
export type ParsedEntry =
  { entry: Entry; fault: null; detail: '' } | { entry: Entry | null; fault: EntryFault; detail: string };

/** What the line before demands. */
export interface ExpectedEntry {
  seq: number;
  prev: string;
}

/** Read a line, given without its line break. Whatever is not exactly what `encodeEntry` makes is a fault. */
export function parseEntry(line: Buffer, expected?: ExpectedEntry): ParsedEntry {
  if (line.length === 0) return wrong('empty');
  if (line.length > MOST_LINE_BYTES) return wrong('too long', `${line.length} bytes`);
  if (line.subarray(0, 3).equals(BYTE_ORDER_MARK)) return wrong('byte order mark');
  let text: string;
  try {
    text = strictUtf8.decode(line);
  } catch {
    return wrong('not UTF-8');
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return isGlued(text) ? wrong('two lines in one') : wrong('not JSON');
  }
  if (!isCanonical(text, value)) return wrong(...faultOfJson(text));
  return read(value, expected);
}

/** A line's values, of which each has to be what it says. */
function read(value: JsonValue, expected: ExpectedEntry | undefined): ParsedEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return wrong('members', 'not an object');
  const members = Object.keys(value).join(',');
  // in order already, as it is canonical
  if (members !== MEMBERS) return wrong('members', members.slice(0, 200));
  const { v, seq, t, mono, type, src, prev } = value;
  if (v !== VERSION) return wrong('version', JSON.stringify(v).slice(0, 40));
  if (!isCount(seq)) return wrong('seq', 'not a whole number');
  if (!isTime(t)) return wrong('time');
  if (!isCount(mono)) return wrong('mono', 'not a whole number');
  if (typeof type !== 'string' || !isEntryType(type)) return wrong('type');
  if (!isSource(src)) return wrong('src');
  if (typeof prev !== 'string' || !HASH.test(prev)) return wrong('prev', 'not a hash');
  const entry = value as unknown as Entry;
  if (expected && entry.seq !== expected.seq)
    return { entry, fault: 'seq', detail: `${entry.seq} where ${expected.seq} belongs` };
  if (expected && prev !== expected.prev)
    return { entry, fault: 'prev', detail: 'it does not follow from the entry before' };
  return { entry, fault: null, detail: '' };
}

function wrong(fault: EntryFault, detail = ''): ParsedEntry {
  return { entry: null, fault, detail };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): boolean {
  if (typeof value !== 'string' || !TIME.test(value)) return false;
  const ms = Date.parse(value);
  // 30 February is parsed too, as a day in March
  return !Number.isNaN(ms) && (Number(value.slice(8, 10)) <= 28 || new Date(ms).toISOString() === value);
}

function isSource(value: unknown): value is EntrySource {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) =>
      SOURCE_MEMBERS.includes(name) &&
      typeof text === 'string' &&
      text !== '' &&
      text.length <= LONGEST_SOURCE,
  );
}
