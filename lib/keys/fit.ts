/** What may be said of a person: checked and copied, so that nothing of a message lives on in the store. Pure. */
import { fail, type LiveError } from '../errors';

/** Characters of a name. */
export const LONGEST_NAME = 80;
/** Bytes of metadata as JSON. */
export const MOST_METADATA = 4096;
const DEEPEST = 10;
/** Half a character, which no UTF-8 can hold. */
const LONE_SURROGATE = /\p{Cs}/gu;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const LONGEST_LIMIT_MS = 7 * 24 * 3_600_000;
const HIGHEST_PRIORITY = 1000;

function unfit(field: string, reason: string): LiveError {
  return fail('INPUT_INVALID', { field, reason });
}

/**
 * A person's name as it is kept: one line, no characters that turn the text beside it round.
 * @throws INPUT_INVALID
 */
export function fitName(name: unknown): string {
  if (typeof name !== 'string') throw unfit('name', 'it must be a text');
  const plain = name
    .slice(0, 4 * LONGEST_NAME)
    .replace(LONE_SURROGATE, '\ufffd')
    .normalize('NFC')
    .replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .trim();
  if (plain === '') throw unfit('name', 'it is empty');
  if (plain.length > LONGEST_NAME) throw unfit('name', `it is longer than ${LONGEST_NAME} characters`);
  return plain;
}

/**
 * A length of turns: null, or a second to a week, in whole milliseconds.
 * @throws INPUT_INVALID
 */
export function fitLimit(limitMs: unknown): number | null {
  if (limitMs === null || limitMs === undefined) return null;
  if (typeof limitMs === 'number' && limitMs >= 1000 && limitMs <= LONGEST_LIMIT_MS)
    return Math.round(limitMs);
  throw unfit('limit', 'a turn lasts from a second to seven days');
}

/**
 * A place beside first-come.
 * @throws INPUT_INVALID
 */
export function fitPriority(priority: unknown): number {
  if (priority === undefined || priority === null) return 0;
  if (typeof priority === 'number' && Number.isInteger(priority) && Math.abs(priority) <= HIGHEST_PRIORITY)
    return priority;
  throw unfit('priority', `it must be a whole number from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}`);
}

/**
 * Metadata as a frozen copy: plain JSON, 4 KiB at most.
 * @throws INPUT_INVALID
 */
export function fitMetadata(metadata: unknown): Readonly<Record<string, unknown>> {
  if (metadata === undefined || metadata === null) return Object.freeze({});
  if (!isPlain(metadata)) throw unfit('metadata', 'it must be an object');
  const budget = { left: MOST_METADATA };
  const copy = copied(metadata, 0, budget) as Record<string, unknown>;
  if (Buffer.byteLength(JSON.stringify(copy)) > MOST_METADATA) throw tooMuch();
  return copy;
}

function tooMuch(): LiveError {
  return unfit('metadata', `it has more than ${MOST_METADATA} bytes as JSON`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // an object of another realm (a function node's) has another Object.prototype, above which there is nothing
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `budget` ends what would go on for long, before all of it was looked at. */
function copied(value: unknown, depth: number, budget: { left: number }): unknown {
  if (--budget.left < 0) throw tooMuch();
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string') {
    if ((budget.left -= value.length) < 0) throw tooMuch();
    return value.replace(LONE_SURROGATE, '\ufffd');
  }
  if (depth >= DEEPEST) throw unfit('metadata', `it is nested deeper than ${DEEPEST}`);
  if (Array.isArray(value))
    return Object.freeze((value as unknown[]).map((one) => copied(one, depth + 1, budget)));
  if (!isPlain(value)) throw unfit('metadata', 'only what JSON has may be in it');
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (FORBIDDEN.has(name)) throw unfit('metadata', `nothing in it may be called ${name}`);
    if ((budget.left -= name.length) < 0) throw tooMuch();
    if (value[name] === undefined) continue;
    copy[name] = copied(value[name], depth + 1, budget);
  }
  return Object.freeze(copy);
}
