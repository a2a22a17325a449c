import { fail } from '../errors';
import { SILENT_DB, roundedDb } from '../production/fader';
import { CHANGE_MS, change, unfit } from './source-asks';
import type { InputChange, Outcome } from './sources';
import type { VmixInput } from './state-types';
import { decibelsOf, faderOf } from './volume';

/** Mute an input, or take that back. */
export async function setMute(on: InputChange, muted: boolean): Promise<Outcome> {
  const before = on.input.muted;
  if (before === null) throw unfit(on, 'it has no sound');
  if (before === muted) return { before, now: before, alreadySo: true };
  const now = await change(
    on,
    { name: muted ? 'AudioOff' : 'AudioOn' },
    (input) => (input.muted === muted ? muted : undefined),
    (input) => (input.muted ? 'muted' : 'heard'),
  );
  return { before, now, alreadySo: false };
}

/**
 * Bring the fader of an input to where it gives so many dB, from -100 (silence) to 0. vMix takes whole per cents of the fader, so `now` may differ by a
 * part of a dB; a fade is its own.
 */
export async function setVolume(on: InputChange, db: number, rampMs: number): Promise<Outcome> {
  if (on.input.volume === null) throw unfit(on, 'it has no sound');
  if (!(db >= SILENT_DB && db <= 0))
    throw fail('INPUT_INVALID', {
      field: 'volume',
      reason: `the fader of vMix goes from ${SILENT_DB} to 0 dB, not to ${db}; more is its gain`,
    });
  const fader = db <= SILENT_DB ? 0 : Math.round(faderOf(100 * 10 ** (db / 20)));
  const isThere = ({ volume }: VmixInput) => volume !== null && Math.abs(volume.fader - fader) < 0.5;
  const before = dbOf(on.input);
  if (isThere(on.input)) return { before, now: before, alreadySo: true };
  const now = await change(
    on,
    rampMs > 0
      ? { name: 'SetVolumeFade', value: `${fader},${Math.round(rampMs)}` }
      : { name: 'SetVolume', value: fader },
    (input) => (isThere(input) ? dbOf(input) : undefined),
    (input) => `at ${dbOf(input)} dB`,
    CHANGE_MS + rampMs,
  );
  return { before, now, alreadySo: false };
}

function dbOf({ volume }: VmixInput): number {
  return roundedDb(decibelsOf((volume?.amplitude ?? 0) / 100) ?? SILENT_DB);
}
