import { atEachStart } from '../../red/when-started';
import type { Node, NodeAPI } from '../../red/types';
import type { Release } from '../../lib/production/application';
import type { GuestQueue, SwitchOrder } from '../../lib/queue/guests';

/** Whether anything hangs on the first output: Node-RED keeps the wires on the node, and a deploy that only lays wires changes them there. */
function isWired(node: Node): boolean {
  const { wires } = node as { wires?: unknown[][] };
  return (wires?.[0]?.length ?? 0) > 0;
}

/**
 * Hear the orders of a queue while somebody could carry them out: from the start of the flows on, for as long as a wire is there.
 * @param always also without a wire
 * @param place whether this node has them, or another one already
 */
export function followOrders(
  RED: NodeAPI,
  node: Node,
  queue: GuestQueue,
  always: boolean,
  send: (order: SwitchOrder) => void,
  place: (isSecond: boolean) => void,
): Release {
  let orders: Release | null = null;
  const look = () => {
    if (always || isWired(node)) return void (orders ??= queue.onSwitch(send, (isFirst) => place(!isFirst)));
    orders?.();
    orders = null;
    place(false);
  };
  // wires are not connected yet while a node is being made
  const soon = setImmediate(look);
  const unfollow = atEachStart(RED, look);
  return () => {
    clearImmediate(soon);
    unfollow();
    orders?.();
  };
}
