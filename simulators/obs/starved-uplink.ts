import type { Cancel } from './clock';
import type { OutputContext } from './stream-output';

/** All measured on OBS 29.0.2: how long an output takes to find that nothing goes through, and how long a handshake may hang. */
const DEAD_AFTER_MS = { rtmp: 11_500, other: 5_100 };
const HANDSHAKE_MS = 30_600;

/** What becomes of a stream whose uplink lets nothing through. */
export class StarvedUplink {
  private dying: Cancel | null = null;
  private attempting: Cancel | null = null;

  constructor(
    private readonly context: OutputContext,
    private readonly output: { isLive: () => boolean; disconnected: () => void; reconnected: () => void },
  ) {}

  /** The uplink has changed, or the output has begun. */
  look(rtmp: boolean): void {
    const { clock, health, random } = this.context;
    const { share } = health.network;
    this.dying?.();
    this.dying = null;
    if (share === 0 && this.output.isLive())
      this.dying = clock.after(rtmp ? DEAD_AFTER_MS.rtmp : DEAD_AFTER_MS.other, this.output.disconnected);
    if (share === 0 || !this.attempting) return;
    this.attempting();
    this.attempting = clock.after(100 + random() * 150, () => {
      this.attempting = null;
      this.output.reconnected();
    });
  }

  /** OBS tries to reconnect, and nobody answers. */
  attempt(): void {
    this.attempting = this.context.clock.after(HANDSHAKE_MS, () => {
      this.attempting = null;
      this.output.disconnected();
    });
  }

  cancel(): void {
    this.dying?.();
    this.attempting?.();
    this.dying = this.attempting = null;
  }
}
