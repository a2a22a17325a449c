/**
 * vMix reads volumes as amplitude (0 to 100) and is told them as fader position in per cent: amplitude =
 * (fader / 100)^4 x 100. Measured on vMix 29: write 50, read 6.25; write 75, read 31.64063. Pure.
 */

/** The fader position in per cent, to two decimals, of an amplitude that vMix shows. */
export function faderOf(amplitude: number): number {
  if (!(amplitude > 0)) return 0;
  return Math.round(10_000 * Math.sqrt(Math.sqrt(amplitude / 100))) / 100;
}

/** The amplitude that vMix shows for a fader position in per cent, to seven significant digits as vMix writes it. */
export function amplitudeOf(fader: number): number {
  if (!(fader > 0)) return 0;
  return Number((100 * (fader / 100) ** 4).toPrecision(7));
}

/** A linear meter (1 is full scale) in decibels; null for silence, which has none. */
export function decibelsOf(meter: number): number | null {
  return meter > 0 ? 20 * Math.log10(meter) : null;
}
