// A frame store on paper: as many pictures as a test likes, none of them on a disk.
import { createHash } from 'node:crypto';
import { fail } from '../../lib/errors';
import type { FrameBucket, FrameQuery, FrameStore, KeptFrame, StoreUse } from '../../lib/frames/store/types';
import { type StagePicture, stagePictures } from './stage';

export interface PaperShow {
  stream: string;
  /** UTC in milliseconds of the first */
  from: number;
  frames: number;
  everyMs: number;
  /** pictures of one scene */
  scene?: number;
}

const SCENES = 12;
/** drawing them takes a moment */
let drawn: (StagePicture & { sha256: string })[] | null = null;

export class PaperFrames {
  readonly byStream = new Map<string, KeptFrame[]>();
  /** what was asked, to see that nobody asks too much */
  readonly asked: string[] = [];
  /** there are none beside the pictures */
  withoutSmall = false;
  /** everything fails with this while it is there */
  fault: Error | null = null;
  private readonly listeners = new Set<(frame: KeptFrame) => void>();

  constructor(shows: PaperShow[] = []) {
    for (const show of shows) this.fill(show);
  }

  fill({ stream, from, frames, everyMs, scene = 20 }: PaperShow): void {
    const all = this.list(stream);
    for (let n = 0; n < frames; n++) {
      const at = from + n * everyMs;
      const cut = n % scene === 0;
      all.push(this.frame(stream, at, n, n === 0 ? 'first' : 'changed', cut ? 64 + (n % 30) : 2 + (n % 7)));
    }
  }

  /** One more, now, which is told. */
  keep(stream: string, at: number): KeptFrame {
    const all = this.list(stream);
    const frame = this.frame(stream, at, all.length, all.length ? 'changed' : 'first', 70);
    all.push(frame);
    for (const listener of this.listeners) listener(frame);
    return frame;
  }

  private list(stream: string): KeptFrame[] {
    let all = this.byStream.get(stream);
    if (!all) this.byStream.set(stream, (all = []));
    return all;
  }

  private frame(
    stream: string,
    at: number,
    seq: number,
    why: KeptFrame['why'],
    changedPercent: number,
  ): KeptFrame {
    const { jpeg, sha256 } = this.pictureOf(stream, seq);
    return {
      id: `${stream}/${at}-${seq}`,
      ...{ stream, at, until: at + 900, samples: 1, mediaMs: seq * 1000, connectionId: 'c1', seq },
      ...{ why, changedPercent: why === 'first' ? null : changedPercent },
      ...{ width: 640, height: 360, videoWidth: 1920, videoHeight: 1080 },
      ...{ bytes: jpeg.length, sha256, dhash: '0'.repeat(16) },
    };
  }

  private pictureOf(stream: string, seq: number) {
    drawn ??= stagePictures(SCENES).map((one) => ({
      ...one,
      sha256: createHash('sha256').update(one.jpeg).digest('hex'),
    }));
    return drawn[(Math.floor(seq / 20) + stream.length * 5) % SCENES]!;
  }

  private range(stream: string, from: number, to: number): KeptFrame[] {
    const all = this.byStream.get(stream) ?? [];
    return all.slice(first(all, from), first(all, to));
  }

  private byId(id: string): KeptFrame {
    const [stream = '', name = ''] = id.split('/');
    const at = Number(name.split('-')[0]);
    const frame = this.range(stream, at, at + 1).find((one) => one.id === id);
    if (!frame) throw fail('FRAMES_UNKNOWN', { id });
    return frame;
  }

  private guard(what: string): void {
    this.asked.push(what);
    if (this.fault) throw this.fault;
  }

  readonly store = {
    settings: { folder: '/nowhere', keepDays: null, mostBytes: null, leastFreeBytes: null },
    // eslint-disable-next-line @typescript-eslint/require-await -- what throws rejects
    find: async (query: FrameQuery) => {
      this.guard('find');
      const { stream, from, to, limit = 100, cursor } = query;
      if (!stream) throw fail('FRAMES_QUERY_INVALID', { reason: 'paper knows one stream at a time' });
      let found = this.range(stream, from ?? 0, to ?? Infinity);
      if (query.changedOnly) found = found.filter(({ why }) => why === 'changed');
      if (query.order === 'newest') found.reverse();
      const begin = cursor ? Number(cursor) : 0;
      const frames = found.slice(begin, begin + limit);
      const more = begin + limit < found.length;
      return {
        ...{ frames, cursor: more ? String(begin + limit) : null },
        ...{ by: 'ndjson' as const, tookMs: 0, unreadable: [] },
      };
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    nearest: async (stream: string, at: number) => {
      this.guard('nearest');
      const all = this.byStream.get(stream) ?? [];
      return all[Math.max(0, first(all, at + 1) - 1)] ?? null;
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    buckets: async (query: { stream?: string | null; from: number; to: number; everyMs: number }) => {
      this.guard('buckets');
      const { stream, from, to, everyMs } = query;
      if ((to - from) / everyMs > 5_000) throw fail('FRAMES_QUERY_INVALID', { reason: 'too many buckets' });
      const found = new Map<string, FrameBucket>();
      for (const one of stream ? [stream] : this.byStream.keys())
        for (const frame of this.range(one, from, to)) {
          const at = Math.floor(frame.at / everyMs) * everyMs;
          const bucket = found.get(`${one} ${at}`);
          const changed = frame.why === 'changed' ? 1 : 0;
          if (bucket) {
            bucket.frames++;
            bucket.changed += changed;
            bucket.bytes += frame.bytes;
          } else
            found.set(`${one} ${at}`, {
              stream: one,
              at,
              frames: 1,
              changed,
              bytes: frame.bytes,
              first: frame,
            });
        }
      return [...found.values()];
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    picture: async (id: string) => {
      this.guard('picture');
      const frame = this.byId(id);
      return { frame, jpeg: this.pictureOf(frame.stream, frame.seq).jpeg };
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    small: async (id: string) => {
      this.guard('small');
      const { stream, seq } = this.byId(id);
      return this.withoutSmall ? null : this.pictureOf(stream, seq).small;
    },
    onKept: (listener: (frame: KeptFrame) => void) => {
      this.listeners.add(listener);
      return () => void this.listeners.delete(listener);
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    use: async (): Promise<StoreUse> => {
      this.guard('use');
      const streams = [...this.byStream].map(([stream, all]) => ({
        stream,
        first: all[0]?.at ?? 0,
        last: all.at(-1)?.at ?? 0,
        frames: all.length,
        bytes: all.length * 50_000,
      }));
      return { bytes: 0, frames: 0, freeBytes: null, duckdb: { available: false, reason: 'paper' }, streams };
    },
    close: () => Promise.resolve(),
  } as Partial<FrameStore> as FrameStore;

  get listening(): number {
    return this.listeners.size;
  }

  /** A lease of it, as a frame-store node gives one. */
  readonly open = () => ({ value: this.store, release: () => undefined });
}

/** The place of the first that is not before `at`. */
function first(all: readonly KeptFrame[], at: number): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
