import { type ApiAnswer, type ApiRequest, json } from './api';
import { SimulatedServer } from './base';
import type { Guest } from './guest';
import { keyOf } from './guest';
import type { HookAnswer } from './post';
import { parse } from './srs';
import type { MediaServerOptions, Refusal } from './types';

/** What Oryx keeps of a stream that is published, and lists as it is. */
interface Active {
  vhost: string;
  app: string;
  stream: string;
  param?: string;
  server_id: string;
  client_id: string;
  /** RFC 3339 */
  update: string;
}

const VHOST = '__defaultVhost__';
const ENDPOINT = '/terraform/v1/mgmt/';

/** Oryx 5.15, from its source: an SRS whose hooks it answers itself, with a callback of its own that tells no client. */
export class OryxSimulator extends SimulatedServer {
  readonly kind = 'oryx';
  protected readonly silenceMs = 5_000;
  /**
   * by app and name. Written when the callback said yes, before SRS looks whether the name is free: whoever is refused as busy stands
   * here instead of the one who publishes, and a kick then ends nobody.
   */
  private readonly active = new Map<string, Active>();
  private readonly serverId: string;
  private pid = 0;

  constructor(options: MediaServerOptions = {}) {
    super(options);
    this.serverId = `vid-${this.letters(7)}`;
  }

  protected override began(): void {
    super.began();
    this.active.clear();
    this.pid = 2 + Math.floor(this.random() * 30_000);
  }

  protected newClientId(): string {
    return this.letters(8);
  }

  protected async askPublish(guest: Guest): Promise<Refusal | null> {
    if (this.hooked) {
      const answer = await this.say('on_publish', guest, 'asked');
      if (!answer) return 'no-answer';
      if (!oryxAccepts(answer)) return 'denied';
    }
    this.active.set(keyOf(guest.app, guest.called), {
      vhost: VHOST,
      app: guest.app,
      stream: guest.called,
      ...(guest.args === '' ? {} : { param: `?${guest.args}` }),
      server_id: this.serverId,
      client_id: guest.clientId,
      update: new Date().toISOString().replace(/\.\d+/, ''),
    });
    return null;
  }

  protected async tellLeft(guest: Guest): Promise<void> {
    this.active.delete(keyOf(guest.app, guest.called));
    if (this.hooked) await this.say('on_unpublish', guest, 'told');
  }

  private say(action: string, guest: Guest, manner: 'asked' | 'told'): Promise<HookAnswer | null> {
    const body = {
      request_id: uuid(this.random),
      action,
      opaque: '',
      vhost: VHOST,
      app: guest.app,
      stream: guest.called,
      ...(action === 'on_publish' && guest.args !== '' ? { param: `?${guest.args}` } : {}),
    };
    return this.post({
      action,
      manner,
      http: '1.1',
      headers: [
        ['User-Agent', 'Go-http-client/1.1'],
        ['Content-Type', 'application/json'],
        ['Accept-Encoding', 'identity'],
      ],
      body: JSON.stringify(body),
    });
  }

  protected answerApi({ method, path, authorization, body }: ApiRequest): ApiAnswer {
    const what = path.startsWith(ENDPOINT) ? path.slice(ENDPOINT.length) : '';
    if (what === 'versions') return this.data({ version: '5.15.20' });
    if (what !== 'streams/query' && what !== 'streams/kickoff')
      return { status: 404, type: 'text/plain', body: '404 page not found\n' };
    const asked = parse(body) as Partial<Record<string, unknown>> | null;
    if (method !== 'POST' || typeof asked !== 'object' || asked === null) return failed('parse body');
    const { password = null } = this.options;
    if (password !== null && authorization !== `Bearer ${password}`)
      return failed(
        authorization ? 'authenticate: invalid bearer token' : 'authenticate: no Authorization or token',
      );
    // an empty list is null here
    if (what === 'streams/query')
      return this.data({ streams: this.active.size === 0 ? null : [...this.active.values()] });
    for (const field of ['vhost', 'app', 'stream'])
      if (typeof asked[field] !== 'string' || asked[field] === '') return failed(`no ${field}`);
    return this.kick(String(asked.app), String(asked.stream));
  }

  private kick(app: string, stream: string): ApiAnswer {
    const key = keyOf(app, stream);
    const found = this.active.get(key);
    if (!found) return failed(`stream not found ${VHOST}/${key}`);
    const guest = this.publishers.find(({ clientId }) => clientId === found.client_id);
    if (guest) this.clock.after(20, () => void this.leave(guest));
    this.active.delete(key);
    return this.data(null);
  }

  private data(data: unknown): ApiAnswer {
    return json({ code: 0, server: this.pid, data });
  }
}

/** go-oryx-lib: what is no error of the application is 500, as text that is called JSON. */
function failed(reason: string): ApiAnswer {
  return { status: 500, type: 'text/plain; charset=utf-8', body: `${reason}\n` };
}

/** The accept rule of callback.go: 200, and the number 0 alone or JSON whose `code` is no other number than 0. */
export function oryxAccepts({ status, body }: HookAnswer): boolean {
  if (status !== 200) return false;
  if (/^[+-]?\d+$/.test(body)) return Number(body) === 0;
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return false;
  const code = 'code' in parsed ? parsed.code : undefined;
  // what Go leaves as it is keeps its 0
  return code === undefined || code === null || code === 0;
}

/** A UUID of version 4. */
export function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '89ab'[Math.floor(random() * 4)] ?? '8';
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
