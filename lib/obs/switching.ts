import type { Application } from '../production/application';
import type { SwitchUse, SourceSwitching } from '../production/switching';
import type { EventName, ProductionEvent } from '../production/vocabulary';
import { MACHINE_CLOCK } from '../switching/clock';
import { createLiveWatcher } from '../switching/live-watch';
import { createSwitching, type Switching } from '../switching/switching';
import { ObsSwitchPort, type SwitchPortOptions } from './switch-port';

export interface ObsSwitchingOptions extends SwitchPortOptions {
  log: (level: 'info' | 'warn', text: string) => void;
  announce: Application['announce'];
}

/** What an event of a switching says besides its payload: of a place's live source, which is the state of the place. */
const MORE: Partial<Record<EventName, Partial<ProductionEvent>>> = {
  source_switch_failed: { state: 'failed' },
  source_cleared: { state: 'idle' },
  source_stalled: { state: 'stalled', expected: false },
  source_recovered: { state: 'live', expected: null },
  source_ended: { state: 'ended', expected: null },
};

/** Sources on air of one OBS. Asks and hears nothing of it before somebody uses it. */
export class ObsSwitching implements SourceSwitching {
  private made: { port: ObsSwitchPort; switching: Switching } | null = null;

  constructor(private readonly options: ObsSwitchingOptions) {}

  use(): SwitchUse {
    return this.whole.switching.use();
  }

  /** What the switching stands on. */
  get port(): ObsSwitchPort {
    return this.whole.port;
  }

  /** Ends with the connection, which ends what is under way. */
  close(): void {
    this.made?.switching.close();
    this.made?.port.close();
    this.made = null;
  }

  private get whole(): { port: ObsSwitchPort; switching: Switching } {
    if (this.made) return this.made;
    const { log, announce } = this.options;
    const port = new ObsSwitchPort(this.options);
    const switching = createSwitching({
      port,
      log,
      watcher: createLiveWatcher({ port, clock: MACHINE_CLOCK, log }),
      tell: (event, payload, cause) =>
        announce(event, payload, {
          ...(event === 'source_switched' ? switchedTo(payload) : MORE[event]),
          cause,
        }),
    });
    return (this.made = { port, switching });
  }
}

function switchedTo({ source, previous }: Record<string, unknown>): Partial<ProductionEvent> {
  const name = (value: unknown) => (typeof value === 'string' ? value : null);
  return { state: name(source), previous: name(previous) };
}
