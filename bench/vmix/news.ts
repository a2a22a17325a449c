// How soon a change is told, and how many requests that takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { VmixClient } from '../../lib/vmix/client';
import { POLL_MS } from '../../lib/vmix/poller';
import { figure, type Figure } from '../support/figures';
import { percentile } from '../support/rounds';
import { startBenchVmix } from './child';

const CHANGES = 40;
const CHANGES_WITHOUT_TCP = 15;
/** Companion's default: a request every 250 ms */
const COMPANION_A_MINUTE = 240;
/** Between two changes, on average: at any moment of a poll, and each told before the next. */
const GAP_MS = POLL_MS + 1500;
const now = () => performance.timeOrigin + performance.now();

interface News {
  p95Ms: number;
  requestsAMinute: number;
}

export async function newsFigures(): Promise<Figure[]> {
  const withTcp = await measure(true, CHANGES);
  const without = await measure(false, CHANGES_WITHOUT_TCP);
  return [
    figure({
      name: 'from a change in vMix to its message, p95, with the TCP port',
      unit: 'ms',
      ours: withTcp.p95Ms,
      goal: 'at most 300 ms',
      isMet: ({ ours }) => ours <= 300,
    }),
    figure({
      name: 'from a change in vMix to its message, p95, without it',
      unit: 'ms',
      ours: without.p95Ms,
      goal: 'about one poll',
      isMet: ({ ours }) => ours <= POLL_MS + 300,
    }),
    figure({
      name: `requests a minute with a change every ${GAP_MS / 1000} s, beside Companion's default`,
      unit: 'requests',
      ours: withTcp.requestsAMinute,
      baseline: COMPANION_A_MINUTE,
      ratio: withTcp.requestsAMinute / COMPANION_A_MINUTE,
      goal: 'at most a quarter',
      isMet: ({ ratio }) => ratio !== null && ratio <= 0.25,
    }),
  ];
}

async function measure(tcp: boolean, changes: number): Promise<News> {
  const vmix = await startBenchVmix(200);
  const client = new VmixClient({
    host: '127.0.0.1',
    port: vmix.httpPort,
    tcpPort: tcp ? vmix.tcpPort : null,
  }).start();
  const told: number[] = [];
  client.onNews((news) => told.push(...news.changes.map(() => now())));
  await client.whenReady(20_000);
  await sleep(1000);
  const [began, before] = [now(), await vmix.requests()];
  const took: number[] = [];
  for (let change = 1; change <= changes; change++) {
    // spread evenly over the phases of a poll, in no order
    const wait = GAP_MS - 1000 + 2000 * ((change * 0.618) % 1);
    const changedAt = await vmix.change();
    await sleep(wait);
    if (told.length !== change) throw new Error(`${told.length} of ${change} changes were told`);
    took.push(told[change - 1]! - changedAt);
  }
  const minutes = (now() - began) / 60_000;
  const requestsAMinute = ((await vmix.requests()) - before) / minutes;
  await client.close();
  vmix.stop();
  return { p95Ms: percentile(took, 0.95), requestsAMinute };
}
