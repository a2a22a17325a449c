// npm run bench -- queue: how quickly a media server gets its answer from the publish gate.
import { hookFigures } from './queue/hooks';
import { runBench } from './support/run';

runBench('queue', {
  'hooks, the publish gate beside a bare Node-RED flow': hookFigures,
});
