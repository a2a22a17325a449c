import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * What every answer of the page carries. Nothing is kept by browsers or proxies, nothing else may show the page in a frame, and
 * the page itself may load and ask only what comes from the same address. There is no header that lets other sites read it (CORS), and no HSTS:
 * that would hold for every port of the machine, the editor's too.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), clipboard-read=(), clipboard-write=(self)',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex, nofollow',
};

/** Whether only who is in this network can say where this name points: everybody can let a name of his own point here. */
function isOfHere(host: string): boolean {
  const isAddress = isIP(host.replace(/^\[|\]$/g, '')) !== 0;
  return isAddress || !host.includes('.') || /\.(local|localhost|lan|internal|home\.arpa)$/.test(host);
}

/** Where a request that changes something may come from. */
export type OriginVerdict = { ok: false } | { ok: true; secure: boolean };

/**
 * Whether the page itself asks, and not another site with a visitor's cookie. Browsers send Origin with every POST, and the newer ones say
 * by Sec-Fetch-Site where it comes from, which no script can change. `publicOrigin` is the page's own address behind a proxy that
 * changes Host; with it no other name of the world is the page's, only addresses and names of the local network.
 */
export function checkOrigin(headers: IncomingHttpHeaders, publicOrigin: string | null): OriginVerdict {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return { ok: false };
  const { origin } = headers;
  if (origin === undefined || origin === 'null')
    return site === undefined
      ? { ok: false }
      : { ok: true, secure: publicOrigin?.startsWith('https:') ?? false };
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return { ok: false };
  }
  if (url.origin !== origin || !/^https?:$/.test(url.protocol)) return { ok: false };
  const isHost = url.host === headers.host?.toLowerCase();
  const same = origin === publicOrigin || (isHost && (publicOrigin === null || isOfHere(url.hostname)));
  return same ? { ok: true, secure: url.protocol === 'https:' } : { ok: false };
}
