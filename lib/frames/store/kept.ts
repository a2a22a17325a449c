import { createHash } from 'node:crypto';
import { dhash } from '../dhash';
import type { ChangeVerdict, Frame } from '../types';
import { frameId } from './layout';
import { fitConnection } from './line';
import type { KeptFrame } from './types';

/** What the line of a picture will say. `at` in whole milliseconds. Pure. */
export function keptOf(frame: Frame, at: number, { why, changedPercent }: ChangeVerdict): KeptFrame {
  const { stream, seq, mediaMs, connectionId, width, height, videoWidth, videoHeight, jpeg, grid } = frame;
  return {
    id: frameId({ stream, at, seq }),
    stream,
    at,
    until: at,
    samples: 1,
    mediaMs,
    connectionId: fitConnection(connectionId),
    seq,
    why: why ?? 'keep-alive',
    // hundredths say more than enough
    changedPercent: changedPercent === null ? null : Math.round(changedPercent * 100) / 100,
    width,
    height,
    videoWidth,
    videoHeight,
    bytes: jpeg.length,
    sha256: createHash('sha256').update(jpeg).digest('hex'),
    dhash: dhash(grid),
  };
}
