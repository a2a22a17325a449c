import type { Lease } from '../lib/connection/lease';
import { fail } from '../lib/errors';
import { GateDoor } from '../lib/gate/door';
import { IngestDoor } from '../lib/gate/ingest-door';
import type { Door } from '../lib/gate/types';
import { redactText } from '../lib/secrets';
import type { MediaServerNode } from './guests';
import { fingerprint, leases } from './leases';
import { leaseListener } from './listeners';

/** What a door of this media server is kept as. */
const idOf = (server: MediaServerNode): string => `gate:${server.id}`;
const complain = (error: unknown): void => console.error(redactText(String(error)));

/**
 * Where the gate of a media server stands: its hook address, or inside this process where it is our own ingest. Kept over a deploy, like its
 * port. Throws CONFIG_INVALID for an allowed address that is none, GATE_TAKEN where another media server has the same path.
 */
export function leaseDoor(server: MediaServerNode): Lease<Door> {
  const { speech, hooks, ingest } = server;
  if (ingest)
    return leases.acquire(
      idOf(server),
      fingerprint({ kind: 'ingest', ingest: ingest.id, print: ingest.print }),
      () => new IngestDoor(ingest.acquire(), complain),
    );
  if (!speech || !hooks) throw fail('MEDIA_SERVER_MISSING');
  return leases.acquire(idOf(server), fingerprint({ kind: speech.kind, ...hooks }), () => {
    const listener = leaseListener(hooks.listen);
    try {
      return new GateDoor(listener, { ...hooks, speech }, complain);
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
