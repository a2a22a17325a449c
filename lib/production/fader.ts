/** What stands for silence: the least that OBS takes. */
export const SILENT_DB = -100;
export const LOUDEST_DB = 26;

/** Where the fader of a mixer stands at this volume, as a cubic fader does: the cube root of the factor. 0 is silence, 1 is 0 dB. */
function faderAt(db: number): number {
  return db <= SILENT_DB ? 0 : 10 ** (db / 60);
}

/**
 * The volume in dB on the way between two others, `share` from 0 to 1. The fader moves evenly, as a hand would move it: even steps in
 * dB would spend most of the way to silence where nothing is heard any more.
 */
export function volumeBetween(fromDb: number, toDb: number, share: number): number {
  if (share >= 1) return toDb;
  const from = faderAt(fromDb);
  const at = from + (faderAt(toDb) - from) * Math.max(0, share);
  return at <= faderAt(SILENT_DB + 1e-9) ? SILENT_DB : Math.min(LOUDEST_DB, 60 * Math.log10(at));
}

/** dB as they are told: rounded to a hundredth, since an application keeps a factor of its own precision. */
export function roundedDb(db: number): number {
  return Math.round(Math.max(SILENT_DB, db) * 100) / 100 + 0;
}
