import { audio } from './audio';
import { config } from './config';
import { filters } from './filters';
import { general } from './general';
import type { Handler } from './handler';
import { inputs } from './inputs';
import { media } from './media';
import { newer } from './newer';
import { outputRequests } from './outputs';
import { record } from './record';
import { sceneItems } from './scene-items';
import { scenes, transitions } from './scenes';
import { sources } from './sources';
import { stream } from './stream';

const GROUPS = [
  general,
  config,
  stream,
  record,
  outputRequests,
  scenes,
  transitions,
  sceneItems,
  inputs,
  audio,
  media,
  sources,
  filters,
  newer,
];

/** Every request the simulator does; what an OBS lists beyond it is answered with 205. */
export const HANDLERS = new Map<string, Handler>(GROUPS.flatMap((group) => Object.entries(group)));
