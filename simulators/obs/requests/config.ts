import { Refusal } from '../fields';
import { Status } from '../tables/codes';
import type { Call, Handler } from './handler';

function realm({ studio, fields }: Call): Map<string, unknown> {
  const name = fields.string('realm');
  fields.string('slotName');
  if (name === 'OBS_WEBSOCKET_DATA_REALM_GLOBAL') return studio.profiles.globalData;
  if (name === 'OBS_WEBSOCKET_DATA_REALM_PROFILE') return studio.profiles.current.persistent;
  throw new Refusal(Status.NotFound, 'You have specified an invalid persistent data realm.');
}

/** Profiles, scene collections, video settings and stored data. */
export const config: Record<string, Handler> = {
  GetPersistentData: (call) => ({ slotValue: realm(call).get(call.fields.string('slotName')) ?? null }),

  SetPersistentData: (call) => {
    call.fields.string('realm');
    const slot = call.fields.string('slotName');
    const value = call.fields.required('slotValue');
    realm(call).set(slot, value);
  },

  GetSceneCollectionList: ({ studio: { production } }) => ({
    currentSceneCollectionName: production.current.name,
    sceneCollections: production.collectionNames,
  }),

  SetCurrentSceneCollection: ({ studio, fields }) =>
    studio.production.useCollection(fields.string('sceneCollectionName')),

  CreateSceneCollection: ({ studio, fields }) => {
    const name = fields.string('sceneCollectionName');
    if (studio.production.collections.has(name)) throw new Refusal(Status.AlreadyExists);
    studio.production.createCollection(name);
  },

  GetProfileList: ({ studio: { profiles } }) => ({
    currentProfileName: profiles.current.name,
    profiles: profiles.names,
  }),

  SetCurrentProfile: ({ studio, fields }) => studio.profiles.use(fields.string('profileName')),

  CreateProfile: ({ studio, fields }) => {
    const name = fields.string('profileName');
    if (studio.profiles.all.has(name)) throw new Refusal(Status.AlreadyExists);
    studio.profiles.create(name);
  },

  RemoveProfile: ({ studio, fields }) => studio.profiles.removeProfile(fields.string('profileName')),

  GetProfileParameter: ({ studio: { profiles }, fields }) => {
    const category = fields.string('parameterCategory');
    const name = fields.string('parameterName');
    return {
      defaultParameterValue: profiles.defaultOf(category, name) ?? null,
      parameterValue: profiles.get(category, name) ?? null,
    };
  },

  SetProfileParameter: ({ studio: { profiles }, fields }) => {
    const category = fields.string('parameterCategory');
    const name = fields.string('parameterName');
    const value = fields.raw('parameterValue');
    if (value === undefined || value === null) profiles.remove(category, name);
    else if (typeof value === 'string') profiles.set(category, name, value);
    else throw new Refusal(Status.InvalidFieldType, 'The field `parameterValue` must be a string.');
  },

  GetVideoSettings: ({ studio }) => ({ ...studio.profiles.video }),

  SetVideoSettings: ({ studio, fields }) => {
    if (studio.anyOutputActive) {
      throw new Refusal(Status.OutputRunning, 'Video settings cannot be changed while an output is active.');
    }
    const pairs: [string, string, number, number, string, string][] = [
      ['fpsNumerator', 'fpsDenominator', 1, Infinity, 'FPSNum', 'FPSDen'],
      ['baseWidth', 'baseHeight', 8, 4096, 'BaseCX', 'BaseCY'],
      ['outputWidth', 'outputHeight', 8, 4096, 'OutputCX', 'OutputCY'],
    ];
    const given = pairs.filter(([first, second]) => fields.has(first) && fields.has(second));
    const changes = given.flatMap(([first, second, min, max, firstKey, secondKey]): [string, number][] => [
      [firstKey, fields.number(first, min, max)],
      [secondKey, fields.number(second, min, max)],
    ]);
    if (changes.length === 0) {
      throw new Refusal(Status.MissingField, 'You must specify at least one video-changing pair.');
    }
    for (const [key, value] of changes) {
      if (key === 'FPSNum') studio.profiles.set('Video', 'FPSType', '2');
      studio.profiles.set('Video', key, String(Math.trunc(value)));
    }
  },
};
