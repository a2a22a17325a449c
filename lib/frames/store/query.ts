/** What is asked of a store, made exact; and what a picture has to be for an answer. Pure. */
import { fail } from '../../errors';
import { isStreamName } from '../../keys/names';
import { differingBits, halves, isDhash } from '../dhash';
import { byTime } from './hour';
import { isTime, placeOf } from './layout';
import type { FrameQuery, KeptFrame } from './types';

export const MOST_FRAMES = 1000;
const USUAL_FRAMES = 100;
const USUAL_BITS = 8;
const MOST_BITS = 64;

/** A place in the order of pictures. */
export interface Position {
  at: number;
  stream: string;
  seq: number;
}

/** A query with every default in its place. */
export interface Wanted {
  stream: string | null;
  from: number | null;
  to: number | null;
  changedOnly: boolean;
  everyMs: number | null;
  similar: { dhash: string; halves: [number, number]; mostBits: number } | null;
  limit: number;
  after: Position | null;
  order: 'oldest' | 'newest';
}

function no(reason: string): never {
  throw fail('FRAMES_QUERY_INVALID', { reason });
}

/** A stream's name, or null for all. @throws LiveError FRAMES_QUERY_INVALID */
export function wantedStream(stream: unknown): string | null {
  if (stream === undefined || stream === null) return null;
  if (typeof stream !== 'string' || !isStreamName(stream)) no('this is no name of a stream');
  return stream;
}

/** A time, or null for none. @throws LiveError FRAMES_QUERY_INVALID */
export function wantedTime(value: unknown, name: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) no(`${name} is no time in milliseconds`);
  // before 1970 and after 9999 there is nothing: as good as the border itself
  return Math.min(Math.max(Math.ceil(value), 0), 253_402_300_800_000);
}

function wantedNumber(value: unknown, name: string, least: number, most: number, usual: number): number {
  if (value === undefined || value === null) return usual;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    no(`${name} is no whole number from ${least} to ${most}`);
  return value;
}

/**
 * Make a query exact.
 * @param dhashOf the difference hash of a picture that is named by its id
 * @throws LiveError FRAMES_QUERY_INVALID, and what `dhashOf` throws
 */
export async function wantedOf(query: FrameQuery, dhashOf: (id: string) => Promise<string>): Promise<Wanted> {
  const { similarTo, order = 'oldest' } = query;
  if (order !== 'oldest' && order !== 'newest') no('the order is neither oldest nor newest');
  const mostBits = wantedNumber(query.mostBits, 'mostBits', 0, MOST_BITS, USUAL_BITS);
  const everyMs = wantedNumber(query.everyMs, 'everyMs', 0, Number.MAX_SAFE_INTEGER, 0);
  let similar: Wanted['similar'] = null;
  if (similarTo) {
    const hash = 'id' in similarTo ? await dhashOf(similarTo.id) : similarTo.dhash;
    if (!isDhash(hash)) no('similarTo has neither the id of a picture nor 16 hexadecimal digits');
    similar = { dhash: hash, halves: halves(hash), mostBits };
  }
  return {
    stream: wantedStream(query.stream),
    from: wantedTime(query.from, 'from'),
    to: wantedTime(query.to, 'to'),
    changedOnly: query.changedOnly === true,
    everyMs: everyMs || null,
    similar,
    limit: wantedNumber(query.limit, 'limit', 1, MOST_FRAMES, USUAL_FRAMES),
    after: query.cursor === undefined || query.cursor === null ? null : positionOf(query.cursor, order),
    order,
  };
}

/** The cursor behind a picture. It stays good while new pictures come. */
export function cursorOf({ id }: KeptFrame, order: Wanted['order']): string {
  return Buffer.from(`${order === 'oldest' ? 'o' : 'n'}${id}`).toString('base64url');
}

function positionOf(cursor: string, order: Wanted['order']): Position {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const place = placeOf(text.slice(1));
  if (!place || !/^[on]/.test(text)) no('the cursor is none of an answer');
  if ((text[0] === 'o') !== (order === 'oldest')) no('the cursor is of an answer in the other order');
  return place;
}

/** Whether a picture is one of those asked for; time, stream, and what it shows, but neither `every` nor the cursor. */
export function fits(frame: KeptFrame, { stream, from, to, changedOnly, similar }: Wanted): boolean {
  if (stream !== null && frame.stream !== stream) return false;
  if (from !== null && frame.at < from) return false;
  if (to !== null && frame.at >= to) return false;
  if (changedOnly && !isChange(frame)) return false;
  return !similar || differingBits(frame.dhash, similar.halves) <= similar.mostBits;
}

/** Whether it was kept because it shows something else than the one before. */
export function isChange({ why }: KeptFrame): boolean {
  return why !== 'keep-alive' && why !== 'asked';
}

/** The order that was asked for. */
export function inOrder(order: Wanted['order']): (a: KeptFrame, b: KeptFrame) => number {
  return order === 'oldest' ? byTime : (a, b) => byTime(b, a);
}

/** Whether a picture comes behind the cursor. */
export function isAfter({ at, stream, seq }: KeptFrame, { after, order }: Wanted): boolean {
  if (!after) return true;
  const difference =
    at - after.at || (stream < after.stream ? -1 : stream > after.stream ? 1 : seq - after.seq);
  return order === 'oldest' ? difference > 0 : difference < 0;
}

/** Whether it is a time of a picture, for those that ask for one of a time. @throws LiveError FRAMES_QUERY_INVALID */
export function mustBeTime(at: unknown, name: string): number {
  if (typeof at === 'number' && isTime(Math.round(at))) return Math.round(at);
  return no(`${name} is no time in milliseconds`);
}
