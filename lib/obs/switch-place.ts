import { fail } from '../errors';
import type { SourcePlace } from '../production/switching';
import type { Placed } from '../switching/port';
import type { ObsClient } from './client';
import type { BatchRequest, BatchResult, RequestData } from './session';
import { reasonOf, Status } from './status-codes';
import { answerIn, askAll, isGone, refused } from './switch-ask';
import { FADE_FILTER } from './switch-fade';
import { indexFor, inheritedTransform, wholeCanvas } from './switch-transform';
import { number, object, objects, text } from './values';

/** What a source sounds like: how it is asked for, how it is set, and what people call it. */
const SOUND = [
  { name: 'the volume', of: 'InputVolume', fields: ['inputVolumeMul'] },
  { name: 'the mute', of: 'InputMute', fields: ['inputMuted'] },
  { name: 'the balance', of: 'InputAudioBalance', fields: ['inputAudioBalance'] },
  { name: 'the audio tracks', of: 'InputAudioTracks', fields: ['inputAudioTracks'] },
  { name: 'the audio monitoring', of: 'InputAudioMonitorType', fields: ['monitorType'] },
  { name: 'the sync offset', of: 'InputAudioSyncOffset', fields: ['inputAudioSyncOffset'] },
] as const;

/** Of newer versions only: asked for where OBS has the request. Source: obs-websocket 5.6. */
const PICTURE = [
  { name: 'the deinterlacing', of: 'InputDeinterlaceMode', fields: ['inputDeinterlaceMode'] },
  { name: 'the field order', of: 'InputDeinterlaceFieldOrder', fields: ['inputDeinterlaceFieldOrder'] },
] as const;

/** One thing to be taken over: the request that sets it, and what people call it. */
interface Step {
  name: string;
  request: BatchRequest;
}

/**
 * Put a hidden source where it belongs, and let it look and sound like the old one. The answer says in words what could not be taken over.
 * Rejects only where the scene or the new source itself is gone.
 */
export async function placeLike(
  client: ObsClient,
  scene: string,
  fresh: Placed,
  place: SourcePlace,
  old: Placed | null,
): Promise<string[]> {
  const warnings: string[] = [];
  const has = (aspect: { of: string }) => client.supports(`Set${aspect.of}`);
  const aspects = [...SOUND, ...PICTURE.filter(has)];
  const [list, video, mine, theirs, ...read] = await askAll(client, [
    { requestType: 'GetSceneItemList', requestData: { sceneName: scene } },
    { requestType: 'GetVideoSettings' },
    { requestType: 'GetSourceFilterList', requestData: { sourceName: fresh.name } },
    { requestType: 'GetSourceFilterList', requestData: { sourceName: (old ?? fresh).name } },
    ...(old ? aspects : []).map(({ of }) => ({
      requestType: `Get${of}`,
      requestData: { inputName: old?.name },
    })),
  ]);
  const items = objects(answerIn(list)?.sceneItems);
  const itemOf = (id: number | null) => items.find((item) => item.sceneItemId === id);
  const own = itemOf(fresh.itemId);
  if (!own) throw isGone(list) || answerIn(list) ? gone() : refused('the place', list);
  const before = old ? itemOf(old.itemId) : undefined;
  if (old && !before) warnings.push('the old source was not there any more, so nothing was taken over');

  const steps: Step[] = before
    ? [...inScene(scene, fresh, own, before), ...asBefore(aspects, read, fresh, warnings)]
    : [onCanvas(scene, fresh, answerIn(video))];
  if (before) steps.push(...filters(fresh, mine, theirs, warnings));
  // in the order of OBS's window, from the bottom up
  const ids = [...items]
    .sort((a, b) => (number(a.sceneItemIndex) ?? 0) - (number(b.sceneItemIndex) ?? 0))
    .flatMap(({ sceneItemId }) => number(sceneItemId) ?? []);
  const index = indexFor(ids, fresh.itemId, before && old ? old.itemId : null, place);
  steps.push({
    name: 'the place among the sources',
    request: {
      requestType: 'SetSceneItemIndex',
      requestData: { sceneName: scene, sceneItemId: fresh.itemId, sceneItemIndex: index },
    },
  });
  const results = await askAll(
    client,
    steps.map(({ request }) => request),
  );
  for (const [at, { name }] of steps.entries()) {
    const status = results[at]?.requestStatus;
    if (status && !status.result)
      warnings.push(`${name} could not be set: ${reasonOf(status.code, status.comment)}`);
  }
  return warnings;
}

/** Transform, blending and lock. */
function inScene(scene: string, fresh: Placed, own: RequestData, before: RequestData): Step[] {
  const item = { sceneName: scene, sceneItemId: fresh.itemId };
  const size = object(own.sceneItemTransform);
  const steps: Step[] = [
    {
      name: 'the transform',
      request: {
        requestType: 'SetSceneItemTransform',
        requestData: {
          ...item,
          sceneItemTransform: inheritedTransform(object(before.sceneItemTransform), {
            width: number(size.sourceWidth) ?? 0,
            height: number(size.sourceHeight) ?? 0,
          }),
        },
      },
    },
  ];
  const blend = text(before.sceneItemBlendMode);
  if (blend !== null && blend !== own.sceneItemBlendMode)
    steps.push({
      name: 'the blending',
      request: { requestType: 'SetSceneItemBlendMode', requestData: { ...item, sceneItemBlendMode: blend } },
    });
  if (before.sceneItemLocked !== own.sceneItemLocked)
    steps.push({
      name: 'the lock',
      request: {
        requestType: 'SetSceneItemLocked',
        requestData: { ...item, sceneItemLocked: before.sceneItemLocked === true },
      },
    });
  return steps;
}

function onCanvas(scene: string, fresh: Placed, video: RequestData | null): Step {
  const canvas = { width: number(video?.baseWidth) ?? 1920, height: number(video?.baseHeight) ?? 1080 };
  return {
    name: 'the size',
    request: {
      requestType: 'SetSceneItemTransform',
      requestData: {
        sceneName: scene,
        sceneItemId: fresh.itemId,
        sceneItemTransform: wholeCanvas(canvas),
      },
    },
  };
}

/** Sound and the like, as the old source was asked for. A source without sound has none to hand over. */
function asBefore(
  aspects: readonly { name: string; of: string; fields: readonly string[] }[],
  read: readonly BatchResult[],
  fresh: Placed,
  warnings: string[],
): Step[] {
  return aspects.flatMap(({ name, of, fields }, index) => {
    const result = read[index];
    const answer = answerIn(result);
    const status = result?.requestStatus;
    if (!answer || !fields.every((field) => answer[field] !== null && answer[field] !== undefined)) {
      if (status?.code !== Status.InvalidResourceState)
        warnings.push(
          `${name} could not be read: ${status && !status.result ? reasonOf(status.code, status.comment) : 'OBS did not tell it'}`,
        );
      return [];
    }
    const values = Object.fromEntries(fields.map((field) => [field, answer[field]]));
    return [
      {
        name,
        request: { requestType: `Set${of}`, requestData: { inputName: fresh.name, ...values } },
      },
    ];
  });
}

/** The filters of the old source instead of those that a try before this one left. */
function filters(
  fresh: Placed,
  mine: BatchResult | undefined,
  theirs: BatchResult | undefined,
  warnings: string[],
): Step[] {
  if (!answerIn(theirs)) {
    warnings.push('the filters could not be read');
    return [];
  }
  const sourceName = fresh.name;
  const gone = objects(answerIn(mine)?.filters).map(({ filterName }): Step => ({
    name: `the filter ${String(filterName)}`,
    request: { requestType: 'RemoveSourceFilter', requestData: { sourceName, filterName } },
  }));
  const wanted = objects(answerIn(theirs)?.filters)
    .filter(({ filterName }) => filterName !== FADE_FILTER)
    .sort((a, b) => (number(a.filterIndex) ?? 0) - (number(b.filterIndex) ?? 0));
  const made = wanted.flatMap(({ filterName, filterKind, filterSettings, filterEnabled }): Step[] => {
    const name = `the filter ${String(filterName)}`;
    const filter = { sourceName, filterName };
    return [
      {
        name,
        request: {
          requestType: 'CreateSourceFilter',
          requestData: { ...filter, filterKind, filterSettings: object(filterSettings) },
        },
      },
      ...(filterEnabled === false
        ? [
            {
              name,
              request: {
                requestType: 'SetSourceFilterEnabled',
                requestData: { ...filter, filterEnabled: false },
              },
            },
          ]
        : []),
    ];
  });
  return [...gone, ...made];
}

function gone(): Error {
  return fail('OBS_REJECTED', {
    action: 'the place of the new source',
    reason: 'it is not in its scene any more',
    status: Status.ResourceNotFound,
  });
}
