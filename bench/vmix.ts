// npm run bench -- vmix: what reading the state of vMix costs, and how soon news is there.
import { runBench } from './support/run';
import { newsFigures } from './vmix/news';
import { parseFigures } from './vmix/parse';
import { pollFigures } from './vmix/poll';

runBench('vmix', {
  'the state document, beside the XML library alone': parseFigures,
  'a minute of polling': pollFigures,
  'the time from a change to its message': newsFigures,
});
