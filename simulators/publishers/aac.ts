import { BitWriter } from './bits';

export const SAMPLE_RATE = 48_000;
/** samples of a frame */
export const FRAME_SAMPLES = 1_024;

/** AudioSpecificConfig of AAC-LC, 48 kHz, one channel (ISO/IEC 14496-3 1.6.2.1). */
export const AAC_CONFIG = new BitWriter().bits(2, 5).bits(3, 4).bits(1, 4).bits(0, 3).written;

/** Quiet: whoever rehearses with a loudspeaker has three of them. */
const GAIN = 180;
/** The spectrum comes in fours, and up to the fortieth line a band is one of them. */
const QUAD = 4;
const MOST_BAND = 9;
/** Codebook 1 (table 4.A.2): 1, 0, 0, 0 and -1, 0, 0, 0. */
const PLUS = { code: 0x10, bits: 5 } as const;
const MINUS = { code: 0x11, bits: 5 } as const;
/** A line turns by a quarter from frame to frame; so its sign goes on without a click. */
const SIGNS = [PLUS, MINUS, MINUS, PLUS] as const;

/**
 * One frame of a steady tone, written by hand: all of its spectrum is one line. Silence would do for a decoder, but is a fault that an
 * ingest warns of.
 * @param band 1 to 9: the line is 4 x band, of 23.4 Hz each
 * @param index counts the frames
 */
export function toneFrame(band: number, index: number): Buffer {
  const used = Math.max(1, Math.min(MOST_BAND, band));
  const w = begin(used + 1);
  // bands of nothing, and then one of codebook 1
  w.bits(0, 4).bits(used, 5).bits(1, 4).bits(1, 5);
  // its scale factor is the common one
  w.bits(0, 1);
  const { code, bits } = SIGNS[index % SIGNS.length]!;
  return finish(w.bits(0, 3).bits(code, bits));
}

/** One frame of nothing: digital silence. */
export function silentFrame(): Buffer {
  return finish(begin(0).bits(0, 3));
}

/** One channel with one long window. */
function begin(bands: number): BitWriter {
  return new BitWriter().bits(0, 3).bits(0, 4).bits(GAIN, 8).bits(0, 4).bits(bands, 6).bits(0, 1);
}

function finish(w: BitWriter): Buffer {
  return w.bits(7, 3).align().written;
}

/** In hertz, as somebody hears it. */
export function toneHz(band: number): number {
  return ((QUAD * band + 0.5) * SAMPLE_RATE) / 2 / FRAME_SAMPLES;
}
