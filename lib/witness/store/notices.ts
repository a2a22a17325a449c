import type { LiveError } from '../../errors';

/** Kept for whoever shows them; those of a disk that fails all night would fill the memory. */
const MOST = 100;

/** What happened to a log, the newest last. */
export class Notices {
  list: readonly LiveError[] = [];
  /** how many there were in all */
  count = 0;

  add(more: readonly LiveError[]): void {
    this.count += more.length;
    this.list = [...this.list, ...more].slice(-MOST);
  }
}
