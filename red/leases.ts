import { createHash } from 'node:crypto';
import { LeaseRegistry } from '../lib/connection/lease';
import { redactText } from '../lib/secrets';
import type { NodeAPI } from './types';

/** What config nodes keep over a deploy, in one registry of the process. */
export const leases = new LeaseRegistry(10_000, (error) => console.error(redactText(String(error))));

const followed = new WeakSet<object>();

/** Close everything at once when Node-RED stops its flows for good: a deploy says so by itself. */
export function followRuntime(RED: NodeAPI): void {
  if (followed.has(RED.events)) return;
  followed.add(RED.events);
  RED.events.on('runtime-event', (event: { id?: string; payload?: { state?: string; deploy?: boolean } }) => {
    if (event.id === 'runtime-state' && event.payload?.state === 'stop' && !event.payload.deploy)
      void leases.closeAll();
  });
}

/** Settings as one comparable text, in which no secret can be read. */
export function fingerprint(settings: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex');
}
