import { existsSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a host as a person typed it is this very machine: loopback, its own name or one of its own addresses. Asks nobody. */
export function isThisMachine(host: string): boolean {
  const plain = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  if (plain === 'localhost' || plain === hostname().toLowerCase()) return true;
  const family = isIP(plain);
  if (family === 0) return false;
  if (plain === '0.0.0.0' || plain === '::' || LOOPBACK.check(plain, family === 6 ? 'ipv6' : 'ipv4'))
    return true;
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === plain));
}

/** Whether a host as a person typed it is loopback: inside a container that is the container itself. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.|\[?::1\]?$)/i.test(host);
}

/** Docker, Podman and Kubernetes leave these marks. */
export function runsInContainer(): boolean {
  return (
    existsSync('/.dockerenv') ||
    existsSync('/run/.containerenv') ||
    process.env.KUBERNETES_SERVICE_HOST !== undefined
  );
}
