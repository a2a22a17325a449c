import { Backoff } from '../connection/backoff';
import { now } from '../connection/clock';
import { fail } from '../errors';
import { pictureSize } from '../production/picture-size';
import type { Release } from '../production/application';
import type { VideoTag } from '../rtmp/media/tags';
import { fitsWithin, VideoHeaders } from '../rtmp/media/video-headers';
import type { Feed, Tag, VideoInfo } from '../rtmp/types';
import { decoderArguments, EARLY_MS, type FpsMode } from './arguments';
import { DecoderChild } from './child';
import { type Era, MediaClock } from './clock';
import { Fed } from './fed';
import type { Decoded } from './outputs';
import { forDecoder } from './pictures-in';
import { Interval, KeyframeDistance, type Plan, planFor, samePlan } from './sampler';
import { Timeline } from './timeline';
import { Turns } from './turns';
import type { DecoderState, Frame, FrameWish } from './types';

/** A decoder's own times begin here, since a picture may be shown before it is decoded. */
const BASE_MS = 10_000;
/** FLV has 32 bits for a time; a decoder that runs for twelve days is followed by another. */
const MOST_MS = 2 ** 30;
/** Reordering and the decoder's own delay, in media time, when every picture is decoded. */
const DELAY_MS = 1_500;
/**
 * A picture may be shown so much later than it is decoded. What says more would be the newest for as long, and all that come meanwhile too
 * late.
 */
const MOST_SHIFT_MS = 8_000;
/** Whoever tries out settings starts some decoders in a row; one whose pictures or key frames are others all the time starts one in ten seconds. */
const FREE_STARTS = 10;
const START_MS = 10_000;
/** One that lived so long had no fault of its own. */
const LIVED_MS = 30_000;

export interface DecoderSettings {
  /** null: as PATH finds it */
  ffmpegPath: string | null;
  maxWidth: number;
  maxHeight: number;
  /** a decoder that gives nothing for so long, although it should, is ended and started again */
  watchdogMs: number;
}

export interface DecodingOptions {
  /** as it is set now */
  decoder: () => DecoderSettings;
  wishes: () => readonly FrameWish[];
  onFrame: (frame: Frame) => void;
  onState: (state: DecoderState, fault: Error | null) => void;
  onDropped: (count: number) => void;
  onRestart: () => void;
  /** when the last picture of the connection before was captured */
  afterMs?: number;
}

interface Given {
  mediaMs: number;
  lineMs: number;
  arrivedMs: number;
  era: Era;
  keyframe: boolean;
  video: VideoInfo;
}

/** The pictures of one connection: its decoder, started and ended as the stream and the wishes want it. */
export class Decoding {
  mode: Plan['mode'] | null = null;
  private child: DecoderChild | null = null;
  private plan: Plan | null = null;
  /** what the decoder's pictures are; it makes all of them as large as the first */
  private video: VideoInfo | null = null;
  private readonly headers = new VideoHeaders();
  /** null while there is none that a decoder may have */
  private header: VideoTag | null = null;
  private needsKey = true;
  /** line time of the decoder's zero */
  private base = 0;
  private notBefore = 0;
  private startedAt = 0;
  private readonly openedAt = now();
  /** what the stream itself gave reason for */
  private starts = 0;
  private served: readonly FrameWish[] | null = null;
  private fed: Fed<Given> | null = null;
  private seq = 0;
  private lastLine = -Infinity;
  private leadMs: number | null = null;
  private over = false;
  private clock: MediaClock | null = null;
  private readonly line = new Timeline();
  private readonly interval = new Interval();
  private readonly distance: KeyframeDistance;
  private readonly backoff = new Backoff(Math.random, 500);
  private readonly unhear: Release;
  private readonly leaving = new Map<DecoderChild, Promise<void>>();
  private turn = 0;
  private readonly turns = new Turns();

  constructor(
    private readonly feed: Feed,
    private readonly fpsMode: FpsMode,
    private readonly options: DecodingOptions,
    held: readonly Tag[] = [],
  ) {
    this.distance = new KeyframeDistance(feed.figures().longestKeyframeMs);
    const { video, keyframe } = feed.headers();
    if (held.length > 0) for (const tag of held) this.take(tag);
    else {
      if (video) this.take(video);
      if (keyframe) this.take(keyframe);
      // what came since is not here, and what follows refers to it
      this.needsKey = true;
    }
    this.unhear = feed.onTag((tag) => this.take(tag));
  }

  /** Processes that are there: the decoder, and those before it that are not gone yet. */
  get pids(): number[] {
    return [...this.leaving.keys(), this.child].flatMap((child) => child?.pid ?? []);
  }

  /** Ends its decoder. Resolves when no child is left. */
  async close(hear = false): Promise<void> {
    this.unhear();
    this.letGo(hear);
    if (!hear) this.over = true;
    await Promise.all(this.leaving.values());
    this.over = true;
  }

  private take(tag: Tag): void {
    if (this.over || tag.kind !== 'video') return;
    const { tag: read, news, fault, isIdr } = this.headers.take(tag.payload);
    const video = read && believable(read, this.leadMs ?? 0);
    if (!video || video.what === 'other' || video.what === 'end') return;
    if (video.codec !== 'avc') return this.refuse('unsupported', this.codecFault(video.codec));
    if (video.what === 'header') return this.takeHeader(video, fault);
    if (!this.header || (news && this.isTooLarge())) return;
    this.clock ??= new MediaClock(tag.atMs, tag.timestampMs, this.options.afterMs);
    this.clock.seen(tag.atMs, tag.timestampMs);
    const lineMs = this.line.at(tag.timestampMs);
    if (video.keyframe) {
      this.distance.keyframe(lineMs, isIdr);
      this.leadMs ??= video.compositionMs;
      this.needsKey = false;
      this.follow(lineMs);
    }
    const { child, plan } = this;
    if (!child || !plan || this.needsKey) return;
    const keyframesOnly = plan.mode === 'keyframes';
    // where every picture is decoded, the decoder itself picks; the one that takes over goes on from there
    const early = keyframesOnly ? undefined : EARLY_MS;
    const due = (video.keyframe || !keyframesOnly) && this.interval.due(lineMs, plan.everyMs, early);
    if (keyframesOnly && !due) return;
    if (fault !== null || !this.headers.info) return void (this.needsKey = true);
    const picture = forDecoder(video, this.headers.lengthSize ?? 4, keyframesOnly);
    const ms = lineMs - this.base;
    if (!child.feed(picture, ms, video.keyframe)) return this.options.onDropped(1);
    this.fed?.add(ms + video.compositionMs, {
      mediaMs: tag.timestampMs + video.compositionMs,
      lineMs: lineMs + video.compositionMs,
      arrivedMs: tag.atMs,
      era: this.clock.era,
      keyframe: video.keyframe,
      video: this.headers.info,
    });
  }

  /** Publishers repeat their header; another one is for another decoder. */
  private takeHeader(header: VideoTag, fault: string | null): void {
    if (this.header?.data.equals(header.data)) return;
    this.letGo(true);
    this.needsKey = true;
    this.header = null;
    if (fault !== null) this.refuse('unsupported', this.codecFault(`H.264 that cannot be read: ${fault}`));
    else if (!this.isTooLarge()) this.header = header;
  }

  /** At a key frame: the decoder that is wanted now. */
  private follow(lineMs: number): void {
    const wishes = this.options.wishes();
    const plan = planFor(wishes, this.distance.longestMs);
    const { info } = this.headers;
    const isSameSize = info?.width === this.video?.width && info?.height === this.video?.height;
    const isWished = wishes !== this.served;
    const isTooOften = !isWished && this.starts > FREE_STARTS + (now() - this.openedAt) / START_MS;
    if (this.child && isSameSize && lineMs - this.base < MOST_MS) {
      if (plan && isTooOften) return;
      if (samePlan(plan, this.plan)) {
        this.plan = plan;
        return;
      }
    }
    this.letGo(true);
    if (!plan || !this.header || now() < this.notBefore) return;
    if (isTooOften) {
      const reason = 'its pictures change all the time';
      return this.options.onState('restarting', fail('FRAMES_DECODER', { stream: this.feed.stream, reason }));
    }
    if (!isWished) this.starts++;
    this.served = wishes;
    this.base = lineMs - BASE_MS;
    this.plan = plan;
    this.video = info;
    this.mode = plan.mode;
    const fed = (this.fed = new Fed<Given>(plan));
    const turn = ++this.turn;
    const { ffmpegPath, watchdogMs } = this.options.decoder();
    const child = new DecoderChild({
      path: ffmpegPath,
      args: decoderArguments(plan, this.fpsMode),
      expectMs: plan.mode === 'all' ? plan.everyMs + DELAY_MS : 0,
      watchdogMs,
      onPicture: (picture) => this.turns.comes(turn, () => this.show(picture, fed)),
      onEnd: (reason) => {
        if (this.child !== child) return;
        this.child = null;
        if (now() - this.startedAt > LIVED_MS) this.backoff.reset();
        this.notBefore = now() + this.backoff.next();
        this.options.onRestart();
        this.options.onState('restarting', fail('FRAMES_DECODER', { stream: this.feed.stream, reason }));
      },
    });
    this.child = child;
    this.startedAt = now();
    child.header(forDecoder(this.header, this.headers.lengthSize ?? 4, plan.mode === 'keyframes'), BASE_MS);
  }

  private show({ ptsMs, jpeg, small, grid }: Decoded, fed: Fed<Given>): void {
    const of = fed.take(ptsMs);
    const size = pictureSize(jpeg);
    if (this.over || !of || !size || of.lineMs <= this.lastLine || !this.clock) return;
    this.lastLine = of.lineMs;
    this.options.onState('running', null);
    this.options.onFrame({
      stream: this.feed.stream,
      connectionId: this.feed.connectionId,
      seq: this.seq++,
      at: this.clock.at(of.mediaMs - (this.leadMs ?? 0), of.era),
      mediaMs: of.mediaMs,
      ...size,
      videoWidth: of.video.width ?? size.width,
      videoHeight: of.video.height ?? size.height,
      keyframe: of.keyframe,
      jpeg,
      small: small.length < jpeg.length ? small : null,
      grid,
      arrivedMs: of.arrivedMs,
    });
  }

  /** Nothing so large ever reaches a decoder: probing alone would take a gigabyte (measured). */
  private isTooLarge(): boolean {
    const { maxWidth, maxHeight } = this.options.decoder();
    const { info } = this.headers;
    if (!info || fitsWithin(info, maxWidth, maxHeight)) return false;
    const { width, height } = info;
    const details = { stream: this.feed.stream, width, height, maxWidth, maxHeight };
    this.header = null;
    this.refuse('refused', fail('FRAMES_SIZE', details));
    return true;
  }

  private codecFault(codec: string): Error {
    return fail('FRAMES_CODEC', { stream: this.feed.stream, codec });
  }

  private refuse(state: DecoderState, fault: Error): void {
    this.letGo(false);
    this.options.onState(state, fault);
  }

  private letGo(hear: boolean): void {
    const { child } = this;
    if (!child) return;
    this.child = null;
    const { turn } = this;
    if (hear) this.turns.drains(turn);
    const leaving = child.stop(hear).then(() => {
      this.leaving.delete(child);
      this.turns.ended(turn);
    });
    this.leaving.set(child, leaving);
  }
}

/** A shift that no encoder means counts as the usual one. */
function believable(tag: VideoTag, usualMs: number): VideoTag {
  return Math.abs(tag.compositionMs) <= MOST_SHIFT_MS ? tag : { ...tag, compositionMs: usualMs };
}
