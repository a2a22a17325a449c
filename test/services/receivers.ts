// Who takes the alerts in the tests: a mail server, a stand-in for Slack, an MQTT broker.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { certificates, freePort, listens, type Program, startProgram, tempDir, waitFor } from '../support';
import { nodeRedDir } from '../support/node-red';

// these come with what test/services installs, which no editor and no type check has to have
const requireHere = createRequire(join(__dirname, 'package.json'));

export interface Mail {
  subject: string;
  text: string;
  html: string | false;
  from: { value: { address: string }[] };
  to: { value: { address: string }[] };
  attachments: { filename: string; contentType: string; content: Buffer }[];
}

export interface MailServer {
  readonly port: number;
  /** the authority that signed its certificate, a file */
  readonly ca: string;
  readonly mails: Mail[];
  /** who logged in, as user:password */
  readonly logins: string[];
  /** refuse the next mails for a while, as a busy server does */
  refuse: number;
  close(): Promise<void>;
}

/** A mail server on loopback that speaks TLS from the start and wants a login. Needs openssl. */
export async function startMailServer(user: string, password: string): Promise<MailServer> {
  const { SMTPServer } = requireHere('smtp-server') as { SMTPServer: new (options: object) => Smtp };
  const fromMailNode = createRequire(requireHere.resolve('node-red-node-email/package.json'));
  const { simpleParser } = fromMailNode('mailparser') as {
    simpleParser: (stream: unknown) => Promise<Mail>;
  };
  const { ca, cert, key } = certificates(tempDir('mail'));
  const mails: Mail[] = [];
  const logins: string[] = [];
  const state = { refuse: 0 };
  const server = new SMTPServer({
    secure: true,
    cert: readFileSync(cert),
    key: readFileSync(key),
    onAuth(given: { username: string; password: string }, _session: unknown, done: Done) {
      logins.push(`${given.username}:${given.password}`);
      if (given.username === user && given.password === password) done(null, { user });
      else done(new Error('wrong user or password'));
    },
    onData(stream: NodeJS.ReadableStream, _session: unknown, done: Done) {
      simpleParser(stream).then(
        (mail) => {
          if (state.refuse > 0) {
            state.refuse -= 1;
            done(Object.assign(new Error('try again later'), { responseCode: 451 }));
            return;
          }
          mails.push(mail);
          done(null);
        },
        (error: Error) => done(error),
      );
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.server.address() as AddressInfo).port,
    ca,
    mails,
    logins,
    get refuse() {
      return state.refuse;
    },
    set refuse(times) {
      state.refuse = times;
    },
    close: () => new Promise((closed) => server.close(closed)),
  };
}

type Done = (error: Error | null, answer?: { user: string }) => void;
interface Smtp {
  server: { address(): unknown };
  on(event: string, listener: (error: Error) => void): void;
  listen(port: number, host: string, listening: () => void): void;
  close(closed: () => void): void;
}

export interface Webhook {
  readonly url: string;
  /** what was posted, with what was answered */
  readonly posts: { at: number; type: string; body: unknown; answered: number }[];
  /** what the next posts are answered, instead of 200 */
  readonly answers: { status: number; headers?: Record<string, string> }[];
  close(): Promise<void>;
}

/** Answers as Slack's incoming webhooks do. `secret` is the last part of its address. */
export async function startWebhook(secret: string): Promise<Webhook> {
  const posts: Webhook['posts'] = [];
  const answers: Webhook['answers'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const known = request.method === 'POST' && request.url === `/services/T0/B0/${secret}`;
      const { status, headers } = known ? (answers.shift() ?? { status: 200 }) : { status: 404 };
      let body: unknown = null;
      try {
        body = JSON.parse(Buffer.concat(parts).toString('utf8'));
      } catch {
        // stays null, which no test takes for a message
      }
      posts.push({ at: Date.now(), type: String(request.headers['content-type']), body, answered: status });
      response.writeHead(status, headers).end(status === 200 ? 'ok' : 'no_service');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/${secret}`,
    posts,
    answers,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

/** mosquitto on loopback; it forgets what it kept when it ends. */
export async function startBroker(port?: number): Promise<{ port: number; program: Program }> {
  const at = port ?? (await freePort());
  const file = join(tempDir('broker'), 'mosquitto.conf');
  writeFileSync(file, `listener ${at} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const program = await startProgram('mosquitto', ['-c', file]);
  await waitFor(async () => await listens(at), { message: () => `mosquitto; it said:\n${program.log()}` });
  return { port: at, program };
}

export interface Heard {
  topic: string;
  payload: unknown;
  /** told because the broker had kept it, not because it was just published */
  kept: boolean;
}

interface MqttClient {
  on(event: 'message', listener: (topic: string, payload: Buffer, packet: { retain: boolean }) => void): void;
  once(event: 'connect', listener: () => void): void;
  subscribeAsync(topic: string, options: { qos: 0 | 1 | 2 }): Promise<unknown>;
  endAsync(force?: boolean): Promise<void>;
}

/** Hears everything below a topic of the broker, as another program in the house would. */
export async function listenTo(
  port: number,
  topic: string,
): Promise<{ heard: Heard[]; close(): Promise<void> }> {
  const mqtt = createRequire(join(nodeRedDir, 'package.json'))('mqtt') as {
    connect(url: string): MqttClient;
  };
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`);
  const heard: Heard[] = [];
  client.on('message', (name, payload, { retain }) => {
    heard.push({ topic: name, payload: JSON.parse(payload.toString('utf8')), kept: retain });
  });
  await new Promise<void>((connected) => client.once('connect', connected));
  await client.subscribeAsync(`${topic}/#`, { qos: 1 });
  return { heard, close: () => client.endAsync(true) };
}

/** The size of a JPEG, read from its frame header. Fails for what is no whole JPEG. */
export function jpegSize(data: Buffer): { width: number; height: number } {
  assert.equal(data.readUInt16BE(0), 0xffd8, 'the start of a JPEG');
  assert.equal(data.readUInt16BE(data.length - 2), 0xffd9, 'the end of a JPEG');
  for (let at = 2; at + 9 < data.length;) {
    const marker = data.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc2)
      return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    at += 2 + data.readUInt16BE(at + 2);
  }
  throw new Error('a JPEG without a frame');
}
