import type { Release } from '../production/application';
import { ffmpegVersion } from '../programs';
import { type Ffmpeg, ffmpegOf } from './arguments';
import { StreamPictures } from './stream-pictures';
import type { FeedSource, FrameSource, FrameTap, FrameWish } from './types';

/** A machine where ffmpeg is installed later is asked again so often. */
const ASK_AGAIN_MS = 30_000;

export interface FramesSettings {
  /** null: as PATH finds it */
  ffmpegPath: string | null;
  /** larger pictures never reach a decoder; default 8K */
  maxWidth?: number;
  maxHeight?: number;
  /** a decoder that gives nothing for so long is ended and started again; default 10 s */
  watchdogMs?: number;
  /** a decoder that nobody wants goes on for so long, so that a deploy restarts none; default 10 s */
  lingerMs?: number;
}

/** The pictures of all streams of a source: one ffmpeg child for each stream that somebody wants pictures of. */
export class FramesOf implements FrameSource {
  private readonly streams = new Map<string, StreamPictures>();
  private readonly leaving = new Map<StreamPictures, Promise<void>>();
  private readonly unhear: Release;
  private ffmpeg: Ffmpeg | null = null;
  private asking = false;
  private again: NodeJS.Timeout | null = null;
  private over = false;

  constructor(
    private readonly source: FeedSource,
    private readonly settings: FramesSettings,
  ) {
    this.unhear = source.onFeed((feed) => this.streams.get(feed.stream)?.attach(feed));
  }

  /** The processes of its decoders. */
  get children(): number[] {
    return [...this.leaving.keys(), ...this.streams.values()].flatMap(({ pids }) => pids);
  }

  tap(stream: string, wish: FrameWish): FrameTap {
    const there = this.streams.get(stream);
    if (there) return there.tap(wish);
    const pictures: StreamPictures = new StreamPictures({
      ffmpegPath: this.settings.ffmpegPath,
      maxWidth: this.settings.maxWidth ?? 7680,
      maxHeight: this.settings.maxHeight ?? 4320,
      watchdogMs: this.settings.watchdogMs ?? 10_000,
      lingerMs: this.settings.lingerMs ?? 10_000,
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
    if (this.asking || this.over || this.ffmpeg?.fault === null) return;
    this.asking = true;
    void ffmpegVersion(this.settings.ffmpegPath).then((reading) => {
      this.asking = false;
      if (this.over) return;
      const ffmpeg = (this.ffmpeg = ffmpegOf(reading));
      for (const pictures of this.streams.values()) pictures.know(ffmpeg);
      if (ffmpeg.fault === null) return;
      this.again = setTimeout(() => this.ask(), ASK_AGAIN_MS);
      this.again.unref();
    });
  }
}
