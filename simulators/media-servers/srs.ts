import { type ApiAnswer, type ApiRequest, isBasic, json } from './api';
import { SimulatedServer } from './base';
import type { Guest } from './guest';
import type { HookAnswer } from './post';
import { clientOf, type SrsNames, streamOf } from './srs-words';
import type { Coming, Came, MediaServerOptions, Refusal } from './types';

export interface SrsOptions extends MediaServerOptions {
  /** `srs-7` (default), or one before 5.0.214: it tells of the end of a connection that it refused as busy, and lists streams that ended */
  profile?: 'srs-5' | 'srs-7';
  /** `forward { enabled on; backend … }`: asks where to send each publisher. Default off */
  forward?: boolean;
  vhost?: string;
}

const VERSIONS = { 'srs-5': '5.0.170', 'srs-7': '7.0.18' };
const STREAM_NOT_FOUND = 2048;
const CLIENT_NOT_FOUND = 2049;
const API = '/api/v1/';

/** SRS 7.0.18 as it was measured, and the source read where nothing was measured. */
export class SrsSimulator extends SimulatedServer {
  readonly kind = 'srs';
  /** publish_normal_timeout */
  protected readonly silenceMs = 5_000;
  private readonly vhost: string;
  private readonly version: string;
  private readonly old: boolean;
  /** kept over restarts, in a file beside its pid file */
  private readonly serverId: string;
  private serviceId = '';
  /** the same after each start, as in a container */
  private readonly pid = 1;
  private vhostId = '';
  /** ids by name: a stream that comes again has a new one, except where ended streams stay */
  private readonly streamIds = new Map<string, string>();
  private readonly gone = new Map<string, Guest>();

  constructor(protected override readonly options: SrsOptions = {}) {
    super(options);
    this.vhost = options.vhost ?? '__defaultVhost__';
    this.old = options.profile === 'srs-5';
    this.version = VERSIONS[options.profile ?? 'srs-7'];
    this.serverId = `vid-${this.letters(7)}`;
  }

  protected override began(): void {
    super.began();
    this.serviceId = this.letters(8);
    this.vhostId = `vid-${this.letters(7)}`;
    this.streamIds.clear();
    this.gone.clear();
  }

  protected newClientId(): string {
    return this.letters(8);
  }

  override async publish(stream: string, coming?: Coming): Promise<Came> {
    const came = await super.publish(stream, coming);
    // before 5.0.214 the end of every connection was told, also of one that never had the stream
    if (came.why === 'busy' && this.old)
      await this.staleUnpublish(stream, { app: coming?.app ?? 'live', clientId: came.clientId });
    return came;
  }

  protected async askPublish(guest: Guest): Promise<Refusal | null> {
    if (!this.hooked) return null;
    const answer = await this.say('on_publish', guest, 'asked');
    return answer ? (srsAccepts(answer) ? null : 'denied') : 'no-answer';
  }

  /** The backend is asked once, when the publisher has the stream; without a list of addresses he is thrown off. */
  protected override async entered(guest: Guest): Promise<Refusal | null> {
    this.streamId(guest);
    this.gone.delete(guest.key);
    if (!this.hooked || !this.options.forward) return null;
    const answer = await this.say('on_forward', guest, 'asked');
    const urls = answer && srsAccepts(answer) ? forwardUrls(answer.body) : null;
    if (!urls) return 'forward';
    guest.forwardedTo = urls;
    return null;
  }

  protected async tellLeft(guest: Guest): Promise<void> {
    if (this.hooked) await this.say('on_unpublish', guest, 'told');
  }

  protected override remove(guest: Guest): boolean {
    const removed = super.remove(guest);
    if (removed && this.old) this.gone.set(guest.key, guest);
    else if (removed) this.streamIds.delete(guest.key);
    return removed;
  }

  private say(
    action: 'on_publish' | 'on_unpublish' | 'on_forward',
    guest: Guest,
    manner: 'asked' | 'told',
  ): Promise<HookAnswer | null> {
    return this.post({
      action,
      manner,
      http: '1.1',
      headers: [
        ['Content-Type', 'application/json'],
        ['User-Agent', `SRS/${this.version}(${this.old ? 'Bee' : 'Kai'})`],
      ],
      body: this.hookBody(action, guest),
    });
  }

  private hookBody(action: string, guest: Guest): string {
    const { app, called: stream } = guest;
    const server = { server_id: this.serverId, service_id: this.serviceId };
    const client = { client_id: guest.clientId, ip: guest.address, vhost: this.vhost, app };
    const tcUrl = `rtmp://127.0.0.1/${app}`;
    const param = guest.args === '' ? '' : `?${guest.args}`;
    if (action === 'on_forward')
      return JSON.stringify({ action, ...server, ...client, tcUrl, stream, param });
    return JSON.stringify({
      ...server,
      action,
      ...client,
      tcUrl,
      stream,
      param,
      stream_url: `/${app}/${stream}`,
      stream_id: this.streamId(guest),
    });
  }

  private streamId(guest: Guest): string {
    const id = this.streamIds.get(guest.key) ?? `vid-${this.letters(7)}`;
    this.streamIds.set(guest.key, id);
    return id;
  }

  protected answerApi(request: ApiRequest): ApiAnswer {
    const { user = null, password = null } = this.options;
    if (password !== null && !isBasic(request.authorization, user, password))
      return { ...json({ code: 401 }, 401), headers: { 'WWW-Authenticate': 'Basic realm="srs"' } };
    const { path } = request;
    if (path === `${API}versions`) return this.envelope({ data: this.versions() });
    const [, what, id = ''] = /^\/api\/v1\/(streams|clients)(?:\/([^/]*))?\/?$/.exec(path) ?? [];
    if (what === 'streams') return this.streams(request, id);
    if (what === 'clients') return this.clients(request, id);
    return { status: 404, type: 'text/plain', body: 'Not Found' };
  }

  private versions(): object {
    const [major, minor, revision] = this.version.split('.').map(Number);
    return { major, minor, revision, version: this.version };
  }

  private envelope(more: object): ApiAnswer {
    const { serverId: server, serviceId: service, pid } = this;
    return json({ code: 0, server, service, pid: String(pid), ...more });
  }

  private streams({ method, query }: ApiRequest, id: string): ApiAnswer {
    if (method !== 'GET') return { status: 405, type: 'text/plain', body: 'Method Not Allowed' };
    const all = [...this.guests.values(), ...this.gone.values()]
      .map((guest) => streamOf(guest, this.names(guest), this.guests.get(guest.key) === guest))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (id === '') return this.envelope({ streams: page(all, query) });
    const stream = all.find((one) => one.id === id);
    return stream ? this.envelope({ stream }) : json({ code: STREAM_NOT_FOUND });
  }

  private clients({ method, query }: ApiRequest, id: string): ApiAnswer {
    const guest = this.publishers.find(({ clientId }) => clientId === id);
    if (id !== '' && !guest) return json({ code: CLIENT_NOT_FOUND });
    if (method === 'DELETE') {
      if (!guest) return json({ code: CLIENT_NOT_FOUND });
      // measured: the hook follows within 40 ms of the answer
      this.clock.after(20, () => void this.leave(guest));
      return this.envelope({});
    }
    if (method !== 'GET') return { status: 405, type: 'text/plain', body: 'Method Not Allowed' };
    if (guest) return this.envelope({ client: clientOf(guest, this.names(guest)) });
    const all = this.publishers
      .map((one) => clientOf(one, this.names(one)))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.envelope({ clients: page(all, query) });
  }

  private names(guest: Guest): SrsNames {
    return { vhostId: this.vhostId, streamId: this.streamId(guest), nowMs: Date.now() };
  }
}

/** At least ten, whatever was asked for. */
function page<T>(all: T[], query: URLSearchParams): T[] {
  const number = (name: string): number => Number.parseInt(query.get(name) ?? '', 10) || 0;
  const start = Math.max(0, number('start'));
  return all.slice(start, start + Math.max(10, number('count')));
}

/** The accept rule of SrsHttpHooks::do_post: 200 or 201, and `0` alone or an object whose `code` is the number 0. */
export function srsAccepts({ status, body }: HookAnswer): boolean {
  if (status !== 200 && status !== 201) return false;
  if (body === '0') return true;
  const parsed = parse(body);
  return typeof parsed === 'object' && parsed !== null && 'code' in parsed && parsed.code === 0;
}

/** The addresses of an answer to on_forward; null: it has none, which ends the publisher. */
function forwardUrls(body: string): string[] | null {
  const parsed = parse(body) as { data?: { urls?: unknown } } | null;
  const urls = parsed?.data?.urls;
  return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string' && url !== '') : null;
}

/** JSON, or null. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
