import { BlockList, isIP } from 'node:net';

/** Whether a peer is a proxy of ours. */
export type IsTrusted = (address: string) => boolean;

/** Addresses and networks (`10.0.0.0/8`) that may say for whom they ask. Null where one of them is neither. */
export function addressList(texts: readonly string[]): IsTrusted | null {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits, ...rest] = text.split('/');
    const family = familyOf(address);
    if (!family || rest.length > 0) return null;
    if (bits === undefined) list.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv4' ? 32 : 128))
      list.addSubnet(address, Number(bits), family);
    else return null;
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = familyOf(plain);
    return family !== null && list.check(plain, family);
  };
}

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
    const hop = plainAddress((hops.pop() ?? '').trim());
    if (familyOf(hop) === null) break;
    address = hop;
  }
  return address;
}

/** What rates are counted by: an IPv4 address, or the /64 network that one household gets of IPv6. */
export function rateKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::', 2);
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const middle =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...middle, ...after]
    .slice(0, 4)
    .map((part) => parseInt(part, 16).toString(16))
    .join(':');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : null;
}

/** Without a port, brackets, a zone, or the IPv6 clothes of an IPv4 address. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const plain = bare.split('%', 1)[0]!.toLowerCase();
  return /^::ffff:([\d.]+)$/.exec(plain)?.[1] ?? plain;
}
