// The simulated OBS, in a process of its own; asked for, it says what each of its clients has sent so far.
import { startObsSimulator } from '../../simulators/obs';
import type { SimulatedCall } from '../../simulators/obs/types';
import { PASSWORD, type Sent } from './protocol';

async function main(): Promise<void> {
  const simulator = await startObsSimulator({ password: PASSWORD });
  const sent = new Map<number, Sent>();
  let counted: SimulatedCall | undefined;

  /** The simulator keeps its last 10,000 requests only: counted from where the last time ended. */
  function count(): Record<number, Sent> {
    const { calls } = simulator;
    for (const call of calls.slice(counted ? calls.indexOf(counted) + 1 : 0)) {
      const own = sent.get(call.client) ?? { messages: 0, requests: 0, readings: 0 };
      sent.set(call.client, own);
      own.requests += 1;
      if (!call.batchIndex) own.messages += 1;
      if (call.requestType === 'GetStreamStatus') own.readings += 1;
    }
    counted = calls.at(-1) ?? counted;
    return Object.fromEntries(sent);
  }

  process.on('message', () => process.send?.(count()));
  process.on('disconnect', () => process.exit());
  process.send?.(simulator.port);
}

void main();
