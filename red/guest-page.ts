import { join } from 'node:path';
import type { Kept } from '../lib/connection/lease';
import { asLiveError, fail } from '../lib/errors';
import type { Release } from '../lib/production/application';
import { hold, redactError, redactText } from '../lib/secrets';
import { addressCheck } from '../lib/web/addresses';
import { pageAssets } from '../lib/web/guest-page/assets';
import { GuestPage } from '../lib/web/guest-page/page';
import { SHORTEST_CODE } from '../lib/web/guest-page/names';
import { Sessions } from '../lib/web/guest-page/sessions';
import type { PageSettings } from '../lib/web/guest-page/settings';
import type { ListenerOptions } from '../lib/web/listener';
import type { ListenAddress } from '../lib/web/types';
import { streamKeys, type GuestQueueNode } from './guests';
import { fingerprint, leases } from './leases';
import { fileName, originOf, proxiesOf, secureListener } from './page-fields';
import { tlsOf } from './tls';
import { numberField, resolveEnv } from './typed-inputs';
import type { NodeAPI } from './types';
import { userFolder } from './user-folder';

/** The fields of the tab *Page* in a guest queue's dialog, and the credential `invitation`. */
export interface GuestPageDef {
  page?: boolean;
  pageHost?: string;
  pagePort?: string;
  pageTitle?: string;
  /** whether guests join by the page */
  pageJoin?: boolean;
  /** stream-keys config node: where they get their keys */
  keys?: string;
  /** as guests see it from outside, where a proxy stands in front */
  pageAddress?: string;
  /** addresses of such proxies */
  pageProxies?: string;
  /** Node-RED's own tls-config node */
  pageTls?: string;
}

/** What the dialog says of the page, checked. */
interface GuestPageSettings {
  listen: ListenAddress;
  title: string;
  invitation: string | null;
  publicOrigin: string | null;
  proxies: string[];
  tls: ListenerOptions['tls'] | null;
}

const PORT = 8932;
const TITLE = 'Guest queue';
const LONGEST_TITLE = 120;
/** Where build.mjs puts the page, seen from here. */
const BUILT = join(__dirname, '..', 'pages', 'guest-queue');

/**
 * Read the tab *Page*; null where the page is off.
 * @throws CONFIG_INVALID, CONFIG_ENV_MISSING, PAGE_INVITATION_MISSING
 */
function guestPageSettings(
  RED: NodeAPI,
  node: GuestQueueNode,
  config: GuestPageDef,
  invitation: string | undefined,
): GuestPageSettings | null {
  if (config.page !== true) return null;
  const text = (field: string, value: unknown) => resolveEnv(RED, node, field, value).trim();
  return {
    listen: {
      host: text('host of the page', config.pageHost) || '127.0.0.1',
      port: numberField(RED, node, 'port of the page', config.pagePort, PORT, 1, 65_535),
    },
    title: text('title of the page', config.pageTitle).slice(0, LONGEST_TITLE) || TITLE,
    invitation: config.pageJoin === false ? null : codeOf(text('invitation code', invitation)),
    publicOrigin: originOf(config.pageAddress, text('address of the page', config.pageAddress)),
    proxies: proxiesOf(text('proxies', config.pageProxies)),
    tls: config.pageTls ? tlsOf(RED, config.pageTls, 'TLS of the page') : null,
  };
}

/**
 * Serve the page of a deployed guest queue, if its dialog says so, until the release. A page that cannot be is said in the log: the queue itself
 * goes on without.
 */
export function runGuestPage(RED: NodeAPI, node: GuestQueueNode, config: GuestPageDef): Release | null {
  try {
    const { invitation } = (node.credentials ?? {}) as { invitation?: string };
    const settings = guestPageSettings(RED, node, config, invitation);
    if (settings) return openGuestPage(RED, node, config, settings);
  } catch (error) {
    node.warn(redactError(asLiveError(error)).toString());
  }
  void closeGuestPage(node.id);
  return null;
}

/**
 * Serve the page of a deployed guest queue until the release: a deploy that changes nothing of it cuts nobody off.
 * @throws KEYS_MISSING and what is wrong with the keys or the queue, LISTEN_FAILED where another page has the port, CONFIG_INVALID
 */
function openGuestPage(
  RED: NodeAPI,
  node: GuestQueueNode,
  config: GuestPageDef,
  settings: GuestPageSettings,
): Release {
  const joining = settings.invitation !== null;
  const keyNode = joining ? streamKeys(RED, config.keys) : null;
  const path = join(userFolder(RED), 'live-production', 'guest-page', `${fileName(node.id)}.json`);
  const releases: Release[] = [hold(settings.invitation)];
  const release = () => {
    for (const one of releases.splice(0).reverse()) one();
  };
  try {
    const keys = keyNode?.acquire() ?? null;
    if (keys) releases.push(() => keys.release());
    const queue = node.acquire();
    releases.push(() => queue.release());
    const warn = (sentence: string) => node.warn(redactText(sentence));
    const served = leases.acquire(pageLease(node.id), fingerprint({ ...settings, path }), () =>
      serve(settings, path, (sentence) => warner.get(node.id)?.(sentence)),
    );
    warner.set(node.id, warn);
    releases.push(() => served.release());
    const publishAddress = node.mediaServer?.publishAddress ?? '';
    releases.push(
      served.value.page.attach({ queue: queue.value, keys: keys?.value ?? null, publishAddress }),
    );
    if (served.value.fault()) warn(served.value.fault()!);
  } catch (error) {
    release();
    throw asLiveError(error);
  }
  return release;
}

/** End the page of a queue that was removed, or has none any more. */
export async function closeGuestPage(id: string): Promise<void> {
  warner.delete(id);
  await leases.closeNow(pageLease(id));
}

/** Who hears of a page now: it outlives the node that was deployed first. */
const warner = new Map<string, (sentence: string) => void>();

interface Served extends Kept {
  page: GuestPage;
  fault(): string | null;
}

function serve(settings: GuestPageSettings, path: string, warn: (sentence: string) => void): Served {
  const { listen, title, invitation, publicOrigin, proxies, tls } = settings;
  const assets = pageAssets(BUILT, title);
  const trusted = addressCheck(proxies);
  const pageSettings: PageSettings = {
    title,
    invitation,
    publicOrigin,
    // an empty list would trust everybody
    isTrusted: (address) => proxies.length > 0 && trusted(address),
  };
  const listener = secureListener(listen, tls);
  if (listener.value.isMounted('/')) {
    listener.release();
    throw fail('LISTEN_FAILED', { where: listener.value.where, reason: 'another guest page has this port' });
  }
  const page = new GuestPage(pageSettings, { assets, sessions: new Sessions({ path, warn }), warn });
  const unmount = listener.value.mount('/', page.handle);
  const fault = () => listener.value.fault?.message ?? null;
  const offState = listener.value.onState(() => fault() && warn(fault()!));
  return {
    page,
    fault,
    async close() {
      offState();
      unmount(true);
      await page.close();
      listener.release();
    },
  };
}

function pageLease(id: string): string {
  return `guest-page:${id}`;
}

function codeOf(code: string): string {
  if (code === '') throw fail('PAGE_INVITATION_MISSING');
  if ([...code].length < SHORTEST_CODE)
    throw fail('CONFIG_INVALID', {
      field: 'invitation code',
      reason: `it needs ${SHORTEST_CODE} characters, or somebody guesses it`,
    });
  return code;
}
