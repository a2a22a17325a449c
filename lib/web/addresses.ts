import { BlockList, isIP } from 'node:net';
import { fail } from '../errors';

/** Whether somebody may come from this address; `undefined` is what Node says of a socket that is gone already. */
export type AddressCheck = (address: string | undefined) => boolean;

/** `::ffff:10.0.0.1` is how a socket for both families spells 10.0.0.1. */
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** An address as it is compared: IPv4 where it is one, without the zone of a link-local one. */
export function plainAddress(address: string): string {
  const bare = address
    .trim()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
  return MAPPED.exec(bare)?.[1] ?? bare;
}

/**
 * Who may come: addresses, networks (`192.168.1.0/24`, `fd00::/8`), and `localhost` for this machine; an empty list lets everybody in.
 * @throws CONFIG_INVALID for an entry that is none of these
 */
export function addressCheck(allowed: readonly string[]): AddressCheck {
  const entries = allowed.map((entry) => entry.trim()).filter((entry) => entry !== '');
  if (!entries.length) return (address) => address !== undefined;
  const list = new BlockList();
  for (const entry of entries) addTo(list, entry);
  // a media server asks from one address thousands of times
  let last: string | undefined;
  let lastMay = false;
  return (address) => {
    if (address === undefined) return false;
    if (address === last) return lastMay;
    const plain = plainAddress(address);
    const family = isIP(plain);
    last = address;
    return (lastMay = family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4'));
  };
}

function addTo(list: BlockList, entry: string): void {
  if (entry.toLowerCase() === 'localhost') {
    list.addSubnet('127.0.0.0', 8, 'ipv4');
    list.addAddress('::1', 'ipv6');
    return;
  }
  const [written = '', prefix, ...more] = entry.split('/');
  const address = plainAddress(written);
  const family = isIP(address);
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const bits = prefix === undefined ? null : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  if (family === 0 || more.length > 0 || (bits !== null && !(bits <= (family === 6 ? 128 : 32))))
    throw fail('CONFIG_INVALID', {
      field: 'allowed addresses',
      reason: `"${entry}" is neither an address nor a network such as 192.168.1.0/24`,
    });
  if (bits === null) list.addAddress(address, type);
  else list.addSubnet(address, bits, type);
}
