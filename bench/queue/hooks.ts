// Decisions about hooks: by the publish gate, with key store and queue, and by the least that a flow of Node-RED can do.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startChild } from '../support/children';
import { figure, type Figure } from '../support/figures';
import { alternate, compare, percentile } from '../support/rounds';
import { atPace, call, flatOut, hookBytes, type Call } from './caller';
import { BARE_PATH, type Ready, type Used } from './protocol';

const ROUNDS = 5;
const FLAT_OUT_MS = 3_000;
const AT_ONCE = 16;
const PACE = 500;
const PACE_MS = 4_000;

interface Rate {
  /** a second of the clock */
  aSecond: number;
  /** a second of the processor */
  aCpuSecond: number;
}

export async function hookFigures(): Promise<Figure[]> {
  const child = startChild(join(__dirname, 'runtime-child.ts'));
  const ready = await word<Ready>(child);
  const [ours, bare] = [gateCalls(ready), bareCalls(ready)];
  await mustDecide(ready);
  const rates: Record<'ours' | 'bare', Rate[]> = { ours: [], bare: [] };
  const rate = (name: 'ours' | 'bare', next: () => Call) => async () => {
    const before = await used(child);
    const began = performance.now();
    const answered = await flatOut(next, AT_ONCE, FLAT_OUT_MS);
    const tookMs = performance.now() - began;
    const cpuMs = (await used(child)) - before;
    rates[name].push({ aSecond: (answered * 1000) / tookMs, aCpuSecond: (answered * 1000) / cpuMs });
    return answered;
  };
  await alternate(ROUNDS, 1, { ours: rate('ours', ours), bare: rate('bare', bare) });
  const p99 = (next: () => Call) => async () => percentile(await atPace(next, PACE, PACE_MS), 0.99);
  const waits = await alternate(ROUNDS, 1, { ours: p99(ours), bare: p99(bare) });
  child.kill();
  const of = (name: 'ours' | 'bare', value: keyof Rate) =>
    rates[name].slice(-ROUNDS).map((one) => one[value]);
  return [
    figure({
      name: 'hook decisions, key store and queue, a connection for each, beside http in to http response',
      unit: '1/s',
      ...compare(of('ours', 'aSecond'), of('bare', 'aSecond'), true),
    }),
    figure({
      name: 'the same for a second of one core',
      unit: '1/s',
      ...compare(of('ours', 'aCpuSecond'), of('bare', 'aCpuSecond'), true),
      goal: 'at least 2000',
      isMet: (one) => one.ours >= 2000,
    }),
    figure({
      name: `answered after, ${PACE} hooks/s, 99 of 100`,
      unit: 'ms',
      ...compare(waits.ours, waits.bare),
      goal: 'at most 10 ms on a quiet machine',
      isMet: (one) => one.ours <= 10,
    }),
  ];
}

/** So many are in the queue; far enough apart that nobody's end overtakes his beginning. */
const IN_QUEUE = 20;

/** By turns somebody comes and somebody leaves who came before: half of the hooks ask, half tell. */
function gateCalls({ gatePort, gatePath, streamKeys }: Ready): () => Call {
  let n = 0;
  return () => {
    const leaves = n % 2 === 1;
    const turn = Math.floor(n++ / 2) + (leaves ? 0 : IN_QUEUE);
    const action = leaves ? 'on_unpublish' : 'on_publish';
    const body = hookBody(action, streamKeys[turn % streamKeys.length]!, `c${turn}`);
    return { port: gatePort, bytes: hookBytes(gatePath, body), wants: '{"code":0}' };
  };
}

function bareCalls({ barePort, streamKeys }: Ready): () => Call {
  let n = 0;
  return () => {
    const body = hookBody('on_publish', streamKeys[n % streamKeys.length]!, `c${n++}`);
    return { port: barePort, bytes: hookBytes(BARE_PATH, body), wants: '{"code":0}' };
  };
}

function hookBody(action: string, streamKey: string, clientId: string): string {
  const [stream, param] = streamKey.split(/(?=\?)/);
  return JSON.stringify({
    server_id: 'vid-3iudf39',
    service_id: '6266h097',
    action,
    client_id: clientId,
    ip: '127.0.0.1',
    vhost: '__defaultVhost__',
    app: 'live',
    tcUrl: 'rtmp://127.0.0.1:1935/live',
    stream,
    param,
    stream_url: `/live/${stream}`,
    stream_id: 'vid-e851345',
  });
}

/** A gate that let everybody in would be quick too. */
async function mustDecide({ gatePort, gatePath, streamKeys }: Ready): Promise<void> {
  const [id] = streamKeys[0]!.split('?');
  const body = hookBody('on_publish', `${id}?key=wrong`, 'stranger');
  await call({ port: gatePort, bytes: hookBytes(gatePath, body), wants: '"code":403' });
}

async function word<T>(child: ChildProcess): Promise<T> {
  const [said] = (await once(child, 'message')) as [T];
  return said;
}

async function used(child: ChildProcess): Promise<number> {
  child.send({});
  return (await word<Used>(child)).cpuMs;
}
