/** Times beyond this are none that a clock can show, in ms. */
const LAST_MS = 8.64e15;

/** Whether this is a time at all. */
export const isTime = (ms: number): boolean => Number.isFinite(ms) && Math.abs(ms) <= LAST_MS;

/** ISO 8601 UTC with milliseconds. */
export function isoText(ms: number): string {
  return new Date(Math.trunc(ms)).toISOString();
}

/** The operator's clock: local time, as 19:42:10. */
export function localClock(ms: number): string {
  const date = new Date(Math.trunc(ms));
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** How long, for people: 12 s, 3 min 12 s, 2 h 5 min. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}
