// npm run bench -- obs [--real]: what the package adds to the field's OBS client, both measured in the same run.
import { obsVersion } from '../test/support/obs';
import { eventFigures } from './obs/events';
import { growthFigures } from './obs/growth';
import { memoryFigures } from './obs/memory';
import { realRequestFigures, requestFigures } from './obs/requests';
import type { Figure } from './support/figures';
import { runBench } from './support/run';

const parts: Record<string, () => Promise<Figure[]>> = {
  'events, the node and the bare library in one process': eventFigures,
  'requests, each awaited': requestFigures,
  'memory of 1, 10 and 50 connections': memoryFigures,
  'heap over 100,000 events': growthFigures,
};
if (process.argv.includes('--real')) {
  if (obsVersion()) parts['requests to a real OBS'] = realRequestFigures;
  else console.log('There is no OBS on this machine: --real is left out.');
}

runBench('obs', parts);
