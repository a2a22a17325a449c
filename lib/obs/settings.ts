import { fail } from '../errors';

/** What it takes to connect to an OBS. */
export interface ObsSettings {
  host: string;
  port: number;
  tls: boolean;
  password: string;
}

/**
 * Settings from what a person typed; a whole address in the host field is taken apart. Throws CONFIG_INVALID with the
 * field and the reason.
 */
export function parseObsSettings(typed: {
  host: string;
  port: string | number;
  tls: boolean;
  password: string;
}): ObsSettings {
  let host = typed.host.trim();
  let port = String(typed.port).trim();
  let { tls } = typed;
  const address = /^(wss?|https?|obsws):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?(?:\/.*)?$/i.exec(host);
  if (address) {
    tls ||= /^(wss|https)$/i.test(address[1]!);
    host = address[2]!;
    port = address[3] ?? port;
  }
  const withPort = /^(\[[^\]]+\]|[^:[\]]+):(\d+)$/.exec(host);
  if (withPort) {
    host = withPort[1]!;
    port = withPort[2]!;
  }
  host = host.replace(/^\[|\]$/g, '');
  if (!host)
    throw fail('CONFIG_INVALID', { field: 'host', reason: 'it is empty; 127.0.0.1 is this machine' });
  if (!/^[A-Za-z0-9._-]+$|^[0-9a-fA-F:.%]+$/.test(host))
    throw fail('CONFIG_INVALID', { field: 'host', reason: `"${host}" is no host name or address` });
  const number = Number(port);
  if (!/^\d{1,5}$/.test(port) || number < 1 || number > 65_535)
    throw fail('CONFIG_INVALID', {
      field: 'port',
      reason: `"${port}" is no port from 1 to 65535; OBS uses 4455`,
    });
  return { host, port: number, tls, password: typed.password };
}
