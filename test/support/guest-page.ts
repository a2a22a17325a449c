// The guests' page alone: a queue and keys on paper, and a port.
import { randomBytes } from 'node:crypto';
import { createServer, request as ask, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fail } from '../../lib/errors';
import type { Created, KeyStore, Person } from '../../lib/keys/types';
import type { GuestQueue } from '../../lib/queue/guests';
import type { EntryView, QueueCommand, QueueView } from '../../lib/queue/types';
import type { Asset } from '../../lib/web/guest-page/assets';
import { GuestPage, type PageOptions } from '../../lib/web/guest-page/page';
import { Sessions } from '../../lib/web/guest-page/sessions';
import type { PageSettings } from '../../lib/web/guest-page/settings';

/** An entry of a queue's view. */
export function entryView(stream: string, more: Partial<EntryView> = {}): EntryView {
  return {
    turn: `t-${stream}`,
    stream,
    name: stream,
    state: 'waiting',
    place: 1,
    held: false,
    joinedAt: '2026-01-01T20:00:00.000Z',
    liveAt: null,
    usedMs: 0,
    limitMs: 600_000,
    remainingMs: null,
    counting: false,
    ...more,
  };
}

/** A queue that is what a test says. */
export class PaperQueue {
  readonly commands: QueueCommand[] = [];
  shown: QueueView = {
    lead: null,
    waiting: [],
    bans: [],
    onHold: false,
    limitMs: 600_000,
    serverReachable: true,
    at: '2026-01-01T20:00:00.000Z',
  };
  private readonly listeners = new Set<() => void>();

  /** Change what is shown, and tell. */
  show(change: Partial<QueueView>): void {
    this.shown = { ...this.shown, ...change };
    for (const listener of this.listeners) listener();
  }

  readonly queue = {
    view: () => this.shown,
    onChange: (listener: () => void) => {
      this.listeners.add(listener);
      return () => void this.listeners.delete(listener);
    },
    command: (command: QueueCommand) => {
      this.commands.push(command);
      const who = 'who' in command ? command.who : null;
      const all = [this.shown.lead, ...this.shown.waiting];
      if (who !== null && !all.some((entry) => entry?.stream === who || entry?.turn === who))
        return Promise.reject(fail('QUEUE_NOBODY', { who }));
      return Promise.resolve(this.shown);
    },
  } as Partial<GuestQueue> as GuestQueue;
}

/** A key store that forgets everything. */
export class PaperKeys {
  readonly people = new Map<string, Person & { key: string }>();
  most = 100;
  private readonly listeners = new Set<(id: string) => void>();

  private created(person: Person & { key: string }): Promise<Created> {
    person.key = randomBytes(20).toString('base64url');
    this.people.set(person.id, person);
    for (const listener of this.listeners) listener(person.id);
    return Promise.resolve({ person, streamKey: `${person.id}?key=${person.key}` });
  }

  readonly store = {
    get: (id: string) => this.people.get(id) ?? null,
    list: () => [...this.people.values()],
    create: ({ name }: { name: string }) => {
      if (this.people.size >= this.most) return Promise.reject(fail('KEYS_FULL', { most: this.most }));
      const at = new Date().toISOString();
      const id = `guest-${this.people.size + 1}`;
      const rest = { active: true, limitMs: null, priority: 0, metadata: {}, origin: 'invited' } as const;
      return this.created({ id, name, createdAt: at, keyChangedAt: at, ...rest, key: '' });
    },
    rotate: (id: string) => this.created(this.people.get(id)!),
    remove: (id: string) => Promise.resolve(this.people.delete(id)),
    onChange: (listener: (id: string) => void) => {
      this.listeners.add(listener);
      return () => void this.listeners.delete(listener);
    },
  } as Partial<KeyStore> as KeyStore;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** as JSON; fails where it is none */
  json<T = Record<string, unknown>>(): T;
}

export interface PageRig {
  page: GuestPage;
  sessions: Sessions;
  queue: PaperQueue;
  keys: PaperKeys;
  warnings: string[];
  port: number;
  origin: string;
  server: Server;
  ask(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Answer>;
  /** as the page's own script posts */
  post(path: string, value: object, cookie?: string, more?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export const INVITATION = 'summer night';
export const SERVER = 'rtmp://studio.example/live';

/** A page on a free port of the system's choice, with an invitation code. */
export async function startPage(
  options: {
    settings?: Partial<PageSettings>;
    page?: Partial<PageOptions>;
    assets?: ReadonlyMap<string, Asset>;
    path?: string | null;
  } = {},
): Promise<PageRig> {
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  const [queue, keys] = [new PaperQueue(), new PaperKeys()];
  const sessions = new Sessions({ path: options.path ?? null, warn });
  const page = new GuestPage(
    {
      title: 'Guest night',
      invitation: INVITATION,
      publicOrigin: null,
      isTrusted: () => false,
      ...options.settings,
    },
    { assets: options.assets ?? new Map(), sessions, warn, ...options.page },
  );
  page.attach({ queue: queue.queue, keys: keys.store, publishAddress: SERVER });
  const server = createServer((request, response) => {
    page.handle(request, response, (request.url ?? '').split('?', 1)[0] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const send: PageRig['ask'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      const sent = ask({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            json: <T>() => JSON.parse(text) as T,
          });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    page,
    sessions,
    queue,
    keys,
    warnings,
    port,
    origin,
    server,
    ask: send,
    post: (path, value, cookie, more) =>
      send(
        'POST',
        path,
        { 'content-type': 'application/json', origin, ...(cookie ? { cookie } : {}), ...more },
        JSON.stringify(value),
      ),
    async close() {
      await page.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The cookie that an answer set, as a browser sends it back. */
export function cookieOf({ headers }: Answer): string {
  return (headers['set-cookie'] ?? [])[0]?.split(';', 1)[0] ?? '';
}
