import { adminPost } from '../../red/admin-routes';
import type { NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { RtmpIngestNode } from './types';

/** The list of streams behind the dialogs: who publishes now. An ingest that is not deployed has none. */
export function addIngestRoutes(RED: NodeAPI): void {
  adminPost(
    RED,
    'ingest/list',
    () => 'live-production.read',
    async ({ what, settings }) => {
      if (what !== 'streams') throw fail('INPUT_INVALID', { field: 'what', reason: 'it must be streams' });
      const { id } = (settings ?? {}) as { id?: unknown };
      const node = typeof id === 'string' ? (RED.nodes.getNode(id) as RtmpIngestNode | null) : null;
      const open = node?.type === 'live-rtmp-ingest' ? node.peek() : null;
      const items = (open?.facts().publishers ?? []).map(({ stream, name, state }) => ({
        value: stream,
        label: `${stream}${name === stream ? '' : ` (${name})`}${state === 'live' ? '' : ' …'}`,
      }));
      return await Promise.resolve({ items });
    },
  );
}
