// memory-child.ts ours|bare PORT COUNT: opens as many connections and says how many bytes of memory each cost.
import { setTimeout as sleep } from 'node:timers/promises';
import { OBSWebSocket } from 'obs-websocket-js/json';
import { ObsApplication } from '../../lib/obs/application';
import { PASSWORD } from './protocol';

const [kind, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

async function openOurs(id: string): Promise<object> {
  const options = { id, name: id, simulated: false, host: '127.0.0.1', port, tls: false, password: PASSWORD };
  const application = new ObsApplication({ ...options, log: () => undefined }).start();
  await application.whenReady(10_000);
  return application;
}

async function openBare(): Promise<object> {
  const obs = new OBSWebSocket();
  await obs.connect(`ws://127.0.0.1:${port}`, PASSWORD);
  return obs;
}

/** Resident bytes once nothing more can be collected. */
async function settled(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await sleep(100);
  }
  return process.memoryUsage.rss();
}

async function main(): Promise<void> {
  const before = await settled();
  const open: object[] = [];
  for (let one = 0; one < count; one++)
    open.push(await (kind === 'ours' ? openOurs(`obs ${one}`) : openBare()));
  const after = await settled();
  process.send?.((after - before) / open.length, () => process.exit());
}

void main();
