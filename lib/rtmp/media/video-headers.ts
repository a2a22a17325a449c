import type { VideoInfo } from '../types';
import { inBandSps, nalUnits, readAvcConfig } from './avc';
import { type Sps, levelName, profileName, readSps } from './sps';
import { type VideoTag, readVideoTag } from './tags';

/** Source: H.264 7.4.2.1.1, seq_parameter_set_id. */
const MOST_SPS = 32;

/** A slice of such a picture. Source: H.264 table 7-1. */
const IDR = 5;

/** What a video tag told. */
export interface VideoTaken {
  tag: VideoTag | null;
  /** another picture than so far; null where nothing is new */
  news: VideoInfo | null;
  /** why these bytes are for no decoder; null where they may be */
  fault: string | null;
  /** a picture with which decoding starts anew (IDR). Key frames of an open GOP, or of intra refresh, are none: alone they are not decoded */
  isIdr?: boolean;
}

const SIZE = ['codec', 'width', 'height'] as const;
const ALL = [...SIZE, 'profile', 'level', 'fps'] as const;

/**
 * Follows what a stream's video says of itself: in its headers, and in the sequence headers that stand in pictures, which a decoder obeys
 * as well. So nobody gets a picture past a limit by naming a small one first. Never throws.
 */
export class VideoHeaders {
  /** null until the stream has named it */
  info: VideoInfo | null = null;
  /** of the NAL units of a picture; null where there is no AVC header yet */
  lengthSize: number | null = null;

  take(payload: Buffer): VideoTaken {
    const tag = readVideoTag(payload);
    if (!tag) return { tag, news: null, fault: 'the video is cut off' };
    if (tag.what === 'other' || tag.what === 'end') return { tag, news: null, fault: null };
    if (tag.codec !== 'avc') {
      this.lengthSize = null;
      return { tag, news: this.changed(bare(tag.codec)), fault: null };
    }
    return tag.what === 'header' ? this.header(tag) : this.frame(tag);
  }

  private header(tag: VideoTag): VideoTaken {
    const { config, fault } = readAvcConfig(tag.data);
    if (!config) return { tag, news: null, fault };
    const read = largest(config.sps);
    if (!read.sps) return { tag, news: null, fault: read.fault };
    this.lengthSize = config.lengthSize;
    return { tag, news: this.changed(infoOf(read.sps)), fault: null };
  }

  private frame(tag: VideoTag): VideoTaken {
    const none = (fault: string | null): VideoTaken => ({ tag, news: null, fault });
    if (this.lengthSize === null) return none('a picture came before the decoder configuration');
    const units = nalUnits(tag.data, this.lengthSize);
    if (!units) return none('the lengths in a picture do not fit together');
    const found = inBandSps(units);
    const isIdr = units.some((unit) => (unit[0]! & 0x1f) === IDR);
    if (found.length === 0) return { ...none(null), isIdr };
    if (found.length > MOST_SPS) return none('more sequence headers in a picture than there are numbers for');
    const read = largest(found);
    if (!read.sps) return none(read.fault);
    // an encoder may say less in the headers that it repeats
    return { tag, news: this.changed(infoOf(read.sps), SIZE), fault: null, isIdr };
  }

  private changed(info: VideoInfo, keys: readonly (keyof VideoInfo)[] = ALL): VideoInfo | null {
    const last = this.info;
    if (last !== null && keys.every((key) => last[key] === info[key])) return null;
    return (this.info = info);
  }
}

/** Of several sequence headers the one with the largest pictures: which one is used, only the pictures say. A broken one breaks all. */
function largest(nals: readonly Buffer[]): ReturnType<typeof readSps> {
  let best: Sps | null = null;
  for (const nal of nals) {
    const read = readSps(nal);
    if (!read.sps) return read;
    if (!best || read.sps.codedWidth * read.sps.codedHeight > best.codedWidth * best.codedHeight)
      best = read.sps;
  }
  return best ? { sps: best, fault: null } : { sps: null, fault: 'there is no sequence header' };
}

function infoOf(sps: Sps): VideoInfo {
  return {
    codec: 'avc',
    width: sps.width,
    height: sps.height,
    profile: profileName(sps),
    level: levelName(sps),
    fps: sps.fps,
  };
}

function bare(codec: string): VideoInfo {
  return { codec, width: null, height: null, profile: null, level: null, fps: null };
}

/** Whether pictures of this size are within the limit, which holds upright too. Pictures whose size nobody can read are, since nothing decodes them. */
export function fitsWithin(video: VideoInfo, maxWidth: number, maxHeight: number): boolean {
  if (video.width === null || video.height === null) return true;
  const [long, short] = [Math.max(video.width, video.height), Math.min(video.width, video.height)];
  return long <= Math.max(maxWidth, maxHeight) && short <= Math.min(maxWidth, maxHeight);
}
