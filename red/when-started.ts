import type { Release } from '../lib/production/application';
import type { NodeAPI } from './types';

/** Node-RED tells that flows are started; should it ever not, nobody waits for ever. */
const LONGEST_MS = 5_000;

const waiting = new WeakMap<object, Set<() => void>>();

/** Run this with every start of the flows, also one that only laid wires anew. */
export function atEachStart(RED: NodeAPI, run: () => void): Release {
  let waiters = waiting.get(RED.events);
  if (!waiters) {
    const all = new Set<() => void>();
    waiting.set(RED.events, (waiters = all));
    RED.events.on('flows:started', () => {
      for (const waiter of [...all]) waiter();
    });
  }
  const mine = waiters;
  // one that is given twice is two
  const waiter = () => run();
  mine.add(waiter);
  return () => void mine.delete(waiter);
}

/**
 * Run this once the flows are started: what a node sends while it is being made reaches nobody, since the nodes behind it
 * may not be there yet.
 */
export function whenStarted(RED: NodeAPI, run: () => void): Release {
  const release = () => {
    clearTimeout(timer);
    unfollow();
  };
  const started = () => {
    release();
    run();
  };
  const timer = setTimeout(started, LONGEST_MS);
  timer.unref();
  const unfollow = atEachStart(RED, started);
  return release;
}
