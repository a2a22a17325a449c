// The admin routes of the Node-RED under test, asked over HTTP as the editor does.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { helper, type Msg } from './rig';

export interface Answered {
  status: number;
  body: Msg;
  text: string;
}

export interface Routes {
  readonly port: number;
  /** Ask a route below `live-production/`. Fails where the answer holds the secret in any form. */
  post(path: string, body: unknown, type?: string): Promise<Answered>;
  close(): Promise<void>;
}

/** Open the admin routes on a free port; after the flow was loaded. */
export async function openRoutes(secret: string): Promise<Routes> {
  const app = (helper as unknown as { _httpAdmin: { listen(port: number, host: string): Server } })
    ._httpAdmin;
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const forms = [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    JSON.stringify(secret).slice(1, -1),
  ];
  return {
    port,
    async post(path, body, type = 'application/json') {
      const answer = await fetch(`http://127.0.0.1:${port}/live-production/${path}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await answer.text();
      let parsed: Msg = {};
      try {
        parsed = JSON.parse(text) as Msg;
      } catch {
        // told by its status alone
      }
      for (const form of forms) assert.ok(!text.includes(form), 'no answer holds the password');
      return { status: answer.status, body: parsed, text };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
