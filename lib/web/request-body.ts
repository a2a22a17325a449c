import type { IncomingMessage } from 'node:http';

/** Why a body cannot be had: larger than allowed, not JSON, or the other side went away. */
export type BodyFault = 'long' | 'malformed' | 'cut';

/** The body of a request, at most `mostBytes` long; never rejects. What is longer is not kept. */
export function bodyBytes(request: IncomingMessage, mostBytes: number): Promise<Buffer | 'long' | 'cut'> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.resolve('long');
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= mostBytes) return void parts.push(part);
      parts.length = 0;
      resolve('long');
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', () => resolve('cut'));
    request.on('close', () => resolve('cut'));
  });
}

/** The body as a JSON object; anything else is a fault. */
export async function jsonBody(
  request: IncomingMessage,
  mostBytes: number,
): Promise<Record<string, unknown> | BodyFault> {
  const bytes = await bodyBytes(request, mostBytes);
  if (typeof bytes === 'string') return bytes;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'malformed';
    return value as Record<string, unknown>;
  } catch {
    return 'malformed';
  }
}
