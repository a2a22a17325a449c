import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Kept } from '../../connection/lease';
import type { Release } from '../../production/application';
import { plainAddress } from '../addresses';
import { Buckets } from '../buckets';
import { clientAddress, networkKey, rateKey } from '../client-address';
import { jsonBody } from '../request-body';
import type { WebHandler } from '../types';
import { refuse, say, sayJson, sayNothingHere } from './answers';
import type { Asset } from './assets';
import { tokenIn } from './cookies';
import { Guests, type Outcome, type PageParts } from './guests';
import { PAGE_HEADERS, checkOrigin } from './headers';
import { Listeners, type ListenersOptions } from './listeners';
import { queueListHtml } from './queue-list';
import type { Sessions } from './sessions';
import {
  BODY_MS,
  CHANGE_RATE,
  JOIN_RATE,
  JOIN_RATE_ALL,
  JOIN_RATE_NETWORK,
  MOST_BODY_BYTES,
  READ_RATE,
  type PageSettings,
} from './settings';
import { publicQueue, queueJson, type PublicQueue } from './view';

export interface PageOptions {
  /** files by path: `/`, `/page.js` … */
  assets: ReadonlyMap<string, Asset>;
  sessions: Sessions;
  /** hears what the operator has to know; secrets never stand in it */
  warn: (sentence: string) => void;
  listeners?: ListenersOptions;
  /** any clock that never goes back, in ms */
  now?: () => number;
}

const HTML = 'text/html; charset=utf-8';
const CHANGES = new Set(['/join', '/leave', '/new-key']);

/**
 * The guests' page: what it shows, and what guests can ask for. It lives as long as its settings do; what it works on is attached by each deploy, so that
 * no browser loses its connection over one.
 */
export class GuestPage implements Kept {
  private parts: PageParts | null = null;
  private readonly guests: Guests;
  private readonly listeners: Listeners;
  private readonly reads = new Buckets(READ_RATE);
  private readonly joins = new Buckets(JOIN_RATE);
  private readonly joinsOfNetwork = new Buckets(JOIN_RATE_NETWORK);
  private readonly joinsOfAll = new Buckets(JOIN_RATE_ALL);
  private readonly changes = new Buckets(CHANGE_RATE);
  private readonly now: () => number;

  constructor(
    private readonly settings: PageSettings,
    private readonly options: PageOptions,
  ) {
    this.now = options.now ?? (() => performance.now());
    this.guests = new Guests(settings, options.sessions, options.warn);
    this.listeners = new Listeners(() => this.queue(), { now: this.now, ...options.listeners });
  }

  /** Work on this from now on; the release makes the page say that the queue is not open, unless something newer is attached by then. */
  attach(parts: PageParts): Release {
    this.parts = parts;
    const offQueue = parts.queue.onChange(() => this.listeners.tell());
    const offKeys = parts.keys?.onChange(() => this.listeners.tell());
    this.listeners.tell();
    return () => {
      offQueue();
      offKeys?.();
      if (this.parts !== parts) return;
      this.parts = null;
      this.listeners.tell();
    };
  }

  /** Every request to the page. */
  readonly handle: WebHandler = (request, response, rest) => {
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    this.answer(request, response, rest === '' ? '/' : rest).catch((error: unknown) => {
      this.options.warn(`The guest page could not answer: ${String(error)}`);
      refuse(request, response, 'failed');
    });
  };

  async close(): Promise<void> {
    this.listeners.close();
    await this.options.sessions.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { remoteAddress } = request.socket;
    const address = clientAddress(remoteAddress, request.headers['x-forwarded-for'], this.settings.isTrusted);
    const from = rateKey(address);
    if (CHANGES.has(path)) {
      if (request.method !== 'POST') return sayNothingHere(request, response, 'POST');
      return await this.change(request, response, path, address);
    }
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const asset = this.options.assets.get(path);
    if (!asset && !this.answers(path)) return sayNothingHere(request, response);
    if (!reads) return sayNothingHere(request, response, 'GET, HEAD');
    const waitMs = this.reads.take(from, this.now());
    if (waitMs > 0) return refuse(request, response, 'slow-down', waitMs);
    if (asset) return say(request, response, 200, asset.type, asset.body);
    await this.options.sessions.ready;
    this.read(request, response, path, from);
  }

  private answers(path: string): boolean {
    return ['/queue-json', '/queue-list', '/queue', '/me', '/events'].includes(path);
  }

  private read(request: IncomingMessage, response: ServerResponse, path: string, from: string): void {
    const token = tokenIn(request.headers.cookie, isEncrypted(request) || this.isBehindTls(request));
    const you = () => this.parts && this.guests.youOf(token, this.parts);
    const queue = this.queue();
    switch (path) {
      case '/queue-json':
        return sayJson(request, response, queue ? queueJson(queue) : []);
      case '/queue-list':
        return say(request, response, 200, HTML, queueListHtml(queue, this.settings.title));
      case '/me':
        return sayJson(request, response, you());
      case '/queue':
        return sayJson(request, response, { queue, you: you() });
      default:
        return this.listen(request, response, from, you);
    }
  }

  private listen(
    request: IncomingMessage,
    response: ServerResponse,
    from: string,
    you: () => ReturnType<Guests['youOf']>,
  ): void {
    if (request.method !== 'GET') return sayNothingHere(request, response, 'GET');
    if (this.listeners.room(from)) return refuse(request, response, 'slow-down', 10_000);
    request.socket.setNoDelay(true);
    // X-Accel-Buffering: nginx hands every event on at once
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
    this.listeners.add(response, from, you);
  }

  private async change(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    address: string,
  ): Promise<void> {
    const origin = checkOrigin(request.headers, this.settings.publicOrigin);
    if (!origin.ok) return refuse(request, response, 'origin');
    const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
    if (type.trim().toLowerCase() !== 'application/json') return refuse(request, response, 'not-json');
    const nowMs = this.now();
    const from = rateKey(address);
    const waitMs =
      path === '/join'
        ? // who asks too often alone takes nothing from everybody's share
          this.joins.take(from, nowMs) ||
          this.joinsOfNetwork.take(networkKey(address), nowMs) ||
          this.joinsOfAll.take('', nowMs)
        : this.changes.take(from, nowMs);
    if (waitMs > 0) return refuse(request, response, 'slow-down', waitMs);
    const body = await jsonBody(request, MOST_BODY_BYTES, BODY_MS);
    if (body === 'cut') return void response.destroy();
    if (body === 'long') return refuse(request, response, 'too-long');
    if (body === 'malformed') return refuse(request, response, 'malformed');
    await this.options.sessions.ready;
    const { parts } = this;
    if (!parts) return refuse(request, response, 'not-open', 3_000);
    const secure = origin.secure || isEncrypted(request);
    const token = tokenIn(request.headers.cookie, secure);
    const outcome = await this.wished(path, body, token, secure, parts);
    if (!outcome.ok) return refuse(request, response, outcome.why);
    this.listeners.tell();
    sayJson(request, response, outcome.body, outcome.cookies ? { 'Set-Cookie': outcome.cookies } : {});
  }

  private wished(
    path: string,
    body: Record<string, unknown>,
    token: string | null,
    secure: boolean,
    parts: PageParts,
  ): Promise<Outcome> {
    if (path === '/join') return this.guests.join(body, token, secure, parts);
    if (path === '/leave') return this.guests.leave(token, secure, parts);
    return this.guests.newKey(token, parts);
  }

  /** Whether it came through a proxy of ours, and the page is asked over TLS there. */
  private isBehindTls({ headers, socket }: IncomingMessage): boolean {
    const { publicOrigin, isTrusted } = this.settings;
    const isProxied =
      headers['x-forwarded-for'] !== undefined && isTrusted(plainAddress(socket.remoteAddress ?? ''));
    return isProxied && publicOrigin?.startsWith('https:') === true;
  }

  private queue(): PublicQueue | null {
    const { parts, settings } = this;
    if (!parts) return null;
    const joining = settings.invitation !== null && parts.keys !== null;
    return publicQueue(parts.queue.view(), { title: settings.title, joining });
  }
}

/** Whether TLS ends here; a proxy of ours may have it in front. */
function isEncrypted(request: IncomingMessage): boolean {
  return 'encrypted' in request.socket;
}
