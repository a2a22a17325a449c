// The event source's handle in the process that measures.
import { join } from 'node:path';
import { startChild } from '../support/children';
import type { Order, Word } from './protocol';

export interface Source {
  readonly port: number;
  readonly url: string;
  /** run `connect` and learn which client of the source it became; one at a time */
  take<T>(connect: () => Promise<T>): Promise<{ value: T; client: number }>;
  order(order: Order): void;
  close(): Promise<void>;
}

/** Start an event source in a process of its own. */
export async function startSource(): Promise<Source> {
  const child = startChild(join(__dirname, 'source-child.ts'));
  const next = <Kind extends Word['kind']>(kind: Kind) =>
    new Promise<Extract<Word, { kind: Kind }>>((resolve, reject) => {
      const hear = (word: Word) => {
        if (word.kind !== kind) return;
        child.off('message', hear);
        child.off('exit', gone);
        resolve(word as Extract<Word, { kind: Kind }>);
      };
      const gone = () => reject(new Error('the event source has ended'));
      child.on('message', hear);
      child.once('exit', gone);
    });
  const { port } = await next('listening');
  return {
    port,
    url: `ws://127.0.0.1:${port}`,
    take: async (connect) => {
      const [{ client }, value] = await Promise.all([next('identified'), connect()]);
      return { value, client };
    },
    order: (order) => void child.send(order),
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}
