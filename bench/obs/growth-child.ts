// growth-child.ts ours|bare: ten chunks of 10 000 events; says by how many bytes the collected heap grew over all of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { OBSWebSocket } from 'obs-websocket-js/json';
import { growth } from '../support/rounds';
import { burst } from './events';
import { EVENT, PASSWORD, type BenchEvent } from './protocol';
import { startRuntime } from './runtime';
import { startSource, type Source } from './source';

const CHUNKS = 10;
const CHUNK = 10_000;
const WARM_UP = 20_000;

async function heap(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function connectOurs(source: Source) {
  const runtime = await startRuntime(source);
  return { client: runtime.ours, on: runtime.onOurs };
}

async function connectBare(source: Source) {
  const obs = new OBSWebSocket();
  const { client } = await source.take(() => obs.connect(source.url, PASSWORD));
  const on = (hear: (event: BenchEvent) => void) => {
    obs.removeAllListeners(EVENT);
    obs.on(EVENT as never, hear);
  };
  return { client, on };
}

async function main(): Promise<void> {
  const source = await startSource();
  const { client, on } = await (process.argv[2] === 'ours' ? connectOurs(source) : connectBare(source));
  await burst(source, client, on, WARM_UP);
  const values = [await heap()];
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    await burst(source, client, on, CHUNK);
    values.push(await heap());
  }
  await source.close();
  process.send?.(growth(values), () => process.exit());
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
