import { fail, type ErrorCode, type LiveError } from '../lib/errors';
import type { NodeAPI } from './types';

/** The config node of this id. Throws the code `missing` where there is none, or what is wrong with it. */
export function configNode<T extends { fault: LiveError | null; acquire: unknown }>(
  RED: NodeAPI,
  id: string | undefined,
  missing: ErrorCode,
): T {
  const node = (id ? RED.nodes.getNode(id) : null) as T | null;
  if (!node?.acquire) throw fail(missing);
  if (node.fault) throw node.fault;
  return node;
}
