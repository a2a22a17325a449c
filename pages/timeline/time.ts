export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const format = (options: Intl.DateTimeFormatOptions, zone?: string) =>
  new Intl.DateTimeFormat([], { ...options, ...(zone ? { timeZone: zone } : {}) });
const clockOf = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const secondsOf = format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayOf = format({ weekday: 'short', day: 'numeric', month: 'short' });
const zoneOf = format({ timeZoneName: 'short' });

/** `20:15`, local. */
export function clock(at: number): string {
  return clockOf.format(at);
}

/** `20:15:03`, local. */
export function seconds(at: number): string {
  return secondsOf.format(at);
}

/** `Fri, Nov 20`, local. */
export function day(at: number): string {
  return dayOf.format(at);
}

/** The whole local time, with its zone. */
export function wholeLocal(at: number): string {
  return `${day(at)} ${new Date(at).getFullYear()}, ${seconds(at)}.${milli(at)} ${zone(at)}`;
}

/** The whole time in UTC, ISO 8601. */
export function wholeUtc(at: number): string {
  return new Date(at).toISOString();
}

/** The zone of local times at a moment, as people write it: `CET`, `GMT+1`. */
export function zone(at: number): string {
  return zoneOf.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Where the piece of local time begins that a moment lies in: a minute, an hour, a day. A day may have 23 or 25 hours. */
export function floorLocal(at: number, everyMs: number): number {
  if (everyMs === DAY_MS) return new Date(at).setHours(0, 0, 0, 0);
  const offset = -new Date(at).getTimezoneOffset() * MINUTE_MS;
  return Math.floor((at + offset) / everyMs) * everyMs - offset;
}

/** A length of time in words. */
export function span(ms: number): string {
  const all = Math.round(ms / 1000);
  if (all < 60) return `${all} s`;
  if (all < 3600) return `${Math.round(all / 60)} min`;
  return `${(all / 3600).toFixed(1)} h`;
}

/** What a field for date and time shows. */
export function forField(at: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${seconds(at)}`;
}

function milli(at: number): string {
  return String(at % 1000).padStart(3, '0');
}
