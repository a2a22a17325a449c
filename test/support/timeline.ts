// The timeline page alone: pictures on paper, both doors, and a port.
import { randomBytes } from 'node:crypto';
import {
  createServer,
  request as ask,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Asset } from '../../lib/web/guest-page/assets';
import { Doorkeeper } from '../../lib/web/timeline/access';
import { TimelineSite, type Door, type SiteOptions } from '../../lib/web/timeline/site';
import { PaperFrames } from './paper-frames';

export interface TimelineAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  json<T = Record<string, unknown>>(): T;
}

export interface TimelineRig {
  site: TimelineSite;
  frames: PaperFrames;
  secret: Buffer;
  keeper: Doorkeeper;
  editor: Doorkeeper;
  origin: string;
  server: Server;
  warnings: string[];
  /** what Node-RED would say of who comes to `/editor/` without a session */
  permitted: boolean;
  /** the same, where it depends on what he sends; null: `permitted` */
  permit: ((request: IncomingMessage) => boolean) | null;
  /** of the links alone; `secret` is of both */
  linkSecret: Buffer;
  /** added to the clock */
  later: number;
  get(path: string, cookie?: string, more?: Record<string, string>): Promise<TimelineAnswer>;
  /** as the page's own script posts */
  enter(token: string, folder?: string, more?: Record<string, string>): Promise<TimelineAnswer>;
  /** a cookie of somebody with a link to these streams */
  cookie(streams?: string[] | null, forMs?: number): Promise<string>;
  close(): Promise<void>;
}

/** The page on a free port: at `/` for who has a link, at `/editor/` as below Node-RED's admin routes. */
export async function startTimeline(
  options: {
    frames?: PaperFrames;
    /** a store on the disk, instead of the one on paper */
    open?: Parameters<TimelineSite['attach']>[0];
    assets?: ReadonlyMap<string, Asset>;
    site?: Partial<SiteOptions>;
    from?: (request: IncomingMessage) => string;
  } = {},
): Promise<TimelineRig> {
  const frames = options.frames ?? new PaperFrames();
  const warnings: string[] = [];
  let later = 0;
  let secret = randomBytes(32);
  let linkSecret: Buffer | null = null;
  const now = () => Date.now() + later;
  const keeper = new Doorkeeper('store-1', 'page', () => linkSecret ?? secret, now);
  const editor = new Doorkeeper('store-1', 'editor', () => secret, now);
  const site = new TimelineSite({
    store: 'store-1',
    title: 'Friday night',
    assets: options.assets ?? new Map(),
    warn: (sentence) => void warnings.push(sentence),
    now,
    ...options.site,
  });
  site.attach(options.open ?? frames.open);
  const common = { publicOrigin: null, from: options.from ?? (() => '127.0.0.1') };
  const doors: Record<string, Door> = {
    page: { audience: 'page', keeper, ...common },
    editor: {
      ...{ audience: 'editor', keeper: editor, ...common },
      permit: (request, response, enter) => {
        if (rig.permit ? rig.permit(request) : rig.permitted) enter();
        else response.writeHead(401).end('Unauthorized');
      },
    },
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const inEditor = path.startsWith('/editor/');
    site.handle(
      request,
      response,
      inEditor ? path.slice('/editor'.length) : path,
      doors[inEditor ? 'editor' : 'page']!,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const send = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<TimelineAnswer>((resolve, reject) => {
      const sent = ask({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const all = Buffer.concat(parts);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: all,
            json: <T>() => JSON.parse(all.toString()) as T,
          });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const rig: TimelineRig = {
    ...{ site, frames, keeper, editor, origin, server, warnings, permitted: true, permit: null },
    get secret() {
      return secret;
    },
    set secret(value) {
      secret = value;
    },
    get linkSecret() {
      return linkSecret ?? secret;
    },
    set linkSecret(value) {
      linkSecret = value;
    },
    get later() {
      return later;
    },
    set later(ms) {
      later = ms;
    },
    get: (path, cookie, more = {}) => send('GET', path, { ...(cookie ? { cookie } : {}), ...more }),
    enter: (token, folder = '/', more = {}) =>
      send(
        'POST',
        `${folder}session`,
        { 'content-type': 'application/json', origin, ...more },
        JSON.stringify({ token }),
      ),
    async cookie(streams = null, forMs = 3_600_000) {
      const answer = await rig.enter(keeper.link(streams, forMs).token);
      return (answer.headers['set-cookie'] ?? [])[0]?.split(';', 1)[0] ?? '';
    },
    async close() {
      await site.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return rig;
}
