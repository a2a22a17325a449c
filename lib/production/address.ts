import { isIP } from 'node:net';

/** A server's door, as one can knock at it. Carries no path, key or user. */
export interface Address {
  host: string;
  port: number;
  speaks: 'rtmp' | 'rtmps' | 'srt' | 'http' | 'https';
}

/** Ports where the address names none. Source: the RTMP specification and librtmp as OBS has it. */
const PORTS: Record<string, { port: number; speaks: Address['speaks'] }> = {
  rtmp: { port: 1935, speaks: 'rtmp' },
  rtmps: { port: 443, speaks: 'rtmps' },
  http: { port: 80, speaks: 'http' },
  https: { port: 443, speaks: 'https' },
};

/** Where a server address leads to; null with the reason, in words that hold no secret. */
export function addressOf(
  server: string | null,
): { address: Address; reason: null } | { address: null; reason: string } {
  const none = (reason: string) => ({ address: null, reason });
  if (!server?.trim()) return none('no server is set');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(server.trim())?.[1]?.toLowerCase();
  if (!scheme) return none('the service chooses its server itself when the stream starts');
  const waits = none('the stream waits for a caller there, so nothing answers');
  // such an address has no host, which no parser takes
  if (scheme === 'srt' && /^srt:\/\/:/i.test(server.trim())) return waits;
  let parsed: URL;
  try {
    parsed = new URL(server.trim());
  } catch {
    return none('the server address cannot be understood');
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  if (scheme === 'srt') {
    const mode = parsed.searchParams.get('mode');
    if (mode === 'listener' || !host) return waits;
    if (mode === 'rendezvous') return none('SRT in rendezvous mode answers only its partner');
    if (!parsed.port) return none('the address names no port');
    return { address: { host, port: Number(parsed.port), speaks: 'srt' }, reason: null };
  }
  const known = PORTS[scheme];
  if (!known) return none(`${scheme.toUpperCase()} cannot be tried from outside`);
  if (!host) return none('the address names no host');
  return { address: { host, port: Number(parsed.port) || known.port, speaks: known.speaks }, reason: null };
}

/** Host and port as people write them. */
export function placeOf({ host, port }: { host: string; port: number }): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
