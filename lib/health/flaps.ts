import { figure } from './window';

/** Reconnects are counted over this long, in ms. */
const WITHIN_MS = 60_000;
/** More within that time count as this many. */
const MOST = 64;

/** How often a stream came back to its server lately. */
export class Flaps {
  private readonly times: number[] = [];
  private total = NaN;

  /** Take the application's counter; true when it has grown since the last reading. */
  count(total: number, atMs: number): boolean {
    const before = this.total;
    this.total = figure(total);
    // the first reading, or another connection that counts from 0 again
    if (!(this.total > before)) return false;
    const more = Math.min(MOST, this.total - before);
    for (let i = 0; i < more; i++) this.times.push(atMs);
    if (this.times.length > MOST) this.times.splice(0, this.times.length - MOST);
    return true;
  }

  /** How many there were in the minute before `atMs`. */
  within(atMs: number): number {
    while (this.times.length > 0 && this.times[0]! <= atMs - WITHIN_MS) this.times.shift();
    return this.times.length;
  }

  forget(): void {
    this.times.length = 0;
  }
}
