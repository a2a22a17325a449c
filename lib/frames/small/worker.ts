import { parentPort } from 'node:worker_threads';
import { smallJpeg } from './small';

/** What the maker sends: a number to know the answer by, and the picture. */
export interface SmallAsk {
  ask: number;
  jpeg: Uint8Array;
}

/** What it gets back; null where the picture itself has to do. */
export interface SmallAnswer {
  ask: number;
  small: Uint8Array | null;
}

parentPort?.on('message', ({ ask, jpeg }: SmallAsk) => {
  const small = smallJpeg(jpeg);
  parentPort?.postMessage({ ask, small } satisfies SmallAnswer);
});
