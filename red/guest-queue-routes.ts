import { fail } from '../lib/errors';
import type { QueueCommand } from '../lib/queue/types';
import { adminPost } from './admin-routes';
import type { GuestQueueNode } from './guests';
import type { NodeAPI } from './types';

type Body = Record<string, unknown>;
const TYPE = 'live-guest-queue';
const added = new WeakSet<object>();

/**
 * The routes of the operator's sidebar: which queues there are, how one is, and what is to be done with it. Where Node-RED asks nobody for a
 * login whoever reaches the editor could take the show: then they answer only for queues whose dialog allows it.
 */
export function addGuestQueueRoutes(RED: NodeAPI): void {
  if (added.has(RED.httpAdmin)) return;
  added.add(RED.httpAdmin);
  const read = () => 'live-production.read' as const;
  const write = () => 'live-production.write' as const;

  adminPost(RED, 'guest-queues/list', read, () => {
    const queues: Body[] = [];
    RED.nodes.eachNode((saved) => {
      if (saved.type !== TYPE) return;
      const node = RED.nodes.getNode(saved.id) as GuestQueueNode | null;
      if (node?.acquire) queues.push({ id: saved.id, name: saved.name || 'guest queue' });
    });
    return Promise.resolve({ queues });
  });

  adminPost(RED, 'guest-queues/view', read, ({ id }) => {
    const node = queueNode(RED, id);
    if (!isOpen(RED, node)) return Promise.resolve({ open: false });
    return withQueue(node, (queue) => Promise.resolve({ open: true, view: queue.view() }));
  });

  adminPost(RED, 'guest-queues/command', write, ({ id, command }) => {
    const node = queueNode(RED, id);
    if (!isOpen(RED, node))
      throw fail('QUEUE_COMMAND_INVALID', {
        reason:
          'Node-RED asks nobody for a login, and the dialog of the guest queue does not allow this then',
      });
    const wish = commandIn(command);
    return withQueue(node, async (queue) => ({ view: await queue.command(wish) }));
  });
}

function isOpen(RED: NodeAPI, node: GuestQueueNode): boolean {
  const { adminAuth } = RED.settings as { adminAuth?: unknown };
  return Boolean(adminAuth) || node.openOperator === true;
}

function queueNode(RED: NodeAPI, id: unknown): GuestQueueNode {
  const node = typeof id === 'string' ? (RED.nodes.getNode(id) as GuestQueueNode | null) : null;
  if (node?.type !== TYPE || !node?.acquire) throw fail('QUEUE_MISSING');
  if (node.fault) throw node.fault;
  return node;
}

/** The queue stays open while somebody looks: leases linger longer than the sidebar's pauses. */
async function withQueue(
  node: GuestQueueNode,
  work: (queue: ReturnType<GuestQueueNode['acquire']>['value']) => Promise<Body>,
): Promise<Body> {
  const lease = node.acquire();
  try {
    return await work(lease.value);
  } finally {
    lease.release();
  }
}

/** A command as it came over the network. The queue itself looks at names and numbers. Throws QUEUE_COMMAND_INVALID. */
export function commandIn(value: unknown): QueueCommand {
  const wish = (typeof value === 'object' && value !== null ? value : {}) as Body;
  const { action } = wish;
  const invalid = (reason: string) => fail('QUEUE_COMMAND_INVALID', { reason });
  const number = (field: string): number => {
    const given = wish[field];
    if (typeof given !== 'number' || !Number.isFinite(given)) throw invalid(`${field} must be a number`);
    return given;
  };
  const numberOrNull = (field: string) => (wish[field] === null ? null : number(field));
  const who = (): string => {
    if (typeof wish.who !== 'string' || wish.who === '' || wish.who.length > 200)
      throw invalid('it does not say for whom');
    return wish.who;
  };
  switch (action) {
    case 'skip':
    case 'reset':
    case 'clear':
      return { action };
    case 'kick':
    case 'unban':
      return { action, who: who() };
    case 'ban': {
      const reason = typeof wish.reason === 'string' ? wish.reason.trim().slice(0, 500) : '';
      return { action, who: who(), forMs: numberOrNull('forMs'), reason: reason || null };
    }
    case 'move':
      return { action, who: who(), to: number('to') };
    case 'hold':
    case 'resume':
      return { action, who: wish.who === null || wish.who === undefined ? null : who() };
    case 'extend':
      return { action, byMs: number('byMs') };
    case 'limit':
      return { action, limitMs: numberOrNull('limitMs'), again: wish.again === true };
    default:
      throw invalid('there is no such action');
  }
}
