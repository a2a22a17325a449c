import type { IncomingMessage } from 'node:http';
import { readBody } from './body';

/** Why there is no such body: longer than allowed, no JSON object, or not whole in time. */
export type JsonFault = 'long' | 'malformed' | 'cut';

/** The body of a request as a JSON object, at most `mostBytes` long and whole within `deadlineMs`; never rejects. */
export async function jsonBody(
  request: IncomingMessage,
  mostBytes: number,
  deadlineMs: number,
): Promise<Record<string, unknown> | JsonFault> {
  const read = await readBody(request, mostBytes, deadlineMs);
  if ('fault' in read) return read.fault === 'size' ? 'long' : 'cut';
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read.body));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'malformed';
    return value as Record<string, unknown>;
  } catch {
    return 'malformed';
  }
}
