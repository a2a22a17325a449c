import { createHash } from 'node:crypto';
import { asLiveError, type LiveError } from '../errors';
import type { Release } from '../production/application';
import { judge, type LastKept, lookedAt } from './change';
import { dhash } from './dhash';
import type { FrameStore } from './store/types';
import type {
  ChangeSettings,
  ChangeVerdict,
  DecoderState,
  DecoderStatus,
  Frame,
  FrameSource,
  FrameTap,
  FrameWish,
} from './types';

/**
 * Pictures of one stream that wait to be judged and kept. More are left out, so that a slow disk fills no memory: so many of any size, and as many
 * small ones as a line brings that stood still for a minute.
 */
const ALWAYS_WAITING = 8;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** Streams that are remembered, each with its last picture's grid. */
const MOST_REMEMBERED = 1_000;

/** Streams of a source as they come and go, and their pictures. */
export interface CaptureSource {
  frames: FrameSource;
  streams(): string[];
  onStreams(listener: () => void): Release;
  /** why there is nothing to be had, of one stream; null: of the source itself */
  fault(stream: string | null): Error | null;
  /** see that this stream is there, where it has to be fetched */
  want(stream: string): Release;
}

export interface CaptureSettings {
  /** null: all there are */
  stream: string | null;
  wish: FrameWish;
  change: ChangeSettings;
}

/** A picture that is kept: as stored, or where there is no store as it came. */
export interface Captured {
  frame: Frame;
  verdict: ChangeVerdict;
  sha256: string;
  dhash: string;
  /** in the store; null where there is none */
  id: string | null;
}

export interface CaptureHooks {
  kept: (captured: Captured) => void;
  sample: (frame: Frame, verdict: ChangeVerdict) => void;
  /** how it goes has changed */
  state: () => void;
}

interface Watched {
  tap: FrameTap;
  releases: Release[];
  last: LastKept | null;
  chain: Promise<unknown>;
  waiting: number;
  waitingBytes: number;
  fault: LiveError | null;
}

/** How it goes, over all streams: the worst of them, and why. */
export interface CaptureState {
  state: 'waiting' | 'live' | 'degraded' | 'no-ffmpeg' | 'stopped';
  fault: Error | null;
  /** pictures that were left out: by decoders that could not follow, and by a disk that could not */
  dropped: number;
}

const TROUBLE: readonly DecoderState[] = ['restarting', 'unsupported', 'refused'];

/** Keeps the pictures that changed, of one stream or of all. */
export class Capture {
  private readonly watched = new Map<string, Watched>();
  private readonly looked: Uint8Array;
  private unhear: Release | null = null;
  private leftOut = 0;

  /** @param memory the last kept picture of each stream, for the next one that captures */
  constructor(
    private readonly source: CaptureSource,
    private readonly settings: CaptureSettings,
    private readonly store: FrameStore | null,
    private readonly memory: Map<string, LastKept>,
    private readonly hooks: CaptureHooks,
  ) {
    this.looked = lookedAt(settings.change.masks);
  }

  get running(): boolean {
    return this.unhear !== null;
  }

  start(): void {
    if (this.unhear) return;
    this.unhear = this.source.onStreams(() => this.follow());
    this.follow();
    this.hooks.state();
  }

  /** @param forGood nobody goes on with it after a deploy */
  stop(forGood = false): void {
    if (!this.unhear) return;
    this.unhear();
    this.unhear = null;
    for (const stream of [...this.watched.keys()]) this.leave(stream, forGood);
    this.hooks.state();
  }

  /** Keep the newest picture of each stream, changed or not. Resolves with how many there were. */
  async now(): Promise<number> {
    const kept = [...this.watched.values()].map(async (one) => {
      const frame = one.tap.last();
      if (!frame) return 0;
      let count = 0;
      await this.inTurn(one, async () => {
        await this.keep(one, frame, { keep: true, why: 'asked', changedPercent: null });
        count = 1;
      });
      return count;
    });
    return (await Promise.all(kept)).reduce<number>((sum, one) => sum + one, 0);
  }

  get state(): CaptureState {
    const all = [...this.watched.values()];
    const statuses = all.map(({ tap }) => tap.status());
    const dropped = statuses.reduce((sum, one) => sum + one.dropped, this.leftOut);
    const is = (state: CaptureState['state'], fault: Error | null): CaptureState => ({
      state,
      fault,
      dropped,
    });
    if (!this.running) return is('stopped', null);
    const without = statuses.find((one) => one.state === 'no-ffmpeg');
    if (without) return is('no-ffmpeg', without.fault);
    const trouble: DecoderStatus | undefined = statuses.find((one) => TROUBLE.includes(one.state));
    const ofStreams = [null, ...this.watched.keys()].map((stream) => this.source.fault(stream));
    const fault =
      all.find((one) => one.fault)?.fault ?? trouble?.fault ?? ofStreams.find((one) => one !== null) ?? null;
    if (fault) return is('degraded', fault);
    return is(statuses.some((one) => one.state === 'running') ? 'live' : 'waiting', null);
  }

  /** What waits is kept still; then nothing is any more. */
  async close(forGood = false): Promise<void> {
    const chains = [...this.watched.values()].map(({ chain }) => chain);
    this.stop(forGood);
    await Promise.all(chains);
  }

  /** The streams that are there, or the one that is wanted. */
  private follow(): void {
    const { stream } = this.settings;
    const there = stream === null ? this.source.streams() : [stream];
    for (const name of this.watched.keys()) {
      // one that has gone may come back; its decoder is gone already
      if (!there.includes(name) && this.watched.size > there.length + 10) this.leave(name);
    }
    for (const name of there) if (!this.watched.has(name)) this.watch(name);
    this.hooks.state();
  }

  private watch(stream: string): void {
    const { wish } = this.settings;
    const unwant = this.source.want(stream);
    const tap = this.source.frames.tap(stream, wish);
    const one: Watched = {
      tap,
      releases: [unwant],
      last: this.memory.get(stream) ?? null,
      chain: Promise.resolve(),
      waiting: 0,
      waitingBytes: 0,
      fault: null,
    };
    if (!one.last && this.store) one.chain = this.remember(stream, one, this.store);
    one.releases.push(
      tap.onFrame((frame) => void this.inTurn(one, () => this.take(one, frame), sizeOf(frame))),
      tap.onStatus(() => this.hooks.state()),
    );
    this.watched.set(stream, one);
  }

  private leave(stream: string, forGood = false): void {
    const one = this.watched.get(stream);
    for (const release of one?.releases ?? []) release();
    one?.tap.release(forGood);
    this.watched.delete(stream);
  }

  /** What was kept before a restart. A store that cannot say makes the next picture a first one. */
  private async remember(stream: string, one: Watched, store: FrameStore): Promise<void> {
    const found = await store.last(stream).catch(() => null);
    if (!found) return;
    const { at, videoWidth, videoHeight } = found.frame;
    one.last = { at, grid: found.grid, videoWidth, videoHeight };
  }

  /** One after the other; left out where too many wait. Never rejects. */
  private inTurn(one: Watched, work: () => Promise<void> | void, bytes = 0): Promise<void> {
    if (one.waiting >= ALWAYS_WAITING && one.waitingBytes + bytes > MOST_WAITING_BYTES) {
      this.leftOut++;
      return Promise.resolve();
    }
    one.waiting++;
    one.waitingBytes += bytes;
    const done = one.chain
      .then(work)
      .catch((error: unknown) => this.failed(one, asLiveError(error)))
      .finally(() => {
        one.waiting--;
        one.waitingBytes -= bytes;
      });
    one.chain = done;
    return done;
  }

  private async take(one: Watched, frame: Frame): Promise<void> {
    const verdict = judge(one.last, frame, this.settings.change, this.looked);
    this.hooks.sample(frame, verdict);
    if (verdict.keep) await this.keep(one, frame, verdict);
    else this.store?.seen(frame.stream, frame.at);
  }

  private async keep(one: Watched, frame: Frame, verdict: ChangeVerdict): Promise<void> {
    const stored = this.store ? await this.store.put(frame, verdict) : null;
    const { at, grid, videoWidth, videoHeight } = frame;
    one.last = { at, grid, videoWidth, videoHeight };
    this.memory.delete(frame.stream);
    this.memory.set(frame.stream, one.last);
    for (const oldest of this.memory.keys()) {
      if (this.memory.size <= MOST_REMEMBERED) break;
      this.memory.delete(oldest);
    }
    this.failed(one, null);
    this.hooks.kept({
      frame,
      verdict,
      sha256: stored?.sha256 ?? createHash('sha256').update(frame.jpeg).digest('hex'),
      dhash: stored?.dhash ?? dhash(frame.grid),
      id: stored?.id ?? null,
    });
  }

  private failed(one: Watched, fault: LiveError | null): void {
    if (one.fault?.message === fault?.message) return;
    one.fault = fault;
    this.hooks.state();
  }
}

function sizeOf({ jpeg, small, grid }: Frame): number {
  return jpeg.length + (small?.length ?? 0) + grid.length;
}
