import type { PublicEntry } from '../../lib/web/guest-page/view';

/** What the server told, and when it came here by a clock that nobody sets. */
export interface Told<T> {
  value: T;
  atMs: number;
}

/** This page's clock, in ms: it only ever goes forth, whatever the phone's clock says. */
export function nowMs(): number {
  return performance.now();
}

/** Time left of a turn now, in ms; null: no limit, or it has not begun. */
export function remainingMs(entry: PublicEntry, toldAtMs: number): number | null {
  if (entry.remainingMs === null) return null;
  return Math.max(0, entry.remainingMs - (entry.counting ? nowMs() - toldAtMs : 0));
}

/** When a turn comes at the latest, in whole minutes; it comes nearer only while the one on air runs out of time. */
export function startsInMinutes(
  entry: PublicEntry,
  lead: PublicEntry | null,
  toldAtMs: number,
): number | null {
  if (entry.startsInMs === null) return null;
  const gone = lead?.counting ? nowMs() - toldAtMs : 0;
  return Math.max(1, Math.ceil((entry.startsInMs - gone) / 60_000));
}

/** `12:05`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A moment of today or soon in this place's words. */
export function timeOfDay(iso: string): string {
  return new Date(iso).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' });
}
