// A real Node-RED in this process, with the package installed and an event node wired to a node that only listens.
import { createServer } from 'node:http';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ObsApplication } from '../../lib/obs/application';
import { requireThere } from '../../test/support/node-red';
import { tempDir } from '../../test/support/temp';
import { waitFor } from '../../test/support/wait';
import { EVENT, PASSWORD, type BenchEvent } from './protocol';
import type { Source } from './source';

const root = join(__dirname, '..', '..');
const { name } = require(join(root, 'package.json')) as { name: string };

interface SinkNode {
  hear: (event: BenchEvent) => void;
}
interface NodeRed {
  init(server: object, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly runtime: { _: { nodes: { getNode(id: string): unknown } } };
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
  const userDir = tempDir('bench');
  const link = join(userDir, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link, 'junction');
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ dependencies: { [name]: `file:${root}` } }));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow(source.port)));
  writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify({ connection: { password: PASSWORD } }));

  const red = requireThere('node-red') as NodeRed;
  red.init(createServer(), {
    userDir,
    nodesDir: [join(__dirname, 'nodes')],
    flowFile: 'flows.json',
    disableEditor: true,
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  });
  const node = <T>(id: string) => {
    const found = red.runtime._.nodes.getNode(id);
    if (!found) throw new Error(`Node-RED has no node ${id}`);
    return found as T;
  };
  const ours = await source.take(async () => {
    await red.start();
    await waitFor(() => red.runtime._.nodes.getNode('event'));
    const application = node<{ peek(): ObsApplication | null }>('connection').peek();
    if (!application) throw new Error('the event node holds no connection');
    await application.whenReady(10_000);
  });
  const bareNode = await source.take(() =>
    node<{ connect(url: string, password: string, event: string): Promise<unknown> }>('bare-node').connect(
      source.url,
      PASSWORD,
      EVENT,
    ),
  );
  return {
    ours: ours.client,
    bareNode: bareNode.client,
    onOurs: (hear) => void (node<SinkNode>('ours-sink').hear = hear),
    onBareNode: (hear) => void (node<SinkNode>('bare-sink').hear = hear),
    stop: () => red.stop(),
  };
}

function flow(port: number): object[] {
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
