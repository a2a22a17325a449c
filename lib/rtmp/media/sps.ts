import { BitReader, withoutEmulation } from './bits';

/** What a sequence parameter set says; the bit positions are those of its bytes without emulation prevention. */
export interface Sps {
  profileIdc: number;
  constraints: number;
  levelIdc: number;
  /** 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4 */
  chroma: number;
  bitDepth: number;
  /** as it is shown: cropped */
  width: number;
  height: number;
  /** as it is decoded: in whole macroblocks */
  codedWidth: number;
  codedHeight: number;
  /** fields may come instead of frames */
  interlaced: boolean;
  fps: number | null;
  refFrames: number;
  /** null: it does not say */
  reorderFrames: number | null;
  /** where `vui_parameters_present_flag` stands, and what it is */
  vuiAt: number;
  hasVui: boolean;
  /** where `bitstream_restriction_flag` stands; null without VUI */
  restrictionAt: number | null;
}

export type SpsReading = { sps: Sps; fault: null } | { sps: null; fault: string };

/** Profiles whose set says how colours and scaling are. Source: ITU-T H.264 (08/2021) 7.3.2.1.1. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const EXTENDED_SAR = 255;
/** The longest set that is read: real ones are under 100 bytes, with scaling lists under 500. */
const MOST_BYTES = 4096;
/** Points that may be cut off: encoders round up to 16 or 32. More would be a small picture that costs a decoder a large one. */
const MOST_CROP = 256;
/** Faster than this, no number in a header is believed. */
const MOST_FPS = 1000;

const faulty = (fault: string): SpsReading => ({ sps: null, fault });

/**
 * Reads an H.264 sequence parameter set, a NAL unit of type 7 with its header byte. Never throws, whatever it is given. libavcodec tries one that it
 * cannot read again with every byte as it stands (`decode_nal_units`, h264dec.c): where that would be a larger picture, its size is given.
 */
export function readSps(nal: Buffer): SpsReading {
  if (nal.length < 4) return faulty('the sequence header is cut off');
  if (nal.length > MOST_BYTES) return faulty('the sequence header is too long');
  if ((nal[0]! & 0x1f) !== 7) return faulty('the sequence header is none');
  const bytes = withoutEmulation(nal);
  const read = parse(bytes);
  const isSameUpTo = (length: number) => nal.subarray(0, length).equals(bytes.subarray(0, length));
  if (!read.sps || isSameUpTo(Math.ceil(read.sps.vuiAt / 8))) return read;
  const raw = parse(nal);
  if (!raw.sps) return raw;
  const { width, height, codedWidth, codedHeight } = raw.sps;
  if (codedWidth * codedHeight <= read.sps.codedWidth * read.sps.codedHeight) return read;
  return { sps: { ...read.sps, width, height, codedWidth, codedHeight }, fault: null };
}

function parse(bytes: Buffer): SpsReading {
  const r = new BitReader(bytes);
  r.skip(8);
  const profileIdc = r.bits(8);
  const constraints = r.bits(8);
  const levelIdc = r.bits(8);
  if (r.ue() > 31) return faulty('the sequence header has no valid number');
  const colour = HIGH_PROFILES.has(profileIdc) ? readColour(r) : { chroma: 1, bitDepth: 8, planes: false };
  if (!colour) return faulty('the sequence header has colours that there are not');
  if (r.ue() > 12) return faulty('the sequence header counts frames in a way that there is not');
  if (!readOrder(r)) return faulty('the sequence header orders pictures in a way that there is not');
  const refFrames = r.ue();
  if (refFrames > 16) return faulty('the sequence header wants more reference pictures than there are');
  r.skip(1);
  const codedWidth = (r.ue() + 1) * 16;
  const mapUnits = r.ue() + 1;
  const framesOnly = r.bit();
  if (!framesOnly) r.skip(1);
  r.skip(1);
  const codedHeight = mapUnits * 16 * (2 - framesOnly);
  const unitX = colour.planes || colour.chroma === 0 || colour.chroma === 3 ? 1 : 2;
  const unitY = (!colour.planes && colour.chroma === 1 ? 2 : 1) * (2 - framesOnly);
  const crop = r.bit() ? { left: r.ue(), right: r.ue(), top: r.ue(), bottom: r.ue() } : null;
  const width = codedWidth - (crop ? (crop.left + crop.right) * unitX : 0);
  const height = codedHeight - (crop ? (crop.top + crop.bottom) * unitY : 0);
  const vuiAt = r.at;
  const hasVui = r.bit() === 1;
  if (r.over) return faulty('the sequence header is cut off');
  if (width > 0 && height > 0 && Math.max(codedWidth - width, codedHeight - height) > MOST_CROP)
    return faulty('the sequence header cuts most of the picture off');
  if (width <= 0 || height <= 0) return faulty('the sequence header cuts the whole picture off');
  const vui = hasVui ? readVui(r) : null;
  return {
    sps: {
      profileIdc,
      constraints,
      levelIdc,
      chroma: colour.chroma,
      bitDepth: colour.bitDepth,
      width,
      height,
      codedWidth,
      codedHeight,
      interlaced: !framesOnly,
      fps: vui?.fps ?? null,
      refFrames,
      reorderFrames: vui?.reorderFrames ?? null,
      vuiAt,
      hasVui,
      restrictionAt: vui?.restrictionAt ?? null,
    },
    fault: null,
  };
}

function readColour(r: BitReader): { chroma: number; bitDepth: number; planes: boolean } | null {
  const chroma = r.ue();
  if (chroma > 3) return null;
  const planes = chroma === 3 && r.bit() === 1;
  const bitDepth = r.ue() + 8;
  if (bitDepth > 14 || r.ue() > 6) return null;
  r.skip(1);
  if (r.bit())
    for (let i = 0; i < (chroma === 3 ? 12 : 8) && !r.over; i++) if (r.bit()) skipScaling(r, i < 6 ? 16 : 64);
  return { chroma, bitDepth, planes };
}

/** ITU-T H.264 7.3.2.1.1.1. */
function skipScaling(r: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size && !r.over; i++) {
    if (next !== 0) next = (last + r.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function readOrder(r: BitReader): boolean {
  const type = r.ue();
  if (type > 2) return false;
  if (type === 0) return r.ue() <= 12;
  if (type === 2) return true;
  r.skip(1);
  r.se();
  r.se();
  const cycle = r.ue();
  if (cycle > 255) return false;
  for (let i = 0; i < cycle && !r.over; i++) r.se();
  return true;
}

/** The VUI (ITU-T H.264 E.1.1). What is cut off in it is left out: many encoders write it wrong, and the picture's size is known. */
function readVui(r: BitReader): {
  fps: number | null;
  reorderFrames: number | null;
  restrictionAt: number | null;
} {
  if (r.bit() && r.bits(8) === EXTENDED_SAR) r.skip(32);
  if (r.bit()) r.skip(1);
  if (r.bit()) {
    r.skip(4);
    if (r.bit()) r.skip(24);
  }
  if (r.bit()) {
    r.ue();
    r.ue();
  }
  let fps: number | null = null;
  if (r.bit()) {
    const units = r.bits(32);
    const scale = r.bits(32);
    r.skip(1);
    // the scale counts fields
    const said = units > 0 ? scale / units / 2 : 0;
    if (!r.over && said > 0 && said <= MOST_FPS) fps = Math.round(said * 1000) / 1000;
  }
  const nalHrd = r.bit();
  if (nalHrd) skipHrd(r);
  const vclHrd = r.bit();
  if (vclHrd) skipHrd(r);
  if (nalHrd || vclHrd) r.skip(1);
  r.skip(1);
  const restrictionAt = r.at;
  if (!r.bit() || r.over) return { fps, reorderFrames: null, restrictionAt: r.over ? null : restrictionAt };
  r.skip(1);
  for (let i = 0; i < 4; i++) r.ue();
  const reorderFrames = r.ue();
  return { fps, reorderFrames: r.over || reorderFrames > 16 ? null : reorderFrames, restrictionAt };
}

/** ITU-T H.264 E.1.2. */
function skipHrd(r: BitReader): void {
  const count = r.ue() + 1;
  r.skip(8);
  for (let i = 0; i < Math.min(count, 32) && !r.over; i++) {
    r.ue();
    r.ue();
    r.skip(1);
  }
  r.skip(20);
}

const PROFILES: Record<number, string> = {
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4 Predictive',
  44: 'CAVLC 4:4:4 Intra',
};

/** The profile as people write it. */
export function profileName(sps: Sps): string {
  if (sps.profileIdc === 66 && sps.constraints & 0x40) return 'Constrained Baseline';
  return PROFILES[sps.profileIdc] ?? String(sps.profileIdc);
}

/** The level as people write it: 41 is 4.1. */
export function levelName(sps: Sps): string {
  if (sps.levelIdc === 11 && sps.constraints & 0x10 && sps.profileIdc <= 88) return '1b';
  return (sps.levelIdc / 10).toFixed(1).replace(/\.0$/, '');
}
