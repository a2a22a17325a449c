import { isoTime } from '../../lib/connection/clock';
import type { Captured } from '../../lib/frames/capture';
import type { ChangeVerdict, Frame } from '../../lib/frames/types';
import { pictureFacts, type PictureFacts } from '../../red/frame-messages';
import type { Live } from '../../red/types';
import type { LeasedSource } from './source';

/** What is known of one picture, as `msg.frame`. */
export interface CaptureFacts extends PictureFacts {
  /** in the frame store; null where there is none */
  id: string | null;
  keyframe: boolean;
  kept: boolean;
  why: ChangeVerdict['why'];
  changedPercent: number | null;
  sha256: string | null;
  dhash: string | null;
  /** of the file; null without a frame store */
  path: string | null;
}

type Told = Pick<LeasedSource, 'application' | 'connection'>;

function factsOf(frame: Frame, verdict: ChangeVerdict): CaptureFacts {
  const { keep: kept, why, changedPercent } = verdict;
  const facts = { ...pictureFacts(frame, frame.jpeg.length), keyframe: frame.keyframe };
  return { id: null, ...facts, kept, why, changedPercent, sha256: null, dhash: null, path: null };
}

/** The message of a kept picture: `frame_stored`, and `picture_changed` where it is only sent. */
export function messageOfKept(
  { frame, verdict, id, sha256, dhash }: Captured,
  path: string | null,
  picture: 'buffer' | 'path',
  { application, connection }: Told,
): { topic: string; payload: Buffer | string | null; frame: CaptureFacts; live: Live } {
  const event = id === null ? 'picture_changed' : 'frame_stored';
  return {
    topic: event,
    payload: picture === 'path' ? path : frame.jpeg,
    frame: { ...factsOf(frame, verdict), id, sha256, dhash, path },
    live: {
      event,
      state: 'live',
      previous: null,
      at: isoTime(frame.at),
      cause: 'event',
      expected: verdict.why === 'asked' ? true : null,
      application,
      connection,
      output: frame.stream,
    },
  };
}

/** The message of a picture that was looked at, kept or not: without the picture itself. */
export function messageOfSample(
  frame: Frame,
  verdict: ChangeVerdict,
  tookMs: number,
  { application, connection }: Told,
): { topic: string; payload: CaptureFacts; live: Live } {
  return {
    topic: 'picture_seen',
    payload: factsOf(frame, verdict),
    live: {
      action: 'capture-frames',
      application,
      connection,
      output: frame.stream,
      state: 'live',
      tookMs: Math.max(0, Math.round(tookMs)),
      confirmedBy: null,
    },
  };
}
