import { fail } from '../errors';
import { sendAndSee } from './confirm';
import type { FunctionCall } from './functions/query';
import { inputParameter } from './inputs';
import type { InputChange } from './sources';
import type { VmixInput, VmixState } from './state-types';

/** vMix takes a function before it is done, and its document is read every second or so. */
export const CHANGE_MS = 5_000;

/** The same input in a later document; undefined where it was removed. */
export function sameIn(state: VmixState, { key }: VmixInput): VmixInput | undefined {
  return state.inputs.find((one) => one.key === key);
}

/**
 * Send a function for the input, by its key, and wait until `look` finds its effect. Rejects with SOURCE_NOT_CONFIRMED, which says by `words` how it
 * is, and with SOURCE_OVERTAKEN.
 */
export async function change<T>(
  on: InputChange,
  call: FunctionCall,
  look: (input: VmixInput, state: VmixState) => T | undefined,
  words: (input: VmixInput, state: VmixState) => string,
  ms = CHANGE_MS,
): Promise<T> {
  const { client, input, overtaken } = on;
  let now = 'not there any more';
  const found = await sendAndSee(
    client,
    { input: inputParameter(input), ...call },
    (state) => {
      const same = sameIn(state, input);
      now = same ? words(same, state) : 'not there any more';
      return same && look(same, state);
    },
    { ms, signal: overtaken, cancelled: () => fail('SOURCE_OVERTAKEN', { source: input.title }) },
  );
  if (found === null) throw fail('SOURCE_NOT_CONFIRMED', { application: 'vMix', source: input.title, now });
  return found;
}

/** The input is there, and this cannot be done with it. */
export function unfit({ input }: InputChange, reason: string): Error {
  return fail('SOURCE_UNFIT', { source: input.title, reason });
}
