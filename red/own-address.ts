import { networkInterfaces } from 'node:os';

/** Where others reach a listener: its own host, or an address of this machine where it listens at all of them. */
export function ownAddress(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
