import { adminPost } from '../../red/admin-routes';
import { frameStore } from '../../red/capture';
import { isoOf } from '../../red/frame-messages';
import type { NodeAPI } from '../../red/types';

/** The route behind the dialog: what the running store has, and whether DuckDB is there. */
export function addDialogRoutes(RED: NodeAPI): void {
  adminPost(
    RED,
    'frame-store/use',
    () => 'live-production.read',
    async ({ id }) => {
      if (typeof id !== 'string' || !RED.nodes.getNode(id)) return { use: null };
      const lease = frameStore(RED, id).acquire();
      try {
        const { bytes, frames, freeBytes, duckdb, streams } = await lease.value.use();
        const shown = streams.map(({ first, last, ...more }) => ({
          ...more,
          first: isoOf(first),
          last: isoOf(last),
        }));
        return {
          use: { bytes, frames, freeBytes, duckdb, folder: lease.value.settings.folder, streams: shown },
        };
      } finally {
        lease.release();
      }
    },
  );
}
