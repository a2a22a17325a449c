// A guest queue in Node-RED with a media server on paper, and a node that uses the queue as the gate and stream queue do.
import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { SwitchOrder, ToldQueueEvent } from '../../../lib/queue/guests';
import type { QueueKeeper } from '../../../lib/queue/keeper';
import type { JoinVerdict } from '../../../lib/queue/types';
import { asLiveError } from '../../../lib/errors';
import { guestQueue } from '../../../red/guests';
import { leases } from '../../../red/leases';
import { PaperServer } from '../../support/paper-server';
import type { Flow, FlowNode } from './rig';

/** What the nodes of a test use and hear; anew for each test by `freshQueue`. */
export const doubles = {
  server: new PaperServer(),
  /** each use of the queue, the newest last */
  uses: [] as { queue: QueueKeeper | null; fault: string | null }[],
  orders: [] as SwitchOrder[],
  events: [] as ToldQueueEvent[],
  /** how often a client of the media server was opened */
  clients: 0,
};

export function freshQueue(): void {
  Object.assign(doubles, { server: new PaperServer(), uses: [], orders: [], events: [], clients: 0 });
}

/** The queue that is used now. */
export function queueNow(): QueueKeeper {
  const { queue, fault } = doubles.uses.at(-1)!;
  if (!queue) throw new Error(fault ?? 'no queue');
  return queue;
}

export function join(stream: string, clientId = `c-${stream}`): JoinVerdict {
  const verdict = queueNow().join({
    app: 'live',
    stream,
    clientId,
    name: stream,
    limitMs: null,
    priority: 0,
  });
  if (verdict.allow) doubles.server.publish(stream, clientId);
  return verdict;
}

/** Node types beside ours: the media server, and whoever uses the queue. */
export function queueDoubles(RED: NodeAPI): void {
  RED.nodes.registerType('test-queue-server', function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    const { server } = doubles;
    const open = () => {
      doubles.clients += 1;
      const close = () => Promise.resolve();
      return { list: () => server.list(), kick: (one: never) => server.kick(one), close };
    };
    const acquire = () => leases.acquire(`server:${this.id}`, JSON.stringify(config), open);
    Object.assign(this, {
      fault: null,
      apps: ['live'],
      playAddress: 'rtmp://media.example/{app}/{stream}',
      acquire,
    });
  });
  RED.nodes.registerType('test-queue-user', function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    try {
      const { queue: id, deaf } = config as NodeDef & { queue: string; deaf?: boolean };
      const lease = guestQueue(RED, id).acquire();
      const queue = lease.value as unknown as QueueKeeper;
      doubles.uses.push({ queue, fault: null });
      const releases = [
        deaf === true ? () => undefined : queue.onSwitch((order) => doubles.orders.push(order)),
        queue.onEvent((event) => doubles.events.push(event)),
        () => lease.release(),
      ];
      this.on('close', () => {
        for (const release of releases) release();
      });
    } catch (error) {
      doubles.uses.push({ queue: null, fault: asLiveError(error).code });
    }
  });
}

/** A queue as it is dragged, in a folder of the test; the node `user` carries out its orders, unless it is `deaf`. */
export function queueFlow(folder: string, queue: Partial<FlowNode> = {}, more: Flow = []): Flow {
  return [
    { id: 'tab', type: 'tab', label: 'Show' },
    {
      id: 'queue',
      type: 'live-guest-queue',
      name: 'guests',
      configVersion: 1,
      server: 'server',
      limitMinutes: '60',
      onlyIfWaiting: true,
      afterTurn: 'kick',
      graceSeconds: '10',
      mostEntries: '100',
      warnAt: '60, 10',
      secondPublisher: 'reject',
      rejoinSeconds: '30',
      admitSeconds: '10',
      switchSeconds: '30',
      mostFailures: '3',
      missesToLeave: '3',
      folder,
      ...queue,
    },
    // behind the node that names it: config nodes may stand in any order
    { id: 'server', type: 'test-queue-server', name: 'SRS' },
    { id: 'user', type: 'test-queue-user', z: 'tab', x: 1, y: 1, queue: 'queue', wires: [] },
    ...more,
  ];
}
