import type { SourceAspect } from '../production/sources';
import type { Asks, Choice } from './probe';
import type { RequestData } from './session';
import { refusedWith } from './session';
import { Status } from './status-codes';
import { number, objects, text } from './values';

/** The lists of sources by what can be changed of them, for dialogs and for errors. */
export const SOURCE_LISTS = ['items', 'texts', 'images', 'playable', 'filtered', 'filters'] as const;
export type SourceListName = (typeof SOURCE_LISTS)[number];

/** Which list has the sources of an aspect; null: OBS has none. */
export const LIST_OF: Record<SourceAspect, SourceListName | 'audio' | null> = {
  visible: 'items',
  text: 'texts',
  image: 'images',
  mute: 'audio',
  volume: 'audio',
  monitoring: 'audio',
  media: 'playable',
  filter: 'filtered',
  overlay: null,
};

/** FreeType 2, GDI+ and Pango text, in all their versions. */
const TEXT_KIND = /^text_(ft2_source|gdiplus|pango_source)(_v\d+)?$/;
const IMAGE_KIND = /^image_source(_v\d+)?$/;
/** Kinds with media controls that may show no state yet, since nothing is loaded. */
const MEDIA_KIND = /^(ffmpeg_source|vlc_source|slideshow|gstreamer-source)(_v\d+)?$/;
/** OBS_SOURCE_CONTROLLABLE_MEDIA among the capabilities of a kind, told by OBS 31.1 and newer. */
const CONTROLLABLE = 1 << 13;

export const isText = (kind: string): boolean => TEXT_KIND.test(kind);
export const isImage = (kind: string): boolean => IMAGE_KIND.test(kind);

export interface ObsInput {
  name: string;
  kind: string;
  /** null: this OBS does not tell */
  plays: boolean | null;
}

/** Every input, in OBS's order. */
export async function inputsOf(obs: Asks): Promise<ObsInput[]> {
  const { inputs } = await obs.call('GetInputList');
  return objects(inputs).flatMap((input) => {
    const name = text(input.inputName);
    const caps = number(input.inputKindCaps);
    const kind = text(input.inputKind) ?? '';
    const plays = MEDIA_KIND.test(kind) || (caps === null ? null : (caps & CONTROLLABLE) !== 0);
    return name === null ? [] : [{ name, kind, plays }];
  });
}

export interface ObsItem {
  /** the scene or the group it is in */
  in: string;
  id: number;
  source: string;
  enabled: boolean;
  group: boolean;
}

/** What is in a scene and in the groups of it, from the top. A group may be named as the scene. */
export async function itemsOf(obs: Asks, scene: string): Promise<ObsItem[]> {
  const own = await obs.call('GetSceneItemList', { sceneName: scene }).catch((error: unknown) => {
    // "Is group": such a thing is no scene to OBS, but has items all the same
    if (refusedWith(error, Status.InvalidResourceType))
      return obs
        .call('GetGroupSceneItemList', { sceneName: scene })
        .catch(() => Promise.reject(error as Error));
    throw error;
  });
  const found: ObsItem[] = [];
  for (const item of itemsIn(own, scene)) {
    found.push(item);
    if (item.group)
      found.push(
        ...itemsIn(await obs.call('GetGroupSceneItemList', { sceneName: item.source }), item.source),
      );
  }
  return found;
}

function itemsIn(answer: RequestData, scene: string): ObsItem[] {
  return objects(answer.sceneItems)
    .flatMap((item) => {
      const id = number(item.sceneItemId);
      const source = text(item.sourceName);
      if (id === null || source === null) return [];
      return [
        { in: scene, id, source, enabled: item.sceneItemEnabled === true, group: item.isGroup === true },
      ];
    })
    .reverse();
}

/** The scene on air; null where OBS does not say. */
export async function programOf(obs: Asks): Promise<string | null> {
  const answer = await obs.call('GetCurrentProgramScene');
  return text(answer.currentProgramSceneName) ?? text(answer.sceneName);
}

/** One of the lists; `of` is the scene of `items` (empty: the one on air) or the source of `filters`. */
export async function sourceList(obs: Asks, what: SourceListName, of = ''): Promise<Choice[]> {
  const names = async (fits: (input: ObsInput) => boolean) =>
    (await inputsOf(obs)).filter(fits).map(({ name }) => name);
  switch (what) {
    case 'items': {
      const scene = of === '' ? await programOf(obs) : of;
      return choices(scene === null ? [] : (await itemsOf(obs, scene)).map(({ source }) => source));
    }
    case 'texts':
      return choices(await names(({ kind }) => isText(kind)));
    case 'images':
      return choices(await names(({ kind }) => isImage(kind)));
    case 'playable':
      return choices(await playable(obs));
    case 'filtered':
      return choices(await filtered(obs));
    case 'filters':
      return choices(of === '' ? [] : await filtersOf(obs, of));
  }
}

async function playable(obs: Asks): Promise<string[]> {
  const found: string[] = [];
  for (const { name, plays } of await inputsOf(obs))
    if (plays ?? (await mediaStateOf(obs, name).catch(() => 'NONE')) !== 'NONE') found.push(name);
  return found;
}

/** The state of a medium without its common beginning: PLAYING, PAUSED …; NONE for what is no medium, too. */
export async function mediaStateOf(obs: Asks, inputName: string): Promise<string> {
  const { mediaState } = await obs.call('GetMediaInputStatus', { inputName });
  return (text(mediaState) ?? '').replace('OBS_MEDIA_STATE_', '') || 'NONE';
}

/** The filters of a source, a scene or a group. */
export async function filtersOf(obs: Asks, sourceName: string): Promise<string[]> {
  const { filters } = await obs.call('GetSourceFilterList', { sourceName });
  return objects(filters).flatMap(({ filterName }) => text(filterName) ?? []);
}

async function filtered(obs: Asks): Promise<string[]> {
  const found: string[] = [];
  for (const name of await sourcesOf(obs))
    if ((await filtersOf(obs, name).catch(() => [])).length > 0) found.push(name);
  return found;
}

/** All that can have filters: scenes from the top, groups, inputs. */
export async function sourcesOf(obs: Asks): Promise<string[]> {
  const { scenes } = await obs.call('GetSceneList');
  const { groups } = await obs.call('GetGroupList');
  const inputs = await inputsOf(obs);
  return [
    ...objects(scenes)
      .flatMap(({ sceneName }) => text(sceneName) ?? [])
      .reverse(),
    ...(Array.isArray(groups) ? groups.flatMap((name) => text(name) ?? []) : []),
    ...inputs.map(({ name }) => name),
  ];
}

function choices(names: readonly string[]): Choice[] {
  return [...new Set(names)].map((value) => ({ value }));
}
