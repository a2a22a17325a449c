import { durationText as wholeSeconds } from '../../health/time';

/** How long, for people: 12 s, 3 min 12 s, 2 h 5 min. What took a moment is not nothing. */
export function durationText(ms: number): string {
  return ms > 0 && ms < 1_000 ? 'under 1 s' : wholeSeconds(ms);
}

/** How long something lasted that was there: never nothing, though both ends may fall into one millisecond. */
export function lastedText(ms: number): string {
  return durationText(Math.max(1, ms));
}

/** How large: 640 kB, 4.2 MB, 1.3 GB; thousands, as file managers count. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** `1 file`, `2 files` */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Times as the clock on the wall showed them. */
export class LocalTime {
  readonly zone: string;
  private readonly time: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly shortDay: Intl.DateTimeFormat;
  private readonly offset: Intl.DateTimeFormat;

  /** A zone that nobody knows is UTC. */
  constructor(zone: string) {
    this.zone = isZone(zone) ? zone : 'UTC';
    const timeZone = this.zone;
    this.time = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium', hourCycle: 'h23' });
    this.day = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full' });
    this.shortDay = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' });
    this.offset = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
  }

  /** 19:42:10 */
  clock(at: string | number): string {
    return this.time.format(new Date(at));
  }

  /** Friday 20 November 2026 */
  date(at: string | number): string {
    return this.day.format(new Date(at));
  }

  /** 20 Nov */
  shortDate(at: string | number): string {
    return this.shortDay.format(new Date(at));
  }

  /** 19:42:10, and before it the day where it is another than that of `than` */
  clockFrom(at: string | number, than: string | number | null): string {
    const other = than !== null && this.shortDate(at) !== this.shortDate(than);
    return other ? `${this.shortDate(at)}, ${this.clock(at)}` : this.clock(at);
  }

  /** how far the local clock is ahead of UTC, ms */
  offsetMs(at: string | number): number {
    const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):?(\d\d)?/.exec(this.offsetOf(at)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  }

  /** UTC+01:00 */
  offsetOf(at: string | number): string {
    const name = this.offset.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')?.value;
    return !name || /^GMT(?:[+-]00:00)?$/.test(name) ? 'UTC' : name.replace('GMT', 'UTC');
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
