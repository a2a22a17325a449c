import type { IncomingMessage, ServerResponse } from 'node:http';
import { PAGE_HEADERS } from './headers';

/** Why a guest's wish is not fulfilled: words for the page, which has the sentences. */
export type Refusal =
  | 'origin'
  | 'not-json'
  | 'too-long'
  | 'malformed'
  | 'slow-down'
  | 'wrong-code'
  | 'bad-name'
  | 'name-taken'
  | 'joined-already'
  | 'not-joined'
  | 'not-open'
  | 'no-joining'
  | 'full'
  | 'failed';

const STATUS: Record<Refusal, number> = {
  origin: 403,
  'not-json': 415,
  'too-long': 413,
  malformed: 400,
  'slow-down': 429,
  'wrong-code': 403,
  'bad-name': 400,
  'name-taken': 409,
  'joined-already': 409,
  'not-joined': 401,
  'not-open': 503,
  'no-joining': 403,
  full: 503,
  failed: 500,
};

/** Send bytes or text with everything an answer of the page carries. */
export function say(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: Record<string, string | string[]> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'Content-Type': contentType,
    'Content-Length': bytes.length,
    // what was not read is not waited for
    ...(request.complete ? {} : { Connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
  if (!request.complete) request.resume();
}

/** Send a value as JSON. */
export function sayJson(
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  headers: Record<string, string | string[]> = {},
): void {
  say(request, response, 200, 'application/json; charset=utf-8', JSON.stringify(value), headers);
}

/** Say no; `waitMs` is when it may be tried again. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  why: Refusal,
  waitMs?: number,
): void {
  const waitS = waitMs === undefined ? null : Math.ceil(waitMs / 1000);
  const body = JSON.stringify({ ok: false, why, ...(waitS === null ? {} : { waitS }) });
  say(request, response, STATUS[why], 'application/json; charset=utf-8', body, {
    ...(waitS === null ? {} : { 'Retry-After': String(waitS) }),
  });
}

/** Say that nothing is here, or that it takes another method; in plain words. */
export function sayNothingHere(request: IncomingMessage, response: ServerResponse, allow?: string): void {
  const text = 'text/plain; charset=utf-8';
  if (allow === undefined) return say(request, response, 404, text, 'Nothing here.\n');
  say(request, response, 405, text, `${allow} only.\n`, { Allow: allow });
}
