import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { ObsClient } from './client';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { answerIn, askAll, isGone } from './switch-ask';
import { ownerOf } from './switch-owner';
import { objects } from './values';

/** A name is free 51 to 78 ms after its removal (measured on OBS 29). */
const FREE_LOOK_MS = 40;

/**
 * Remove a source that this connection made, and wait up to `ms` until its name is free: `gone` where there was none, `ghost` where OBS still has
 * or lists it then. Rejects with SOURCE_UNFIT where it is not ours, and nothing was removed.
 */
export async function removeOwned(
  client: ObsClient,
  owner: string,
  name: string,
  ms: number,
): Promise<'removed' | 'gone' | 'ghost'> {
  const [settings] = await askAll(client, [settingsOf(name)]);
  if (isGone(settings)) return 'gone';
  if (!ownerOf(name, answerIn(settings)?.inputSettings, owner))
    throw fail('SOURCE_UNFIT', { source: name, reason: 'it is not one that this connection made' });
  try {
    await client.call('RemoveInput', { inputName: name });
  } catch (error) {
    if (refusedWith(error, Status.ResourceNotFound)) return 'gone';
    throw error;
  }
  const until = performance.now() + ms;
  for (;;) {
    const [found, list] = await askAll(client, [settingsOf(name), { requestType: 'GetInputList' }]);
    const listed = objects(answerIn(list)?.inputs).some(({ inputName }) => inputName === name);
    if (isGone(found) && answerIn(list) && !listed) return 'removed';
    if (performance.now() >= until) return 'ghost';
    await pause(FREE_LOOK_MS);
  }
}

function settingsOf(name: string) {
  return { requestType: 'GetInputSettings', requestData: { inputName: name } };
}
