// An example flow imported into a real Node-RED, a process of its own, with OBS or vMix played by the simulator: seen from outside.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type ObsSimulator, startObsSimulator } from '../../../simulators/obs';
import type { VmixSimulator } from '../../../simulators/vmix';
import type { FlowNode, NodeRed } from '../../editor/support';
import { freePort, waitFor } from '../../support';
import { bareClient } from '../../contract/client';

const root = join(__dirname, '..', '..', '..');

/** Everything a message may carry, for assertions. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Msg = Record<string, any>;

export interface Received {
  method: string;
  url: string;
  body: string;
  at: number;
}

/** A service on this machine that writes down what it gets; it answers only while it is open. */
export class Receiver {
  readonly got: Received[] = [];
  status = 200;
  private server: Server | null = null;

  private constructor(readonly port: number) {}

  static async reserve(): Promise<Receiver> {
    return new Receiver(await freePort());
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(): Promise<this> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        this.got.push({ method: request.method ?? '', url: request.url ?? '', body, at: Date.now() });
        response.writeHead(this.status, { connection: 'close' }).end('thank you');
      });
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** The messages a tap told, in order. */
  taps(name: string): Msg[] {
    return this.got.filter(({ url }) => url === `/${name}`).map(({ body }) => JSON.parse(body) as Msg);
  }
}

/** An example by the beginning of its file name, ready to be deployed after a few changes. */
export class Example {
  readonly nodes: FlowNode[];

  constructor(start: string) {
    const folder = join(root, 'examples');
    const file = readdirSync(folder, { recursive: true })
      .map(String)
      .find((name) => name.replaceAll('\\', '/').startsWith(start) && name.endsWith('.json'));
    assert.ok(file, `no example ${start}`);
    this.nodes = JSON.parse(readFileSync(join(folder, file), 'utf8')) as FlowNode[];
  }

  /** The one node of this name, or of this type. */
  node(name: string): FlowNode {
    const found = this.nodes.filter((node) => node.name === name || node.type === name);
    assert.equal(found.length, 1, `${found.length} nodes are called ${name}`);
    return found[0]!;
  }

  /** The example's connection goes to this OBS in place of a rehearsal: only so can a test make it ill. */
  on(obs: ObsSimulator): this {
    Object.assign(this.node('live-obs-connection'), { connectTo: 'obs', port: String(obs.port) });
    return this;
  }

  /** The same with a vMix. */
  onVmix({ httpPort, tcpPort }: { httpPort: number; tcpPort: number | null }): this {
    const ports = { port: String(httpPort), tcpPort: tcpPort === null ? '' : String(tcpPort) };
    Object.assign(this.node('live-vmix-connection'), { connectTo: 'vmix', ...ports });
    return this;
  }

  /** Fill in the values of the tab, as its dialog does: credentials apart from the others. */
  fill(values: Record<string, string>): this {
    const tab = this.node('tab');
    const credentials: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) {
      const entry = (tab.env as { name: string; type: string; value?: string }[]).find(
        (one) => one.name === name,
      );
      assert.ok(entry, `the tab has no ${name}`);
      if (entry.type === 'cred') credentials[name] = value;
      else entry.value = value;
    }
    tab.credentials = credentials;
    return this;
  }

  /** Tell what leaves this output of a node to the receiver too, under the node's own id and the output's number. */
  tap(name: string, output: number, receiver: Receiver): string {
    const from = this.node(name);
    const path = `${from.id}-${output}`;
    const z = String(this.node('tab').id);
    const func = `const { topic, payload, alert, live, witness, frame, attachments, error } = msg;
      return { payload: JSON.stringify({ topic, payload, alert, live, witness, frame, attachments, error: error?.message }), method: 'POST',
      url: '${receiver.address}/${path}', headers: { 'content-type': 'application/json' } };`;
    const [inWords, told] = [`words-${path}`, `told-${path}`];
    (from.wires as string[][])[output]!.push(inWords);
    this.nodes.push(
      { id: inWords, type: 'function', z, name: '', func, outputs: 1, x: 900, y: 800, wires: [[told]] },
      {
        id: told,
        type: 'http request',
        z,
        name: '',
        method: 'use',
        ret: 'txt',
        url: '',
        x: 1000,
        y: 800,
        wires: [[]],
      },
    );
    return path;
  }

  /** Press an inject node's button, as the editor does, once a deploy has made it. */
  async press(nodeRed: NodeRed, name: string): Promise<void> {
    const press = async () =>
      (await fetch(`${nodeRed.url}inject/${this.node(name).id}`, { method: 'POST' })).status;
    const status = await waitFor(
      async () => {
        const found = await press();
        return found === 404 ? undefined : found;
      },
      { timeoutMs: 20_000, message: `the button ${name}` },
    );
    assert.equal(status, 200, `${name} was not pressed`);
  }
}

/** A simulated OBS, quick, whose answers keep their order. */
export async function startSimulator(): Promise<ObsSimulator> {
  const obs = await startObsSimulator({ speed: 10, random: () => 0.5 });
  obs.faults.disorder = false;
  return obs;
}

/** What somebody does in OBS itself, past Node-RED. */
export async function byHand(
  obs: ObsSimulator,
  requestType:
    | 'StartRecord'
    | 'PauseRecord'
    | 'ResumeRecord'
    | 'StopRecord'
    | 'StartStream'
    | 'StopStream'
    | 'SetCurrentProgramScene',
  sceneName?: string,
): Promise<void> {
  // a person is no quicker; and resumed within a frame of its pause, a recording of OBS 29 never ends
  await new Promise((resolve) => setTimeout(resolve, 100));
  const client = await bareClient(obs.url, null);
  try {
    await client.call(requestType, sceneName === undefined ? undefined : { sceneName });
  } finally {
    await client.close();
  }
}

/** Until the flow may act on this OBS, whose state it has read to the end: a first request alone does not say so. */
export async function connected(nodeRed: NodeRed, obs: ObsSimulator): Promise<void> {
  await toldConnected(nodeRed, 'OBS', obs.port);
}

/** The same with a vMix, and with its events where it has a TCP port. */
export async function connectedToVmix(nodeRed: NodeRed, vmix: VmixSimulator): Promise<void> {
  await toldConnected(nodeRed, 'vMix', vmix.httpPort);
  await waitFor(() => vmix.tcpPort === null || vmix.clients > 0, { message: 'the events of vMix' });
}

async function toldConnected({ program }: NodeRed, application: string, port: number): Promise<void> {
  const said = new RegExp(`connected to ${application} \\S* at \\S+:${port}\\b`);
  await waitFor(() => said.test(program.log()), {
    message: () => `the flow to connect; it said:\n${program.log().slice(-2000)}`,
  });
}
