import { BitReader, BitWriter, withEmulation, withoutEmulation } from './bits';
import { type Sps, readSps } from './sps';

/** An AVC decoder configuration record (ISO/IEC 14496-15 5.3.3.1), taken apart. */
export interface AvcConfig {
  /** bytes of the length before each NAL unit: 1, 2 or 4 */
  lengthSize: number;
  /** NAL units with their header byte */
  sps: Buffer[];
  pps: Buffer[];
  /** what stands behind them (High profiles repeat their colours there) */
  rest: Buffer;
}

/** Begins a unit in a bare byte stream, and stands within none (ITU-T H.264 7.4.1). */
const START_CODE = Buffer.from([0, 0, 1]);

export type AvcConfigReading = { config: AvcConfig; fault: null } | { config: null; fault: string };

/** Reads a record. Never throws; a record without a sequence header is a fault, since nobody could say how large the pictures are. */
export function readAvcConfig(record: Buffer): AvcConfigReading {
  const cut: AvcConfigReading = { config: null, fault: 'the decoder configuration is cut off' };
  if (record.length < 7) return cut;
  // a decoder would take anything else for a bare byte stream, and find sizes in it that nobody has checked
  if (record[0] !== 1) return { config: null, fault: 'the decoder configuration has an unknown version' };
  const lengthSize = (record[4]! & 3) + 1;
  if (lengthSize === 3)
    return { config: null, fault: 'the decoder configuration has lengths of three bytes' };
  let at = 5;
  const list = (count: number): Buffer[] | null => {
    const units: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      if (at + 2 > record.length) return null;
      const length = record.readUInt16BE(at);
      at += 2;
      if (length === 0 || at + length > record.length) return null;
      units.push(record.subarray(at, at + length));
      at += length;
    }
    return units;
  };
  const sps = list(record[at++]! & 0x1f);
  if (!sps || at >= record.length) return cut;
  if (sps.length === 0) return { config: null, fault: 'the decoder configuration has no sequence header' };
  const pps = list(record[at++]!);
  if (!pps) return cut;
  // a decoder takes a sequence header wherever it finds one
  if (pps.some(isSps) || [...sps, ...pps].some((unit) => unit.includes(START_CODE)))
    return { config: null, fault: 'the decoder configuration has a sequence header where none belongs' };
  return { config: { lengthSize, sps, pps, rest: record.subarray(at) }, fault: null };
}

/** Writes a record; profile and level are those of its first sequence header. */
export function writeAvcConfig({ lengthSize, sps, pps, rest }: AvcConfig): Buffer {
  const first = sps[0] ?? Buffer.alloc(4);
  const unit = (nal: Buffer): Buffer[] => [Buffer.from([nal.length >> 8, nal.length & 255]), nal];
  return Buffer.concat([
    Buffer.from([1, first[1] ?? 0, first[2] ?? 0, first[3] ?? 0, 0xfc | (lengthSize - 1), 0xe0 | sps.length]),
    ...sps.flatMap(unit),
    Buffer.from([pps.length]),
    ...pps.flatMap(unit),
    rest,
  ]);
}

/**
 * The same sequence header, which says that no picture is shown later than one that comes behind it: a decoder that gets nothing but key
 * frames then gives each one out at once instead of waiting for the next ones. True of a stream of key frames only; where others are fed
 * too, their order would be wrong. Anything that cannot be read is given back as it is.
 */
export function withoutReordering(nal: Buffer): Buffer {
  const { sps } = readSps(nal);
  if (!sps || (sps.hasVui && sps.restrictionAt === null)) return nal;
  const bytes = withoutEmulation(nal);
  const w = new BitWriter();
  w.copy(new BitReader(bytes), sps.restrictionAt ?? sps.vuiAt);
  if (!sps.hasVui) {
    // a VUI that says nothing: its flag, and eight things that are not there
    w.bit(1);
    w.bits(0, 8);
  }
  writeRestriction(w, sps);
  return withEmulation(w.finish());
}

/** `bitstream_restriction` with the values that H.264 infers where it is left out (E.2.1), but for the reordering. */
function writeRestriction(w: BitWriter, sps: Sps): void {
  w.bit(1);
  w.bit(1);
  w.ue(2);
  w.ue(1);
  w.ue(15);
  w.ue(15);
  w.ue(0);
  w.ue(Math.max(1, sps.refFrames));
}

/** The same record with `withoutReordering` in every sequence header; what cannot be read comes back as it is. */
export function recordWithoutReordering(record: Buffer): Buffer {
  const { config } = readAvcConfig(record);
  return config ? writeAvcConfig({ ...config, sps: config.sps.map(withoutReordering) }) : record;
}

/** A picture in a slice for each row of its blocks has some 300 at 8K. Millions fit into one message, and would stop everything for a second. */
const MOST_UNITS = 1_024;

/**
 * The NAL units of one picture, each with its header byte; null where the lengths before them do not fit together. Such a picture is for no
 * decoder: what it made of the bytes would be something else than what was looked at here.
 */
export function nalUnits(data: Buffer, lengthSize: number): Buffer[] | null {
  if (looksLikeConfig(data)) return null;
  const units: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    if (at + lengthSize > data.length || units.length >= MOST_UNITS) return null;
    const length = data.readUIntBE(at, lengthSize);
    at += lengthSize;
    if (length === 0 || at + length > data.length) return null;
    const parts = partsOf(data.subarray(at, at + length), MOST_UNITS - units.length);
    if (!parts) return null;
    units.push(...parts);
    at += length;
  }
  return units;
}

/**
 * What stands behind start codes within a unit, where none should be: libavcodec takes each of them for a unit of its own
 * (`ff_h2645_packet_split`, h2645_parse.c), a sequence header too. Null: they are more than `most`.
 */
function partsOf(unit: Buffer, most: number): Buffer[] | null {
  let end = unit.indexOf(START_CODE);
  if (end < 0) return [unit];
  const parts: Buffer[] = [];
  for (let from = 0, i = 0; from < unit.length; i++) {
    if (i >= most) return null;
    if (end > from) parts.push(unit.subarray(from, end));
    from = end + START_CODE.length;
    end = unit.indexOf(START_CODE, from);
    if (end < 0) end = unit.length;
  }
  return parts;
}

/** libavcodec takes a picture that begins so for a new configuration (`is_avcc_extradata`, h264dec.c). */
function looksLikeConfig(data: Buffer): boolean {
  return data.length > 8 && data[0] === 1 && data[2] === 0 && (data[4]! & 0xfc) === 0xfc;
}

/** The sequence headers that stand in a picture itself, as some encoders repeat them. */
export function inBandSps(units: readonly Buffer[]): Buffer[] {
  return units.filter(isSps);
}

function isSps(nal: Buffer): boolean {
  return (nal[0]! & 0x1f) === 7;
}

/** A key frame's bytes with `withoutReordering` in the sequence headers that it repeats; as they are where there are none. */
export function frameWithoutReordering(data: Buffer, lengthSize: number): Buffer {
  const units = nalUnits(data, lengthSize);
  if (!units || inBandSps(units).length === 0) return data;
  const out = units.flatMap((nal) => {
    const unit = isSps(nal) ? withoutReordering(nal) : nal;
    const length = Buffer.alloc(lengthSize);
    if (unit.length >= 256 ** lengthSize) return [];
    length.writeUIntBE(unit.length, 0, lengthSize);
    return [length, unit];
  });
  return Buffer.concat(out);
}
