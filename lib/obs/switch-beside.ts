import type { ObsClient } from './client';
import type { RequestData } from './session';
import { answerIn, askAll } from './switch-ask';
import { madeAt, tagOf } from './switch-owner';
import { objects, text } from './values';

/**
 * Sources like ours that are visible in a scene and that no switch of this connection touches: of the same slot, made by another connection, or put
 * into a group by a person. They stay beside whatever comes on air, so somebody has to be told. Asks nothing where there is none.
 * @param items of the scene, as OBS lists them
 * @param owned names of what is switched there
 */
export async function besideIn(
  client: ObsClient,
  { slot, owner }: { slot: string; owner: string },
  items: readonly RequestData[],
  owned: readonly string[],
): Promise<string[]> {
  const isVisible = (item: RequestData) => item.sceneItemEnabled === true;
  const likeOurs = (item: RequestData) => {
    const name = text(item.sourceName);
    return name !== null && isVisible(item) && madeAt(name) !== null && !owned.includes(name) ? [name] : [];
  };
  const groups = items.flatMap((item) =>
    item.isGroup === true && isVisible(item) ? (text(item.sourceName) ?? []) : [],
  );
  const inGroups = groups.length
    ? await askAll(
        client,
        groups.map((sceneName) => ({ requestType: 'GetGroupSceneItemList', requestData: { sceneName } })),
      )
    : [];
  const found = [
    ...items.flatMap(likeOurs).map((name) => ({ name, group: null as string | null })),
    ...groups.flatMap((group, index) =>
      objects(answerIn(inGroups[index])?.sceneItems)
        .flatMap(likeOurs)
        .map((name) => ({ name, group })),
    ),
  ];
  if (found.length === 0) return [];
  const settings = await askAll(
    client,
    found.map(({ name }) => ({ requestType: 'GetInputSettings', requestData: { inputName: name } })),
  );
  return found.flatMap(({ name, group }, index) => {
    const tag = tagOf(name, answerIn(settings[index])?.inputSettings);
    if (tag?.slot !== slot) return [];
    if (tag.owner !== owner)
      return [`${name} was made by another connection and stays visible: hide or remove it in OBS.`];
    return group === null
      ? []
      : [
          `${name} is in the group ${group} and stays visible there: take it out of the group, or hide it in OBS.`,
        ];
  });
}
