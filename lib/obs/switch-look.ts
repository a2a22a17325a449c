import type { SourceKind, SwitchWhere } from '../production/switching';
import type {
  MediaState,
  OwnedSource,
  Placed,
  PlaceLook,
  SourceReading,
  UserSource,
} from '../switching/port';
import type { ObsClient } from './client';
import { mediaStateOf } from './media-inputs';
import type { BatchRequest, BatchResult, RequestData } from './session';
import { answerIn, askAll, isGone, refused, sceneUnknown } from './switch-ask';
import { besideIn } from './switch-beside';
import { placesOf } from './switch-remove';
import { isMarked, madeAt, ownerOf, standInOf } from './switch-owner';
import { kindOf, madeOf, OBS_KIND } from './switch-settings';
import { number, object, objects, text } from './values';

/** Where OBS does not tell, as during its first second. */
const USUAL_FPS = 30;

interface Item extends Placed {
  kind: SourceKind;
  enabled: boolean;
}

/** Reads of one OBS which sources of ours it has, and where. */
export class ObsSwitchLook {
  private kinds: Record<SourceKind, boolean> | null = null;

  constructor(
    private readonly client: ObsClient,
    private readonly owner: string,
  ) {}

  /** Another run of OBS may have other plugins. */
  forget(): void {
    this.kinds = null;
  }

  async whichKinds(): Promise<Record<SourceKind, boolean>> {
    if (this.kinds) return this.kinds;
    const { inputKinds } = await this.client.call('GetInputKindList', { unversioned: true });
    const has = (kind: SourceKind) => Array.isArray(inputKinds) && inputKinds.includes(OBS_KIND[kind]);
    return (this.kinds = { gstreamer: has('gstreamer'), ffmpeg: has('ffmpeg') });
  }

  /** The place now. Rejects with SCENE_UNKNOWN, naming the scenes there are. */
  async look({ scene, slot }: SwitchWhere): Promise<PlaceLook> {
    const kinds = await this.whichKinds();
    const list: BatchRequest =
      scene === null
        ? { requestType: 'GetSceneItemList', requestData: {}, inputVariables: { sceneName: 'program' } }
        : { requestType: 'GetSceneItemList', requestData: { sceneName: scene } };
    const [program, items, video] = await askAll(this.client, [
      {
        requestType: 'GetCurrentProgramScene',
        outputVariables: { program: 'currentProgramSceneName' },
      },
      list,
      { requestType: 'GetVideoSettings' },
    ]);
    const name = scene ?? text(answerIn(program)?.currentProgramSceneName);
    const found = answerIn(items);
    if (name === null || !found) throw await this.unknownScene(scene, items);
    const all = objects(found.sceneItems);
    const tagged = await this.withTags(name, oneEach(all.flatMap(itemIn)));
    const owned = tagged.filter((source) => source.slot === slot);
    const place = { slot, owner: this.owner };
    const known = tagged.map((source) => source.name);
    const fps = number(answerIn(video)?.fpsNumerator);
    const per = number(answerIn(video)?.fpsDenominator);
    return {
      scene: name,
      fps: fps && per ? fps / per : USUAL_FPS,
      kinds,
      owned: owned.map(({ slot: _slot, ...source }) => source),
      beside: await besideIn(this.client, place, all, known),
    };
  }

  /** Every source of ours, wherever it is. Four batches at most, and only one where there is none. */
  async everywhere(): Promise<(OwnedSource & { scene: string | null; slot: string })[]> {
    const [list, ...inputs] = await askAll(this.client, [
      { requestType: 'GetSceneList' },
      ...Object.values(OBS_KIND).map((inputKind) => ({
        requestType: 'GetInputList',
        requestData: { inputKind },
      })),
    ]);
    const named = inputs
      .flatMap((result) => objects(answerIn(result)?.inputs))
      .flatMap(({ inputName, inputKind }) => {
        const [name, kind] = [text(inputName), kindOf(inputKind)];
        return name !== null && kind && madeAt(name) !== null ? [{ name, kind }] : [];
      });
    if (named.length === 0) return [];
    const scenes = objects(answerIn(list)?.scenes).flatMap(({ sceneName }) => text(sceneName) ?? []);
    const places = scenes.flatMap((scene) => named.map((source) => ({ scene, source })));
    const ids = await askAll(
      this.client,
      places.map(({ scene, source }) => ({
        requestType: 'GetSceneItemId',
        requestData: { sceneName: scene, sourceName: source.name },
      })),
    );
    const placed = places.flatMap(({ scene, source }, index) => {
      const itemId = number(answerIn(ids[index])?.sceneItemId);
      return itemId === null ? [] : [{ scene, ...source, itemId }];
    });
    const enabled = await askAll(
      this.client,
      placed.map(({ scene, itemId }) => ({
        requestType: 'GetSceneItemEnabled',
        requestData: { sceneName: scene, sceneItemId: itemId },
      })),
    );
    const items = placed.map((one, index) => ({
      ...one,
      enabled: answerIn(enabled[index])?.sceneItemEnabled === true,
    }));
    const nowhere = await this.nowhere(
      named.flatMap(({ name }) => (placed.some((one) => one.name === name) ? [] : [name])),
    );
    const lost = named
      .filter(({ name }) => nowhere.includes(name))
      .map((source) => ({ ...source, scene: null, itemId: -1, enabled: false }));
    const byScene = await Promise.all(
      [...new Set(items.map(({ scene }) => scene))].map(async (scene) =>
        (
          await this.withTags(
            scene,
            items.filter((one) => one.scene === scene),
          )
        ).map((source) => ({
          ...source,
          scene,
        })),
      ),
    );
    return [...byScene.flat(), ...(await this.withTags(null, lost)).map((one) => ({ ...one, scene: null }))];
  }

  /**
   * Which of those that no scene has are in no group either, where only a person can have put them, and not on screen, as in the copy of a
   * scene that the program shows in studio mode.
   */
  private async nowhere(names: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const name of names) {
      const active = await this.client.call('GetSourceActive', { sourceName: name }).catch(() => null);
      if (active?.videoActive || active?.videoShowing) continue;
      if ((await placesOf(this.client, name)).length === 0) found.push(name);
    }
    return found;
  }

  /** A source of anybody's in a scene; null: there is none. */
  async find(scene: string, name: string): Promise<UserSource | null> {
    const ofItem = (requestType: string): BatchRequest => ({
      requestType,
      requestData: { sceneName: scene },
      inputVariables: { sceneItemId: 'item' },
    });
    const [id, enabled, transform, settings] = await askAll(this.client, [
      {
        requestType: 'GetSceneItemId',
        requestData: { sceneName: scene, sourceName: name },
        outputVariables: { item: 'sceneItemId' },
      },
      ofItem('GetSceneItemEnabled'),
      ofItem('GetSceneItemTransform'),
      ofItem('GetSceneItemPrivateSettings'),
    ]);
    const itemId = number(answerIn(id)?.sceneItemId);
    const shown = answerIn(enabled)?.sceneItemEnabled;
    if (itemId !== null && typeof shown === 'boolean') {
      const { width, height } = sizeIn(answerIn(transform));
      const standsIn = standInOf(answerIn(settings)?.sceneItemSettings);
      return { name, itemId, enabled: shown, width, height, standsIn };
    }
    if (isGone(id) || isGone(enabled)) return null;
    throw refused('the look for a source', answerIn(id) ? enabled : id);
  }

  /** Several at one moment; null where a poll of this connection is waiting already. */
  async read(scene: string, sources: readonly Placed[]): Promise<SourceReading[] | null> {
    const results = await this.client.poll(
      sources.flatMap(({ name, itemId }) => {
        const item = { sceneName: scene, sceneItemId: itemId };
        return [
          { requestType: 'GetMediaInputStatus', requestData: { inputName: name } },
          { requestType: 'GetSceneItemTransform', requestData: item },
          { requestType: 'GetSceneItemEnabled', requestData: item },
        ];
      }),
    );
    if (results === null || results.length !== 3 * sources.length) return null;
    return sources.map((_, index) => readingOf(results.slice(3 * index, 3 * index + 3)));
  }

  /** The kind's own default settings, in which OBS shows the keys it knows. */
  async defaults(kind: SourceKind): Promise<RequestData> {
    const answer = await this.client.call('GetInputDefaultSettings', { inputKind: OBS_KIND[kind] });
    return (answer.defaultInputSettings ?? {}) as RequestData;
  }

  private async withTags(
    scene: string | null,
    items: readonly Item[],
  ): Promise<(OwnedSource & { slot: string })[]> {
    const results = await askAll(
      this.client,
      items.flatMap(({ name, itemId }) => [
        { requestType: 'GetInputSettings', requestData: { inputName: name } },
        {
          requestType: 'GetSceneItemPrivateSettings',
          requestData: { sceneName: scene ?? '', sceneItemId: itemId },
        },
      ]),
    );
    return items.flatMap((item, index) => {
      const settings = answerIn(results[2 * index])?.inputSettings;
      const tag = ownerOf(item.name, settings, this.owner);
      const madeAtMs = madeAt(item.name);
      if (!tag || madeAtMs === null) return [];
      const { name, itemId, kind, enabled } = item;
      return [
        {
          ...{ name, itemId, kind, enabled, madeAtMs, slot: tag.slot },
          wasLive: isMarked(name, answerIn(results[2 * index + 1])?.sceneItemSettings),
          fingerprint: tag.made === madeOf(kind, settings) ? tag.fingerprint : null,
        },
      ];
    });
  }

  private async unknownScene(scene: string | null, result: BatchResult | undefined): Promise<Error> {
    if (scene === null || !isGone(result)) return refused('the look at the scene', result);
    return sceneUnknown(this.client, scene);
  }
}

function itemIn(item: RequestData): Item[] {
  const [name, itemId, kind] = [text(item.sourceName), number(item.sceneItemId), kindOf(item.inputKind)];
  if (name === null || itemId === null || !kind || madeAt(name) === null) return [];
  return [{ name, itemId, kind, enabled: item.sceneItemEnabled === true }];
}

/** Somebody may have put a source into the scene twice: the visible item counts, else the first. */
function oneEach(items: readonly Item[]): Item[] {
  const byName = new Map<string, Item>();
  for (const item of items) {
    const before = byName.get(item.name);
    if (!before || (item.enabled && !before.enabled)) byName.set(item.name, item);
  }
  return [...byName.values()];
}

function readingOf([media, transform, enabled]: BatchResult[]): SourceReading {
  const status = answerIn(media);
  const state: MediaState = isGone(media) ? 'missing' : (mediaStateOf(status?.mediaState) ?? 'none');
  const shown = answerIn(enabled)?.sceneItemEnabled;
  return {
    state,
    cursorMs: state === 'playing' || state === 'paused' ? number(status?.mediaCursor) : null,
    ...sizeIn(answerIn(transform)),
    enabled: typeof shown === 'boolean' ? shown : null,
  };
}

/** In pixels; 0 before the first picture. */
function sizeIn(answer: RequestData | null): { width: number; height: number } {
  const box = object(answer?.sceneItemTransform);
  return { width: number(box.sourceWidth) ?? 0, height: number(box.sourceHeight) ?? 0 };
}
