import { frameStore, type FrameStoreNode } from '../../red/capture';
import { choiceField, numberField, resolveEnv } from '../../red/typed-inputs';
import type { Node, NodeAPI } from '../../red/types';
import { fail } from '../../lib/errors';
import type { CaptureSettings } from '../../lib/frames/capture';
import { DEFAULT_CHANGE } from '../../lib/frames/change';
import { GRID_HEIGHT, GRID_WIDTH, type Mask, SAMPLING } from '../../lib/frames/types';
import { isStreamName } from '../../lib/keys/names';
import type { CaptureFramesDef } from './types';

/** A picture every 2 s at 1280 x 720 is about 29 GB a day for ten streams that never stand still (measured). */
const EVERY_S = 2;
const WIDTH = 1280;
const QUALITY = 90;
const DAY_S = 86_400;
const MOST_MASKS = 50;

export interface CaptureConfig extends CaptureSettings {
  /** null: pictures are only sent */
  store: FrameStoreNode | null;
  picture: 'buffer' | 'path';
}

/** Read what the dialog says of pictures. Throws CONFIG_INVALID, CONFIG_ENV_MISSING, and what is wrong with the store. */
export function captureConfig(RED: NodeAPI, node: Node, config: CaptureFramesDef): CaptureConfig {
  const number = (field: string, text: unknown, standard: number, least: number, most: number): number =>
    numberField(RED, node, field, text, standard, least, most);
  const stream = resolveEnv(RED, node, 'stream', config.stream).trim();
  if (stream !== '' && !isStreamName(stream))
    throw fail('CONFIG_INVALID', { field: 'stream', reason: 'it is no name that a stream can have' });
  const keepAliveS = number('one every', config.keepAliveSeconds, 0, 0, DAY_S);
  const store = config.store ? frameStore(RED, config.store) : null;
  const picture = choiceField('picture', config.picture || 'buffer', ['buffer', 'path']);
  if (picture === 'path' && !store)
    throw fail('CONFIG_INVALID', { field: 'picture', reason: 'without a frame store it has no path' });
  return {
    stream: stream === '' ? null : stream,
    wish: {
      everyMs: number('every', config.everySeconds, EVERY_S, 0.1, 3_600) * 1000,
      sampling: choiceField('pictures decoded', config.sampling || 'auto', SAMPLING),
      width: Math.round(number('width', config.width, WIDTH, 16, 7680)),
      quality: Math.round(number('quality', config.quality, QUALITY, 1, 100)),
    },
    change: {
      cells: Math.round(number('cells', config.cells, DEFAULT_CHANGE.cells, 1, GRID_WIDTH * GRID_HEIGHT)),
      delta: number('noise', config.delta, DEFAULT_CHANGE.delta, 0, 254),
      masks: masksOf(resolveEnv(RED, node, 'parts not looked at', config.masks)),
      keepAliveMs: keepAliveS > 0 ? keepAliveS * 1000 : null,
    },
    store,
    picture,
  };
}

/** Rectangles as `left top width height`, in hundredths of the picture. Throws CONFIG_INVALID. */
function masksOf(text: string): Mask[] {
  const rows = text.split(/[;\n]/).flatMap((row) => row.trim() || []);
  const wrong = (reason: string) => fail('CONFIG_INVALID', { field: 'parts not looked at', reason });
  if (rows.length > MOST_MASKS) throw wrong(`there are more than ${MOST_MASKS}`);
  return rows.map((row) => {
    const [left, top, width, height, ...more] = row.split(/[\s,]+/).map(Number);
    const all = [left, top, width, height];
    if (more.length > 0 || all.some((one) => one === undefined || !(one >= 0 && one <= 100)))
      throw wrong(`each has four numbers from 0 to 100, left, top, width and height, and "${row}" has not`);
    return { left: left!, top: top!, width: width!, height: height! };
  });
}
