import type { IncomingMessage, ServerResponse } from 'node:http';
import { LiveError } from '../../errors';
import { say } from '../guest-page/answers';
import { PAGE_HEADERS } from '../guest-page/headers';
import type { Refusal } from './view';

const STATUS: Record<Refusal, number> = {
  'no-access': 401,
  origin: 403,
  away: 503,
  unknown: 404,
  changed: 409,
  invalid: 400,
  'slow-down': 429,
  failed: 500,
};

const CODES: Record<string, Refusal> = {
  FRAMES_UNKNOWN: 'unknown',
  FRAMES_CHANGED: 'changed',
  FRAMES_QUERY_INVALID: 'invalid',
  FRAMES_BUSY: 'away',
  FRAME_STORE_MISSING: 'away',
};

/** Say no, in a word for the page; what the store said stays here, since paths of this computer may stand in it. */
export function refuse(request: IncomingMessage, response: ServerResponse, why: Refusal): void {
  say(
    request,
    response,
    STATUS[why],
    'application/json; charset=utf-8',
    JSON.stringify({ ok: false, why }),
    why === 'slow-down' || why === 'away' ? { 'Retry-After': '2' } : {},
  );
}

/** The word for what went wrong. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof LiveError)) return 'failed';
  return CODES[error.code] ?? (/^CONFIG_/.test(error.code) ? 'away' : 'failed');
}

/** Half a day: longer than anybody looks at one show, and a borrowed computer forgets. */
const LONGEST_KEPT_S = 12 * 3600;

/**
 * A picture: the browser that asked may keep it for `keptMs`, for the session that it came by; nobody between here and there may. What is named by time and
 * number never is another one, so after that it is asked for by its hash, which is its ETag.
 */
export function sayPicture(
  request: IncomingMessage,
  response: ServerResponse,
  jpeg: Buffer,
  etag: string,
  fileName: string,
  keptMs: number,
): void {
  const headers = {
    'Cache-Control': `private, max-age=${Math.max(0, Math.min(LONGEST_KEPT_S, Math.floor(keptMs / 1000)))}`,
    Vary: 'Cookie',
    ETag: `"${etag}"`,
    'Content-Disposition': `inline; filename="${fileName}"`,
  };
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''));
  if (!known.includes(`"${etag}"`)) return say(request, response, 200, 'image/jpeg', jpeg, headers);
  if (!response.destroyed && !response.headersSent)
    response.writeHead(304, { ...PAGE_HEADERS, ...headers }).end();
}
