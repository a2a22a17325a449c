import type { KeptFrame, StoredStream } from '../../frames/store/types';

/** One kept picture, as the page gets it. */
export type PageFrame = Pick<
  KeptFrame,
  | 'id'
  | 'stream'
  | 'at'
  | 'until'
  | 'samples'
  | 'why'
  | 'changedPercent'
  | 'width'
  | 'height'
  | 'videoWidth'
  | 'videoHeight'
  | 'bytes'
  | 'sha256'
>;

/** What the page is about. */
export interface PageAbout {
  title: string;
  streams: StoredStream[];
  /** UTC in milliseconds, by the clock of the store */
  now: number;
  /** when the session ends; null: it does not */
  until: number | null;
}

/** One stream in one piece of time: stream by its place in `streams`, where it begins, pictures, those with a change, and the first one's name. */
export type IndexEntry = [stream: number, at: number, frames: number, changed: number, first: string];

/** Where there are pictures, for the whole time at once. */
export interface PageIndex {
  everyMs: number;
  /** UTC in milliseconds: what the entries cover; `from` is later than the oldest picture where they would be too many */
  from: number;
  to: number;
  /** there are older pictures than this tells of */
  older: boolean;
  streams: string[];
  /** in the order of time */
  entries: IndexEntry[];
}

/** Pictures of a piece of time. */
export interface PageFrames {
  frames: PageFrame[];
  cursor: string | null;
  /** hours of which nothing could be read */
  unreadable: number;
}

/** Why the page gets no answer: words, the page has the sentences. */
export type Refusal =
  'no-access' | 'origin' | 'away' | 'unknown' | 'changed' | 'invalid' | 'slow-down' | 'failed';

/** A picture as the page may see it: no connection, nothing of the publisher. Pure. */
export function pageFrame(frame: KeptFrame): PageFrame {
  const { id, stream, at, until, samples, why, changedPercent } = frame;
  const { width, height, videoWidth, videoHeight, bytes, sha256 } = frame;
  return {
    ...{ id, stream, at, until, samples, why, changedPercent },
    ...{ width, height, videoWidth, videoHeight, bytes, sha256 },
  };
}
