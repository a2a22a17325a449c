import type { AudioInfo } from '../types';
import { BitReader } from './bits';

/** What an AAC header says (ISO/IEC 14496-3 1.6.2.1). */
export interface AacConfig extends AudioInfo {
  objectType: number;
}

const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
/** by `channelConfiguration`; 0 means that the sound itself says it */
const CHANNELS: Record<number, number> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8 };
/** spectral band replication and parametric stereo: the rate that is heard stands behind the core's */
const SBR = 5;
const PS = 29;

/** Reads an AudioSpecificConfig. Null where it is cut off. Never throws. */
export function readAacConfig(bytes: Buffer): AacConfig | null {
  const r = new BitReader(bytes);
  const type = (): number => {
    const value = r.bits(5);
    return value === 31 ? 32 + r.bits(6) : value;
  };
  const rate = (): number | null => {
    const index = r.bits(4);
    return index === 15 ? r.bits(24) || null : (RATES[index] ?? null);
  };
  let objectType = type();
  let sampleRateHz = rate();
  const channels = CHANNELS[r.bits(4)] ?? null;
  const isPs = objectType === PS;
  if (objectType === SBR || isPs) {
    sampleRateHz = rate() ?? sampleRateHz;
    objectType = type();
  }
  if (r.over) return null;
  return { codec: 'aac', sampleRateHz, channels: isPs ? 2 : channels, objectType };
}

/** AAC Main, LC, SSR and LTP: the kinds whose frames are built as `isSilentAac` reads them. */
const PLAIN_TYPES = 4;
/** A frame of no more bytes than this for each channel says nothing but silence: measured, 6 bytes are silent stereo, the least sound has 364. */
const SILENT_BYTES = 4;
const MOST_ELEMENTS = 64;
/** scale factor bands of one long window, at the rates that have most of them */
const MOST_BANDS = 51;

/**
 * Whether a frame of AAC is digital silence: every channel of it has no spectrum at all. Read from the frame's own structure (ISO/IEC
 * 14496-3 4.4.2), so that an encoder which fills silent frames up to a constant rate is seen through too; where the structure is none that is
 * read here, by its size.
 */
export function isSilentAac(frame: Buffer, config: AacConfig): boolean {
  const read = config.objectType >= 1 && config.objectType <= PLAIN_TYPES ? silentByElements(frame) : null;
  return read ?? frame.length <= SILENT_BYTES * (config.channels ?? 2);
}

function silentByElements(frame: Buffer): boolean | null {
  const r = new BitReader(frame);
  let heard = 0;
  for (let i = 0; i < MOST_ELEMENTS; i++) {
    const element = r.bits(3);
    if (r.over) return null;
    if (element === 7) return heard > 0 ? true : null;
    if (element === 6) {
      const count = r.bits(4);
      r.skip(8 * (count === 15 ? 14 + r.bits(8) : count));
    } else if (element === 4) {
      r.skip(4);
      const aligned = r.bit();
      const count = r.bits(8);
      const bytes = count === 255 ? 255 + r.bits(8) : count;
      if (aligned) r.skip((8 - (r.at % 8)) % 8);
      r.skip(8 * bytes);
    } else if (element === 0 || element === 3) {
      r.skip(4);
      const silent = silentChannel(r, null);
      if (silent !== true) return silent;
      heard++;
    } else if (element === 1) {
      r.skip(4);
      const info = r.bit() ? readInfo(r) : null;
      if (info === 'strange') return null;
      if (info) {
        const mask = r.bits(2);
        if (mask === 3) return null;
        if (mask === 1) r.skip(info.groups * info.bands);
      }
      for (let channel = 0; channel < 2; channel++) {
        const silent = silentChannel(r, info);
        if (silent !== true) return silent;
      }
      heard += 2;
    } else return null;
  }
  return null;
}

interface IcsInfo {
  short: boolean;
  groups: number;
  bands: number;
}

function readInfo(r: BitReader): IcsInfo | 'strange' {
  r.skip(1);
  const short = r.bits(2) === 2;
  r.skip(1);
  if (short) {
    const bands = r.bits(4);
    let groups = 1;
    for (let i = 0; i < 7; i++) if (!r.bit()) groups++;
    return { short, groups, bands };
  }
  const bands = r.bits(6);
  // prediction is of AAC Main and LTP only, and no encoder of today writes it
  if (r.bit() || bands > MOST_BANDS) return 'strange';
  return { short, groups: 1, bands };
}

/** One channel: true where every section of it is of the codebook of zeros; false as soon as one is not; null where it cannot be read. */
function silentChannel(r: BitReader, shared: IcsInfo | null): boolean | null {
  r.skip(8);
  const info = shared ?? readInfo(r);
  if (info === 'strange') return null;
  const lengthBits = info.short ? 3 : 5;
  const escape = 2 ** lengthBits - 1;
  for (let group = 0; group < info.groups; group++)
    for (let band = 0; band < info.bands;) {
      const book = r.bits(4);
      let length = r.bits(lengthBits);
      for (let more = length; more === escape && !r.over;) {
        more = r.bits(lengthBits);
        length += more;
      }
      if (r.over || length === 0) return null;
      if (book !== 0) return false;
      band += length;
    }
  if (r.bit()) return null;
  // noise shaping and gain control of nothing: read as far as silent frames of encoders have them, which is not at all
  if (r.bit() || r.bit() || r.over) return null;
  return true;
}
