import { Refusal } from '../fields';
import type { Data } from '../fields';
import { toDb } from '../production';
import { makeInput } from '../sources';
import { Status } from '../tables/codes';
import { input, scene } from './handler';
import type { Handler } from './handler';

const UNKNOWN_KIND =
  'Your specified input kind is not supported by OBS. Check that your specified kind is properly versioned and that any necessary plugins are loaded.';

/** Input requests, sound aside. */
export const inputs: Record<string, Handler> = {
  GetInputList: ({ studio: { production, version }, fields }) => {
    const kind = fields.optionalString('inputKind');
    const wanted = production.inputs.filter((candidate) => kind === undefined || candidate.kind === kind);
    return {
      inputs: wanted.map((found) => ({
        inputKind: found.kind,
        ...(version.webSocket.startsWith('5.7') ? { inputKindCaps: found.about.audio ? 3 : 1 } : {}),
        ...production.named('input', found),
        unversionedInputKind: found.about.unversioned,
      })),
    };
  },

  GetInputKindList: ({ fields, studio }) => {
    const unversioned = fields.optionalBoolean('unversioned') ?? false;
    return {
      inputKinds: [...studio.kinds].map(([kind, about]) => (unversioned ? about.unversioned : kind)),
    };
  },

  GetSpecialInputs: () => ({
    desktop1: null,
    desktop2: null,
    mic1: null,
    mic2: null,
    mic3: null,
    mic4: null,
  }),

  CreateInput: (call) => {
    const { fields, studio } = call;
    const owner = scene(call);
    const name = fields.string('inputName');
    const kind = fields.string('inputKind');
    if (studio.production.source(name)) {
      throw new Refusal(Status.AlreadyExists, 'A source already exists by that input name.');
    }
    if (!studio.kinds.has(kind)) throw new Refusal(Status.InvalidInputKind, UNKNOWN_KIND);
    const settings = fields.optionalObject('inputSettings', true) ?? {};
    const enabled = fields.optionalBoolean('sceneItemEnabled') ?? true;
    const created = makeInput(name, kind, withoutNulls(settings), studio.kinds);
    const item = studio.production.addInput(owner, created, enabled);
    return { ...(studio.version.uuids ? { inputUuid: created.uuid } : {}), sceneItemId: item.id };
  },

  RemoveInput: (call) => call.studio.production.removeInput(input(call)),

  SetInputName: (call) => {
    const { production } = call.studio;
    const renamed = input(call);
    const name = call.fields.string('newInputName');
    if (production.source(name)) {
      throw new Refusal(Status.AlreadyExists, 'A source already exists by that new input name.');
    }
    const oldInputName = renamed.name;
    renamed.name = name;
    production.emit('InputNameChanged', { ...production.named('input', renamed), oldInputName });
    production.saved.plan();
    production.touched();
  },

  GetInputDefaultSettings: ({ fields, studio }) => {
    const about = studio.kinds.get(fields.string('inputKind'));
    if (!about) throw new Refusal(Status.InvalidInputKind);
    return { defaultInputSettings: about.defaults };
  },

  GetInputSettings: (call) => {
    const { kind, settings } = input(call);
    return { inputKind: kind, inputSettings: settings };
  },

  SetInputSettings: (call) => {
    const { production, version } = call.studio;
    const changed = input(call);
    const settings = withoutNulls(call.fields.object('inputSettings', true));
    const overlay = call.fields.optionalBoolean('overlay') ?? true;
    changed.settings = overlay ? { ...changed.settings, ...settings } : settings;
    changed.media?.update();
    production.touched();
    if (version.uuids) {
      production.emit('InputSettingsChanged', {
        ...production.named('input', changed),
        inputSettings: changed.settings,
      });
    }
  },

  GetInputPropertiesListPropertyItems: (call) => {
    const { about } = input(call);
    const name = call.fields.string('propertyName');
    if (!Object.hasOwn(about.defaults, name)) {
      throw new Refusal(Status.NotFound, 'Unable to find a property by that name.');
    }
    if (name !== 'device_id')
      throw new Refusal(Status.InvalidResourceType, 'The property found is not a list.');
    return { propertyItems: [{ itemEnabled: true, itemName: 'Default', itemValue: 'default' }] };
  },

  PressInputPropertiesButton: (call) => {
    const { about } = input(call);
    const name = call.fields.string('propertyName');
    if (!Object.hasOwn(about.defaults, name)) {
      throw new Refusal(Status.NotFound, 'Unable to find a property by that name.');
    }
    throw new Refusal(Status.InvalidResourceType, 'The property found is not a button.');
  },
};

/** OBS's settings know no null: measured, such a field is as if it were not there. */
export function withoutNulls(settings: Data): Data {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
}

/** The volume a request asks for, as a multiplier. */
export function wantedVolume(multiplier: number | undefined, decibels: number | undefined): number {
  if (multiplier !== undefined && decibels !== undefined) {
    throw new Refusal(Status.TooManyFields, 'You may only specify one volume field.');
  }
  if (decibels !== undefined) return Math.fround(10 ** (decibels / 20));
  if (multiplier !== undefined) return Math.fround(multiplier);
  throw new Refusal(Status.MissingField, 'You must specify one volume field.');
}

/** What OBS tells of a volume: both scales. */
export function volumeFields(volume: number): { inputVolumeDb: number; inputVolumeMul: number } {
  return { inputVolumeDb: toDb(volume), inputVolumeMul: volume };
}
