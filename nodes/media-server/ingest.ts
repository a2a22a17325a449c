import { rtmpIngest } from '../../red/capture';
import { fingerprint, leases } from '../../red/leases';
import { onClose } from '../../red/on-close';
import type { NodeAPI } from '../../red/types';
import { asLiveError } from '../../lib/errors';
import { IngestClient } from '../../lib/media-servers/ingest-client';
import { redactError } from '../../lib/secrets';
import type { MediaServerConfigNode, MediaServerDef } from './types';

/** A media server that is our own ingest: it is asked inside this process, and its addresses are those of its own dialog. */
export function beIngest(RED: NodeAPI, node: MediaServerConfigNode, config: MediaServerDef): void {
  const { id } = node;
  try {
    const ingest = rtmpIngest(RED, config.ingest);
    Object.assign(node, { ingest, simulated: ingest.simulated, apps: [ingest.app], otherApps: 'deny' });
    // the port of a rehearsal is known once it listens
    Object.defineProperties(node, {
      publishAddress: { get: () => ingest.publishAddress },
      playAddress: { get: () => ingest.playAddress },
    });
  } catch (error) {
    node.fault = redactError(asLiveError(error));
    // one that is chosen and makes no sense has said so itself
    if ((RED.nodes.getNode(config.ingest) as { fault?: unknown } | null)?.fault !== error)
      node.warn(node.fault.toString());
  }
  const { ingest } = node;
  node.acquire = () => {
    if (!ingest) throw node.fault!;
    const print = fingerprint({ kind: 'ingest', ingest: ingest.id, print: ingest.print });
    return leases.acquire(id, print, () => new IngestClient(ingest.acquire()));
  };
  onClose(node, (removed) => (removed ? leases.closeNow(id) : undefined));
}
