import { withDeadline } from '../lib/connection/deadline';
import { asLiveError, fail } from '../lib/errors';
import type { Node } from './types';

/** Node-RED gives a node 15 s; a person who presses Deploy will not. */
export const CLOSE_MS = 2_500;

/**
 * The one close door: `close` runs when the node goes, `removed` when it does not come back; after `ms` the deploy goes
 * on without it and `terminate` ends what is left.
 */
export function onClose(
  node: Node,
  close: (removed: boolean) => void | Promise<void>,
  ms = CLOSE_MS,
  terminate: () => void = () => undefined,
): void {
  // two declared arguments: without them Node-RED waits for nothing
  node.on('close', (removed: boolean, done: () => void) => {
    const closing = Promise.resolve().then(() => close(removed));
    withDeadline(closing, ms, () => fail('INTERNAL', { reason: `closing took longer than ${ms / 1000} s` }))
      .catch((error: unknown) => {
        terminate();
        node.warn(asLiveError(error).message);
      })
      .finally(done)
      .catch(() => undefined);
  });
}
