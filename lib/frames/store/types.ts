import type { Release } from '../../production/application';
import type { ChangeVerdict, Frame } from '../types';

/**
 * One kept picture, as its index line has it. It stands for everything that was seen from `at` to `until`: samples that did not
 * differ only move `until`.
 */
export interface KeptFrame {
  /** `<stream>/<utc-ms>-<seq>`: where it is, and in which order */
  id: string;
  stream: string;
  /** UTC in milliseconds */
  at: number;
  until: number;
  /** how many samples it stands for, itself too */
  samples: number;
  mediaMs: number;
  connectionId: string;
  seq: number;
  why: NonNullable<ChangeVerdict['why']>;
  changedPercent: number | null;
  width: number;
  height: number;
  videoWidth: number;
  videoHeight: number;
  bytes: number;
  /** of the JPEG, hexadecimal */
  sha256: string;
  /** 64 bits, 16 hexadecimal digits */
  dhash: string;
}

export interface FrameQuery {
  /** null: all streams */
  stream?: string | null;
  /** UTC in milliseconds, `from` included, `to` not */
  from?: number | null;
  to?: number | null;
  /** only those that show something else than the one before: not those kept to keep alive */
  changedOnly?: boolean;
  /** at most one in so many milliseconds of each stream, counted from 1970: the first that fits the rest of the query */
  everyMs?: number | null;
  /** pictures like this one: its id or dhash, and how many bits may differ (default 8) */
  similarTo?: { id: string } | { dhash: string } | null;
  mostBits?: number;
  /** default 100, at most 1000 */
  limit?: number;
  /** as an answer gave it; goes on behind it */
  cursor?: string | null;
  order?: 'oldest' | 'newest';
}

export interface FrameAnswer {
  frames: KeptFrame[];
  /** null: there are no more */
  cursor: string | null;
  /** what answered */
  by: 'duckdb' | 'ndjson';
  tookMs: number;
  /** hours that could not be read, and why */
  unreadable: { stream: string; hour: string; reason: string }[];
}

/** Of one stream in one piece of time, for overviews. */
export interface FrameBucket {
  stream: string;
  /** UTC in milliseconds: where the piece of time begins */
  at: number;
  frames: number;
  changed: number;
  bytes: number;
  /** the first of it */
  first: KeptFrame;
}

export interface StoredStream {
  stream: string;
  first: number;
  last: number;
  frames: number;
  bytes: number;
}

export interface StoreSettings {
  folder: string;
  /** null: no limit */
  keepDays: number | null;
  mostBytes: number | null;
  leastFreeBytes: number | null;
}

export interface StoreUse {
  bytes: number;
  frames: number;
  freeBytes: number | null;
  /** whether DuckDB is there, and why not */
  duckdb: { available: boolean; reason: string | null };
  streams: StoredStream[];
}

export interface VerifyAnswer {
  stream: string;
  lines: number;
  pictures: number;
  /** the hash of the newest line: what a witness anchors */
  head: string | null;
  faults: {
    at: number | null;
    what: 'line' | 'missing line' | 'picture' | 'missing picture';
    where: string;
    reason: string;
  }[];
}

/** The keeper of pictures. What `put` resolves with is on the disk. Errors are coded FRAMES_*. */
export interface FrameStore {
  readonly settings: StoreSettings;
  /** Keeps it: picture and line are on the disk when this resolves. */
  put(frame: Frame, verdict: ChangeVerdict): Promise<KeptFrame>;
  /** The stream still shows what its last kept picture shows. Cheap; written together, later. */
  seen(stream: string, at: number): void;
  /** the last kept one of a stream, with its grid where this process has kept it */
  last(stream: string): Promise<{ frame: KeptFrame; grid: Buffer | null } | null>;
  find(query: FrameQuery): Promise<FrameAnswer>;
  /** the one on air at this time, else the nearest before or after; null where the stream has none */
  nearest(stream: string, at: number): Promise<KeptFrame | null>;
  /** By time and stream; pieces of time are counted from `from`, empty ones left out. More than 5,000 of them: FRAMES_QUERY_INVALID. */
  buckets(query: {
    stream?: string | null;
    from: number;
    to: number;
    everyMs: number;
  }): Promise<FrameBucket[]>;
  /** The picture itself, its hash checked. Throws FRAMES_UNKNOWN, FRAMES_CHANGED. */
  picture(id: string): Promise<{ frame: KeptFrame; jpeg: Buffer }>;
  /**
   * The small one beside it, as the decoder made it; null where there is none. No proof of anything: its hash stands nowhere. Not given where the picture
   * itself is gone or of another length: FRAMES_UNKNOWN, FRAMES_CHANGED.
   */
  small(id: string): Promise<Buffer | null>;
  /** Where the file of a picture is, or would be. Throws FRAMES_UNKNOWN for what is no id. */
  pathOf(id: string): string;
  /** each kept picture as it comes */
  onKept(listener: (frame: KeptFrame) => void): Release;
  use(): Promise<StoreUse>;
  /** What is older than it may be goes; resolves with the bytes that became free. */
  retain(nowMs: number): Promise<number>;
  /** Every line and every picture against its hash. */
  verify(stream: string): Promise<VerifyAnswer>;
  /** All of one stream. Resolves with the bytes that became free. */
  remove(stream: string): Promise<number>;
  /** Renew what does not need another folder. */
  renew(settings: StoreSettings): void;
  close(): Promise<void>;
}
