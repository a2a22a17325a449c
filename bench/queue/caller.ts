// A media server that calls: each hook over a connection of its own, as SRS and nginx-rtmp do.
import { connect } from 'node:net';

/** One hook: what is sent, and what its answer has to be. */
export interface Call {
  port: number;
  bytes: string;
  /** stands in a right answer */
  wants: string;
}

const LONGEST_MS = 10_000;

/** The bytes of a hook. */
export function hookBytes(path: string, body: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** Resolves once the whole answer is there. Rejects for a wrong one. */
export function call({ port, bytes, wants }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    socket.setTimeout(LONGEST_MS, () => socket.destroy(new Error('no answer')));
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (part) => (text += part.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () =>
      text.includes(wants) ? resolve() : reject(new Error(`a wrong answer: ${text.slice(0, 200)}`)),
    );
  });
}

/** So many at once for so long, each next one as soon as one is answered. Resolves with how many were answered. */
export async function flatOut(next: () => Call, atOnce: number, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let answered = 0;
  const line = async () => {
    while (performance.now() < until) {
      await call(next());
      answered++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, line));
  return answered;
}

/** So many a second, whether or not those before are answered. Resolves with how long each took from when it was due, ms. */
export async function atPace(next: () => Call, aSecond: number, ms: number): Promise<number[]> {
  const began = performance.now();
  const count = Math.round((aSecond * ms) / 1000);
  const waits: number[] = [];
  const open: Promise<void>[] = [];
  for (let n = 0; n < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - began) * aSecond) / 1000) + 1);
    for (; n < due; n++) {
      const dueMs = began + (n * 1000) / aSecond;
      open.push(call(next()).then(() => void waits.push(performance.now() - dueMs)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  return waits;
}
