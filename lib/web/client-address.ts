import { isIP } from 'node:net';
import { plainAddress } from './addresses';

/** Whether a peer is a proxy of ours. */
export type IsTrusted = (address: string) => boolean;

/**
 * Who asks, as a text that rates are counted by. A proxy that is not trusted speaks for itself only, and of those that are trusted the nearest
 * one's word counts: what stands further left in X-Forwarded-For was written by whoever asked.
 */
export function clientAddress(
  peer: string | undefined,
  forwarded: string | string[] | undefined,
  isTrusted: IsTrusted,
): string {
  let address = plainAddress(peer ?? '');
  const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',');
  while (isTrusted(address)) {
    const hop = withoutPort((hops.pop() ?? '').trim());
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}

/** What rates are counted by: an IPv4 address, or the /64 network that one household gets of IPv6. */
export function rateKey(address: string): string {
  return isIP(address) === 6 ? groupsOf(address, 4) : address;
}

/** What somebody may have the whole of: a /24 of IPv4, a /48 of IPv6. */
export function networkKey(address: string): string {
  if (isIP(address) === 6) return groupsOf(address, 3);
  return address.split('.').slice(0, 3).join('.');
}

/** The first groups of an IPv6 address, each of 16 bits. */
function groupsOf(address: string, count: number): string {
  const [head = '', tail] = address.split('::', 2);
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const middle =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...middle, ...after]
    .slice(0, count)
    .map((part) => parseInt(part, 16).toString(16))
    .join(':');
}

/** Some proxies write the port too. */
function withoutPort(text: string): string {
  const bare = /^(\[[^\]]*\]):\d+$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return plainAddress(bare).toLowerCase();
}
