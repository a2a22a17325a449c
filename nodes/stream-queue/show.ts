import type { Badge } from '../../red/badges';
import type { QueueView } from '../../lib/queue/types';

/** The badge of a queue: who is on air matters before who waits, and a server that cannot be asked before both. */
export function showQueue(badge: Badge, { lead, waiting, onHold, serverReachable }: QueueView): void {
  if (serverReachable === false) return badge.restsAt('degraded');
  if (onHold) return badge.restsAt('onHold');
  if (!lead) return badge.restsAt(waiting.length ? 'waiting' : null);
  if (lead.state === 'promoting') return badge.restsAt('switching');
  if (lead.state === 'grace') return badge.restsAt('dropped');
  badge.restsAt(waiting.length ? 'liveBefore' : 'live', waiting.length);
}
