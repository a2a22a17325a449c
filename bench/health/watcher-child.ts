// watcher-child.ts nodes|bare|companion PORT COUNT: watches OBS in one of three ways until it is let go, and says on request
// what that has cost so far. Each way runs beside a Node-RED, which costs a little by itself.
import { EventSubscription, OBSWebSocket } from 'obs-websocket-js/json';
import { WebSocket } from 'ws';
import type { ObsApplication } from '../../lib/obs/application';
import { type FlowNode, nodeRed } from '../support/node-red';
import { watchAsCompanion } from './companion';
import { PASSWORD, type Spent } from './protocol';

const [kind, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 0)];
const url = `ws://127.0.0.1:${port}`;
const EVERY_MS = 1000;

let heard = 0;
const receiver = WebSocket.prototype as unknown as { emit: (this: object, ...args: unknown[]) => boolean };
const { emit } = receiver;
receiver.emit = function (...args) {
  if (args[0] === 'message') heard += 1;
  return emit.apply(this, args);
};

/** As many health alerts on one connection as asked for, each with its own listener for samples. */
function flow(): FlowNode[] {
  const z = 'tab';
  const connection = {
    connectTo: 'obs',
    host: '127.0.0.1',
    port: String(port),
    tls: false,
    configVersion: 1,
  };
  const alert = {
    type: 'live-health-alert',
    z,
    application: 'obs',
    obs: 'connection',
    preset: 'standard',
    watch: ['stream', 'computer', 'disk'],
    when: 'show',
    reminderMinutes: '5',
    sampleSeconds: '5',
    bitrateKbps: '',
    media: '',
    frozenNeedsSilence: true,
    attachPicture: false,
    overrides: {},
    configVersion: 1,
  };
  return [
    { id: z, type: 'tab', label: 'bench' },
    { id: 'connection', type: 'live-obs-connection', ...connection },
    ...Array.from({ length: count }, (_, index) => [
      { id: `sink${index}`, type: 'bench-sink', z, wires: [] },
      { ...alert, id: `alert${index}`, wires: [[`sink${index}`], [`sink${index}`]] },
    ]).flat(),
  ];
}

/** The field's client, asking what one reading of ours asks and doing nothing with it. */
async function watchBare(): Promise<void> {
  const obs = new OBSWebSocket();
  await obs.connect(url, PASSWORD, { eventSubscriptions: EventSubscription.All });
  setInterval(() => {
    obs.callBatch([{ requestType: 'GetStreamStatus' }, { requestType: 'GetStats' }]).catch(console.error);
  }, EVERY_MS);
}

async function main(): Promise<void> {
  const red = nodeRed(flow(), { connection: { password: PASSWORD } });
  await red.start();
  if (kind === 'nodes') {
    const application = red.node<{ peek(): ObsApplication | null }>('connection').peek();
    if (!application) throw new Error('the health alerts hold no connection');
    await application.whenReady(10_000);
  } else await (kind === 'bare' ? watchBare() : watchAsCompanion(url, PASSWORD));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const spent: Spent = { cpuUs: user + system, atMs: performance.now(), heard };
    process.send?.(spent);
  });
  process.send?.('watching');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
