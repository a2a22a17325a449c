import { unlessAborted } from '../connection/deadline';
import type { Priority } from '../connection/lane';
import { asLiveError, fail } from '../errors';
import type { VmixClient } from './client';
import type { FunctionCall } from './functions/query';
import type { VmixState } from './state-types';

/** A state request has 10 s, and one may be under way already. */
export const ONE_LOOK_MS = 25_000;
/** A function whose answer was lost may have been done: so long its effect may take to show. */
const UNSURE_MS = 3_000;
/** After these nobody knows whether vMix has done it. */
const UNSURE = new Set(['VMIX_TIMEOUT', 'VMIX_DISCONNECTED']);

export interface ConfirmOptions {
  /** how long the effect may take to show, in milliseconds */
  ms: number;
  priority?: Priority;
  /** ends the wait at once; nothing is sent after it */
  signal?: AbortSignal;
  /** what an ended wait rejects with */
  cancelled?: () => Error;
}

/**
 * The state as it is from now on. Rejects with VMIX_TIMEOUT where none comes in time, and with the connection's fault.
 */
export async function freshState(client: VmixClient): Promise<VmixState> {
  const state = await client.until((found) => found, ONE_LOOK_MS, { soon: true });
  if (state) return state;
  throw fail('VMIX_TIMEOUT', {
    where: client.where,
    action: 'the request for its state',
    seconds: ONE_LOOK_MS / 1000,
  });
}

/**
 * Send a function, which vMix accepts before it is done, and wait until `look` finds its effect in the document; null where it
 * does not in time. A lost answer is no failure where the effect shows. Rejects as `VmixClient.call` does, but with VMIX_REJECTED
 * where vMix does not take a function that its list has.
 */
export async function sendAndSee<T>(
  client: VmixClient,
  call: FunctionCall,
  look: (state: VmixState) => T | undefined,
  { ms, priority, signal, cancelled }: ConfirmOptions,
): Promise<T | null> {
  const ended = () => cancelled?.() ?? fail('VMIX_CLOSED', { action: call.name });
  const stop = () => {
    if (signal?.aborted) throw ended();
  };
  try {
    await client.call(call, { priority, unless: stop });
  } catch (thrown) {
    const error = asLiveError(thrown);
    if (error.code === 'VMIX_FUNCTION_UNKNOWN')
      throw fail(
        'VMIX_REJECTED',
        {
          where: client.where,
          action: call.name,
          reason: 'it answers with an error, as to a function that its version does not have',
        },
        error,
      );
    if (!UNSURE.has(error.code)) throw error;
    const found = await client.until(look, UNSURE_MS).catch(() => null);
    if (found === null) throw error;
    return found;
  }
  stop();
  return await unlessAborted(client.until(look, ms), signal, ended);
}
