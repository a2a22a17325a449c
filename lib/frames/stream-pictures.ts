import { Emitter } from '../connection/emitter';
import { fail } from '../errors';
import type { Release } from '../production/application';
import { readVideoTag } from '../rtmp/media/tags';
import type { Feed, Tag } from '../rtmp/types';
import type { Ffmpeg } from './arguments';
import { type DecoderSettings, Decoding } from './decoding';
import { Interval } from './sampler';
import { Turns } from './turns';
import type { DecoderState, DecoderStatus, Frame, FrameTap, FrameWish } from './types';

/** While nobody knows which ffmpeg there is, so many bytes of a stream are held, from a key frame on. */
const MOST_HELD = 8 * 1024 * 1024;

export interface PicturesOptions {
  /** as it is set now */
  decoder: () => DecoderSettings;
  /** so long it goes on without anybody who wants it */
  lingerMs: number;
  /** nobody wanted it for so long */
  onIdle: () => void;
}

interface Tapped {
  wish: FrameWish;
  interval: Interval;
  connectionId: string | null;
  last: Frame | null;
  frames: Emitter<Frame>;
}

/** The pictures of one stream, over reconnects of its publisher, for all who want them. */
export class StreamPictures {
  private readonly taps = new Set<Tapped>();
  private readonly statuses = new Emitter<DecoderStatus>();
  private readonly leaving = new Map<Decoding, Promise<void>>();
  private readonly counts = { frames: 0, dropped: 0, restarts: 0 };
  private wishes: readonly FrameWish[] = [];
  private state: DecoderState = 'waiting';
  private fault: Error | null = null;
  private ffmpeg: Ffmpeg | null = null;
  private feed: Feed | null = null;
  private decoding: Decoding | null = null;
  private held: Tag[] = [];
  private heldBytes = 0;
  private unhear: Release[] = [];
  private linger: NodeJS.Timeout | null = null;
  private newest: Frame | null = null;
  private turn = 0;
  private readonly turns = new Turns();
  private over = false;

  constructor(private readonly options: PicturesOptions) {}

  /** Processes that are there. */
  get pids(): number[] {
    return [...this.leaving.keys(), this.decoding].flatMap((decoding) => decoding?.pids ?? []);
  }

  /** The newest of them all; null while there is none. */
  get last(): Frame | null {
    return this.newest;
  }

  get status(): DecoderStatus {
    const { state, fault } = this;
    return { state, fault, mode: this.decoding?.mode ?? null, ...this.counts };
  }

  tap(wish: FrameWish): FrameTap {
    if (this.linger) clearTimeout(this.linger);
    this.linger = null;
    const tapped: Tapped = {
      wish,
      interval: new Interval(),
      connectionId: null,
      last: null,
      frames: new Emitter(),
    };
    this.taps.add(tapped);
    this.wishes = [...this.taps].map((one) => one.wish);
    this.decode();
    const heard = new Set<Release>();
    return {
      onFrame: (listener) => tapped.frames.add(listener),
      onStatus: (listener) => {
        const release = this.statuses.add(listener);
        heard.add(release);
        return release;
      },
      status: () => this.status,
      last: () => tapped.last ?? this.newest,
      release: (forGood = false) => {
        for (const release of heard) release();
        tapped.frames.clear();
        if (!this.taps.delete(tapped)) return;
        // while it lingers it goes on as it was, so that whoever comes back finds it so
        if (this.taps.size === 0) this.startLinger(forGood ? 0 : this.options.lingerMs);
        else this.wishes = [...this.taps].map((one) => one.wish);
      },
    };
  }

  /** The stream comes, or comes back. */
  attach(feed: Feed): void {
    if (this.over || feed.ended || this.feed === feed) return;
    this.detach();
    this.feed = feed;
    this.unhear = [feed.onEnd(() => this.feed === feed && this.detach())];
    this.rest();
    this.decode();
  }

  /** Which ffmpeg there is was found out, or that there is none. */
  know(ffmpeg: Ffmpeg): void {
    this.ffmpeg = ffmpeg;
    if (!this.decoding) this.rest();
    this.decode();
  }

  async close(): Promise<void> {
    this.over = true;
    if (this.linger) clearTimeout(this.linger);
    this.detach(false);
    this.is('ended', null);
    this.taps.clear();
    await Promise.all(this.leaving.values());
  }

  private decode(): void {
    const { feed } = this;
    if (!feed || this.decoding || this.taps.size === 0 || this.over) return;
    if (!this.ffmpeg) {
      if (this.unhear.length === 1) this.unhear.push(feed.onTag((tag) => this.hold(tag)));
      return;
    }
    if (this.ffmpeg.fault !== null) return;
    const held = this.held.splice(0);
    for (const release of this.unhear.splice(1)) release();
    const turn = ++this.turn;
    this.decoding = new Decoding(
      feed,
      this.ffmpeg.fpsMode,
      {
        decoder: this.options.decoder,
        wishes: () => this.wishes,
        // the last pictures of who published before come first
        onFrame: (frame) => this.turns.comes(turn, () => this.show(frame)),
        // one that only gives out its last pictures says nothing of how things are
        onState: (state, fault) => turn === this.turn && this.is(state, fault),
        onDropped: (count) => void (this.counts.dropped += count),
        onRestart: () => void this.counts.restarts++,
        ...(this.newest && { afterMs: this.newest.at }),
      },
      held,
    );
  }

  /** Tags from a key frame on, with the header before it; where they become too many, from the newest one on. */
  private hold(tag: Tag): void {
    const video = tag.kind === 'video' ? readVideoTag(tag.payload) : null;
    if (!video) return;
    const isFull = this.heldBytes > MOST_HELD;
    if (isFull || (this.held.length === 0 && video.keyframe)) {
      const { header, keyframe } = { header: this.feed?.headers().video ?? null, keyframe: video.keyframe };
      this.held = header && keyframe ? [header] : [];
      this.heldBytes = 0;
      if (!header || !keyframe) return;
    }
    if (this.held.length === 0) return;
    this.held.push(tag);
    this.heldBytes += tag.payload.length;
  }

  private show(frame: Frame): void {
    if (this.over) return;
    this.newest = frame;
    this.counts.frames++;
    for (const tapped of [...this.taps]) {
      if (tapped.connectionId !== frame.connectionId) tapped.interval = new Interval();
      tapped.connectionId = frame.connectionId;
      if (!tapped.interval.due(frame.mediaMs, tapped.wish.everyMs)) continue;
      tapped.last = frame;
      tapped.frames.tell(frame);
    }
  }

  private is(state: DecoderState, fault: Error | null): void {
    if (this.over && state !== 'ended') return;
    if (state === this.state && fault?.message === this.fault?.message) return;
    this.state = state;
    this.fault = fault;
    this.statuses.tell(this.status);
  }

  private startLinger(ms: number): void {
    if (ms === 0) return this.options.onIdle();
    this.linger = setTimeout(() => this.options.onIdle(), ms);
    this.linger.unref();
  }

  /** The stream is gone; `hear`: pictures that are still in the decoder are told. */
  private detach(hear = true): void {
    for (const release of this.unhear.splice(0)) release();
    this.held = [];
    this.feed = null;
    this.leave(hear);
    this.rest();
  }

  /** Where it stands while nothing is decoded. */
  private rest(): void {
    const reason = this.ffmpeg?.fault ?? null;
    if (reason === null) this.is('waiting', null);
    else this.is('no-ffmpeg', fail('FRAMES_NO_FFMPEG', { reason }));
  }

  private leave(hear: boolean): void {
    const { decoding } = this;
    if (!decoding) return;
    this.decoding = null;
    const turn = this.turn++;
    if (hear) this.turns.drains(turn);
    const leaving = decoding.close(hear);
    this.leaving.set(decoding, leaving);
    void leaving.finally(() => {
      this.leaving.delete(decoding);
      this.turns.ended(turn);
    });
  }
}
