// The simulated vMix of a benchmark, whose processor time is not ours.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startChild } from '../support/children';

export interface BenchVmix {
  httpPort: number;
  tcpPort: number;
  /** Start or stop its recording; when it did, in milliseconds since 1970. */
  change(): Promise<number>;
  /** How many state requests it has had. */
  requests(): Promise<number>;
  stop(): void;
}

/** Start one with so many inputs. */
export async function startBenchVmix(inputs: number): Promise<BenchVmix> {
  const child = startChild(join(__dirname, 'vmix-child.ts'), [String(inputs)]);
  const { httpPort, tcpPort } = await answer<{ httpPort: number; tcpPort: number }>(child);
  const ask = async <T>(question: string): Promise<T> => {
    const answered = answer<T>(child);
    child.send(question);
    return await answered;
  };
  return {
    httpPort,
    tcpPort,
    change: async () => (await ask<{ changedAt: number }>('change')).changedAt,
    requests: async () => (await ask<{ requests: number }>('requests')).requests,
    stop: () => child.kill('SIGKILL'),
  };
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T];
  return message;
}
