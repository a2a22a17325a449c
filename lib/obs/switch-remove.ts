import { pause } from '../connection/deadline';
import { fail } from '../errors';
import type { ObsClient } from './client';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { answerIn, askAll, isGone, refused } from './switch-ask';
import { ownerOf } from './switch-owner';
import { number, objects, text } from './values';

/** A name is free 51 to 78 ms after its removal (measured on OBS 29). */
const FREE_LOOK_MS = 40;

/** A source to be removed: from that scene only where others have it too; null: as a whole. */
export interface Removal {
  owner: string;
  name: string;
  scene: string | null;
}

/**
 * Remove a source that this connection made, and wait up to `ms` until its name is free: `gone` where there was none, `ghost` where OBS still has
 * or lists it then; `left` where it only left its scene, since others have it too: OBS would take it out of all of them. Rejects with
 * SOURCE_UNFIT where it is not ours, and nothing was removed.
 */
export async function removeOwned(
  client: ObsClient,
  { owner, name, scene }: Removal,
  ms: number,
): Promise<'removed' | 'left' | 'gone' | 'ghost'> {
  const [settings] = await askAll(client, [settingsOf(name)]);
  if (isGone(settings)) return 'gone';
  if (!ownerOf(name, answerIn(settings)?.inputSettings, owner))
    throw fail('SOURCE_UNFIT', { source: name, reason: 'it is not one that this connection made' });
  const places = await placesOf(client, name);
  if (scene !== null && places.some((place) => place.sceneName !== scene)) {
    await leave(client, scene, name);
    return 'left';
  }
  try {
    await client.call('RemoveInput', { inputName: name });
  } catch (error) {
    if (refusedWith(error, Status.ResourceNotFound)) return 'gone';
    throw error;
  }
  // a scene that is not drawn holds on to its item, and the source plays on unseen (measured on OBS 29); in others it is gone by now
  await askAll(
    client,
    places.map((requestData) => ({ requestType: 'RemoveSceneItem', requestData })),
  );
  const until = performance.now() + ms;
  for (;;) {
    const [found, list] = await askAll(client, [settingsOf(name), { requestType: 'GetInputList' }]);
    const listed = objects(answerIn(list)?.inputs).some(({ inputName }) => inputName === name);
    if (isGone(found) && answerIn(list) && !listed) return 'removed';
    if (performance.now() >= until) return 'ghost';
    await pause(FREE_LOOK_MS);
  }
}

/** The scenes and groups that have the source, and its item there. */
export async function placesOf(
  client: ObsClient,
  name: string,
): Promise<{ sceneName: string; sceneItemId: number }[]> {
  const [scenes, groups] = await askAll(client, [
    { requestType: 'GetSceneList' },
    { requestType: 'GetGroupList' },
  ]);
  const named = objects(answerIn(scenes)?.scenes).flatMap(({ sceneName }) => text(sceneName) ?? []);
  const { groups: inScenes } = answerIn(groups) ?? {};
  const grouped = Array.isArray(inScenes) ? inScenes.flatMap((group) => text(group) ?? []) : [];
  const places = [...named, ...grouped];
  const found = await askAll(
    client,
    places.map((sceneName) => ({
      requestType: 'GetSceneItemId',
      requestData: { sceneName, sourceName: name },
    })),
  );
  return places.flatMap((sceneName, index) => {
    const sceneItemId = number(answerIn(found[index])?.sceneItemId);
    return sceneItemId === null ? [] : [{ sceneName, sceneItemId }];
  });
}

/** Take the source out of one scene, wherever it is in it. */
async function leave(client: ObsClient, scene: string, name: string): Promise<void> {
  const items = await client.call('GetSceneItemList', { sceneName: scene });
  const mine = objects(items.sceneItems).filter(({ sourceName }) => sourceName === name);
  const results = await askAll(
    client,
    mine.map(({ sceneItemId }) => ({
      requestType: 'RemoveSceneItem',
      requestData: { sceneName: scene, sceneItemId },
    })),
  );
  const fault = results.find((result) => !answerIn(result) && !isGone(result));
  if (fault) throw refused('to take the source out of its scene', fault);
}

function settingsOf(name: string) {
  return { requestType: 'GetInputSettings', requestData: { inputName: name } };
}
