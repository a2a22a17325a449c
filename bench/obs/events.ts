// Time from an event of OBS to a message of ours, and events a second.
import { OBSWebSocket } from 'obs-websocket-js/json';
import { figure, type Figure } from '../support/figures';
import { alternate, compare, median, percentile } from '../support/rounds';
import { ObsClient } from '../../lib/obs/client';
import { EVENT, PASSWORD, nowNs, type BenchEvent } from './protocol';
import { startRuntime, type Hearing, type Runtime } from './runtime';
import { startSource, type Source } from './source';

const LATENCY_ROUNDS = 7;
// short and many: a machine that does something else for a moment spoils one of them, and not the median
const RATE_ROUNDS = { measured: 41, warmUp: 8 };
const PACED = { count: 1500, everyMs: 2 };
const BURST = 10_000;
const NS_A_MS = 1e6;

interface Latencies {
  ours: number[];
  bare: number[];
  /** of one and the same event, ours less the bare listener's */
  added: number[];
}

/** Both figures about events, from one Node-RED and one bare client in this process. */
export async function eventFigures(): Promise<Figure[]> {
  const source = await startSource();
  const runtime = await startRuntime(source);
  const bare = new OBSWebSocket();
  let hearBare: (event: BenchEvent) => void = () => undefined;
  bare.on(EVENT as never, (event: BenchEvent) => hearBare(event));
  const { client } = await source.take(() => bare.connect(source.url, PASSWORD));
  const onBare = (hear: typeof hearBare) => void (hearBare = hear);
  const own = new ObsClient({ host: '127.0.0.1', port: source.port, tls: false, password: PASSWORD });
  try {
    const latency = await latencyFigures(source, runtime, client, onBare);
    const alone = await source.take(() => {
      own.start();
      return own.whenReady(10_000);
    });
    let hearOwn: (event: BenchEvent) => void = () => undefined;
    own.on(EVENT, (event) => hearOwn(event as unknown as BenchEvent));
    const rates = await rateFigures({
      message: () => burst(source, runtime.ours, runtime.onOurs),
      bareNode: () => burst(source, runtime.bareNode, runtime.onBareNode),
      listener: () => burst(source, alone.client, (hear) => void (hearOwn = hear)),
      bare: () => burst(source, client, onBare),
    });
    return [...latency, ...rates];
  } finally {
    await own.close();
    await bare.disconnect();
    await runtime.stop();
    await source.close();
  }
}

async function latencyFigures(
  source: Source,
  runtime: Runtime,
  client: number,
  onBare: Hearing,
): Promise<Figure[]> {
  const rounds: Latencies[] = [];
  for (let round = -1; round < LATENCY_ROUNDS; round++) {
    globalThis.gc?.();
    const measured = await paced(source, runtime, client, onBare);
    if (round >= 0) rounds.push(measured);
  }
  const each = (which: keyof Latencies, q: number) => rounds.map((round) => percentile(round[which], q));
  const unit = 'ms';
  return [
    figure({ name: 'event to message, p50', unit, ...compare(each('ours', 0.5), each('bare', 0.5)) }),
    figure({ name: 'event to message, p99', unit, ...compare(each('ours', 0.99), each('bare', 0.99)) }),
    figure({ name: 'added to the same event, p50', unit, ours: median(each('added', 0.5)) }),
    figure({
      name: 'added to the same event, p99',
      unit,
      ours: median(each('added', 0.99)),
      goal: 'under 1 ms',
      isMet: ({ ours }) => ours < 1,
    }),
  ];
}

/** One run of events at a pace that both keep up with easily. */
async function paced(source: Source, runtime: Runtime, client: number, onBare: Hearing): Promise<Latencies> {
  const { count } = PACED;
  const ours = new Float64Array(count);
  const bare = new Float64Array(count);
  let missing = count * 2;
  await new Promise<void>((resolve) => {
    const into = (list: Float64Array) => (event: BenchEvent) => {
      list[event.sequence] = (nowNs() - event.sentAtNs) / NS_A_MS;
      if (--missing === 0) resolve();
    };
    runtime.onOurs(into(ours));
    onBare(into(bare));
    source.order({ kind: 'pace', clients: [runtime.ours, client], ...PACED });
  });
  return { ours: [...ours], bare: [...bare], added: [...ours].map((value, index) => value - bare[index]!) };
}

/** Like with like: our client's listener with the bare one, and our node with a node around the bare library. */
async function rateFigures(
  measures: Record<'message' | 'bareNode' | 'listener' | 'bare', () => Promise<number>>,
) {
  const values = await alternate(RATE_ROUNDS.measured, RATE_ROUNDS.warmUp, measures);
  const rates = (ours: number[], baseline: number[]) =>
    ({ unit: 'events/s', ...compare(ours, baseline, true) }) as const;
  const goal = {
    goal: 'at most 1.15 times slower',
    isMet: ({ ratio }: { ratio: number | null }) => ratio !== null && ratio <= 1.15,
  };
  return [
    figure({ name: "events to our client's listener", ...rates(values.listener, values.bare), ...goal }),
    figure({
      name: 'events to messages, over a node around the bare library',
      ...rates(values.message, values.bareNode),
      ...goal,
    }),
    figure({
      name: 'events to messages, over a bare listener without Node-RED',
      ...rates(values.message, values.bare),
    }),
  ];
}

/**
 * Events a second over one burst, from the moment it leaves to its last event. (From the first that arrives would be wrong:
 * Node-RED hands messages on only after the socket was read empty, so much of the work would be done by then.)
 */
export async function burst(source: Source, client: number, on: Hearing, count = BURST): Promise<number> {
  let heard = 0;
  let leftAtNs = 0;
  const tookNs = await new Promise<number>((resolve) => {
    on(({ sequence, sentAtNs }) => {
      if (sequence === 0) leftAtNs = sentAtNs;
      if (++heard === count) resolve(nowNs() - leftAtNs);
    });
    source.order({ kind: 'burst', client, count });
  });
  return (count * 1e9) / tookNs;
}
