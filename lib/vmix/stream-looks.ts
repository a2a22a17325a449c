import { unlessAborted } from '../connection/deadline';
import { fail } from '../errors';
import type { VmixClient } from './client';
import { ONE_LOOK_MS } from './confirm';
import type { VmixState } from './state-types';

/** Looks at the state, for the actions of one kind; each wait has its deadline and its coded error. */
export class Looks {
  constructor(private readonly client: VmixClient) {}

  /**
   * Resolves with what `look` finds in a state read from now on. Rejects with what it throws, with STREAM_START_CANCELLED at once
   * when `signal` aborts, with VMIX_DISCONNECTED when the connection is lost (nobody knows then what runs), and with VMIX_TIMEOUT
   * after `ms`; `late` may give something in place of that.
   */
  async until<T>(
    look: (state: VmixState) => T | undefined,
    ms: number,
    action: string,
    { signal, late, soon }: { signal?: AbortSignal; late?: () => T; soon?: boolean } = {},
  ): Promise<T> {
    let thrown: { error: unknown } | null = null;
    const cancelled = () => fail('STREAM_START_CANCELLED');
    const stop = () => {
      if (signal?.aborted) throw cancelled();
    };
    const guarded = (state: VmixState): T | undefined => {
      try {
        // a wait that nobody waits for any more ends here
        stop();
        return look(state);
      } catch (error) {
        thrown = { error };
        throw error;
      }
    };
    stop();
    try {
      const found = await unlessAborted(this.client.until(guarded, ms, { soon }), signal, cancelled);
      if (found !== null) return found;
    } catch (error) {
      if (thrown || signal?.aborted || this.client.status.state === 'ready') throw error;
      throw this.lost(action, error);
    }
    if (late) return late();
    throw fail('VMIX_TIMEOUT', { where: this.client.where, action, seconds: Math.round(ms / 1000) });
  }

  /** The state as it is from now on. */
  now(action: string, signal?: AbortSignal): Promise<VmixState> {
    return this.until((state) => state, ONE_LOOK_MS, action, { signal, soon: true });
  }

  private lost(action: string, cause: unknown): Error {
    return this.client.status.state === 'closed'
      ? fail('VMIX_CLOSED', { action }, cause)
      : fail('VMIX_DISCONNECTED', { where: this.client.where, action }, cause);
  }
}
