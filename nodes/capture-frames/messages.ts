import { isoTime } from '../../lib/connection/clock';
import type { Captured } from '../../lib/frames/capture';
import type { ChangeVerdict, Frame } from '../../lib/frames/types';
import type { Live } from '../../red/types';
import type { LeasedSource } from './source';

/** What is known of one picture, as `msg.frame`; times are ISO 8601 in UTC. */
export interface FrameFacts {
  /** in the frame store; null where there is none */
  id: string | null;
  stream: string;
  connectionId: string;
  seq: number;
  at: string;
  mediaMs: number;
  width: number;
  height: number;
  videoWidth: number;
  videoHeight: number;
  keyframe: boolean;
  bytes: number;
  kept: boolean;
  why: ChangeVerdict['why'];
  changedPercent: number | null;
  sha256: string | null;
  dhash: string | null;
  /** of the file; null without a frame store */
  path: string | null;
}

type Told = Pick<LeasedSource, 'application' | 'connection'>;

function factsOf(frame: Frame, verdict: ChangeVerdict): FrameFacts {
  const { stream, connectionId, seq, mediaMs, width, height, videoWidth, videoHeight, keyframe } = frame;
  const { keep, why, changedPercent } = verdict;
  return {
    ...{ id: null, stream, connectionId, seq, at: isoTime(frame.at), mediaMs },
    ...{ width, height, videoWidth, videoHeight, keyframe, bytes: frame.jpeg.length },
    ...{ kept: keep, why, changedPercent, sha256: null, dhash: null, path: null },
  };
}

/** The message of a kept picture: `frame_stored`, and `picture_changed` where it is only sent. */
export function messageOfKept(
  { frame, verdict, id, sha256, dhash }: Captured,
  path: string | null,
  picture: 'buffer' | 'path',
  { application, connection }: Told,
): { topic: string; payload: Buffer | string | null; frame: FrameFacts; live: Live } {
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
): { topic: string; payload: FrameFacts; live: Live } {
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
