// monitor-child.ts rate|growth calm|trouble: one monitor over a long show; says the samples a second, or the bytes its heap
// grew by once its history of an hour was full.
import { setTimeout as sleep } from 'node:timers/promises';
import { HealthMonitor } from '../../lib/health/monitor';
import type { HealthOptions } from '../../lib/health/types';
import { growth } from '../support/rounds';
import { Show } from './samples';

const WARM_UP = 40_000;
const MEASURED = 200_000;
const CHUNKS = 10;
const CHUNK = 20_000;

const options: HealthOptions = {
  preset: 'standard',
  watch: ['stream', 'computer', 'disk'],
  overrides: {},
  when: 'show',
  reminderMs: 600_000,
  bitrateKbps: null,
  media: [],
  frozenNeedsSilence: true,
};

const [what, kind] = process.argv.slice(2);
const monitor = new HealthMonitor(options);
const show = new Show(kind === 'trouble');
let alerts = 0;

function run(samples: number): void {
  for (let done = 0; done < samples; done++) alerts += monitor.sample(show.next()).length;
}

async function heap(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure(): Promise<number> {
  run(WARM_UP);
  if (what === 'rate') {
    const before = process.cpuUsage();
    run(MEASURED);
    const { user, system } = process.cpuUsage(before);
    return (MEASURED * 1e6) / (user + system);
  }
  const values = [await heap()];
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    run(CHUNK);
    values.push(await heap());
  }
  return growth(values);
}

measure().then(
  (value) => {
    // a show without a fault is to be silent, one with faults is not: else something else was measured
    if (alerts > 0 !== (kind === 'trouble')) throw new Error(`${alerts} alerts in a show that is ${kind}`);
    process.send?.(value, () => process.exit());
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
