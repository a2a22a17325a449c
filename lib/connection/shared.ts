import { BlockList, isIP } from 'node:net';
import { Lane } from './lane';
import { StreamLock } from './stream-lock';

/** What every connection to one host and port of this process has in common. */
export interface Shared {
  readonly lane: Lane;
  readonly streamLock: StreamLock;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const known = new Map<string, Shared & { users: number }>();

/** The shared lane and lock of an address; `release` when the connection closes. */
export function shareAddress(host: string, port: number): { shared: Shared; release: () => void } {
  const key = addressKey(host, port);
  const entry = known.get(key) ?? { lane: new Lane(), streamLock: new StreamLock(), users: 0 };
  known.set(key, entry);
  entry.users++;
  let released = false;
  return {
    shared: entry,
    release: () => {
      if (released) return;
      released = true;
      entry.users--;
      // a start that OBS is still busy with must hold off the next connection too
      void entry.streamLock.whenFree().then(() => {
        if (entry.users === 0 && known.get(key) === entry) known.delete(key);
      });
    },
  };
}

/** One text for one address, however it is spelled. */
export function addressKey(host: string, port: number): string {
  return `${normalHost(host)}:${port}`;
}

/** Three spellings of this machine are one OBS. */
function normalHost(host: string): string {
  const plain = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  const own =
    plain === 'localhost' ||
    plain === '0.0.0.0' ||
    plain === '::' ||
    (isIP(plain) !== 0 && LOOPBACK.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4'));
  return own ? 'loopback' : plain;
}
