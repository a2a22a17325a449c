import { config } from './config';
import { general } from './general';
import type { Handler } from './handler';
import { outputRequests } from './outputs';
import { record } from './record';
import { scenes, transitions } from './scenes';
import { stream } from './stream';

/** Every request the simulator does; what an OBS lists beyond it is answered with 205. */
export const HANDLERS = new Map<string, Handler>(
  [general, config, stream, record, outputRequests, scenes, transitions].flatMap((group) =>
    Object.entries(group),
  ),
);
