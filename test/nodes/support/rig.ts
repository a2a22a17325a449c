// A Node-RED with our nodes and everything around them that hears: Catch, Complete, Status and the log.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { ObsApplication } from '../../../lib/obs/application';
import type { VmixApplication } from '../../../lib/vmix/application';
import { leases } from '../../../red/leases';
import type { ConnectionState } from '../../../lib/production/application';
import { type ObsSimulator, type ObsSimulatorOptions, startObsSimulator } from '../../../simulators/obs';
import { startVmixSimulator, type VmixSimulator, type VmixSimulatorOptions } from '../../../simulators/vmix';
import { testHelper } from '../../support/node-red';
import { tempDir } from '../../support/temp';
import { waitFor } from '../../support/wait';
import captureFrames = require('../../../nodes/capture-frames/capture-frames');
import event = require('../../../nodes/event/event');
import findFrames = require('../../../nodes/find-frames/find-frames');
import frameStore = require('../../../nodes/frame-store/frame-store');
import guestQueue = require('../../../nodes/guest-queue/guest-queue');
import healthAlert = require('../../../nodes/health-alert/health-alert');
import mediaServer = require('../../../nodes/media-server/media-server');
import obsConnection = require('../../../nodes/obs-connection/obs-connection');
import obsRequest = require('../../../nodes/obs-request/obs-request');
import output = require('../../../nodes/output/output');
import preflight = require('../../../nodes/preflight/preflight');
import publishGate = require('../../../nodes/publish-gate/publish-gate');
import record = require('../../../nodes/record/record');
import rtmpIngest = require('../../../nodes/rtmp-ingest/rtmp-ingest');
import setSource = require('../../../nodes/set-source/set-source');
import snapshot = require('../../../nodes/snapshot/snapshot');
import srtOut = require('../../../nodes/srt-out/srt-out');
import startStream = require('../../../nodes/start-stream/start-stream');
import status = require('../../../nodes/status/status');
import stopAll = require('../../../nodes/stop-all/stop-all');
import stopStream = require('../../../nodes/stop-stream/stop-stream');
import streamKeys = require('../../../nodes/stream-keys/stream-keys');
import streamSession = require('../../../nodes/stream-session/stream-session');
import streamQueue = require('../../../nodes/stream-queue/stream-queue');
import streamStarted = require('../../../nodes/stream-started/stream-started');
import streamStopped = require('../../../nodes/stream-stopped/stream-stopped');
import streamTarget = require('../../../nodes/stream-target/stream-target');
import switchGstreamerSource = require('../../../nodes/switch-gstreamer-source/switch-gstreamer-source');
import switchScene = require('../../../nodes/switch-scene/switch-scene');
import vmixConnection = require('../../../nodes/vmix-connection/vmix-connection');
import vmixFunction = require('../../../nodes/vmix-function/vmix-function');
import witness = require('../../../nodes/witness/witness');
import witnessLog = require('../../../nodes/witness-log/witness-log');
import witnessQuery = require('../../../nodes/witness-query/witness-query');

export { waitFor } from '../../support/wait';
export const helper = testHelper();
// what nodes keep in the user's folder is not to lie about in this one
helper.settings({ userDir: tempDir('user') });
leases.lingerMs = 0;

/** Everything a message may carry, for assertions. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Msg = Record<string, any>;
export type FlowNode = Record<string, unknown> & { id: string; type: string };
export type Flow = FlowNode[];
type Credentials = Record<string, Record<string, string>>;

const OURS = [
  captureFrames,
  event,
  findFrames,
  frameStore,
  guestQueue,
  healthAlert,
  mediaServer,
  obsConnection,
  obsRequest,
  output,
  preflight,
  publishGate,
  record,
  rtmpIngest,
  setSource,
  snapshot,
  srtOut,
  startStream,
  status,
  stopAll,
  stopStream,
  streamKeys,
  streamSession,
  streamQueue,
  streamStarted,
  streamStopped,
  streamTarget,
  switchGstreamerSource,
  switchScene,
  vmixConnection,
  vmixFunction,
  witness,
  witnessLog,
  witnessQuery,
];

let heard = new Map<string, Msg[]>();
/** a node that is gone is told without a status */
let shown: { id: string; status?: { text?: string; fill?: string; shape?: string } }[] = [];
const events = (helper as unknown as { _events: EventEmitter })._events;
const onShown = (one: (typeof shown)[number]) => void shown.push(one);
/** Who may pass the admin routes; each test may set its own. */
export const auth = {
  asked: [] as string[],
  allowed: new Set(['live-production.read', 'live-production.write']),
};

/** Keeps what it gets from its first moment on, which a listener added after the deploy would miss. */
function sink(RED: NodeAPI): void {
  RED.nodes.registerType('test-sink', function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    this.on('input', (msg, _send, done) => {
      heardBy(config.id).push(msg);
      done();
    });
  });
}

function guarded(set: (RED: NodeAPI) => void): (RED: NodeAPI) => void {
  return (RED) => {
    const needsPermission =
      (permission: string) =>
      (_request: IncomingMessage, response: { sendStatus(code: number): void }, next: () => void) => {
        auth.asked.push(permission);
        if (auth.allowed.has(permission)) next();
        else response.sendStatus(401);
      };
    set({ ...RED, auth: { needsPermission } });
  };
}

/** Every message that a sink got so far, in order. */
export function heardBy(id: string): Msg[] {
  let list = heard.get(id);
  if (!list) heard.set(id, (list = []));
  return list;
}

/** The first message of a sink that `matches`; waits for it. */
export async function next(
  id: string,
  matches: (msg: Msg) => boolean = () => true,
  timeoutMs = 10_000,
): Promise<Msg> {
  return await waitFor(() => heardBy(id).find(matches), {
    timeoutMs,
    intervalMs: 10,
    message: () =>
      `a message at ${id}; caught: ${JSON.stringify(heardBy('caught').map(({ error }) => error?.message))}`,
  });
}

/** Deploy a first flow. `more`: node types beside ours. */
export async function load(
  flow: Flow,
  credentials: Credentials = {},
  more: ((RED: NodeAPI) => void)[] = [],
): Promise<void> {
  heard = new Map();
  shown = [];
  events.off('node-status', onShown).on('node-status', onShown);
  auth.asked.length = 0;
  auth.allowed = new Set(['live-production.read', 'live-production.write']);
  await helper.load([...OURS.map(guarded), sink, ...more] as never, flow, credentials);
}

/** Deploy again. */
export async function deploy(
  flow: Flow,
  type: 'full' | 'flows' | 'nodes' = 'full',
  credentials: Credentials = {},
): Promise<void> {
  const runtime = helper as unknown as {
    _redNodes: { setFlows(flow: Flow, credentials: Credentials, type: string): Promise<unknown> };
  };
  let started = false;
  const onStarted = () => void (started = true);
  events.once('flows:started', onStarted);
  // the helper's own setFlows fails where the flows take 300 ms to start, as on a busy machine
  await runtime._redNodes.setFlows(flow, credentials, type);
  await waitFor(() => started, { intervalMs: 5, message: 'the flows to start' });
}

/** Stop Node-RED and everything a test started; for afterEach. */
export async function tearDown(): Promise<void> {
  await helper.unload();
  await leases.closeAll();
  for (const simulator of simulators.splice(0)) await simulator.close();
  leases.lingerMs = 0;
}

const simulators: { close(): Promise<void> }[] = [];

/** A simulated OBS that ends with the test. Quick, since most tests are not about its delays. */
export async function simulate(options: ObsSimulatorOptions = {}): Promise<ObsSimulator> {
  const simulator = await startObsSimulator({ speed: 10, random: () => 0.5, ...options });
  simulator.faults.disorder = false;
  simulators.push(simulator);
  return simulator;
}

/** A simulated vMix that ends with the test. */
export async function simulateVmix(options: VmixSimulatorOptions = {}): Promise<VmixSimulator> {
  const simulator = await startVmixSimulator({ speed: 10, random: () => 0.5, ...options });
  simulators.push(simulator);
  return simulator;
}

/** The config node of a connection to vMix. */
export function vmixConnectionTo(
  simulator: { httpPort: number; tcpPort: number | null },
  more: Partial<FlowNode> = {},
): FlowNode {
  return {
    id: 'mixer',
    type: 'live-vmix-connection',
    name: 'Mixer',
    connectTo: 'vmix',
    host: '127.0.0.1',
    port: String(simulator.httpPort),
    tcpPort: simulator.tcpPort === null ? '' : String(simulator.tcpPort),
    channels: 'auto',
    pollSeconds: '2',
    allowScripts: false,
    sharedThere: '',
    sharedHere: '',
    logFolder: '',
    configVersion: 1,
    ...more,
  };
}

/** What a node under test has to name, to work on the vMix of `vmixConnectionTo`. */
export const ON_VMIX = { application: 'vmix', obs: '', vmix: 'mixer' };

/** The config node of a connection to OBS. */
export function connectionTo(simulator: { port: number }, more: Partial<FlowNode> = {}): FlowNode {
  return {
    id: 'studio',
    type: 'live-obs-connection',
    name: 'Studio',
    connectTo: 'obs',
    host: '127.0.0.1',
    port: String(simulator.port),
    tls: false,
    configVersion: 1,
    ...more,
  };
}

/** A flow node `n` of ours with sinks on its outputs, and Catch, Complete and Status that watch it. */
export function around(node: Partial<FlowNode> & { type: string }, ...more: FlowNode[]): Flow {
  const on = (id: string, type: string, rest: object): FlowNode => ({
    id,
    type,
    z: 'tab',
    x: 100,
    y: 100,
    ...rest,
  });
  const sinkNode = (id: string) => on(id, 'test-sink', {});
  return [
    { id: 'tab', type: 'tab', label: 'Show' },
    ...more,
    on('n', node.type, {
      name: '',
      application: 'obs',
      obs: 'studio',
      vmix: '',
      waitSeconds: '0',
      configVersion: 1,
      wires: [['out'], ['interim']],
      ...node,
    }),
    on('a-catch', 'catch', { scope: null, uncaught: false, wires: [['caught']] }),
    on('a-complete', 'complete', { scope: [node.id ?? 'n'], wires: [['completed']] }),
    on('a-status', 'status', { scope: [node.id ?? 'n'], wires: [['badges']] }),
    ...['out', 'interim', 'caught', 'completed', 'badges'].map(sinkNode),
  ];
}

/** The application behind a deployed connection. */
export function application(id = 'studio'): ObsApplication {
  const node = helper.getNode(id) as unknown as { peek(): ObsApplication | null };
  const found = node.peek();
  assert.ok(found, 'nobody leased the connection');
  return found;
}

/** The same, behind a deployed connection to vMix. */
export function mixer(id = 'mixer'): VmixApplication {
  return application(id) as unknown as VmixApplication;
}

/** Until the connection is in this state. */
export async function connectionIs(state: ConnectionState, id = 'studio'): Promise<void> {
  const status = () => application(id).status();
  await waitFor(() => status().state === state, {
    timeoutMs: 5_000,
    intervalMs: 5,
    message: () => `${state}, it is ${status().state}: ${String(status().fault)}`,
  });
}

/** Give the node under test a message. */
export function send(msg: Msg, id = 'n'): void {
  (helper.getNode(id) as unknown as { receive(msg: Msg): void }).receive(msg);
}

/** Send and wait for the answer on output 1. */
export async function ask(msg: Msg, id = 'n', timeoutMs = 15_000): Promise<Msg> {
  const before = heardBy('out').length;
  send(msg, id);
  return await next('out', (found) => heardBy('out').indexOf(found) >= before, timeoutMs);
}

/** Send and wait for the coded error at Catch. The node must be done without Complete, and must send nothing. */
export async function refuse(msg: Msg, code: string, id = 'n', timeoutMs = 15_000): Promise<Msg> {
  const [sent, completed, before] = [
    heardBy('out').length,
    heardBy('completed').length,
    heardBy('caught').length,
  ];
  send(msg, id);
  const caught = await waitFor(() => heardBy('caught')[before], {
    timeoutMs,
    intervalMs: 5,
    message: `an error ${code}`,
  });
  await settle();
  assert.equal(caught.error.code, code, caught.error.message);
  assert.match(caught.error.message as string, new RegExp(`\\[${code}\\]$`));
  assert.ok(
    !/\{\w+\}|undefined|NaN|\[object/.test(caught.error.message as string),
    `an unfinished sentence: ${caught.error.message}`,
  );
  assert.equal(
    heardBy('caught').length,
    before + 1,
    `one error is told once, and not ${heardBy('caught')
      .map(({ error }) => error.message as string)
      .join(' / ')}`,
  );
  assert.equal(heardBy('out').length, sent, 'nothing is sent on after a failure');
  assert.equal(heardBy('completed').length, completed, 'a failure does not complete');
  return caught;
}

/** The same, and nothing reached OBS. */
export async function refuseUnheard(simulator: ObsSimulator, msg: Msg, code: string): Promise<Msg> {
  const before = simulator.calls.length;
  const caught = await refuse(msg, code);
  assert.deepEqual(
    simulator.calls.slice(before).map(({ requestType }) => requestType),
    [],
    'nothing is sent to OBS',
  );
  return caught;
}

/** A few turns of the event loop, for what is told right after. */
export async function settle(ms = 30): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a sink has got so many messages; no more come right after. */
export async function exactly(id: string, count: number): Promise<void> {
  await waitFor(() => heardBy(id).length >= count, {
    timeoutMs: 10_000,
    message: `${count} messages at ${id}`,
  });
  await settle();
  assert.equal(heardBy(id).length, count, JSON.stringify(heardBy(id).map(({ topic }) => topic as unknown)));
}

/** Requests of these types that reached OBS, in order. */
export function sentTypes(simulator: ObsSimulator, ...types: string[]): string[] {
  return simulator.calls.map(({ requestType }) => requestType).filter((type) => types.includes(type));
}

/** The texts of a node's badges in order. A Status node misses those of the deploy itself, the editor does not. */
export function badges(id = 'n'): string[] {
  return shown.filter((one) => one.id === id).map(({ status }) => String(status?.text ?? ''));
}

/** Every line Node-RED logged since the load. */
export function logged(): { level: number; text: string }[] {
  const spy = helper.log();
  return spy.args.map(([line]: { level: number; msg: unknown }[]) => ({
    level: line!.level,
    text: String((line!.msg as Error | null)?.stack ?? line!.msg),
  }));
}
