import { isIP } from 'node:net';
import { type ApiAnswer, type ApiRequest, isBasic } from './api';
import { SimulatedServer } from './base';
import type { Guest } from './guest';
import { statPage } from './nginx-rtmp-stat';
import type { HookAnswer } from './post';
import type { MediaServerOptions, Refusal } from './types';

export interface NginxRtmpOptions extends MediaServerOptions {
  /** `on_update` with this `notify_update_timeout`, in simulated milliseconds; null (default): not set */
  updateMs?: number | null;
  /** `notify_update_strict`. Default off */
  strict?: boolean;
  /** the `application` blocks; default `live` */
  apps?: readonly string[];
}

/** NGX_RTMP_MAX_NAME with its end: longer names and addresses are cut there */
const MOST_NAME = 255;
/** as ffmpeg has it, cut after 31 characters */
const FLASHVER = 'FMLE/3.0 (compatible; Lavf59.27';

/** nginx 1.22 with the module nginx-rtmp, one worker; the contract tests hold it against the real one. */
export class NginxRtmpSimulator extends SimulatedServer {
  readonly kind = 'nginx-rtmp';
  /** `timeout 1m` */
  protected readonly silenceMs = 60_000;
  protected override readonly hookTimeoutMs = 10_000;
  /** of connections of any kind: starts anew with the process, so an id can come again */
  private connections = 0;
  private pid = 0;
  private startedMs = 0;

  constructor(protected override readonly options: NginxRtmpOptions = {}) {
    super(options);
  }

  /** as a dialog wants it: the page of statistics */
  override get api(): string {
    return `${super.api}/stat`;
  }

  override get control(): string {
    return `${super.api}/control`;
  }

  protected override began(): void {
    super.began();
    this.connections = 0;
    this.pid = 2 + Math.floor(this.random() * 30_000);
    this.startedMs = this.time();
  }

  protected newClientId(): string {
    return String((this.connections += 1));
  }

  protected async askPublish(guest: Guest): Promise<Refusal | null> {
    if (!this.hooked) return null;
    const answer = await this.say('publish', guest, 'asked', '', '&type=live');
    if (!answer) return 'no-answer';
    if (answer.status >= 200 && answer.status < 300) return null;
    if (answer.status < 300 || answer.status >= 400) return 'denied';
    const location = (answer.headers.get('location') ?? '').slice(0, MOST_NAME);
    if (location === '') return null;
    if (!/^rtmp:\/\//i.test(location)) {
      guest.stream = location;
      return null;
    }
    // names are not looked up: the publisher is let in, and nothing is pushed (seen on 1.22.1, module 1.1.4)
    const [, host = ''] = /^rtmp:\/\/(?:\[([^\]]*)\]|([^:/]*))/i.exec(location)?.filter(Boolean) ?? [];
    if (isIP(host)) guest.forwardedTo = [location];
    return null;
  }

  /** "Already publishing": let in by the hook, refused, and its end is told as if it had published. */
  protected override async busy(newcomer: Guest): Promise<Refusal | null> {
    await this.tellLeft(newcomer);
    return 'busy';
  }

  protected override entered(guest: Guest): Promise<Refusal | null> {
    this.later(guest);
    return Promise.resolve(null);
  }

  protected async tellLeft(guest: Guest): Promise<void> {
    if (this.hooked) await this.say('publish_done', guest, 'told');
  }

  /** on_update: whoever is not confirmed is dropped, also where nobody answers. */
  private later(guest: Guest): void {
    const { updateMs = null, strict = false } = this.options;
    if (updateMs === null || !this.hooked) return;
    this.clock.after(updateMs, () => {
      if (this.guests.get(guest.key) !== guest) return;
      const seconds = Math.floor(guest.ageMs / 1000);
      const times = `&time=${seconds}&timestamp=${Math.floor(guest.ageMs)}`;
      void this.say('update_publish', guest, 'asked', times).then((answer) => {
        if (answer && answer.status >= 200 && answer.status < (strict ? 300 : 400)) this.later(guest);
        else void this.leave(guest);
      });
    });
  }

  private say(
    call: string,
    guest: Guest,
    manner: 'asked' | 'told',
    before = '',
    behind = '',
  ): Promise<HookAnswer | null> {
    const session = [
      ['app', guest.app],
      ['flashver', FLASHVER],
      ['swfurl', ''],
      ['tcurl', `rtmp://127.0.0.1/${guest.app}`],
      ['pageurl', ''],
      ['addr', guest.address],
      ['clientid', guest.clientId],
    ].map(([name = '', value = '']) => `${name}=${escaped(value)}`);
    this.connections += 1;
    // what the publisher appended goes in as it came: it can repeat every field
    const args = guest.args === '' ? '' : `&${guest.args.slice(0, MOST_NAME)}`;
    return this.post({
      action: call,
      manner,
      http: '1.0',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `${session.join('&')}&call=${call}${before}&name=${escaped(guest.called)}${behind}${args}`,
    });
  }

  protected answerApi(request: ApiRequest): ApiAnswer {
    this.connections += 1;
    const { user = null, password = null } = this.options;
    if (password !== null && !isBasic(request.authorization, user, password))
      return {
        ...page(401, '401 Authorization Required'),
        headers: { 'WWW-Authenticate': 'Basic realm="stat"' },
      };
    if (request.path === '/stat') return { status: 200, type: 'text/xml', body: this.statistics() };
    const [, section, method] = /^\/control\/([^/]+)\/([^/]+)$/.exec(request.path) ?? [];
    if (section === 'drop') return this.drop(method ?? '', request.query);
    return request.path.startsWith('/control')
      ? page(500, '500 Internal Server Error')
      : page(404, '404 Not Found');
  }

  /** Everybody whom all the given fields fit; the answer is how many. */
  private drop(filter: string, query: URLSearchParams): ApiAnswer {
    if (!['publisher', 'subscriber', 'client'].includes(filter))
      return page(500, '500 Internal Server Error');
    const fits = (field: string, value: string): boolean => {
      const wanted = query.get(field);
      return wanted === null || wanted === value || (field === 'app' && wanted === '');
    };
    const dropped = this.publishers.filter(
      (guest) =>
        filter !== 'subscriber' &&
        fits('app', guest.app) &&
        fits('name', guest.stream) &&
        fits('addr', guest.address) &&
        fits('clientid', guest.clientId),
    );
    for (const guest of dropped) void this.leave(guest);
    return { status: 200, type: 'text/plain', body: String(dropped.length) };
  }

  private statistics(): string {
    return statPage(this.publishers, {
      pid: this.pid,
      uptimeMs: this.time() - this.startedMs,
      accepted: this.connections,
      apps: this.options.apps ?? ['live'],
    });
  }
}

function page(status: number, title: string): ApiAnswer {
  return {
    status,
    type: 'text/html',
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}

/** ngx_escape_uri for arguments: control characters, what is not ASCII, and ` #%&+;?`. */
function escaped(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte < 33 || byte > 126 || '#%&+;?'.includes(String.fromCharCode(byte))
        ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('');
}
