import type { Release } from '../production/application';
import { ffmpegVersion } from '../programs';
import { type Ffmpeg, ffmpegOf } from './arguments';
import { StreamPictures } from './stream-pictures';
import type { FeedSource, Frame, FrameSource, FrameTap, FrameWish } from './types';

/** A machine where ffmpeg is installed later is asked again so often. */
const ASK_AGAIN_MS = 30_000;
/** 8K. */
const MAX_WIDTH = 7680;
const MAX_HEIGHT = 4320;
const WATCHDOG_MS = 10_000;
/** As long as a lease of what a config node keeps. */
const LINGER_MS = 10_000;

/** Read anew for each decoder and each header, so what an object gives may change meanwhile. */
export interface FramesSettings {
  /** null: as PATH finds it */
  readonly ffmpegPath: string | null;
  /** larger pictures never reach a decoder; default 8K */
  readonly maxWidth?: number;
  readonly maxHeight?: number;
  /** a decoder that gives nothing for so long is ended and started again; default 10 s */
  readonly watchdogMs?: number;
  /** a decoder that nobody wants goes on for so long, so that a deploy restarts none; default 10 s */
  readonly lingerMs?: number;
}

/** The pictures of all streams of a source: one ffmpeg child for each stream that somebody wants pictures of. */
export class FramesOf implements FrameSource {
  private readonly streams = new Map<string, StreamPictures>();
  private readonly leaving = new Map<StreamPictures, Promise<void>>();
  private readonly unhear: Release;
  private ffmpeg: Ffmpeg | null = null;
  private asking = false;
  private asked: string | null = null;
  private again: NodeJS.Timeout | null = null;
  private over = false;

  constructor(
    private readonly source: FeedSource,
    private readonly settings: FramesSettings,
  ) {
    this.unhear = source.onFeed((feed) => {
      const pictures = this.streams.get(feed.stream);
      if (pictures) this.ask();
      pictures?.attach(feed);
    });
  }

  /** The processes of its decoders. */
  get children(): number[] {
    return [...this.leaving.keys(), ...this.streams.values()].flatMap(({ pids }) => pids);
  }

  tap(stream: string, wish: FrameWish): FrameTap {
    const there = this.streams.get(stream);
    if (there) return there.tap(wish);
    const { settings } = this;
    const pictures: StreamPictures = new StreamPictures({
      decoder: () => ({
        ffmpegPath: settings.ffmpegPath,
        maxWidth: settings.maxWidth ?? MAX_WIDTH,
        maxHeight: settings.maxHeight ?? MAX_HEIGHT,
        watchdogMs: settings.watchdogMs ?? WATCHDOG_MS,
      }),
      lingerMs: settings.lingerMs ?? LINGER_MS,
      onIdle: () => this.drop(stream, pictures),
    });
    if (this.over) void pictures.close();
    else this.streams.set(stream, pictures);
    this.ask();
    if (this.ffmpeg) pictures.know(this.ffmpeg);
    const feed = this.source.feeds().find((one) => one.stream === stream && !one.ended);
    const tap = pictures.tap(wish);
    if (feed) pictures.attach(feed);
    return tap;
  }

  /** The newest picture of a stream, of a decoder that somebody else wants; null while there is none. */
  newest(stream: string): Frame | null {
    return this.streams.get(stream)?.last ?? null;
  }

  async close(): Promise<void> {
    this.over = true;
    this.unhear();
    if (this.again) clearTimeout(this.again);
    for (const [stream, pictures] of this.streams) this.drop(stream, pictures);
    await Promise.all(this.leaving.values());
  }

  private drop(stream: string, pictures: StreamPictures): void {
    if (this.streams.get(stream) === pictures) this.streams.delete(stream);
    const leaving = pictures.close();
    this.leaving.set(pictures, leaving);
    void leaving.finally(() => this.leaving.delete(pictures));
  }

  private ask(): void {
    const { ffmpegPath } = this.settings;
    if (this.asking || this.over || (this.ffmpeg?.fault === null && this.asked === ffmpegPath)) return;
    this.asking = true;
    this.asked = ffmpegPath;
    void ffmpegVersion(ffmpegPath).then((reading) => {
      this.asking = false;
      if (this.over) return;
      const ffmpeg = (this.ffmpeg = ffmpegOf(reading));
      for (const pictures of this.streams.values()) pictures.know(ffmpeg);
      if (ffmpeg.fault === null) return;
      if (this.again) clearTimeout(this.again);
      this.again = setTimeout(() => this.ask(), ASK_AGAIN_MS);
      this.again.unref();
    });
  }
}
