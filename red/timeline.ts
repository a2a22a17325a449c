import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Kept } from '../lib/connection/lease';
import { asLiveError, fail } from '../lib/errors';
import { FreshSecrets } from '../lib/keys/secret';
import type { Release } from '../lib/production/application';
import { hold, redactError, redactText } from '../lib/secrets';
import { addressCheck } from '../lib/web/addresses';
import { clientAddress, rateKey } from '../lib/web/client-address';
import { pageAssets } from '../lib/web/guest-page/assets';
import type { ListenerOptions } from '../lib/web/listener';
import { Doorkeeper } from '../lib/web/timeline/access';
import { LinkSecret } from '../lib/web/timeline/link-secret';
import { TimelineSite } from '../lib/web/timeline/site';
import type { ListenAddress } from '../lib/web/types';
import type { FrameStoreNode } from './capture';
import { fingerprint, leases } from './leases';
import { fileName, originOf, proxiesOf, secureListener } from './page-fields';
import { tlsOf } from './tls';
import { numberField, resolveEnv } from './typed-inputs';
import type { NodeAPI } from './types';
import { userFolder } from './user-folder';

/** The fields of the tab *Page* in a frame store's dialog. */
export interface TimelineDef {
  name?: string;
  /** whether the timeline has a port of its own, for people with a link */
  page?: boolean;
  pageHost?: string;
  pagePort?: string;
  pageTitle?: string;
  /** as people see it from outside, where a proxy stands in front */
  pageAddress?: string;
  /** addresses of such proxies */
  pageProxies?: string;
  /** Node-RED's own tls-config node */
  pageTls?: string;
}

interface PortSettings {
  listen: ListenAddress;
  publicOrigin: string | null;
  proxies: string[];
  tls: ListenerOptions['tls'] | null;
}

const PORT = 8933;
const LONGEST_TITLE = 120;
/** Where build.mjs puts the page, seen from here. */
const BUILT = join(__dirname, '..', 'pages', 'timeline');
/** Sessions of the editor end with the process: whoever is in the editor gets another by a click. */
const EDITOR_SECRET = randomBytes(32);

/** The timeline of one deployed frame store. */
export interface Timeline extends Kept {
  site: TimelineSite;
  editor: Doorkeeper;
  links: Doorkeeper;
  secret: LinkSecret;
  fresh: FreshSecrets;
}

/** What is deployed, by the store's id. */
const deployed = new Map<string, { timeline: Timeline; origin: string | null }>();

/** The timeline of a frame store; null where it is not deployed. */
export function timelineOf(store: string): Timeline | null {
  return deployed.get(store)?.timeline ?? null;
}

/**
 * A link to the timeline's own port; it holds a token and is for whoever shall look.
 * @throws CONFIG_INVALID where the store has no such page, or for a time or streams that do not fit
 */
export function timelineLink(
  store: string,
  streams: readonly string[] | null,
  forMs: number,
): { address: string; until: number } {
  const { timeline, origin } = deployed.get(store) ?? {};
  if (!timeline || !origin)
    throw fail('CONFIG_INVALID', { field: 'page', reason: 'the page of this frame store is off' });
  const { token, until } = timeline.links.link(streams, forMs);
  // who gets it may show it; our own logs and badges never do
  timeline.fresh.hold(token, token);
  return { address: `${origin}/#${token}`, until };
}

/**
 * Show what a deployed frame store has, in the editor and where its dialog says so on a port of its own, until the release. A page that
 * cannot be is said in the log: the store itself goes on without. `folder`: another one is another timeline.
 */
export function runTimeline(
  RED: NodeAPI,
  node: FrameStoreNode,
  config: TimelineDef,
  folder: string,
): Release {
  const { id } = node;
  const warn = (sentence: string) => node.warn(redactText(sentence));
  const title = titleOf(RED, node, config);
  const path = join(userFolder(RED), 'live-production', 'frame-links', `${fileName(id)}.json`);
  const releases: Release[] = [];
  const lease = leases.acquire(`timeline:${id}`, fingerprint({ folder, title, path }), () =>
    open(id, title, { path, folder }, (sentence) => warners.get(id)?.(sentence)),
  );
  warners.set(id, warn);
  const timeline = lease.value;
  releases.push(
    () => lease.release(),
    timeline.site.attach(() => node.acquire()),
  );
  let origin: string | null = null;
  try {
    const settings = portSettings(RED, node, config);
    if (settings) {
      const port = leases.acquire(`timeline-port:${id}`, fingerprint({ ...settings }), () =>
        openPort(id, settings),
      );
      releases.push(() => port.release());
      const { host } = settings.listen;
      const shown = host.includes(':') ? `[${host}]` : host;
      origin = settings.publicOrigin ?? `http${settings.tls ? 's' : ''}://${shown}:${settings.listen.port}`;
      const fault = port.value.fault();
      if (fault) warn(fault);
    } else void leases.closeNow(`timeline-port:${id}`);
  } catch (error) {
    node.warn(redactError(asLiveError(error)).toString());
  }
  const entry = { timeline, origin };
  deployed.set(id, entry);
  releases.push(() => {
    if (deployed.get(id) === entry) deployed.delete(id);
  });
  return () => {
    for (const release of releases.splice(0).reverse()) release();
  };
}

/** End the timeline of a frame store that was removed. */
export async function closeTimeline(id: string): Promise<void> {
  warners.delete(id);
  await Promise.all([leases.closeNow(`timeline-port:${id}`), leases.closeNow(`timeline:${id}`)]);
}

/** Who hears of a timeline now: it outlives the node that was deployed first. */
const warners = new Map<string, (sentence: string) => void>();

function open(
  id: string,
  title: string,
  { path, folder }: { path: string; folder: string },
  warn: (sentence: string) => void,
): Timeline {
  const secret = new LinkSecret(path, folder, warn);
  const site = new TimelineSite({ store: id, title, assets: pageAssets(BUILT, title), warn });
  const fresh = new FreshSecrets();
  const release = hold(EDITOR_SECRET.toString('base64url'));
  return {
    site,
    secret,
    fresh,
    editor: new Doorkeeper(id, 'editor', () => EDITOR_SECRET),
    links: new Doorkeeper(id, 'page', () => secret.get()),
    async close() {
      release();
      fresh.clear();
      await site.close();
    },
  };
}

function openPort(id: string, settings: PortSettings): Kept & { fault: () => string | null } {
  const { listen, publicOrigin, proxies, tls } = settings;
  const trusted = addressCheck(proxies);
  // an empty list would trust everybody
  const isTrusted = (address: string) => proxies.length > 0 && trusted(address);
  const listener = secureListener(listen, tls);
  if (listener.value.isMounted('/')) {
    listener.release();
    throw fail('LISTEN_FAILED', { where: listener.value.where, reason: 'another page has this port' });
  }
  const unmount = listener.value.mount('/', (request, response, rest) => {
    const { timeline } = deployed.get(id) ?? {};
    if (!timeline) return void response.writeHead(503, { 'Content-Length': 0, 'Retry-After': '2' }).end();
    timeline.site.handle(request, response, rest === '' ? '/' : rest, {
      audience: 'page',
      keeper: timeline.links,
      publicOrigin,
      from: ({ socket, headers }) =>
        rateKey(clientAddress(socket.remoteAddress, headers['x-forwarded-for'], isTrusted)),
    });
  });
  const fault = () => listener.value.fault?.message ?? null;
  const offState = listener.value.onState(() => fault() && warners.get(id)?.(fault()!));
  return {
    fault,
    close() {
      offState();
      unmount(true);
      listener.release();
      return Promise.resolve();
    },
  };
}

function titleOf(RED: NodeAPI, node: FrameStoreNode, config: TimelineDef): string {
  try {
    const typed = resolveEnv(RED, node, 'title of the page', config.pageTitle).trim();
    return (typed || config.name || 'Pictures').slice(0, LONGEST_TITLE);
  } catch {
    return 'Pictures';
  }
}

/** Read the tab *Page*; null where the page is off. Throws CONFIG_INVALID, CONFIG_ENV_MISSING. */
function portSettings(RED: NodeAPI, node: FrameStoreNode, config: TimelineDef): PortSettings | null {
  if (config.page !== true) return null;
  const text = (field: string, value: unknown) => resolveEnv(RED, node, field, value).trim();
  return {
    listen: {
      host: text('host of the page', config.pageHost) || '127.0.0.1',
      port: numberField(RED, node, 'port of the page', config.pagePort, PORT, 1, 65_535),
    },
    publicOrigin: originOf(config.pageAddress, text('address of the page', config.pageAddress)),
    proxies: proxiesOf(text('proxies', config.pageProxies)),
    tls: config.pageTls ? tlsOf(RED, config.pageTls, 'TLS of the page') : null,
  };
}
