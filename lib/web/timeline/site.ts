import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Kept, Lease } from '../../connection/lease';
import type { FrameStore } from '../../frames/store/types';
import type { Release } from '../../production/application';
import { Buckets, type Rate } from '../buckets';
import { say, sayJson } from '../guest-page/answers';
import type { Asset } from '../guest-page/assets';
import { PAGE_HEADERS, checkOrigin } from '../guest-page/headers';
import { jsonBody } from '../request-body';
import type { Access, Doorkeeper } from './access';
import { answer, isData, nothingHere } from './api';
import { refusalOf, refuse } from './answers';
import { sessionCookie, sessionIn } from './cookies';
import { LiveNews, type LiveOptions } from './live';
import { type PlaceOptions, Places } from './places';
import type { Audience } from './tokens';
import { pageFrame } from './view';

/** Tries with a token, of one address: nobody guesses 256 bits, and nobody shall keep us busy with it. */
const TRY_RATE: Rate = { burst: 20, everyMs: 2_000 };
/** Pages and styles, of one address, by whoever comes. */
const SHELL_RATE: Rate = { burst: 200, everyMs: 50 };
/** Questions that are being answered, or whose answers are on their way; a browser asks six at once. */
const AT_WORK: PlaceOptions = { most: 64, fromOne: 32, forEditor: 16 };
const LISTENERS: PlaceOptions = { most: 100, fromOne: 50, forEditor: 20 };
/** Who takes nothing of an answer for so long is cut off. */
const SLOW_MS = 30_000;
const MOST_BODY_BYTES = 4_096;
const BODY_MS = 5_000;

/** By which way somebody comes. */
export interface Door {
  audience: Audience;
  keeper: Doorkeeper;
  /** who asks, as a text that rates are counted by */
  from(request: IncomingMessage): string;
  /** the page's own address where a proxy stands in front; null: as it is asked */
  publicOrigin: string | null;
  /** lets in who has no session: calls `enter`, or answers itself. Without it nobody is */
  permit?: (request: IncomingMessage, response: ServerResponse, enter: () => void) => void;
}

export interface SiteOptions {
  /** id of the frame store */
  store: string;
  title: string;
  assets: ReadonlyMap<string, Asset>;
  /** hears what the operator has to know */
  warn: (sentence: string) => void;
  live?: LiveOptions;
  places?: PlaceOptions;
  listeners?: PlaceOptions;
  slowMs?: number;
  /** UTC in milliseconds */
  now?: () => number;
}

/**
 * The timeline page of one frame store, for every door that leads to it. The store is opened when somebody looks, and let go when nobody does. It is
 * attached anew by each deploy.
 */
export class TimelineSite implements Kept {
  private open: (() => Lease<FrameStore>) | null = null;
  private readonly live: LiveNews;
  private readonly tries = new Buckets(TRY_RATE);
  private readonly shells = new Buckets(SHELL_RATE);
  private readonly now: () => number;
  private readonly places: Places;
  private readonly listeners: Places;
  /** the store that news are heard from, while anybody listens */
  private heard: { lease: Lease<FrameStore>; off: Release } | null = null;

  constructor(private readonly options: SiteOptions) {
    this.now = options.now ?? Date.now;
    this.live = new LiveNews({ now: this.now, ...options.live });
    this.places = new Places(options.places ?? AT_WORK);
    this.listeners = new Places(options.listeners ?? LISTENERS);
  }

  /** Show this store from now on. The release ends what listens, unless another is attached by then; browsers come back by themselves. */
  attach(open: () => Lease<FrameStore>): Release {
    this.letGo();
    this.open = open;
    return () => {
      if (this.open !== open) return;
      this.open = null;
      this.letGo();
    };
  }

  close(): Promise<void> {
    this.open = null;
    this.letGo();
    return Promise.resolve();
  }

  /** Links were withdrawn: what is open by them ends now. */
  recheck(): void {
    this.live.recheck();
  }

  /** Everything below the page's address; `path` begins with a slash. */
  handle(request: IncomingMessage, response: ServerResponse, path: string, door: Door): void {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    this.take(request, response, path, door).catch((error: unknown) => {
      const why = refusalOf(error);
      if (why === 'failed') this.options.warn(`The timeline page could not answer: ${String(error)}`);
      refuse(request, response, why);
    });
  }

  private async take(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    door: Door,
  ): Promise<void> {
    if (path === '/session') {
      if (request.method !== 'POST') return nothingHere(request, response, 'POST');
      return await this.enter(request, response, door);
    }
    const asset = this.options.assets.get(path);
    const data = isData(path) || path === '/events';
    if (!asset && !data) return nothingHere(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return nothingHere(request, response, 'GET, HEAD');
    if (asset) {
      if (this.shells.take(door.from(request), performance.now()) > 0)
        return refuse(request, response, 'slow-down');
      return say(request, response, 200, asset.type, asset.body);
    }
    const secure = isEncrypted(request);
    const session = sessionIn(request.headers.cookie, this.options.store, door.audience, secure);
    const access = door.keeper.access(session);
    if (!door.permit)
      return access
        ? await this.show(request, response, path, access, door)
        : refuse(request, response, 'no-access');
    // a new tab sends no login, so the session stands for the one that it was opened with; Node-RED says whether that still is good
    if (access && access.login !== null) request.headers.authorization = access.login;
    door.permit(request, response, () => {
      if (session !== null) door.keeper.wasLetIn(session);
      const all: Access = { streams: null, until: null, isValid: () => true, login: null };
      this.show(request, response, path, access ?? all, door).catch((error: unknown) =>
        refuse(request, response, refusalOf(error)),
      );
    });
  }

  private async show(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    access: Access,
    door: Door,
  ): Promise<void> {
    const { open } = this;
    if (!open) return refuse(request, response, 'away');
    if (path === '/events') return this.listen(request, response, access, door, open);
    const free = this.places.take({ from: door.from(request), audience: door.audience });
    if (!free) return refuse(request, response, 'slow-down');
    let isGone = false;
    response.once('close', () => (isGone = true));
    response.setTimeout(this.options.slowMs ?? SLOW_MS, () => void response.destroy());
    try {
      const lease = open();
      try {
        const parts = { store: lease.value, title: this.options.title, now: this.now };
        await answer(request, response, path, access, parts);
      } finally {
        lease.release();
      }
    } finally {
      // an answer that is on its way is as much work as one that is made
      if (isGone) free();
      else response.once('close', free);
    }
  }

  private listen(
    request: IncomingMessage,
    response: ServerResponse,
    access: Access,
    door: Door,
    open: () => Lease<FrameStore>,
  ): void {
    if (request.method !== 'GET') return nothingHere(request, response, 'GET');
    const free = this.listeners.take({ from: door.from(request), audience: door.audience });
    if (!free) return refuse(request, response, 'slow-down');
    response.once('close', free);
    this.hear(open);
    request.socket.setNoDelay(true);
    // X-Accel-Buffering: nginx hands every event on at once
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
    this.live.add(response, access, () => {
      if (this.live.size === 0) this.unhear();
    });
  }

  private hear(open: () => Lease<FrameStore>): void {
    if (this.heard) return;
    const lease = open();
    this.heard = { lease, off: lease.value.onKept((frame) => this.live.frame(pageFrame(frame))) };
  }

  private unhear(): void {
    const { heard } = this;
    this.heard = null;
    heard?.off();
    heard?.lease.release();
  }

  private letGo(): void {
    this.live.close();
    this.unhear();
  }

  /** A link or ticket is exchanged for a session, and stands nowhere any more. */
  private async enter(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
    const origin = checkOrigin(request.headers, door.publicOrigin);
    // behind a proxy that changes Host the editor's page is still its own, and browsers say so in a way that no script can change
    const own = door.audience === 'editor' && request.headers['sec-fetch-site'] === 'same-origin';
    if (!origin.ok && !own) return refuse(request, response, 'origin');
    const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
    if (type.trim().toLowerCase() !== 'application/json') return refuse(request, response, 'invalid');
    if (this.tries.take(door.from(request), performance.now()) > 0)
      return refuse(request, response, 'slow-down');
    // Express may have read it already
    const read = (request as { body?: unknown }).body;
    const body =
      typeof read === 'object' && read !== null
        ? (read as Record<string, unknown>)
        : await jsonBody(request, MOST_BODY_BYTES, BODY_MS);
    if (body === 'cut') return void response.destroy();
    const token = typeof body === 'object' && typeof body.token === 'string' ? body.token : null;
    if (token === null) return refuse(request, response, 'invalid');
    const entered = door.keeper.redeem(token);
    if (!entered) return refuse(request, response, 'no-access');
    const secure =
      isEncrypted(request) ||
      (origin.ok ? origin.secure : request.headers.origin?.startsWith('https:') === true);
    const { session, until, streams } = entered;
    const cookie = sessionCookie(session, {
      store: this.options.store,
      audience: door.audience,
      secure,
      maxAgeS: (until - this.now()) / 1000,
    });
    sayJson(request, response, { ok: true, until, streams }, { 'Set-Cookie': cookie });
  }
}

/** Whether TLS ends here. */
function isEncrypted(request: IncomingMessage): boolean {
  return 'encrypted' in request.socket;
}
