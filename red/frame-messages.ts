import type { KeptFrame } from '../lib/frames/store/types';

/** A kept picture as a message has it: times in ISO 8601, UTC. */
export interface FrameFacts {
  id: string;
  stream: string;
  at: string;
  until: string;
  samples: number;
  why: KeptFrame['why'];
  changedPercent: number | null;
  width: number;
  height: number;
  videoWidth: number;
  videoHeight: number;
  sizeBytes: number;
  sha256: string;
  dhash: string;
  mediaMs: number;
  seq: number;
  connectionId: string;
}

/** UTC in milliseconds, as messages tell it. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** A kept picture for a message. */
export function frameFacts({ at, until, bytes, ...frame }: KeptFrame): FrameFacts {
  const { id, stream, samples, why, changedPercent, width, height } = frame;
  const { videoWidth, videoHeight, sha256, dhash, mediaMs, seq, connectionId } = frame;
  return {
    id,
    stream,
    at: isoOf(at),
    until: isoOf(until),
    samples,
    why,
    changedPercent,
    width,
    height,
    videoWidth,
    videoHeight,
    sizeBytes: bytes,
    sha256,
    dhash,
    mediaMs,
    seq,
    connectionId,
  };
}
