import type { Activator, HintAbout } from './activators';
import type { VmixState } from './state-types';

/** An event may come before the document shows what it says: looked at again after this long, */
const AGAIN_MS = 250;
/** this many times. The next poll finds what comes later. */
const MOST_LOOKS = 3;

/** What the document shows of what an event claims; null where it cannot be compared. */
const SHOWN: Partial<Record<HintAbout, (state: VmixState) => boolean | null>> = {
  recording: (state) => state.recording.on,
  streaming: (state) => state.streaming.on,
  external: (state) => state.external,
  multiCorder: (state) => state.multiCorder,
  fullscreen: (state) => state.fullscreen,
  fadeToBlack: (state) => state.fadeToBlack,
};

/** Asks again for a while when the state does not show yet what an event of the TCP port has said. */
export class Claims {
  private readonly open = new Map<HintAbout, { on: boolean; looks: number }>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly again: () => void) {}

  hear({ about, input, value }: Activator): void {
    if (input === null && SHOWN[about] && (value === 0 || value === 1))
      this.open.set(about, { on: value === 1, looks: 0 });
  }

  /** A state that was asked for after the event. */
  see(state: VmixState): void {
    for (const [about, claim] of this.open) {
      const shown = SHOWN[about]?.(state) ?? null;
      claim.looks++;
      if (shown === null || shown === claim.on || claim.looks > MOST_LOOKS) this.open.delete(about);
    }
    if (this.open.size === 0 || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.again();
    }, AGAIN_MS);
    this.timer.unref();
  }

  /** Whether an event has said something that no state shows yet. */
  get waiting(): boolean {
    return this.open.size > 0;
  }

  clear(): void {
    this.open.clear();
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
