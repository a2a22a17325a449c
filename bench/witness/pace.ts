// A show at an even pace: how long each message waits until its entry is on the disk, and what everything else waits.
import { open } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { figure, type Figure } from '../support/figures';
import { alternate, compare, median, percentile } from '../support/rounds';
import { cpuUs, discard, freshPath } from './disk';
import { sampleLines } from './lines';
import { openLog, record } from './log';
import { sampleMessages } from './messages';

const ROUNDS = 5;
const SECONDS = 4;
const PACE = 1000;
const FAST_PACE = 2000;

interface Waits {
  p50: number;
  p99: number;
  /** share of a core */
  cpu: number;
  /** of the event loop, ms */
  loopP99: number;
}

export async function paceFigures(): Promise<Figure[]> {
  const messages = sampleMessages();
  const lines = sampleLines(2000);
  const all: Record<string, Waits[]> = { ours: [], each: [], fast: [], idle: [] };
  const keep = (name: string, measure: () => Promise<Waits>) => async () => {
    const waits = await measure();
    all[name]!.push(waits);
    return waits.p99;
  };
  await alternate(ROUNDS, 1, {
    ours: keep('ours', () => throughLog(messages, PACE)),
    each: keep('each', () => oneByOne(lines)),
    fast: keep('fast', () => throughLog(messages, FAST_PACE)),
    idle: keep('idle', () => atPace(FAST_PACE, () => undefined)),
  });
  const of = (name: string, value: keyof Waits) => all[name]!.slice(-ROUNDS).map((waits) => waits[value]);
  const acknowledged = `acknowledged after, ${PACE} messages/s`;
  return [
    figure({
      name: `${acknowledged}, half of them, beside a write and an fdatasync for each`,
      unit: 'ms',
      ...compare(of('ours', 'p50'), of('each', 'p50')),
    }),
    figure({
      name: `${acknowledged}, 99 of 100, beside a write and an fdatasync for each`,
      unit: 'ms',
      ...compare(of('ours', 'p99'), of('each', 'p99')),
      goal: 'at most 25 ms on a quiet machine',
      isMet: ({ ours }) => ours <= 25,
    }),
    figure({
      name: `processor at ${PACE} messages/s`,
      unit: '% of a core',
      ours: median(of('ours', 'cpu')) * 100,
      baseline: median(of('each', 'cpu')) * 100,
    }),
    figure({
      name: `event-loop delay at ${FAST_PACE} messages/s, 99 of 100, beside an idle loop`,
      unit: 'ms',
      ...compare(of('fast', 'loopP99'), of('idle', 'loopP99')),
    }),
  ];
}

async function throughLog(messages: readonly object[], pace: number): Promise<Waits> {
  const { log, folder } = await openLog();
  const waits = await atPace(pace, (at) => record(log, messages[at % messages.length]).done);
  await log.close();
  discard(folder);
  return waits;
}

async function oneByOne(lines: readonly Buffer[]): Promise<Waits> {
  const path = freshPath('pace');
  const file = await open(path, 'a');
  let last = Promise.resolve();
  const waits = await atPace(PACE, (at) => {
    last = last.then(async () => {
      await file.write(lines[at % lines.length]!);
      await file.datasync();
    });
    return last;
  });
  await file.close();
  discard(path);
  return waits;
}

/** So many calls a second, whatever became of those before. */
async function atPace(pace: number, call: (at: number) => Promise<void> | undefined): Promise<Waits> {
  const waits: number[] = [];
  const open: Promise<void>[] = [];
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const before = cpuUs();
  loop.enable();
  const began = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      for (const due = Math.min(seconds, SECONDS) * pace; open.length < due;) {
        // counted from when it should have come, so that a loop that hangs does not look better for it
        const came = began + (open.length / pace) * 1000;
        const done = call(open.length) ?? Promise.resolve();
        open.push(done.then(() => void waits.push(performance.now() - came)));
      }
      if (seconds < SECONDS) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  await Promise.all(open);
  loop.disable();
  const cpu = (cpuUs() - before) / ((performance.now() - began) * 1000);
  return {
    p50: percentile(waits, 0.5),
    p99: percentile(waits, 0.99),
    cpu,
    loopP99: loop.percentile(99) / 1e6,
  };
}
