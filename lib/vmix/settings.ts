import { fail } from '../errors';

/** What it takes to connect to a vMix. */
export interface VmixSettings {
  host: string;
  /** of the web controller */
  port: number;
  /** null: none */
  tcpPort: number | null;
  user: string;
  password: string;
}

/** What a person typed. */
export interface TypedVmixSettings {
  host: string;
  port: string | number;
  /** empty or 0: none */
  tcpPort: string | number;
  user: string;
  password: string;
}

export const HTTP_PORT = 8088;
export const TCP_PORT = 8099;
const WHOLE_ADDRESS = /^https?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\[[^\]]+\]|[^/:@]+)(?::(\d+))?(?:\/.*)?$/i;

/**
 * Settings from what a person typed; a whole address in the host field is taken apart, user and password with it. Throws
 * CONFIG_INVALID with the field and the reason, which never quotes a password.
 */
export function parseVmixSettings(typed: TypedVmixSettings): VmixSettings {
  let host = typed.host.trim();
  let port = String(typed.port).trim();
  let { user, password } = typed;
  const [, name, secret, plain, itsPort] = WHOLE_ADDRESS.exec(host) ?? [];
  if (plain !== undefined) {
    host = plain;
    port = itsPort ?? port;
    user ||= decoded(name);
    password ||= decoded(secret);
  } else if (host.includes('@')) {
    throw fail('CONFIG_INVALID', { field: 'host', reason: 'user and password belong into their own fields' });
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
  const tcp = String(typed.tcpPort).trim();
  return {
    host,
    port: portOf(port || String(HTTP_PORT), 'port', HTTP_PORT),
    tcpPort: tcp === '' || tcp === '0' ? null : portOf(tcp, 'TCP port', TCP_PORT),
    user,
    password,
  };
}

function portOf(text: string, field: string, usual: number): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535)
    throw fail('CONFIG_INVALID', {
      field,
      reason: `"${text}" is no port from 1 to 65535; vMix uses ${usual}`,
    });
  return number;
}

function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
