// How soon a change in vMix is a message of an event node in a real Node-RED, and how many requests that takes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { VmixApplication } from '../../lib/vmix/application';
import { POLL_MS } from '../../lib/vmix/poller';
import { figure, type Figure } from '../support/figures';
import { type FlowNode, type NodeRed, nodeRed } from '../support/node-red';
import { percentile } from '../support/rounds';
import { startBenchVmix, type BenchVmix } from './child';

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
  const [one, other] = [await startBenchVmix(200), await startBenchVmix(200)];
  const red = nodeRed(
    [{ id: 'tab', type: 'tab', label: 'bench' }, ...listen('tcp', one), ...listen('polls', other)],
    {},
  );
  await red.start();
  const withTcp = await measure(red, 'tcp', one, CHANGES);
  const without = await measure(red, 'polls', other, CHANGES_WITHOUT_TCP);
  await red.stop();
  one.stop();
  other.stop();
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

/** An event node on a connection of its own, one without the TCP port where it is called `polls`. */
function listen(name: 'tcp' | 'polls', { httpPort, tcpPort }: BenchVmix): FlowNode[] {
  return [
    {
      id: `connection-${name}`,
      type: 'live-vmix-connection',
      connectTo: 'vmix',
      host: '127.0.0.1',
      port: String(httpPort),
      tcpPort: name === 'tcp' ? String(tcpPort) : '',
      channels: 'auto',
      pollSeconds: '',
      configVersion: 1,
    },
    {
      id: `event-${name}`,
      type: 'live-event',
      z: 'tab',
      application: 'vmix',
      vmix: `connection-${name}`,
      source: 'show',
      events: ['recording_started', 'recording_stopped'],
      filters: [],
      limit: '0',
      configVersion: 1,
      wires: [[`sink-${name}`]],
    },
    { id: `sink-${name}`, type: 'bench-sink', z: 'tab', wires: [] },
  ];
}

async function measure(red: NodeRed, name: 'tcp' | 'polls', vmix: BenchVmix, changes: number): Promise<News> {
  const told: number[] = [];
  red.node<{ hear: () => void }>(`sink-${name}`).hear = () => void told.push(now());
  const application = red.node<{ peek(): VmixApplication | null }>(`connection-${name}`).peek();
  if (!application) throw new Error('the event node holds no connection');
  await application.whenReady(20_000);
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
  return { p95Ms: percentile(took, 0.95), requestsAMinute };
}
