import type { Lease } from '../lib/connection/lease';
import { GateDoor } from '../lib/gate/door';
import { redactText } from '../lib/secrets';
import type { MediaServerNode } from './guests';
import { fingerprint, leases } from './leases';
import { leaseListener } from './listeners';

/** What a door of this media server is kept as. */
const idOf = (server: MediaServerNode): string => `gate:${server.id}`;

/**
 * The hook address of a media server: kept over a deploy, like its port. Throws CONFIG_INVALID for an allowed address that is none,
 * GATE_TAKEN where another media server has the same path.
 */
export function leaseDoor(server: MediaServerNode): Lease<GateDoor> {
  const { speech, hooks } = server;
  return leases.acquire(idOf(server), fingerprint({ kind: speech.kind, ...hooks }), () => {
    const listener = leaseListener(hooks.listen);
    try {
      return new GateDoor(listener, { ...hooks, speech }, (error) =>
        console.error(redactText(String(error))),
      );
    } catch (error) {
      listener.release();
      throw error;
    }
  });
}

/** Nobody comes after: the address is closed at once. */
export function closeDoor(server: MediaServerNode): Promise<void> {
  return leases.closeNow(idOf(server));
}
