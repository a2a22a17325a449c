import type { AudioInfo, StreamFigures, Tag, VideoInfo } from '../types';
import { type AacConfig, isSilentAac, readAacConfig } from './aac';
import { RateWindow } from './rate-window';
import { type AudioTag, readAudioTag } from './tags';
import { VideoHeaders } from './video-headers';

/** What one tag told the meter. */
export interface Taken {
  /** the stream shows another picture from here on; null where nothing is new */
  video: VideoInfo | null;
  /** the size that the publisher named, or that a picture has in itself, cannot be read: for no decoder */
  fault: string | null;
  keyframe: boolean;
  /** what a decoder needs before the first picture or sound */
  header: boolean;
}

/** A jump of the media time by more than this is a hole. */
const GAP_MS = 1000;
/** So long it has to be silent: a pause between two words is not. */
const SILENT_MS = 1000;
/** Distances between key frames that are looked back at. */
const DISTANCES = 3;
/** Without a second key frame this is waited for: OBS's default distance is 8.3 s. */
const OPEN_MS = 10_000;
/** A kind of which nothing has come for so long says nothing of the present. */
const STALE_MS = 10_000;

/** Counts what runs through a stream, without decoding anything. Bounded, total on any bytes; the time is that of the tags (`atMs`). */
export class StreamMeter {
  private readonly video = new VideoHeaders();
  private readonly rates = new RateWindow();
  private audio: AudioInfo | null = null;
  private aac: AacConfig | null = null;
  private bytes = 0;
  private frames = 0;
  private keyframes = 0;
  private distances: number[] = [];
  private keyframeAt: number | null = null;
  private videoAt: number | null = null;
  private audioAt: number | null = null;
  private videoMs: number | null = null;
  private audioMs: number | null = null;
  private mediaMs: number | null = null;
  private gaps = 0;
  private silentSince: number | null = null;

  /** The decoder's header of this stream's pictures, where it is AVC and was understood: bytes of the length before each NAL unit. */
  get lengthSize(): number | null {
    return this.video.lengthSize;
  }

  take(tag: Tag): Taken {
    this.bytes += tag.payload.length;
    this.rates.add(tag.atMs, { bytes: tag.payload.length });
    if (tag.kind === 'video') return this.takeVideo(tag);
    if (tag.kind === 'audio') return this.takeAudio(tag);
    return { video: null, fault: null, keyframe: false, header: false };
  }

  private takeVideo(tag: Tag): Taken {
    const { tag: read, news, fault } = this.video.take(tag.payload);
    const header = read?.what === 'header';
    const keyframe = read?.keyframe === true;
    if (read?.what === 'frame') {
      this.frames++;
      this.videoAt = tag.atMs;
      this.videoMs = tag.timestampMs;
      this.moves(tag.timestampMs);
      const heard = this.audioAt !== null && tag.atMs - this.audioAt <= STALE_MS;
      const skew = heard && this.audioMs !== null ? this.audioMs - tag.timestampMs : null;
      this.rates.add(tag.atMs, { frames: 1, ...(skew === null ? {} : { skew, skews: 1 }) });
      if (keyframe) this.takeKeyframe(tag.timestampMs);
    }
    return { video: news, fault, keyframe, header };
  }

  private takeKeyframe(timestampMs: number): void {
    this.keyframes++;
    const distance = this.keyframeAt === null ? null : timestampMs - this.keyframeAt;
    // a clock that was put back measures nothing
    if (distance !== null && distance > 0) this.distances = [...this.distances, distance].slice(-DISTANCES);
    this.keyframeAt = timestampMs;
  }

  private takeAudio(tag: Tag): Taken {
    const read = readAudioTag(tag.payload);
    const header = read?.what === 'header';
    if (read && header) this.audioHeader(read);
    if (read?.what === 'frame') {
      this.audioAt = tag.atMs;
      this.audioMs = tag.timestampMs;
      this.moves(tag.timestampMs);
      if (read.codec !== 'aac') this.audioHeader(read);
      else if (!this.aac || !isSilentAac(read.data, this.aac)) this.silentSince = null;
      else this.silentSince ??= tag.atMs;
    }
    return { video: null, fault: null, keyframe: false, header };
  }

  private audioHeader({ codec, sampleRateHz, channels, data }: AudioTag): void {
    this.aac = codec === 'aac' ? readAacConfig(data) : null;
    this.audio = this.aac
      ? { codec, sampleRateHz: this.aac.sampleRateHz, channels: this.aac.channels }
      : { codec, sampleRateHz, channels };
    if (!this.aac) this.silentSince = null;
  }

  private moves(timestampMs: number): void {
    const step = this.mediaMs === null ? 0 : timestampMs - this.mediaMs;
    if (Math.abs(step) > GAP_MS) this.gaps++;
    // sound and pictures come a little apart: the farthest counts, until the clock was put back
    if (this.mediaMs === null || step > 0 || step < -GAP_MS) this.mediaMs = timestampMs;
  }

  /** What can be said at this time, on the clock that the tags' `atMs` is of. */
  figures(nowMs: number): StreamFigures {
    const unknown: Record<string, string> = {};
    const or = <T>(value: T | null, name: string, reason: string): T | null => {
      if (value === null) unknown[name] = reason;
      return value;
    };
    const seen = this.rates.read(nowMs);
    const perSecond = (count: number): number | null =>
      seen.overMs > 0 ? (count * 1000) / seen.overMs : null;
    const kbps = perSecond((seen.sums.bytes * 8) / 1000);
    const fps = this.frames > 0 ? perSecond(seen.sums.frames) : null;
    const age = (at: number | null): number | null => (at === null ? null : Math.max(0, nowMs - at));
    const audioAgeMs = or(age(this.audioAt), 'audioAgeMs', 'there was no sound yet');
    const skew = seen.sums.skews > 0 ? seen.sums.skew / seen.sums.skews : null;
    const young = 'the stream has run for too short a time';
    const last = this.distances.at(-1) ?? null;
    return {
      video: or(this.video.info, 'video', 'the stream has not named its pictures yet'),
      audio: or(this.audio, 'audio', 'the stream has not named its sound yet'),
      bytes: this.bytes,
      videoFrames: this.frames,
      keyframes: this.keyframes,
      bitrateKbps: or(kbps === null ? null : Math.round(kbps), 'bitrateKbps', young),
      fps: or(
        fps === null ? null : Math.round(fps * 10) / 10,
        'fps',
        this.frames > 0 ? young : 'there was no picture yet',
      ),
      keyframeMs: or(last, 'keyframeMs', 'there were no two key frames yet'),
      longestKeyframeMs: or(this.longest(), 'longestKeyframeMs', 'there were no two key frames yet'),
      videoAgeMs: or(age(this.videoAt), 'videoAgeMs', 'there was no picture yet'),
      audioAgeMs,
      gaps: this.gaps,
      skewMs: or(
        skew === null ? null : Math.round(skew),
        'skewMs',
        'pictures and sound did not both come in the last seconds',
      ),
      ...this.silence(nowMs, audioAgeMs, or),
      unknown,
    };
  }

  /** Of the last distances and of the one that has not ended, which counts once it is the longest. */
  private longest(): number | null {
    const open =
      this.keyframeAt === null || this.videoMs === null ? 0 : Math.max(0, this.videoMs - this.keyframeAt);
    if (this.distances.length === 0) return open >= OPEN_MS ? open : null;
    return Math.max(...this.distances, open);
  }

  private silence(
    nowMs: number,
    audioAgeMs: number | null,
    or: <T>(value: T | null, name: string, reason: string) => T | null,
  ): Pick<StreamFigures, 'isSilent' | 'silentSinceMs'> {
    const why = !this.aac
      ? 'there is no AAC sound to tell by'
      : audioAgeMs === null || audioAgeMs > STALE_MS
        ? 'no sound has come in the last seconds'
        : null;
    if (why !== null) return { isSilent: or<boolean>(null, 'isSilent', why), silentSinceMs: null };
    const isSilent = this.silentSince !== null && nowMs - this.silentSince >= SILENT_MS;
    return { isSilent, silentSinceMs: isSilent ? this.silentSince : null };
  }
}
