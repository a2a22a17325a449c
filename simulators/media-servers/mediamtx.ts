import { type ApiAnswer, type ApiRequest, isBasic, json } from './api';
import { SimulatedServer } from './base';
import type { Guest } from './guest';
import { uuid } from './oryx';
import type { Came, Coming, MediaServerOptions, Refusal } from './types';

/** The protocols somebody can publish by, and what their connections are called in the API. */
const CONNECTIONS = {
  rtmp: { source: 'rtmpConn', kick: 'rtmpconns' },
  srt: { source: 'srtConn', kick: 'srtconns' },
  rtsp: { source: 'rtspSession', kick: 'rtspsessions' },
  webrtc: { source: 'webRTCSession', kick: 'webrtcsessions' },
} as const;

export interface MediamtxOptions extends MediaServerOptions {
  /** `overridePublisher`: a second publisher takes the place of the first. Default true, as there */
  override?: boolean;
  /** `alwaysAvailable` for these paths: they stay listed, and available, with nobody there */
  alwaysAvailable?: readonly string[];
  /** whether the command lines are set that tell of somebody who left. Default true */
  commands?: boolean;
}

/** Somebody who comes, in what MediaMTX knows beside the others. */
export interface MediamtxComing extends Coming {
  protocol?: keyof typeof CONNECTIONS;
  user?: string;
  password?: string;
}

const API = '/v3/';

/** MediaMTX 1.20, from its source: it asks by an HTTP call, and tells by commands that our configuration lines make HTTP posts. */
export class MediamtxSimulator extends SimulatedServer {
  readonly kind = 'mediamtx';
  /** readTimeout */
  protected readonly silenceMs = 10_000;
  protected override readonly hookTimeoutMs = 10_000;
  private readonly details = new WeakMap<Guest, { protocol: keyof typeof CONNECTIONS; since: string }>();
  private coming: MediamtxComing = {};
  private startedAt = '';

  constructor(protected override readonly options: MediamtxOptions = {}) {
    super(options);
  }

  protected override began(): void {
    super.began();
    this.startedAt = new Date().toISOString();
  }

  protected newClientId(): string {
    return uuid(this.random);
  }

  override publish(stream: string, coming: MediamtxComing = {}): Promise<Came> {
    this.coming = coming;
    // asked before the first await, so the next one cannot be taken for this one
    return super.publish(stream, coming);
  }

  protected async askPublish(guest: Guest): Promise<Refusal | null> {
    const { protocol = 'rtmp', user, password } = this.coming;
    this.details.set(guest, { protocol, since: new Date().toISOString() });
    if (!this.hooked) return null;
    const query = new URLSearchParams(guest.args);
    const answer = await this.post({
      action: 'publish',
      manner: 'asked',
      http: '1.1',
      headers: [
        ['User-Agent', 'Go-http-client/1.1'],
        ['Content-Type', 'application/json'],
        ['Accept-Encoding', 'identity'],
      ],
      body: JSON.stringify({
        ip: guest.address,
        user: user ?? query.get('user') ?? '',
        password: password ?? query.get('pass') ?? '',
        token: '',
        action: 'publish',
        path: pathOf(guest),
        protocol,
        id: guest.clientId,
        query: guest.args,
        userAgent: protocol === 'rtmp' ? 'FMLE/3.0 (compatible; Lavf59.27.100)' : '',
      }),
    });
    if (!answer) return 'no-answer';
    return answer.status >= 200 && answer.status <= 299 ? null : 'denied';
  }

  /** With overridePublisher the present one is closed, and his end is told. */
  protected override async busy(_newcomer: Guest, present: Guest): Promise<Refusal | null> {
    if (this.options.override === false) return 'busy';
    await this.leave(present);
    return null;
  }

  /** What the command of `runOnUnavailable` posts: `curl` with a form. */
  protected async tellLeft(guest: Guest): Promise<void> {
    if (!this.hooked || this.options.commands === false) return;
    await this.post({
      action: 'unpublish',
      manner: 'told',
      http: '1.1',
      headers: [
        ['User-Agent', 'curl/7.88.1'],
        ['Accept', '*/*'],
        ['Content-Type', 'application/x-www-form-urlencoded'],
      ],
      body: `action=unpublish&path=${encodeURIComponent(pathOf(guest))}&id=${encodeURIComponent(guest.clientId)}`,
    });
  }

  protected answerApi({ method, path, query, authorization }: ApiRequest): ApiAnswer {
    const { user = null, password = null } = this.options;
    if (password !== null && !isBasic(authorization, user, password))
      return {
        ...failed(401, 'authentication error'),
        headers: { 'WWW-Authenticate': 'Basic realm="mediamtx"' },
      };
    const what = path.startsWith(API) ? path.slice(API.length) : '';
    if (method === 'GET' && what === 'info') return json({ version: 'v1.20.0', started: this.startedAt });
    if (method === 'GET' && what === 'paths/list') return this.list(query);
    const [, connections, id] = /^(\w+)\/kick\/(.*)$/.exec(what) ?? [];
    if (method === 'POST' && connections !== undefined) return this.kick(connections, id ?? '');
    return failed(404, 'not found');
  }

  private list(query: URLSearchParams): ApiAnswer {
    const number = (name: string, usual: number): number => {
      const text = query.get(name) ?? '';
      return text === '' ? usual : /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    };
    const [page, size] = [number('page', 0), number('itemsPerPage', 100)];
    if (Number.isNaN(page) || Number.isNaN(size)) return failed(400, 'invalid syntax');
    if (size === 0) return failed(400, 'invalid items per page');
    const items = this.paths();
    return json({
      itemCount: items.length,
      pageCount: Math.ceil(items.length / size),
      items: items.slice(page * size, (page + 1) * size),
    });
  }

  private paths(): object[] {
    const there = this.publishers.map((guest) => ({ name: pathOf(guest), guest }));
    const empty = (this.options.alwaysAvailable ?? [])
      .filter((name) => !there.some((one) => one.name === name))
      .map((name) => ({ name, guest: null }));
    return [...there, ...empty]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, guest }) => this.item(name, guest));
  }

  private item(name: string, guest: Guest | null): object {
    const details = guest ? this.details.get(guest) : null;
    const since = details?.since ?? null;
    const bytes = guest?.bytesIn ?? 0;
    const availableSince = this.options.alwaysAvailable?.includes(name) ? this.startedAt : since;
    return {
      name,
      confName: 'all_others',
      ready: availableSince !== null,
      readyTime: availableSince,
      available: availableSince !== null,
      availableTime: availableSince,
      online: guest !== null,
      onlineTime: since,
      source: guest && details ? { type: CONNECTIONS[details.protocol].source, id: guest.clientId } : null,
      tracks: ['H264', 'MPEG-4 Audio'],
      tracks2: [
        { codec: 'H264', codecProps: { width: 1280, height: 720, profile: 'High', level: '3.1' } },
        { codec: 'MPEG-4 Audio', codecProps: { sampleRate: 44_100, channelCount: 2 } },
      ],
      readers: [],
      inboundBytes: bytes,
      outboundBytes: 0,
      inboundFramesInError: 0,
      bytesReceived: bytes,
      bytesSent: 0,
    };
  }

  /** Each kind of connection has its own address; an id of another kind is unknown there. */
  private kick(connections: string, id: string): ApiAnswer {
    if (!Object.values(CONNECTIONS).some(({ kick }) => kick === connections)) return failed(404, 'not found');
    if (!/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(id)) return failed(400, 'invalid UUID');
    const guest = this.publishers.find(({ clientId }) => clientId === id);
    const protocol = guest ? this.details.get(guest)?.protocol : undefined;
    if (!guest || protocol === undefined || CONNECTIONS[protocol].kick !== connections)
      return failed(404, 'connection not found');
    void this.leave(guest);
    return json({ status: 'ok' });
  }
}

function pathOf(guest: Guest): string {
  return guest.app === '' ? guest.stream : `${guest.app}/${guest.stream}`;
}

function failed(status: number, error: string): ApiAnswer {
  return json({ status: 'error', error }, status);
}
