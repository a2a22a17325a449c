import type { NodeAPI } from './types';

interface Followed {
  /** the flows as they were when they started */
  started: unknown;
  stopping: boolean;
}

const followed = new WeakMap<object, Followed>();

/**
 * Whether the nodes that close now do so because Node-RED stops, and not for a deploy. A deploy puts the new flows in the
 * place of the old ones before it stops these; a stop leaves them as they were. Call it once when the node type is loaded.
 */
export function isStopping(RED: NodeAPI): boolean {
  let state = followed.get(RED.events);
  if (!state) {
    const mine: Followed = { started: null, stopping: false };
    followed.set(RED.events, (state = mine));
    RED.events.on('flows:started', ({ config }: { config?: unknown } = {}) => {
      Object.assign(mine, { started: config ?? null, stopping: false });
    });
    RED.events.on('flows:stopping', ({ config }: { config?: unknown } = {}) => {
      mine.stopping = mine.started !== null && mine.started === config;
    });
  }
  return state.stopping;
}
