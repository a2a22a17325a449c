// npm run bench -- witness: what a record that nobody can quietly change costs.
import { runBench } from './support/run';
import { cpuFigures } from './witness/cpu';
import { durableFigures } from './witness/durable';
import { largeFigures } from './witness/large';
import { proofFigures } from './witness/proof';
import { memoryFigures } from './witness/memory';
import { paceFigures } from './witness/pace';
import { holdSecrets } from './witness/messages';

holdSecrets();
runBench('witness', {
  'the processor time of an entry': cpuFigures,
  'one large message': largeFigures,
  'a proof': proofFigures,
  'entries that are safe': durableFigures,
  'an even pace': paceFigures,
  memory: memoryFigures,
});
