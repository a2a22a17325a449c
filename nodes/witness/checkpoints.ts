import { checkpointMessage, type CheckpointMessage } from '../../red/witness-logs';
import type { CheckpointTold } from '../../lib/witness/store/log';

/** Signed checkpoints on their way to output 2: each, or the newest one every so often. */
export class CheckpointOutput {
  private held: CheckpointTold | null = null;
  private timer: NodeJS.Timeout | null = null;
  private sentSize = -1;

  /** `everyMs` 0 sends each. */
  constructor(
    private readonly origin: string,
    private readonly everyMs: number,
    private readonly send: (msg: CheckpointMessage) => void,
  ) {}

  /** A checkpoint was signed. */
  hear(told: CheckpointTold): void {
    if (told.size <= this.sentSize) return;
    this.held = told;
    if (!this.timer) this.sendHeld();
  }

  /** The last one that was held back goes out; nothing after it. */
  end(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.sendHeld(false);
  }

  private sendHeld(again = true): void {
    const told = this.held;
    this.held = null;
    if (!told) return;
    this.sentSize = told.size;
    this.send(checkpointMessage(this.origin, told));
    if (!again || this.everyMs === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.sendHeld();
    }, this.everyMs);
    this.timer.unref();
  }
}
