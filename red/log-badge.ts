import { BADGES, type BadgeName } from './badges';
import type { Node } from './types';

/** The editor need not repaint for every message. */
const EVERY_MS = 500;
const MILLION = 1_000_000;

/** A number of entries in at most nine characters. */
export function countText(count: number): string {
  if (count < 10 * MILLION) return count.toLocaleString('en-US');
  return `${Math.floor(count / 100_000) / 10} M`;
}

/** The badge of a node on a witness log, with a count that runs: `look` says how it is, and is asked when it may have changed. */
export class LogBadge {
  private shown = '';
  private timer: NodeJS.Timeout | null = null;
  private over = false;

  constructor(
    private readonly node: Node,
    private readonly look: () => { name: BadgeName; count?: number },
  ) {}

  /** Something changed that must be seen at once. */
  now(): void {
    if (this.over) return;
    const { name, count = 0 } = this.look();
    const { fill, shape, text: pattern } = BADGES[name];
    const text = pattern.replace('{count}', countText(count));
    const shown = `${fill} ${text}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.node.status({ fill, shape, text });
  }

  /** The count runs: to be seen within half a second. */
  soon(): void {
    if (this.timer || this.over) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.now();
    }, EVERY_MS);
    this.timer.unref();
  }

  /** For the node's close: nothing is shown any more. */
  end(): void {
    this.over = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
