// A publish gate with doubles of what its dialog names: a media server's settings, a key store and a queue that a test looks into.
import { request as httpRequest } from 'node:http';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { Emitter } from '../../../lib/connection/emitter';
import { tokensOf } from '../../../lib/keys/token';
import { parsePublished } from '../../../lib/keys/names';
import type { KeyStore, KeyVerdict, Person } from '../../../lib/keys/types';
import { speechOf } from '../../../lib/media-servers/speech';
import type { MediaServerKind } from '../../../lib/media-servers/types';
import type { GuestQueue, ToldQueueEvent } from '../../../lib/queue/guests';
import type { EntryView, Joining, JoinVerdict, QueueView } from '../../../lib/queue/types';
import { freePort } from '../../support/ports';
import { around, load, waitFor, type Flow, type FlowNode } from './rig';

export const SECRET = 'S3cretOfTheHookAddress0123456789';
export const TOKENS = tokensOf('a secret for tokens of the tests');
/** What the doubles are, of the deployed flow. */
export const doubles = {
  port: 0,
  people: new Map<string, { person: Person; key: string }>(),
  queue: null as unknown as QueueDouble,
};

export class QueueDouble {
  readonly joined: Joining[] = [];
  readonly left: unknown[] = [];
  readonly deniedTold: [string, string][] = [];
  verdict: (joining: Joining) => JoinVerdict = ({ stream }) => ({
    allow: true,
    turn: `t-${stream}`,
    again: false,
  });
  bans: string[] = [];
  lead: string | null = null;
  readonly changes = new Emitter<void>();
  private readonly events = new Emitter<ToldQueueEvent>();

  tell(event: ToldQueueEvent['event'], stream: string, more: Record<string, unknown> = {}): void {
    const at = new Date().toISOString();
    this.events.tell({ event, stream, name: stream, turn: null, expected: null, more, at, cause: 'event' });
  }

  readonly value = {
    join: (joining: Joining) => {
      this.joined.push(joining);
      const verdict = this.verdict(joining);
      if (verdict.allow && !verdict.again) this.tell('publisher_waiting', joining.stream, { place: 1 });
      return verdict;
    },
    leave: (left: { stream: string }) => {
      this.left.push(left);
      this.tell('publisher_left', left.stream);
    },
    denied: (stream: string, why: string) => {
      this.deniedTold.push([stream, why]);
      this.tell('publisher_denied', stream, { reason: why });
    },
    view: () =>
      ({
        lead: this.lead === null ? null : ({ stream: this.lead } as EntryView),
        waiting: [],
        bans: this.bans.map((stream) => ({ stream, name: stream, until: null, reason: null })),
      }) as unknown as QueueView,
    isUnheard: false,
    onChange: (listener: () => void) => this.changes.add(listener),
    onEvent: (listener: (event: ToldQueueEvent) => void) => this.events.add(listener),
  } as unknown as GuestQueue;

  get listeners(): number {
    return this.events.size;
  }
}

const store = {
  check(streamName: string, key: string | null): KeyVerdict {
    const found = doubles.people.get(parsePublished(streamName).name);
    if (!found) return { ok: false, why: 'unknown' };
    if (key === null) return { ok: false, why: 'no-key' };
    if (key !== found.key) return { ok: false, why: 'wrong-key' };
    return found.person.active ? { ok: true, person: found.person } : { ok: false, why: 'inactive' };
  },
  get: (id: string) => doubles.people.get(id)?.person ?? null,
} as unknown as KeyStore;

/** Somebody with a key. */
export function person(id: string, key: string, more: Partial<Person> = {}): void {
  const made: Person = {
    id,
    name: `Name of ${id}`,
    createdAt: '',
    keyChangedAt: '',
    active: true,
    limitMs: null,
    priority: 0,
    metadata: {},
    origin: 'flow',
    ...more,
  };
  doubles.people.set(id, { person: made, key });
}

function doubleTypes(RED: NodeAPI): void {
  const lease = (value: unknown) => () => ({ value, release: () => undefined });
  const register = (type: string, give: (config: Record<string, unknown>) => object) =>
    RED.nodes.registerType(type, function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
      Object.assign(this, { fault: null }, give(config as unknown as Record<string, unknown>));
    });
  register('test-media-server', (config) => {
    const path = `/hooks/main/${SECRET}`;
    return {
      simulated: config.simulated === true,
      speech: speechOf((config.kind as MediaServerKind) ?? 'srs'),
      hooks: {
        listen: { host: '127.0.0.1', port: doubles.port },
        path,
        secret: SECRET,
        allowFrom: config.allowFrom ?? [],
      },
      playAddress: '',
      publishAddress: '',
      apps: config.apps ?? ['live'],
      otherApps: config.otherApps ?? 'deny',
      acquire: lease(null),
    };
  });
  register('test-stream-keys', (config) => ({
    tokens: config.noTokens ? null : TOKENS,
    acquire: lease(store),
  }));
  register('test-guest-queue', (config) => ({
    mediaServer: { id: config.server ?? 'server' },
    acquire: lease(doubles.queue.value),
  }));
}

/** The flow of a gate: what its dialog and its media server differ in from the usual. */
export function gateFlow(
  gate: Partial<FlowNode> = {},
  server: Partial<FlowNode> = {},
  ...more: FlowNode[]
): Flow {
  return around(
    {
      type: 'live-publish-gate',
      server: 'server',
      admission: 'keys',
      keys: 'keys',
      queue: 'queue',
      answerMs: '',
      target: '',
      sendOn: 'first',
      players: 'anyone',
      ...gate,
    },
    { id: 'server', type: 'test-media-server', name: 'SRS', ...server },
    { id: 'keys', type: 'test-stream-keys' },
    { id: 'queue', type: 'test-guest-queue' },
    ...more,
  );
}

/** Deploy a gate on a port of its own, and wait until it answers; without `opens` it is not waited for. */
export async function loadGate(
  flow: Flow = gateFlow(),
  credentials: Record<string, Record<string, string>> = {},
  opens = true,
): Promise<void> {
  doubles.port = await freePort();
  doubles.people.clear();
  doubles.queue = new QueueDouble();
  await load(flow, credentials, [doubleTypes]);
  if (opens) await waitFor(() => post('/nothing', '').then(({ status }) => status === 404));
}

export interface Answer {
  status: number;
  body: string;
  location: string | null;
  tookMs: number;
}

/** Post to the hooks' port. */
export function post(
  path: string,
  body: string,
  type = 'application/json',
  method = 'POST',
): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const request = httpRequest(
      { host: '127.0.0.1', port: doubles.port, path, method, headers },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            body: text,
            location: response.headers.location ?? null,
            tookMs: performance.now() - began,
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export const hookPath = (name = 'main', secret = SECRET): string => `/hooks/${name}/${secret}`;

/** A hook of SRS. `stream` may carry a key behind its question mark, as it is entered in OBS. */
export function srs(action: string, published: string, clientId = 'c1', more: object = {}): Promise<Answer> {
  const [stream, param] = published.split(/(?=\?)/);
  return post(
    hookPath(),
    JSON.stringify({
      server_id: 'vid-1',
      service_id: 's1',
      action,
      client_id: clientId,
      ip: '192.0.2.7',
      vhost: '__defaultVhost__',
      app: 'live',
      stream,
      param: param ?? '',
      ...more,
    }),
  );
}

/** A hook of nginx-rtmp. */
export function nginx(call: string, name: string, clientid: string, args = ''): Promise<Answer> {
  return post(
    hookPath(),
    `app=live&flashver=FMLE/3.0&swfurl=&tcurl=rtmp://127.0.0.1/live&pageurl=&addr=192.0.2.7&clientid=${clientid}&call=${call}&name=${name}` +
      (call === 'publish' ? '&type=live' : '') +
      (args && `&${args}`),
    'application/x-www-form-urlencoded',
  );
}

/** What MediaMTX asks. */
export function mediamtx(action: string, path: string, query: string, more: object = {}): Promise<Answer> {
  const body = {
    ip: '192.0.2.7',
    user: '',
    password: '',
    token: '',
    action,
    path,
    protocol: 'rtmp',
    id: 'c1',
    query,
  };
  return post(hookPath(), JSON.stringify({ ...body, ...more }));
}

export const ALLOWED = '{"code":0}';
export const isAllowed = ({ status, body }: Answer): boolean => status === 200 && body === ALLOWED;
