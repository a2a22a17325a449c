import type { QueuePolicy } from './types';

/**
 * What a guest queue does where nobody says otherwise. An hour a turn, ten seconds of grace and of waiting to be seen are those of the
 * queues that this one takes after; a switch may take 15 s to have a picture and as long again on a busy computer.
 */
export const STANDARD_POLICY: QueuePolicy = {
  mostEntries: 100,
  limitMs: 3_600_000,
  onlyIfWaiting: true,
  warnAtS: [60, 10],
  graceMs: 10_000,
  admitMs: 10_000,
  secondPublisher: 'reject',
  afterTurn: 'kick',
  switchMs: 30_000,
  mostFailures: 3,
  missesToLeave: 3,
  rejoinMs: 30_000,
};
