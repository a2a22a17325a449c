import { fail } from '../errors';
import { fewNames } from '../production/names';
import type { BatchRequest } from './session';
import { refusedWith } from './session';
import { confirmed, type Outcome, type Subject } from './source-asks';
import { itemsOf, programOf, type ObsItem } from './source-lists';
import { Status } from './status-codes';
import { objects, text } from './values';

/**
 * Show or hide a source in a scene, in the groups of the scene too; where it is there several times, all of them. `scene` null means the
 * one on air. Rejects with SCENE_UNKNOWN, SOURCE_UNKNOWN, SOURCE_NOT_CONFIRMED.
 */
export async function setVisible(subject: Subject, wanted: string | null, on: boolean): Promise<Outcome> {
  const { client, source } = subject;
  const scene = wanted ?? (await programOf(client)) ?? '';
  const look = () => itemsIn(subject, scene);
  const mine = (items: readonly ObsItem[]) => items.filter((item) => item.source === source);
  const all = await look();
  const before = mine(all);
  if (before.length === 0)
    throw fail('SOURCE_UNKNOWN', {
      application: 'OBS',
      what: `source in the scene "${scene}"`,
      source,
      known: fewNames([...new Set(all.map((item) => item.source))]),
    });
  const was = common(before);
  if (was === on) return { before: was, now: on, alreadySo: true, scene };
  const requests = before
    .filter(({ enabled }) => enabled !== on)
    .map((item): BatchRequest => ({
      requestType: 'SetSceneItemEnabled',
      requestData: { sceneName: item.in, sceneItemId: item.id, sceneItemEnabled: on },
    }));
  // what was refused shows in reading back: an item that somebody removed meanwhile is none any more
  await client.batch(requests);
  const now = await confirmed(
    subject,
    async () => mine(await look()),
    (items) => items.length > 0 && common(items) === on,
    (items) =>
      items.length === 0 ? 'not there any more' : common(items) === null ? 'partly shown' : shown(!on),
  );
  return {
    before: was,
    now: common(now),
    alreadySo: false,
    scene,
    ...(was === null
      ? { unknown: { before: `it is in the scene ${before.length} times, some shown and some hidden` } }
      : {}),
  };
}

const shown = (on: boolean): string => (on ? 'shown' : 'hidden');

function common(items: readonly ObsItem[]): boolean | null {
  const [first] = items;
  return first && items.every(({ enabled }) => enabled === first.enabled) ? first.enabled : null;
}

async function itemsIn({ client }: Subject, scene: string): Promise<ObsItem[]> {
  try {
    return await itemsOf(client, scene);
  } catch (error) {
    if (!refusedWith(error, Status.ResourceNotFound) && !refusedWith(error, Status.InvalidResourceType))
      throw error;
    const { scenes } = await client.call('GetSceneList');
    const names = objects(scenes).flatMap(({ sceneName }) => text(sceneName) ?? []);
    throw fail(
      'SCENE_UNKNOWN',
      { application: 'OBS', what: 'scene', scene, known: fewNames(names.reverse()) },
      error,
    );
  }
}
