// npm run bench -- frames: what our own ingest, pictures and their store cost, and how soon a picture is there.
import { decoderFigures } from './frames/decoder';
import { delayFigures } from './frames/delay';
import { ingestFigures } from './frames/ingest';
import { keepingFigures } from './frames/keeping';
import { manyFigures } from './frames/many';
import { ownProcessFigures } from './frames/own-process';
import { runBench } from './support/run';

runBench('frames', {
  'decoders, of three sizes': decoderFigures,
  'the way of a picture': delayFigures,
  'the ingest, with ten publishers': ingestFigures,
  'the ingest in a process of its own': ownProcessFigures,
  'ten streams with pictures': manyFigures,
  'the store': keepingFigures,
});
