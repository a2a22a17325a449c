import { connect } from 'node:net';

/** What came back to a hook. */
export interface HookAnswer {
  status: number;
  /** lower case; the last of those that came twice */
  headers: ReadonlyMap<string, string>;
  body: string;
}

const MOST_ANSWER_BYTES = 1_048_576;

/**
 * Posts one hook and reads the answer to the end of the connection. By hand, so that each server's own request line and headers go
 * out (nginx-rtmp speaks HTTP/1.0). Rejects when there is no answer within `timeoutMs`, or none that is HTTP.
 */
export function postHook(
  address: string,
  request: { http: '1.0' | '1.1'; headers: readonly (readonly [string, string])[]; body: string },
  timeoutMs: number,
): Promise<HookAnswer> {
  const url = new URL(address);
  const head = [
    `POST ${url.pathname}${url.search} HTTP/${request.http}`,
    `Host: ${url.host}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    // no server of the four keeps this connection for longer than the one answer
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(request.body)}`,
  ];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) });
    const pieces: Buffer[] = [];
    let size = 0;
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      socket.destroy();
      const answer = error ? null : readAnswer(Buffer.concat(pieces));
      if (answer) resolve(answer);
      else reject(error ?? new Error('The hook address did not answer in HTTP.'));
    };
    const timer = setTimeout(() => end(new Error('The hook address did not answer in time.')), timeoutMs);
    timer.unref();
    socket.unref();
    socket.on('error', end);
    socket.on('data', (data: Buffer) => {
      pieces.push(data);
      size += data.length;
      if (size > MOST_ANSWER_BYTES) end(new Error('The answer to the hook is too long.'));
    });
    socket.on('end', () => end(null));
    socket.on('close', () => end(null));
    socket.write(`${head.join('\r\n')}\r\n\r\n${request.body}`);
  });
}

function readAnswer(bytes: Buffer): HookAnswer | null {
  const text = bytes.toString('utf8');
  const split = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, split === -1 ? undefined : split).split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1];
  if (split === -1 || status === undefined) return null;
  const headers = new Map(
    lines.flatMap((line) => {
      const found = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line);
      return found ? [[(found[1] ?? '').toLowerCase(), found[2] ?? ''] as const] : [];
    }),
  );
  const body = text.slice(split + 4);
  return {
    status: Number(status),
    headers,
    body: headers.get('transfer-encoding') === 'chunked' ? joinChunks(body) : body,
  };
}

function joinChunks(body: string): string {
  const bytes = Buffer.from(body);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = lineEnd === -1 ? 0 : Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(length > 0)) break;
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(pieces).toString('utf8');
}
