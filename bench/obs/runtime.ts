// A real Node-RED in this process with an event node wired to a node that only listens.
import type { ObsApplication } from '../../lib/obs/application';
import { type FlowNode, nodeRed } from '../support/node-red';
import { EVENT, PASSWORD, type BenchEvent } from './protocol';
import type { Source } from './source';

interface SinkNode {
  hear: (event: BenchEvent) => void;
}

/** Sets who hears the events from now on. */
export type Hearing = (hear: (event: BenchEvent) => void) => void;

export interface Runtime {
  /** which clients of the source they are */
  readonly ours: number;
  readonly bareNode: number;
  /** who hears what our event node sends, and what a node around the bare library sends */
  onOurs: Hearing;
  onBareNode: Hearing;
  stop(): Promise<void>;
}

/** Start Node-RED and wait until its flow is connected to the source. */
export async function startRuntime(source: Source): Promise<Runtime> {
  const red = nodeRed(flow(source.port), { connection: { password: PASSWORD } });
  const ours = await source.take(async () => {
    await red.start();
    const application = red.node<{ peek(): ObsApplication | null }>('connection').peek();
    if (!application) throw new Error('the event node holds no connection');
    await application.whenReady(10_000);
  });
  const bareNode = await source.take(() =>
    red
      .node<{ connect(url: string, password: string, event: string): Promise<unknown> }>('bare-node')
      .connect(source.url, PASSWORD, EVENT),
  );
  return {
    ours: ours.client,
    bareNode: bareNode.client,
    onOurs: (hear) => void (red.node<SinkNode>('ours-sink').hear = hear),
    onBareNode: (hear) => void (red.node<SinkNode>('bare-sink').hear = hear),
    stop: () => red.stop(),
  };
}

function flow(port: number): FlowNode[] {
  const z = 'tab';
  return [
    { id: z, type: 'tab', label: 'bench' },
    {
      id: 'connection',
      type: 'live-obs-connection',
      connectTo: 'obs',
      host: '127.0.0.1',
      port: String(port),
      tls: false,
      configVersion: 1,
    },
    {
      id: 'event',
      type: 'live-event',
      z,
      application: 'obs',
      obs: 'connection',
      source: 'raw',
      rawEvents: EVENT,
      events: [],
      filters: [],
      limit: '0',
      present: false,
      configVersion: 1,
      wires: [['ours-sink']],
    },
    { id: 'ours-sink', type: 'bench-sink', z, wires: [] },
    { id: 'bare-node', type: 'bench-bare-node', z, wires: [['bare-sink']] },
    { id: 'bare-sink', type: 'bench-sink', z, wires: [] },
  ];
}
