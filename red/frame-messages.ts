import type { KeptFrame } from '../lib/frames/store/types';

/** What every message about a picture says of it: times in ISO 8601, UTC. */
export interface PictureFacts {
  stream: string;
  connectionId: string;
  seq: number;
  at: string;
  mediaMs: number;
  width: number;
  height: number;
  videoWidth: number;
  videoHeight: number;
  /** of the JPEG */
  sizeBytes: number;
}

/** A kept picture as a message has it. */
export interface FrameFacts extends PictureFacts {
  id: string;
  until: string;
  samples: number;
  why: KeptFrame['why'];
  changedPercent: number | null;
  sha256: string;
  dhash: string;
}

/** UTC in milliseconds, as messages tell it. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** What `picture` says of itself, which may know more; `at` in UTC milliseconds. */
export function pictureFacts(
  picture: Omit<PictureFacts, 'at' | 'sizeBytes'> & { at: number },
  sizeBytes: number,
): PictureFacts {
  const { stream, connectionId, seq, at, mediaMs, width, height, videoWidth, videoHeight } = picture;
  const times = { at: isoOf(at), mediaMs };
  return { stream, connectionId, seq, ...times, width, height, videoWidth, videoHeight, sizeBytes };
}

/** A kept picture for a message. */
export function frameFacts(frame: KeptFrame): FrameFacts {
  const { id, until, samples, why, changedPercent, sha256, dhash, bytes } = frame;
  const { stream, ...facts } = pictureFacts(frame, bytes);
  return { id, stream, ...facts, until: isoOf(until), samples, why, changedPercent, sha256, dhash };
}
