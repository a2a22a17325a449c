// npm run bench -- queue: how quickly a media server gets its answer from the publish gate, and how soon the next guest is on air.
import { handOverFigures } from './queue/hand-over';
import { hookFigures } from './queue/hooks';
import { runBench } from './support/run';

runBench('queue', {
  'hooks, the publish gate beside a bare Node-RED flow': hookFigures,
  'hand-over, with nginx-rtmp and OBS for real': handOverFigures,
});
