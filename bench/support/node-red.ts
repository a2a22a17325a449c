// A real Node-RED in this process, with the package installed and the benchmark's own nodes (`bench-sink`, `bench-bare-node`).
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import { requireThere } from '../../test/support/node-red';
import { tempDir } from '../../test/support/temp';
import { waitFor } from '../../test/support/wait';

const root = join(__dirname, '..', '..');
const { name } = require(join(root, 'package.json')) as { name: string };

interface Runtime {
  /** what answers requests to `http in` nodes */
  readonly httpNode: RequestListener;
  init(server: object, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly runtime: { _: { nodes: { getNode(id: string): unknown } } };
}

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export interface NodeRed {
  /** resolves when the flow runs */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** a node of the running flow */
  node<T>(id: string): T;
}

/** Node-RED over an empty user folder with this flow, not started yet; one for each process. `httpPort`: where its `http in` nodes listen. */
export function nodeRed(
  flow: FlowNode[],
  credentials: Record<string, object>,
  httpPort: number | null = null,
): NodeRed {
  const userDir = tempDir('bench');
  const link = join(userDir, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link, 'junction');
  writeFileSync(join(userDir, 'package.json'), JSON.stringify({ dependencies: { [name]: `file:${root}` } }));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
  writeFileSync(join(userDir, 'flows_cred.json'), JSON.stringify(credentials));

  const red = requireThere('node-red') as Runtime;
  const server = createServer();
  red.init(server, {
    userDir,
    nodesDir: [join(__dirname, 'nodes')],
    flowFile: 'flows.json',
    disableEditor: true,
    ...(httpPort === null ? {} : { httpAdminRoot: false, httpNodeRoot: '/' }),
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  });
  const find = (id: string) => red.runtime._.nodes.getNode(id);
  return {
    async start() {
      await red.start();
      if (httpPort !== null) {
        server.on('request', red.httpNode);
        server.listen(httpPort, '127.0.0.1');
      }
      const last = flow.at(-1)?.id;
      if (last) await waitFor(() => find(last), { message: `the node ${last} to run` });
    },
    async stop() {
      server.close();
      await red.stop();
    },
    node<T>(id: string) {
      const found = find(id);
      if (!found) throw new Error(`Node-RED has no node ${id}`);
      return found as T;
    },
  };
}
