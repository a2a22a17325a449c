/** What the hooks of all media servers have in common: reading hostile bytes into checked texts. Pure and total. */
import { MOST_HOOK_BYTES, type HookFault, type HookRequest } from './types';

/** No name, key or address that anybody publishes with is longer. */
export const MOST_TEXT = 512;
/** A publisher's arguments; more than any encoder lets one type. */
const MOST_PARAMS = 64;
const DEEPEST = 8;
/** Control characters of both sets, the two separators that end a line in some logs, and halves of characters. */
const UNFIT = /[\p{Cc}\p{Surrogate}\u2028\u2029]/u;
/** Names of client ids go into addresses of the server's API. */
const CLIENT_ID = /^[A-Za-z0-9_-]{1,128}$/;
const ACTION = /^[a-z][a-z_]{0,63}$/;
const NEVER_A_NAME = new Set(['__proto__', 'constructor', 'prototype']);

/** Thrown inside a parser and caught by `reading`; never leaves this folder. */
class Fault extends Error {
  constructor(readonly fault: HookFault) {
    super(fault.reason);
  }
}

/** End the reading of a hook: it is none. `reason` quotes nothing of it. */
export function refuse(fault: HookFault['fault'], reason: string): never {
  throw new Fault({ fault, reason });
}

/** The outcome of `read`, or why there is none; whatever it throws is a fault. */
export function reading<T>(read: () => T): T | HookFault {
  try {
    return read();
  } catch (error) {
    return error instanceof Fault ? error.fault : { fault: 'syntax', reason: 'it cannot be read' };
  }
}

/** Refuse what is no POST of one of these types, or too long. `types` are lower case, without parameters. */
export function mustBePost({ method, contentType, body }: HookRequest, types: readonly string[]): string {
  if (method !== 'POST') refuse('method', 'it is no POST');
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (!types.includes(type)) refuse('type', `its content type is none of ${types.join(', ')}`);
  if (body.length > MOST_HOOK_BYTES) refuse('size', `it is longer than ${MOST_HOOK_BYTES} bytes`);
  if (body.length === 0) refuse('syntax', 'it is empty');
  return type;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text; refuses what is no UTF-8. */
export function textOf(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return refuse('syntax', 'it is no UTF-8');
  }
}

/** The fields of a flat JSON object. Refuses anything else, a name that comes twice, and names that stand for an object's own parts. */
export function jsonFields(body: Buffer): ReadonlyMap<string, unknown> {
  const text = textOf(body);
  const shape = shapeOf(text);
  if (shape.depth > DEEPEST) refuse('syntax', `it is nested deeper than ${DEEPEST}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    refuse('syntax', 'it is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    refuse('syntax', 'it is no JSON object');
  const fields = new Map<string, unknown>(Object.entries(parsed));
  // of two of one name a parser keeps the last without a word
  if (fields.size !== shape.names) refuse('twice', 'a field comes twice');
  for (const name of fields.keys())
    if (NEVER_A_NAME.has(name)) refuse('field', 'a field has a name that is none');
  return fields;
}

/** How deep a JSON text is nested, and how many names its outermost object has. Anything may be in it. */
function shapeOf(text: string): { depth: number; names: number } {
  let [depth, now, names] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34:
        for (at++; at < text.length && text.charCodeAt(at) !== 34; at++) if (text.charCodeAt(at) === 92) at++;
        break;
      case 58:
        if (now === 1) names++;
        break;
      case 91:
      case 123:
        depth = Math.max(depth, ++now);
        break;
      case 93:
      case 125:
        now--;
        break;
    }
  }
  return { depth, names };
}

/** A text that may be missing or null: then ''. Refuses every other type, control characters, and more than 512 characters. */
export function fieldText(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') refuse('field', `${name} is no text`);
  return checked(name, value);
}

function checked(name: string, value: string): string {
  if (value.length > MOST_TEXT) refuse('field', `${name} is longer than ${MOST_TEXT} characters`);
  if (UNFIT.test(value)) refuse('field', `${name} holds a control character`);
  return value;
}

/** As `fieldText`, for one that has to be there. */
export function neededText(fields: ReadonlyMap<string, unknown>, name: string): string {
  return fieldText(fields, name) || refuse('field', `${name} is missing`);
}

/** The server's own name of the action. */
export function actionText(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string' || !ACTION.test(value)) refuse('action', `${name} names no action`);
  return value;
}

/** A client id, or null where there is none. */
export function clientIdOf(fields: ReadonlyMap<string, unknown>, name: string): string | null {
  const value = fieldText(fields, name);
  if (value !== '' && !CLIENT_ID.test(value)) refuse('field', `${name} is no client id`);
  return value || null;
}

/** Percent signs taken out. A plus stays a plus: these are arguments of an address, which no form wrote. */
export function decoded(name: string, text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('syntax', `${name} is not encoded as an address is`);
  }
}

/** Names and values of `a=1&b=2` in their order, decoded and checked. */
export function pairsOf(what: string, text: string, most = MOST_PARAMS): [name: string, value: string][] {
  const pieces = text.split('&').filter(Boolean);
  if (pieces.length > most) refuse('field', `${what} has more than ${most} parts`);
  return pieces.map((piece) => {
    const equals = piece.indexOf('=');
    const [name, value] = equals === -1 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)];
    const clean = checked(what, decoded(what, name));
    if (NEVER_A_NAME.has(clean)) refuse('field', `${what} has a name that is none`);
    return [clean, checked(what, decoded(what, value))];
  });
}

/**
 * A stream's name and what its publisher appended to it: behind a question mark of the name, then in `param`, which may begin with
 * one. Of two of one name the first counts.
 */
export function streamAndParams(
  name: string,
  param: string,
): { stream: string; params: Map<string, string> } {
  const mark = name.indexOf('?');
  const stream = mark === -1 ? name : name.slice(0, mark);
  const params = new Map<string, string>();
  // a second question mark comes where an address and a stream name bring arguments each
  for (const part of [mark === -1 ? '' : name.slice(mark + 1), param])
    for (const [key, value] of pairsOf('param', part.replaceAll('?', '&')))
      if (!params.has(key)) params.set(key, value);
  return { stream, params };
}
