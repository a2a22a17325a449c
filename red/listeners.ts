import type { Lease } from '../lib/connection/lease';
import { redactText } from '../lib/secrets';
import { WebListener, type ListenerOptions } from '../lib/web/listener';
import type { ListenAddress } from '../lib/web/types';
import { fingerprint, leases } from './leases';

/** How often each address is leased now, to tell a port that only lingers from one in use. */
const used = new Map<string, { port: number; users: number }>();

/**
 * The listener at a host and port, shared by whoever mounts there. It lingers as a connection does, so a deploy keeps the port open. A
 * port that cannot be had is no error here: `fault` and `onState` of the listener tell. The options of whoever opens it hold;
 * with `tls` it speaks HTTPS, and throws where certificate and key do not fit.
 */
export function leaseListener(
  address: ListenAddress,
  options: Omit<ListenerOptions, 'onError'> = {},
): Lease<WebListener> {
  const { host, port } = address;
  const id = `web:${host}:${port}`;
  // a deploy that changes the host must not wait for the same port of ours that nobody uses any more
  for (const [other, entry] of used)
    if (other !== id && port !== 0 && entry.port === port && entry.users === 0) {
      used.delete(other);
      void leases.closeNow(other);
    }
  const lease = leases.acquire(
    id,
    options.tls ? fingerprint({ ...options.tls }) : '',
    () =>
      new WebListener(address, {
        ...options,
        onError: (error) => console.error(redactText(String(error))),
      }),
  );
  const entry = used.get(id) ?? { port, users: 0 };
  used.set(id, entry);
  entry.users++;
  let released = false;
  return {
    value: lease.value,
    release: () => {
      if (released) return;
      released = true;
      entry.users--;
      lease.release();
    },
  };
}
