import { fail } from '../lib/errors';
import type { ListenerOptions } from '../lib/web/listener';
import type { NodeAPI } from './types';

interface TlsNode {
  valid?: boolean;
  addTLSOptions?(options: object): object;
}

/** Certificate and key of Node-RED's own `tls-config` node. Throws CONFIG_INVALID with `field` where it has none. */
export function tlsOf(RED: NodeAPI, id: string, field: string): NonNullable<ListenerOptions['tls']> {
  const node = RED.nodes.getNode(id) as unknown as TlsNode | null;
  const options = (node?.valid !== false && node?.addTLSOptions?.({})) || {};
  const { key, cert, ca, passphrase } = options as NonNullable<ListenerOptions['tls']>;
  if (!key || !cert)
    throw fail('CONFIG_INVALID', { field, reason: 'the TLS configuration has no certificate and key' });
  return { key, cert, ...(ca ? { ca } : {}), ...(passphrase ? { passphrase } : {}) };
}
