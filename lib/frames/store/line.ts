/** The lines of an index: one for each kept picture, and one each time that it was still seen. What is read is hostile until it fits. Pure. */
import { isDhash } from '../dhash';
import { frameId, hourOf, isTime } from './layout';
import type { KeptFrame } from './types';

/** What the first line of a stream names as the hash of the line before. */
export const NO_HASH = '0'.repeat(64);

const WHY = new Set<string>(['first', 'changed', 'resolution', 'keep-alive', 'asked']);
const SHA256 = /^[0-9a-f]{64}$/;
const SEEN = /^(\d{1,15})-(\d{1,15})$/;
const LONGEST_CONNECTION = 200;
/** Far more than any picture has: width, height, bytes, samples. */
const MOST = 2 ** 40;

/** Where a line stands in the chain of its stream. */
export interface ChainPlace {
  /** counts all lines of a stream from 0 */
  n: number;
  /** SHA-256 of the line before, without its line break; hexadecimal */
  prev: string;
}

export type Line = ChainPlace &
  (
    | { kind: 'frame'; frame: KeptFrame }
    | { kind: 'seen'; at: number; seq: number; until: number; samples: number }
  );

/** The line of a kept picture, with its line break. It says nothing of what was seen later. */
export function frameLine({ n, prev }: ChainPlace, frame: KeptFrame): string {
  const { stream, at, seq, why, changedPercent, mediaMs, connectionId } = frame;
  const { width, height, videoWidth, videoHeight, bytes, sha256, dhash } = frame;
  return `${JSON.stringify({
    n,
    prev,
    stream,
    at,
    seq,
    why,
    changedPercent,
    mediaMs,
    connectionId,
    width,
    height,
    videoWidth,
    videoHeight,
    bytes,
    sha256,
    dhash,
  })}\n`;
}

/** The line that says until when a kept picture was still seen, and how many samples it stands for by then. */
export function seenLine({ n, prev }: ChainPlace, { stream, at, seq, until, samples }: KeptFrame): string {
  return `${JSON.stringify({ n, prev, stream, seen: `${at}-${seq}`, until, samples })}\n`;
}

/**
 * One line, without its line break, or why it is none of this stream's hour: in words, and quoting nothing of it.
 * @param hour UTC in milliseconds; null: of any hour
 */
export function readLine(text: string, stream: string, hour: number | null): Line | string {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'it is no object';
  // JSON.parse makes a `__proto__` in a line a name like any other; only the names below are looked at
  const fields = row as Fields;
  const { n, prev, v } = fields;
  if (v !== undefined && v !== 1) return 'it was written by a newer version of this package';
  if (!isCount(n)) return 'its number is none';
  if (typeof prev !== 'string' || !SHA256.test(prev)) return 'it names no line before it';
  if (fields.stream !== stream) return 'it is of another stream';
  const line = fields.seen !== undefined ? seenIn(fields) : frameIn(fields, stream);
  if (typeof line === 'string') return line;
  const { at } = line.kind === 'seen' ? line : line.frame;
  if (hour !== null && hourOf(at) !== hour) return 'it is of another hour';
  return { n, prev, ...line };
}

type Fields = Record<string, unknown>;
type Unlinked<T> = T extends unknown ? Omit<T, keyof ChainPlace> : never;

function seenIn(fields: Fields): Unlinked<Line & { kind: 'seen' }> | string {
  const { seen, until, samples } = fields;
  const [, at, seq] = (typeof seen === 'string' && SEEN.exec(seen)) || [];
  if (at === undefined || !isTime(Number(at))) return 'it names no picture';
  if (!isTime(until) || until < Number(at)) return 'it has no fitting until';
  if (!isCount(samples) || samples < 1) return 'it has no fitting samples';
  return { kind: 'seen', at: Number(at), seq: Number(seq), until, samples };
}

function frameIn(fields: Fields, stream: string): Unlinked<Line & { kind: 'frame' }> | string {
  const { at, why, changedPercent, mediaMs, connectionId, sha256, dhash } = fields;
  const { seq, width, height, videoWidth, videoHeight, bytes } = fields;
  if (!isTime(at)) return 'it has no fitting at';
  if (!isCount(seq) || !isCount(bytes)) return 'it has no fitting seq or bytes';
  if (!isCount(width) || !isCount(height) || !isCount(videoWidth) || !isCount(videoHeight))
    return 'it has no fitting size';
  if (typeof why !== 'string' || !WHY.has(why)) return 'it has no fitting why';
  if (changedPercent !== null && !isBetween(changedPercent, 0, 100))
    return 'it has no fitting changedPercent';
  if (!isBetween(mediaMs, -MOST, MOST)) return 'it has no fitting mediaMs';
  if (typeof connectionId !== 'string' || connectionId.length > LONGEST_CONNECTION)
    return 'it has no fitting connectionId';
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return 'it has no fitting sha256';
  if (!isDhash(dhash)) return 'it has no fitting dhash';
  const frame: KeptFrame = {
    id: frameId({ stream, at, seq }),
    stream,
    at,
    until: at,
    samples: 1,
    mediaMs,
    connectionId,
    seq,
    why: why as KeptFrame['why'],
    changedPercent,
    width,
    height,
    videoWidth,
    videoHeight,
    bytes,
    sha256,
    dhash,
  };
  return { kind: 'frame', frame };
}

/** Whether it is a number that a line may count with. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST;
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

/** A connection's name as a line may have it. */
export function fitConnection(connectionId: string): string {
  return connectionId.slice(0, LONGEST_CONNECTION);
}
