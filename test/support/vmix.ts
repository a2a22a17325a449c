// Bare clients of vMix, as simple as can be: they must not share a mistake with ours.
import { request } from 'node:http';
import { connect } from 'node:net';
import { waitFor } from './wait';

/** What is told where no web controller listens: in a container loopback is the container itself. */
export const NOTHING_THERE = /VMIX_(REFUSED|CONTAINER_LOOPBACK)/;

export interface WebAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request to a web controller; rejects where the connection breaks. */
export function web(url: string, path: string, headers: Record<string, string> = {}): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces).toString('utf8'),
        }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

export interface BareTcp {
  /** everything that came, as text */
  readonly text: string;
  readonly closed: boolean;
  send(text: string): void;
  /** Waits until something comes that fits, and gives it. */
  until(pattern: RegExp): Promise<string>;
  /** Forget what came. */
  clear(): void;
  end(): void;
}

/** A connection to a TCP port of vMix. */
export async function bareTcp(port: number): Promise<BareTcp> {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  let closed = false;
  socket.on('data', (data) => (text += data.toString('utf8')));
  socket.on('error', () => undefined);
  socket.on('close', () => (closed = true));
  await waitFor(() => closed || !socket.connecting);
  return {
    get text() {
      return text;
    },
    get closed() {
      return closed;
    },
    send: (line) => socket.write(`${line}\r\n`),
    until: (pattern) =>
      waitFor(() => pattern.exec(text)?.[0], { intervalMs: 5, message: () => `${pattern} in ${text}` }),
    clear: () => (text = ''),
    end: () => socket.destroy(),
  };
}
