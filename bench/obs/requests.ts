// Requests a second, each awaited before the next is sent.
import { OBSWebSocket } from 'obs-websocket-js/json';
import { ObsClient } from '../../lib/obs/client';
import { startObs } from '../../test/support/obs';
import { figure, type Figure } from '../support/figures';
import { alternate, compare as compareRounds } from '../support/rounds';
import { PASSWORD } from './protocol';
import { startSource } from './source';

// short and many: a machine that does something else for a moment spoils some of them, and not the median
const ROUNDS = 61;
const WARM_UPS = 6;
const REQUEST = 'GetStreamStatus';

/** Through our client and through the bare one, against the benchmark's own OBS side. */
export async function requestFigures(): Promise<Figure[]> {
  const source = await startSource();
  try {
    return [await compare('requests', source.port, PASSWORD, 300)];
  } finally {
    await source.close();
  }
}

/** The same against a real OBS, which answers within its own 16 ms or less. */
export async function realRequestFigures(): Promise<Figure[]> {
  const obs = await startObs();
  try {
    return [await compare('requests to a real OBS', obs.port, obs.password ?? '', 50)];
  } finally {
    await obs.close();
  }
}

async function compare(name: string, port: number, password: string, count: number): Promise<Figure> {
  const own = new ObsClient({ host: '127.0.0.1', port, tls: false, password });
  const bare = new OBSWebSocket();
  try {
    own.start();
    await own.whenReady(10_000);
    await bare.connect(`ws://127.0.0.1:${port}`, password);
    const values = await alternate(ROUNDS, WARM_UPS, {
      ours: () => rate(count, () => own.call(REQUEST)),
      bare: () => rate(count, () => bare.call(REQUEST)),
    });
    return figure({
      name: `${name}, each awaited`,
      unit: 'requests/s',
      ...compareRounds(values.ours, values.bare, true),
      goal: 'at most 1.15 times slower',
      isMet: ({ ratio }) => ratio !== null && ratio <= 1.15,
    });
  } finally {
    await own.close();
    await bare.disconnect();
  }
}

async function rate(count: number, call: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let done = 0; done < count; done++) await call();
  return (count * 1000) / (performance.now() - began);
}
