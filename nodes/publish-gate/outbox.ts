import { whenStarted } from '../../red/when-started';
import type { Node, NodeAPI } from '../../red/types';

/** More are not kept while flows start; nobody could read them all. */
const MOST = 1_000;

/** Sends what comes of hooks after their server has its answer, and not before the flows are started: nobody would hear it. */
export class Outbox {
  private readonly kept: object[][] = [];
  private started = false;
  private over = false;
  private soon: NodeJS.Immediate | null = null;
  private readonly unfollow: () => void;

  constructor(
    RED: NodeAPI,
    private readonly node: Node,
  ) {
    this.unfollow = whenStarted(RED, () => {
      this.started = true;
      this.flush();
    });
  }

  /** @param output 1 or 2 */
  put(output: 1 | 2, message: object): void {
    if (this.over || this.kept.length >= MOST) return;
    this.kept.push(output === 1 ? [message] : [null as never, message]);
    if (this.started) this.soon ??= setImmediate(() => this.flush());
  }

  /** What is not on its way is not sent any more: the next gate's own start has begun. */
  end(): void {
    this.flush();
    this.over = true;
    this.unfollow();
  }

  private flush(): void {
    if (this.soon) clearImmediate(this.soon);
    this.soon = null;
    if (this.over || !this.started) return;
    for (const messages of this.kept.splice(0)) this.node.send(messages as never);
  }
}
