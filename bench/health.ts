// npm run bench -- health: what watching a show costs: one poll for all nodes, the rules, and what OBS is asked.
import { loadFigures } from './health/load';
import { monitorFigures } from './health/monitor';
import { runBench } from './support/run';

const parts = { 'a show that many watch': loadFigures, 'the rules by themselves': monitorFigures };
runBench('health', parts);
