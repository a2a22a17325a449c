import type { VmixChange } from './changes';
import type { VmixState } from './state-types';
import { streamThing } from './things';

/**
 * Starts whose end nobody saw: the connection went while they were being confirmed, or a stop that should have ended them failed.
 * What became of them is told by the next state.
 */
export class UntoldStarts {
  private readonly channels = new Map<number, { cancelled: boolean }>();

  /** `cancelled`: somebody did not want it any more */
  add(channel: number, cancelled: boolean): void {
    this.channels.set(channel, { cancelled });
  }

  delete(channel: number): void {
    this.channels.delete(channel);
  }

  /**
   * The changes between two states, with what has to be told of these starts among them; those that are `busy`, being started or
   * stopped anew, wait.
   */
  tell(changes: readonly VmixChange[], state: VmixState, busy: (channel: number) => boolean): VmixChange[] {
    const out = [...changes];
    for (const [channel, { cancelled }] of [...this.channels].filter(([one]) => !busy(one))) {
      const output = streamThing(channel);
      const at = out.findIndex((one) => one.output === output);
      const on = state.streaming.channels[channel];
      if (on === undefined || on === null) continue;
      this.channels.delete(channel);
      if (at < 0) out.push(on ? startedOf(output, channel) : endedOf(output, channel, cancelled));
      // it was on and is off, and nobody has ever heard that it had started
      else if (out[at]!.event === 'stream_stopped' && out[at]!.expected !== true)
        out[at] = { ...endedOf(output, channel, cancelled), cause: out[at]!.cause };
    }
    return out;
  }
}

function startedOf(output: string, channel: number): VmixChange {
  return {
    event: 'stream_started',
    cause: 'resync',
    expected: true,
    output,
    state: 'live',
    previous: 'starting',
    payload: { channel },
  };
}

/** One that was called off has not failed. */
function endedOf(output: string, channel: number, cancelled: boolean): VmixChange {
  return {
    event: cancelled ? 'stream_stopped' : 'stream_failed',
    cause: 'resync',
    expected: cancelled,
    output,
    state: 'idle',
    previous: 'starting',
    payload: { channel },
  };
}
