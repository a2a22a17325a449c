// What a client asks of OBS, counted between the two.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

export interface Counter {
  readonly port: number;
  /** messages to OBS since the last time this was asked, and the requests in them: a batch holds several */
  take(): { messages: number; requests: number };
  close(): void;
}

/** `op` of obs-websocket's protocol. */
const REQUEST = 6;
const BATCH = 8;

/** Stands before an OBS, passes everything on in both directions, and counts the requests. */
export async function countRequests(obsUrl: string): Promise<Counter> {
  let [messages, requests] = [0, 0];
  const count = (text: string): void => {
    const { op, d } = JSON.parse(text) as { op: number; d: { requests?: unknown[] } };
    if (op !== REQUEST && op !== BATCH) return;
    messages += 1;
    requests += op === BATCH ? (d.requests?.length ?? 0) : 1;
  };
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  server.on('connection', (client, { headers }) => {
    const protocols = headers['sec-websocket-protocol']?.split(/, */) ?? [];
    const obs = new WebSocket(obsUrl, protocols);
    const waiting: { data: RawData; isBinary: boolean }[] = [];
    obs.on('open', () => {
      for (const { data, isBinary } of waiting.splice(0)) obs.send(data, { binary: isBinary });
    });
    obs.on('message', (data, binary) => client.send(data, { binary }));
    client.on('message', (data: Buffer, isBinary) => {
      count(data.toString());
      if (obs.readyState === WebSocket.OPEN) obs.send(data, { binary: isBinary });
      else waiting.push({ data, isBinary });
    });
    for (const [one, other] of [
      [client, obs],
      [obs, client],
    ] as const) {
      one.on('error', () => other.terminate());
      one.on('close', () => other.terminate());
    }
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    port: (http.address() as AddressInfo).port,
    take() {
      const taken = { messages, requests };
      [messages, requests] = [0, 0];
      return taken;
    },
    close() {
      for (const client of server.clients) client.terminate();
      http.close();
    },
  };
}
