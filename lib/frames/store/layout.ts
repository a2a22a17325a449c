/** Where everything of a frame store lies, and what its names mean. Pure. */
import { join } from 'node:path';
import { isStreamName } from '../../keys/names';

export const HOUR_MS = 3_600_000;
/** The truth of an hour: its lines. */
export const INDEX = 'index.ndjson';
/** Of a closed hour, both made of its lines, and made again where they do not fit them. */
export const PARQUET = 'index.parquet';
export const SUMMARY = 'summary.json';
/** Of a stream: how far its chain of lines goes, and which parts of it retention removed. */
export const CHAIN = 'chain.json';
/** No stream can have this name. */
export const LOCK = '~lock';
/** A folder on its way out: what begins so is removed when the store is opened. */
export const GONE = '~removed-';

/** The last millisecond with a year of four digits, which the folders' names have. */
const LAST_MS = 253_402_300_799_999;
const DAY = /^\d{4}-\d\d-\d\d$/;
const HOUR = /^[01]\d$|^2[0-3]$/;
const PICTURE = /^(\d{1,15})-(\d{1,15})(\.small)?\.jpg$/;
const ID = /^([^/]{1,100})\/(\d{1,15})-(\d{1,15})$/;

/** Whether it is a time that a picture can have: whole milliseconds since 1970. */
export function isTime(at: unknown): at is number {
  return typeof at === 'number' && Number.isInteger(at) && at >= 0 && at <= LAST_MS;
}

/** The beginning of the hour that a time lies in, both UTC in milliseconds. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

/** An hour for people: `2026-11-21T20`, UTC. */
export function hourName(hour: number): string {
  return new Date(hour).toISOString().slice(0, 13);
}

/** The folders of an hour, below that of its stream: day, then hour. */
export function hourParts(hour: number): [day: string, hour: string] {
  const [day, rest] = hourName(hour).split('T') as [string, string];
  return [day, rest];
}

/** The folder of a stream's hour. `stream` has to be checked by `isStreamName` before. */
export function hourFolder(root: string, stream: string, hour: number): string {
  return join(root, stream, ...hourParts(hour));
}

/** The hour that two folders stand for, or null where they stand for none. */
export function hourIn(day: string, hour: string): number | null {
  if (!DAY.test(day) || !HOUR.test(hour)) return null;
  const at = Date.parse(`${day}T${hour}:00:00.000Z`);
  return Number.isNaN(at) || hourParts(at)[0] !== day ? null : at;
}

/** A picture of a stream, by time and number. */
export interface Place {
  stream: string;
  at: number;
  seq: number;
}

/** The file name of a picture. */
export function pictureName(at: number, seq: number): string {
  return `${at}-${seq}.jpg`;
}

/** The file name of the small one beside a picture: a cache, which may be missing. */
export function smallName(at: number, seq: number): string {
  return `${at}-${seq}.small.jpg`;
}

/** Time and number of a picture's file name, and whether it is a small one's; null where it is none of a picture. */
export function pictureIn(name: string): { at: number; seq: number; small: boolean } | null {
  const [, time, number, mark] = PICTURE.exec(name) ?? [];
  if (time === undefined) return null;
  const [at, seq, small] = [Number(time), Number(number), mark !== undefined];
  return (small ? smallName(at, seq) : pictureName(at, seq)) === name ? { at, seq, small } : null;
}

/** What a picture is called: `<stream>/<utc-ms>-<seq>`. */
export function frameId({ stream, at, seq }: Place): string {
  return `${stream}/${at}-${seq}`;
}

/** The parts of an id, or null for a text that is none: it may come from anywhere, and becomes a path. */
export function placeOf(id: unknown): Place | null {
  const [, stream, at, seq] = (typeof id === 'string' && ID.exec(id)) || [];
  if (stream === undefined || !isStreamName(stream) || !isTime(Number(at))) return null;
  const place = { stream, at: Number(at), seq: Number(seq) };
  return frameId(place) === id ? place : null;
}
