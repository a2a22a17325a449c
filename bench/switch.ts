// npm run bench -- switch: how long a new source takes until it is on air in the real OBS, what that asks of OBS, and what the viewers see of it.
import { obsVersion } from '../test/support/obs';
import type { Figure } from './support/figures';
import { runBench } from './support/run';
import { pictureFigures } from './switch/pictures';
import { timeFigures } from './switch/time';

const parts: Record<string, () => Promise<Figure[]>> = {};
if (obsVersion()) {
  parts['the time until a source is on air, and what OBS is asked'] = timeFigures;
  parts['what the viewers see'] = pictureFigures;
} else console.log('There is no OBS on this machine: nothing can be measured.');

runBench('switch', parts);
