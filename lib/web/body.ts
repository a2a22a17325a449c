import type { IncomingMessage } from 'node:http';

/** Why a body was not read: too long, not whole in time, or whoever sent it went. */
export type BodyFault = 'size' | 'late' | 'aborted';

/**
 * The body of a request, at most `most` bytes, whole within `deadlineMs`. Never rejects. After a fault nothing more is read: answer with
 * `Connection: close`, so that what still comes costs nothing.
 */
export function readBody(
  request: IncomingMessage,
  most: number,
  deadlineMs: number,
): Promise<{ body: Buffer } | { fault: BodyFault }> {
  return new Promise((resolve) => {
    const told = Number(request.headers['content-length'] ?? 0);
    if (told > most) return resolve({ fault: 'size' });
    if (request.destroyed && !request.readableEnded) return resolve({ fault: 'aborted' });
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (result: { body: Buffer } | { fault: BodyFault }) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      // somebody has to hear an error that comes later
      request.on('error', () => undefined);
      if ('fault' in result) request.pause();
      resolve(result);
    };
    const onData = (part: Buffer) => {
      size += part.length;
      if (size > most) finish({ fault: 'size' });
      else parts.push(part);
    };
    const onEnd = () => finish({ body: parts.length === 1 ? parts[0]! : Buffer.concat(parts) });
    const onClose = () => finish({ fault: 'aborted' });
    const timer = setTimeout(() => finish({ fault: 'late' }), deadlineMs);
    timer.unref();
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}
