import { Fields, Refusal } from '../fields';
import type { Data } from '../fields';
import { transformOf } from '../geometry';
import type { Scene, SceneItem } from '../sources';
import { Status } from '../tables/codes';
import { scene, sceneItem, sceneOrGroup, source } from './handler';
import type { Call, Handler } from './handler';
import { withoutNulls } from './inputs';

const BLEND_MODES = ['NORMAL', 'ADDITIVE', 'SUBTRACT', 'SCREEN', 'MULTIPLY', 'LIGHTEN', 'DARKEN'].map(
  (mode) => `OBS_BLEND_${mode}`,
);

/** Number fields of a transform, with OBS's limits. */
const TRANSFORM: Record<string, [number, number]> = {
  positionX: [-90_001, 90_001],
  positionY: [-90_001, 90_001],
  rotation: [-360, 360],
  scaleX: [-Infinity, Infinity],
  scaleY: [-90_001, 90_001],
  alignment: [0, 4_294_967_295],
  boundsAlignment: [0, 4_294_967_295],
  boundsWidth: [1, 90_001],
  boundsHeight: [1, 90_001],
  cropLeft: [0, 100_000],
  cropRight: [0, 100_000],
  cropTop: [0, 100_000],
  cropBottom: [0, 100_000],
};

function describe(call: Call, item: SceneItem, sceneItemIndex: number): Data {
  const { source: shown } = item;
  return {
    inputKind: shown.type === 'input' ? shown.kind : null,
    isGroup: shown.type === 'input' ? null : shown.group,
    sceneItemBlendMode: item.blend,
    sceneItemEnabled: item.enabled,
    sceneItemId: item.id,
    sceneItemIndex,
    sceneItemLocked: item.locked,
    sceneItemTransform: transformOf(item, call.studio.profiles.video),
    ...call.studio.production.named('source', shown),
    sourceType: shown.type === 'input' ? 'OBS_SOURCE_TYPE_INPUT' : 'OBS_SOURCE_TYPE_SCENE',
  };
}

function tell(call: Call, type: string, owner: Scene, data: Data): void {
  const { production } = call.studio;
  production.emit(type, { ...data, ...production.named('scene', owner) });
}

/** Scene item requests. */
export const sceneItems: Record<string, Handler> = {
  GetSceneItemList: (call) => ({
    sceneItems: scene(call).items.map((item, index) => describe(call, item, index)),
  }),

  GetGroupSceneItemList: (call) => {
    const owner = sceneOrGroup(call);
    if (!owner.group)
      throw new Refusal(Status.InvalidResourceType, 'The specified source is not a group. (Is scene)');
    return { sceneItems: owner.items.map((item, index) => describe(call, item, index)) };
  },

  GetSceneItemId: (call) => {
    const { fields } = call;
    const owner = sceneOrGroup(call);
    const name = fields.string('sourceName');
    const offset = fields.optionalNumber('searchOffset', -1) ?? 0;
    const found = owner.items.filter((item) => item.source.name === name);
    const item = offset < 0 ? found.at(-1) : found[Math.trunc(offset)];
    if (!item) {
      throw new Refusal(
        Status.NotFound,
        'No scene items were found in the specified scene by that name or offset.',
      );
    }
    return { sceneItemId: item.id };
  },

  GetSceneItemSource: (call) => call.studio.production.named('source', sceneItem(call).item.source),

  CreateSceneItem: (call) => {
    const owner = scene(call);
    const shown = source(call, 'source');
    if (shown === owner) {
      throw new Refusal(Status.CannotAct, 'You cannot create scene item of a scene within itself.');
    }
    const enabled = call.fields.optionalBoolean('sceneItemEnabled') ?? true;
    return { sceneItemId: call.studio.production.place(owner, shown, enabled).id };
  },

  RemoveSceneItem: (call) => {
    scene(call);
    const { scene: owner, item } = sceneItem(call);
    call.studio.production.removeItem(owner, item);
  },

  DuplicateSceneItem: (call) => {
    const { scene: owner, item } = sceneItem(call);
    const into = call.fields.has('destinationSceneName') ? scene(call, 'destinationScene') : owner;
    const copy = call.studio.production.place(into, item.source, item.enabled);
    copy.transform = { ...item.transform };
    tell(call, 'SceneItemTransformChanged', into, {
      sceneItemId: copy.id,
      sceneItemTransform: transformOf(copy, call.studio.profiles.video),
    });
    return { sceneItemId: copy.id };
  },

  GetSceneItemTransform: (call) => ({
    sceneItemTransform: transformOf(sceneItem(call).item, call.studio.profiles.video),
  }),

  SetSceneItemTransform: (call) => {
    const { scene: owner, item } = sceneItem(call);
    const given = call.fields.object('sceneItemTransform');
    const fields = new Fields(given);
    const changes: Data = {};
    for (const [name, [min, max]] of Object.entries(TRANSFORM)) {
      const value = fields.optionalNumber(name, min, max);
      if (value !== undefined) changes[name] = value;
    }
    const boundsType = fields.optionalString('boundsType');
    if (boundsType !== undefined) {
      if (!boundsType.startsWith('OBS_BOUNDS_')) {
        throw new Refusal(Status.InvalidField, 'The field `boundsType` has an invalid value.');
      }
      changes.boundsType = boundsType;
    }
    if (Object.keys(changes).length === 0) {
      throw new Refusal(Status.CannotAct, 'You have not provided any valid transform changes.');
    }
    item.transform = { ...item.transform, ...changes };
    tell(call, 'SceneItemTransformChanged', owner, {
      sceneItemId: item.id,
      sceneItemTransform: transformOf(item, call.studio.profiles.video),
    });
  },

  GetSceneItemEnabled: (call) => ({ sceneItemEnabled: sceneItem(call).item.enabled }),

  SetSceneItemEnabled: (call) => {
    const { scene: owner, item } = sceneItem(call);
    const sceneItemEnabled = call.fields.boolean('sceneItemEnabled');
    if (item.enabled === sceneItemEnabled) return;
    item.enabled = sceneItemEnabled;
    call.studio.production.touched();
    tell(call, 'SceneItemEnableStateChanged', owner, { sceneItemEnabled, sceneItemId: item.id });
    call.studio.production.tellActive();
  },

  GetSceneItemLocked: (call) => ({ sceneItemLocked: sceneItem(call).item.locked }),

  SetSceneItemLocked: (call) => {
    const { scene: owner, item } = sceneItem(call);
    const sceneItemLocked = call.fields.boolean('sceneItemLocked');
    if (item.locked === sceneItemLocked) return;
    item.locked = sceneItemLocked;
    tell(call, 'SceneItemLockStateChanged', owner, { sceneItemId: item.id, sceneItemLocked });
  },

  GetSceneItemIndex: (call) => {
    const { scene: owner, item } = sceneItem(call);
    return { sceneItemIndex: owner.items.indexOf(item) };
  },

  SetSceneItemIndex: (call) => {
    const { scene: owner, item } = sceneItem(call);
    const index = Math.trunc(call.fields.number('sceneItemIndex', 0, 8192));
    const others = owner.items.filter((other) => other !== item);
    others.splice(Math.min(index, others.length), 0, item);
    owner.items = others;
    // OBS writes its scenes down even where nothing moved
    call.studio.production.saved.plan();
    call.studio.production.touched();
    tell(call, 'SceneItemListReindexed', owner, {
      sceneItems: owner.items.map(({ id }, sceneItemIndex) => ({ sceneItemId: id, sceneItemIndex })),
    });
  },

  GetSceneItemBlendMode: (call) => ({ sceneItemBlendMode: sceneItem(call).item.blend }),

  SetSceneItemBlendMode: (call) => {
    const { item } = sceneItem(call);
    const mode = call.fields.string('sceneItemBlendMode');
    if (!BLEND_MODES.includes(mode)) {
      throw new Refusal(Status.InvalidField, 'The field sceneItemBlendMode has an invalid value.');
    }
    item.blend = mode;
  },

  GetSceneItemPrivateSettings: (call) => ({ sceneItemSettings: sceneItem(call).item.privateSettings }),

  SetSceneItemPrivateSettings: (call) => {
    const { item } = sceneItem(call);
    const settings = withoutNulls(call.fields.object('sceneItemSettings', true));
    item.privateSettings = { ...item.privateSettings, ...settings };
    call.studio.production.touched();
  },
};
